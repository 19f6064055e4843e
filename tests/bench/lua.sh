#!/bin/sh
# What rules in Lua cost; see lua.pl. LIST=FILE names the messages (a path a
# line), by default each 20th of the public corpus; ROUNDS how often.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
if [ -z "${LIST:-}" ]; then
	tools/fetch-corpus.sh .cache/corpus/public >/dev/null
	LIST=$work/list
	find "$PWD/.cache/corpus/public" -type f -name '*.txt' | LC_ALL=C sort |
		awk 'NR % 20 == 0' >"$LIST"
fi
perl tests/bench/lua.pl "$1" "$LIST" "${ROUNDS:-5}"
