#!/bin/sh
# Compares what the real SpamAssassin and mekiki make of messages (sa_views.pl
# has the format): for each section the number of messages that differ, and
# examples with their first differing lines.
#
#   tests/parity/diff_views.sh [-s SECTION[,SECTION...]] [-e EXAMPLES] [-k DIR] LIST
#
# LIST is a file of paths, one a line.  -k keeps both outputs (sa, mekiki) in DIR.
# VIEWS is the command to compare with; the default is "build/mekiki views".
set -eu

here=$(dirname "$0")
views=${VIEWS:-build/mekiki views}
sections='' examples=3 keep=''
while getopts s:e:k: option; do
	case $option in
	s) sections=$OPTARG ;;
	e) examples=$OPTARG ;;
	k) keep=$OPTARG ;;
	*) sed -n '/^#   tests/s/^# *//p' "$0" >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
list=$1

if [ -n "$keep" ]; then
	work=$keep
	mkdir -p "$work"
else
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
fi

# Split into as many command lines as the system's limit asks for.  That a view
# dies on some message is a difference, not an end.
run()
{
	tr '\n' '\0' <"$list" | xargs -0 "$@" || true
}
run perl "$here/sa_views.pl" ${sections:+--only "$sections"} >"$work/sa"
# shellcheck disable=SC2086 # a command and its words
run $views >"$work/mekiki"
perl "$here/compare_views.pl" --examples "$examples" ${sections:+--only "$sections"} \
	"$work/sa" "$work/mekiki"
