# Hands on a store for tests: the driver (commands and their printed replies),
# the load (tests/store/load.c), servers that say what a test wants, and a
# count of what was good.
package Load;
use strict;
use warnings;
use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use lib abs_path(dirname(__FILE__)) . '/../wire', abs_path(dirname(__FILE__));
use Wire;
use Redis;

our @EXPORT = qw(ok is finish drive start_load end_load load_line
	recovery false_server resp_bulk resp_list check_counts
	check_load);

my ($run, $failed) = (0, 0);
my %children;
our $false_port;	# of the false server, in its answers
my $owner = $$;

sub ok ($$;$) {
	my ($good, $name, $more) = @_;
	$run++;
	$failed++ unless $good;
	print $good ? "ok   $name\n" : "FAIL $name\n" .
		(defined $more ? $more =~ s/^/     /mgr . "\n" : '');
	return $good;
}

sub is ($$$) {
	my ($got, $want, $name) = @_;
	return ok($got eq $want, $name, "got:\n$got\nwanted:\n$want");
}

sub finish {
	print "$run checks, $failed failed\n";
	exit($failed ? 1 : 0);
}

# What the driver prints for these lines; options before: ['-t', 1].
sub drive {
	my ($url, $lines, @options) = @_;
	my $in = workdir() . '/driver.in';
	spit($in, $lines);
	my $pid = open my $out, '-|';
	die "fork: $!" unless defined $pid;
	if (!$pid) {
		open STDIN, '<', $in;
		open STDERR, '>', workdir() . '/driver.err';
		exec build_dir() . '/store/driver', @options, $url;
		die "driver: $!";
	}
	local $/;
	my $text = <$out>;
	close $out;
	return defined $text ? $text : '';
}

# ---- the load ----

# Options as load.c's: n, s, t, k, c. A hash: pid, out, url.
my $loads = 0;
sub start_load {
	my ($url, %o) = @_;
	my $out = workdir() . '/load' . ++$loads;
	my @args = map { ("-$_", $o{$_}) } grep { defined $o{$_} } qw(n s t k c);
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	if (!$pid) {
		open STDOUT, '>', $out;
		open STDERR, '>', "$out.err";
		exec 'setpriv', '--pdeathsig', 'KILL',
			build_dir() . '/store/load', @args, $url;
		die "load: $!";
	}
	$children{$pid} = 1;
	my $l = { pid => $pid, out => $out, url => $url };
	wait_for(10, sub { load_line($l, sub { $_[1] > 0 }) })
		or die "the load does not begin:\n" . slurp("$out.err");
	return $l;
}

# The first line "at MS ok N failed M" for which condition->(ms, n, m) holds.
sub load_line {
	my ($l, $condition) = @_;
	for (split /\n/, slurp($l->{out})) {
		my @line = /^at (\d+) ok (\d+) failed (\d+)$/ or next;
		return \@line if $condition->(@line);
	}
	return undef;
}

# Ends it (or waits for its end) and returns the summary: statuses => {},
# errors, error, slowest, open, counts => { key => n }, failed, log.
sub end_load {
	my ($l) = @_;
	kill 'TERM', $l->{pid};
	wait_for(30, sub { waitpid($l->{pid}, 1) == $l->{pid} }) or
		ok(0, 'the load ends');
	my $status = $?;
	delete $children{ $l->{pid} };
	my %s = (statuses => {}, counts => {}, failed => 0);
	$s{log} = slurp("$l->{out}.err");
	ok($status == 0, 'the load ends well', "status $status\n$s{log}");
	for (split /\n/, slurp($l->{out})) {
		$s{statuses}{$1} = $2 if /^status (\S+) (\d+)/;
		@s{qw(errors error)} = ($1, $2) if /^error (\d+) (.*)/;
		$s{$1} = $2 if /^(slowest|open) (\d+)/;
		$s{counts}{$1} = $2 if /^count (\S+) (\d+)/;
		$s{failed} += $1 if /^at .* failed (\d+)/;
	}
	print '     ', join(', ', map { "$_ $s{statuses}{$_}" }
		sort keys %{ $s{statuses} }),
		"; $s{errors} errors; slowest $s{slowest} ms\n";
	return \%s;
}

# Seconds from a moment (time()) until batches succeed and none fails any
# more, undef if that never came.
sub recovery {
	my ($l, $moment) = @_;
	my $found;
	for (split /\n/, slurp($l->{out})) {
		my ($ms, $good, $bad) = /^at (\d+) ok (\d+) failed (\d+)$/
			or next;
		next if $ms / 1000 < $moment;
		$found = undef if $bad;
		$found = $ms / 1000 - $moment
			if !$bad && $good && !defined $found;
	}
	return $found;
}

# Compares what was acknowledged with what is kept: nothing may be there
# twice; what is missing is returned (Redis may lose it in a failover).
sub check_counts {
	my ($url, $summary, $name) = @_;
	my @keys = sort keys %{ $summary->{counts} };
	my $lines = join '', map {
		my $seen = s/count/seen/r;
		"GET $_\nSCARD $seen\n" } @keys;
	my @replies = split /\n/, drive($url, $lines);
	my ($twice, $lost, $torn) = (0, 0, 0);
	for my $key (@keys) {
		my ($count, $seen) = splice @replies, 0, 2;
		($count, $seen) = map { /(\d+)/ ? $1 : 0 } $count, $seen;
		my $want = $summary->{counts}{$key};
		$twice += $count - $want if $count > $want;
		$lost += $want - $count if $count < $want;
		$torn++ if $count != $seen;
	}
	ok($twice == 0 && $torn == 0, "$name: nothing is counted twice",
		"$twice too many, $torn keys torn");
	return $lost;
}

# A load ends well, two seconds after moment: when the servers were well again
# (undef: nothing may have been noticed); may_lose: Redis's own replication may
# have lost what it had acknowledged.
sub check_load {
	my ($url, $l, $moment, $name, %o) = @_;
	my $left = $moment ? $moment + 2 - time : 0;
	sleep $left if $left > 0;
	my $s = end_load($l);
	ok($s->{open} == 0 && !$s->{errors}, "$name: every batch gets through",
		"$s->{open} open, $s->{errors} errors $s->{error}\n$s->{log}");
	ok($s->{slowest} < 2500, "$name: every batch gets a status in time",
		"$s->{slowest} ms");
	if ($moment) {
		my $after = recovery($l, $moment);
		ok(defined $after && $after <= 2,
			"$name: work goes on within 2 s", $after);
		printf "     %.1f s after the servers were well\n", $after || 0;
	} else {
		ok($s->{failed} == 0, "$name: nobody notices", $s->{log});
	}
	my $lost = check_counts($url, $s, $name);
	print "     $lost of the acknowledged were lost by Redis itself\n";
	ok($lost == 0, "$name: nothing is lost") unless $o{may_lose};
}

# ---- servers that say what a test wants ----

sub resp_bulk { map { '$' . length($_) . "\r\n$_\r\n" } @_ }
sub resp_list { '*' . @_ . "\r\n" . join '', @_ }

# Answers every command with what answer->(words) returns, in a process of its
# own; `undef` closes the connection, '' says nothing. Returns { port, log }:
# the log has a line for each command.
sub false_server {
	my ($answer) = @_;
	my $port = free_redis_port();
	my $listener = IO::Socket::INET->new(Listen => 16, ReuseAddr => 1,
		LocalAddr => '127.0.0.1', LocalPort => $port) or die $!;
	my $log = workdir() . "/false$port";
	spit($log, '');
	my $parent = $$;
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	if (!$pid) {
		$false_port = $port;
		serve($listener, $answer, $log, $parent);
		POSIX::_exit(0);	# not our END
	}
	$children{$pid} = 1;
	return { port => $port, log => $log, pid => $pid };
}

sub serve {
	my ($listener, $answer, $log, $parent) = @_;
	my $select = IO::Select->new($listener);
	my %pending;
	open my $out, '>>', $log;
	$out->autoflush(1);
	$SIG{PIPE} = 'IGNORE';
	while (getppid() == $parent) {
		for my $s ($select->can_read(0.5)) {
			if ($s == $listener) {
				$select->add($listener->accept);
				next;
			}
			my $got = sysread $s, $pending{$s}, 65536,
				length($pending{$s} || '');
			my $alive = $got;
			while ($alive && (my @words =
				take_command(\$pending{$s}))) {
				print $out join(' ', @words), "\n";
				my $text = $answer->(@words);
				$alive = defined $text;
				syswrite $s, $text if $alive && length $text;
			}
			next if $alive;
			delete $pending{$s};
			$select->remove($s);
			close $s;
		}
	}
}

# Takes one whole command from the front, if there is one.
sub take_command {
	my ($text) = @_;
	$$text =~ /\A\*(\d+)\r\n/ or return;
	my ($n, $at) = ($1, $+[0]);
	my @words;
	while (@words < $n) {
		substr($$text, $at) =~ /\A\$(\d+)\r\n/ or return;
		$at += $+[0];
		return if length($$text) < $at + $1 + 2;
		push @words, substr $$text, $at, $1;
		$at += $1 + 2;
	}
	substr $$text, 0, $at, '';
	return @words;
}

END {
	if ($$ == $owner) {
		my $status = $?;
		kill 'KILL', keys %children;
		waitpid $_, 0 for keys %children;
		$? = $status;
	}
}

1;
