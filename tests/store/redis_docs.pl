#!/usr/bin/perl
# The commands of docs/redis.md, run against a real Redis that holds the
# history which the page tells. What they print must be what stands there;
# times may differ. UPDATE=1 writes what was printed into the page.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use POSIX qw(strftime);
use Test::More;
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib $here, "$here/../wire";
use Redis;
use Wire;

my $top = abs_path("$here/../..");
my $work = workdir();
my $redis = start_redis(unix => 1);
mkdir "$work/$_" for qw(rules site);
spit("$work/site/init.pre", slurp("$here/../wire/site/init.pre"));
spit("$work/rules/10_test.cf", <<'CF');
store_timeout 5
internal_networks 10/8
trusted_networks 10/8
util_rb_tld com net org
bayes_auto_learn 0
body LOCAL_SPAM /mailbox/
score LOCAL_SPAM 12
body LOCAL_HAM /agenda/
score LOCAL_HAM -3
CF
spit("$work/rules/30_memory.cf", slurp("$top/rules/30_memory.cf"));

my $today = strftime('%Y-%m-%d', gmtime);

sub mekiki {
	my ($command, @args) = @_;
	open my $from, '-|', build_dir() . '/mekiki', $command, '-L',
		'-C', "$work/rules", '--siteconfigpath', "$work/site",
		'--no-own-rules', '--state-dir', "$work/state",
		'--cf', "store redis+unix://$redis->{socket}", @args
		or die $!;
	my $out = do { local $/; <$from> };
	close $from;
	return defined $out ? $out : '';
}

# ---- the history ----

my $count = 0;
sub mail {
	my ($ip, $domain, $to, $text) = @_;
	my $n = ++$count;
	my $file = "$work/mail$n";
	spit($file, <<"M");
Received: from out.example.org (out.example.org [$ip])
	by mx.example.net (Postfix) with ESMTP id A$n;
	Tue, 24 Nov 2026 10:00:00 +0000
From: Some One <someone\@$domain>
To: user$n\@$to
Subject: number $n
Message-ID: <$n.docs\@example.com>
Date: Tue, 24 Nov 2026 10:00:00 +0000

$text
M
	return $file;
}

for my $i (1 .. 14) {
	mekiki('check', '--remember', mail('198.18.0.7', 'example.com',
		"house$i.example", "Dear User$i,\n\nyour mailbox " .
		"user$i\@house$i.example is full to $i MB, please confirm the " .
		"attached document with our friendly people at " .
		"http://www.example.org/?u=$i within $i days."));
}
mekiki('check', '--remember', mail('198.18.5.1', 'example.net',
	'house1.example', 'the agenda'));
my $file = mail('198.18.0.8', 'other.net', 'house1.example', 'an agenda');
mekiki('check', '--remember', $file);
mekiki('learn', '--spam', $file);

# ---- the page ----

my ($digest) = redis_cli($redis, '--scan', '--pattern', 'mekiki:text:*') =~
	/mekiki:text:(\w+)/;

sub run {
	my ($line) = @_;
	my ($program, @args) = split ' ', $line;
	s/2026-11-24/$today/, s/:TEXT$/:$digest/ for @args;
	return $program eq 'mekiki' ? mekiki(@args) :
		redis_cli($redis, @args) . "\n";
}

# Scan has no order, times have no use.
sub shown {
	my ($line, $out) = @_;
	$out = join '', sort split /^/, $out if $line =~ /--scan/;
	$out =~ s/\Q$today\E/2026-11-24/g;
	$out =~ s/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/2026-11-24T10:00:00Z/g;
	$out =~ s/\b1[6-9]\d{8}\b/1795514400/g;
	$out =~ s/\(\d+ \w+ ago\)/(5 seconds ago)/g;
	$out =~ s/\(in \d+ \w+\)/(in 60 days)/g;
	$out =~ s/^69[01]\d{3}$/691200/mg;
	$out =~ s/ +$//mg;
	return $out;
}

my $page = "$top/docs/redis.md";
my $text = slurp($page);
my $commands = 0;
my $new = '';
for my $piece (split /^(```\n.*?^```\n)/ms, $text) {
	if ($piece !~ /\A```\n\$ /) {
		$new .= $piece;
		next;
	}
	$new .= "```\n";
	for my $part ($piece =~ /^(\$ .*\n(?:(?!\$ |```).*\n)*)/mg) {
		my ($line, $expected) = $part =~ /\A\$ ([^\n]*)\n(.*)\z/s;
		my $got = shown($line, run($line));
		$new .= "\$ $line\n$got";
		$commands++;
		is($got, $expected, $line) unless $ENV{UPDATE};
	}
	$new .= "```\n";
}
cmp_ok($commands, '>=', 15, 'the page has commands');
unlike($new, qr/^(?:ERR|WRONGTYPE)/m, 'none of them is refused');

# Every kind of key that is there is told of.
for my $key (split /\n/, redis_cli($redis, '--no-raw', 'KEYS', '*')) {
	my ($word) = $key =~ /"(mekiki:\w+:|[vws]:)/;
	ok(defined $word && index($text, "`$word") >= 0,
	   "documented: " . ($word || $key));
}
spit($page, $new) if $ENV{UPDATE};
done_testing();
