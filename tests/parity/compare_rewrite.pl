#!/usr/bin/perl
# Compares two outputs in the format of sa_rewrite.pl, byte for byte, but for what
# cannot be equal: time, boundary, names of host and version are masked, and lines
# of reports, which SpamAssassin orders as Perl orders a hash, are compared sorted.
#
#   compare_rewrite.pl SA MEKIKI
#
# Prints the differences; the exit status is 1 if there are any.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Judge qw(slurp escape);

@ARGV == 2 or die "usage: $0 SA MEKIKI\n";
my ($theirs, $paths) = parts($ARGV[0]);
my ($ours) = parts($ARGV[1]);
my $faults = 0;

for my $path (@$paths) {
	for my $part (qw(report rewritten)) {
		my ($sa, $us) = map { $_->{$path}{$part} // '' } $theirs, $ours;
		# Two looks: in order, without the lines that have none, and all lines
		# in an order of our own.
		my $differ = first_difference(ordered($sa), ordered($us))
			// first_difference([sort @{lines($sa)}], [sort @{lines($us)}]);
		next unless defined $differ;
		$faults++;
		print "$path: $part\n$differ";
	}
}
exit($faults ? 1 : 0);

sub parts
{
	my ($file) = @_;
	my (%parts, @paths, $path);
	my $text = slurp($file);
	for my $message (split /^(?=message \S+\nreport$)/m, $text) {
		$message =~ /\Amessage (\S+)\nreport\n(.*)\nrewritten\n(.*)\n\z/s
			or die "$file: a message without its parts\n";
		$parts{$1} = { report => mask($2), rewritten => mask($3) };
		push @paths, $1;
	}
	return (\%parts, \@paths);
}

sub mask
{
	my ($text) = @_;
	my $host = mask_host();
	$text =~ s/\b\Q$host\E\b/HOST/g;
	$text =~ s/\b2024-03-2[0-9]\b|\bmekiki [0-9]+\.[0-9]+\.[0-9]+\b/SUBVERSION/g;
	$text =~ s/----------=_[0-9A-F]{8}\.[0-9A-F]{8}/BOUNDARY/g;
	# Without folding all rows of a report are one line.
	my $end = $text =~ /\r\n/ ? "\r\n" : "\n";
	$text =~ s/ (?=\*  +-?[0-9.]+ \w)/$end\t/g;
	# The time of a scan, in the one header that has it.
	$text =~ s/^(Received: from localhost by .*?;\r?\n\t)[^\r\n]*/$1DATE/ms;
	return $text;
}

sub mask_host
{
	require Mail::SpamAssassin::Util;
	return Mail::SpamAssassin::Util::fq_hostname();
}

sub lines
{
	return [split /(?<=\n)/, $_[0]];
}

# Without the rows of _REPORT_ and _SUMMARY_ and their continuations.
sub ordered
{
	my @kept;
	my $row = 0;
	for my $line (@{lines($_[0])}) {
		$row = $line =~ /\A\t?\*? *-?[0-9.]+ \w/
			|| $row && $line =~ /\A\t?(?:\* {6,}| {20,})\S/;
		push @kept, $line unless $row;
	}
	return \@kept;
}

sub first_difference
{
	my ($a, $b) = @_;
	for my $i (0 .. ($#$a > $#$b ? $#$a : $#$b)) {
		my ($x, $y) = ($a->[$i], $b->[$i]);
		next if defined $x && defined $y && $x eq $y;
		return join '', map { "    $_->[0]: " . (defined $_->[1] ? escape($_->[1]) : '(no line)') . "\n" }
			['SA', $x], ['us', $y];
	}
	return undef;
}
