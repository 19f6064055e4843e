#!/bin/sh
# Reports and marked-up messages of the real SpamAssassin and of mekiki, byte for
# byte (see compare_rewrite.pl): the messages of each case in tests/cases that has
# a prefs folder, under each of the settings there.
#
#   tests/parity/test_rewrite.sh [CASE/NAME...]
#
# NAME is a file of the case's prefs folder, without its .prefs; all of them by
# default.
set -eu
cd "$(dirname "$0")/../.."
mekiki=${MEKIKI_BUILD:-build}/mekiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export LC_ALL=C TZ=UTC
failed=0

ours()
{
	for message in "$dir"/*.eml; do
		printf 'message %s\nreport\n' "$message"
		# Three lines of our own stand before the report.
		# shellcheck disable=SC2086 # a list of options
		"$mekiki" check -L --no-own-rules --cf "store none" $options -p "$1" "$message" | tail -n +4
		printf '\nrewritten\n'
		# shellcheck disable=SC2086
		"$mekiki" check -L --no-own-rules --cf "store none" $options -p "$1" --rewrite "$message"
		printf '\n'
	done
}

[ $# -gt 0 ] || set -- $(cd tests/cases && ls */prefs/*.prefs | sed 's,/prefs/,/,; s/\.prefs$//')
for test in "$@"; do
	dir=tests/cases/${test%/*} name=${test#*/}
	site=tests/cases/site
	[ ! -d "$dir/site" ] || site=$dir/site
	options="-C $dir --siteconfigpath $site"
	prefs=$dir/prefs/$name.prefs
	# shellcheck disable=SC2086
	perl tests/parity/sa_rewrite.pl $options -p "$prefs" "$dir"/*.eml >"$work/sa" 2>"$work/log" || {
		echo "$test: SpamAssassin fails: $(tail -n 3 "$work/log")"
		failed=1
	}
	ours "$prefs" >"$work/mekiki" 2>"$work/mekiki.log" || true
	if ! perl tests/parity/compare_rewrite.pl "$work/sa" "$work/mekiki" >"$work/diff"; then
		echo "$test:"
		sed "s,^$dir/,  ," "$work/diff"
		failed=1
	fi
done
exit $failed
