#!/bin/sh
# Every stock regex must match where Perl says it does. The strings are lines of
# the rule files themselves, which hold the words that the regexes look for, as
# they are and with octets changed, by a generator that always does the same.
set -eu
cd "$(dirname "$0")/../.."
program=${MEKIKI_BUILD:-build}/parity/match_regex
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cat /usr/share/spamassassin/*.cf | perl -ne '
	BEGIN { $seed = 12345 }
	sub chance { $seed = ($seed * 1103515245 + 12345) & 0x7fffffff; ($seed >> 8) % $_[0] }
	next if $. % 30;
	chomp;
	for my $changes (0, 4) {
		my $line = substr $_, 0, 2000;
		substr($line, chance(length($line) || 1), 1) = chr chance(256) for 1 .. $changes;
		$line =~ s/([^\x20-\x5b\x5d-\x7e])/sprintf "\\x%02x", ord $1/ge;
		print "$line\n";
	}' >"$work/strings"
perl tests/parity/sa_regex.pl --dump >"$work/dump"
perl tests/parity/sa_regex.pl --match "$work/strings" --all >"$work/perl"
"$program" "$work/dump" "$work/strings" --all >"$work/mekiki"

# Neither an empty dump nor strings that nothing matches would be a test.
if [ "$(wc -l <"$work/dump")" -lt 1597 ] || [ "$(wc -l <"$work/perl")" -lt 10000 ]; then
	echo "too few regexes or matches to be a test"
	exit 1
fi
if ! cmp -s "$work/perl" "$work/mekiki"; then
	echo "mekiki's matches differ from Perl's (< Perl, > mekiki: rule, string, from, to)"
	diff "$work/perl" "$work/mekiki" | head -n 40
	exit 1
fi
echo "$(wc -l <"$work/perl") matches in $(wc -l <"$work/strings") strings agree"
