#!/usr/bin/perl
# Redis Sentinel as the store's home, against real servers: the master killed,
# paused and switched under a load, sentinels killed, and sentinels that lie.
# Every batch gets a status, nothing is counted twice, and work goes on within
# two seconds after there is a new master. Arguments: the parts to run.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../wire";
use Load;
use Redis;
use Time::HiRes qw(sleep time);
use Wire;

my $set = start_sentinels();
my $url = redis_url($set);

sub plain {
	is(drive($url, "SET a b\nGET a\nSCRIPT echo 1 k v\nDBSIZE\n"),
		"OK\n\"b\"\n1) \"k\"\n2) \"v\"\n(integer) 1\n\n",
		'commands and scripts are answered');
	is(drive($url, "GET a\n\n!up\n"), "\"b\"\n\nup\n\n", 'it is up');
	drive($url, join '', map { "SET list*:$_ 1\n" } 1 .. 1200);
	my @names = grep { /list/ } split /\n/, drive($url, "!names list*:\n");
	my %names = map { $_ => 1 } @names;
	ok(keys %names == 1200, 'all names of a prefix are listed',
		scalar keys %names);
	is(drive($url, "!names list?\n"), "\n",
		'a prefix is no pattern');
}

# Waits until the sentinels have another master; returns when that was. On a
# busy machine they may think better of it once more.
sub new_master {
	my ($old) = @_;
	my ($moment, $new);
	do {
		$old = $new || $old;
		wait_for(20, sub { $new = sentinel_master($set);
			$new && $new != $old }) or die "no new master";
		$moment = time;
		sleep 2;
	} while (sentinel_master($set) != $new);
	return $moment;
}

# Until all servers are in step again.
sub settle {
	wait_for(30, sub {
		my $master = sentinel_master($set);
		my $n = () = redis_cli($master, 'INFO', 'replication') =~
			/^slave\d+:.*state=online/mg;
		return $n == 2;
	}) or die "the replicas are not in step";
}

sub killed {
	my $l = start_load($url, s => 60);
	sleep 0.5;
	my $old = sentinel_master($set);
	kill_redis($old);
	my $moment = new_master($old);
	check_load($url, $l, $moment, 'master killed', may_lose => 1);
	restart_redis($old);
	settle();
}

sub paused {
	my $l = start_load($url, s => 60);
	sleep 0.5;
	my $old = sentinel_master($set);
	pause_redis($old);
	my $moment = new_master($old);
	sleep 1;
	continue_redis($old);
	check_load($url, $l, $moment, 'master paused', may_lose => 1);
	settle();
}

# A sentinel that dies is missed by nobody; the next one tells of the switch.
sub sentinel_killed {
	my $l = start_load($url, s => 60);
	kill_redis($set->{sentinels}[0]);
	sleep 2;
	check_load($url, $l, undef, 'sentinel killed');
	$l = start_load($url, s => 60);
	my $old = sentinel_master($set);
	wait_for(20, sub { redis_cli($set->{sentinels}[1], 'SENTINEL',
		'FAILOVER', $set->{master}) eq 'OK' }) or die;
	my $moment = new_master($old);
	check_load($url, $l, $moment, 'switched by hand', may_lose => 1);
	settle();
	restart_redis($set->{sentinels}[0]);
}

# Servers and sentinels, all at once.
sub all_stopped {
	my @all = (@{ $set->{nodes} }, @{ $set->{sentinels} });
	my $l = start_load($url, s => 60);
	pause_redis(@all);
	sleep 0.8;
	my $moment = time;
	continue_redis(@all);
	sleep 2;
	check_load($url, $l, $moment, 'all paused', may_lose => 1);
}

# ---- lies ----

sub false_sentinel {
	my ($port, $push) = @_;
	my $switch = "$set->{master} 127.0.0.1 1 127.0.0.1 $port";
	return false_server(sub {
		my ($word) = @_;
		return resp_list(resp_bulk('127.0.0.1', $port))
			if lc $word eq 'sentinel';
		return resp_list(resp_bulk('subscribe', '+switch-master'),
			":1\r\n") . ($push ? resp_list(resp_bulk('message',
			'+switch-master', $switch)) : '')
			if lc $word eq 'subscribe';
		return "+PONG\r\n" if lc $word eq 'ping';
		return "-ERR unknown command\r\n";
	});
}

sub with_sentinels { "redis+sentinel://" .
	join(',', map { "127.0.0.1:$_->{port}" } @_) . "/$set->{master}" }

sub lies {
	my $master = sentinel_master($set);
	my ($replica) = grep { $_ != $master } @{ $set->{nodes} };
	my $true = $set->{sentinels}[1];
	my $liar = false_sentinel($replica->{port}, 0);
	is(drive(with_sentinels($liar, $true), "SET lie 1\n"), "OK\n\n",
		'a replica that is called master is not used');
	like(drive(with_sentinels($liar), "SET lie 1\n", '-t', '0.7'),
		qr/^\(UNREACHABLE\) .*answers "slave"/,
		'with no other sentinel, the error says so');
	my $pusher = false_sentinel($replica->{port}, 1);
	my $l = start_load(with_sentinels($pusher, $true), s => 60);
	sleep 1;
	check_load($url, $l, undef, 'a false switch');
	my $nowhere = false_server(sub { "*-1\r\n" });
	is(drive(with_sentinels($nowhere, $true), "GET lie\n"), "\"1\"\n\n",
		'a sentinel that does not know the name is passed over');
	like(drive("redis+sentinel://127.0.0.1:$true->{port}/nobody",
		"GET a\n", '-t', 1), qr/knows no master named "nobody"/,
		'an unknown name is an error that says so');
	my $nonsense = false_server(sub { "*2\r\n:1\r\n*0\r\n" });
	is(drive(with_sentinels($nonsense, $true), "GET lie\n"), "\"1\"\n\n",
		'one that answers nonsense, too');
	my $silent = false_server(sub { '' });
	is(drive(with_sentinels($silent, $true), "GET lie\n"), "\"1\"\n\n",
		'one that does not answer, too');
}

# A server that says it is a master, but can only be read.
sub read_only {
	my $master = sentinel_master($set);
	my $half = false_server(sub {
		my ($word) = @_;
		return "*3\r\n" . join('', resp_bulk('master')) .
			":0\r\n*0\r\n" if lc $word eq 'role';
		return "+PONG\r\n" if lc $word eq 'ping';
		return "-READONLY You can't write against a read only " .
			"replica.\r\n";
	});
	my $liar = false_sentinel($half->{port}, 0);
	my $true = $set->{sentinels}[1];
	is(drive(with_sentinels($liar, $true), "SET half 1\n"), "OK\n\n",
		'READONLY makes it ask another sentinel');
	my $only = drive(with_sentinels($liar), "SET half 1\n", '-t', '0.5');
	ok($only =~ /^\(UNREACHABLE\) .*READONLY/,
		'with no other sentinel, the error says so', $only);
}

sub like {
	my ($got, $pattern, $name) = @_;
	return ok($got =~ $pattern, $name, "got:\n$got\nwanted: $pattern");
}

sub passwords {
	my $closed = start_sentinels(password => 'sesame', tls => 1,
		sentinel_password => 'sesame', replicas => 1);
	$ENV{STORE_CA} = tls_files()->{ca};
	is(drive(redis_url($closed, 3), "SET a b\nGET a\n"), "OK\n\"b\"\n\n",
		'TLS, with a password for the sentinels as well');
	is(redis_cli($closed->{nodes}[0], '-n', 3, 'GET', 'a'), 'b',
		'in the database of the line');
	my $wrong = redis_url($closed) =~ s/sesame/wrong/r;
	like(drive($wrong, "GET a\n", '-t', '0.5'), qr/^\(UNREACHABLE\) .*WRONGPASS|AUTH|password/,
		'a wrong one is an error that says so');
	delete $ENV{STORE_CA};
}

my %parts = (plain => \&plain, killed => \&killed, paused => \&paused,
	sentinel_killed => \&sentinel_killed, all_stopped => \&all_stopped,
	lies => \&lies, read_only => \&read_only, passwords => \&passwords);
for my $part (@ARGV) {
	my $began = time;
	$parts{$part}->();
	printf "     (%s: %.1f s)\n", $part, time - $began;
}
finish();
