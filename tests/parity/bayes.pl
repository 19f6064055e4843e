#!/usr/bin/perl
# `make bayes-parity`: Bayes here and in the real SpamAssassin, on real mail.
#
#   tests/parity/bayes.pl [--train N] [--test N] [--live N] CORPUS_DIR
#
# Messages are those below CORPUS_DIR, spam where a folder's name begins with
# "spam"; which of them take part, and in what order, is decided by their
# digests, so that every run takes the same.
#
#  1. sa-learn and mekiki learn, each with a Redis database of its own, learn
#     the same N messages (1,500): the databases are equal, key for key and
#     count for count.
#  2. Both score N others (2,000), each with its own database: the probabilities
#     differ by less than 0.0001, and the same BAYES rules hit.
#  3. spamd and mekikid run on both databases at once. Each is told N more (60)
#     messages on the other's database, and forgets some that the other
#     learned; then the databases are still equal, and both daemons score N
#     messages the same on either.
use strict;
use warnings;
use Cwd qw(abs_path);
use Digest::SHA qw(sha1_hex);
use File::Basename qw(dirname);
use File::Find;
use Getopt::Long;
use POSIX ();
use Time::HiRes qw(time sleep);
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib "$here/../store", "$here/../wire";
use Bayes;
use Redis;
use Wire;

my ($train, $test, $live) = (1500, 2000, 60);
GetOptions('train=i' => \$train, 'test=i' => \$test, 'live=i' => \$live)
	&& @ARGV == 1 or die "usage: $0 [--train N] [--test N] [--live N] DIR\n";
$| = 1;
my $faults = 0;
sub say_result {
	my ($fine, $text) = @_;
	$faults++ unless $fine;
	printf "%s %s\n", $fine ? 'ok  ' : 'FAIL', $text;
}

# ---- messages ----

my @mail;
find({ no_chdir => 1, wanted => sub {
	return unless -f && !m{/\.};
	my $text = slurp($_);
	push @mail, { path => $_, spam => m{/spam[^/]*/} ? 1 : 0,
		sha => sha1_hex($text) };
} }, $ARGV[0]);
my %had;
@mail = grep { !$had{ $_->{sha} }++ } sort { $a->{sha} cmp $b->{sha} } @mail;
die "$0: only " . @mail . " messages\n" if @mail < $train + $test;
my @train = splice @mail, 0, $train;
my @test = splice @mail, 0, $test;
my @live = splice @mail, 0, $live;
printf "%d messages to learn (%d spam), %d to score (%d spam)\n",
	scalar @train, scalar(grep { $_->{spam} } @train), scalar @test,
	scalar(grep { $_->{spam} } @test);

# ---- the site: Bayes and nothing else, with SpamAssassin's own rules ----

my $dir = workdir() . '/parity';
mkdir "$dir$_" for '', '/rules', '/site';
my $stock = '/usr/share/spamassassin';
spit("$dir/rules/$_", slurp("$stock/$_"))
	for qw(23_bayes.cf 20_aux_tlds.cf);
spit("$dir/site/a.pre", join '', map {
	"loadplugin Mail::SpamAssassin::Plugin::$_\n" } qw(Check Bayes));
spit("$dir/site/a.cf", "use_bayes 1\nbayes_auto_learn 0\n" .
	"add_header all Bayes _BAYES_\n" .
	"ifplugin Mekiki\nstore_timeout 10\nendif\n" .
	($train < 1000 ? "bayes_min_spam_num 20\nbayes_min_ham_num 20\n" :
	'') .
	join '', map { "score BAYES_$_ 1\n" } qw(00 05 20 40 50 60 80 95 99 999));
spit("$dir/prefs", '');
my @site = ('-L', '-C', "$dir/rules", "--siteconfigpath=$dir/site", '-p',
	"$dir/prefs");

my $redis = start_redis();
my @db = map { connect_redis($redis, $_) } 0, 1;

sub compare_databases {
	my ($what) = @_;
	my ($x, $y) = map { database($_) } @db;
	# Learning takes its time, and times to live begin with it.
	my ($span, @differ) = (0);
	for my $key (keys %{ { %$x, %$y } }) {
		my ($p, $q) = ($x->{$key}, $y->{$key});
		push(@differ, $key), next
			if !$p || !$q || $p->[0] ne $q->[0] ||
			   ($p->[1] < 0) != ($q->[1] < 0);
		my $d = abs $p->[1] - $q->[1];
		$span = $d if $d > $span;
	}
	say_result(!@differ && scalar(keys %$x), sprintf('%s: %d keys, %d differ; times ' .
		'to live at most %d s apart', $what, scalar keys %$x,
		scalar @differ, $span));
	for my $key (sort @differ[0 .. ($#differ < 9 ? $#differ : 9)]) {
		printf "       %s: %s / %s\n", $key, map { $_ ? $_->[0] :
			'none' } $x->{$key}, $y->{$key};
	}
}

# ---- 1. learning ----

spit("$dir/train", join '', map { ($_->{spam} ? 'spam' : 'ham') .
	":file:$_->{path}\n" } @train);
my @say;
for my $p ([0, \&sa_learn], [1, \&mekiki_learn]) {
	my $began = time;
	my $out = $p->[1]->(\@site, $redis, $p->[0], '-f', "$dir/train",
		'--max-size', 0);
	push @say, $out;
	printf "       %s, in %.1f s: %s", $p->[0] ? 'mekiki learn' :
		'sa-learn', time - $began, $out;
}
say_result($say[0] eq $say[1], 'both say the same of it');
compare_databases('learned');

# ---- 2. scoring ----

# What SpamAssassin says, a process for each message, two at a time.
sub judge_scores {
	my ($db, @paths) = @_;
	my $sa = Mail::SpamAssassin->new({ rules_filename => "$dir/rules",
		site_rules_filename => "$dir/site",
		userprefs_filename => "$dir/prefs", local_tests_only => 1,
		dont_copy_prefs => 1,
		post_config_text => judge_lines($redis, $db) });
	$sa->init(1);
	$sa->call_plugins('prefork_init');
	my (@pid, %said);
	for my $part (0, 1) {
		my $pid = fork();
		die "fork: $!" unless defined $pid;
		$pid[$part] = $pid, next if $pid;
		open my $out, '>', "$dir/said$part" or die;
		for my $i (grep { $_ % 2 == $part } 0 .. $#paths) {
			my $msg = $sa->parse(slurp($paths[$i]));
			my $pms = $sa->check($msg);
			my $p = $pms->{bayes_score};
			printf $out "%s\t%s\t%s\n", $paths[$i],
				defined $p ? sprintf('%.15g', $p) : '-',
				$pms->get_names_of_tests_hit;
			$pms->finish;
			$msg->finish;
		}
		close $out;
		POSIX::_exit(0);
	}
	waitpid $_, 0 for @pid;
	return map { said_by(slurp("$dir/said$_")) } 0, 1;
}

# path => [probability, BAYES rules]
sub said_by {
	my ($text) = @_;
	return map { my ($path, $p, $rules) = split /\t/, $_, 3;
		($path, [$p, join ',', grep { /^BAYES_/ } split /[,\n]/, $rules])
		} split /\n/, $text;
}

spit("$dir/test", join '', map { "$_->{path}\n" } @test);
my $began = time;
my %theirs = judge_scores(0, map { $_->{path} } @test);
printf "       SpamAssassin scored in %.1f s\n", time - $began;
$began = time;
my ($code, $out, $err) = run_learn('', build_dir() . '/parity/bayes_scores',
	"$dir/rules", "$dir/site", "$dir/test", 'store none',
	split /\n/, judge_lines($redis, 1));
printf "       mekiki scored in %.1f s\n", time - $began;
print $err if $code;
my %ours = said_by($out);
my ($most, $far, $other, $none, $wrong) = (0, 0, 0, 0, 0);
for my $m (@test) {
	my ($p, $q) = ($theirs{ $m->{path} }, $ours{ $m->{path} });
	my $numbers = $p && $q && ($p->[0] . $q->[0]) =~ /^[-\d.e]+$/;
	my $d = !$numbers ? 1 : $p->[0] eq $q->[0] ? 0 :
		$p->[0] eq '-' || $q->[0] eq '-' ? 1 : abs $p->[0] - $q->[0];
	$most = $d if $d > $most;
	$none++ if $p && $p->[0] eq '-';
	printf "       %s: %s / %s\n", $m->{path}, map { $_ ? "@$_" : 'none' }
		$p, $q if ($d >= 0.0001 || $p->[1] ne $q->[1]) &&
			$far + $other < 10;
	$far++ if $d >= 0.0001;
	$other++ if !$q || $p->[1] ne $q->[1];
	$wrong++ if $q && $q->[0] ne '-' && ($q->[0] > 0.5) != $m->{spam};
}
say_result(!$far, sprintf('%d messages scored: probabilities differ by %.2g ' .
	'at most (%d without one in both)', scalar @test, $most, $none));
say_result(!$other, "BAYES rules: $other messages differ");
printf "       %d of %d on the wrong side of 0.5\n", $wrong, scalar @test;

# ---- 3. both daemons on both databases ----

sub daemon {
	my ($program, $db) = @_;
	my $site = "$dir/site-$program-$db";
	mkdir $site;
	spit("$site/a.pre", slurp("$dir/site/a.pre"));
	spit("$site/a.cf", slurp("$dir/site/a.cf") . judge_lines($redis, $db) .
		($program eq 'mekikid' ? "store none\n" : ''));
	my %o = (name => "$program-$db", rules => "$dir/rules", site => $site,
		args => ['-l']);
	return $program eq 'mekikid' ? start_mekikid(%o) : start_spamd(%o);
}

sub teach {
	my ($d, $m, $forget) = @_;
	my $text = slurp($m->{path});
	my $class = $m->{spam} ? 'spam' : 'ham';
	my $reply = talk($d, "TELL SPAMC/1.5\r\nMessage-class: $class\r\n" .
		($forget ? 'Remove' : 'Set') . ": local\r\n" .
		'Content-length: ' . length($text) . "\r\n\r\n$text");
	return $reply =~ /^Did(?:Set|Remove): local/m;
}

# Two processes teach at the same time.
sub teach_together {
	my (@tasks) = @_;
	my @pids = map { my $task = $_;
		my $pid = fork();
		die "fork: $!" unless defined $pid;
		$pid or do {
			my ($d, $forget, @m) = @$task;
			my $bad = grep { !teach($d, $_, $forget) } @m;
			POSIX::_exit($bad ? 1 : 0);
		};
		$pid } @tasks;
	my $bad = 0;
	for my $pid (@pids) {
		waitpid $pid, 0;
		$bad++ if $?;
	}
	return !$bad;
}

sub ask {
	my ($d, $m) = @_;
	my $text = slurp($m->{path});
	my $reply = talk($d, "PROCESS SPAMC/1.5\r\nContent-length: " .
		length($text) . "\r\n\r\n$text");
	my ($p) = $reply =~ /^X-Spam-Bayes: (\S*)/m;
	my ($rule) = $reply =~ /\b(BAYES_\d+)/;
	return [defined $p ? $p : '-', defined $rule ? $rule : '-'];
}

my @spamd = map { daemon('spamd', $_) } 0, 1;
my @mekikid = map { daemon('mekikid', $_) } 0, 1;
my $half = int(@live / 2);
my @first = @live[0 .. $half - 1];
my @second = @live[$half .. $#live];
say_result(teach_together(
	[$spamd[1], 0, @first], [$mekikid[0], 0, @first],
	[$mekikid[1], 0, @second], [$spamd[0], 0, @second]),
	scalar(@live) . ' messages told to both daemons at once, each on ' .
	"the other's database");
compare_databases('told');
my @back = @live[$half - 10 .. $half + 9];
say_result(teach_together([$spamd[0], 1, @back], [$mekikid[1], 1, @back]),
	'20 messages forgotten, half of them learned by the other');
compare_databases('forgotten');
sleep 6;	# mekikid believes a token's count for five seconds
my ($unlike, $asked) = (0, 0);
for my $m (@test[0 .. ($#test < 199 ? $#test : 199)]) {
	my @said = map { ask($_, $m) } @spamd, @mekikid;
	$asked++;
	next unless grep { $_->[1] ne $said[0][1] ||
		($_->[0] . $said[0][0]) !~ /^[\d.]+$/ ||
		abs($_->[0] - $said[0][0]) > 0.00015 } @said;
	printf "       %s: %s\n", $m->{path}, join ' / ', map { "@$_" } @said
		if $unlike++ < 10;
}
say_result(!$unlike, "$asked messages scored by both daemons on both " .
	"databases: $unlike differ");
exit($faults ? 1 : 0);
