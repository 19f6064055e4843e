#!/bin/sh
# mekiki reputation, beside a real Redis and the embedded store.
set -eu
cd "$(dirname "$0")"
perl reputation_command.pl
