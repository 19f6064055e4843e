#!/bin/sh
# A slice of the third corpus (third.pl) and of mutations of it (mutate.pl): the
# same scored rules, scores and subrules as SpamAssassin, and the same views, but
# for what docs/parity.md tells of. `make third-parity` and `make
# mutations-parity` compare all of it.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export LC_ALL=C

perl tests/parity/third.pl -e 18 -f Charsets,Structure,Html,Headers,Relays,Bounces,Attachments \
	"$work/mail" >"$work/log"
find "$work/mail" -name '*.eml' | sort >"$work/third"
perl tests/parity/mutate.pl -s 11 -n 30 "$work/third" "$work/mutated"
find "$work/mutated" -name '*.eml' | sort | cat "$work/third" - >"$work/list"
messages=$(wc -l <"$work/list")
[ "$messages" -ge 90 ] || { echo "only $messages messages"; exit 1; }

perl tests/parity/sa_score.pl --no-cache --quiet -j 2 "$work/list" >"$work/sa" 2>"$work/sa.log"
"$mekiki" masscheck -L --no-own-rules --subrules -j 2 "$work/list" >"$work/mekiki" 2>"$work/log"
perl tests/parity/compare.pl --min-rules 99 --min-subrules 99 "$work/sa" "$work/mekiki" \
	>"$work/rules" || { cat "$work/rules"; exit 1; }

# Somebody else's rules.
rules="-C tests/parity/third/rules --siteconfigpath tests/cases/site"
# shellcheck disable=SC2086 # a list of options
perl tests/parity/sa_score.pl --no-cache --quiet -j 2 $rules "$work/list" >"$work/sa.others" 2>"$work/sa.log"
# shellcheck disable=SC2086
"$mekiki" masscheck -L --no-own-rules --subrules -j 2 $rules "$work/list" >"$work/others" 2>"$work/log"
perl tests/parity/compare.pl --min-rules 99 --min-subrules 99 "$work/sa.others" "$work/others" \
	>"$work/rules" || { cat "$work/rules"; exit 1; }
hit=$(cut -f3 "$work/sa.others" | tr ',' '\n' | sort -u | grep -c '^O_')
[ "$hit" -ge 35 ] || { echo "only $hit of the other rules hit"; exit 1; }

VIEWS="$mekiki views" tests/parity/diff_views.sh "$work/list" >"$work/views" 2>"$work/log"
awk '/^\[/ { fine = $2 <= 1 } !fine' "$work/views" >"$work/far"
[ ! -s "$work/far" ] || { cat "$work/far"; exit 1; }
[ "$(grep -c '^\[' "$work/views")" -ge 13 ] || { cat "$work/views"; exit 1; }
