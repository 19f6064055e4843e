#!/bin/sh
# Compares what SpamAssassin's Bayes learns of mails with what ours does: all
# tokens of all messages, as scored and as learned by hand, and the names under
# which messages are remembered.
#
#   tests/parity/tokens_compare.sh [-k DIR] [--cf LINE]... LIST
#
# LIST is a file of paths, one a line.  -k keeps both outputs (sa, mekiki) in
# DIR and takes the first from there if it exists.  DUMP is the program to compare
# with: make build/parity/tokens_dump.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dump=${DUMP:-$here/../../build/parity/tokens_dump}
keep=''
if [ "${1:-}" = -k ]; then
	keep=$2
	shift 2
fi
if [ -n "$keep" ]; then
	work=$keep
	mkdir -p "$work"
else
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
fi
while [ $# -gt 1 ]; do
	case $1 in
	--cf) printf '%s\n' "$2" >>"$work/cf"; shift 2 ;;
	*) sed -n '/^#   tests/s/^# *//p' "$0" >&2; exit 2 ;;
	esac
done
list=$1
set --
if [ -f "$work/cf" ]; then
	while IFS= read -r line; do set -- "$@" --cf "$line"; done <"$work/cf"
fi
[ -s "$work/sa" ] || perl "$here/sa_tokens.pl" "$@" - <"$list" >"$work/sa"
"$dump" "$@" - <"$list" >"$work/mekiki"
perl "$here/compare_tokens.pl" "$work/sa" "$work/mekiki"
