#!/usr/bin/perl
# The same messages learned into every home of the store: Redis alone (whose
# database bayes_learn.pl compares with SpamAssassin's), a cluster, where keys
# bear hash tags, and the embedded store, where each user has a database. All
# backups are the same, and each home restores another's.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib $here, "$here/../wire";
use Bayes;
use Redis;
use Wire;

my $dir = workdir() . '/homes';
my @site = bayes_site($dir);
my $redis = start_redis(unix => 1);
my $cluster = start_cluster(masters => 3, replicas => 0);
my %store = (redis => redis_url($redis), cluster => redis_url($cluster),
	lmdb => "lmdb:$dir/lmdb");
mkdir "$dir/$_" for qw(spam ham);
for my $n (1 .. 12) {
	spit("$dir/spam/$n", generated_mail($n, 1));
	spit("$dir/ham/$n", generated_mail($n, 0));
}

sub learn {
	my ($home, @args) = @_;
	my ($code, $out, $err) = run_learn('', build_dir() . '/mekiki', 'learn',
		@site, '--no-own-rules', '--state-dir', "$dir/state-$home",
		'--cf', "store $store{$home}", '--cf', 'reputation 0', @args);
	$err =~ s/^mekiki: store: a cluster of \d+ nodes is known\n//mg;
	return $out . ($code ? "exit $code\n" : '') . $err;
}

sub backup {
	my ($home, @args) = @_;
	my $text = learn($home, '--backup', @args);
	$text =~ s/\b1[789]\d{8}\b/TIME/g;
	return join '', sort split /^/, $text;
}

my %said;
for my $home (sort keys %store) {
	$said{$home} = join '', learn($home, '--spam', "$dir/spam", '--ham',
		"$dir/ham"), learn($home, '--spam', "$dir/spam"),
		learn($home, '--ham', "$dir/spam/3", "$dir/spam/4"),
		learn($home, '--forget', "$dir/spam/4", "$dir/ham/5",
		"$dir/ham/5");
}
is($said{redis}, <<EOT, 'what Redis says');
Learned tokens from 24 message(s) (24 message(s) examined)
Learned tokens from 0 message(s) (12 message(s) examined)
Learned tokens from 2 message(s) (2 message(s) examined)
Forgot tokens from 2 message(s) (3 message(s) examined)
EOT
is($said{$_}, $said{redis}, "what $_ says") for qw(cluster lmdb);
my $all = backup('redis');
like($all, qr/^v\t10\tnum_spam\n/m, 'totals');
is(backup($_), $all, "$_: " . ($all =~ tr/\n//) . ' lines of backup')
	for qw(cluster lmdb);

# In the cluster, under tags, spread over its nodes.
my (%tags, $keys);
for my $node (@{ $cluster->{nodes} }) {
	for my $key (split /\n/, redis_cli($node, '--scan')) {
		$keys++;
		$tags{$1}++ if $key =~ /^"?[vws]:\{(\w+)\}/;
	}
}
is(scalar keys %tags, 65, "64 tags and the totals'; $keys keys");

# A user's database is nobody else's; a Redis server has one for all.
is(backup('lmdb', '-u', 'alice'), "v\t0\tnum_nonspam\nv\t0\tnum_spam\n" .
	"v\t3\tdb_version # this must be the first line!!!\n",
	'alice has learned nothing');
is(backup('redis', '-u', 'alice'), $all, 'but for Redis');
is(backup('lmdb', '-u', 'alice', '--cf',
	'bayes_path /var/lib/site/bayes'), $all, 'or one path for all');
like(learn('lmdb', '-u', 'alice', '--spam', "$dir/spam/1"), qr/from 1 mess/,
	'she learns');
is(backup('lmdb'), $all, 'alone');
is(learn('lmdb', '-u', 'alice', '--clear'), '', 'and clears');
is(backup('lmdb'), $all, 'her own');

# Each restores another's.
my %from = (redis => 'cluster', cluster => 'lmdb', lmdb => 'redis');
spit("$dir/$_.backup", learn($_, '--backup')) for keys %store;
for my $home (sort keys %from) {
	is(learn($home, '--clear'), '', "$home: --clear");
	is(learn($home, '--restore', "$dir/$from{$home}.backup"), '',
		"$home restores $from{$home}");
	is(backup($home), $all, 'as it was');
}
is(learn('cluster', '--clear'), '', 'cleared');
is(join('', map { redis_cli($_, '--scan') } @{ $cluster->{nodes} }) =~
	/\bw:|\bv:/ ? 1 : 0, 0, 'no token and no total is left');
done_testing;
