#!/bin/sh
# Bayes as it is kept, and mekiki learn, beside the real SpamAssassin.
set -eu
cd "$(dirname "$0")"
perl bayes_scripts.pl
perl bayes_learn.pl
