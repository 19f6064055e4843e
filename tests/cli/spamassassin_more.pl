#!/usr/bin/perl
# spamassassin by our name beside the real one: folders and mbox files, markup
# that is removed again, reports, senders that are listed. See Twins.pm.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib $here, "$here/../wire";
use Twins;
use Wire;

my $dir = workdir();
my @site = ('-L', '-x', small_site());
my @awl = ('--pre', 'loadplugin Mail::SpamAssassin::Plugin::AWL');
my @txrep = ('--pre', 'loadplugin Mail::SpamAssassin::Plugin::TxRep',
	'--cf', 'use_txrep 1');
my $from = "From sender\@ham.example Mon Nov  2 10:00:00 2026\n";
my $ham = message(1, 'meeting', "hello, this is the agenda\n");
my $spam = message(2, 'cheap pills', "hello, an offer\n" .
	"From here on it is cheap\nwrite to Late\@other.example or " .
	"mailto:last\@third.example\n");
spit("$dir/ham.eml", $ham);
spit("$dir/spam.eml", $spam);
spit("$dir/two.mbox", "no message yet\n$from$ham\n$from$spam\n");
spit("$dir/plainly", "$from$ham\n$from$spam\n");
spit("$dir/one.mbox.gz", 'packed');
spit("$dir/from.eml", "$from$spam");
mkdir "$dir/$_" for qw(folder folder/sub void maildir maildir/new maildir/cur
	maildir/tmp mboxes);
spit("$dir/folder/$_", message(3, "cheap $_", "hello\n"))
	for '1', '2', '.hidden', ',gone';
spit("$dir/folder/sub/3", $ham);
spit("$dir/maildir/new/1", $ham);
spit("$dir/maildir/cur/2:2,S", $spam);
spit("$dir/maildir/cur/3:2,ST", $spam);
spit("$dir/maildir/tmp/4", $spam);
spit("$dir/mboxes/a", "$from$ham");
system "$_ -c $dir/spam.eml >$dir/spam.$_" for qw(gzip bzip2 xz);

# Perl hashes and folders have no order.
sub lines { return join '', sort split /^/, $_[0] }
my $unordered = \&lines;

twins('spamassassin', \@site,
	map({ { args => $_, out => $unordered } } ['--mbox', 'two.mbox'],
		['two.mbox'], ['--mbox', 'plainly'], ['plainly'],
		['--mbox', 'mboxes'], ['--mbox', 'ham.eml'],
		['--mbox', 'one.mbox.gz'],
		['folder'], ['maildir'], ['void'], ['void', 'ham.eml'],
		['f*.eml'], ['none*'], ['{ham,spam}.eml'], ['spam.gzip'],
		['spam.bzip2'], ['spam.xz'], ['from.eml'],
		['h:mbox:plainly', 's:file:spam.eml'],
		['-e', '--mbox', 'two.mbox'], ['-t', 'folder']),
	{ args => ['--mbox'], input => "$from$ham\n$from$spam",
	  out => $unordered, name => '--mbox from standard input' },
	{ args => ['--progress', 'folder', 'ham.eml'], out => $unordered,
	  err => sub { $_[0] =~ s/ *[\d.]+ msgs.*|^\.+//gmr },
	  name => '--progress without a terminal' },
);

# Marked by either, unmarked by either: the message as it was.
my @marked;
for my $safe (0, 1, 2) {
	for my $mail (qw(ham spam from)) {
		for my $program ('/usr/bin/spamassassin',
				 compat('spamassassin')) {
			my $file = "marked$safe-$mail-" . @marked . '.eml';
			my $own = $program =~ m{^/usr/} ? '' :
				"--no-own-rules --state-dir $dir/state";
			system "cd $dir && $program $own @site --cf 'report_safe $safe' --cf 'rewrite_header Subject ***SPAM***' $mail.eml >$file 2>/dev/null";
			push @marked, [$file, $mail, $safe];
		}
	}
}
twins('spamassassin', \@site, map {
	my ($file, $mail, $safe) = @$_;
	{ args => ['-d', $file], both => sub {
		is($_[1]{out}, slurp("$dir/$mail.eml"), "$file: as it was") } }
} grep { $_->[2] || $_->[1] ne 'from' } @marked);
twins('spamassassin', \@site,
	map({ { args => $_ } } ['-d', 'ham.eml'], ['-d', 'spam.eml'],
		['--remove-markup', $marked[0][0], $marked[3][0]],
		['--despamassassinify', 'from.eml'], ['-d', 'none.eml'],
		['-dt', $marked[3][0]], ['-d', '-e', $marked[3][0]]),
	{ args => ['-d'], input => '', name => '-d of nothing' },
	{ args => ['-d', '--mbox', 'two.mbox'], out => $unordered },
	# Reports that nobody takes.
	map({ { args => ['--cf', 'use_bayes 1', @$_] } } ['-r', 'spam.eml'], ['-k', 'ham.eml'],
		['--report', 'spam.eml', 'ham.eml'],
		['--revoke', $marked[3][0]], ['-r', '-k', 'spam.eml'],
		['-r', 'none.eml'], ['-rt', 'spam.eml']),
	# Senders, where no plug-in remembers them, and where AWL does.
	map({ { args => $_ } } ['-W', 'spam.eml'], ['-R', 'ham.eml'],
		['--add-to-blocklist', 'ham.eml', 'spam.eml'],
		['--add-addr-to-welcomelist', 'friend@example.org'],
		['--remove-addr-from-whitelist=friend@example.org']),
	map({ { args => [@awl, @$_], out => \&lines } }
		['-W', 'spam.eml'], ['--add-to-whitelist', 'ham.eml'],
		['-R', 'spam.eml', 'ham.eml'], ['--add-to-blocklist', 'spam.eml'],
		['--add-to-blacklist', 'ham.eml', 'spam.eml'],
		['--add-addr-to-welcomelist', 'friend@example.org'],
		['--add-addr-to-whitelist=Friend@example.org'],
		['--add-addr-to-blocklist', 'foe@example.org'],
		['--remove-addr-from-welcomelist', 'foe@example.org'],
		['-W', 'none.eml']),
);

# What is listed counts from then on, here as there: an address that is welcome
# pulls its next score down, one that is blocked up.
my @rule = ('--cf', 'header AWL eval:check_from_in_auto_welcomelist()',
	'--cf', 'score AWL 1', '--cf', 'priority AWL 1000',
	'--cf', 'tflags AWL userconf noautolearn');
twins('spamassassin', [@site, @awl, @rule],
	{ args => ['--add-addr-to-welcomelist', 'sender2@sender.example'] },
	{ args => ['spam.eml'], name => 'from one who is welcome' },
	{ args => ['--add-addr-to-blocklist', 'sender1@sender.example'] },
	{ args => ['ham.eml'], name => 'from one who is blocked',
	  # There the rule's line begins with "AWL: ".
	  out => sub { $_[0] =~ s/^( +50 AWL +)AWL: /$1/mr } },
	{ args => ['--remove-addr-from-welcomelist',
		'sender1@sender.example'] },
	{ args => ['ham.eml'], name => 'from one who is forgotten' },
);

# TxRep: SpamAssassin prints "1" where it means to tell what it did.
twins('spamassassin', [@site, @txrep],
	map { my ($args, $want) = @$_;
	  { args => $args, out => 'ignored', both => sub {
		is($_[1]{out}, $want, "@$args") } } }
	[['--add-addr-to-welcomelist', 'friend@example.org'],
	 "SpamAssassin TxRep: welcomelisting address: friend\@example.org\n"],
	[['--add-to-blocklist', 'ham.eml'],
	 "SpamAssassin TxRep: blocklisting address: sender1\@sender.example\n" .
	 "1 message(s) examined.\n"],
	[['--remove-addr-from-welcomelist', 'friend@example.org'],
	 "SpamAssassin TxRep: removing address: friend\@example.org\n"]);
done_testing();
