#!/usr/bin/perl
# Which languages the real TextCat and mekiki's find in messages, and how far off
# each language is.
#
#   textcat_compare.pl [--mekiki PROGRAM] [--cf LINE]... LIST
#
# LIST is a file of paths, one a line.  Lengths, answers and the first 20 distances
# of each message must be the same; languages that are equally far off come in any
# order there.  Prints the differences and a count; the exit status is 1 if there is
# a difference or nothing to compare.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use lib $FindBin::Bin;
use Getopt::Long;
use Judge qw(compiled slurp in_child);

Judge::settle($0, @ARGV);
my ($mekiki, @cf) = ('build/mekiki');
GetOptions('mekiki=s' => \$mekiki, 'cf=s' => \@cf) && @ARGV == 1
	or die "usage: $0 [--mekiki PROGRAM] [--cf LINE]... LIST\n";

my $work = tempdir(CLEANUP => 1);
mkdir "$work/$_" for qw(rules site);
write_file("$work/site/init.pre", map { "loadplugin Mail::SpamAssassin::Plugin::$_\n" }
	qw(Check AutoLearnThreshold HTMLEval TextCat));
write_file("$work/rules/10.cf", map { "$_\n" }
	'body UNWANTED eval:check_language()', 'body EIGHT eval:check_body_8bits()',
	'ok_languages en', @cf,
	'report <<_HEADER(X-Languages-Length)_|_LANGUAGES_|_TEXTCATRESULTS_|_TESTS_>>');
$Judge::RULES = "$work/rules";
$Judge::SITE = "$work/site";

my $sa = compiled();
my ($n, $faults, %languages) = (0, 0);
open my $list, '<', $ARGV[0] or die "$0: $ARGV[0]: $!\n";
while (my $path = <$list>) {
	chomp $path;
	my $theirs = in_child(120, sub {
		my $status = $sa->check($sa->parse(slurp($path)));
		return answer($status->get_report);
	}) // 'died';
	open my $pipe, '-|', $mekiki, qw(check -L --no-own-rules), '--cf', 'store none',
		'-C', "$work/rules", '--siteconfigpath', "$work/site", $path
		or die "$0: $mekiki: $!\n";
	my $ours = answer(do { local $/; <$pipe> });
	close $pipe;
	$n++;
	$languages{(split /\|/, $theirs)[1] || 'none'}++;
	next if $theirs eq $ours;
	$faults++;
	print "$path\n  SA: $theirs\n  us: $ours\n";
}
print "$n messages, $faults differ; ",
	join(', ', map { "$_: $languages{$_}" }
	     sort { $languages{$b} <=> $languages{$a} || $a cmp $b } keys %languages), "\n";
exit($faults || !$n ? 1 : 0);

sub write_file
{
	my ($path, @lines) = @_;
	open my $fh, '>', $path or die "$0: $path: $!\n";
	print $fh @lines;
	close $fh or die "$0: $path: $!\n";
}

# The parts of the report, in an order that does not depend on chance.
sub answer
{
	my ($report) = @_;
	my ($length, $found, $results, $tests) = $report =~ /<<(.*?)\|(.*?)\|(.*?)\|(.*?)>>/s
		or return 'no answer';
	my @results = split ' ', $results;
	my ($last) = @results ? $results[-1] =~ /:(-?[0-9.]+)\(/ : ();
	# Which of those that tie with the last one are told is chance, too.
	@results = grep { !/:\Q$last\E\(/ } @results if @results == 20;
	my @keyed = map { /:(-?[0-9.]+)\(/ ? [$1, $_] : [0, $_] } @results;
	@results = map { $_->[1] } sort { $a->[0] <=> $b->[0] || $a->[1] cmp $b->[1] } @keyed;
	return join '|', $length, join(' ', sort split ' ', $found), "@results", $tests;
}
