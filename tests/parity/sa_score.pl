#!/usr/bin/perl
# Scores messages with the real SpamAssassin and prints, for each path of LIST
# (one a line; "-" reads standard input), in the list's order, the line that
# `mekiki masscheck -L --no-own-rules --subrules` prints for it:
#
#   path TAB score TAB rules TAB subrules
#
# The score has three decimals; rules are the scored hits and subrules the rest,
# as SpamAssassin itself divides them, sorted and joined by commas, a name
# repeated as often as it hit.  A message that SpamAssassin dies on or does not
# finish has "-" for its score and the reason for its rules.
#
#   sa_score.pl [-j N] [--timeout SECONDS] [--no-cache] [--quiet] [--no-output]
#               [--bayes LINE...] [-C DIR] [--siteconfigpath DIR] LIST
#
# With --bayes Bayes is in force, where the lines of configuration say; then nothing
# is cached.
#
# Each message gets a process of its own, forked after all rules are compiled.
# Answers are kept in ${MEKIKI_CACHE:-.cache}/parity/sa-VERSION-DIGEST.tsv by the
# SHA-1 of the message's octets; DIGEST covers all rule and site files.  An
# interrupted run loses only the messages that were just being scored.
use strict;
use warnings;
use File::Basename;
use FindBin;
use lib $FindBin::Bin;
use Fcntl qw(:flock SEEK_END);
use Getopt::Long qw(:config bundling);
use IO::Select;
use Judge qw(compiled rules_digest slurp cache_dir);
use POSIX ();
use Digest::SHA qw(sha1_hex);

Judge::settle($0, @ARGV);
$| = 1;

my ($jobs, $timeout, $no_cache, $quiet, $no_output, @bayes) = (2, 360);
GetOptions('j|jobs=i' => \$jobs, 'timeout=i' => \$timeout, 'no-cache' => \$no_cache,
	   'quiet' => \$quiet, 'no-output' => \$no_output, 'bayes=s' => \@bayes,
	   Judge::folder_options())
	&& @ARGV == 1 && $jobs > 0
	or die "usage: $0 [-j N] [--timeout SECONDS] [--no-cache] [--quiet] [--no-output] "
		. "[--bayes LINE...] [-C DIR] [--siteconfigpath DIR] LIST\n";
if (@bayes) {
	$no_cache = 1;
	$Judge::OVERRIDES = join '', map { "$_\n" } 'use_bayes 1', 'bayes_auto_learn 0', @bayes;
}

my @paths = read_list($ARGV[0]);
my $cache_file = cache_dir() . "/sa-$Mail::SpamAssassin::VERSION-" . rules_digest() . '.tsv';
my %answer = $no_cache ? () : read_cache($cache_file);
my $cache = $no_cache ? undef : open_cache($cache_file);

my ($next, $shown, @line, @path_sha, %running) = (0, 0);
my ($sa, $started, $scored);
my $wanted = IO::Select->new;

# One pass over the list: known answers are taken over, others get a child, and
# lines are printed as soon as all before them are there.
while ($next < @paths || %running) {
	while ($next < @paths && keys %running < $jobs) {
		begin($next++);
	}
	collect() if %running;
	show();
}
show();
report("$scored messages scored") if $scored;

sub begin
{
	my ($i) = @_;
	my $text = eval { slurp($paths[$i]) };
	if (!defined $text) {
		$line[$i] = "-\tunreadable\t";
		return;
	}
	my $sha = sha1_hex($text);
	if (defined $answer{$sha}) {
		$line[$i] = $answer{$sha};
		return;
	}
	if (!$sa) {
		$started = time;
		$sa = compiled();
		# No child may speak through a connection of its parent's.
		$sa->call_plugins('prefork_init');
		report("rules compiled in " . (time - $started) . " s, answers go to "
		       . ($no_cache ? "standard output only" : $cache_file));
		$started = time;
	}
	pipe my $in, my $out or die "$0: pipe: $!\n";
	my $pid = fork // die "$0: fork: $!\n";
	if (!$pid) {
		my $answer = eval { score($text) };
		warn "$paths[$i]: $@" if $@;
		Judge::syswrite_all($out, $answer) if defined $answer;
		# No destructors: taking down a whole ruleset costs more than a scan.
		POSIX::_exit(0);
	}
	close $out;
	$running{fileno $in} = { i => $i, sha => $sha, pid => $pid, fh => $in, text => '',
				 deadline => time + $timeout };
	$wanted->add($in);
}

sub collect
{
	for my $fh ($wanted->can_read(1)) {
		my $child = $running{fileno $fh};
		next if sysread $fh, $child->{text}, 65536, length $child->{text};
		finish($child, $child->{text});
	}
	for my $child (values %running) {
		next if time < $child->{deadline};
		kill 'KILL', $child->{pid};
		finish($child, '', 'timeout');
	}
}

sub finish
{
	my ($child, $answer, $why) = @_;
	delete $running{fileno $child->{fh}};
	$wanted->remove($child->{fh});
	close $child->{fh};
	waitpid $child->{pid}, 0;
	if (!is_answer($answer)) {
		$line[$child->{i}] = "-\t" . ($why || 'died') . "\t";
		return;
	}
	$line[$child->{i}] = $answer{$child->{sha}} = $answer;
	keep($child->{sha}, $answer) if $cache;
	if (++$scored % 200 == 0) {
		report(sprintf "%d of %d, %.2f a second", $child->{i} + 1, scalar @paths,
		       $scored / (time - $started || 1));
	}
}

sub score
{
	my ($text) = @_;
	my $message = $sa->parse($text);
	my $status = $sa->check($message);
	my $rules = $status->get_names_of_tests_hit;
	my $subrules = $status->get_names_of_subtests_hit;
	return sprintf "%.3f\t%s\t%s", $status->get_score, $rules, $subrules;
}

sub is_answer
{
	return $_[0] =~ /\A-?[0-9]+\.[0-9]{3}\t[A-Za-z0-9_,]*\t[A-Za-z0-9_,]*\z/;
}

sub show
{
	while ($shown < @paths && defined $line[$shown]) {
		print "$paths[$shown]\t$line[$shown]\n" unless $no_output;
		$shown++;
	}
}

sub report
{
	print STDERR "sa_score: $_[0]\n" unless $quiet;
}

sub read_list
{
	my ($list) = @_;
	open my $fh, '<', $list or die "$0: $list: $!\n" if $list ne '-';
	$fh //= \*STDIN;
	chomp(my @paths = <$fh>);
	return grep { length } @paths;
}

# A line cut short by an interruption is not an answer and is passed over.
sub read_cache
{
	my ($file) = @_;
	my %answer;
	open my $fh, '<', $file or return;
	while (<$fh>) {
		my ($sha, $answer) = /\A([0-9a-f]{40})\t(.*)\n\z/ or next;
		$answer{$sha} = $answer if is_answer($answer);
	}
	return %answer;
}

sub open_cache
{
	my ($file) = @_;
	open my $fh, '+>>', $file or die "$0: $file: $!\n";
	flock $fh, LOCK_EX;
	my $size = -s $fh;
	if ($size) {
		seek $fh, -1, SEEK_END;
		read $fh, my $last, 1;
		syswrite $fh, "\n" if $last ne "\n";
	}
	flock $fh, LOCK_UN;
	return $fh;
}

# Several runs may write to one cache: each line goes out in one write, locked.
sub keep
{
	my ($sha, $answer) = @_;
	flock $cache, LOCK_EX;
	Judge::syswrite_all($cache, "$sha\t$answer\n");
	flock $cache, LOCK_UN;
}
