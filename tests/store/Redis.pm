# What the store tests share: real Redis servers, Sentinels and Clusters, on
# free loopback ports in folders of their own (below Wire's workdir), ended by
# pid when the test ends, however it ends. A server is a hash: name, dir, port,
# socket, log, user, password, tls, pid (undef while it does not run).
package Redis;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use IO::Socket::INET;
use Time::HiRes qw(sleep time);
use lib abs_path(dirname(__FILE__)) . '/../wire';
use Wire;

our @EXPORT = qw(start_redis start_sentinels start_cluster redis_cli
	redis_url stop_redis kill_redis pause_redis continue_redis
	restart_redis tls_files free_redis_port cluster_nodes
	sentinel_master wait_replicas wait_cluster);

my %running;
my $owner = $$;
my $count = 0;

# Below the range that the kernel takes for outgoing connections, so that
# nobody has the port, nor a cluster's second one, by accident.
my $next_port = 10100 + ($$ * 97) % 10000;
sub free_redis_port {
	for (1 .. 5000) {
		my $port = $next_port++;
		$next_port = 10100 if $next_port > 20900;
		return $port if is_free($port) && is_free($port + 10000);
	}
	die "no free port";
}

sub is_free {
	my ($port) = @_;
	return IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1',
		LocalPort => $port, ReuseAddr => 1) ? 1 : 0;
}

# ---- one server ----

# Options: name; port (a free one otherwise); unix => 1: on a Unix socket only;
# password; user (with password: what redis_cli logs in as); acl => [lines
# such as 'user reader on >secret ~mekiki:* +@read']; tls => 1: TLS only;
# config => [lines more].
sub start_redis {
	my (%o) = @_;
	my $name = $o{name} || 'redis' . ++$count;
	my $dir = workdir() . "/$name";
	mkdir $dir or die "$dir: $!";
	my $r = { name => $name, dir => $dir, log => "$dir/log",
		  user => $o{user}, password => $o{password},
		  tls => $o{tls} ? tls_files() : undef, options => \%o,
		  program => 'redis-server', conf => "$dir/redis.conf" };
	if ($o{unix}) {
		$r->{socket} = "$dir/socket";
	} else {
		$r->{port} = $o{port} || free_redis_port();
	}
	spit($r->{conf}, join "\n", conf_lines($r), @{ $o{config} || [] },
		@{ $o{acl} || [] }, '');
	start($r) unless $o{later};
	return $r;
}

sub conf_lines {
	my ($r) = @_;
	my $o = $r->{options};
	my @lines = ("dir $r->{dir}", 'bind 127.0.0.1', 'daemonize no',
		"logfile $r->{log}", 'protected-mode no', 'tcp-backlog 128');
	push @lines, "port 0", "unixsocket $r->{socket}" if $r->{socket};
	push @lines, "port $r->{port}" if $r->{port} && !$r->{tls};
	if (my $t = $r->{tls}) {
		push @lines, 'port 0', "tls-port $r->{port}",
			"tls-cert-file $t->{cert}", "tls-key-file $t->{key}",
			"tls-ca-cert-file $t->{ca}", 'tls-auth-clients no',
			'tls-replication yes';
	}
	return @lines if $o->{sentinel};
	push @lines, 'save ""', 'appendonly no', 'enable-debug-command yes',
		'databases 16', 'repl-diskless-sync-delay 0',
		'repl-timeout 10';
	push @lines, "requirepass $o->{password}", "masterauth $o->{password}"
		if defined $o->{password} && !$o->{user};
	return @lines;
}

# setpriv: the server dies with the test, even if that is killed.
sub start {
	my ($r) = @_;
	launch($r);
	my $began = time;
	until (redis_cli($r, 'PING') =~ /^PONG|NOAUTH|NOPERM|WRONGPASS/) {
		if (waitpid($r->{pid}, 1) == $r->{pid}) {
			forget($r);
			die "$r->{name} did not start:\n" . slurp($r->{log});
		}
		die "$r->{name} is not ready:\n" . slurp($r->{log})
			if time - $began > 20;
		sleep 0.02;
	}
	return $r;
}

sub launch {
	my ($r) = @_;
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	if (!$pid) {
		chdir $r->{dir};
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', "$r->{dir}/output";
		open STDERR, '>&', \*STDOUT;
		exec 'setpriv', '--pdeathsig', 'KILL', $r->{program},
			$r->{conf};
		die "setpriv: $!";
	}
	$r->{pid} = $pid;
	$running{$pid} = $r;
}

sub forget {
	my ($r) = @_;
	delete $running{ $r->{pid} };
	$r->{pid} = undef;
}

# Sends a signal and waits for the end.
sub end {
	my ($r, $signal) = @_;
	return unless $r->{pid};
	kill 'CONT', $r->{pid} if $signal ne 'KILL';
	kill $signal, $r->{pid};
	my $until = time + 20;
	while (waitpid($r->{pid}, 1) == 0) {
		kill 'KILL', $r->{pid} if time > $until;
		sleep 0.005;
	}
	forget($r);
}

# An orderly end; a crash; standing still and going on; the same server again
# (with what it kept, which without `config => ['appendonly yes']` is nothing).
sub stop_redis { end($_, 'TERM') for @_ }
sub kill_redis { end($_, 'KILL') for @_ }
sub pause_redis { kill 'STOP', map { $_->{pid} } @_ }
sub continue_redis { kill 'CONT', map { $_->{pid} } @_ }
sub restart_redis {
	end($_, 'TERM') for @_;
	launch($_) for @_;
	for my $r (@_) {
		wait_for(20, sub { redis_cli($r, 'PING') =~
			/^PONG|NOAUTH|NOPERM|WRONGPASS/ })
			or die "$r->{name} is not back:\n" . slurp($r->{log});
	}
}

# What redis-cli prints, without the last newline. Errors are such a text too
# ("WRONGTYPE ..."). -c, -n 1 and so on may come first.
sub redis_cli {
	my ($r, @args) = @_;
	my @command = ('redis-cli', cli_where($r), @args);
	my $pid = open my $out, '-|';
	die "fork: $!" unless defined $pid;
	if (!$pid) {
		$ENV{REDISCLI_AUTH} = $r->{password}
			if defined $r->{password};
		open STDERR, '>&', \*STDOUT;
		open STDIN, '<', '/dev/null';
		exec { $command[0] } @command;
		die "redis-cli: $!";
	}
	local $/;
	my $text = <$out>;
	close $out;
	$text = '' unless defined $text;
	$text =~ s/\n\z//;
	return $text;
}

sub cli_where {
	my ($r) = @_;
	my @where = $r->{socket} ? ('-s', $r->{socket}) :
		('-h', '127.0.0.1', '-p', $r->{port});
	push @where, '--user', $r->{user} if defined $r->{user};
	push @where, '--tls', '--cacert', $r->{tls}{ca} if $r->{tls};
	return @where;
}

# The store line's value for a server, a set of Sentinels or a cluster.
sub redis_url {
	my ($r, $db) = @_;
	my $log_in = !defined $r->{password} ? '' :
		($r->{user} || '') . ":$r->{password}\@";
	my $s = $r->{tls} ? 'rediss' : 'redis';
	my $tail = defined $db ? "/$db" : '';
	return "$s+sentinel://$log_in" . hosts(@{ $r->{sentinels} }) .
		"/$r->{master}$tail" if $r->{sentinels};
	return "$s+cluster://$log_in" . hosts(@{ $r->{nodes} })
		if $r->{nodes};
	return "$s://${log_in}127.0.0.1:$r->{port}$tail" if $r->{port};
	my @query;
	push @query, "db=$db" if defined $db;
	push @query, "user=$r->{user}" if defined $r->{user};
	push @query, "password=$r->{password}" if defined $r->{password};
	return "redis+unix://$r->{socket}" .
		(@query ? '?' . join('&', @query) : '');
}

sub hosts { join ',', map { "127.0.0.1:$_->{port}" } @_ }

# ---- TLS ----

# A certificate for 127.0.0.1 and localhost, of a CA made for the test; other
# is a CA that has nothing to do with it.
my $tls;
sub tls_files {
	return $tls if $tls;
	my $dir = workdir() . '/tls';
	mkdir $dir;
	my %t = map { $_ => "$dir/$_.pem" } qw(ca ca_key cert key other);
	my @new = ('req', '-newkey', 'ec', '-pkeyopt',
		'ec_paramgen_curve:prime256v1', '-nodes');
	openssl(@new, '-x509', '-days', 30, '-subj', '/CN=test CA',
		'-keyout', $t{ca_key}, '-out', $t{ca});
	openssl(@new, '-x509', '-days', 30, '-subj', '/CN=another CA',
		'-keyout', "$dir/other_key.pem", '-out', $t{other});
	openssl(@new, '-subj', '/CN=localhost', '-keyout', $t{key}, '-out',
		"$dir/request.pem");
	spit("$dir/names", "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
	openssl('x509', '-req', '-days', 30, '-in', "$dir/request.pem", '-CA',
		$t{ca}, '-CAkey', $t{ca_key}, '-CAcreateserial', '-extfile',
		"$dir/names", '-out', $t{cert});
	return $tls = \%t;
}

sub openssl {
	my $log = workdir() . '/tls/log';
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	if (!$pid) {
		open STDOUT, '>', $log;
		open STDERR, '>&', \*STDOUT;
		exec 'openssl', @_;
		die "openssl: $!";
	}
	waitpid $pid, 0;
	die "openssl @_:\n" . slurp($log) if $?;
}

# ---- Sentinel ----

# One master, replicas (2) and sentinels (3), which know each other from the
# start. Options: replicas, sentinels, password, sentinel_password, tls,
# down_after (1000 ms), failover_timeout (4000 ms), config => [lines of the
# servers]. Returns
# { master => name, nodes => [...], sentinels => [...] }, nodes[0] being the
# master of the beginning.
sub start_sentinels {
	my (%o) = @_;
	my $name = 'group' . ++$count;
	my %common = map { $_ => $o{$_} } qw(password tls);
	my $set = { master => $name, %common };
	my @replica;
	my $replicas = defined $o{replicas} ? $o{replicas} : 2;
	for my $i (0 .. $replicas) {
		push @{ $set->{nodes} }, start_redis(%common, later => 1,
			name => "$name-node$i", config => [@replica,
			@{ $o{config} || [] }]);
		@replica = ("replicaof 127.0.0.1 $set->{nodes}[0]{port}");
	}
	launch($_) for @{ $set->{nodes} };
	my $n = $o{sentinels} || 3;
	push @{ $set->{sentinels} }, start_redis(tls => $o{tls}, later => 1,
		password => $o{sentinel_password},
		name => "$name-sentinel$_", sentinel => 1) for 1 .. $n;
	$set->{tls} = $set->{nodes}[0]{tls};
	wait_replicas($set->{nodes}[0], $#{ $set->{nodes} });
	for my $i (0 .. $n - 1) {
		my $s = $set->{sentinels}[$i];
		$s->{program} = 'redis-sentinel';
		spit($s->{conf}, slurp($s->{conf}) .
			sentinel_lines($set, $i, \%o));
		launch($s);
	}
	wait_sentinels($set);
	return $set;
}

sub sentinel_id { sprintf '%040x', 0xabc0 + $_[0] }

sub sentinel_lines {
	my ($set, $i, $o) = @_;
	my ($name, $n) = ($set->{master}, scalar @{ $set->{sentinels} });
	my @ports = map { $_->{port} } @{ $set->{nodes} };
	my @lines = ('sentinel myid ' . sentinel_id($i),
		"sentinel monitor $name 127.0.0.1 $ports[0] " .
		(int($n / 2) + 1),
		"sentinel down-after-milliseconds $name " .
		($o->{down_after} || 1000),
		"sentinel failover-timeout $name " .
		($o->{failover_timeout} || 4000));
	push @lines, "sentinel auth-pass $name $o->{password}"
		if defined $o->{password};
	push @lines, "requirepass $o->{sentinel_password}",
		"sentinel sentinel-pass $o->{sentinel_password}"
		if defined $o->{sentinel_password};
	push @lines, map { "sentinel known-replica $name 127.0.0.1 $_" }
		@ports[1 .. $#ports];
	push @lines, map { "sentinel known-sentinel $name 127.0.0.1 " .
		"$set->{sentinels}[$_]{port} " . sentinel_id($_) }
		grep { $_ != $i } 0 .. $n - 1;
	return join "\n", @lines, '';
}

# Their half minute of distrust after a pause is too long for a test.
sub wait_sentinels {
	my ($set) = @_;
	for my $s (@{ $set->{sentinels} }) {
		wait_for(20, sub {
			redis_cli($s, 'SENTINEL', 'CKQUORUM',
				$set->{master}) =~ /^OK/ })
			or die "no quorum:\n" . slurp($s->{log});
		redis_cli($s, 'SENTINEL', 'DEBUG', 'tilt-period', 1000,
			'info-period', 1000, 'publish-period', 500);
	}
	my $want = @{ $set->{nodes} } - 1;
	for my $s (@{ $set->{sentinels} }) {
		wait_for(20, sub {
			my $good = () = redis_cli($s, 'SENTINEL', 'REPLICAS',
				$set->{master}) =~
				/master-link-status\nok/g;
			$good == $want })
			or die "replicas unknown:\n" . slurp($s->{log});
	}
}

# Until a master has that many replicas in step.
sub wait_replicas {
	my ($r, $want) = @_;
	wait_for(20, sub {
		my $n = () = redis_cli($r, 'INFO', 'replication') =~
			/^slave\d+:.*state=online/mg;
		$n >= $want }) or die "no replicas:\n" . slurp($r->{log});
}

# The server that the sentinels call master now.
sub sentinel_master {
	my ($set) = @_;
	for my $s (grep { $_->{pid} } @{ $set->{sentinels} }) {
		my ($host, $port) = split /\n/, redis_cli($s, 'SENTINEL',
			'get-master-addr-by-name', $set->{master});
		my ($node) = grep { $_->{port} eq ($port || '') }
			@{ $set->{nodes} };
		return $node if $node;
	}
	return undef;
}

# ---- Cluster ----

# Six nodes: masters (3) with a replica each. Options: masters, replicas (1 for
# each), password, tls, node_timeout (1500 ms), config. Returns { nodes =>
# [...] }.
sub start_cluster {
	my (%o) = @_;
	my $name = 'cluster' . ++$count;
	my %common = map { $_ => $o{$_} } qw(password tls);
	my $replicas = defined $o{replicas} ? $o{replicas} : 1;
	my $set = { nodes => [], %common };
	my @lines = ('cluster-enabled yes', 'cluster-config-file nodes.conf',
		'cluster-node-timeout ' . ($o{node_timeout} || 1500),
		'cluster-replica-validity-factor 0');
	push @lines, 'tls-cluster yes' if $o{tls};
	push @{ $set->{nodes} }, start_redis(%common, later => 1,
		name => "$name-node$_",
		config => [@lines, @{ $o{config} || [] }])
		for 1 .. ($o{masters} || 3) * (1 + $replicas);
	launch($_) for @{ $set->{nodes} };
	my $first = $set->{nodes}[0];
	$set->{tls} = $first->{tls};
	for my $r (@{ $set->{nodes} }) {
		wait_for(20, sub { redis_cli($r, 'PING') eq 'PONG' })
			or die "$r->{name}:\n" . slurp($r->{log});
	}
	my $made = redis_cli($first, '--cluster', 'create',
		(map { "127.0.0.1:$_->{port}" } @{ $set->{nodes} }),
		'--cluster-replicas', $replicas, '--cluster-yes');
	die "no cluster:\n$made" unless $made =~ /All 16384 slots covered/;
	wait_cluster($set);
	return $set;
}

# Until all running nodes agree that all is well and replicas are in step.
sub wait_cluster {
	my ($set, $seconds) = @_;
	my @up = grep { $_->{pid} } @{ $set->{nodes} };
	for my $r (@up) {
		wait_for($seconds || 30, sub {
			redis_cli($r, 'CLUSTER', 'INFO') =~
				/cluster_state:ok/ &&
			redis_cli($r, 'INFO', 'replication') !~
				/master_link_status:down/ &&
			redis_cli($r, 'CLUSTER', 'NODES') !~
				/handshake|fail\?/ })
			or die "the cluster is not well:\n" .
				redis_cli($r, 'CLUSTER', 'NODES') .
				slurp($r->{log});
	}
}

# Who is what, as the first running node (or the given one) sees it: a list of
# { server, id, master => 1 or undef, of => id of the master, failed, slots =>
# ['0-5460', ...] }.
sub cluster_nodes {
	my ($set, $from) = @_;
	($from) = grep { $_->{pid} } @{ $set->{nodes} } unless $from;
	my %by_port = map { $_->{port} => $_ } @{ $set->{nodes} };
	my @all;
	for my $line (split /\n/, redis_cli($from, 'CLUSTER', 'NODES')) {
		my ($id, $where, $flags, $of, $ping, $pong, $epoch, $link,
			@slots) = split ' ', $line;
		my ($port) = $where =~ /:(\d+)/;
		push @all, { server => $by_port{$port}, id => $id,
			of => $of, master => scalar $flags =~ /master/,
			failed => scalar $flags =~ /fail/,
			slots => [grep { !/^\[/ } @slots] };
	}
	return @all;
}

$SIG{$_} ||= sub { exit 1 } for qw(INT TERM HUP);

END {
	if ($$ == $owner) {
		my $status = $?;
		kill 'KILL', keys %running;
		waitpid $_, 0 for keys %running;
		$? = $status;
	}
}

1;
