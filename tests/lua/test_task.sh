#!/bin/sh
# The task on unusual messages. See task.pl.
exec perl "$(dirname "$0")/task.pl" "${MEKIKI_BUILD:-build}"
