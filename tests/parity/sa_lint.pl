#!/usr/bin/perl
# How many faults the installed SpamAssassin's --lint finds in each fragment:
#
#   sa_lint.pl [-v] DIR...       a line "NAME<tab>FAULTS" for each *.cf
#
# Each in a process of its own, forked after the plug-ins were loaded.  -v: what it
# says goes to standard error.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use LintSite;

my $verbose = @ARGV && $ARGV[0] eq '-v' && shift;

# All modules once, so that the children need not.
{
	local $SIG{__WARN__} = sub { };
	LintSite::new_sa()->init(0);
}

sub judge {
	my ($file) = @_;
	my $pid = open my $from, '-|';

	die "fork: $!\n" unless defined $pid;
	if (!$pid) {
		open STDERR, '>', '/dev/null' unless $verbose;
		alarm 60;
		my $faults = LintSite::new_sa($file)->lint_rules();
		print $faults + 0, "\n";
		$SIG{__WARN__} = sub { };
		close STDOUT;
		require POSIX;
		POSIX::_exit(0);
	}
	my $faults = <$from>;
	close $from;
	chomp $faults if defined $faults;
	return defined $faults && length $faults ? $faults : 'died';
}

for my $dir (@ARGV) {
	for my $file (-d $dir ? sort glob("$dir/*.cf") : $dir) {
		my ($name) = $file =~ m{([^/]+)\.cf$};
		print "$name\t", judge($file), "\n";
	}
}
