#!/usr/bin/perl
# What clients notice when the store fails: a whole daemon over real servers,
# under a load of 16 clients that scan while some of their requests are TELLs
# of messages that are told once. Servers are killed, paused and restarted,
# masters lost, slots moved. Of each fault:
#
#   no request is without a verdict, and no answer is bad
#   every TELL that was acknowledged is counted once: in the totals of Bayes,
#   the counts of a token, the reputation of a link and a sender, its markers;
#   what Redis itself lost after acknowledging it (a replica takes over that
#   had not got it yet) is found in the dead master's own log, and shown
#   p99 of the scans from the fault to two seconds after the store is back,
#   less the p99 of the seconds before and behind it, is at most 100 ms
#   from when the store is back, verdicts have memory within 2 s
#
# faults.pl [--quick] [--repeat N] [--every N] [--workers N] HOME[:FAULT,...] ...
# --quick asserts no times; each N-th request is a TELL (20).
use strict;
use warnings;
use FindBin;
use Getopt::Long;
use lib $FindBin::Bin, "$FindBin::Bin/../wire";
use Load;
use Redis;
use Time::HiRes qw(sleep time);
use Told;
use Wire;

my ($quick, $repeat, $every, $workers) = (0, 1, 20, 5);
GetOptions('quick' => \$quick, 'repeat=i' => \$repeat, 'every=i' => \$every,
	'workers=i' => \$workers) or exit 64;

my $ORDINARY = $quick ? 0.7 : 6;	# seconds on both sides of a fault
my $PAUSE = $quick ? 1 : 3;
my @aof = ('appendonly yes', 'appendfsync no');	# written before the answer
my ($set, $d, %lost, @table);	# lost: of this fault

# ---- the homes ----

my %start = (
	redis => sub { start_redis(config => \@aof) },
	sentinel => sub { start_sentinels(config => \@aof) },
	cluster => sub { start_cluster(config => \@aof) },
);

sub servers { $set->{nodes} ? @{ $set->{nodes} } : ($set) }
sub everything { (servers(), @{ $set->{sentinels} || [] }) }

sub masters {
	return grep { $_->{master} && !$_->{failed} && @{ $_->{slots} } }
		cluster_nodes($set, @_);
}

# Until all is as it was, and replicas are in step.
sub settle {
	if ($set->{sentinels}) {
		my $master = sentinel_master($set) or die 'no master';
		wait_replicas($master, $#{ $set->{nodes} });
	} elsif ($set->{nodes}) {
		wait_cluster($set);
	}
}

# ---- the faults: each returns when the store is well again ----

sub killed {
	kill_redis(servers());
	sleep $quick ? 0.5 : 2;
	restart_redis(servers());
	settle() if $set->{nodes};
}

sub paused {
	pause_redis(everything());
	sleep $PAUSE;
	continue_redis(everything());
}

sub restarted {
	restart_redis(servers());
	if ($set->{sentinels}) {
		wait_for(20, sub { my $m = sentinel_master($set);
			$m && redis_cli($m, 'ROLE') =~ /^master/ }) or die;
	} elsif ($set->{nodes}) {
		wait_for(20, sub { !grep { redis_cli($_, 'CLUSTER', 'INFO')
			!~ /cluster_state:ok/ } servers() }) or die;
	}
}

# What a server's log on disk says was told: markers, with "s" or "h" for
# those of Bayes. (What it got from another master long ago is in another form
# there; nobody could lose that.)
sub logged {
	my ($r) = @_;
	my %keys;
	for my $file (glob "$r->{dir}/appendonlydir/*.incr.aof") {
		my $text = slurp($file);
		$keys{$1} = $2 while $text =~
			/\r\n(s:[^\r\n]+)\r\n\$1\r\n([sh])\r\n/g;
		$keys{$1} = '' while $text =~
			/\r\n(mekiki:told:[^\r\n]+)\r\n/g;
	}
	return \%keys;
}

sub master_lost {
	my $old = $set->{sentinels} ? sentinel_master($set) :
		(masters())[0]{server};
	kill_redis($old);
	$lost{dead} = $old;
	$lost{had} = logged($old);
	if ($set->{sentinels}) {
		wait_for(30, sub { my $m = sentinel_master($set);
			$m && $m != $old && redis_cli($m, 'ROLE') =~ /^master/
			}) or die 'no new master';
		return;
	}
	my @up = grep { $_->{pid} } servers();
	wait_for(30, sub {
		!grep { redis_cli($_, 'CLUSTER', 'INFO') !~
			/cluster_state:ok/ } @up and
		!grep { $_->{server} == $old && @{ $_->{slots} } }
			cluster_nodes($set, $up[0]) }) or die 'no new master';
}

# Right after one move the nodes may not agree yet: then it is tried again.
sub reshard {
	my ($from, $to) = @_;
	my $said;
	wait_for(20, sub {
		$said = redis_cli($from->{server}, '--cluster', 'reshard',
			"127.0.0.1:$from->{server}{port}", '--cluster-from',
			$from->{id}, '--cluster-to', $to->{id},
			'--cluster-slots', 300, '--cluster-yes');
		return $said =~ /Moving slot \d+ from/ }) or
		die "reshard:\n$said";
}

sub slots_moved {
	my ($x, $y, $z) = masters();
	reshard($x, $y);
	reshard($y, $z);
}

my %faults = (killed => \&killed, paused => \&paused,
	restarted => \&restarted, master_lost => \&master_lost,
	slots_moved => \&slots_moved);
my %usual = (
	redis => [qw(killed paused restarted)],
	sentinel => [qw(master_lost paused restarted)],
	cluster => [qw(slots_moved master_lost paused restarted)],
);

# ---- what was lost by Redis itself ----

my %gone;	# class, figure => how many, since the beginning

# Adds markers that the dead master wrote down and that nobody has now.
sub note_lost {
	my $had = $lost{had} or return;
	my %now = (%{ markers($d, 's:') }, %{ markers($d, 'mekiki:told:') });
	for my $key (grep { !$now{qq("$_")} && !$now{$_} } keys %$had) {
		for my $class (qw(spam ham)) {
			$gone{$class}{$_}++
				for figures_of($d, $class, $key,
					       $had->{$key});
		}
	}
}

sub lost_of {
	my ($class, $figure) = @_;
	return $gone{$class}{$figure} || 0;
}

# ---- one fault ----

sub scans { grep { $_->{word} eq 'SCAN' } @_ }

sub between {
	my ($from, $to, @r) = @_;
	return grep { $_->{began} >= $from && $_->{began} < $to } @r;
}

sub p99 { 1000 * percentile(0.99, map { $_->{took} } @_) }

# Seconds from `back` until 50 scans in a row have memory.
sub memory_back {
	my ($back, @scans) = @_;
	my ($since, $n) = (undef, 0);
	for my $r (sort { $a->{began} <=> $b->{began} } @scans) {
		next if $r->{began} < $back;
		($since, $n) = (undef, 0) if $r->{result} ne 'with';
		next if $r->{result} ne 'with';
		$since = $r->{began} unless $n++;
		return $since - $back if $n >= 50;
	}
	return undef;
}

# Seconds until the journal is empty; 0 if nothing went there.
sub journal_empty {
	my ($back, $log) = @_;
	my @t = localtime $back;
	my $day = $t[2] * 3600 + $t[1] * 60 + $t[0] + $back - int $back;
	my $used = $log =~ /goes to the journal/;
	my $last;
	$last = [ log_time($1), $2 ] while $log =~
		/^(.*store: (\d+) entries of the journal were replayed)/mg;
	return (0, 0) unless $used;
	return (undef, 0) unless $last;
	return ($last->[0] < $day ? 0 : $last->[0] - $day, $last->[1]);
}

sub one_fault {
	my ($home, $fault) = @_;
	my $before = length log_of($d);
	%lost = ();
	my $b = bench_start($d, c => 16, t => 600, T => $every);
	sleep $ORDINARY + ($quick ? 0 : 1);
	my $began = time;
	$faults{$fault}->();
	my $back = time;
	sleep(($quick ? 1.5 : 3) + $ORDINARY);
	my $end = time;
	my @r = @{ bench_end($b, 1) };
	my @scans = scans(@r);
	my @in = between($began, $back + 2, @scans);
	my @out = (between($began - $ORDINARY, $began, @scans),
		   between($back + 3, $end - 0.3, @scans));
	restart_redis($lost{dead}) if $lost{dead};
	settle();
	wait_for(30, sub { my ($t) = journal_empty($back,
		substr log_of($d), $before); defined $t });
	my $log = substr log_of($d), $before;
	my ($drain, $entries) = journal_empty($back, $log);
	my %t = (home => $home, fault => $fault, in => p99(@in),
		out => p99(@out), lasted => $back - $began,
		memory => memory_back($back, @scans), drain => $drain,
		entries => $entries, scans => scalar @scans,
		nin => scalar @in, tells => @r - @scans,
		without => scalar(grep { $_->{result} eq 'without' } @scans),
		odd => scalar(grep { $_->{result} eq 'without' } @out),
		rate => @out / (2 * $ORDINARY),
		bad => scalar @{ $b->{bad} });
	push @table, \%t;
	report($b, \%t);
}

sub report {
	my ($b, $t) = @_;
	my $name = "$t->{home}, $t->{fault}";
	printf "     %s: %.1f s; %d scans (%d a second ordinarily), %d in " .
		"the fault, %d without memory (%d of them in ordinary time); " .
		"%d TELLs; p99 %.0f ms, ordinarily %.0f\n", $name,
		@$t{qw(lasted scans rate nin without odd tells in out)};
	printf "     memory back after %s s; %d entries of the journal, " .
		"empty after %s s\n", map { defined $_ ? $_ =~ /\./ ?
		sprintf '%.2f', $_ : $_ : 'never' }
		@$t{qw(memory entries drain)};
	ok(!$t->{bad}, "$name: no request without a good answer", $b->{said});
	ok(!$b->{errors}, "$name: no TELL is refused",
		join ', ', %{ $b->{errors} || {} });
	ok(defined $t->{memory}, "$name: memory is back");
	ok(defined $t->{drain}, "$name: the journal is empty");
	if (!$quick) {
		ok($t->{in} - $t->{out} <= 100, "$name: p99 within 100 ms");
		ok(defined $t->{memory} && $t->{memory} <= 2,
			"$name: memory is back within 2 s");
	}
	note_lost();
	counted_is($d, $name, \&lost_of);
}

# ---- all of them ----

sub home {
	my ($home, @which) = @_;
	$set = $start{$home}->();
	%gone = ();
	$d = told_daemon(redis_url($set), name => "told-$home",
		workers => $workers);
	bench_run($d, c => 4, n => $quick ? 100 : 440, T => 1);
	bench_run($d, c => 16, n => 600);
	counted_is($d, "$home, trained");
	for my $fault (@which) {
		one_fault($home, $fault) for 1 .. $repeat;
	}
	stop_daemon($d);
	stop_redis(everything());
}

sub median { percentile(0.5, @_) }

@ARGV = qw(redis sentinel cluster) unless @ARGV;
for my $arg (@ARGV) {
	my ($home, @which) = split /[:,]/, $arg;
	home($home, @which ? @which : @{ $usual{$home} });
}
finish();
