#!/bin/sh
# Reputation as people meet it: the daemon, TELL, and commands.
set -eu
cd "$(dirname "$0")"
perl reputation.pl
