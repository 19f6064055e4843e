#!/bin/sh
# sa-learn by our name beside the real one.
exec perl "$(dirname "$0")/sa_learn.pl"
