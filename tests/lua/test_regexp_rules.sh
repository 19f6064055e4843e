#!/bin/sh
# config['regexp']: what each input and function answers. See regexp_rules.pl.
exec perl "$(dirname "$0")/regexp_rules.pl" "${MEKIKI_BUILD:-build}"
