#!/usr/bin/perl
# Redis Cluster as the store's home, against real servers: slots moved, nodes
# killed, paused and restarted under a load; ASK, TRYAGAIN, MOVED without end.
# Every batch gets a status, nothing is counted twice, no error reaches the
# caller while slots move, and work goes on within two seconds after the
# cluster is well again. Arguments: the parts to run.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../wire";
use Load;
use Redis;
use Time::HiRes qw(sleep time);
use Wire;

my $set = start_cluster(config => ['appendonly yes']);
my $url = redis_url($set);

sub masters {
	return grep { $_->{master} && !$_->{failed} && @{ $_->{slots} } }
		cluster_nodes($set);
}

sub like {
	my ($got, $pattern, $name) = @_;
	return ok($got =~ $pattern, $name, "got:\n$got\nwanted: $pattern");
}

# ---- where keys belong ----

# A node that is asked for a wrong slot counts an error.
sub moved_errors {
	my $n = 0;
	redis_cli($_->{server}, 'INFO', 'errorstats') =~
		/errorstat_MOVED:count=(\d+)/ and $n += $1 for masters();
	return $n;
}

sub slots {
	my @keys = ('{}', '{}x', '{{x}', 'foo{bar}{zap}', 'foo{{bar}}zap',
		'}{', '{', '\xff\xfe{\x00}', 'foo{}{bar}', '\x00', '\n');
	push @keys, map { "key:$_" } 1 .. 989;
	my $before = moved_errors();
	my $got = drive($url, join '', map { "SET \"$_\" 1\n" } @keys);
	is($got, "OK\n" x 1000 . "\n", 'keys of all slots, in one batch');
	ok(moved_errors() == $before, 'each was sent to the right node',
		moved_errors() - $before);
	my @sizes = map { redis_cli($_->{server}, 'DBSIZE') } masters();
	ok(@sizes == 3 && !(grep { $_ < 200 } @sizes),
		'they are spread over all masters', "@sizes");
	my %names = map { $_ => 1 } split /\n/, drive($url, "!names key:\n");
	delete $names{''};
	ok(keys %names == 989, 'all names are listed', scalar keys %names);
	$got = drive($url, join '', map { "GET key:$_\n" } 1 .. 500);
	is($got, "\"1\"\n" x 500 . "\n", 'replies come in order');
}

sub commands {
	is(drive($url, "PING\nSCRIPT echo 1 k v\nEVAL \"return 7\" 0\n"),
		"PONG\n1) \"k\"\n2) \"v\"\n(integer) 7\n\n",
		'commands without keys, and scripts');
	is(drive($url, "GET a\n\n!wait 0.5\n!up\n"),
		"(nil)\n\n\nup\n\n", 'it is up');
	like(drive($url, "SCRIPT echo 2 a b v\nPING\n"),
		qr/^\(error\) CROSSSLOT .*\nPONG\n/,
		'keys of several slots in a script');
	like(drive($url, "MGET a b\nGET a\n"),
		qr/^\(error\) CROSSSLOT .*\n\(nil\)\n/,
		'and in a command');
	like(drive($url, "SET text x\nHGET text y\n"),
		qr/^OK\n\(error\) WRONGTYPE/, 'an error is a reply');
}

# ---- trouble under load ----

sub reshard {
	my ($n, $from, $to) = @_;
	my $at = "127.0.0.1:$from->{server}{port}";
	wait_for(20, sub { redis_cli($from->{server}, '--cluster', 'check',
		$at) =~ /All nodes agree/ });
	my $said = redis_cli($from->{server}, '--cluster', 'reshard', $at,
		'--cluster-from',
		$from->{id}, '--cluster-to', $to->{id}, '--cluster-slots', $n,
		'--cluster-yes');
	die "reshard:\n$said" unless $said =~ /Moving slot \d+ from/;
}

sub slots_moved {
	my $l = start_load($url, s => 60);
	my ($x, $y, $z) = masters();
	reshard(600, $x, $y);
	reshard(600, $y, $z);
	check_load($url, $l, undef, 'slots moved');
	wait_cluster($set);
}

# Until the nodes agree that all slots are served again.
sub well_again {
	my ($dead) = @_;
	my @up = grep { $_->{pid} && $_ != $dead } @{ $set->{nodes} };
	wait_for(30, sub {
		!grep { redis_cli($_, 'CLUSTER', 'INFO') !~
			/cluster_state:ok/ } @up and
		!grep { $_->{server} == $dead && @{ $_->{slots} } }
			cluster_nodes($set, $up[0])
	}) or die "no replica took over";
	return time;
}

sub master_killed {
	my $l = start_load($url, s => 60);
	sleep 0.5;
	my ($victim) = masters();
	kill_redis($victim->{server});
	my $moment = well_again($victim->{server});
	check_load($url, $l, $moment, 'a master killed', may_lose => 1);
	restart_redis($victim->{server});
	wait_cluster($set);
}

sub master_paused {
	my $l = start_load($url, s => 60);
	my ($victim) = masters();
	pause_redis($victim->{server});
	my $moment = well_again($victim->{server});
	sleep 0.5;
	continue_redis($victim->{server});
	check_load($url, $l, $moment, 'a master paused', may_lose => 1);
	wait_cluster($set);
}

sub all_paused {
	my $l = start_load($url, s => 60);
	pause_redis(@{ $set->{nodes} });
	sleep 1;
	continue_redis(@{ $set->{nodes} });
	my $moment = time;
	wait_cluster($set);
	check_load($url, $l, $moment, 'all paused', may_lose => 1);
}

sub all_restarted {
	my $l = start_load($url, s => 60);
	restart_redis(@{ $set->{nodes} });
	wait_cluster($set);
	check_load($url, $l, time, 'all restarted', may_lose => 1);
}

# ---- slots on the move, by hand ----

# A slot of the first master is made half moved to the second; returns the key,
# both, and what ends it.
my $move = 0;
sub half_move {
	my ($from, $to) = masters();
	my ($key, $slot);
	my %mine = map { /(\d+)(?:-(\d+))?/; map { $_ => 1 }
		$1 .. (defined $2 ? $2 : $1) } @{ $from->{slots} };
	until (defined $slot && $mine{$slot}) {
		$key = 'ask' . ++$move;
		$slot = redis_cli($from->{server}, 'CLUSTER', 'KEYSLOT', $key);
	}
	redis_cli($to->{server}, 'CLUSTER', 'SETSLOT', $slot, 'IMPORTING',
		$from->{id});
	redis_cli($from->{server}, 'CLUSTER', 'SETSLOT', $slot, 'MIGRATING',
		$to->{id});
	my $end = sub {
		redis_cli($_->{server}, 'CLUSTER', 'SETSLOT', $slot, 'NODE',
			$to->{id}) for $to, $from, masters();
	};
	return ($key, $from->{server}, $to->{server}, $end);
}

sub asked {
	my ($key, $from, $to, $end) = half_move();
	redis_cli($to, 'SCRIPT', 'FLUSH');
	is(drive($url, "SET $key there\nGET $key\nSCRIPT echo 1 $key v\n"),
		"OK\n\"there\"\n1) \"$key\"\n2) \"v\"\n\n",
		'ASK is followed, by scripts too');
	$end->();
	is(redis_cli($to, 'GET', $key), 'there', 'to the right node');
	is(drive($url, "GET $key\n"), "\"there\"\n\n", 'and MOVED after it');
}

# Two keys of one slot, one here and one there: neither node can, until both
# have arrived.
sub try_again {
	my ($key, $from, $to, $end) = half_move();
	my $other = "{$key}2";
	redis_cli($to, 'CLUSTER', 'COUNTKEYSINSLOT', 0);
	is(drive($url, "SET $key 1\n"), "OK\n\n", 'one key is there');
	my $script = '"return redis.call(\'MGET\', KEYS[1], KEYS[2])"';
	my $command = "EVAL $script 2 $key $other\n";
	my $got = drive($url, $command, '-t', '0.5');
	like($got, qr/^\(UNREACHABLE\) .*TRYAGAIN/,
		'TRYAGAIN to the end is an error that says so');
	my $pid = fork();
	if (!$pid) {
		sleep 0.3;
		$end->();
		POSIX::_exit(0);
	}
	$got = drive($url, $command, '-t', 4);
	waitpid $pid, 0;
	is($got, "1) \"1\"\n2) (nil)\n\n", 'TRYAGAIN is tried again');
}

# ---- false nodes ----

sub whole_map { '*1' . "\r\n*3\r\n:0\r\n:16383\r\n*2\r\n" .
	join('', resp_bulk('127.0.0.1')) . ":$_[0]\r\n" }

sub false_node {
	my ($what) = @_;
	my $port;
	my $r = false_server(sub {
		my ($word, $second) = @_;
		return "+PONG\r\n" if lc $word eq 'ping';
		return whole_map($Load::false_port) if lc $word eq 'cluster';
		return $what->(@_);
	});
	return $r;
}

sub storms {
	my $here = false_node(sub { "-MOVED 1 127.0.0.1:$Load::false_port\r\n" });
	my $got = drive("redis+cluster://127.0.0.1:$here->{port}", "GET a\n");
	like($got, qr/^\(UNREACHABLE\) .*more than 5 times.*MOVED/,
		'MOVED without end is an error that says so');
	my $asked = () = slurp($here->{log}) =~ /^GET a$/mg;
	ok($asked == 6, 'after five hops', $asked);
	my $ask = false_node(sub { $_[0] =~ /ASKING/ ? "+OK\r\n" :
		"-ASK 1 127.0.0.1:$Load::false_port\r\n" });
	like(drive("redis+cluster://127.0.0.1:$ask->{port}", "GET a\n"),
		qr/^\(UNREACHABLE\) .*more than 5 times.*ASK/,
		'ASK without end, too');
	# Each MOVED names a node that nobody has heard of.
	my $n = 0;
	my $wide = false_node(sub { '-MOVED ' . $n++ .
		" 127.0.0.2:$Load::false_port\r\n" });
	like(drive("redis+cluster://127.0.0.1:$wide->{port}",
		join('', map { "GET a$_\n" } 1 .. 200), '-t', 2),
		qr/^\((?:UNREACHABLE|LATE|LOST)\)/, 'nor to nowhere');
	my $mad = false_server(sub { "*1\r\n*3\r\n:5\r\n:1\r\n*0\r\n" });
	like(drive("redis+cluster://127.0.0.1:$mad->{port}", "GET a\n"),
		qr/^\(UNREACHABLE\) .*nonsense/, 'a map of nonsense');
	is(drive("redis+cluster://127.0.0.1:$mad->{port}," .
		"127.0.0.1:$set->{nodes}[0]{port}", "PING\n"), "PONG\n\n",
		'is asked for elsewhere');
	my $single = start_redis();
	like(drive("redis+cluster://127.0.0.1:$single->{port}", "GET a\n"),
		qr/^\(UNREACHABLE\) .*cluster support disabled/,
		'a server that is no cluster');
	my $nobody = free_redis_port();
	like(drive("redis+cluster://127.0.0.1:$nobody", "GET a\n"),
		qr/^\(UNREACHABLE\) ./, 'nobody there');
}

sub locked {
	my $closed = start_cluster(tls => 1, password => 'sesame');
	$ENV{STORE_CA} = tls_files()->{ca};
	my $keys = join '', map { "SET $_ 1\n" } 'a' .. 'z';
	is(drive(redis_url($closed), $keys), "OK\n" x 26 . "\n",
		'TLS and a password');
	like(drive(redis_url($closed) =~ s/sesame/wrong/r, "GET a\n",
		'-t', '0.7'), qr/^\(UNREACHABLE\) ./,
		'a wrong one is an error that says so');
	delete $ENV{STORE_CA};
}

my %parts = (slots => \&slots, commands => \&commands,
	slots_moved => \&slots_moved, asked => \&asked,
	try_again => \&try_again, master_killed => \&master_killed,
	master_paused => \&master_paused, all_paused => \&all_paused,
	all_restarted => \&all_restarted, storms => \&storms,
	locked => \&locked);
for my $part (@ARGV) {
	my $began = time;
	$parts{$part}->();
	printf "     (%s: %.1f s)\n", $part, time - $began;
}
finish();
