#!/bin/sh
# Redis Sentinel as the store's home.
set -eu
exec perl "$(dirname "$0")/sentinel.pl"
