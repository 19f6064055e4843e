#!/bin/sh
# The links that the real SpamAssassin and mekiki make of the same lines.
#
#   tests/parity/uri_compare.sh canon FILE    each line is a URI
#   tests/parity/uri_compare.sh find FILE     each line is a paragraph of text
#   tests/parity/uri_compare.sh body MAIL...  the paragraphs of these messages
#
# The form of the lines is that of sa_uri.pl.  Prints how many differ, and the
# first of them.
set -eu
here=$(dirname "$0")
build=${MEKIKI_BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mode=$1
shift
if [ "$mode" = body ]; then
	mode=find
	perl "$here/sa_uri.pl" mbody "$@" | sort -u >"$work/in"
else
	cp "$1" "$work/in"
fi
perl "$here/sa_uri.pl" "$mode" <"$work/in" >"$work/sa"
"$build/parity/uri_dump" "$mode" <"$work/in" >"$work/mekiki"
paste -d '\n' "$work/in" "$work/sa" "$work/mekiki" | awk '
	NR % 3 == 1 { input = $0 }
	NR % 3 == 2 { sa = $0 }
	NR % 3 == 0 && "x" $0 != "x" sa && ++differ <= 5 {
		print "line:   " input; print "  SA:   " sa; print "  us:   " $0
	}
	END { printf "%d of %d lines differ\n", differ, NR / 3; exit differ > 0 }'
