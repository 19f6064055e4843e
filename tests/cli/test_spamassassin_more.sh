#!/bin/sh
# spamassassin by our name beside the real one: folders, -d, -r, -W and kin.
exec perl "$(dirname "$0")/spamassassin_more.pl"
