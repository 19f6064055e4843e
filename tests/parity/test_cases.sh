#!/bin/sh
# The real SpamAssassin and mekiki over small sets of rules and messages of our
# own, each made for one corner of the rule language or of the reading of mail:
# same rules, same score, same subrules, and the same views of each message.
#
#   tests/parity/test_cases.sh [CASE...]
#
# A case is a folder of tests/cases: its rule files, its messages (*.eml), those
# that make.pl (if it has one) writes into the folder that it is given, and, if
# the plug-ins of tests/cases/site are not what it wants, a site folder of its
# own.  So that a case cannot test nothing, each of its rules must hit some message
# in SpamAssassin, but those that a line "# never hits: NAMES" names must not.
#
# Without CASE all are run.  CASES_KEEP=DIR keeps all answers in DIR.
set -eu
cd "$(dirname "$0")/../.."
build=${MEKIKI_BUILD:-build}
mekiki=$build/mekiki
if [ -n "${CASES_KEEP:-}" ]; then
	work=$CASES_KEEP
	mkdir -p "$work"
else
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
fi
export LC_ALL=C

fail()
{
	echo "$case: $*"
	echo "$case" >>"$work/failed"
}

# Names of the rules that the case's files define, and of those that never hit.
rules_of()
{
	find "$1" -name "*.cf" -exec cat {} + | sed -nE 's/^[[:space:]]*(lang [a-z]+ )?(header|body|rawbody|uri|full|meta|mimeheader|uri_detail)[[:space:]]+([A-Za-z_0-9]+).*/\3/p' |
		sort -u
}

never_of()
{
	find "$1" -name "*.cf" -exec cat {} + | sed -n 's/^# never hits: //p' | tr ' ' '\n' | sed '/^$/d' | sort -u
}

# Every line of both tables that is not the same, a message at a time.
compare()
{
	cmp -s "$1" "$2" || perl tests/parity/compare.pl --differing "$1" "$2" |
		sed "s,^$work/,,; s,^,    ,"
}

run_case()
{
	dir=tests/cases/$1
	out=$work/$1
	mkdir -p "$out"
	site=tests/cases/site
	[ ! -d "$dir/site" ] || site=$dir/site
	[ ! -e "$dir/make.pl" ] || perl "$dir/make.pl" "$out"
	find "$dir" "$out" -name '*.eml' | sort >"$out/list"
	perl tests/parity/sa_score.pl --no-cache --quiet -C "$dir" --siteconfigpath "$site" \
		"$out/list" >"$out/sa" 2>"$out/sa.log" || fail "SpamAssassin failed"
	cut -f3,4 "$out/sa" | tr '\t,' '\n\n' | sort -u >"$out/hit"
	rules_of "$dir" | comm -23 - "$out/hit" >"$out/silent"
	# Messages of other cases may come to hit what never did.
	never_of "$dir" | if [ -e "$dir/rules-only" ]; then comm -12 - "$out/silent"; else cat; fi |
		diff - "$out/silent" >"$out/hits.diff" ||
		fail "rules that (<) should never hit, (>) never hit: $(grep '^[<>]' "$out/hits.diff" | tr '\n' ' ')"

	status=0
	"$mekiki" masscheck -L --no-own-rules --subrules -C "$dir" --siteconfigpath "$site" \
		"$out/list" >"$out/mekiki" 2>"$out/mekiki.log" || status=$?
	[ $status = 0 ] || fail "mekiki masscheck exits with $status: $(tail -n 3 "$out/mekiki.log")"
	compare "$out/sa" "$out/mekiki" >"$out/diff"
	[ ! -s "$out/diff" ] || fail "rules differ
$(cat "$out/diff")"

	# Where it is the messages of other cases that are asked about once more.
	[ ! -e "$dir/rules-only" ] || return 0
	# shellcheck disable=SC2046 # a list of paths without blanks
	perl tests/parity/sa_views.pl -C "$dir" --siteconfigpath "$site" \
		$(cat "$out/list") >"$out/sa.views" 2>/dev/null
	# shellcheck disable=SC2046
	"$mekiki" views --no-own-rules -L -C "$dir" --siteconfigpath "$site" \
		$(cat "$out/list") >"$out/views" 2>/dev/null || {
		fail "mekiki views fails"
		return
	}
	perl tests/parity/compare_views.pl "$out/sa.views" "$out/views" |
		awk '/^\[/ { show = !/ 0 of / } show' >"$out/views.diff"
	[ ! -s "$out/views.diff" ] || fail "views differ
$(sed "s/^/    /" "$out/views.diff")"
}

# Two at a time: lane 0 takes every other case, lane 1 the rest.
lane()
{
	lane=$1 turn=0
	shift
	for case in "$@"; do
		turn=$((turn + 1))
		[ $((turn % 2)) != "$lane" ] || run_case "$case" >"$work/$case.report" 2>&1
	done
}

[ $# -gt 0 ] || set -- $(cd tests/cases && ls */rules.cf | sed 's,/.*,,')
: >"$work/failed"
lane 0 "$@" &
lane 1 "$@"
wait
messages=0
rules=0
for case in "$@"; do
	cat "$work/$case.report"
	messages=$((messages + $(wc -l <"$work/$case/list")))
	rules=$((rules + $(rules_of "tests/cases/$case" | wc -l)))
done
echo "$messages messages, $rules rules, $(wc -l <"$work/failed") faults"
[ ! -s "$work/failed" ]
