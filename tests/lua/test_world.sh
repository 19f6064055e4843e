#!/bin/sh
# One world: symbols of scripts are rules like any other. See world.pl.
exec perl "$(dirname "$0")/world.pl" "${MEKIKI_BUILD:-build}"
