#!/bin/sh
# `make report-parity`: report_parity.pl over the messages of LIST, or, if that is
# "", over each twelfth of the public corpus, which is fetched if it is not there.
#
#   tests/parity/report_run.sh LIST CONFIGS
set -eu
cd "$(dirname "$0")/../.."
list=$1
if [ -z "$list" ]; then
	corpus=${MEKIKI_CACHE:-.cache}/corpus/public
	tools/fetch-corpus.sh "$corpus"
	list=$(mktemp)
	trap 'rm -f "$list"' EXIT
	trap 'exit 1' HUP INT TERM
	find "$corpus" -type f ! -path '*/.*' | LC_ALL=C sort | awk 'NR % 12 == 0' >"$list"
fi
perl tests/parity/report_parity.pl --configs "$2" "$list"
