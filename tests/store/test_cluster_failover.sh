#!/bin/sh
# Redis Cluster under a load: nodes killed, paused and restarted.
set -eu
exec perl "$(dirname "$0")/cluster.pl" master_killed master_paused all_paused all_restarted
