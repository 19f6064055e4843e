#!/usr/bin/perl
# A store that is full says so and keeps what it has; what is removed makes
# room again. Full by map_size, and by its disk (a small tmpfs, where that can
# be mounted). And files that are none of ours.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use lib abs_path(dirname(__FILE__));
use Driver;
use lib abs_path(dirname(__FILE__)) . '/../wire';
use Wire;

my $work = workdir();

# Fills a store until it refuses, batch by batch; returns the number of keys.
sub fill {
	my ($d, $words) = @_;
	for my $n (1 .. 100000) {
		my $r = $d->ask(['set', "a$n", $n x 600], ['hset', 'h', $n, $n],
			['set', 'last', $n]);
		die 'it died when it was full' unless $r;
		next unless $r->[0][0] eq 'failed';
		die "$r->[0][1] $r->[0][2]" unless $r->[0][1] eq 'FAILED' &&
			$r->[0][2] =~ $words;
		return $n - 1;
	}
	die 'it is never full';
}

# All of the batches before, and nothing of the one that was refused.
sub whole {
	my ($d, $n) = @_;
	my $r = $d->ask(['get', 'last'], ['exists', 'a' . ($n + 1)],
		['hlen', 'h'], ['hget', 'h', $n], ['get', "a$n"]);
	my $got = join ' ', map { defined $_->[1] ? $_->[1] : '' } @$r;
	my $want = join ' ', $n, 0, $n, $n, $n x 600;
	die "not what was written: " . substr $got, 0, 60 if $got ne $want;
}

sub exhaust {
	my ($words, @args) = @_;
	my $d = Driver->new(@args);
	my $n = fill($d, $words);
	die "only $n fitted" if $n < 50;
	whole($d, $n);
	fill($d, $words) == 0 or die 'refused, and then not';
	# Reading goes on, and what only removes works.
	whole($d, $n);
	for (my $i = 1; $i <= $n; $i += 10) {
		my $r = $d->ask(['del', map { "a$_" } $i .. $i + 9]);
		die "nothing can be removed: $r->[0][2]"
			if $r->[0][0] eq 'failed';
	}
	$d->ask(['set', 'again', 1]);
	my $r = $d->ask(['set', 'again', 1]);
	die "no room again: $r->[0][2]" if $r->[0][0] eq 'failed';
	$d->end and die 'not sound at its end';
	$d = Driver->new(@args);
	$r = $d->ask(['get', 'again'], ['get', 'last']);
	die 'lost' unless $r->[0][1] == 1 && $r->[1][1] == $n;
	$d->end;
	return $n;
}

my $n = exhaust(qr/full/, '-m', 1 << 20, "lmdb:$work/small");
print "1 MiB of map: $n batches\n";

if ($> == 0) {
	mkdir "$work/disk";
	if (system("mount -t tmpfs -o size=2m tmpfs $work/disk 2>&1") == 0) {
		my $ok = eval { $n = exhaust(qr/space left on its disk/,
			"lmdb:$work/disk/db"); 1 };
		my $why = $@;
		system 'umount', "$work/disk";
		die $why unless $ok;
		print "2 MiB of disk: $n batches\n";
	}
}

# What is no store of ours is refused in words.
sub refused {
	my ($words, @args) = @_;
	open my $out, '-|', "sh", "-c", '"$@" 2>&1 </dev/null', 'sh',
		build_dir() . '/store/driver', @args or die "sh: $!";
	my $text = join '', <$out>;
	close $out;
	die "@args ended with " . ($? >> 8) if $? >> 8 != 1;
	die "@args: $text" if $text !~ $words;
}
mkdir "$work/$_" for qw(text short other);
spit("$work/text/data.mdb", "not a file of LMDB\n" x 1000);
refused(qr/not a file of LMDB/, "lmdb:$work/text");
my $whole = slurp("$work/small/data.mdb");
spit("$work/short/data.mdb", substr $whole, 0, 100000);
refused(qr/cut short/, "lmdb:$work/short");
refused(qr/no store yet/, '-r', "lmdb:$work/none");
spit("$work/plain", 'x');
refused(qr/not a directory/, "lmdb:$work/plain");
refused(qr/cannot be made/, "lmdb:$work/none/deeper");
# The record of the format is M's value: 1 octet, then two numbers.
my $d = Driver->new("lmdb:$work/other");
$d->ask(['set', 'k', 'v']);
$d->end;
my $file = slurp("$work/other/data.mdb");
$file =~ s/M\x01(?=\x00{7}\x01)/M\x07/g or die 'no record of the format';
spit("$work/other/data.mdb", $file);
refused(qr/format 7; this version knows 1/, "lmdb:$work/other");
for my $path ("$work/small", "$work/small/data.mdb", "$work/small/lock.mdb") {
	my $mode = (stat $path)[2] & 07777;
	die sprintf "$path: %o", $mode if $mode & 077;
}

# Reading only: everything is seen, nothing is changed.
$d = Driver->new('-r', "lmdb:$work/small");
my $r = $d->ask(['get', 'again'], ['set', 'again', 2], ['get', 'again'],
	['eval', "return redis.call('SET', 'x', 1)", 0]);
die 'not read' unless $r->[0][1] == 1 && $r->[2][1] == 1;
die "written: $_->[0] $_->[1]" for grep { $_->[1] !~ /^READONLY/ }
	@$r[1, 3];
$d->end and die 'the reader failed';
print "fine\n";
