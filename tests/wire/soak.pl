#!/usr/bin/perl
# Reloads and killed workers under load: 16 clients send mail without a pause
# while the daemon (stock rules) gets 100 SIGHUPs, and, separately, while 1,000
# of its workers are killed. Every request must get the verdict that its
# message always gets; descriptors, processes and memory must be back where
# they were afterwards. Takes some minutes.
#
#	soak.pl [RELOADS [KILLS]]
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Wire;
use Time::HiRes qw(sleep time);

my $reloads = defined $ARGV[0] ? $ARGV[0] : 100;
my $kills = defined $ARGV[1] ? $ARGV[1] : 1000;
my $clients = 16;
my $dir = workdir();
my $failed = 0;

# Mail of many kinds, small and large.
sub make_mail {
	my @paths;
	for my $i (1 .. 60) {
		my $lines = $i % 10 == 0 ? 300 : 5 + $i;
		my $text = "Received: from mx$i.example.net (mx$i.example.net " .
			"[192.0.2.$i])\n\tby mail.example.org; " .
			"Tue, 24 Nov 2026 10:00:00 +0000\n" .
			"From: Sender $i <s$i\@example.net>\n" .
			"To: you\@example.org\nSubject: " .
			($i % 3 ? "meeting $i" : "FREE PILLS!!! $i") . "\n" .
			"Date: Tue, 24 Nov 2026 10:00:00 +0000\n" .
			"Message-Id: <$i\@example.net>\nMIME-Version: 1.0\n";
		$text .= $i % 2 ? "Content-Type: text/plain\n\n" :
			"Content-Type: text/html\n\n<html><body>\n";
		for my $l (1 .. $lines) {
			$text .= $i % 2 ? "This is line $l of mail $i, see " .
				"http://www.example$l.com/$i for more.\n" :
				"<p>Buy <b>viagra</b> $l at <a href=\"http://" .
				"shop$l.example.biz/?$i\">our shop</a></p>\n";
		}
		my $path = "$dir/mail$i.eml";
		spit($path, $text);
		push @paths, $path;
	}
	spit("$dir/list", join '', map { "$_\n" } @paths);
}

sub start_load {
	my ($d) = @_;
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	if (!$pid) {
		open STDOUT, '>', "$dir/load.out";
		open STDERR, '>', "$dir/load.err";
		exec build_dir() . '/bench-load', '-c', $clients, '-t', 3600,
			'-U', $d->{socket}, "$dir/list";
		die "bench-load: $!";
	}
	return $pid;
}

sub stop_load {
	my ($pid, $what) = @_;
	kill 'INT', $pid;
	waitpid $pid, 0;
	my $out = slurp("$dir/load.out");
	print "$what: $out", slurp("$dir/load.err");
	my ($requests, $bad) = $out =~ /requests=(\d+) bad=(\d+)/;
	$failed++, print "FAIL $what: not every request got its verdict\n"
		if $bad || !$requests;
}

sub figures {
	my ($d) = @_;
	my %f;
	for my $pid (processes_of($d, qr/^mekikid/)) {
		my ($comm) = slurp("/proc/$pid/comm") =~ /(\S+)/;
		$f{processes}++;
		# Fresh workers and builders are other ones than before.
		$f{fds} += () = glob "/proc/$pid/fd/*";
		my ($kb) = slurp("/proc/$pid/smaps_rollup") =~ /^Pss:\s+(\d+)/m;
		$f{pss_kb} += $kb || 0;
		next if $comm =~ /worker|builder/;
		my ($own) = slurp("/proc/$pid/smaps_rollup") =~
			/^Private_Dirty:\s+(\d+)/m;
		$f{"$comm private_kb"} = $own || 0;
	}
	return \%f;
}

sub compare_figures {
	my ($what, $before, $after) = @_;
	for my $k (sort keys %$before) {
		my ($b, $a) = ($before->{$k}, $after->{$k} || 0);
		my $fine = $k =~ /kb/ ? $a <= $b * 1.2 + 4096 : $a == $b;
		print $fine ? 'ok  ' : 'FAIL', " $what: $k $b -> $a\n";
		$failed++ unless $fine;
	}
}

# A run's frame: warm, measure, disturb under load, measure again.
sub soak {
	my ($d, $what, $disturb) = @_;
	my $load = start_load($d);
	sleep 3;
	stop_load($load, "$what, warming up");
	sleep 3;
	my $before = figures($d);
	$load = start_load($d);
	sleep 0.5;
	my $began = time;
	$disturb->();
	printf "%s: %.1f s\n", $what, time - $began;
	sleep 1;
	stop_load($load, $what);
	wait_for(20, sub { figures($d)->{processes} == $before->{processes} });
	sleep 3;
	compare_figures($what, $before, figures($d));
}

make_mail();
my $d = start_mekikid(name => 'soak', stock => 1);

soak($d, "$reloads reloads", sub {
	for (1 .. $reloads) {
		my $at = -s $d->{log};
		kill 'HUP', $d->{pid};
		wait_for(60, sub {
			open my $fh, '<', $d->{log} or return 0;
			seek $fh, $at, 0;
			grep { /rules: \d+ in \d+ ms/ } <$fh> })
			or $failed++, print "FAIL reload $_ did not end\n";
	}
}) if $reloads;

soak($d, "$kills kills", sub {
	my $done = 0;
	my ($builder) = processes_of($d, qr/^mekikid-builder/);
	while ($done < $kills) {
		my @workers = split ' ',
			slurp("/proc/$builder/task/$builder/children");
		sleep(0.01), next unless @workers;
		$done += kill 'KILL', $workers[rand @workers];
		sleep 0.02 + rand 0.04;
	}
}) if $kills;

my $died = () = log_of($d) =~ /was killed|died of signal|is gone$/mg;
print "workers that ended with or without mail: $died\n";
$failed++, print "FAIL exit status $?\n" if stop_daemon($d) != 0;
print $failed ? "$failed failed\n" : "all fine\n";
exit($failed ? 1 : 0);
