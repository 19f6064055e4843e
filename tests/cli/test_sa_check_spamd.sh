#!/bin/sh
# sa-check_spamd by our name beside the real one.
exec perl "$(dirname "$0")/sa_check_spamd.pl"
