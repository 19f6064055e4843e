#!/bin/sh
# mekikid by the name of spamd beside the real one, and rules from sa-update.
exec perl "$(dirname "$0")/spamd_name.pl"
