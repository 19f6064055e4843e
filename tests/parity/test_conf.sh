#!/bin/sh
# The configuration after loading must be SpamAssassin's: every rule with its
# kind, scores, priority, flags, selector, arguments, dependencies, captures and
# pattern, every description, the lists and the domain tables.
#
# One thing is left out: whether a meta inherits `net` from a meta that inherits
# it hangs on the order of a Perl hash, so for metas the flag and the priority
# that follows from it are not compared.
set -eu
cd "$(dirname "$0")/../.."
program=${MEKIKI_BUILD:-build}/parity/conf_dump
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
tab=$(printf '\t')

# Metas without what they inherit.
settle() {
	awk -F "$tab" -v OFS="$tab" '$2 == "meta" {
		sub(/ ?net$/, "", $8)
		if ($7 == -100) $7 = 0
	} { print }'
}

# Lists by name and key; of hosts also the key below.
keys() {
	awk -F "$tab" -v OFS="$tab" '
		$1 == "uri_host_lists" { print $1, $2, $3; next }
		$1 ~ /^(BANKS|GOV|PAYPAL|SUSP_|(valid_tlds|.*_level_domains)$)/ ||
		$1 ~ /(welcome|block)list_/ && $1 !~ /_(uri_host|subject)$/ { print $1, $2 }'
}

fail() {
	echo "$1 differ (< SpamAssassin, > mekiki)"
	diff "$work/sa" "$work/mekiki" | head -n 40
	exit 1
}

# The lines of SpamAssassin's and of mekiki's must be the same, and so many at
# least that the comparison means something.
same() {
	sort -u "$work/sa.raw" >"$work/sa"
	sort -u "$work/mekiki.raw" >"$work/mekiki"
	cmp -s "$work/sa" "$work/mekiki" || fail "$1"
	lines=$(wc -l <"$work/sa")
	if [ "$lines" -lt "$2" ]; then
		echo "$1: only $lines lines, too few to be a test"
		exit 1
	fi
	echo "$1: $lines lines agree"
}

# One section of sa_conf.pl's output.
section() {
	awk -v want="[$1]" '/^\[[a-z]+\]$/ { on = $0 == want; next } on' "$work/sa.all"
}

perl tests/parity/sa_conf.pl >"$work/sa.all"
for part in rules:2937 headers:800 evals:300 metas:900 describe:1100 captures:7 lists:4000; do
	name=${part%:*}
	section "$name" >"$work/sa.raw"
	"$program" "$name" >"$work/mekiki.raw"
	for side in sa mekiki; do
		case $name in
		rules) settle <"$work/$side.raw" >"$work/$side.new" ;;
		lists) keys <"$work/$side.raw" >"$work/$side.new" ;;
		*) continue ;;
		esac
		mv "$work/$side.new" "$work/$side.raw"
	done
	same "$name" "${part#*:}"
done

# SpamAssassin puts backslashes into %{NAME}; mekiki keeps it as written.
perl tests/parity/sa_regex.pl --dump | grep -v '^redirector:' |
	awk -F "$tab" -v OFS="$tab" '{ print $1, $3, $4 }' |
	sed 's/%\\x5c{\([A-Z_0-9]*\)\\x5c}/%{\1}/g' >"$work/sa.raw"
"$program" regexes >"$work/mekiki.raw"
same regexes 1580
