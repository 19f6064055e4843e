#!/usr/bin/perl
# Reports, added headers and rewritten messages of the real SpamAssassin and of
# mekikid, byte for byte, for each message of LIST (a path a line) under each of
# the configurations of tests/parity/templates: PROCESS and REPORT of a daemon
# (one after the other they are `spamassassin -t`), and the message that comes back
# when the markup is taken off again.
#
#   report_parity.pl [-j N] [-C DIR] [--siteconfigpath DIR] [--configs NAME,...]
#                    [--keep DIR] [--show N] [--min PERCENT] LIST
#
# A configuration is added to the site's files. Its line "# language NAME" says
# what LANGUAGE is. SpamAssassin's answers are kept below
# ${MEKIKI_CACHE:-.cache}/reports, by message and configuration; --keep DIR is
# another place. Prints a table, and of each message that differs the first line
# that does, --show N (20) a configuration at most. The exit status is 1 if less than
# --min percent (99.5) are equal in any column but the last: what is original cannot
# always be had back, since headers that were made or tagged without a note, or whose
# line ends were made equal, are not noted; what SpamAssassin brings back must be.
#
# Masked are host, version, time, boundary; rows of reports are sorted, because
# SpamAssassin's own order is that of a hash.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../wire";
use Cwd qw(abs_path);
use Digest::SHA qw(sha1_hex);
use Fcntl qw(:flock);
use File::Path qw(make_path);
use Getopt::Long qw(:config bundling);
use Judge ();
use Reports qw(first_difference);
use Wire;

my %o = (jobs => 2, rules => $Judge::RULES, site => $Judge::SITE, show => 20, min => 99.5,
	 configs => '');
GetOptions('j|jobs=i' => \$o{jobs}, 'C|configpath=s' => \$o{rules},
	   'siteconfigpath=s' => \$o{site}, 'configs=s' => \$o{configs}, 'keep=s' => \$o{keep},
	   'show=i' => \$o{show}, 'min=f' => \$o{min}) && @ARGV == 1
	or die "usage: $0 [OPTIONS] LIST\n";
$o{keep} //= ($ENV{MEKIKI_CACHE} || '.cache') . '/reports';
$| = 1;

my @messages = map { { path => $_, sha => sha1_hex(Judge::slurp($_)) } }
	grep { length } split /\n/, Judge::slurp($ARGV[0]);
my @columns = ('process', 'report', '-t', 'as SA -d', 'original');
my $failed = 0;
printf "%-24s %5s" . ' %9s' x @columns . "\n", 'configuration', 'mails', @columns;
for my $cf (glob "$FindBin::Bin/templates/*.cf") {
	my ($name) = $cf =~ m{([^/]+)\.cf$};
	next if $o{configs} ne '' && !grep { $name =~ /\Q$_\E/ } split /,/, $o{configs};
	compare($name, $cf);
}
exit($failed ? 1 : 0);

sub compare
{
	my ($name, $cf) = @_;
	my ($language) = slurp($cf) =~ /^# language (\S+)$/m or die "$cf: no language\n";
	my $site = site_with($name, $cf);
	my $us = ask_mekikid($name, $site, $language);
	unmark($us);
	my (%equal, @shown);
	my $found = compare_all($site, $language, $us);
	for my $m (@messages) {
		my %differs = %{$found->{$m->{sha}}};
		$equal{$_} += !defined $differs{$_} for @columns;
		push @shown, map { "$m->{path}: $_\n$differs{$_}" }
			grep { defined $differs{$_} && $_ ne '-t' && $_ ne 'original' } @columns;
	}
	my @percent = map { 100 * $equal{$_} / @messages } @columns;
	printf "%-24s %5d" . ' %8.2f%%' x @columns . "\n", $name, scalar @messages, @percent;
	$failed = 1 if grep { $_ < $o{min} } @percent[0 .. $#percent - 1];
	splice @shown, $o{show} if @shown > $o{show};
	print @shown;
}

# The differences of each message, by its SHA-1. Where SpamAssassin picks the first
# key of a hash (FreeMail names one of several addresses) its answer is another one
# in each run: what differs is asked again with other orders of hashes, and is equal
# if it is in one of them.
sub compare_all
{
	my ($site, $language, $us) = @_;
	my (%found, @again);
	for my $seed (0 .. 4) {
		my @ask = $seed ? @again : @messages;
		last unless @ask;
		my $sa = ask_spamassassin($site, $language, $seed, @ask);
		@again = ();
		for my $m (@ask) {
			my %differs = differences($m, $sa, $us);
			my $equal = !grep { defined $differs{$_} } 'process', 'report';
			$found{$m->{sha}} = \%differs if $equal || !$seed;
			push @again, $m unless $equal;
		}
	}
	return \%found;
}

# The site's files and the configuration behind them, where all may read them.
sub site_with
{
	my ($name, $cf) = @_;
	my $dir = workdir() . "/site-$name";
	mkdir $dir or die "$dir: $!\n";
	for my $file (grep { -f } glob "$o{site}/*") {
		my ($base) = $file =~ m{([^/]+)$};
		spit("$dir/$base", slurp($file));
	}
	spit("$dir/zz_reports.cf", slurp($cf));
	return $dir;
}

sub ask_spamassassin
{
	my ($site, $language, $seed, @ask) = @_;
	($Judge::RULES, $Judge::SITE) = ($o{rules}, $site);
	my $out = "$o{keep}/" . sha1_hex(Judge::rules_digest() . $language . ($seed || ''));
	make_path($out);
	# One at a time fills a folder.
	open my $lock, '>', "$out/lock" or die "$out/lock: $!\n";
	flock $lock, LOCK_EX;
	my ($log, $list) = map { workdir() . "/sa.$_" } 'log', 'list';
	spit($list, join '', map { "$_->{path}\n" } @ask);
	local $ENV{PARITY_HASH_SEED} = $seed;
	system("'$^X' '$FindBin::Bin/sa_reports.pl' -C '$o{rules}' --siteconfigpath '$site' "
		. "--language $language -j $o{jobs} '$out' '$list' 2>'$log'") == 0
		or die "SpamAssassin fails:\n" . slurp($log);
	return $out;
}

sub ask_mekikid
{
	my ($name, $site, $language) = @_;
	my $out = workdir() . "/out-$name";
	mkdir $out or die "$out: $!\n";
	local $ENV{LC_ALL} = 'C';
	local $ENV{TZ} = 'UTC';
	local $ENV{LANGUAGE} = $language;
	my $daemon = start_mekikid(name => "mekikid-$name", rules => abs_path($o{rules}),
		site => $site, args => ['--cf', 'store none']);
	for my $m (@messages) {
		my $text = Judge::slurp($m->{path});
		for (['PROCESS', 'mail'], ['REPORT', 'report']) {
			my ($word, $kind) = @$_;
			my $reply = talk($daemon, "$word SPAMC/1.5\r\nContent-length: "
				. length($text) . "\r\n\r\n$text", seconds => 300);
			$reply =~ s/\ASPAMD\/1\.1 0 EX_OK\r\n.*?\r\n\r\n//s
				or $reply = "no answer\n$reply";
			spit("$out/$m->{sha}.$kind", $reply);
		}
	}
	stop_daemon($daemon);
	return $out;
}

sub unmark
{
	my ($out) = @_;
	open my $pipe, '|-', build_dir() . '/parity/unmark' or die "unmark: $!\n";
	print $pipe map { "$out/$_->{sha}.mail\n$out/$_->{sha}.unmarked\n" } @messages;
	close $pipe or die "unmark fails\n";
}

sub differences
{
	my ($m, $sa, $us) = @_;
	my %theirs = map { $_ => slurp("$sa/$m->{sha}.$_") } qw(mail report unmarked);
	my %ours = map { $_ => slurp("$us/$m->{sha}.$_") } qw(mail report unmarked);
	my %d = (
		process => first_difference($theirs{mail}, $ours{mail}),
		report => first_difference($theirs{report}, $ours{report}),
		'-t' => first_difference($theirs{mail} . $theirs{report},
			$ours{mail} . $ours{report}),
	);
	my $original = Judge::slurp($m->{path});
	# SpamAssassin's own bugs are not looked for: where it gives the original
	# back, so must we.
	$d{'as SA -d'} = first_difference($original, $ours{unmarked})
		if $theirs{unmarked} eq $original;
	# Markup of earlier runs is lost for both if the message was not wrapped.
	$d{original} = first_difference($original, $ours{unmarked})
		unless $original =~ /^X-Spam-/im;
	return %d;
}
