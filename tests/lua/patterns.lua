-- Calls of string.find, match, gmatch and gsub, a line each with its result:
-- run by lua5.4 this makes patterns.answers, run by our machine it must give
-- the same. `lua5.4 tests/lua/patterns.lua > tests/lua/patterns.answers`.
-- With a number as argument it makes that many random calls instead, and with
-- a second one these are begun at another place.
local emit, random_calls, seed = ...
if type(emit) ~= "function" then
	random_calls, seed = tonumber(emit), tonumber(random_calls)
	emit = print
end

local function show(v)
	if type(v) == "string" then
		return '"' .. v:gsub("[%c\128-\255\"\\]", function(c)
			return ("\\%03d"):format(c:byte())
		end) .. '"'
	end
	return tostring(v)
end

local function list(...)
	local t = { ... }
	for i = 1, select("#", ...) do t[i] = show(t[i]) end
	return table.concat(t, " ")
end

local function call(name, f, ...)
	local results = list(f(...))
	-- Where in a file an error happened is not compared.
	results = results:gsub("patterns%.lua:%d+: ", "")
	emit(name .. "(" .. list(...) .. ") -> " .. results)
end

local function guarded(f)
	return function(...) return select(2, pcall(f, ...)), select(3, pcall(f, ...)) end
end

local function all_matches(s, p)
	local out, n = {}, 0
	for a, b, c in s:gmatch(p) do
		out[#out + 1] = list(a, b, c)
		n = n + 1
		if n > 50 then break end
	end
	return table.concat(out, ";")
end

local upper = function(a, b) return b and b .. a or a and #tostring(a) > 1 and tostring(a):upper() end
local replacements = { "<%0>", "%1%1", "", "%%", upper, { a = "A", hello = "bye", [1] = "one" } }

local function try(s, p)
	call("find", guarded(string.find), s, p)
	call("match", guarded(string.match), s, p)
	call("gmatch", guarded(all_matches), s, p)
	for i, r in ipairs(replacements) do
		emit("gsub" .. i .. " " .. list(guarded(string.gsub)(s, p, r)):gsub("[^ ]*patterns%.lua:%d+: ", ""))
	end
end

local subjects = {
	"", "a", "hello", "hello world from Lua", "key = value", "aaa", "abab abab",
	"f(a(b)c)d(e)", "THE (quick) fox", "  trim me  ", "2026-11-24T17:30:00Z", "a\0b\0\0c",
	"x^2 + y^2 = z^2", "[set] ]and[ %percent%", "\xe6\x97\xa5\xe6\x9c\xac \xff", "a.b,c;d!e?f-g",
	"<a href='x'>y</a>", "aXb\nc\td\r\ne",
}
local patterns = {
	"", "a", "l+", "l*", "l-", "l?", ".", ".-", ".*", "^.*$", "^%s*(.-)%s*$", "(%w+)%s*=%s*(%w+)",
	"%a+", "%d+", "(%d+)-(%d+)-(%d+)", "()ll()", "()", "(a*(.)%w(%s*))", "%((%a+)%)", "%b()", "%b<>",
	"%f[%w]%w+", "%f[%a]%a+%f[%A]", "%f[^%z]", "(.)%1", "(%w+) %1", "[aeiou]", "[^aeiou]+", "[%w_]+", "[a-f]+",
	"[]]", "[^]]+", "[]-a]+", "[a-]+", "[-a]", "[%]%[]", "[%a-z]", "[+--]", "[!-%]-x", "[!-%]+]", "[!-%%]+", "%%", "%.", "^a", "a$", "^a$", "$", "^", "a$b",
	"^^", "%z", "[%z]", "\0", "%S+", "%D", "%U%l", "%p", "%c", "%x+", "%g+", "[%d%s]+", "h.-o", "(h)(e)(l)(l)(o)",
	"((a)(b))", "a-b", "a-$", "b*a+", "[^%s]+", "(%s*)(%S+)", "\xe6..", "[\x80-\xff]+", "%w-%s", "x*", "(x*)(.)",
	"[", "[a", "[^", "[]", "%", "a%", "(", "(a", ")", "a)", "%1", "(a)%2", "%b", "%bx", "%f", "%fa", "(%1)", "[a-%", "[%",
	"^(a", "(()", "[[:alpha:]]", "a**", "a+?", "*a", "+", "?", "-", "a{2}", "(a|b)", "%0",
}

if not random_calls then
	for _, p in ipairs(patterns) do
		for i, s in ipairs(subjects) do
			if (#p + i) % 3 == 0 or i < 5 then try(s, p) end
		end
	end
	call("find", string.find, "a.b.c", ".", 1, true)
	call("find", string.find, "a.b.c", ".", 3, true)
	call("find", string.find, "abc", "b", -1)
	call("find", string.find, "abc", "b", -2)
	call("find", string.find, "abc", "b", 10)
	call("find", string.find, "abc", "", 4)
	call("find", string.find, "abc", "", 5)
	call("find", string.find, "abc", "", -10, true)
	call("match", string.match, "2026", "%d", -1)
	call("gsub", string.gsub, "hello world", "o", "0", 1)
	call("gsub", string.gsub, "abc", "%w", "%0%0", 0)
	call("gsub", string.gsub, "abc", "", "-")
	call("gsub", string.gsub, "abc", "b*", "-")
	call("find", guarded(string.find), ("a"):rep(40), ("(a)"):rep(32))
	call("find", guarded(string.find), ("a"):rep(40), ("(a)"):rep(33))
	call("gsub", guarded(string.gsub), "abc", "b", "%2")
	call("gsub", guarded(string.gsub), "abc", "b", "%x")
	call("gsub", guarded(string.gsub), "abc", "b", "%")
	return
end

local state = seed or 1
local function random(n)
	state = (state * 1103515245 + 12345) % 2147483648
	return state // 65536 % n + 1
end
local pieces = { "a", "b", ".", "%a", "%d", "%s", "[ab]", "[^a]", "(", ")", "()", "%1", "%2", "*", "+", "-", "?",
	"^", "$", "%b()", "%f[%w]", "[a-b%d]", "%", "[", "]", "%w", " ", "1", "%S", "%B" }
local letters = { "a", "b", "a", "1", " ", "(", ")", "A", "-", "]", "\0" }
for _ = 1, random_calls do
	local s, p = {}, {}
	for i = 1, random(12) do s[i] = letters[random(#letters)] end
	for i = 1, random(7) do p[i] = pieces[random(#pieces)] end
	try(table.concat(s), table.concat(p))
end
