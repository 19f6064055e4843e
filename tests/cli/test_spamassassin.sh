#!/bin/sh
# spamassassin by our name beside the real one: options and messages.
exec perl "$(dirname "$0")/spamassassin.pl" words check
