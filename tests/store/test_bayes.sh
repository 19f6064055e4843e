#!/bin/sh
# Bayes as it is kept, beside the real SpamAssassin.
set -eu
cd "$(dirname "$0")"
perl bayes_scripts.pl
