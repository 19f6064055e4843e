#!/usr/bin/perl
# What the real SpamAssassin gives back of messages: for each FILE a line
# `message FILE`, the report (spamd's REPORT) after a line `report`, and the
# message with its markup (spamd's PROCESS) after a line `rewritten`, each followed
# by a newline of our own.
#
#   sa_rewrite.pl [-C DIR] [--siteconfigpath DIR] [-p FILE] FILE...
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Getopt::Long qw(:config bundling);
use Judge qw(compiled slurp in_child);

Judge::settle($0, @ARGV);
GetOptions(Judge::folder_options()) && @ARGV
	or die "usage: $0 [-C DIR] [--siteconfigpath DIR] [-p FILE] FILE...\n";
binmode STDOUT;
# What _AUTOLEARN_ says is part of the answer; there is no Bayes to be taught.
$Judge::OVERRIDES = '';

my $sa = compiled();
for my $path (@ARGV) {
	my $text = in_child(60, sub {
		my $status = $sa->check($sa->parse(slurp($path)));
		return 'report' . "\n" . $status->get_report . "\nrewritten\n"
			. $status->rewrite_mail . "\n";
	});
	print "message $path\n", $text // "died\n";
}
