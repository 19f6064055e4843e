#!/bin/sh
# The embedded store beside the real Redis, command by command.
exec "$(dirname "$0")/embedded.pl"
