#!/bin/sh
# The cookbook's rules: lint finds nothing in them, and the tests beside them
# pass. They name files in /etc/mekiki; here these are where the copies are.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
case $mekiki in /*) ;; *) mekiki=$PWD/$mekiki ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

mkdir "$work/site" "$work/rules" "$work/mekiki"
for file in tests/lua/cookbook/*; do
	sed "s|/etc/mekiki/|$work/mekiki/|" "$file" >"$work/mekiki/${file##*/}"
done
cd "$work/mekiki"
for rule in *.lua; do
	set -- "$rule"
	[ ! -e "${rule%.lua}.cf" ] || set -- "${rule%.lua}.cf" "$rule"
	"$mekiki" lint -q -L --no-own-rules -C "$work/rules" \
		--siteconfigpath "$work/site" "$@" >"$work/lint" 2>&1 || {
		echo "lint of $rule:"
		cat "$work/lint"
		exit 1
	}
done
"$mekiki" test-rules --siteconfigpath "$work/site" . >"$work/out" 2>&1 || {
	cat "$work/out"
	exit 1
}
tail -n 1 "$work/out"
