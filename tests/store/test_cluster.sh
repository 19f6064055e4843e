#!/bin/sh
# Redis Cluster as the store's home: slots, slots on the move, false nodes.
set -eu
exec perl "$(dirname "$0")/cluster.pl" slots commands slots_moved asked try_again \
	storms locked
