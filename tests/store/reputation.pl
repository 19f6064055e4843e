#!/usr/bin/perl
# Reputation through the programs: what the daemon learns from its verdicts and
# from TELL, what commands may teach, and what the next message gets for it.
# Once with each home of the store.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
use Time::HiRes qw(sleep);
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib $here, "$here/../wire";
use Redis;
use Wire;

my $top = abs_path("$here/../..");
my $work = workdir();
mkdir "$work/$_" for qw(rules site);
spit("$work/site/init.pre", slurp("$here/../wire/site/init.pre"));
spit("$work/rules/10_test.cf", <<'CF');
report SPAM _SCORE_
report _SUMMARY_
report_safe 1
store_timeout 5
internal_networks 10/8
trusted_networks 10/8
util_rb_tld com net org
body LOCAL_SPAM /pills/
score LOCAL_SPAM 12
body LOCAL_HAM /agenda/
score LOCAL_HAM -5
CF

spit("$work/rules/30_memory.cf", slurp("$top/rules/30_memory.cf"));

# ---- mail ----

my $count = 0;
sub mail {
	my (%o) = @_;
	my $n = ++$count;
	my $ip = $o{ip} || '198.18.7.1';
	my $text = !defined $o{spam} ? 'nothing of note' :
		$o{spam} ? 'buy pills' : 'the agenda';
	my $domain = $o{domain} || 'example.com';
	my $link = $o{link} ? "\nhttp://$o{link}/\n" : '';
	my $with = $o{login} ? 'ESMTPSA' : 'ESMTP';
	return <<"M";
Received: from out.example.org (out.example.org [$ip])
	by mx.example.net (Postfix) with $with id A$n;
	Tue, 24 Nov 2026 10:00:00 +0000
From: Some One <someone\@$domain>
To: user\@example.net
Subject: number $n
Message-ID: <$n.reputation\@$domain>
Date: Tue, 24 Nov 2026 10:00:00 +0000

$text, number $n
$link
M
}

# ---- the daemon ----

my ($daemon, @store);

sub ask {
	my ($word, $mail, @headers) = @_;
	my $length = length $mail;
	return talk($daemon, join("\r\n", "$word SPAMC/1.5",
		"Content-length: $length", @headers, '', '') . $mail,
		half_close => 1);
}

# The rules of reputation that hit, without their common beginning.
sub hits {
	my ($mail) = @_;
	my ($tests) = ask('SYMBOLS', $mail) =~ /\r\n\r\n(.*)/s;
	return join ' ', sort grep { s/^MEKIKI_(?:REP_)?// }
		split /[,\s]+/, $tests;
}

sub command {
	my ($input, $name, @args) = @_;
	spit("$work/input", $input);
	open my $from, '-|', build_dir() . '/mekiki', $name, '-L',
		'-C', "$work/rules", '--siteconfigpath', "$work/site",
		'--no-own-rules', '--state-dir', "$work/state", '--cf',
		"store $store[0]",
		@args, "$work/input" or die $!;
	my $out = do { local $/; <$from> };
	close $from;
	return $out;
}

# What verdicts teach is written once a second.
sub settle { sleep 1.3 }

sub scenes {
	my ($name) = @_;
	my ($bad, $good, $mixed) = map { "198.18.$_.1" } 7 .. 9;

	ask('CHECK', mail(spam => 1, link => 'www.shop.example.org'))
		for 1 .. 60;
	ask('CHECK', mail(ip => $good, domain => 'example.net', spam => 0))
		for 1 .. 60;
	ask('CHECK', mail(ip => $mixed, domain => "d$_.org", spam => $_ % 2))
		for 1 .. 60;
	settle();
	is(hits(mail(link => 'shop.example.org')),
	   'FROM_VERY_BAD IP_VERY_BAD URL_VERY_BAD', "$name: after 60 spams");
	is(hits(mail(domain => 'new.org')), 'IP_VERY_BAD',
	   "$name: the address alone");
	is(hits(mail(ip => '198.18.7.2', domain => 'new2.org')),
	   'NET_VERY_BAD', "$name: a new address of its network");
	is(hits(mail(ip => $good, domain => 'example.net')),
	   'FROM_GOOD IP_VERY_GOOD', "$name: after 60 good messages");
	is(hits(mail(ip => $mixed, domain => 'new3.org')), '',
	   "$name: both by turns");
	is(hits(mail(ip => $bad, login => 1)), '', "$name: from a user");
	is(hits(mail(ip => '10.0.0.1')), '', "$name: from inside");

	my $report = ask('REPORT', mail());
	like($report, qr/ 2\.5 MEKIKI_REP_IP_VERY_BAD .*\n\s+\[198\.18\.7\.1\]\n\s+\[\d\d spam, \d ham of \d\d\]\n/,
	     "$name: the report says whose and what");

	# The same message, over and over.
	my $again = mail(ip => '198.18.1.1', domain => 'again.org', spam => 1);
	ask('CHECK', $again) for 1 .. 3;
	settle();
	ask('CHECK', "X-Added: $_\n" . $again) for 1 .. 3;
	settle();
	is(hits(mail(ip => '198.18.1.1', domain => 'new4.org')), '',
	   "$name: the same message counts once");

	# People: a mail that got through, and back again.
	my $missed = mail(ip => $good, domain => 'example.net');
	ask('CHECK', $missed);
	settle();
	my @spam = ('Message-class: spam', 'Set: local');
	my @ham = ('Message-class: ham', 'Set: local');
	like(ask('TELL', $missed, @spam), qr/ 0 EX_OK/, "$name: TELL");
	is(hits(mail(ip => $good, domain => 'new5.org')), 'IP_GOOD',
	   "$name: a person's word outweighs");
	ask('TELL', "X-Spam-Status: No\n" . $missed, @spam);
	is(hits(mail(ip => $good, domain => 'new6.org')), 'IP_GOOD',
	   "$name: and counts once");
	my $missed2 = mail(ip => $good, domain => 'example.net', spam => 0);
	ask('TELL', $missed2, @spam);
	is(hits(mail(ip => $good, domain => 'new7.org')), 'IP_BAD',
	   "$name: another one of another message");
	ask('TELL', $missed2, @ham);
	ask('TELL', $missed, @ham);
	is(hits(mail(ip => $good, domain => 'new8.org')), 'IP_VERY_GOOD',
	   "$name: turned round");

	# As report_safe has wrapped it.
	my $wrapped = mail(ip => '198.18.2.1', domain => 'wrapped.org',
			   spam => 1);
	my ($process) = ask('PROCESS', $wrapped) =~ /\r\n\r\n(.*)/s;
	like($process, qr/^Content-Type: message\/rfc822/m,
	     "$name: it was wrapped");
	settle();
	is(hits(mail(ip => '198.18.2.1', domain => 'new9.org')), '',
	   "$name: one message is no evidence");
	ask('TELL', $process, @ham);
	ask('TELL', $wrapped, @ham);
	is(hits(mail(ip => '198.18.2.1', domain => 'new10.org')), 'IP_GOOD',
	   "$name: the wrapped message is the same message");
}

# What commands may teach, to a store that nobody else has open.
sub commands {
	my ($name) = @_;
	my ($ip, %m) = ('198.18.3.1', domain => 'cmd.org');
	my $next = sub { command(mail(ip => $ip, domain => 'next.org'),
				 'check') =~ /(MEKIKI_REP_IP_\w+)/ ? $1 : '' };

	command(mail(ip => $ip, spam => 1, %m), 'check') for 1 .. 5;
	is($next->(), '', "$name: check teaches nothing");
	command(mail(ip => $ip, spam => 1, %m), 'check', '--remember')
		for 1 .. 5;
	is($next->(), 'MEKIKI_REP_IP_BAD', "$name: unless it is told to");
	my $learned = mail(ip => $ip, %m);
	command($learned, 'learn', '--ham');
	is($next->(), '', "$name: mekiki learn is a person's word");
	command($learned, 'learn', '--forget');
	is($next->(), 'MEKIKI_REP_IP_BAD', "$name: which can be taken back");
}

sub with_store {
	my ($name, $url, %o) = @_;
	@store = ($url);
	spit("$work/site/90_store.cf", "store $url\n");
	$daemon = start_mekikid(name => "mekikid-$name", rules => "$work/rules",
		site => "$work/site", args => ['-l'], %o);
	scenes($name);
	is(stop_daemon($daemon), 0, "$name: a clean end");
}

with_store('lmdb', "lmdb:$work/lmdb");
commands('lmdb');

my $redis = start_redis();
with_store('redis', redis_url($redis));

# What a person sees who looks with Redis's own client.
my %seen = split /\n/, redis_cli($redis, 'HGETALL', 'mekiki:ip:198.18.7.1');
like("$seen{seen} seen, $seen{spam} spam, $seen{ham} ham",
     qr/^6\d seen, 60 spam, \d ham$/, 'a hash explains itself');
like($seen{first_time}, qr/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'times, too');
is($seen{rules_1}, 'LOCAL_SPAM', 'and why');

# A store that is not there.
@store = ("redis+unix://$work/nowhere");
my $out = command(mail(), 'check', '--remember');
like($out, qr/MEKIKI_NO_MEMORY/, 'without a store the verdict says so');

done_testing();
