#!/usr/bin/perl
# What reputation is worth, on the public corpus: its messages in the order in
# which they came, each scored with what the earlier ones have taught, no
# Bayes, the clock standing at the time of arrival. Reported are both error
# counts at 5.0 without and with the points of reputation, of all messages, of
# those of whose sender and links nothing was known, and of the later ones;
# then what each rule hit.
#
# The machine teaches itself here: nobody tells it which message is spam.
#
# Usage: reputation_corpus.pl BUILD_DIR, with LIST=FILE (a path a line; spam is
# what has "/spam" in its path) or the corpus in .cache; STORE=URL instead of
# the embedded store in memory; CF="line;line" for other settings. Exits 1
# unless both counts of all messages are at least as good as without.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Time::Local qw(timegm);

my $build = shift @ARGV || 'build';
my $work = tempdir(CLEANUP => 1);
my $required = 5;

# The hosts that received this mail for its readers: the last ones that a site
# of theirs would have named as its own.
my $own_hosts = 'internal_networks 127/8 10/8 172.16/12 192.168/16 ' .
	'213.105.180.140 193.120.211.219 212.17.35.15 205.210.42.30';

# ---- the messages in order ----

my %month = do { my $i = 0; map { $_ => $i++ } qw(Jan Feb Mar Apr May Jun Jul
	Aug Sep Oct Nov Dec) };

sub seconds {
	my ($text) = @_;
	my ($d, $m, $y, $H, $M, $S, $zone) = $text =~
		/(\d+)\s+(\w{3})\w*\s+(\d{4})\s+(\d+):(\d+)(?::(\d+))?\s*([-+]\d{4})?/
		or return;
	return unless exists $month{$m} && $y >= 1990 && $d >= 1 && $d <= 31 &&
		$H < 24 && $M < 60;
	my $t = eval { timegm($S || 0, $M, $H, $d, $month{$m}, $y) } or return;
	my ($sign, $zh, $zm) = ($zone || '+0000') =~ /([-+])(\d\d)(\d\d)/;
	return $t - ($sign eq '-' ? -1 : 1) * ($zh * 3600 + $zm * 60);
}

# As the scan does it: the newest Received line with a date, else Date.
sub arrival {
	my ($path) = @_;
	open my $fh, '<:raw', $path or die "$path: $!";
	my $head = '';
	while (my $line = <$fh>) {
		$line =~ s/\r$//;
		last if $line eq "\n";
		$head .= $line;
	}
	$head =~ s/\n[ \t]+/ /g;
	for my $line ($head =~ /^Received:.*;(.*)$/mig) {
		my $t = seconds($line);
		return $t if $t;
	}
	my ($date) = $head =~ /^Date:(.*)$/mi;
	return $date ? seconds($date) : undef;
}

sub paths {
	my $list = $ENV{LIST};
	if (!$list) {
		system('tools/fetch-corpus.sh .cache/corpus/public >/dev/null')
			== 0 or die "no corpus\n";
		return glob('.cache/corpus/public/*/*.txt');
	}
	open my $fh, '<', $list or die "$list: $!";
	chomp(my @all = <$fh>);
	return @all;
}

my %at;
my @all = grep { defined($at{$_} = arrival($_)) } paths();
@all = sort { $at{$a} <=> $at{$b} || $a cmp $b } @all;
open my $list, '>', "$work/list" or die $!;
print $list "$_\n" for @all;
close $list;

# ---- scored ----

# path => [score, rules, subrules]
sub scores {
	my @how = @_;
	my @cf = map { ('--cf', $_) } 'use_bayes 0', 'store_timeout 10',
		$own_hosts,
		'store ' . ($ENV{STORE} || 'memory:'),
		grep { length } split /;/, $ENV{CF} || '';
	my %of;
	open my $from, '-|', "$build/mekiki", 'masscheck', '-L', '--subrules',
		'--own-rules=rules', @how, @cf, "$work/list" or die $!;
	while (<$from>) {
		chomp;
		my ($path, $score, $rules, $subrules) = split /\t/, $_, -1;
		$of{$path} = [$score, $rules, $subrules] if length $score;
	}
	close $from or die "masscheck failed\n";
	return \%of;
}

my $without = scores('-j2');
my $with = scores('--remember', '--by-date');

# ---- counted ----

my (%n, %wrong, %rule);
for my $path (@all) {
	my ($x, $y) = ($without->{$path}, $with->{$path});
	die "$path was not scored\n" unless $x && $y;
	my $is = $path =~ m{/spam} ? 'spam' : 'ham';
	my $known = $y->[2] =~ /\b__MEKIKI_REP_KNOWN\b/ ? 'later' : 'first';
	for my $group ('all', $known) {
		$n{$group}{$is}++;
		for (['without', $x], ['with', $y]) {
			my ($way, $result) = @$_;
			my $says = $result->[0] >= $required ? 'spam' : 'ham';
			$wrong{$group}{$is}{$way}++ if $says ne $is;
		}
	}
	$rule{$_}{$is}++ for $y->[1] =~ /\b(MEKIKI_REP_\w+)/g;
}

sub wrong {
	my ($group, $is, $way) = @_;
	return $wrong{$group}{$is}{$way} || 0;
}

printf "%-26s %22s %22s\n", scalar(@all) . ' messages',
	'ham taken for spam', 'spam taken for ham';
for (['all', 'all'], ['first', 'nothing known before'], ['later', 'later']) {
	my ($group, $name) = @$_;
	printf "%-26s", $name;
	for my $is (qw(ham spam)) {
		printf " %6d -> %4d of %5d", (map { wrong($group, $is, $_) }
			qw(without with)), $n{$group}{$is} || 0;
	}
	print "\n";
}
printf "\n%-30s %6s %6s\n", 'rule', 'ham', 'spam';
printf "%-30s %6d %6d\n", $_, $rule{$_}{ham} || 0, $rule{$_}{spam} || 0
	for sort keys %rule;
for my $is (qw(ham spam)) {
	exit 1 if wrong('all', $is, 'with') > wrong('all', $is, 'without');
}
