#!/bin/sh
# The founding example (rules/20_own_domain.lua) with the stock rules and
# default settings: every form of the notice is over 5.0, every honest mail
# that looks like it under 2.0. See founding.pl for the messages.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

perl tests/lua/founding.pl "$work"
ls "$work"/*.eml >"$work/list"
"$mekiki" masscheck -L "$work/list" >"$work/out" 2>"$work/err"
if [ -s "$work/err" ]; then
	cat "$work/err"
	exit 1
fi
awk -F '\t' '
{ n = split($1, path, "/"); name = path[n] }
name ~ /^spam-/ { spam++; if ($2 <= 5.0) { print name, $2, $3; bad++ } }
name ~ /^ham-/ { ham++; if ($2 >= 2.0) { print name, $2, $3; bad++ } }
END {
	print spam " of the notice, " ham " honest, " bad + 0 " wrong"
	exit bad > 0 || spam < 30 || ham < 12
}' "$work/out"
