#!/bin/sh
# Nothing of one user is seen in another's scan: the small version of
# make user-canaries, as a test.
set -eu
exec perl "$(dirname "$0")/canaries.pl" --users 20 --scans 1000
