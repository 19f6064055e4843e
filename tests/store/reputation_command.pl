#!/usr/bin/perl
# mekiki reputation: what it shows, in both forms, what it changes, and its exit
# codes; with a real Redis and with the embedded store.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP;
use POSIX qw(strftime);
use Test::More;
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib $here, "$here/../wire";
use Redis;
use Wire;

my $work = workdir();
mkdir "$work/$_" for qw(rules site);
spit("$work/site/init.pre", slurp("$here/../wire/site/init.pre"));
spit("$work/rules/10_test.cf", <<'CF');
store_timeout 5
internal_networks 10/8
trusted_networks 10/8
util_rb_tld com net org
use_bayes 0
body LOCAL_SPAM /mailbox/
score LOCAL_SPAM 12
CF
my $mail = "$work/mail";
spit($mail, <<'M');
Received: from out.example.org (out.example.org [198.18.0.7])
	by mx.example.net (Postfix) with ESMTP id A1;
	Tue, 24 Nov 2026 10:00:00 +0000
From: Some One <someone@example.com>
To: user@example.net
Message-ID: <1.command@example.com>
Date: Tue, 24 Nov 2026 10:00:00 +0000

your mailbox is full, please confirm the attached document with our
friendly people at http://www.shop.example.org/ today or tomorrow
M

my ($store, $code);
sub mekiki {
	my ($command, @args) = @_;
	open my $from, '-|', build_dir() . '/mekiki', $command, '-L',
		'-C', "$work/rules", '--siteconfigpath', "$work/site",
		'--no-own-rules', '--state-dir', "$work/state",
		'--cf', "store $store", @args or die $!;
	my $out = do { local $/; <$from> };
	close $from;
	$code = $? >> 8;
	return defined $out ? $out : '';
}
sub reputation { return mekiki('reputation', @_) }
sub json { return decode_json(reputation('--json', @_)) }

sub scene {
	my ($name) = @_;
	reputation('198.18.0.7');
	is($code, 1, "$name: nothing is known yet");
	mekiki('check', '--remember', $mail);
	like(reputation('198.18.0.7'), qr/^mekiki:ip:198\.18\.0\.7\n  score +\+0\.033 .*\n  messages +1: 1 spam, 0 ham\n(?:.*\n)*?  verdicts .*LOCAL_SPAM.*\nmekiki:net:198\.18\.0\.0\/24\n/,
	     "$name: an address and its network");
	is($code, 0, "$name: which are known");
	is(join(' ', map { $_->{key} } grep { $_->{known} }
		@{ json('example.com') }), 'mekiki:from:example.com',
	   "$name: a domain");
	my %of = map { $_->{key} =~ /^mekiki:(\w+)/ => $_ }
		@{ json('--message', $mail) };
	is(join(' ', sort keys %of), 'from ip message net text url',
	   "$name: all keys of a message");
	is(scalar(grep { !$_->{known} } values %of), 0, "$name: all known");
	is($of{text}{domains}, 1, "$name: its text had one house");
	my ($top) = @{ json('--top', 'ip') };
	is("$top->{kind} $top->{name} $top->{balance}", 'ip 198.18.0.7 1',
	   "$name: the worst of the day");
	reputation('--best');
	is($code, 1, "$name: nobody was good");
	reputation('--top', 'ip', '--day', '2001-01-01');
	is($code, 1, "$name: nor was that day");

	reputation('--set', 'url:example.org', 'score=-0.5');
	is(json('url:example.org')->[0]{score}, -0.5, "$name: set to a score");
	reputation('--set', 'ip:198.18.0.7', 'spam=20', 'ham=40');
	my $now = json('ip:198.18.0.7')->[0];
	is("$now->{seen} $now->{spam} $now->{ham}", '60 20 40',
	   "$name: set to numbers");
	cmp_ok(abs($now->{score} + 1 / 3), '<', 0.001, "$name: ... and score");
	for my $wrong ([], ['nonsense'], ['--set', 'ip:198.18.0.7'],
		       ['--set', '198.18.0.7/24', 'spam=-1'],
		       ['--top', 'fish'], ['a.example', 'spam=1'],
		       ['--top', '--forget'], ['mekiki:known:0']) {
		reputation(@$wrong);
		isnt($code, 0, "$name: wrong use: @$wrong");
	}
	reputation('--forget', '198.18.0.7', 'url:example.org');
	is($code, 0, "$name: forgotten");
	reputation('198.18.0.7', 'url:example.org');
	is($code, 1, "$name: ... it is");
	reputation('--message', "$work/none");
	is($code, 66, "$name: no such file");
}

my $redis = start_redis(unix => 1);
for (["redis+unix://$redis->{socket}", 'redis'], ["lmdb:$work/lmdb", 'lmdb']) {
	$store = $_->[0];
	scene($_->[1]);
}
is(redis_cli($redis, 'HGET', 'mekiki:from:example.com', 'spam'), 1,
   'and it was in there');
kill_redis($redis);
$store = "redis+unix://$redis->{socket}";
reputation('198.18.0.7');
is($code, 75, 'a store that does not answer');
done_testing();
