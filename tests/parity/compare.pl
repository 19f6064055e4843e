#!/usr/bin/perl
# Compares SpamAssassin's answers (sa_score.pl) with those of
# `mekiki masscheck -L --no-own-rules --subrules` for the same messages.
#
#   compare.pl [--top N] [--rule NAME] [--differing] [--min-rules PERCENT]
#              [--min-subrules PERCENT] SA.tsv MEKIKI.tsv
#
# Prints how many messages agree, and for scored rules and subrules each a table
# of those that differ most: in how many messages SpamAssassin hits and we do not
# (missed), we hit and it does not (extra), both hit but not equally often
# (count), with an example.  --rule NAME prints every message where that rule
# differs instead; --differing prints every message that is not the same in all
# three, and what differs.  The exit status is 0; with --min-rules it is 1 if
# fewer messages than PERCENT have the same scored rules and score, and so for
# --min-subrules.
use strict;
use warnings;
use Getopt::Long;

my ($top, $only, $differing, $min_rules, $min_subrules) = (40, undef, 0, 0, 0);
GetOptions('top=i' => \$top, 'rule=s' => \$only, 'differing' => \$differing,
	   'min-rules=f' => \$min_rules, 'min-subrules=f' => \$min_subrules) && @ARGV == 2
	or die "usage: $0 [--top N] [--rule NAME] [--differing] [--min-rules PERCENT] "
		. "[--min-subrules PERCENT] SA.tsv MEKIKI.tsv\n";

my ($theirs, $order) = read_answers($ARGV[0]);
my ($ours) = read_answers($ARGV[1]);
my %same = map { $_ => 0 } qw(rules score verdict subrules all);
my ($compared, $absent, $unjudged) = (0, 0, 0);
# kind -> rule -> missed, extra, count, example, paths
my %table = (rules => {}, subrules => {});

for my $path (@$order) {
	my ($sa, $us) = ($theirs->{$path}, $ours->{$path});
	if ($sa->{score} eq '-') {
		$unjudged++;
		next;
	}
	$compared++;
	if (!$us) {
		$absent++;
		next;
	}
	my $rules = tally('rules', $path, $sa, $us);
	my $subrules = tally('subrules', $path, $sa, $us);
	my $score = $us->{score} ne '-' && abs($sa->{score} - $us->{score}) < 0.0005;
	$same{rules}++ if !$rules;
	$same{score}++ if $score;
	$same{verdict}++ if !$rules && $score;
	$same{subrules}++ if !$subrules;
	$same{all}++ if !$rules && $score && !$subrules;
	show_message($path, $sa, $us, $score, $rules, $subrules)
		if $differing && ($rules || $subrules || !$score);
}
die "$0: no message was compared\n" unless $compared;

if (defined $only) {
	show_rule($only);
	exit 0;
}
exit 0 if $differing;
summary();
table('rules', 'Scored rules');
table('subrules', 'Subrules');
exit(percent('verdict') < $min_rules || percent('subrules') < $min_subrules ? 1 : 0);

sub read_answers
{
	my ($file) = @_;
	my (%answer, @order);
	open my $fh, '<', $file or die "$0: $file: $!\n";
	while (<$fh>) {
		chomp;
		my ($path, $score, $rules, $subrules) = split /\t/, $_, -1;
		die "$0: $file:$.: expected path, score, rules and subrules, parted by TABs\n"
			unless defined $rules;
		push @order, $path unless $answer{$path};
		$answer{$path} = { score => $score, rules => $rules,
				   subrules => $subrules // '' };
	}
	return (\%answer, \@order);
}

# Enters a message's differences into the table of its kind; how many there are.
sub tally
{
	my ($kind, $path, $sa, $us) = @_;
	return 0 if $sa->{$kind} eq $us->{$kind};
	my (%sa, %us);
	$sa{$_}++ for split /,/, $sa->{$kind};
	$us{$_}++ for split /,/, $us->{$kind};
	my $n = 0;
	for my $name (keys %{{ %sa, %us }}) {
		my ($s, $u) = ($sa{$name} || 0, $us{$name} || 0);
		next if $s == $u;
		my $row = $table{$kind}{$name} ||= { missed => 0, extra => 0, count => 0 };
		my $how = !$u ? 'missed' : !$s ? 'extra' : 'count';
		$row->{$how}++;
		# The shortest example is the easiest to look into.
		my $size = -s $path // 0;
		if (!$row->{example} || $size < $row->{size}) {
			@$row{qw(example size)} = ($path, $size);
		}
		push @{$row->{paths}}, "$how\tSA $s, us $u\t$path" if defined $only;
		$n++;
	}
	return $n;
}

sub show_message
{
	my ($path, $sa, $us, $score, $rules, $subrules) = @_;
	print "$path\n";
	print "  score: SA $sa->{score}, us $us->{score}\n" unless $score;
	for my $kind ($rules ? 'rules' : (), $subrules ? 'subrules' : ()) {
		my %n;
		$n{$_}++ for split /,/, $us->{$kind};
		$n{$_}-- for split /,/, $sa->{$kind};
		print "  $kind:", (map { sprintf ' %s%s', $n{$_} > 0 ? '+' : '-', $_ }
				   grep { $n{$_} } sort keys %n), "\n";
	}
}

sub show_rule
{
	my ($name) = @_;
	my $row = $table{rules}{$name} || $table{subrules}{$name};
	print $row ? map { "$_\n" } sort @{$row->{paths}} : "$name never differs\n";
}

sub percent
{
	return 100 * $same{$_[0]} / $compared;
}

sub summary
{
	print "$compared messages compared";
	print ", of which mekiki did not answer $absent" if $absent;
	print "; SpamAssassin itself did not answer $unjudged more" if $unjudged;
	print "\n";
	my @rows = ([rules => 'same scored rules'], [score => 'same score'],
		    [verdict => 'same scored rules and score'],
		    [subrules => 'same subrules'], [all => 'same in everything']);
	printf "  %-30s %6d  %6.2f %%\n", $_->[1], $same{$_->[0]}, percent($_->[0]) for @rows;
}

sub table
{
	my ($kind, $title) = @_;
	my $rows = $table{$kind};
	my @names = sort { weight($rows->{$b}) <=> weight($rows->{$a}) || $a cmp $b } keys %$rows;
	printf "\n%s that differ: %d%s\n", $title, scalar @names,
		@names > $top ? ", the first $top" : '';
	return unless @names;
	splice @names, $top if @names > $top;
	printf "  %-32s %7s %7s %7s  %s\n", qw(rule missed extra count example);
	printf "  %-32s %7d %7d %7d  %s\n", $_, @{$rows->{$_}}{qw(missed extra count example)}
		for @names;
}

sub weight
{
	my ($row) = @_;
	return $row->{missed} + $row->{extra} + $row->{count};
}
