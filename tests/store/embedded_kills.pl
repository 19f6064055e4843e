#!/usr/bin/perl
# Processes that write to one LMDB store are killed with SIGKILL at any moment
# (KILLS=1000 for more): whatever was acknowledged is there afterwards, whole
# batches or nothing of them, and the file is sound. Two write at once.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Time::HiRes qw(sleep time);
use lib abs_path(dirname(__FILE__));
use Driver;
use lib abs_path(dirname(__FILE__)) . '/../wire';
use Wire;

my $KILLS = $ENV{KILLS} || 100;
my $url = 'lmdb:' . workdir() . '/db';
my $script = "redis.call('HSET', KEYS[1], 'n', ARGV[1]) " .
	"redis.call('ZADD', KEYS[2], ARGV[1], 'e' .. ARGV[1]) " .
	"redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -201) " .
	"return redis.call('HINCRBY', KEYS[1], 'total', 1)";

# What each of two writers was told to be written, and what it asked last.
my @acknowledged = (0, 0);
my @asked = (0, 0);

# A batch: its number goes to several places, which must never differ.
sub batch {
	my ($w, $n) = @_;
	return (['set', "w$w:n", $n], ['set', "w$w:fill" . $n % 50, 'x' x
		($n * 37 % 3000), 'ex', 1 + $n % 3], ['lpush', "w$w:ring", $n],
		['ltrim', "w$w:ring", 0, 9],
		['eval', $script, 2, "w$w:h", "w$w:z", $n]);
}

# A writer killed between its commit and the note of it in the lock file leaves
# a last batch that only the next writer sees, so the check is one.
sub check {
	my ($w) = @_;
	my $d = Driver->new($url);
	$d->ask(['set', 'checked', $w]);
	my $r = $d->ask(['get', "w$w:n"], ['hget', "w$w:h", 'n'],
		['lindex', "w$w:ring", 0], ['zrange', "w$w:z", -1, -1],
		['hget', "w$w:h", 'total']);
	die "the store cannot be read" unless $r;
	my @n = map { $_->[0] eq 'list' ? $_->[1][0][1] : $_->[1] } @$r;
	$n[3] =~ s/^e//;
	for my $i (1 .. 4) {
		die "writer $w: half a batch: @n" if $n[$i] ne $n[0];
	}
	die "writer $w: $acknowledged[$w] was acknowledged, $n[0] is there"
		if $n[0] < $acknowledged[$w];
	die "writer $w: $n[0] was never asked" if $n[0] > $asked[$w];
	$d->end and die 'the reader failed';
	return $n[0];
}

my @d;
for my $w (0, 1) {
	$d[$w] = Driver->new($url);
	$asked[$w] = 1;
	$d[$w]->ask(batch($w, 1)) or die 'the first batch';
	$acknowledged[$w] = 1;
}
srand 5;
my $killed_inside = 0;
for my $kill (1 .. $KILLS) {
	my $w = int rand 2;
	# The other one goes on writing meanwhile; this one is killed while it
	# is working on several batches, or between them.
	my $more = 1 + int rand 6;
	my $first = $asked[$w] + 1;
	for my $n ($first .. $first + $more - 1) {
		$asked[$w] = $n;
		$d[$w]->tell_it(batch($w, $n));
	}
	my $o = 1 - $w;
	my $n = ++$asked[$o];
	$d[$o]->ask(batch($o, $n)) or die "writer $o is gone";
	$acknowledged[$o] = $n;
	sleep rand 0.004 * $more;
	kill 'KILL', $d[$w]{pid};
	# What it still said is acknowledged.
	for my $i ($first .. $first + $more - 1) {
		my $r = $d[$w]->replies or last;
		last unless @$r == 5;
		$acknowledged[$w] = $i;
	}
	$killed_inside++ if $acknowledged[$w] < $first + $more - 1;
	$d[$w]->kill_it;
	$asked[$w] = $acknowledged[$w] = check($w)
		if $acknowledged[$w] <= $asked[$w];
	check($o);
	$d[$w] = Driver->new($url);
	$d[$w]->other('!tick');
}
$_->end and die 'a writer failed at its end' for @d;
check($_) for 0, 1;

# The whole file is walked over: each key is read with a command of its type.
my $d = Driver->new($url);
my @names = map { Driver::unquote($_) } $d->other('!names ""');
my %read = (string => ['get'], hash => ['hgetall'], list => ['lrange', 0, -1],
	zset => ['zrange', 0, -1]);
for my $name (@names) {
	my $type = $d->ask(['type', $name])->[0][1];
	next if $type eq 'none';	# expired just now
	my ($command, @rest) = @{ $read{$type} };
	my $r = $d->ask([$command, $name, @rest]);
	die "$name cannot be read" if !$r || $r->[0][0] =~ /error|failed/;
}
my $z = $d->ask(['zcard', 'w0:z'], ['zcount', 'w0:z', '-inf', '+inf']);
die 'the index of a sorted set differs' if $z->[0][1] != $z->[1][1];
# What expired is found and removed, so that nothing is left in the end.
$d->ask(['del', @names]);
my $count = -1;
for (my $began = time; $count && time - $began < 20; sleep 0.1) {
	$d->other('!tick');
	$count = $d->ask(['dbsize'])->[0][1];
}
die "$count keys are left of none" if $count;
$d->end and die 'the last one failed';
die 'no kill met a writer at its work' if !$killed_inside;
print "$KILLS kills, $killed_inside of them inside of a batch; " .
	"$acknowledged[0] and $acknowledged[1] batches\n";
