#!/usr/bin/perl
# Lists whose entries stand in sets of the store (store_list lines): in a
# daemon, which notices what changes there, and in a command.
use strict;
use warnings;
use Redis;
use Wire;

my ($checks, $failed) = (0, 0);
sub ok {
	my ($good, $name, @more) = @_;
	$checks++;
	$failed++ unless $good;
	print $good ? 'ok   ' : 'FAIL ', "$name\n";
	print map { "     $_\n" } map { split /\n/ } @more unless $good;
}

sub mail_from {
	my ($from) = @_;
	return "From: $from\r\nTo: user\@example.org\r\nSubject: hi\r\n" .
		"Message-ID: <1\@example.com>\r\n\r\nhello\r\n";
}

my $redis = start_redis();
my @lines = ('store ' . redis_url($redis),
	'blocklist_from always@example.com',
	'store_list blocklist_from mekiki:blocked',
	'store_list blocklist_from mekiki:blocked_too',
	'header T_BLOCKED eval:check_from_in_blocklist()',
	'score T_BLOCKED 50');
my @cf = map { ('--cf', $_) } @lines;
redis_cli($redis, 'SADD', 'mekiki:blocked', '*@one.example', 'not an entry');
redis_cli($redis, 'SADD', 'mekiki:blocked_too', 'two@two.example');

my $d = start_mekikid(stock => 1, args => \@cf);
sub is_blocked {
	my $mail = mail_from($_[0]);
	return talk($d, "SYMBOLS SPAMC/1.5\r\nContent-length: " .
		length($mail) . "\r\n\r\n$mail") =~ /T_BLOCKED/ ? 1 : 0;
}

ok(is_blocked('always@example.com'), 'what the file says is on the list');
ok(is_blocked('joe@one.example'), 'and what the first set says');
ok(is_blocked('two@two.example'), 'and the second one');
ok(!is_blocked('joe@three.example'), 'and nothing else');
ok(log_of($d) =~ /store_list blocklist_from: 1 members are no entries/,
	'a member that is no entry is told of', log_of($d));

redis_cli($redis, 'SADD', 'mekiki:blocked', '*@three.example');
redis_cli($redis, 'SREM', 'mekiki:blocked', '*@one.example');
ok(wait_for(30, sub { is_blocked('joe@three.example') }),
	'a new member is noticed');
ok(wait_for(5, sub { !is_blocked('joe@one.example') }),
	'and one that is gone');
ok(is_blocked('always@example.com') && is_blocked('two@two.example'),
	'the others are as they were');

kill_redis($redis);
ok(is_blocked('joe@three.example'), 'without Redis the list is as it was');
stop_daemon($d);
restart_redis($redis);
redis_cli($redis, 'SADD', 'mekiki:blocked', 'x@command.example');
spit(workdir() . '/mail', mail_from('x@command.example'));
my @command = (build_dir() . '/mekiki', 'check', '-L', '--no-own-rules',
	'--state-dir', workdir() . '/state', @cf, workdir() . '/mail');
my $out = do { open my $fh, '-|', @command or die $!; local $/; <$fh> };
ok($out =~ /T_BLOCKED/, 'a command has it, too', $out);

my $wrong = `@{[ build_dir() ]}/mekiki lint --cf 'store_list no_list k' 2>&1`;
ok($wrong =~ /own_domains or a list of addresses/, 'lint knows the lists',
	$wrong);
print "$checks checks, $failed failed\n";
exit($failed ? 1 : 0);
