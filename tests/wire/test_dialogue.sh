#!/bin/sh
# The conversations with both daemons, as a test.
set -eu
exec perl "$(dirname "$0")/dialogue.pl"
