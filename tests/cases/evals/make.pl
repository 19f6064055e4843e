#!/usr/bin/perl
# The messages of all other cases, and some that are made for these tests: dates
# around the lines that the tests draw, senders and recipients, forged relays.
use strict;
use warnings;
use File::Basename;
use File::Copy;

my ($out) = @ARGV;
my $cases = dirname($0) . '/..';
for my $path (glob "$cases/*/*.eml") {
	my $case = basename(dirname($path));
	copy($path, "$out/$case-" . basename($path)) or die "$path: $!\n" if $case ne 'evals';
}

sub put
{
	my ($name, $header, $body) = @_;
	open my $fh, '>:raw', "$out/$name.eml" or die "$name: $!\n";
	print $fh $header, "\n", $body // "Text\n";
}

# A message whose Date is so many hours from that of its Received.
my @days = qw(Sun Mon Tue Wed Thu Fri Sat);
my @months = qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec);
sub date
{
	my ($sec, $min, $hour, $day, $mon, $year, $wday) = gmtime $_[0];
	return sprintf '%s, %d %s %d %02d:%02d:%02d +0000', $days[$wday], $day, $months[$mon],
		$year + 1900, $hour, $min, $sec;
}
my $now = 1_730_714_400;
for my $hours (-9000, -2921, -2919, -97, -95, -47, -23, -11, -5, -2, 0, 2, 4, 7, 13, 25, 49, 97,
	       2919, 2921, 9000) {
	put("date$hours", 'Received: from a.example.org (a.example.org [198.18.1.1]) by mx.example.com'
	    . ' (Postfix) with ESMTP id X; ' . date($now) . "\nFrom: a\@example.com\nSubject: x\nDate: "
	    . date($now + $hours * 3600) . "\n");
}
my @dates = ('Mon, 4 Nov 2024 10:00:00', '4 Nov 24 10:00 EST', 'Monday, 04-Nov-24 10:00:00 GMT',
	'Mon Nov  4 10:00:00 2024', '2024-11-04T10:00:00Z', 'Mon, 4 Nov 2024 25:61:00 +0000',
	'Mon, 31 Feb 2024 10:00:00 +0000', 'Mon, 4 Nov 2024 10:00:00 +9999', 'yesterday', '',
	'Mon, 4 Nov 2024 10:00:00 +0000 (comment)', 'Fri, 4 Nov 2024 10:00:00 -0700 (PDT)',
	'Mon, 4 Nov 1969 10:00:00 +0000', 'Mon, 4 Nov 2044 10:00:00 +0000', 'Mon,4 Nov 2024 10:00:00 JST');
put("dateform$_", 'Received: from a.example.org (a.example.org [198.18.1.1]) by mx.example.com'
    . ' (Postfix) with ESMTP id X; ' . date($now) . "\nFrom: a\@example.com\nDate: $dates[$_]\n")
	for 0 .. $#dates;
