#!/usr/bin/perl
# sa-learn by our name beside the real one, each on a database of its own of one
# Redis: options, exit codes, what is printed, and what the databases hold.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib $here, "$here/../wire", "$here/../store";
use Bayes;
use Redis;
use Twins;
use Wire;

my $dir = workdir();
my @site = ('-L', small_site());
my $redis = start_redis(unix => 1);
my %db = (real => connect_redis($redis, 0), ours => connect_redis($redis, 1));
my $from = "From sender\@ham.example Mon Nov  2 10:00:00 2026\n";
mkdir "$dir/spam";
spit("$dir/spam/$_.eml", generated_mail($_, 1)) for 1 .. 6;
spit("$dir/ham.mbox", join '', map { $from . generated_mail($_, 0) . "\n" }
	1 .. 6);
spit("$dir/one.eml", generated_mail(7, 1));
spit("$dir/list", "spam:dir:$dir/spam\nham::$dir/ham.mbox\n\n");
spit("$dir/plain", "$dir/one.eml\n");
spit("$dir/broken", "no backup\n");

# Which database is whose is in a file of preferences.
my %lines = (real => judge_lines($redis, 0), ours => judge_lines($redis, 1));
for my $who (qw(real ours)) {
	mkdir "$dir/$who";
	spit("$dir/$who.cf", "use_bayes 1\n$lines{$who}");
}

sub same {
	my ($real, $ours) = @_;
	is(same_database(database($db{real}), database($db{ours})), '',
		'the same database');
}
# The order of tokens is that of a hash.
sub lines { return join '', sort split /^/, $_[0] }

sub rows { map { ref $_ eq 'HASH' ? $_ : { args => $_ } } @_ }
my @with = map { { %$_, own => sub { ('-p', "$dir/$_[0].cf") } } } rows(
	['--spam', 'spam'], ['--spam', 'spam'], ['--ham', 'ham.mbox'],
	['--nonspam', 'ham.mbox'], ['--ham', 'spam/1.eml'],
	['--forget', 'spam/1.eml'], ['--forget', 'spam/1.eml'],
	['--spam', 'spam/1.eml', '--ham', '--mbox', 'ham.mbox'],
	['--ham', 'none.eml'], ['--spam', 'none.eml', 'one.eml'],
	['--folders', 'list'], ['-f', 'list'], ['--spam', '-f', 'plain'],
	['--forget', '--folders=plain'],
	{ args => ['-f', 'none'], err => 'ignored' },
	['--quiet', '--spam', 'one.eml'], ['-q', '--forget', 'one.eml'],
	['--showdots', '--spam', 'spam'], ['--max-size', '100', '--spam',
		'one.eml'], ['--max-size=0', '--spam', 'one.eml'],
	['--spam', '--file', 'one.eml'], ['--dir', '--spam', 'spam'],
	['--no-sync', '--spam', 'one.eml'], ['--nosync', '--ham', 'one.eml'],
	['--no-rebuild', '--forget', 'one.eml'],
	['--forget', '--no-sync', 'one.eml'],
	['--use-ignores', '--spam', 'one.eml'],
	['--learnprob=1', '--spam', 'one.eml'],
	['--stopafter', '0', '--spam', 'spam', 'one.eml'],
	['--username', 'nobody', '--spam', 'one.eml'],
	['--sync'], ['--rebuild'], ['--force-expire'], ['--expire'],
	['--spam', '--sync'], ['--dump', 'magic'], ['--dump=magic'],
	{ args => ['--dump'], out => \&lines },
	{ args => ['--dump', 'all'], out => \&lines },
	{ args => ['--dump', 'data'], out => \&lines },
	['--dump', 'nothing'],
	{ args => ['--backup'], out => \&lines },
	{ args => ['--spam'], input => generated_mail(8, 1),
	  name => 'sa-learn --spam from standard input' },
	{ args => ['--ham', '-'], input => generated_mail(9, 0),
	  name => 'sa-learn --ham -' },
	{ args => ['--spam', '--single'], input => generated_mail(10, 0),
	  name => 'sa-learn --single' },
	{ args => ['--mbox', '--ham'], name => 'sa-learn --mbox from input',
	  input => $from . generated_mail(11, 0) },
	['ham:mbox:ham.mbox', '--ham'], ['--ham', 'spam:dir:spam'],
	['--cf', 'use_bayes 0', '--spam', 'one.eml'],
	['--cf', 'use_bayes 0', '--sync'],
	['--cf', 'nonsense', '--spam', 'one.eml'],
	{ args => ['--restore', 'none'], err => 'ignored' },
	{ args => ['--restore', 'broken'], err => 'ignored',
	  code => sub { $_[0] ? 'failed' : 'done' } },
);
for my $row (@with) {
	$row->{both} = \&same if "@{$row->{args}}" !~
		/dump|backup|sync$|expire|restore/;
}
twins('sa-learn', \@site, @with);

# A backup of one goes into the other.
for my $who (qw(real ours)) {
	my $program = $who eq 'real' ? '/usr/bin/sa-learn' :
		compat('sa-learn') . " --no-own-rules --state-dir $dir/state";
	system "$program @site -p $dir/$who.cf --backup >$dir/$who.backup 2>/dev/null";
}
# SpamAssassin adds what it restores to what is there, and warns of it; ours
# replaces it. Into an empty database both do the same.
for my $file ('ours.backup', 'real.backup') {
	$_->call('FLUSHDB') for values %db;
	twins('sa-learn', \@site,
		# Lifetimes vary at random: what it holds is compared as a backup.
		map { { args => $_, own => sub { ('-p', "$dir/$_[0].cf") },
			out => \&lines, err => 'ignored' } }
		['--restore', $file], ['--backup']);
}
twins('sa-learn', \@site,
	{ args => ['--clear'], err => 'ignored', name => 'sa-learn --clear',
	  own => sub { ('-p', "$dir/$_[0].cf") } });

# Wrong use, and what needs no database.
twins('sa-learn', [], map { { bare => 1, args => $_ } }
	[], ['one.eml'], ['-V'], ['--version'], ['-h'], ['--help'], ['-?'],
	['--bogus'], ['--spam', '--bogus', '-Y'], ['--restore'],
	['--stopafter', 'x', '--spam'], ['--randseed=x'], ['--max-size', 'x'],
	['--learnprob', 'x', '--spam'], ['--spam=1'], ['-f'], ['-u'],
	['--showdots', '--progress', '--spam'], ['-q'], ['-L'],
	['--no-sync']);
done_testing();
