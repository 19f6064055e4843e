#!/bin/sh
# What lint sees in Lua files: each line below that ends in a comment
# "--> text" must have a fault with that text, and no other line may have one.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/rules" "$work/site"
echo 'body OWN_RULE /x/' >"$work/rules/10.cf"
failed=0

lint() {
	"$mekiki" lint -q -L --no-own-rules -C "$work/rules" \
		--siteconfigpath "$work/site" "$@"
}

# expect FILE: compares lint's lines with the comments.
expect() {
	if lint "$1" >"$work/out" 2>"$work/err"; then code=0; else code=$?; fi
	awk -v f="$1" -v out="$work/out" '
		BEGIN {
			while ((getline line < out) > 0) {
				if (index(line, f ":") != 1) { print "elsewhere: " line; bad = 1; continue }
				rest = substr(line, length(f) + 2)
				n = rest + 0
				sub(/^[0-9]+: (error|warning): /, "", rest)
				got[n] = got[n] "|" rest
			}
		}
		{
			want = ""
			if (match($0, /--> .*/)) want = substr($0, RSTART + 4)
			if (want == "" && got[FNR] != "") { print FNR ": not expected: " got[FNR]; bad = 1 }
			if (want != "" && index(got[FNR], want) == 0) {
				print FNR ": expected: " want ", got: " got[FNR]; bad = 1
			}
		}
		END { exit bad }' "$1" || failed=1
	if grep -q -e '--> ' "$1"; then
		[ "$code" -eq 1 ] || { echo "lint of $1 exits $code"; failed=1; }
	else
		[ "$code" -eq 0 ] || { echo "lint of $1 exits $code"; failed=1; }
	fi
}

cat >"$work/faults.lua" <<'LUA'
local util = require "lua_util"
local other = require "lua_utl" --> did you mean lua_util?
LUA
expect "$work/faults.lua"

cat >"$work/faults.lua" <<'LUA'
local util = require "lua_util"
local level = 3
spam_words = { "a" }
forgotten = 5 --> assigned, but used nowhere
rspamd_config.CALLS = { score = 1, callback = function(task)
	local subject = task:get_headr("Subject") --> did you mean get_header?
	local text = task:get_header("Subject")
	if text and text:mach("x") then return true end --> did you mean match?
	util.str_splt("a", ",") --> no such function: lua_util.str_splt; did you mean str_split?
	table.setn({}, 1) --> there is no table.setn
	if subjet then return true end --> the global 'subjet' is not defined anywhere; did you mean subject?
	setfenv(1, {}) --> there is no 'setfenv'
	count = level + #spam_words --> assigned in a function
	spam_words = {} --> assigned in a function
	local content = task:get_content()
	if content:gmatch("x") then return true end --> a text has no method 'gmatch'
	for _, name in ipairs({ "a" }) do name:anything() end
	for i = 1, 10 do if i == 5 then goto continue end ::continue:: end
	return false
end }
rspamd_config.SYMBOLS = { score = 1, callback = function(task)
	task:insert_result("CALS", 1.0) --> no rule and no symbol is called 'CALS'; did you mean CALLS?
	task:insert_result(true, "CALS", 1.0)
	task:insert_result("CA" .. "LS", 1.0)
	if task:has_symbol("OWN_RUL") then return 1 end --> did you mean OWN_RULE?
	return task:has_symbol("OWN_RULE")
end }
rspamd_config:register_dependency("SYMBOLS", "OWN_RULES") --> did you mean OWN_RULE?
rspamd_config:set_metric_symbol{ name = "SYMBOL", score = 1 } --> nothing inserts the symbol 'SYMBOL'
local function half(task)
	return 0.5 --> does not hit
end
rspamd_config:register_symbol{ name = "HALF", score = 1, callback = half }
local function weight(task)
	return 0.5
end
rspamd_config.MORE = { score = 1, callback = function(task)
	local half_of = weight(task) / 2
	if half_of > 7 then return 1.5 end --> counts as 1
	if half_of > 3 then return true, 0.5 end
	local s = "x" .. half_of --> reads "5.0" as text
	s = s .. (10 / 2) --> reads "5.0" as text
	s = s .. 10 // 2 .. tostring(half_of) --> reads "5.0" as text
	s = s .. string.format("%d %s", half_of, half_of) --> reads "5.0" as text
	return s == string.format("%.2f %5.1f %g", half_of, half_of, half_of)
end }
rspamd_config.UNSCORED = function(task) return true end --> UNSCORED has no score
rspamd_config.__SUBRULE = function(task) return true end
spamd_config.TYPO = function(task) return true end --> did you mean rspamd_config?
LUA
# The last line ends the loading; without it everything is known.
sed '$d' "$work/faults.lua" >"$work/most.lua"
expect "$work/most.lua"
printf '%s\n' 'spamd_config.TYPO = function(task) return true end --> did you mean rspamd_config?' >"$work/typo.lua"
expect "$work/typo.lua"

# A fault of syntax, and its line.
printf 'local x = 1\nlocal y = = 2\n' >"$work/syntax.lua"
lint "$work/syntax.lua" >"$work/out" && failed=1
grep -q "syntax.lua:2: error: " "$work/out" || { cat "$work/out"; failed=1; }

# What is no fault.
cat >"$work/fine.lua" <<'LUA'
#!/usr/bin/lua
--[==[ a long comment
return 0.5 ]] ]==]
local M <const> = { ["x-y"] = 1; 2, f = function(self, ...) return ... end }
function M.g(a, b) return a + b end
function M:h() return self.f(self, 1) end
local t = { n = 0 }
t.n, t.m = t.n + 1, 2
if maybe_there then maybe_there() end
if type(jit) == "table" then return end
helper_of_all = helper_of_all or function(s) return s:lower() end
local s = [[x]] .. 1 .. 'y\'z' .. 0x10 .. 3.5
repeat local done = true until done
while false do break end
local x = undefined_but_known -- lint: ok
local function set_up() made_by_function = { "x" } end
set_up()
local re = rspamd_config
re = { anything = function() end }
re:anything()
for k, v in pairs(M) do helper_of_all(tostring(v)) end
rspamd_config.FINE = { score = 1, description = "fine", callback = function(task)
	local value = 7 // 2 .. ""
	local inner = function() return 0.5 end
	return inner() > 0 and value == "3", 0.5
end }
rspamd_config:register_symbol{ name = "VIRTUAL_PARENT", type = "callback", callback = function(task)
	task:insert_result("VIRTUAL_CHILD", 1.0)
end }
rspamd_config:register_symbol{ name = "VIRTUAL_CHILD", type = "virtual", parent = 1, score = 1 }
LUA
expect "$work/fine.lua"

# Globals that another file defines.
cp "$work/fine.lua" "$work/site/10.lua"
echo 'local n = helper_of_all("X")' >"$work/user.lua"
expect "$work/user.lua"

[ "$failed" -eq 0 ] || exit 1
echo "lint sees what it should"
