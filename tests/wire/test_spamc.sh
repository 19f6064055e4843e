#!/bin/sh
# The real spamc against both daemons, as a test.
set -eu
exec perl "$(dirname "$0")/spamc.pl"
