#!/usr/bin/perl
# What remembering costs: three daemons on the same rules, one without memory,
# one with Redis, one with the embedded store, both with Bayes trained, under
# the same load in turns. Two figures a round and daemon: messages a second,
# and the CPU time of all its processes (the store's included) a message, which
# a busy machine disturbs less. Verdicts may change while a daemon learns, so
# what the load generator calls bad is not counted here.
# memory.pl LIST ROUNDS SECONDS
use strict;
use warnings;
use Redis;
use Wire;

my ($list, $rounds, $seconds) = @ARGV;
my $clients = 4;
my @lines = split /\n/, slurp($list);
my $ticks = `getconf CLK_TCK`;

sub cpu {
	my $sum = 0;
	for my $pid (@_) {
		my @f = split ' ', slurp("/proc/$pid/stat") =~ s/^.*\) //r;
		$sum += $f[11] + $f[12] if @f > 12;
	}
	return $sum / $ticks;
}

sub load {
	my ($d, $how) = @_;
	my $out = `@{[ build_dir() ]}/bench-load -c $clients $how -p $d->{port} $list 2>/dev/null`;
	my %f = $out =~ /(\w+)=([\d.]+)/g;
	die "no figures: $out" unless $f{rate};
	return \%f;
}

sub median {
	my @v = sort { $a <=> $b } @_;
	return $v[$#v / 2];
}

# The first tenth of the messages that SpamAssassin's corpus calls spam and
# ham by their folders; without such names each second one is "spam": figures
# of speed do not mind.
sub train {
	my ($d) = @_;
	my $n = @lines / 5 < 300 ? 300 : @lines / 5;
	my @some = @lines[0 .. ($n < @lines ? $n : @lines) - 1];
	my @spam = grep { m{spam}i && !m{ham}i } @lines;
	my @ham = grep { !m{spam}i || m{ham}i } @lines;
	my $odd = 0;
	@spam = grep { $odd++ % 2 } @some if @spam < 250 || @ham < 250;
	@ham = grep { my $x = $_; !grep { $_ eq $x } @spam } @some
		if @ham < 250;
	for ([ spam => \@spam ], [ ham => \@ham ]) {
		my ($class, $files) = @$_;
		my @take = @$files[0 .. (@$files < 400 ? @$files : 400) - 1];
		open my $fh, '>', workdir() . "/$class.list" or die $!;
		print $fh "$class:file:$_\n" for @take;
		close $fh;
		system(build_dir() . '/mekiki', 'learn', '-q', "--$class",
			'-L', @{ $d->{learn} }, '-f',
			workdir() . "/$class.list") == 0 or die 'learn';
	}
}

my $redis = start_redis();
my %store = (none => 'none', redis => redis_url($redis),
	     lmdb => 'lmdb:' . workdir() . '/lmdb');
my @who = qw(none redis lmdb);
my (%daemon, %rate, %cpu);
mkdir workdir() . '/lmdb';
chmod 0777, workdir() . '/lmdb';
for my $who (@who) {
	my @cf = ("store $store{$who}", @ARGV > 3 ? @ARGV[3 .. $#ARGV] : ());
	my $d = $daemon{$who} = start_mekikid(stock => 1, name => "m-$who",
		workers => 2, own_rules => 1,
		args => [ '-l', map { ('--cf', $_) } @cf ]);
	$d->{learn} = [ map { ('--cf', $_) } @cf ];
	train($d) if $who ne 'none';
}
load($daemon{$_}, '-n ' . @lines) for @who;
for my $round (1 .. $rounds) {
	for my $who (@who) {
		my $d = $daemon{$who};
		my @pids = processes_of($d, qr/^mekikid/);
		push @pids, $redis->{pid} if $who eq 'redis';
		my $before = cpu(@pids);
		my $f = load($d, "-t $seconds");
		my $used = 1000 * (cpu(@pids) - $before) /
			($f->{rate} * $seconds);
		printf "%-6s round %d: %8.1f messages/s, p50 %.2f ms, p99 " .
			"%.2f ms, %.3f ms of CPU a message\n", $who, $round,
			$f->{rate}, $f->{p50_ms}, $f->{p99_ms}, $used;
		push @{ $rate{$who} }, $f->{rate};
		push @{ $cpu{$who} }, $used;
	}
}
for my $who (qw(redis lmdb)) {
	printf "%-6s %.1f %% of the throughput without, CPU time %.2f of it\n",
		$who, 100 * median(@{ $rate{$who} }) / median(@{ $rate{none} }),
		median(@{ $cpu{$who} }) / median(@{ $cpu{none} });
}
stop_daemon($_) for values %daemon;
