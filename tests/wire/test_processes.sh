#!/bin/sh
# What the processes of the daemon promise, as a test.
set -eu
exec perl "$(dirname "$0")/processes.pl"
