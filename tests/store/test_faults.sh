#!/bin/sh
# A daemon whose Redis is killed, and paused, under load: nobody is left without
# a verdict, and what was learned is counted once. make store-faults has the
# other homes and faults, and the times.
set -eu
exec perl "$(dirname "$0")/faults.pl" --quick redis:killed,paused
