#!/usr/bin/perl
# What docs/store.md says is true: its store lines work in every home, with a
# user of Redis who may do what its ACL line allows and nothing else; its
# settings and messages are the program's; its commands do what it says.
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

my $top = abs_path("$here/../..");
my $dir = workdir() . '/docs';
my @site = (bayes_site($dir), '--own-rules', "$top/rules");
my $doc = slurp("$top/docs/store.md");
my @code = map { s/\s+#.*//r } $doc =~ /^ {4}(\S.*)$/mg;
my %line = map { /^(store\s+(\S+?:|none).*)/ ? ($2 => $1) : () } @code;
my ($acl) = grep { s/^ACL SETUSER mekiki // } @code;
my $secret = 's3cret';
$acl =~ s/PASSWORD/$secret/;

for my $n (1 .. 8) {
	mkdir "$dir/$_" for qw(spam ham);
	spit("$dir/spam/$n", generated_mail($n, 1));
	spit("$dir/ham/$n", generated_mail($n, 0));
}

# Exit code, output and errors in one text.
sub mekiki {
	my ($home, $command, @args) = @_;
	my ($code, $out, $err) = run_learn('', build_dir() . '/mekiki', $command,
		@site, '--state-dir', "$dir/state-$home->{name}",
		(map { ('--cf', $_) } @{ $home->{lines} }), @args);
	$err =~ s/^mekiki: store: (?:a cluster of \d+ nodes is known|the master of .*)\n//mg;
	return ($code ? "exit $code\n" : '') . $out . $err;
}

# ---- what is written is what there is ----

sub same_as_sources {
	my $keywords = slurp("$top/engine/conf/keywords_own.c");
	while ($keywords =~ /\{ "((?:store_|reputation_max|bayes_cache)\w+)",(.*?)\.doc/sg) {
		my ($name, $row) = ($1, $2);
		my ($default) = $row =~ /\.def = "(.*?)"/;
		my ($told) = $doc =~ /^\| `\Q$name\E\b[^`]*` \| (.*?) \|/m;
		ok(defined $told, "$name is in the table");
		is($told, "`$default`", 'with its default') if defined $default;
	}
	my $texts = join '', map {
		my $c = slurp($_);
		$c =~ s/"\s*(?:PRI\w+)?\s*\n?\s*"//g;
		$c } glob("$top/redis/*.c");
	my ($table) = $doc =~ /## What the log says(.*)/s;
	for my $row ($table =~ /^\| `(.*?)`/mg) {
		for my $part (grep { length > 9 }
			      split / *\.\.\. *:?|, after N.*|N .*/, $row) {
			next if $part =~ /Connection refused/;
			ok(index($texts, $part) >= 0, "\"$part\"");
		}
	}
}

# ---- the story: a home, and a Redis user in it ----

# A home with the documents' line; its hosts become the test's.
sub home {
	my ($name, $scheme, $hosts, @lines) = @_;
	my $line = $line{$scheme} or die "no line with $scheme";
	$line =~ s/PASSWORD/$secret/;
	$line =~ s/\b(?:198\.18|redis\.example)[\w.:,]*/$hosts/ if $hosts;
	return { name => $name, lines => [$line, @lines] };
}

# Who only administers: the server's own user is closed.
my @admin = (user => 'admin', password => 'adm1n', acl =>
	['user admin on >adm1n ~* &* +@all', 'user default off',
	 "user mekiki $acl %R~site:own-domains ~lua:*"]);

sub denied { join '', map { redis_cli($_, 'ACL', 'LOG') } @_ }

sub learns {
	my ($home) = @_;
	my $name = $home->{name};
	is(mekiki($home, 'learn', '--spam', "$dir/spam", '--ham', "$dir/ham"),
	   "Learned tokens from 16 message(s) (16 message(s) examined)\n",
	   "$name: learns");
	is(mekiki($home, 'learn', '--forget', "$dir/ham/1"),
	   "Forgot tokens from 1 message(s) (1 message(s) examined)\n",
	   "$name: forgets");
	like(mekiki($home, 'learn', '--dump', 'magic'),
	     qr/\s8\s.*nspam.*\n.*\s7\s.*nham/, "$name: --dump magic");
	like(mekiki($home, 'check', '--remember', "$dir/spam/3"),
	     qr/BAYES_\d/, "$name: a message is scored");
}

sub backs_up {
	my ($home) = @_;
	my $name = $home->{name};
	my $backup = mekiki($home, 'learn', '--backup');
	spit("$dir/bayes.txt", $backup);
	is(mekiki($home, 'learn', '--clear'), '', "$name: --clear");
	is(mekiki($home, 'learn', '--restore', "$dir/bayes.txt"), '',
	   "$name: --restore");
	is(join('', sort split /^/, mekiki($home, 'learn', '--backup') =~
		s/\t\d{10}\t/\tTIME\t/gr),
	   join('', sort split /^/, $backup =~ s/\t\d{10}\t/\tTIME\t/gr),
	   'as it was');
}

sub remembers {
	my ($home) = @_;
	my $name = $home->{name};
	like(mekiki($home, 'reputation', '--set', 'ip:198.18.0.7', 'spam=9'),
	     qr/^(?!exit)/, "$name: reputation --set");
	like(mekiki($home, 'reputation', '198.18.0.7'), qr/198\.18\.0\.7/,
	     "$name: reputation");
	like(mekiki($home, 'reputation', '--top', 'ip'), qr/^(?!exit 7)/,
	     "$name: --top");
	like(mekiki($home, 'reputation', '--forget', 'ip:198.18.0.7'),
	     qr/^(?!exit)/, "$name: --forget");
}

sub may_no_more {
	my ($redis) = @_;
	my $user = { %$redis, user => 'mekiki', password => $secret };
	for my $words ('SET other 1', 'GET other', 'SADD site:own-domains x',
		       'CONFIG GET dir', 'FLUSHALL', 'KEYS *', 'ACL LIST',
		       'CLIENT KILL TYPE normal', 'SCRIPT FLUSH',
		       'PUBLISH a b', 'SHUTDOWN', 'MONITOR') {
		like(redis_cli($user, split / /, $words), qr/^(?:\(error\) )?NOPERM/,
		     "mekiki may not $words");
	}
}

# ---- the homes ----

sub tcp {
	my $redis = start_redis(@admin);
	my $home = home('redis', 'redis:', "127.0.0.1:$redis->{port}",
		grep { /^store_list/ } @code);
	redis_cli($redis, 'SADD', 'site:own-domains', 'example.com');
	learns($home);
	backs_up($home);
	remembers($home);
	is(denied($redis), '', 'the ACL allows all that was asked');
	may_no_more($redis);
	redis_cli($redis, 'ACL', 'LOG', 'RESET');
	daemon($redis, $home);
	journal($redis, $home);
}

# The daemon under the same user: verdicts teach, TELL learns.
sub daemon {
	my ($redis, $home) = @_;
	spit("$dir/site/b.cf", join "\n", 'ifplugin Mekiki',
		@{ $home->{lines} }, 'endif', '');
	my $d = start_mekikid(rules => "$dir/rules", site => "$dir/site",
		own_rules => 1, args => ['-l', '--own-rules', "$top/rules"]);
	my $mail = generated_mail(99, 1);
	my $size = 'Content-length: ' . length $mail;
	like(talk($d, "SYMBOLS SPAMC/1.5\r\n$size\r\n\r\n$mail"), qr/BAYES_/,
	     'the daemon scores');
	like(talk($d, "TELL SPAMC/1.5\r\nMessage-class: spam\r\n" .
		      "Set: local\r\n$size\r\n\r\n$mail"), qr/^DidSet: local/m,
	     'and learns');
	wait_for(10, sub { redis_cli($redis, '--scan', '--pattern',
		'mekiki:known:*') }) or fail('verdicts teach');
	is(stop_daemon($d), 0, 'it ends well');
	is(denied($redis), '', 'the ACL allows the daemon, too');
	unlink "$dir/site/b.cf";
}

sub journal {
	my ($redis, $home) = @_;
	my $before = redis_cli($redis, 'GET', 'v:NSPAM');
	my $state = "$dir/state-$home->{name}/journal";
	pause_redis($redis);
	spit("$dir/late", generated_mail(200, 1));
	like(mekiki($home, 'learn', '--spam', "$dir/late"),
	     qr/1 of them wait in the journal: the store cannot be reached/,
	     'without the server: into the journal');
	like(`mdb_stat $state`, qr/Entries: [1-9]/, 'mdb_stat shows it');
	continue_redis($redis);
	mekiki($home, 'learn', '--dump', 'magic');
	is(redis_cli($redis, 'GET', 'v:NSPAM'), $before + 1,
	   'the next command brings it home');
	like(`mdb_stat $state`, qr/Entries: 0/, 'and mdb_stat shows that');
}

sub unix {
	my $redis = start_redis(@admin, unix => 1);
	my $home = home('unix', 'redis+unix:');
	$home->{lines}[0] =~ s{//.*?\?}{//$redis->{socket}?};
	learns($home);
}

sub tls {
	my $redis = start_redis(@admin, tls => 1);
	my $home = home('tls', 'rediss:', "127.0.0.1:$redis->{port}",
		"store_ca_file $redis->{tls}{ca}");
	learns($home);
	$home->{lines}[1] = "store_ca_file $redis->{tls}{other}";
	like(mekiki($home, 'learn', '--dump', 'magic'), qr/^exit 1\n.*certificate/s,
	     'tls: another authority is none');
}

# Few servers: what they do together is tested elsewhere.
sub sentinel {
	my $set = start_sentinels(replicas => 0, sentinels => 1,
		config => ["user mekiki $acl"]);
	my $home = home('sentinel', 'redis+sentinel:',
		"127.0.0.1:$set->{sentinels}[0]{port}");
	$home->{lines}[0] =~ s/mymaster/$set->{master}/;
	learns($home);
	is(denied(@{ $set->{nodes} }), '', 'the ACL allows it');
}

sub cluster {
	my $set = start_cluster(replicas => 0, config => ["user mekiki $acl"]);
	my $home = home('cluster', 'redis+cluster:', join ',',
		map { "127.0.0.1:$_->{port}" } @{ $set->{nodes} });
	learns($home);
	is(denied(@{ $set->{nodes} }), '', 'the ACL allows it');
}

# A file: made by root's command before the daemon of another user comes.
sub file {
	my $home = home('file', 'lmdb:');
	$home->{lines}[0] =~ s{/srv\S+}{$dir/memory};
	learns($home);
	remembers($home);
	mkdir "$dir/copy";
	is(`mdb_copy -c $dir/memory $dir/copy 2>&1`, '', 'mdb_copy');
	my $copy = { name => 'copy', lines => ["store lmdb:$dir/copy"] };
	is(mekiki($copy, 'learn', '--dump', 'magic'),
	   mekiki($home, 'learn', '--dump', 'magic'), 'has all');
	spit("$dir/site/b.cf", "ifplugin Mekiki\n$home->{lines}[0]\nendif\n");
	chmod 0755, $dir;
	my $d = start_mekikid(rules => "$dir/rules", site => "$dir/site",
		name => 'mekikid2');
	my $mail = generated_mail(99, 1);
	like(talk($d, "SYMBOLS SPAMC/1.5\r\nContent-length: " . length($mail) .
		      "\r\n\r\n$mail"), qr/BAYES_/,
	     'a daemon that is not root uses what root made');
	stop_daemon($d);
	unlink "$dir/site/b.cf";
}

sub nothing {
	my $home = home('none', 'none');
	like(mekiki($home, 'learn', '--dump', 'magic'), qr/nothing is remembered/,
	     'store none');
}

sub lint {
	for my $text (sort values %line) {
		my ($code, $out, $err) = run_learn('', build_dir() . '/mekiki',
			'lint', '-q', @site, '--cf', $text);
		is("$code$out$err", '0', "lint: $text");
	}
}

same_as_sources();
lint();
tcp();
unix();
tls();
sentinel();
cluster();
file();
nothing();
done_testing;
