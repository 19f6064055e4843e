#!/bin/sh
# What remembering costs; see memory.pl. LIST=FILE names the messages (a path a
# line), by default each fourth of the public corpus; ROUNDS how often, SPAM
# and HAM folders or lists to train Bayes with.
set -eu
cd "$(dirname "$0")/../.."
MEKIKI_BUILD=$PWD/$1
export MEKIKI_BUILD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
EVERY=4
. tests/corpus_list.sh
perl -Itests/wire -Itests/store tests/bench/memory.pl "$LIST" "${ROUNDS:-5}" \
	"${SECONDS_EACH:-8}"
