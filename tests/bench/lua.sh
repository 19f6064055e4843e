#!/bin/sh
# What rules in Lua cost; see lua.pl. LIST=FILE names the messages (a path a
# line), by default each 20th of the public corpus; ROUNDS how often.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
EVERY=20
. tests/corpus_list.sh
perl tests/bench/lua.pl "$1" "$LIST" "${ROUNDS:-12}"
