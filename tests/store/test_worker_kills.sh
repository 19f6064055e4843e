#!/bin/sh
# Workers and the memory process killed while they learn into the embedded
# store, and that store full; make store-kills has a thousand kills.
set -eu
KILLS=${KILLS:-30} exec perl "$(dirname "$0")/worker_kills.pl"
