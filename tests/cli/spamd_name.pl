#!/usr/bin/perl
# mekikid by the name of spamd beside the real one: what it says of itself, wrong
# use, daemonizing, what Debian passes; and rules that sa-update brings: where
# they are found, in which order, and the hook that makes the daemon read them.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
use Time::HiRes qw(sleep);
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib $here, "$here/../wire";
use Twins;
use Wire;

my $dir = workdir();
my @site = small_site();
my %program = (real => '/usr/sbin/spamd', ours => compat('spamd'));

# ---- the command line ----

# Which names an ambiguous beginning may mean is told by Perl only, and where a
# program died in its source.
my $words = sub { $_[0] =~ s/( is ambiguous) \(.*\)/$1/r };
my $failed = sub { $_[0] ? 'failed' : 'done' };
twins('spamd', [],
	map({ { args => $_, err => $words } } ['-V'], ['--version'], ['--vers'],
		['-h'], ['--help'], ['--HELP'], ['--bogus'], ['-Z'],
		['-dZ', '--more'], ['-p'], ['--port='], ['-m', 'many'],
		['--max-children=x'], ['--timeout-tcp', 'x'], ['-mx'],
		['--ssl-'], ['--daemonize=1'], ['--nodebug'], ['--ssl=1'],
		['--help', '--bogus'], ['-F'], ['-F', '3'], ['--add-from'],
		['-V', '-Z']),
	map({ { args => $_, err => 'ignored', code => $failed } }
		['--virtual-config-dir=/v/%u', '-x'], ['-q', '-x'],
		['-S', '-V']),
);

# ---- in the background ----

sub alive { $_[0] && kill 0, $_[0] }
for my $who (qw(real ours)) {
	my $port = free_port();
	my $pidfile = "$dir/$who.pid";
	# As Debian's unit and /etc/default/spamd do, and -d.
	my @command = ($program{$who}, "--pidfile=$pidfile", '--create-prefs',
		'--max-children', '5', '--helper-home-dir', '-d', '-L',
		'-i', "127.0.0.1:$port", '-s', 'null', @site,
		$who eq 'ours' ? ('--no-own-rules', '--state-dir',
			"$dir/spamd-state") : ());
	push @command, '-u', 'nobody' if $> == 0;
	my $code = system "@command >$dir/$who.out 2>$dir/$who.err </dev/null";
	is($code, 0, "$who: -d returns");
	diag(slurp("$dir/$who.err")) if $code;
	wait_for(20, sub { -s $pidfile });
	my ($pid) = slurp($pidfile) =~ /^(\d+)$/m;
	ok(alive($pid), "$who: the process of --pidfile");
	ok(wait_for(30, sub { system("/usr/bin/sa-check_spamd -H 127.0.0.1 -p $port >/dev/null 2>&1") == 0 }),
		"$who: it answers");
	if ($pid) {
		kill 'TERM', $pid;
		ok(wait_for(40, sub { !alive($pid) }), "$who: TERM ends it");
	}
	ok(!-e $pidfile, "$who: the file is gone");
}

# ---- sa-update ----

# What sa-update leaves: a file a channel, which includes those of a folder.
my $updates = "$dir/lib/4.000001";
mkdir $_ for "$dir/lib", $updates, "$updates/updates_example_org",
	"$updates/updates_spamassassin_org";
spit("$updates/updates_example_org.cf", "# UPDATE version 7\n" . join '',
	map { "include updates_example_org/$_.cf\n" } qw(20_b 10_a));
spit("$updates/updates_spamassassin_org.cf", "# UPDATE version 9\n" .
	"include updates_spamassassin_org/10.cf\n");
spit("$updates/updates_spamassassin_org/10.cf", slurp("$dir/rules/10_rules.cf"));
spit("$updates/updates_spamassassin_org/10.pre", "");
spit("$updates/updates_example_org/10_a.cf", "score WORD_OFFER 11\n");
spit("$updates/updates_example_org/20_b.cf", "score WORD_OFFER 12\n");
my $mail = message(3, 'x', "an offer\n");
spit("$dir/offer.eml", $mail);
my @at = ('-C', $updates, '--siteconfigpath', "$dir/site");

# The files that -D config names, in the order they were read in; those that are
# included behind the others, since SpamAssassin meets them when it has read all
# others.
my $files = sub {
	my @all = map { /config: read file (.*\n)/ ? $1 : () } split /^/, $_[0];
	join '', (grep { !m{/updates_\w+/} } @all), grep { m{/updates_\w+/} } @all;
};
twins('spamassassin', [],
	{ args => ['-L', '-x', @at, 'offer.eml'], name => 'rules of channels' },
	{ args => ['-L', '-x', '-D', 'config', @at, 'offer.eml'],
	  err => $files, name => 'files of channels' });

# Where nobody names a folder, the one of sa-update's comes before the stock
# rules: shown in a name space where /var/lib/spamassassin is ours.
my @inside = ('unshare', '-rm', 'sh', '-c', "mount --bind $dir/lib " .
	'/var/lib/spamassassin && exec "$@"', 'sh');
my %found;
for my $who (qw(real ours)) {
	my @command = $who eq 'real' ? '/usr/bin/spamassassin' :
		(compat('spamassassin'), '--no-own-rules', '--state-dir',
		 "$dir/state");
	open my $p, '-|', 'env', "HOME=$dir", @inside, 'sh', '-c',
		'exec "$@" 2>&1', 'sh', @command, '-L', '-x', '-D', 'config',
		'--siteconfigpath', "$dir/site", "$dir/offer.eml" or die;
	local $/;
	my $text = <$p>;
	close $p;
	$found{$who} = $files->($text) . join '', $text =~ /^.*tests=.*\n/gm;
}
like($found{real}, qr{^/var/lib/spamassassin/4\.000001/updates_spam}m,
	'the real one reads what sa-update brought');
is($found{ours}, $found{real}, 'and so does ours, in the same order');

# The daemon, and the hook as Debian runs it.
my $d = start_mekikid(rules => $updates, site => "$dir/site",
	program => compat('spamd'));
my $ask = sub { talk($d, "SYMBOLS SPAMC/1.5\r\nContent-length: " .
	length($mail) . "\r\n\r\n$mail") };
like($ask->(), qr/; 11\.\d/, 'a channel counts');
mkdir "$dir/hooks";
symlink abs_path("$here/../../tools/sa-update/hook"), "$dir/hooks/mekiki"
	or die;
my $hook = sub { system "MEKIKID_PIDFILE=$_[0] run-parts --lsbsysinit $dir/hooks" };
spit("$updates/updates_example_org/10_a.cf", "score WORD_OFFER 31\n");
unlike($ask->(), qr/; 31\.\d/, 'new rules are not read by themselves');
is($hook->("$d->{dir}/pid"), 0, 'the hook');
ok(wait_for(30, sub { $ask->() =~ /; 31\.\d/ }), 'the daemon reads them');
is($hook->('/none/pid'), 0, 'the hook without a daemon');
spit("$dir/wrong.pid", "$$\n");
$SIG{HUP} = sub { fail('the hook hit somebody else') };
is($hook->("$dir/wrong.pid"), 0, 'the hook with the id of somebody else');
ok($ask->() =~ /; 31\.\d/, 'the daemon still answers');
stop_daemon($d);
done_testing();
