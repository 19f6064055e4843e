#!/usr/bin/perl
# Compares two outputs in the format of sa_views.pl, section by section.
#
#   compare_views.pl [--examples N] [--only SECTION[,SECTION...]] SA MEKIKI
#
# All `[html N]` of a message count as one section.  Numbers (value and dates
# lines) that agree to five significant digits are equal.
use strict;
use warnings;
use Getopt::Long;

my ($examples, $only) = (3, '');
GetOptions('examples=i' => \$examples, 'only=s' => \$only) && @ARGV == 2
	or die "usage: $0 [--examples N] [--only SECTION[,SECTION...]] SA MEKIKI\n";
my %only = map { $_ => 1 } split /,/, $only;

my ($ours, $order) = (read_views($ARGV[1]))[0, 2];
my ($theirs, $paths, $sections) = read_views($ARGV[0]);
my (%compared, %differs, %shown);

for my $path (@$paths) {
	for my $section (keys %{$theirs->{$path}}) {
		$compared{$section}++;
		my $diff = first_difference($theirs->{$path}{$section},
					    $ours->{$path}{$section});
		next unless defined $diff;
		$differs{$section}++;
		push @{$shown{$section}}, "  $path\n$diff" if @{$shown{$section} || []} < $examples;
	}
}

for my $section (grep { !%only || $only{$_} } @$sections) {
	printf "[%s] %d of %d messages differ\n", $section, $differs{$section} || 0,
		$compared{$section} || 0;
	print @{$shown{$section} || []};
}

# path -> section -> lines; the paths and the sections in their order.
sub read_views
{
	my ($file) = @_;
	my (%views, @paths, @sections, %known, $path, $section);
	open my $fh, '<', $file or die "$0: $file: $!\n";
	while (<$fh>) {
		chomp;
		if (/\Amessage (.*)/) {
			($path, $section) = ($1, '');
			push @paths, $path;
		} elsif (/\A\[([a-z]+)( [0-9]+)?\]\z/) {
			$section = $1;
			push @sections, $section unless $known{$section}++;
			$views{$path}{$section} ||= [];
			push @{$views{$path}{$section}}, $_ if defined $2;
		} elsif (defined $path) {
			push @{$views{$path}{$section || 'died'}}, $_;
		}
	}
	# The order of links is that of characters on one side, of octets on the other.
	for my $sections (values %views) {
		$sections->{uris} = [sort @{$sections->{uris}}] if $sections->{uris};
	}
	return (\%views, \@paths, \@sections);
}

sub first_difference
{
	my ($theirs, $ours) = @_;
	return "    mekiki has no such section\n" unless $ours;
	for my $i (0 .. ($#$theirs > $#$ours ? $#$theirs : $#$ours)) {
		next if same($theirs->[$i], $ours->[$i]);
		return join '', map { "    $_\n" } around($theirs->[$i], $ours->[$i], $i);
	}
	return undef;
}

sub same
{
	my ($a, $b) = @_;
	return 0 unless defined $a && defined $b;
	return 1 if $a eq $b;
	my @a = split /\t/, $a, -1;
	my @b = split /\t/, $b, -1;
	return 0 if @a != @b || $a[0] !~ /\A(?:value|header|diff|chosen)\z/;
	for my $i (0 .. $#a) {
		next if $a[$i] eq $b[$i];
		my $number = qr/\A-?[0-9.]+(?:e[-+]?[0-9]+)?\z/;
		return 0 unless $a[$i] =~ $number && $b[$i] =~ $number;
		return 0 unless abs($a[$i] - $b[$i]) <= 1e-5 * abs $a[$i];
	}
	return 1;
}

# Both lines from a little before the place where they part.
sub around
{
	my ($a, $b, $i) = @_;
	$a //= '(no line)';
	$b //= '(no line)';
	my $common = 0;
	$common++ while $common < length $a && $common < length $b
		&& substr($a, $common, 1) eq substr($b, $common, 1);
	my $from = $common > 60 ? $common - 40 : 0;
	return ("line " . ($i + 1) . ($from ? ", from column $from" : ''),
		map { s/\t/<TAB>/gr } 'SA: ' . substr($a, $from, 160),
		'us: ' . substr($b, $from, 160));
}
