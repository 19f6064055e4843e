#!/bin/sh
# The embedded store when it is full, and files that are none of ours.
exec "$(dirname "$0")/embedded_full.pl"
