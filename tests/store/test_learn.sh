#!/bin/sh
# mekiki learn beside the real sa-learn.
exec perl "$(dirname "$0")/bayes_learn.pl"
