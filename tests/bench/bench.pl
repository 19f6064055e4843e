#!/usr/bin/perl
# The measuring part of run.sh: bench.pl LIST ROUNDS SECONDS
use strict;
use warnings;
use Wire;

my ($list, $rounds, $seconds) = @ARGV;
my $clients = 4;

sub pss_kb {
	my ($d, $name) = @_;
	my $sum = 0;
	for my $pid (processes_of($d, $name)) {
		$sum += $1 if slurp("/proc/$pid/smaps_rollup") =~
			/^Pss:\s+(\d+)/m;
	}
	return $sum;
}

sub load {
	my ($d, $how) = @_;
	my $out = `@{[ build_dir() ]}/bench-load -c $clients $how -p $d->{port} $list`;
	my %f = $out =~ /(\w+)=([\d.]+)/g;
	die "no figures: $out" unless $f{rate};
	return \%f;
}

sub median {
	my @v = sort { $a <=> $b } @_;
	return $v[$#v / 2];
}

my $lines = () = slurp($list) =~ /\n/g;
my %start = (spamd => \&start_spamd, mekikid => \&start_mekikid);
my %name = (spamd => qr/./, mekikid => qr/^mekikid/);
my (%daemon, %rate, %p50, %p99);
for my $who (qw(spamd mekikid)) {
	my $d = $daemon{$who} = $start{$who}->(stock => 1, workers => 2);
	printf "%-8s %.2f s from start to first answer, PSS %.1f MB\n", $who,
		$d->{start_time}, pss_kb($d, $name{$who}) / 1024;
}
# Each message once, so that nothing is measured cold, and all is loaded.
load($_, "-n $lines") for values %daemon;
for my $round (1 .. $rounds) {
	for my $who (qw(spamd mekikid)) {
		my $f = load($daemon{$who}, "-t $seconds");
		printf "%-8s round %d: %8.1f messages/s, p50 %.2f ms, p99 " .
			"%.2f ms, bad %d\n", $who, $round, $f->{rate},
			$f->{p50_ms}, $f->{p99_ms}, $f->{bad};
		push @{ $rate{$who} }, $f->{rate};
	}
}
printf "%-8s PSS after the load %.1f MB\n", $_,
	pss_kb($daemon{$_}, $name{$_}) / 1024 for qw(spamd mekikid);
my ($s, $m) = map { median(@{ $rate{$_} }) } qw(spamd mekikid);
printf "%d messages, %d clients: spamd %.1f/s, mekikid %.1f/s, ratio %.1f\n",
	$lines, $clients, $s, $m, $m / $s;
stop_daemon($_) for values %daemon;
