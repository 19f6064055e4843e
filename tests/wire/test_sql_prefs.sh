#!/bin/sh
# Users' preferences in databases, with the real spamd beside ours, as a test.
set -eu
exec perl "$(dirname "$0")/sql_prefs.pl" "$@"
