#!/bin/sh
# The judge's script: its lines are what SpamAssassin's own program says, answers
# come from the cache the second time, and a cache cut short by an interruption
# loses its last line only.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
MEKIKI_CACHE=$work/cache
export MEKIKI_CACHE

fail()
{
	echo "$*"
	exit 1
}

cat >"$work/spam" <<'END'
From: a@example.com
To: b@example.com
Subject: test

XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X
END
printf 'Subject: hello\nFrom: a@example.org\n\nGood morning.\n' >"$work/ham"
printf '%s\n' "$work/spam" "$work/nothing" "$work/ham" >"$work/list"

perl tests/parity/sa_score.pl -j 2 "$work/list" >"$work/first" 2>"$work/log"
[ "$(cut -f1 "$work/first")" = "$(cat "$work/list")" ] || fail "not in the list's order"
[ "$(sed -n 2p "$work/first" | cut -f2,3)" = "$(printf -- '-\tunreadable')" ] ||
	fail "an unreadable file is not told"
sed -n 1p "$work/first" | cut -f3 | grep -q '\<GTUBE\>' || fail "GTUBE was not hit"

# The program asks for its own view of the same message.
: >"$work/prefs"
own=$(HOME="$work" spamassassin -L -t -p "$work/prefs" --cf='use_bayes 0' \
	--cf='add_header all Parity _TESTS(,)_ _SUBTESTS(,)_' <"$work/spam" |
	perl -0777 -ne 'print $1 =~ s/\n\s+//gr if /^X-Spam-Parity: (.*?)\n(?!\s)/ms')
ours=$(sed -n 1p "$work/first" | cut -f3,4)
[ "$(echo "$own" | tr -d ' ,')" = "$(echo "$ours" | tr -d '\t,')" ] ||
	fail "spamassassin says: $own; sa_score.pl: $ours"

perl tests/parity/sa_score.pl "$work/list" >"$work/second" 2>"$work/log"
cmp "$work/first" "$work/second"
[ ! -s "$work/log" ] || fail "not everything came from the cache: $(cat "$work/log")"

cache=$(echo "$MEKIKI_CACHE"/parity/sa-*.tsv)
truncate -s -9 "$cache"
perl tests/parity/sa_score.pl "$work/list" >"$work/third" 2>"$work/log"
cmp "$work/first" "$work/third"
grep -q '^sa_score: 1 messages scored' "$work/log" ||
	fail "expected one message to be scored anew: $(cat "$work/log")"
