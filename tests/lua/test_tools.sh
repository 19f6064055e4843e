#!/bin/sh
# mekiki check --lua and mekiki test-rules as programs, and what the log says
# of a rule that fails: once, with the message's id and a traceback.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/site" "$work/rules"
failed=0

run() {
	command=$1
	shift
	"$mekiki" "$command" -L --no-own-rules --cf "store none" -C "$work/rules" \
		--siteconfigpath "$work/site" "$@"
}

# wants PATTERN: a line of the output matches.
wants() {
	grep -Eq -e "$1" "$work/out" || {
		echo "no line like $1 in:"
		cat "$work/out"
		failed=1
	}
}

echo 'body SITE_RULE /news/' >"$work/site/10.cf"
cat >"$work/tried.lua" <<'LUA'
local logger = require "rspamd_logger"
rspamd_config.ALPHA = { score = 2, description = "alpha", callback = function(task)
	logger.warnx(task, "subject is %s", task:get_subject())
	task:insert_result("BETA", 2.0, "from alpha")
	return true, 0.5, "one", "two"
end }
rspamd_config:register_symbol{ name = "BETA", type = "virtual", parent = 1, score = 1.5 }
rspamd_config.GAMMA = { score = 1, callback = function(task)
	local t = {}
	for i = 1, 2000 do t[i] = "x" .. i end
	return #t == 0
end }
rspamd_config.DELTA = { score = 1, condition = function() return false end,
	callback = function() return true end }
LUA
run check --lua "$work/tried.lua" tests/lua/sample.eml >"$work/out" 2>"$work/err"
wants '^Tests: ALPHA,BETA,SITE_RULE$'
wants '^ALPHA \(line [0-9]+\): done$'
wants '^  returned  true, 0.5, "one", "two"$'
wants '^  result    ALPHA, weight 0.5, score 1, options: one, two$'
wants '^  result    BETA, weight 2, score 3, options: from alpha$'
wants '^  logged    .*subject is Hello'
wants '^  returned  false$'
wants '^  cost      [0-9]+ us, [0-9]{4,} instructions, [0-9]{5,} octets$'
wants '^DELTA \(line [0-9]+\): not called$'
[ ! -s "$work/err" ] || { echo "stray output:"; cat "$work/err"; failed=1; }

# A rule that fails: exit code 1, the error and where it came from.
cat >"$work/failing.lua" <<'LUA'
local function inner(x)
	return x.field
end
rspamd_config.FAILING = { score = 1, callback = function(task)
	local found = inner(nil)
	return found
end }
LUA
if run check --lua "$work/failing.lua" tests/lua/sample.eml >"$work/out"; then
	echo "check --lua of a failing rule exits 0"
	failed=1
fi
wants '^FAILING \(line [0-9]+\): FAILED$'
wants "^  logged    .*FAILING.*failing.lua:2: .*\(message <20261124100000.1@example.com>\)"
wants "failing.lua:5: in function"

# The same in the log, over three messages: one error, one traceback.
cp "$work/failing.lua" "$work/site/20.lua"
for i in 1 2 3; do echo tests/lua/sample.eml; done |
	run masscheck - >"$work/out" 2>"$work/err"
[ "$(grep -c 'rule FAILING: .*(message <20261124100000.1@example.com>)' "$work/err")" -eq 1 ] &&
	[ "$(grep -c 'stack traceback' "$work/err")" -eq 1 ] || {
	echo "the error is not told once:"
	cat "$work/err"
	failed=1
}
rm "$work/site/20.lua"

# Tests beside rules.
cat >"$work/tried.tests" <<'TESTS'
# what holds
cf score BETA 0.25
test all of it
file mail.eml
from alice@example.com
rcpt bob@example.net
expect ALPHA BETA SITE_RULE
forbid GAMMA
min 2
max 3
verdict ham

test inline
message <<END
From: a@example.com
Subject: x

.
END
forbid SITE_RULE
TESTS
cp tests/lua/sample.eml "$work/mail.eml"
run test-rules "$work/tried.tests" >"$work/out" 2>"$work/err"
wants '^ok 1 - all of it$'
wants '^ok 2 - inline$'
wants '^1\.\.2$'
wants '^2 passed, 0 failed$'

# What does not hold is said.
cat >"$work/tried.tests" <<'TESTS'
test wrong in every way
file mail.eml
expect GAMMA
forbid ALPHA
min 100
max 0
verdict ham
TESTS
if run test-rules "$work/tried.lua" >"$work/out" 2>"$work/err"; then
	echo "test-rules of a failing test exits 0"
	failed=1
fi
wants '^not ok 1 - wrong in every way$'
wants '^# expected GAMMA, which did not hit$'
wants '^# ALPHA hit$'
wants '^# the score is [0-9.]+, not 100 at least$'
wants '^# the score is [0-9.]+, not 0 at most$'
wants '^# the verdict is spam$'
wants '^0 passed, 1 failed$'

# A rule that fails, a rule file that is faulty, a test file that is faulty.
printf 'test fails\nfile mail.eml\nforbid NOTHING\n' >"$work/failing.tests"
run test-rules "$work/failing.tests" >"$work/out" 2>"$work/err" && failed=1
wants '^# FAILING failed'
echo 'local x = = 1' >"$work/faulty.lua"
cp "$work/failing.tests" "$work/faulty.tests"
run test-rules "$work/faulty.tests" >"$work/out" 2>"$work/err" && failed=1
wants '^# .*faulty.lua:1: '
wants '^not ok 1 - the rules can be loaded$'
printf 'test x\nfile mail.eml\nexpekt A\n' >"$work/faulty.tests"
run test-rules "$work/faulty.tests" >"$work/out" 2>"$work/err" && failed=1
wants "faulty.tests:3: unknown statement 'expekt'"
printf 'test x\nmessage <<END\nFrom: a\n' >"$work/faulty.tests"
run test-rules "$work/faulty.tests" >"$work/out" 2>"$work/err" && failed=1
wants 'faulty.tests:3: the message has no end'
printf 'test x\nfile mail.eml\n' >"$work/faulty.tests"
run test-rules "$work/faulty.tests" >"$work/out" 2>"$work/err" && failed=1
wants 'faulty.tests:1: the test expects nothing'
rm "$work"/*.tests
run test-rules "$work" >"$work/out" 2>"$work/err" && failed=1
grep -q 'no tests were found' "$work/err" || failed=1

[ "$failed" -eq 0 ] || exit 1
echo "check --lua and test-rules do what they should"
