#!/bin/sh
# spamassassin by our name beside the real one: configuration, --lint, -D.
exec perl "$(dirname "$0")/spamassassin.pl" config lint debug prefs
