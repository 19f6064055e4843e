#!/usr/bin/perl
# Random commands, the same ones to a real Redis, to the store in memory and
# to the one in LMDB; every reply is compared. The seed is fixed; SEED=N and
# COMMANDS=N give others.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use lib abs_path(dirname(__FILE__));
use Redis;
use Resp;
use Driver;
use Wire;

my $COMMANDS = $ENV{COMMANDS} || 8000;
my $seed = $ENV{SEED} || 5;

# A generator of our own: the same numbers everywhere.
sub any {
	my ($n) = @_;
	$seed = ($seed * 1103515245 + 12345) % 2147483648;
	return int($seed / 65536) % $n;
}
sub one_of { $_[any(scalar @_)] }
sub maybe { any(100) < $_[0] }

# ---- words ----

my @keys = ((map { "k$_" } 1 .. 12), "mekiki:ip:198.18.0.7", "w:\x00\xff\n\r ",
	'', 'long:' . 'x' x 470, 'longer:' . 'y' x 600, 'longer:' . 'y' x 601);
my @fields = ((map { "f$_" } 1 .. 15), 's', 'h', '', "\x00", 'z' x 459,
	'z' x 460, 'z' x 461, 'z' x 700, "caf\xe9");
my @ints = (-3 .. 10, '9223372036854775807', '-9223372036854775808',
	'9223372036854775808', '007', '+1', ' 1', '1 ', '', 'x', '1.5', '-0',
	'-1');
# Redis's Lua has no integers: what passes through it stays below 2^53.
my @small = grep { length $_ < 16 } @ints;
my @floats = (qw(0 1 -1 2.5 -0.25 1e3 3.14159 1e-5 0.1 1e300 -1e300 inf -inf
	+inf nan abc 1x 5.0e 10), ' 1', '1 ', '', '100000000000000000000');
my @scores = (qw(0 1 2 3 3 3 -1 -2.5 0.5 1e10 inf -inf 7 8 9 10 11), any(1000));
my @ends = (qw{-inf +inf inf (1 (3 3 0 5 10 -1 (-inf abc 1e3 2.5}, '(', '',
	'(0.5');
my @values = ('', 'v', 'a longer value of some words', "\x00\x01\xfe\xff",
	'y' x 2000, 'q' x 4000, @ints);

sub key { one_of(@keys) }
sub field { maybe(10) ? 'm' . any(400) : one_of(@fields) }
sub fields { map { field() } 1 .. 1 + any($_[0] || 4) }
sub value { maybe(50) ? 'v' . any(1000) : one_of(@values) }
sub score { one_of(@scores) }

# A key of each kind is hit more often than not.
my %of;
sub typed {
	my ($kind) = @_;
	return key() if maybe(4);
	my $at = { string => 0, hash => 3, set => 6, zset => 9, list => 12 };
	return $keys[($at->{$kind} + any(4)) % @keys];
}

sub random_case { my ($w) = @_; maybe(10) ? uc $w : $w }

# ---- commands ----

sub expire_option { maybe(30) ? (one_of(qw(nx xx gt lt foo)),
	maybe(20) ? one_of(qw(gt lt nx)) : ()) : () }
sub set_option {
	my @o;
	push @o, one_of('nx', 'xx', 'keepttl', 'get', ['ex', 100],
		['px', 100000], ['ex', 0], ['ex', 'x'], ['ex'], 'bogus')
		for 1 .. (maybe(60) ? any(3) : 0);
	return map { ref $_ ? @$_ : $_ } @o;
}
sub zadd_option { map { one_of(qw(nx xx gt lt ch incr ch gt)) }
	1 .. (maybe(50) ? any(3) : 0) }
sub limit { maybe(40) ? ('limit', one_of(-1 .. 4, 'x'), one_of(-1 .. 5)) : () }
sub scores { maybe(50) ? 'withscores' : () }
sub rank { one_of(-6 .. 6, 100, -100, 0, -1, 'x') }

my %make = (
	string => [
		sub { ['get', typed('string')] },
		sub { ['set', typed('string'), value(), set_option()] },
		sub { ['setex', typed('string'), one_of(100, 50, 0, -1, 'x'),
			value()] },
		sub { ['psetex', typed('string'), one_of(100000, 0), value()] },
		sub { ['setnx', typed('string'), value()] },
		sub { ['getset', typed('string'), value()] },
		sub { ['getdel', typed('string')] },
		sub { ['mget', map { key() } 1 .. 3] },
		sub { ['mset', map { (typed('string'), value()) } 1 .. 2] },
		sub { ['mset', typed('string')] },
		sub { ['append', typed('string'), value()] },
		sub { ['strlen', typed('string')] },
		sub { [one_of('incr', 'decr'), typed('string')] },
		sub { [one_of('incrby', 'decrby'), typed('string'),
			one_of(@ints)] },
		sub { ['incrbyfloat', typed('string'), one_of(@floats)] },
	],
	hash => [
		sub { ['hget', typed('hash'), field()] },
		sub { ['hmget', typed('hash'), fields()] },
		sub { [one_of(qw(hgetall hkeys hvals hlen)), typed('hash')] },
		sub { [one_of(qw(hset hmset)), typed('hash'),
			map { ($_, value()) } fields(6)] },
		sub { ['hset', typed('hash'), map { ("n$_", 'x' . any(99)) }
			1 .. any(200)] },
		sub { ['hset', typed('hash'), field()] },
		sub { ['hsetnx', typed('hash'), field(), value()] },
		sub { ['hdel', typed('hash'), fields()] },
		sub { ['hincrby', typed('hash'), field(), one_of(@ints)] },
		sub { ['hincrby', typed('hash'), 's', any(9) - 4] },
		sub { ['hincrbyfloat', typed('hash'), field(),
			one_of(@floats)] },
		sub { [one_of(qw(hexists hstrlen)), typed('hash'), field()] },
	],
	set => [
		sub { ['sadd', typed('set'), fields(8)] },
		sub { ['sadd', typed('set'), map { "n$_" } 1 .. any(200)] },
		sub { ['srem', typed('set'), fields()] },
		sub { ['sismember', typed('set'), field()] },
		sub { ['smismember', typed('set'), fields()] },
		sub { [one_of(qw(smembers scard)), typed('set')] },
	],
	zset => [
		sub { ['zadd', typed('zset'), zadd_option(),
			map { (score(), $_) } fields(5)] },
		sub { ['zadd', typed('zset'), zadd_option(),
			one_of(@floats), field()] },
		sub { ['zadd', typed('zset'), map { (any(50), "n$_") }
			1 .. any(200)] },
		sub { ['zincrby', typed('zset'), one_of(@floats), field()] },
		sub { ['zincrby', typed('zset'), score(), field()] },
		sub { [one_of(qw(zscore zrank zrevrank)), typed('zset'),
			field()] },
		sub { ['zmscore', typed('zset'), fields()] },
		sub { ['zrem', typed('zset'), fields()] },
		sub { ['zcard', typed('zset')] },
		sub { ['zcount', typed('zset'), one_of(@ends), one_of(@ends)] },
		sub { [one_of(qw(zrange zrevrange)), typed('zset'), rank(),
			rank(), scores()] },
		sub { [one_of(qw(zrangebyscore zrevrangebyscore)),
			typed('zset'), one_of(@ends), one_of(@ends), scores(),
			limit()] },
		sub { ['zrange', typed('zset'), one_of(@ends), one_of(@ends),
			'byscore', (maybe(50) ? 'rev' : ()), scores(),
			limit()] },
		sub { ['zrange', typed('zset'), rank(), rank(),
			one_of('rev', 'bogus', 'limit'), scores(), limit()] },
		sub { ['zremrangebyrank', typed('zset'), rank(), rank()] },
		sub { ['zremrangebyscore', typed('zset'), one_of(@ends),
			one_of('(1', 0, 3, 'x')] },
		sub { [one_of(qw(zpopmin zpopmax)), typed('zset'),
			maybe(50) ? one_of(0 .. 3, -1, 'x') : ()] },
	],
	list => [
		sub { [one_of(qw(lpush rpush lpushx rpushx)), typed('list'),
			map { value() } 1 .. 1 + any(4)] },
		sub { [one_of(qw(lrange ltrim)), typed('list'), rank(),
			rank()] },
		sub { ['llen', typed('list')] },
		sub { ['lindex', typed('list'), rank()] },
		sub { [one_of(qw(lpop rpop)), typed('list'),
			maybe(40) ? one_of(0 .. 3, -1, 'x') : ()] },
	],
	key => [
		sub { [one_of(qw(del unlink exists)), map { key() }
			1 .. 1 + any(2)] },
		sub { ['type', key()] },
		sub { ['expire', key(), one_of(100, 200, 50, 0, -5, 'x',
			'9223372036854775807'), expire_option()] },
		sub { ['pexpire', key(), one_of(100000, 150000, 0),
			expire_option()] },
		sub { ['expireat', key(), one_of(time + 300, 1),
			expire_option()] },
		sub { [one_of('persist', 'ttl', 'pttl'), key()] },
		sub { ['dbsize'] },
		sub { ['keys', one_of('*', 'k*', 'k?', 'k[1-4]', 'mekiki:*',
			'k[^1-4]*', '*o*g*', '\\k1', 'longer:*0', '*y',
			'k[4-1]', '[', 'k1*2')] },
	],
	other => [
		sub { ['ping'] }, sub { ['ping', value()] },
		sub { ['ping', 'a', 'b'] }, sub { ['echo', value()] },
		sub { ['nonsense', 'a', 'b c'] }, sub { ['get'] },
		sub { ['hset', 'k1'] }, sub { ['zadd', 'k1', '1'] },
	],
	script => [ \&random_eval ],
);

# ---- scripts ----

my @scripts = (
	"return redis.call('GET', KEYS[1])",
	"return {1, 'two', false, 3.99, {4, {5}}, true, nil, 6}",
	"return {ok = 'fine'}", "return {err = 'MY error'}",
	"return redis.error_reply('MY words')",
	"return redis.error_reply('-MY words')",
	"return redis.status_reply('words')",
	"return redis.pcall('INCR', KEYS[1])",
	"return redis.call('INCRBY', KEYS[1], ARGV[1])",
	"local t = redis.call('HGETALL', KEYS[2]) table.sort(t) return t",
	"redis.call('HSET', KEYS[2], 'script', ARGV[1], 's', 1.5) " .
		"return redis.call('HMGET', KEYS[2], 'script', 's', 'none')",
	"local n = redis.call('HINCRBY', KEYS[2], 'h', 2) " .
		"redis.call('HINCRBYFLOAT', KEYS[2], 'w', '0.5') " .
		"redis.call('EXPIRE', KEYS[2], 500) " .
		"return {n, redis.call('HGET', KEYS[2], 'w')}",
	"local ok = pcall(redis.call, 'LPUSH', KEYS[1], 'x') " .
		"return ok and 'yes' or 'no'",
	"local r = redis.pcall('LPUSH', KEYS[1], 'x') " .
		"if type(r) == 'table' then return r.err end return r",
	"return redis.call('SET', KEYS[1], ARGV[1])",
	"return #KEYS + #ARGV", "return ARGV", "return KEYS",
	"return nil", "return", "return 'a\\0b'", "return -2.7",
	"return redis.sha1hex(ARGV[1])", "return {}",
	"return redis.call('EXISTS', KEYS[1], KEYS[2])",
	"return tostring(10 / 2)", "return redis.call()",
	"return redis.call('nothing', 1)", "return redis.call('get')",
	"return redis.call('get', {})", "error('mine')", "error({err='MY'})",
	"return no_such", "some = 1", "syntax error here",
	"local t = {} for i = 1, 10 do t[i] = redis.call('ECHO', i) end " .
		"return t",
	"for i = 1, 200 do redis.call('ZADD', KEYS[3], i % 17, 'e' .. i) end " .
		"redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -101) " .
		"return redis.call('ZRANGE', KEYS[3], -5, -1, 'WITHSCORES')",
	"return redis.call('TYPE', KEYS[1]).ok",
	"return redis.call('ZSCORE', KEYS[3], 'e7')",
	"local t = redis.call('TIME') return #t",
	"return type(redis.call('PING'))", "return redis.call('PING')",
	"return {redis.call('MGET', KEYS[1], KEYS[2])}",
	"return math.floor(7.5)", "return tonumber(ARGV[1])",
	"return string.format('%d %.6g', 3, 1 / 3)", "return select('#', unpack(ARGV))", "return {[1] = 1, [3] = 3}",
);

sub random_eval {
	my $text = one_of(@scripts);
	my @words = (typed('string'), typed('hash'), typed('zset'),
		one_of(@small), value());
	return ['eval', $text, one_of(qw(3 3 3 3 3 3 x -1 9)), @words]
		if maybe(95);
	return ['eval', $text];
}

# ---- comparing ----

# What has no order, or has the clock in it, made comparable.
my %unordered = map { $_ => 1 } qw(smembers keys hkeys hvals);
sub plain {
	my ($c, $r) = @_;
	my $name = lc $c->[0];
	my ($kind, $v) = @$r;
	if ($kind eq 'list' && $name eq 'hgetall') {
		my @pairs;
		for (my $i = 0; $i < @$v; $i += 2) {
			push @pairs, show($v->[$i]) . '=' . show($v->[$i + 1]);
		}
		return join ' ', sort @pairs;
	}
	return join ' ', sort map { show($_) } @$v
		if $kind eq 'list' && $unordered{$name};
	return $v < 0 ? "int $v" : 'time' if $kind eq 'int' && $name =~ /ttl/;
	return 'error ' . script_error($v)
		if $kind eq 'error' && $name eq 'eval';
	return show($r);
}

# Where in a script an error arose is told differently.
sub script_error {
	my ($text) = @_;
	return 'compiling' if $text =~ /^ERR Error compiling/;
	$text =~ s/ ?script: [0-9a-f]{40},.*//s;
	$text =~ s/ERR user_script:\d+: //;
	$text =~ s/^user_script:\d+: //;
	$text =~ s/^ERR //;
	return $text;
}

sub show {
	my ($r) = @_;
	my ($kind, $v) = @$r;
	return '(' . join(' ', map { show($_) } @$v) . ')' if $kind eq 'list';
	return $kind unless defined $v;
	$v =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
	return "$kind $v";
}

my $redis = start_redis();
my $real = Resp->new($redis->{port});
my @ours = (Driver->new('memory:'), Driver->new('lmdb:' . workdir() . '/db'));
my @names = ('memory', 'lmdb');
my ($done, $faults) = (0, 0);

sub compare {
	my (@batch) = @_;
	my $judge = $real->ask(@batch);
	for my $i (0 .. $#ours) {
		my $got = $ours[$i]->ask(@batch);
		die "$names[$i] died at:\n" . join("\n", map { join ' ', @$_ }
			@batch) unless defined $got && @$got == @batch;
		for my $j (0 .. $#batch) {
			my ($x, $y) = map { plain($batch[$j], $_->[$j]) }
				$judge, $got;
			next if $x eq $y;
			$faults++;
			my $c = join ' ', map { Driver::quote($_) }
				@{ $batch[$j] };
			print substr("$names[$i]: $c", 0, 300), "\n  Redis: ",
				substr($x, 0, 400), "\n  ours:  ",
				substr($y, 0, 400), "\n";
			exit 1 if $faults > 20;
		}
	}
	$done += @batch;
}

my @kinds = qw(string hash set zset list key script other);
my $round = 0;
while ($done < $COMMANDS) {
	my @batch;
	for (1 .. 1 + any(50)) {
		my $kind = maybe(88) ? $kinds[any(6)] : $kinds[6 + any(2)];
		my $c = one_of(@{ $make{$kind} })->();
		$c->[0] = random_case($c->[0]);
		push @batch, $c;
	}
	compare(@batch);
	# Now and then everything of some keys is gone by expiry.
	if (++$round % 40 == 0) {
		compare(map { ['pexpire', key(), 15] } 1 .. 4);
		select undef, undef, undef, 0.03;
		# A reader sees nothing of them, a writer removes them.
		compare(map { ['type', $_] } @keys) if maybe(50);
		$_->other('!tick') for @ours;
		compare(map { ['persist', $_] } @keys);
	}
	# ... or all: the kinds of keys are dealt anew.
	compare(['del', @keys], ['dbsize']) if $round % 150 == 0;
}

# Names, from scan() and from SCAN, are those of KEYS.
my $keys = $real->ask(['keys', '*'])->[0][1];
my $want = join ' ', sort map { $_->[1] } @$keys;
for my $i (0 .. $#ours) {
	my $got = join ' ', sort map { Driver::unquote($_) }
		$ours[$i]->other('!names ""');
	$faults++, print "$names[$i]: scan() gives\n$got\nnot\n$want\n"
		if $got ne $want;
	my ($cursor, @got) = ('0');
	do {
		my $r = $ours[$i]->ask(['scan', $cursor, 'count', 3])->[0][1];
		$cursor = $r->[0][1];
		push @got, map { $_->[1] } @{ $r->[1][1] };
	} while ($cursor ne '0');
	$got = join ' ', sort @got;
	$faults++, print "$names[$i]: SCAN gives\n$got\nnot\n$want\n"
		if $got ne $want;
}
$_->end and $faults++ for @ours;
print "$done commands, $faults differ\n";
exit($faults ? 1 : 0);
