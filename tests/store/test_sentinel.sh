#!/bin/sh
# Redis Sentinel as the store's home: what it is asked, sentinels that lie.
set -eu
exec perl "$(dirname "$0")/sentinel.pl" plain lies read_only passwords
