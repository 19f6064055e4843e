#!/bin/sh
# Compares html_parse with SpamAssassin over the HTML parts of mails: all
# results of all parts must be equal.
#
#   tests/parity/html_compare.sh DIR...
#
# DUMP is the program to compare with: make build/parity/html_dump.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dump=${DUMP:-$here/../../build/parity/html_dump}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
find "$@" -type f -print0 | xargs -0 perl "$here/sa_html.pl" -x "$tmp/parts"
for kind in o u; do
	flag=$([ $kind = o ] || echo -u)
	find "$tmp/parts" -name "*.$kind" | LC_ALL=C sort >"$tmp/names"
	perl "$here/sa_html.pl" $flag - <"$tmp/names" >>"$tmp/sa"
	"$dump" $flag - <"$tmp/names" >>"$tmp/ours"
done
echo "$(grep -c '^FILE ' "$tmp/sa") parts"
diff "$tmp/sa" "$tmp/ours" | head -100
cmp -s "$tmp/sa" "$tmp/ours"
