#!/bin/sh
# The embedded store: beside the real Redis, killed at any moment, and full.
set -eu
cd "$(dirname "$0")"
./embedded.pl
./embedded_full.pl
./embedded_kills.pl
