#!/usr/bin/perl
# `make bayes-scores-parity`: all rules and scores with Bayes (score set 2) here and
# in the real SpamAssassin, both reading one Redis database.
#
#   tests/parity/bayes_rules.pl [--train N] [--test N,N...] CORPUS_DIR [LIST...]
#
# `mekiki learn` learns N (1,500) messages below CORPUS_DIR, spam where a folder's
# name begins with "spam" (that it learns what sa-learn does is what
# `make bayes-parity` compares). Then both score others: N (1,000) of CORPUS_DIR,
# and N of each LIST (500, 300), chosen by their digests.  Learning by themselves is
# off.  Fails where fewer than 99.5 % have the same rules and score.
use strict;
use warnings;
use Cwd qw(abs_path);
use Digest::SHA qw(sha1_hex);
use File::Basename qw(dirname);
use File::Find;
use Getopt::Long;
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib "$here/../store", "$here/../wire";
use Bayes;
use Redis;
use Wire;

my ($train, $test) = (1500, '1000,500,300');
GetOptions('train=i' => \$train, 'test=s' => \$test) && @ARGV
	or die "usage: $0 [--train N] [--test N,N...] CORPUS_DIR [LIST...]\n";
my ($corpus, @lists) = @ARGV;
my @counts = split /,/, $test;
my $dir = workdir() . '/rules';
mkdir $dir;

sub by_digest
{
	my %seen;
	return map { $_->[1] } grep { !$seen{$_->[0]}++ } sort { $a->[0] cmp $b->[0] }
		map { [sha1_hex(slurp($_)), $_] } @_;
}

my @mail;
find({ no_chdir => 1, wanted => sub { push @mail, $_ if -f && !m{/\.} } }, $corpus);
@mail = by_digest(@mail);
die "$0: only " . @mail . " messages\n" if @mail < $train + $counts[0];
spit("$dir/train", join '', map { (m{/spam[^/]*/} ? 'spam' : 'ham') . ":file:$_\n" }
	splice @mail, 0, $train);
my @test = splice @mail, 0, $counts[0];
for my $i (0 .. $#lists) {
	my @of = by_digest(split /\n/, slurp($lists[$i]));
	push @test, splice @of, 0, $counts[$i + 1] // 300;
}
spit("$dir/test", join '', map { "$_\n" } @test);

# In a file of the site's for mekiki, so that nothing but these lines is new.
my $redis = start_redis();
my @lines = ('use_bayes 1', 'bayes_auto_learn 0', split /\n/, judge_lines($redis, 0));
my @ours = map { ('--cf', $_) } @lines, 'store none', 'store_timeout 10';
my $mekiki = build_dir() . '/mekiki';
my $state = "$dir/state";
mkdir $state;
print run('learn', $mekiki, 'learn', '-L', '--no-own-rules', '--state-dir', $state, @ours, '-p',
	'/dev/null', '--max-size', 0, '-f', "$dir/train");
print run('sa', 'perl', "$here/sa_score.pl", '--quiet', (map { ('--bayes', $_) } @lines[2 .. $#lines]),
	"$dir/test") ? '' : die "$0: SpamAssassin says nothing\n";
run('mekiki', $mekiki, 'masscheck', '-L', '--no-own-rules', '--subrules', '--remember', '--state-dir', $state, '-j', 2,
	@ours, "$dir/test");
my $with = grep { /\bBAYES_/ } split /\n/, slurp("$dir/sa");
printf "%d of %d messages have a BAYES rule in SpamAssassin\n", $with, scalar @test;
die "$0: Bayes was not in force\n" if $with < @test / 2;
my $code = system 'perl', "$here/compare.pl", '--min-rules', 99.5, '--min-subrules', 99,
	"$dir/sa", "$dir/mekiki";
system 'perl', "$here/compare.pl", '--differing', "$dir/sa", "$dir/mekiki";
exit($code ? 1 : 0);

sub run
{
	my ($name, @command) = @_;
	my $pid = fork // die "$0: fork: $!\n";
	if (!$pid) {
		open STDOUT, '>', "$dir/$name" or die "$0: $dir/$name: $!\n";
		exec @command or die "$0: $command[0]: $!\n";
	}
	waitpid $pid, 0;
	die "$0: $command[0] ends with $?\n" if $?;
	return slurp("$dir/$name");
}
