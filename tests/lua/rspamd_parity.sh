#!/bin/sh
# rspamd's own rules here and in the real rspamd; see rspamd_parity.pl.
# LIST=FILE names the messages (a path a line), by default the public corpus;
# COUNT how many of them.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
EVERY=1
. tests/corpus_list.sh
perl tests/lua/rspamd_parity.pl -b "$1" -n "${COUNT:-1000}" "$LIST"
