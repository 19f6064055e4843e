#!/bin/sh
# TELL and autolearn beside the real spamd.
set -eu
here=$(dirname "$0")
exec perl -I"$here" -I"$here/../wire" "$here/tell.pl"
