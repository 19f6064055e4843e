#!/usr/bin/perl
# Hostile scripts: each file of hostile/ is loaded between two honest ones, and
# a few messages are scored with it. Whatever it does, the honest rules (in
# Lua, before and behind it, and in rule files) must hit as they do without
# it, the program must live, the log must say what happened, and the CPU time
# must stay within four budgets a message until the rule is disabled.
#
# The second line of a file says how its rule ends:
#	--! spent [RE]	a budget is spent: three strikes, then it is disabled
#	--! error [RE]	an error, told once with the message's id
#	--! load [RE]	the file's fault, told when it is loaded
#	--! ends [RE]	nothing happens: no error, no budget
#	--! warns	nothing, but the log has lines about its arguments
#	--! any [RE]	one of these
# RE is looked for in the log.
#
# Usage: hostile.pl BUILD [NAME...]
use strict;
use warnings;
use File::Basename qw(dirname basename);
use File::Temp qw(tempdir);

my $build = shift // 'build';
my $here = dirname(__FILE__);
my $dir = tempdir(CLEANUP => 1);
my $san = $build =~ /san/;
my $budget = $san ? 0.4 : 0.05;
my $messages = 6;
my ($passed, $failed) = (0, 0);

sub spew { my ($p, $t) = @_; open my $f, '>', $p or die "$p: $!"; print $f $t; close $f }
sub slurp { my ($p) = @_; open my $f, '<', $p or return ''; local $/; my $t = <$f>; return $t // '' }

mkdir "$dir/$_" for qw(stock site mail);
for my $i (1 .. $messages) {
	my $long = 'a' x 3000;
	spew("$dir/mail/$i", <<"M");
From: Alice <alice$i\@example.com>
To: bob\@example.net
Subject: hello number $i
Message-ID: <$i.hostile\@example.com>
X-Long: ${long}b
Content-Type: text/plain; charset=utf-8

This is the text of number $i, see http://www.example.org/$i for more.
${long}b
M
}
spew("$dir/list", join '', map { "$dir/mail/$_\n" } 1 .. $messages);
spew("$dir/site/a.cf", <<"C");
lua_time_limit $budget
header CF_SUBJECT Subject =~ /number/
score CF_SUBJECT 0.5
body CF_BODY /text of number/
score CF_BODY 0.25
meta CF_META CF_SUBJECT && HONEST_STRINGS_A && HONEST_GLOBALS_Z
score CF_META 0.125
C

# The honest rules; they use what the hostile ones would like to break.
sub honest {
	my ($suffix) = @_;
	return <<"L";
honest_helper = honest_helper or function(x) return x end
HONEST_TABLE = HONEST_TABLE or { 'one', 'two' }
local function rule(name, fn)
	rspamd_config:register_symbol{ name = 'HONEST_' .. name .. '_$suffix', callback = fn, score = 0.1 }
end
rule('STRINGS', function(task)
	return string.find('a,b', ',') == 2 and ('x'):rep(3) == 'xxx' and ('a b'):match('%S+') == 'a'
		and string.format('%d', 3) == '3' and select('#', 1, 2) == 2
end)
rule('GLOBALS', function(task)
	local n = 0
	for _, v in ipairs(HONEST_TABLE) do n = n + #v end
	for k in pairs({ a = 1 }) do n = n + 1 end
	return honest_helper(n) == 7 and type(rspamd_config) == 'userdata' and tostring(1) == '1'
end)
rule('MEMORY', function(task)
	local t = {}
	for i = 1, 5000 do t[i] = ('x'):rep(100) .. i end
	return #table.concat(t) > 500000
end)
rule('SUBJECT', function(task)
	return (task:get_header('Subject') or ''):find('number') ~= nil
end)
rule('COROUTINE', function(task)
	local co = coroutine.wrap(function(a) return coroutine.yield(a) end)
	local ok, e = pcall(error, 'x')
	return co(1) == 1 and not ok
end)
L
}
spew("$dir/site/a_honest.lua", honest('A'));
spew("$dir/site/z_honest.lua", honest('Z'));

# Scores the messages: lines of honest hits, the log, seconds of CPU, status.
sub run {
	my $before = (times)[2] + (times)[3];
	my @lines = split /\n/, `timeout 120 $build/mekiki masscheck -L --no-own-rules -C $dir/stock --siteconfigpath $dir/site --subrules $dir/list 2>$dir/err`;
	my $status = $?;
	for (@lines) {
		my ($path, $score, $rules, $subrules) = split /\t/, $_, -1;
		$_ = join ' ', basename($path), grep { !/^HOSTILE/ } split /,/,
			"$rules," . ($subrules // '');
	}
	return (join("\n", @lines), slurp("$dir/err"),
		(times)[2] + (times)[3] - $before, $status);
}

my ($want, $err, $base, $status) = run();
die "the honest rules alone fail:\n$want\n$err"
	if $status || $err || $want !~ /HONEST_SUBJECT_A.*HONEST_SUBJECT_Z/ ||
	   $want !~ /CF_META/ || (() = $want =~ /HONEST_/g) != 10 * $messages;

sub count { my ($text, $re) = @_; return scalar(() = $text =~ /$re/gm) }

# What is wrong with the log of a rule that ends like this.
sub faults_of_log {
	my ($how, $re, $log) = @_;
	my @faults;
	my $spent = count($log, qr/rule HOSTILE: its budget of /);
	my $errors = count($log, qr/rule HOSTILE: (?!its budget of )/);
	my $ids = count($log, qr/rule HOSTILE: .*\(message <\d\.hostile\@example\.com>\)/);
	my $disabled = count($log, qr/rule HOSTILE .*is disabled until/);

	push @faults, "the log lacks /$re/" if length $re && $log !~ /$re/;
	push @faults, 'a line lacks the message' if $ids < $spent + $errors;
	if ($how eq 'spent') {
		push @faults, "$spent budgets spent, disabled $disabled times"
			unless $spent == 3 && $disabled == 1;
	} elsif ($how eq 'error') {
		push @faults, "$errors errors told, $spent budgets spent"
			unless $errors == 1 && !$spent;
	} elsif ($how eq 'ends') {
		push @faults, "the log is not empty" if $spent || $errors;
	} elsif ($how eq 'warns') {
		push @faults, 'the log is full of it'
			if length $log > 2 * 65536 * $messages;
	} elsif ($how eq 'any') {
		push @faults, 'the log is full of it' if $errors > 1 || $spent > 3;
	} elsif ($how eq 'load') {
		push @faults, 'no fault told' if $log !~ /hostile\.lua/;
	} else {
		push @faults, "unknown outcome '$how'";
	}
	return @faults;
}

my @names = @ARGV ? @ARGV : sort map { /(\w+)\.lua$/ } glob "$here/hostile/*.lua";
for my $name (@names) {
	my $text = slurp("$here/hostile/$name.lua");
	my ($how, $re) = $text =~ /^--! (\w+) ?(.*)/m or die "$name: no '--!'";
	spew("$dir/site/hostile.lua", $text);
	my ($got, $log, $cpu, $ended) = run();
	# Faults of files are lint's to tell.
	$log .= `$build/mekiki lint -L --no-own-rules -C $dir/stock --siteconfigpath $dir/site 2>&1`
		if $how eq 'load';
	my @faults = faults_of_log($how, $re, $log);

	push @faults, "it ended with status $ended" if $ended;
	push @faults, 'honest rules differ' if $got ne $want;
	# Loading may take a hundred times the budget of a call.
	my $allowed = $base + 4 * $budget * $messages;
	$allowed += 110 * $budget if $how eq 'load';
	push @faults, sprintf('%.2f s of CPU time, %.2f without it', $cpu, $base)
		if $cpu > $allowed;
	$passed++, next unless @faults;
	$failed++;
	print "not ok $name: ", join('; ', @faults), "\n",
		map { substr($_, 0, 200) . "\n" } grep { defined } (split /\n/, $log)[0 .. 7];
}
print "$passed passed, $failed failed\n";
exit($failed ? 1 : 0);
