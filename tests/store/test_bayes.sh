#!/bin/sh
# Bayes' scripts beside the real SpamAssassin's own store.
exec perl "$(dirname "$0")/bayes_scripts.pl"
