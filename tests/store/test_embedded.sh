#!/bin/sh
# The embedded store beside the real Redis.
exec "$(dirname "$0")/embedded.pl"
