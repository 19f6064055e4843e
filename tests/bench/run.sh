#!/bin/sh
# Messages a second of mekikid beside the real spamd: two workers each, local
# tests, spamd with the rules that sa-compile made, the same load generator,
# the two in turns. Prints rates and their ratio, the time from start to first
# answer, and the memory of all processes.
# Usage: tests/bench/run.sh BUILD_DIR; LIST=FILE names the messages (a path a
# line), SECONDS_EACH and ROUNDS the runs.
set -eu
cd "$(dirname "$0")/../.."
MEKIKI_BUILD=$PWD/$1
export MEKIKI_BUILD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# By default each 20th message of the public corpus.
if [ -z "${LIST:-}" ]; then
	corpus=.cache/corpus/public
	tools/fetch-corpus.sh "$corpus" >/dev/null
	LIST=$work/list
	find "$PWD/$corpus" -type f -name '*.txt' | LC_ALL=C sort |
		awk 'NR % 20 == 0' >"$LIST"
fi
if ! ls /var/lib/spamassassin/compiled/*/* >/dev/null 2>&1; then
	if [ "$(id -u)" -eq 0 ]; then
		echo "compiling spamd's rules (minutes)"
		sa-compile --quiet >/dev/null 2>&1 || true
	else
		echo "spamd's rules are not compiled: run sa-compile as root"
	fi
fi
perl -Itests/wire tests/bench/bench.pl "$LIST" "${ROUNDS:-3}" \
	"${SECONDS_EACH:-10}"
