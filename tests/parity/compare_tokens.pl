#!/usr/bin/perl
# Reads two outputs in the form of sa_tokens.pl and says in how many messages
# each section differs, with examples: -, in the first only; +, in the second only.
#
#   compare_tokens.pl [--examples N] SA MEKIKI
#
# The exit status is 1 if anything differs or if there was nothing to compare.
use strict;
use warnings;
use Getopt::Long;

my $examples = 20;
GetOptions('examples=i' => \$examples) && @ARGV == 2
	or die "usage: $0 [--examples N] SA MEKIKI\n";
my ($n, $bad, %differ) = (0, 0);
my @in = map { open my $fh, '<:raw', $_ or die "$0: $_: $!\n"; { fh => $fh } } @ARGV;
for (;;) {
	my ($sa, $our) = map { message($_) } @in;
	last unless $sa || $our;
	die "$0: not the same messages\n"
		unless $sa && $our && $sa->{name} eq $our->{name};
	$n++;
	compare($sa, $our);
}
printf "%d messages, %d differ%s\n", $n, $bad,
	join '', map { "; $_: $differ{$_}" } sort keys %differ;
exit($bad || !$n ? 1 : 0);

# The next message: its name and its sections, each a list of lines.
sub message
{
	my ($in) = @_;
	my $fh = $in->{fh};
	$in->{next} = <$fh> unless defined $in->{next};
	return undef unless defined $in->{next};
	my %m = (name => $in->{next}, sections => {});
	my $section = 'none';
	while (defined($in->{next} = <$fh>)) {
		last if $in->{next} =~ /^message /;
		chomp(my $line = $in->{next});
		if ($line =~ /^\[(\w+)\]$/) {
			$section = $1;
			$m{sections}{$section} = [];
		} else {
			push @{$m{sections}{$section}}, $line;
		}
	}
	return \%m;
}

sub compare
{
	my ($sa, $our) = @_;
	my %names = (%{$sa->{sections}}, %{$our->{sections}});
	my @found;
	for my $section (sort keys %names) {
		my @a = @{$sa->{sections}{$section} // ['!no such section']};
		my @b = @{$our->{sections}{$section} // ['!no such section']};
		next if join("\n", @a) eq join("\n", @b);
		$differ{$section}++;
		my (%a, %b);
		@a{@a} = ();
		@b{@b} = ();
		push @found, map { "[$section] -$_" } grep { !exists $b{$_} } @a;
		push @found, map { "[$section] +$_" } grep { !exists $a{$_} } @b;
		push @found, "[$section] order or doubles" unless @found;
	}
	return unless @found;
	$bad++;
	return if $examples-- <= 0;
	splice @found, 12, @found, '...' if @found > 12;
	print $sa->{name}, map { "  $_\n" } @found;
}
