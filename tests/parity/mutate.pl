#!/usr/bin/perl
# Writes damaged and altered versions of real messages, for comparing both
# readings of mail that nobody collected:
#
#   tests/parity/mutate.pl [-s SEED] [-n COUNT] [-m NAME,...] LIST... DIR
#
# LIST holds a path a line.  COUNT times a list is chosen, and a message of it of
# no more than 40,000 octets; it gets one to four of the mutations of Mutations.pm
# (or of those named) and is written to DIR as NUMBER-NAMES.eml.  The same seed
# and lists give the same files.  Then: make parity CORPUS=DIR; `make
# mutations-parity` does all of it for many.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Getopt::Long qw(:config no_ignore_case);
use Mutations qw(seed rnd pick mutation_names mutate);

my ($seed, $count, $named) = (1, 1000, '');
GetOptions('s=i' => \$seed, 'n=i' => \$count, 'm=s' => \$named) && @ARGV >= 2
	or die "usage: mutate.pl [-s SEED] [-n COUNT] [-m NAME,...] LIST... DIR\n";
my $dir = pop @ARGV;
my $largest = 40_000;
my @lists = map { read_list($_) } @ARGV;
my @names = $named ? split(/,/, $named) : mutation_names();


seed($seed);
mkdir $dir;
for my $n (1 .. $count) {
	my ($text, $donor) = (a_message(), a_message());
	my @used = map { pick(@names) } 0 .. rnd(4);
	$text = mutate($_, $text, $donor) for @used;
	my $out = sprintf '%s/%05d-%s.eml', $dir, $n, join '-', @used;
	open my $to, '>:raw', $out or die "$out: $!\n";
	print $to $text;
	close $to or die "$out: $!\n";
}

sub read_list
{
	my ($list) = @_;
	open my $in, '<', $list or die "$list: $!\n";
	chomp(my @paths = <$in>);
	@paths = grep { -f && -s _ <= $largest } @paths;
	die "$list: no message of at most $largest octets\n" unless @paths;
	return \@paths;
}

sub a_message
{
	my $path = pick(@{pick(@lists)});
	open my $fh, '<:raw', $path or die "$path: $!\n";
	local $/;
	return scalar(<$fh>) // '';
}
