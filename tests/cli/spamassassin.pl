#!/usr/bin/perl
# spamassassin by our name beside the real one: its options, its exit codes,
# what it prints and what it says. See Twins.pm.
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
my $ham = message(1, 'meeting', "hello, this is the agenda\n");
my $spam = message(2, 'cheap pills', "hello, an offer\n");
spit("$dir/ham.eml", $ham);
spit("$dir/spam.eml", $spam);
spit("$dir/crlf.eml", join "\r\n", split /\n/, $spam);
spit("$dir/nul.eml", "$ham\0\0an offer\0");
spit("$dir/prefs", "required_score 2\nscore WORD_OFFER 9\n");
spit("$dir/empty.eml", '');

my %part = (
# Options that say something and end.
words => [
	map({ { bare => 1, args => $_ } } ['-V'], ['--version'], ['-h'],
		['--help'], ['-?'], ['--nonsense'], ['-Z'], ['-LxZ'],
		['--nonsense', '--more', '-Y'], ['--test-mode=1'],
		['--lint=yes'], ['-C'], ['--configpath'], ['--configpath='],
		['--cf'], ['-p'], ['-u'], ['--add-addr-to-welcomelist'],
		['--add-addr-to-blocklist='], ['-F'], ['-F', '1'],
		['--add-from'], ['--no-add-from'], ['-w'], ['-wx'], ['-M'],
		['--warning-from=x'], ['--whitelist-factory'],
		['--Version'], ['--vers'], ['-xVq'], ['--error-code=x'],
		['--net=1'], ['-F', '--nonsense']),
	map({ { args => [@$_], input => $ham } } ['-P'], ['--pipe'], ['-S'],
		['--stop-at-threshold'], ['-l'], ['--log-to-mbox=x'], ['-4'],
		['-6'], ['--ipv4-only'], ['-u', 'nobody'], ['--net'],
		['--no-create-prefs'], ['-uuser']),
],
# Messages in and out.
check => [
	{ args => [], input => $ham, name => 'ham from standard input' },
	{ args => [], input => $spam, name => 'spam from standard input' },
	{ args => [], input => '', name => 'nothing from standard input' },
	{ args => [], input => "no mail at all", name => 'no mail' },
	map({ { args => $_ } } ['ham.eml'], ['spam.eml'], ['crlf.eml'],
		['nul.eml'], ['empty.eml'], ['/dev/null'],
		['ham.eml', 'spam.eml'], ['spam.eml', 'ham.eml', 'ham.eml'],
		['-t', 'spam.eml'], ['--test-mode', 'ham.eml'],
		['--', 'ham.eml'], ['ham.eml', '--test'],
		['-e', 'spam.eml'], ['-e', 'ham.eml'], ['-e7', 'spam.eml'],
		['-e', '7', 'spam.eml'], ['--exit-code', 'spam.eml'],
		['--exit-code=9', 'spam.eml'], ['--error-code=0', 'spam.eml'],
		['-e7', 'ham.eml', 'spam.eml', 'spam.eml'],
		['-te', 'spam.eml'],
		['-e', 'none.eml', 'spam.eml'],
		['none.eml'], ['none.eml', 'ham.eml'], ['--mbox', 'none.eml'],
		['h:file:ham.eml'], ['spam:detect:spam.eml', 'ham.eml'],
		['ham.eml', 'spam:file:spam.eml']),
	{ args => ['-', '-'], input => $ham, name => 'standard input twice' },
	{ args => ['ham.eml', '-'], input => $spam, name => 'a file and -' },
],
# Where the configuration comes from.
config => [
	map({ { args => [@$_, 'spam.eml'] } } ['-p', "$dir/prefs"],
		['--prefspath', "$dir/prefs"], ["--prefs-file=$dir/prefs"],
		['-p', "$dir/none"],
		['--cf', 'score WORD_OFFER 20'],
		['--cf', 'score WORD_OFFER 20', '--cf', 'required_score 30'],
		['--cf', 'score WORD_OFFER 20', '-p', "$dir/prefs"],
		['--pre', 'loadplugin Mail::SpamAssassin::Plugin::FreeMail'],
		['--cf', 'report_safe 0'], ['--cf', 'report_safe 2'],
		['--cf', 'rewrite_header Subject *****SPAM*****', '--cf',
		 'report_safe 0'],
		['--cf', 'nonsense', '--cf', 'body BAD /(/']),
	map({ { bare => 1, args => ['-L', '-x', @$_] } }
		['-C', "$dir/none", '--siteconfigpath', "$dir/site", 'ham.eml'],
		['-c', "$dir/rules", '--siteconfigpath', "$dir/site",
		 'spam.eml'],
		['--config-file', "$dir/rules", '--siteconfigpath',
		 "$dir/site", 'ham.eml'],
		['--config-dir', "$dir/rules", '--siteconfigpath',
		 "$dir/site", 'ham.eml']),
],
# --lint: faults are worded otherwise, but each has its line, its level, and
# counts once.
lint => [
	map({ { args => ['--lint', @$_],
		err => sub { join '', map { s/warn: config: \K.*/FAULT/r }
			split /^/, $_[0] } } } [],
		['--cf', 'nonsense here'],
		['--cf', 'nonsense here', '--cf', 'more nonsense'],
		['--cf', 'required_score many'], ['--cf', 'body BAD /(/'],
		['--cf', 'score WORD_OFFER'],
		['-t', '--cf', 'nonsense'], ['--cf', 'lang xx nonsense'],
		['ham.eml'], ['--net'], ['-p', "$dir/prefs"]),
	{ args => ['--lint', '-D', 'none', '--cf', 'nonsense'],
	  name => '--lint says no more with -D',
	  err => sub { $_[0] =~ /issues detected/ ? 'told' : 'not told' } },
],
# -D: the areas are chosen as there; the lines are our own, in their form.
debug => [
	map({ my ($areas, $want, $not) = @$_;
	  { args => [@$areas, 'spam.eml'], err => 'ignored', both => sub {
		for my $r (@_) {
			my $log = $r->{err};
			$log =~ s/^[A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d\.\d{3} \[\d+\] (?:dbg|info|warn): \S+: .*\n//gm;
			is($log, '', "@$areas: the form of lines");
			like($r->{err}, qr/ dbg: $_: /, "@$areas: $_")
				for @$want;
			unlike($r->{err}, qr/ dbg: $_: /,
				"@$areas: not $_") for @$not;
		}
	  } } }
	[['-D', '-t'], [qw(config plugin rules check message generic)], []],
	[['-D', 'all,norules'], [qw(config check)], ['rules']],
	[['-Drules'], ['rules'], [qw(config check message)]],
	[['--debug=config,plugin'], [qw(config plugin)], ['rules']],
	[['-D', 'check,nocheck,rules'], ['rules'], ['check']],
	[['-D', 'info'], [], [qw(config rules check)]],
	[['-t', '-D', 'NOrules,all'], ['config'], ['rules']]),
],
# A file of preferences is made unless -x.
prefs => [
	{ bare => 1, args => ['-L', @site[2 .. $#site], 'ham.eml'],
	  name => 'preferences are created', both => sub {
		is(slurp("$dir/ours/.spamassassin/user_prefs"),
		   slurp("$dir/real/.spamassassin/user_prefs"),
		   'the same preferences') } },
	{ bare => 1, args => ['-L', @site[2 .. $#site], 'ham.eml'],
	  name => 'preferences are there' },
	{ bare => 1, args => ['-L', @site[2 .. $#site], 'spam.eml'],
	  name => 'preferences are read', before => sub {
		spit("$dir/$_[0]/.spamassassin/user_prefs",
		     "score WORD_OFFER 33\nrequired_score 1\n") } },
	{ args => ['spam.eml'], name => 'preferences are read with -x' },
	{ bare => 1, args => ['-L', @site[2 .. $#site], '-p', "$dir/ours.p",
		'ham.eml'], before => sub { unlink "$dir/ours.p" },
	  name => 'preferences of another name are created', err => 'ignored',
	  both => sub { ok(-s "$dir/ours.p", 'they are there') } },
],
);

for my $part (@ARGV) {
	twins('spamassassin', \@site, @{$part{$part} || die "$part?"});
}
done_testing();
