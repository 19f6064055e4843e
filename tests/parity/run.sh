#!/bin/sh
# `make parity`: the real SpamAssassin and mekiki over the same messages.
#
#   tests/parity/run.sh [CORPUSDIR] [-- OPTIONS OF compare.pl]
#
# Without CORPUSDIR the public corpus is taken, and fetched if it is not there.
# All files below CORPUSDIR are messages.  SpamAssassin's answers are cached (see
# sa_score.pl), so that only the first run over a corpus takes minutes.  Both
# sides' answers stay in ${MEKIKI_CACHE:-.cache}/parity/last for a closer look
# with compare.pl.
#
# MEKIKI is the program (build/mekiki); JOBS the processes on either side (2);
# EVERY=N takes only each Nth message of the sorted list, for a quick look.
set -eu

here=$(dirname "$0")
cache=${MEKIKI_CACHE:-.cache}
mekiki=${MEKIKI:-build/mekiki}
jobs=${JOBS:-2}

corpus=''
if [ $# -gt 0 ] && [ "$1" != -- ]; then
	corpus=$1
	shift
fi
[ "${1:-}" != -- ] || shift
if [ -z "$corpus" ]; then
	corpus=$cache/corpus/public
	"$here/../../tools/fetch-corpus.sh" "$corpus"
fi
if ! perl -MMail::SpamAssassin -e1 2>/dev/null; then
	echo "$0: SpamAssassin is needed as the judge (Debian's package spamassassin)" >&2
	exit 1
fi

last=$cache/parity/last
mkdir -p "$last"
find "$corpus" -type f ! -path '*/.*' | LC_ALL=C sort |
	awk -v every="${EVERY:-1}" 'NR % every == 0' >"$last/list"
if [ ! -s "$last/list" ]; then
	echo "$0: no messages in $corpus" >&2
	exit 1
fi

seconds()
{
	date +%s.%N
}
from=$(seconds)
perl "$here/sa_score.pl" -j "$jobs" "$last/list" >"$last/sa.tsv"
between=$(seconds)
"$mekiki" masscheck -L --no-own-rules --subrules -j "$jobs" "$last/list" >"$last/mekiki.tsv"
to=$(seconds)
awk -v a="$from" -v b="$between" -v c="$to" 'BEGIN {
	printf "SpamAssassin %.1f s (answers from the cache included), mekiki %.1f s\n", b - a, c - b
}'
exec perl "$here/compare.pl" "$@" "$last/sa.tsv" "$last/mekiki.tsv"
