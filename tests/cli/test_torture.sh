#!/bin/sh
# Bad input of every kind (tools/torture.pl, at a quarter of its size): each message
# gets a score, in a time in proportion to that of plain text, in bounded memory.
set -eu
cd "$(dirname "$0")/../.."
build=${MEKIKI_BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

tools/torture.pl --scale 25 "$work"
# AddressSanitizer reserves terabytes, and has another sense of time.
case $build in
*san-*) ;;
*) ulimit -v 1500000 ;;
esac
tests/cli/torture.pl --ratio 400 "$work" "$build/mekiki" masscheck -L --no-own-rules --subrules
