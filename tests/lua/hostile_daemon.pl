#!/usr/bin/perl
# Hostile scripts in the real daemon, all of those that take what they can get
# (time, memory, the log) one after the other: every request is answered, with
# what the honest rules make of it; none waits longer than four budgets (plus
# what an ordinary one takes); the rule is disabled after three strikes, counted
# over both workers, and then answers are as quick as before; no worker is lost
# more than once.
#
# Usage: hostile_daemon.pl [NAME...]
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../wire";
use Time::HiRes qw(time);
use Wire;

my $san = build_dir() =~ /san/;
my $budget = $san ? 1 : 0.1;
my @default = qw(loop loop_pcall handler_catches close_kept pattern regexp_object
	memory_caught memory_kept recursion_pcall results coroutine_loop log_caught conditions
	compare poison_globals task_parts_after yield);
my @names = @ARGV ? @ARGV : @default;
my ($passed, $failed) = (0, 0);

my $message = <<"M";
From: Alice <alice\@example.com>
To: bob\@example.net
Subject: hello
Message-ID: <daemon.hostile\@example.com>
Content-Type: text/plain

Some text.
M
my $request = "SYMBOLS SPAMC/1.5\r\nContent-length: " . length($message) .
	"\r\n\r\n$message";

# One request: the honest rules of the answer, and the seconds it took.
sub ask {
	my ($d) = @_;
	my $began = time;
	my $reply = talk($d, $request, half_close => 1, seconds => 30);
	my $took = time - $began;
	my ($body) = $reply =~ /\A\S+ 0 EX_OK.*?\r\n\r\n(.*)/s;
	my $hits = join ',', grep { /^HONEST/ } split /[,\s]+/, $body // 'no answer';
	return ($hits, $took);
}

sub median { my @v = sort { $a <=> $b } @_; return $v[$#v / 2] }

for my $name (@names) {
	my $dir = workdir() . "/$name";
	mkdir $dir;
	mkdir "$dir/rules";
	mkdir "$dir/site";
	spit("$dir/rules/10.cf", "body HONEST_CF /text/\nscore HONEST_CF 1\n");
	spit("$dir/site/a.cf", "lua_time_limit $budget\n");
	spit("$dir/site/$_.lua", "rspamd_config.HONEST_\U$_\E = { score = 1, callback = " .
		"function(task) return ('x'):rep(2) == 'xx' and task:get_header('Subject') == 'hello' end }\n")
		for qw(a z);
	my $d = start_mekikid(name => $name, rules => "$dir/rules", site => "$dir/site",
		workers => 2);
	my ($want) = ask($d);
	my $usual = median(map { (ask($d))[1] } 1 .. 9);
	stop_daemon($d);

	spit("$dir/site/hostile.lua", slurp("$FindBin::Bin/hostile/$name.lua"));
	$d = start_mekikid(name => $name, rules => "$dir/rules", site => "$dir/site",
		workers => 2);
	my @faults;
	my @times;
	for (1 .. 12) {
		my ($got, $took) = ask($d);
		push @faults, "'$got' instead of '$want'" if $got ne $want;
		push @times, $took;
	}
	my ($slowest) = sort { $b <=> $a } @times;
	my $later = median(map { (ask($d))[1] } 1 .. 9);
	my $log = log_of($d);
	my ($how) = slurp("$FindBin::Bin/hostile/$name.lua") =~ /^--! (\w+)/m;
	my $killed = () = $log =~ /worker \d+ [\w ]+ (?:before it began|in) request|an idle worker/g;
	my $disabled = () = $log =~ /HOSTILE.*is disabled until/g;

	push @faults, "the honest rules are '$want'" if $want !~ /HONEST_A.*HONEST_CF.*HONEST_Z/;
	push @faults, sprintf('an answer took %.2f s (%.3f without)', $slowest, $usual)
		if $slowest > 4 * $budget + 10 * $usual + 0.1;
	push @faults, "$killed workers lost" if $killed > 1;
	push @faults, "disabled $disabled times" if $how eq 'spent' && $disabled != 1;
	push @faults, sprintf('%.4f s an answer when it is disabled, %.4f without it', $later, $usual)
		if $disabled && $later > 2 * $usual + 0.01;
	stop_daemon($d);
	$passed++, next unless @faults;
	$failed++;
	print "not ok $name: ", join('; ', @faults), "\n",
		map { substr($_, 0, 200) . "\n" } grep { defined } (split /\n/, $log)[0 .. 15];
}
print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
