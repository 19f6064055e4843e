#!/bin/sh
# Redis Cluster as the store's home.
set -eu
exec perl "$(dirname "$0")/cluster.pl"
