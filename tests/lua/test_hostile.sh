#!/bin/sh
# Hostile scripts hurt nobody but themselves. See hostile.pl.
exec perl "$(dirname "$0")/hostile.pl" "${MEKIKI_BUILD:-build}"
