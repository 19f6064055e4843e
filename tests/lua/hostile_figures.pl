#!/usr/bin/perl
# Hostile scripts in figures: what each file of hostile/ costs the messages of
# a daemon that has it among its rules, with the default budget of time.
#
# Three daemons with two workers each, and the same honest rules (in files and
# in Lua, loaded before and behind): one with the hostile file, and two without
# it. They get the same stream of messages by turns, one at a time, so that
# whatever else the machine does hits all three. The difference between the two
# without the file is the noise.
#
# For each file:
#	honest	verdicts of the honest rules that were the same / messages
#	worst	the slowest answer until the rule is disabled, in budgets
#		beyond what the same message ordinarily takes: at most 4
#	in 2	answers within two budgets and the ordinary time / messages
#	strikes, off	strikes; after which message the rule was disabled
#	p99	from then on, in ms: without, with the file; at most twice as much
#	noise	p99 of one daemon without the file over that of the other
#	lost	workers: at most 1
#
# Usage: hostile_figures.pl [NAME...]; MESSAGES=N for the p99 (default 300).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../wire";
use List::Util qw(max);
use IO::Handle;
use Time::HiRes qw(time);
use Wire;

my $budget = 0.1;
my $first = 14;			# messages in which a rule must be disabled
my $many = $ENV{MESSAGES} || 300;
my @names = @ARGV ? @ARGV :
	sort map { /(\w+)\.lua$/ } glob "$FindBin::Bin/hostile/*.lua";
my %total = map { $_ => 0 } qw(files failed messages honest in2 disabled lost);
my ($worst_of_all, @ratios, @noises) = (0);

# ---- the stream ----

sub mail {
	my ($i, $text, $type) = @_;
	my $long = 'a' x 3000;
	return <<"M";
Received: from out.example.com (out.example.com [192.0.2.7])
	by mx.example.net (Postfix) with ESMTP id 4ABC; Tue, 24 Nov 2026 10:00:0$i +0000
From: Alice <alice$i\@example.com>
To: bob\@example.net
Subject: hello number $i
Message-ID: <$i.figures\@example.com>
X-Long: ${long}b
MIME-Version: 1.0
Content-Type: $type; charset=utf-8

$text
M
}

my $lines = join '', map { "Line $_ has some words, and a link to http://www.example.org/$_.\n" } 1 .. 20;
my @mails = (
	mail(1, "This is the text of number 1.\n" . ('a' x 3000) . 'b', 'text/plain'),
	mail(2, $lines, 'text/plain'),
	mail(3, "<p>$lines</p><a href='http://www.example.org/3'>text</a>" x 5, 'text/html'),
	mail(4, $lines x 20, 'text/plain'),
	slurp("$FindBin::Bin/sample.eml"),
);

# The answer to message number n of the stream: its honest rules, and the
# seconds it took.
sub ask {
	my ($d, $n) = @_;
	my $mail = $mails[$n % @mails];
	my $began = time;
	my $reply = talk($d, "SYMBOLS SPAMC/1.5\r\nContent-length: " . length($mail) .
		"\r\n\r\n$mail", half_close => 1, seconds => 60);
	my $took = time - $began;
	my ($body) = $reply =~ /\A\S+ 0 EX_OK.*?\r\n\r\n(.*)/s;
	my $hits = join ',', grep { /^HONEST/ } split /[,\s]+/, $body // 'no answer';
	return ($hits, $took);
}

sub quantile {
	my ($q, @v) = @_;
	@v = sort { $a <=> $b } @v;
	return $v[$q * $#v + 0.5];
}

# ---- the daemons ----

sub honest {
	my ($suffix) = @_;
	return <<"L";
rspamd_config.HONEST_LIBRARY_$suffix = { score = 0.1, callback = function(task)
	return string.find('a,b', ',') == 2 and ('x'):rep(3) == 'xxx' and ('a b'):match('%S+') == 'a'
		and string.format('%d', 3) == '3' and select('#', 1, 2) == 2 and tostring(1) == '1'
end }
rspamd_config.HONEST_TASK_$suffix = { score = 0.1, callback = function(task)
	local n = 0
	for _, part in ipairs(task:get_text_parts()) do n = n + part:get_length() end
	return n > 0 and task:get_header('Subject') ~= nil and #task:get_from('mime') == 1
end }
L
}

sub start {
	my ($name, $hostile) = @_;
	my $dir = workdir() . "/$name";
	mkdir "$dir$_" for '', '/rules', '/site';
	spit("$dir/rules/10.cf", "body HONEST_CF /text|words/\nscore HONEST_CF 1\n" .
		"meta HONEST_META HONEST_CF && HONEST_TASK_A && HONEST_TASK_Z\n");
	spit("$dir/site/$_.lua", honest(uc)) for qw(a z);
	spit("$dir/site/hostile.lua", $hostile) if $hostile;
	return start_mekikid(name => $name, rules => "$dir/rules", site => "$dir/site",
		workers => 2);
}

my ($without, $again) = (start('without'), start('again'));
my (@want, @usual);
for my $i (0 .. $#mails) {
	my @times;
	for (1 .. 15) {
		($want[$i], $times[$_ - 1]) = ask($without, $i);
		ask($again, $i);
	}
	die "the honest rules alone fail: $want[$i]" if $want[$i] !~ /HONEST_TASK_A.*HONEST_TASK_Z/;
	$usual[$i] = quantile(0.5, @times);
}

# ---- one file ----

sub strikes_of {
	my ($log) = @_;
	my $spent = () = $log =~ /rule HOSTILE: its budget of /g;
	my $lost = () = $log =~ /worker \d+ [\w ]+ (?:before it began|in) request|an idle worker/g;
	my $disabled = () = $log =~ /HOSTILE.*is disabled until/g;
	return ($spent, $lost, $disabled);
}

# The stream until the rule is disabled.
sub strike_phase {
	my ($d, $r) = @_;
	for my $i (0 .. $first - 1) {
		my ($got, $took) = ask($d, $i);
		my $delay = ($took - $usual[$i % @mails]) / $budget;
		$r->{messages}++;
		$r->{honest}++ if $got eq $want[$i % @mails];
		$r->{in2}++ if $delay <= 2;
		$r->{worst} = max($r->{worst}, $delay);
		return if (strikes_of(log_of($d)))[2] && ($r->{off} = $i + 1);
	}
}

# And then all three by turns.
sub quiet_phase {
	my ($d, $r) = @_;
	my @turns = ([ with => $d ], [ without => $without ], [ again => $again ]);
	my %times;
	for my $i (0 .. $many - 1) {
		push @turns, shift @turns;	# nobody is always the first
		for my $whom (@turns) {
			my ($got, $took) = ask($whom->[1], $i);
			push @{ $times{ $whom->[0] } }, $took;
			next if $whom->[0] ne 'with';
			$r->{messages}++;
			$r->{honest}++ if $got eq $want[$i % @mails];
			$r->{in2}++ if $took <= 2 * $budget + $usual[$i % @mails];
		}
	}
	my ($one, $two) = map { quantile(0.99, @{ $times{$_} }) } qw(without again);
	$r->{p99} = quantile(0.99, @{ $times{with} });
	$r->{p99_without} = quantile(0.99, map { @{ $times{$_} } } qw(without again));
	$r->{noise} = $one > $two ? $one / $two : $two / $one;
}

sub faults {
	my ($r) = @_;
	my @faults;
	push @faults, 'honest rules differ' if $r->{honest} < $r->{messages};
	push @faults, 'an answer took more than 4 budgets' if $r->{worst} > 4;
	push @faults, 'it was not disabled' if $r->{how} eq 'spent' && !$r->{off};
	push @faults, 'slow afterwards'
		if $r->{off} && $r->{p99} > 2 * $r->{p99_without};
	push @faults, "$r->{lost} workers lost" if $r->{lost} > 1;
	return @faults;
}

printf "%-18s %-5s %9s %6s %9s %7s %3s %15s %5s %4s\n", 'file', 'ends', 'honest',
	'worst', 'in 2', 'strikes', 'off', 'p99 (ms)', 'noise', 'lost';
for my $name (@names) {
	my $text = slurp("$FindBin::Bin/hostile/$name.lua");
	my ($how) = $text =~ /^--! (\w+)/m or die "$name: no '--!'";
	my %r = (how => $how, messages => 0, honest => 0, in2 => 0, worst => 0, off => 0);
	my $d = start($name, $text);
	strike_phase($d, \%r);
	quiet_phase($d, \%r);
	my ($spent, $lost) = strikes_of(log_of($d));
	stop_daemon($d);
	$r{lost} = $lost;
	my @faults = faults(\%r);

	printf "%-18s %-5s %4d/%4d %6.2f %4d/%4d %7d %3s %6.2f / %6.2f %5.2f %4d%s\n",
		$name, $how, $r{honest}, $r{messages}, $r{worst}, $r{in2}, $r{messages},
		$spent + $lost, $r{off} || '-', 1e3 * $r{p99_without}, 1e3 * $r{p99},
		$r{noise}, $lost, @faults ? '  FAIL: ' . join('; ', @faults) : '';
	STDOUT->flush;
	$total{files}++;
	$total{failed} += !!@faults;
	$total{disabled} += !!$r{off};
	$total{$_} += $r{$_} for qw(messages honest in2 lost);
	$worst_of_all = max($worst_of_all, $r{worst});
	push @ratios, $r{p99} / $r{p99_without} if $r{off};
	push @noises, $r{noise};
}
printf "%d files, %d failed: honest verdicts %d of %d, answers within 2 budgets %d, slowest %.2f budgets, " .
	"%d rules disabled (p99 afterwards %.2f times that without, at most %.2f; noise %.2f, at most %.2f), " .
	"%d workers lost\n",
	@total{qw(files failed honest messages in2)}, $worst_of_all, $total{disabled},
	@ratios ? (quantile(0.5, @ratios), max(@ratios)) : (0, 0),
	quantile(0.5, @noises), max(@noises), $total{lost};
exit($total{failed} ? 1 : 0);
