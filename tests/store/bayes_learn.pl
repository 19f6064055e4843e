#!/usr/bin/perl
# mekiki learn beside the real sa-learn: the same messages give the same
# database; each reads, changes and forgets what the other learned; backups go
# both ways; what is found in files and folders is the same.
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

my $dir = workdir() . '/learn';
my @site = bayes_site($dir);
my $redis = start_redis(unix => 1);
my @db = map { connect_redis($redis, $_) } 0 .. 3;

# Twenty spams in a folder, twenty hams in an mbox file.
mkdir "$dir/spam";
my $mbox = "this stands before the first message\n";
for my $n (1 .. 20) {
	spit("$dir/spam/$n.eml", generated_mail($n, 1));
	$mbox .= "From sender\@ham.example Mon Nov  2 10:00:00 2026\n" .
		generated_mail($n, 0) . "\n";
}
spit("$dir/ham.mbox", $mbox);
my @all = ('--spam', "$dir/spam", '--ham', "$dir/ham.mbox");

sub same {
	my ($what, $x, $y) = @_;
	my ($p, $q) = (database($db[$x]), database($db[$y]));
	is(same_database($p, $q), '', "$what: " . keys(%$p) . ' keys');
}

# What both say when told the same.
sub both {
	my ($what, @args) = @_;
	is(mekiki_learn(\@site, $redis, 1, @args),
	   sa_learn(\@site, $redis, 0, @args), "$what: the same words");
	same($what, 0, 1);
}

both('learned', @all);
both('learned again', @all);
both('turned round', '--ham', "$dir/spam/3.eml", '--spam',
	"$dir/spam/4.eml");
both('forgotten', '--forget', "$dir/spam/1.eml", "$dir/spam/3.eml",
	"$dir/spam/1.eml");
is($db[1]->call('GET', 'v:NSPAM'), 18, 'spams that are left');

# Each forgets or learns anew what the other taught.
sa_learn(\@site, $redis, 1, '--forget', "$dir/spam/5.eml");
mekiki_learn(\@site, $redis, 0, '--forget', "$dir/spam/5.eml");
same('forgotten by the other', 0, 1);
sa_learn(\@site, $redis, 1, '--ham', "$dir/spam/6.eml");
mekiki_learn(\@site, $redis, 0, '--ham', "$dir/spam/6.eml");
same('turned round by the other', 0, 1);

# Dump and backup, but for their times and the order of lines.
sub lines {
	my ($text) = @_;
	$text =~ s/\b1[789]\d{8}\b/TIME/g;
	return join "\n", sort split /\n/, $text;
}
for my $what (['--dump'], ['--backup']) {
	is(lines(mekiki_learn(\@site, $redis, 0, @$what)),
	   lines(sa_learn(\@site, $redis, 1, @$what)), "@$what");
}
is(scalar(() = mekiki_learn(\@site, $redis, 0, '--dump', 'magic') =~ /\n/g),
	10, '--dump magic');
like(mekiki_learn(\@site, $redis, 0, '--dump', 'data', '--regexp', '^0'),
	qr/^(?:\S+ +\d+ +\d+ +\d+  0[0-9a-f]{9}\n)+\z/, '--regexp');

# Backups: each restores the other's.
spit("$dir/ours", mekiki_learn(\@site, $redis, 1, '--backup'));
spit("$dir/theirs", sa_learn(\@site, $redis, 0, '--backup'));
$db[3]->call('SET', 'w:stale', 'x');
$db[3]->call('SET', 's:stale@id', 's');
sa_learn(\@site, $redis, 2, '--restore', "$dir/ours");
is(mekiki_learn(\@site, $redis, 3, '--restore', "$dir/theirs"), '',
	'--restore');
{
	my ($p, $q) = map { database($db[$_]) } 2, 3;
	my $wrong = 0;
	for my $d ($p, $q) {
		for my $key (grep { /^[sw]:/ } keys %$d) {
			my $ttl = $key =~ /^w/ ? 1814400 : 691200;
			my $v = $d->{$key}[1] / $ttl;
			$wrong++ if $v < 0.69 || $v > 1.7;
			$d->{$key}[1] = 0;
		}
	}
	is($wrong, 0, 'times to live vary as they should');
	is(same_database($p, $q), '', 'restored: ' . keys(%$p) . ' keys');
	my $now = database($db[0]);
	$now->{$_}[1] = 0 for grep { /^[sw]:/ } keys %$now;
	is(same_database($now, $q), '', 'as it was');
}
is(mekiki_learn(\@site, $redis, 3, '--clear'), '', '--clear');
is(join(' ', keys %{ database($db[3]) }), '', 'nothing is left');
spit("$dir/old", "v\t2\tdb_version # x\nv\t2\tnum_spam\nv\t1\tnum_nonspam\n" .
	"t\t2\t0\t1700000000\tviagra\nt\t0\t1\t1700000000\tHSubject:x\nnoise\n" .
	"t\t-1\t0\t1700000000\tgone\ns\ts\tid\@x\ns\tx\tid2\n");
$db[2]->call('FLUSHDB');
sa_learn(\@site, $redis, 2, '--restore', "$dir/old");
like(mekiki_learn(\@site, $redis, 3, '--restore', "$dir/old"),
	qr/2 lines make no sense/, 'a backup of version 2');
{
	my ($p, $q) = map { database($db[$_]) } 2, 3;
	for my $d ($p, $q) {
		$d->{$_}[1] = 0 for keys %$d;
	}
	is(same_database($p, $q), '', 'restored');
}
for my $bad ("t\t1\t1\t1\t0011223344\n", "v\t4\tdb_version\n", '',
	     "v\t3\tdb_version\nt\t1\t1\t1\t0011223344\n") {
	spit("$dir/bad", $bad);
	like(mekiki_learn(\@site, $redis, 2, '--restore', "$dir/bad"),
		qr/exit 1\n/, 'no backup');
}

# ---- where messages are found ----

$_->call('FLUSHDB') for @db;
my $md = "$dir/Maildir";
mkdir $_ for $md, map { "$md/$_" } qw(new cur tmp);
my $n = 100;
my $mail = sub { generated_mail($n++, 1) };
spit("$md/new/1", $mail->());
spit("$md/cur/2:2,S", $mail->());
spit("$md/cur/3:2,ST", $mail->());
spit("$md/cur/.4", $mail->());
spit("$md/tmp/5", $mail->());
my $mh = "$dir/mh";
mkdir $_ for $mh, "$mh/below", "$mh/.hidden";
spit("$mh/1", $mail->());
spit("$mh/,2", $mail->());
spit("$mh/.3", $mail->());
spit("$mh/below/4", $mail->());
spit("$mh/.hidden/5", $mail->());
my $cyrus = "$dir/cyrus";
mkdir $cyrus;
spit("$cyrus/$_", $mail->()) for qw(cyrus.header cyrus.index cyrus.cache 1. 2.);
spit("$dir/packed", $mail->());
system('gzip', "$dir/packed") == 0 or die;
spit("$dir/two words.eml", $mail->());
spit("$dir/large.eml", $mail->() . ('x' x 70 . "\n") x 8000);
spit("$dir/crlf.mbox", join '', map {
	my $t = "From x\@y Mon Nov  2 10:00:00 2026\n" . $mail->() .
		"\nFrom here on it is still the same message.\n\n";
	$t =~ s/\n/\r\n/g; $t } 1 .. 3);
{
	my $head = "*mbx*\r\n" . "00000000\r\n";
	my $mbx = $head . "\0" x (2048 - length $head);
	for my $i (1 .. 3) {
		my $t = $mail->();
		$t =~ s/\n/\r\n/g;
		$mbx .= sprintf("%2d-Nov-2026 10:00:0%d +0000,%d;%012x-%08x\r\n",
			$i, $i, length $t, 0, $i) . $t;
	}
	spit("$dir/box", $mbx);
}
spit("$dir/list", "spam:dir:$mh\nham::$dir/packed.gz\n\n$dir/crlf.mbox\n" .
	"ham:mbx:$dir/box\n");
my @cases = (['a Maildir', 2, '--spam', $md], ['MH', 2, '--ham', $mh],
	['Cyrus', 2, '--spam', $cyrus], ['gzip', 1, '--spam', "$dir/packed.gz"],
	['too large', 0, '--spam', "$dir/large.eml"],
	['words', 1, '--spam', "$dir/two words.eml"],
	['CRLF', 3, '--ham', "$dir/crlf.mbox"],
	['a pattern', 11, '--ham', "$dir/spam/1*.eml"],
	['a list', 9, '--spam', '-f', "$dir/list"],
	['nothing there', 0, '--spam', "$dir/nowhere"]);
sub examined {
	my ($text) = @_;
	return $text =~ /\((\d+) message\(s\) examined\)/ ? $1 : 'nothing';
}
for my $case (@cases) {
	my ($what, $n, @args) = @$case;
	my $said = mekiki_learn(\@site, $redis, 1, @args);
	is(examined($said), $n, "$what: $n messages");
	is($said =~ /^exit 1$/m ? 1 : 0, $n ? 0 : 1, "$what: exit code");
}
# sa-learn, all at once, finds the same.
my (@places, $class);
for my $case (@cases) {
	my (undef, undef, @args) = @$case;
	push @places, $args[1] eq '-f' ? slurp($args[2]) =~
		s/^\//spam:detect:\//mr : substr($args[0], 2) .
		":detect:$args[1]\n";
}
spit("$dir/places", join '', @places);
my $found = 0;
$found += $_->[1] for @cases;
is(examined(sa_learn(\@site, $redis, 0, '-f', "$dir/places")), $found,
	"sa-learn finds the same $found");
$db[1]->call('FLUSHDB');
is(examined(mekiki_learn(\@site, $redis, 1, '-f', "$dir/places")), $found,
	'and mekiki from its list');
is(examined(mekiki_learn(\@site, $redis, 2, '--spam', '--max-size', 0,
	"$dir/large.eml")), 1, '--max-size 0');
same('all these', 0, 1);

# Markup is taken off before; standard input is one message or an mbox.
my $plain = generated_mail(500, 1);
(my $marked = $plain) =~ s/^(To:)/X-Spam-Checker-Version: SpamAssassin 4.0.1\nX-Spam-Flag: YES\nX-Spam-Status: Yes, score=9\n$1/m;
my @mekiki = (build_dir() . '/mekiki', 'learn', @site, '--no-own-rules',
	'--cf', 'store none', '--state-dir', workdir() . '/state', map { ('--cf', $_) } split /\n/,
	judge_lines($redis, 1));
my ($code, $out) = run_learn($marked, @mekiki, '--spam');
is("$code $out", "0 Learned tokens from 1 message(s) (1 message(s) " .
	"examined)\n", 'standard input');
($code, $out) = run_learn($plain, @mekiki, '--spam', '-');
is("$code $out", "0 Learned tokens from 0 message(s) (1 message(s) " .
	"examined)\n", 'it is the same message without its markup');
($code, $out) = run_learn($mbox, @mekiki, '--forget', '--mbox', '-q');
is("$code $out", '0 ', 'quiet');

# Other answers.
for my $case ([64, 'no class', $dir], [64, 'nothing to do'],
	      [64, 'both', '--spam', '--showdots', '--progress'],
	      [64, 'no share', '--spam', '--learnprob', 0],
	      [64, 'no option', '--spams'],
	      [1, 'use_bayes 0', '--cf', 'use_bayes 0', '--spam'],
	      [0, '--sync', '--sync'], [0, '--force-expire', '--force-expire'],
	      [0, '--import', '--import'], [1, 'dump', '--dump', 'tokens'],
	      [66, 'no list', '--spam', '-f', "$dir/nowhere"]) {
	my ($want, $what, @args) = @$case;
	my ($got) = run_learn('', @mekiki, @args);
	is($got, $want, "exit code: $what");
}
{
	my @args = ('--learnprob', 0.5, '--randseed', 7, '--showdots',
		'--spam', "$dir/spam");
	my ($c, $o, $e) = run_learn('', @mekiki, @args);
	my ($some) = $o =~ /\((\d+) message/;
	ok($some > 0 && $some < 20, "--learnprob: $some of 20");
	is(() = $e =~ /\./g, $some, 'a dot for each');
	is(() = $e =~ /_/g, 20 - $some, 'a line for each that was left out');
	($c, $o, $e) = run_learn('', @mekiki, '--forget', '--progress',
		"$dir/spam");
	like($e, qr/^\.{20}\n100% Completed +[\d.]+ msgs\/sec in +\d+m +\d+s$/m,
		'--progress without a terminal');
	($c, $o) = run_learn('', @mekiki, '--spam', '--stopafter', 3,
		"$dir/spam");
	like($o, qr/from 4 message/, '--stopafter');
}

# ---- another's verdicts with what was learned ----

$_->call('FLUSHDB') for @db;
mekiki_learn(\@site, $redis, 0, @all);
sa_learn(\@site, $redis, 1, @all);
for my $n (30 .. 33) {
	my $text = generated_mail($n, $n % 2);
	my @show;
	for my $p (['spamassassin', 0], [build_dir() . '/mekiki', 1]) {
		my ($program, $db) = @$p;
		my @command = ($program, $db ? ('check', '--no-own-rules',
			'--rewrite', '--cf', 'store none', '--state-dir',
			workdir() . '/state') : (), @site,
			map { ('--cf', $_) } split /\n/,
			judge_lines($redis, $db));
		my ($c, $o) = run_learn($text, @command);
		my ($p1) = $o =~ /^X-Spam-Bayes: (.*)/m;
		my ($rule) = $o =~ /^X-Spam-Tests: .*?(BAYES_\d+)/m;
		push @show, join ' ', map { defined ? $_ : '-' } $p1, $rule;
	}
	is($show[1], $show[0], "the other's database: $show[0]");
}
done_testing;
