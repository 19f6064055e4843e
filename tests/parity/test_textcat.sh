#!/bin/sh
# How far off each language is from texts in many languages: the real TextCat and
# mekiki's, with two settings (see textcat_compare.pl; what rules see of it is
# tested by tests/cases/textcat).
set -eu
cd "$(dirname "$0")/../.."
build=${MEKIKI_BUILD:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
find tests/cases/textcat -name '*.eml' | LC_ALL=C sort >"$work/list"
perl tests/parity/textcat_compare.pl --mekiki "$build/mekiki" "$work/list"
perl tests/parity/textcat_compare.pl --mekiki "$build/mekiki" \
	--cf 'inactive_languages xx de nl' --cf 'ok_languages nl' --cf 'textcat_max_ngrams 100' \
	--cf 'textcat_optimal_ngrams 1' --cf 'textcat_acceptable_score 1.1' \
	--cf 'textcat_max_languages 9' "$work/list"
