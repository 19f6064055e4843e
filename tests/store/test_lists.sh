#!/bin/sh
# Lists whose entries stand in sets of the store.
set -eu
here=$(dirname "$0")
exec perl -I"$here" -I"$here/../wire" "$here/lists.pl"
