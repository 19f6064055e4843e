#!/bin/sh
# The embedded store under SIGKILL.
exec "$(dirname "$0")/embedded_kills.pl"
