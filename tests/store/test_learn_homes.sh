#!/bin/sh
# mekiki learn in all homes of the store.
exec perl "$(dirname "$0")/bayes_homes.pl"
