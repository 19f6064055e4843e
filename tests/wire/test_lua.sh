#!/bin/sh
# Rules in Lua inside of the daemon, as a test.
set -eu
exec perl "$(dirname "$0")/lua.pl"
