#!/usr/bin/perl
# Asks the real SpamAssassin's Bayes for the probability of messages whose tokens
# have random counts, through its own scan with a store made up here, and compares
# it with bayes_dump: the probability to 1e-9, how many tokens were learned and
# used, and the distances of these.
#
#   sa_bayes.pl BAYES_DUMP [CASES]
use strict;
use warnings;
use File::Temp qw(tempfile);
use FindBin;
use lib $FindBin::Bin;
use Judge ();

my ($dump, $cases) = (@ARGV, 300);
die "usage: $0 BAYES_DUMP [CASES]\n" unless defined $dump && -x $dump;
Judge::settle($0, @ARGV);
$Judge::OVERRIDES = "bayes_min_spam_num 1\nbayes_min_ham_num 1\n";

package Counts {
	our ($ns, $nh, @tokens);
	sub tie_db_readonly { 1 }
	sub untie_db { }
	sub db_readable { 0 }
	sub nspam_nham_get { ($ns, $nh) }
	sub tok_get_all { return [ grep { $_->[1] + $_->[2] } @tokens ] }
	sub tok_touch_all { }
	sub cleanup { }
	sub get_magic_re { undef }
}

my $sa = Judge::spamassassin();
my ($bayes) = grep { ref($_) =~ /::Bayes$/ } @{$sa->{plugins}->{plugins}}
	or die "$0: there is no Bayes\n";
$bayes->{store} = bless {}, 'Counts';
$sa->{bayes_scanner} = bless {}, 'Scanner';
no warnings qw(once redefine);
*Scanner::ignore_message = sub { 0 };
*Mail::SpamAssassin::Plugin::Bayes::tokenize = sub { return { map { $_->[0] => $_->[0] } @Counts::tokens } };
*Mail::SpamAssassin::Plugin::Bayes::_get_msgdata_from_permsgstatus = sub { return {} };
*Mail::SpamAssassin::Plugin::Bayes::_opportunistic_calls = sub { };

srand 5;
my (@lines, @expected);
for my $case (1 .. $cases) {
	my $hapaxes = rand() < 0.8 ? 1 : 0;
	($Counts::ns, $Counts::nh) = map { 1 + int exp rand 12 } 1, 2;
	my $most = (1, 5, 50, 400, 1500)[rand 5];
	my $lean = rand();
	@Counts::tokens = map {
		my ($s, $h) = (int(exp(rand 6) - 1), int(exp(rand 6) - 1));
		$s = 0 if rand() > $lean;
		$h = 0 if rand() < $lean * 0.8;
		[ "t$_", min($s, $Counts::ns), min($h, $Counts::nh), 0 ]
	} 1 .. 1 + int rand $most;
	push @lines, "$Counts::ns $Counts::nh $hapaxes" .
		join('', map { " $_->[1]:$_->[2]" } @Counts::tokens) . "\n";
	$bayes->{use_hapaxes} = $hapaxes;
	my %tags;
	my $pms = bless { tags => \%tags }, 'Status';
	my $score = $bayes->scan($pms, bless {}, 'Status');
	push @expected, [ $score // -1, map({ $tags{$_} // 0 } qw(BAYESTCLEARNED BAYESTCSPAMMY
		BAYESTCHAMMY)), map({ my $c = $_; $bayes->_compute_declassification_distance(
		$Counts::ns, $Counts::nh, $c->[2], $c->[3], $c->[1]) }
		@{$pms->{bayes_token_info_spammy} || []}, @{$pms->{bayes_token_info_hammy} || []}) ];
}
sub min { $_[0] < $_[1] ? $_[0] : $_[1] }
sub Status::set_tag { $_[0]{tags}{$_[1]} = $_[2] }
sub Status::receive_date { 0 }

my ($to, $name) = tempfile(UNLINK => 1);
print $to @lines;
close $to;
my @got = map { [split] } qx{'$dump' <'$name'};
my ($bad, $worst, $told) = (0, 0, 0);
for my $i (0 .. $#expected) {
	my ($e, $g) = ($expected[$i], $got[$i] || [-9]);
	my $off = abs($e->[0] - $g->[0]);
	$worst = $off if $off > $worst;
	$told++ if $e->[0] >= 0;
	# Equal strengths come in any order in SpamAssassin.
	my ($x, $y) = map { my @l = @$_; join ' ', @l[1 .. 3], sort @l[4 .. $#l] } $e, $g;
	next if $off < 1e-9 && $x eq $y;
	print "case $i: expected @$e[0..3], got @{$g}[0..3]\n" if $bad++ < 5;
}
printf "%d cases, %d with a probability, %d differ, at most by %.1g\n",
	scalar @expected, $told, $bad, $worst;
exit($bad || $told < 50 || @got != @expected ? 1 : 0);
