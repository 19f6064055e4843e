#!/bin/sh
# docs/redis.md says what is so.
set -eu
cd "$(dirname "$0")"
perl redis_docs.pl
