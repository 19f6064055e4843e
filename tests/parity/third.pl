#!/usr/bin/perl
# Writes the third corpus: mail that neither collection has, made by rule and by
# chance, the same for the same seed and the same installed rule files.
#
#   tests/parity/third.pl [-s SEED] [-f FAMILY,...] [-e EVERY] OUTDIR
#
# A family is a module of tests/parity/third with a function messages(), which
# returns [name, code] for each message; the code returns its octets, which become
# OUTDIR/FAMILY/NAME.eml.  Chance begins anew with each name, so that one message's
# change leaves the others as they are.
# -e N writes each Nth message of a family only.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/third";
use Chance qw(seed);
use Compress::Raw::Zlib qw(crc32);
use Getopt::Long qw(:config no_ignore_case);
use Judge;

Judge::settle($0, @ARGV);

my @families = qw(Stock Charsets Structure Html Headers Relays Bounces Attachments Octets);
my ($seed, $only, $every) = (3, '', 1);
GetOptions('s=i' => \$seed, 'f=s' => \$only, 'e=i' => \$every) && @ARGV == 1
	or die "usage: $0 [-s SEED] [-f FAMILY,...] [-e EVERY] OUTDIR\n";
my ($out) = @ARGV;
@families = split /,/, $only if $only;

mkdir $out;
for my $family (@families) {
	require "$family.pm";
	my @messages = $family->can('messages')->();
	my $dir = "$out/" . lc $family;
	mkdir $dir;
	for my $i (grep { $_ % $every == 0 } 0 .. $#messages) {
		my ($name, $code) = @{$messages[$i]};
		seed($seed + crc32("$family/$name"));
		my $text = $code->();
		open my $fh, '>:raw', "$dir/$name.eml" or die "$0: $dir/$name.eml: $!\n";
		print $fh $text;
		close $fh or die "$0: $dir/$name.eml: $!\n";
	}
	printf "%s: %d messages\n", lc $family, scalar @messages;
}
