#!/bin/sh
# What docs/store.md says, run: its store lines, its ACL, its commands.
set -eu
exec perl "$(dirname "$0")/store_docs.pl"
