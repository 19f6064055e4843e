#!/bin/sh
# docs/surprises.md has a row for each surprise but those of network tests, and
# every row names tests that are there: files or cases, and words in them.
set -eu
cd "$(dirname "$0")/../.."
perl -e '
use strict;
use warnings;
my ($faults, %rows) = (0);
sub fault { print "docs/surprises.md: @_\n"; $faults++ }
sub contains {
	my ($path, $word) = @_;
	for my $file (-d $path ? glob("$path/*.cf $path/sub/*.cf $path/prefs/*") : $path) {
		open my $fh, "<", $file or next;
		local $/;
		return 1 if index(<$fh>, $word) >= 0;
	}
	return 0;
}
while (my $line = <STDIN>) {
	my ($n, $what, $here, $tests) = $line =~ /^\| (\d+) \| (.+) \| (.+) \| (.+) \|$/ or next;
	fault("$n has two rows") if $rows{$n}++;
	fault("$n: \"$here\" is no decision") unless $here =~ /^(not copied: |copied|its own: )/;
	for my $test (split /; /, $tests) {
		my ($path, $word) = $test =~ /^`(tests\/[^`]+)`(?:: `([^`]+)`)?$/;
		if (!defined $path) { fault("$n: \"$test\" is no test"); next }
		fault("$n: there is no $path") unless -e $path;
		fault("$n: no \"$word\" in $path") if defined $word && !contains($path, $word);
		fault("$n: $path is no test that runs") unless $path =~ m{^tests/cases/|\.pl$}
			|| -x $path && $path =~ m{/test_\w+\.sh$};
		fault("$n: $path has no message") if -d $path && !grep { -e } glob("$path/*.eml $path/make.pl");
	}
}
for my $n (1 .. 55) {
	my $later = $n == 36 || $n >= 46 && $n <= 48;
	next if $later == !$rows{$n};
	print "docs/surprises.md: surprise $n " . ($later ? "is of the network\n" : "has no row\n");
	$faults++;
}
exit($faults ? 1 : 0);
' <docs/surprises.md
