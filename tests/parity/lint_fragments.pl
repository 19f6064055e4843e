#!/usr/bin/perl
# Fragments of configuration for lint, one a file, into a folder:
#
#   lint_fragments.pl DIR        all of them
#
# Those of tests/parity/lint/*.txt are written by hand: a line "== NAME" begins
# one.  The others are made: each directive that the installed SpamAssassin (with
# all plug-ins of tests/parity/lint/all.pre) knows, with values that are right,
# wrong, and missing for its type.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use LintSite;

my ($dir) = @ARGV;
die "usage: lint_fragments.pl DIR\n" unless $dir && -d $dir;

# By type, as Conf.pm numbers them; undef: code of its own.
my %values = (
	string => ['', 'word', 'two words', '"quoted"', "\xe9\xff"],
	bool => ['', 0, 1, 'yes', 'no', 'YES', 'true', 'maybe', 2, -1, '1 0'],
	numeric => ['', 0, 5, -1.5, '+3', '1e3', '.5', '5.', 'abc', '5x', '5 6', '0x10'],
	hash => ['', 'one', 'KEY value', 'KEY two words', '1', 'KEY'],
	addrlist => ['', 'a@example.com', '*@example.com b@example.org', 'noat',
		'*', 'a@b@c', '"q"@example.com', 'a,b@example.com'],
	template => ['', 'some text', 'with _SCORE_ and _NOSUCHTAG_', '_', ' spaced'],
	noargs => ['', 'x', '1', '  '],
	stringlist => ['', 'one', 'one two three', 'UPPER', '!x', '1 2'],
	iplist => ['', '198.18.0.1', '198.18.0.0/15', '198.18.', '!198.18.3.0/24',
		'300.1.1.1', 'word', '::1', '2001:db8::/32', '2001:db8::/129',
		'198.18.0.1/33', '[198.18.0.1]', '198.18.0.1 word', '10', '10/8',
		'198.18.0.1-198.18.0.9'],
	duration => ['', 0, 5, '3s', '2m', '4h', '1d', '1w', '1y', '-3', 'x', '3 s', '1.5h', '3S'],
	code => ['', '1', 'word', 'NAME', 'NAME 1', 'NAME word', 'NAME word word',
		'a@example.com', 'example.com', '/x/', 'NAME /x/', 'NAME /(/', 'all Name value'],
);
my @types = qw(none string bool numeric hash addrlist template noargs stringlist
	iplist duration);

# What would be done, not only read, or takes its time.
my %left_out = map { $_ => 1 } qw(time_limit);

my $n = 0;

sub write_one {
	my ($name, $text) = @_;

	$name =~ s/[^A-Za-z0-9_.-]/-/g;
	open my $fh, '>', sprintf('%s/%05d-%s.cf', $dir, ++$n, substr $name, 0, 60)
		or die "$dir: $!\n";
	binmode $fh;
	print $fh $text;
	close $fh or die "$dir: $!\n";
}

sub by_hand {
	for my $file (sort glob "$FindBin::Bin/lint/*.txt") {
		my ($name, $text);

		open my $fh, '<', $file or die "$file: $!\n";
		while (<$fh>) {
			if (/^== (.+)$/) {
				write_one($name, $text) if defined $name;
				($name, $text) = ($1, '');
			} else {
				$text .= $_;
			}
		}
		write_one($name, $text) if defined $name;
	}
}

sub generated {
	my %seen;

	for my $c (LintSite::directives()) {
		my $kind = $c->{type} ? $types[$c->{type}] // 'code' : 'code';

		for my $name ($c->{setting}, @{ $c->{aliases} || [] }) {
			next if $left_out{$name} || $seen{$name}++;
			write_one("$name-$_", "$name $values{$kind}[$_]\n")
				for 0 .. $#{ $values{$kind} };
		}
	}
}

by_hand();
print "$n by hand, ";
my $before = $n;
generated() unless $ENV{LINT_BY_HAND};
print $n - $before, " made\n";
