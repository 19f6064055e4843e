#!/usr/bin/perl
# What the real SpamAssassin gives back of many messages: for each path of LIST
# (one a line), in the folder OUT, by the SHA-1 of the message's octets, the files
# SHA.report (spamd's REPORT), SHA.mail (spamd's PROCESS; both after each other
# are `spamassassin -t`) and SHA.unmarked (what `spamassassin -d` makes of
# SHA.mail). What is there already is not asked again.
#
#   sa_reports.pl [-C DIR] [--siteconfigpath DIR] [--language NAME] [-j N] OUT LIST
#
# One SpamAssassin reads the rules; each message is scored by a child of its own.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Digest::SHA qw(sha1_hex);
use Getopt::Long qw(:config bundling);
use Judge qw(compiled slurp in_child);
use POSIX ();

Judge::settle($0, @ARGV);
my ($language, $jobs) = ('', 2);
GetOptions('language=s' => \$language, 'j|jobs=i' => \$jobs, Judge::folder_options())
	&& @ARGV == 2 && $jobs > 0
	or die "usage: $0 [-C DIR] [--siteconfigpath DIR] [--language NAME] [-j N] OUT LIST\n";
my ($out, $list) = @ARGV;
$ENV{LANGUAGE} = $language if $language ne '';
# The configuration says what is switched off.
$Judge::OVERRIDES = '';

my %seen;
my @todo = grep { !$seen{$_->[1]}++ && !-e "$out/$_->[1].unmarked" }
	map { [$_, sha1_hex(slurp($_))] } split /\n/, slurp($list);
exit 0 unless @todo;
my $sa = compiled();
my @pids;
for my $lane (0 .. $jobs - 1) {
	my $pid = fork // die "$0: fork: $!\n";
	if (!$pid) {
		answer(@{$todo[$_]}) for grep { $_ % $jobs == $lane } 0 .. $#todo;
		POSIX::_exit(0);
	}
	push @pids, $pid;
}
waitpid $_, 0 for @pids;

sub answer
{
	my ($path, $sha) = @_;
	my $done = in_child(600, sub {
		my $status = $sa->check($sa->parse(slurp($path)));
		keep("$sha.report", $status->get_report);
		my $mail = $status->rewrite_mail;
		keep("$sha.mail", $mail);
		keep("$sha.unmarked", $sa->remove_spamassassin_markup($sa->parse($mail)));
		return 'done';
	});
	warn "$0: $path: no answer\n" unless defined $done;
}

sub keep
{
	my ($name, $text) = @_;
	open my $fh, '>:raw', "$out/$name.new" or die "$out/$name: $!\n";
	print $fh $text;
	close $fh or die "$out/$name: $!\n";
	rename "$out/$name.new", "$out/$name" or die "$out/$name: $!\n";
}
