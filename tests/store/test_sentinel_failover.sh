#!/bin/sh
# Redis Sentinel under a load: masters and sentinels killed and paused.
set -eu
exec perl "$(dirname "$0")/sentinel.pl" killed paused sentinel_killed all_stopped
