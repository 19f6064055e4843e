# The judge: the real SpamAssassin as Debian ships it, set up in one way for
# every script of this folder.
#
# Local tests only, no Bayes, no user preferences, no learning; stock rules from
# /usr/share/spamassassin and the site's from /etc/spamassassin, named here so
# that neither an sa-update nor a home folder changes the answers.  The caller
# forks a process for each message after compile(): what one SpamAssassin
# process answers depends on the messages it saw before.
package Judge;

use strict;
use warnings;
use Digest::SHA ();
use Exporter 'import';
use Mail::SpamAssassin;
use Mail::SpamAssassin::PerMsgStatus;
use re ();

our @EXPORT_OK = qw(spamassassin compiled rules_digest slurp escape unescape
		    in_child cache_dir
		    parsed rule_kind regex_parts);

our $RULES = '/usr/share/spamassassin';
our $SITE = '/etc/spamassassin';
our $PREFS = '/dev/null';

# What the scripts of this folder may be told of other folders: the options are
# those of spamassassin and mekiki.
sub folder_options
{
	return ('C|configpath=s' => \$RULES, 'siteconfigpath=s' => \$SITE,
		'p|prefs-file=s' => \$PREFS);
}

# Switched off here and not by the absence of a plugin: the site's .pre files
# stay in force, so that conditions in rule files see the usual plugins.
our $OVERRIDES = "use_bayes 0\nuse_learner 0\nbayes_auto_learn 0\n";

# One reading of the time zone and language for everybody, and one order of
# Perl's hashes: two runs are to give the same answers.  Perl reads the latter at
# its start, hence the second start.
sub settle
{
	my ($script, @argv) = @_;
	my %env = (LANG => 'C', LC_ALL => 'C', TZ => 'UTC',
		   PERL_HASH_SEED => '0', PERL_PERTURB_KEYS => '0');
	$env{PERL_HASH_SEED} = $ENV{PARITY_HASH_SEED} if defined $ENV{PARITY_HASH_SEED};
	return unless grep { ($ENV{$_} // '') ne $env{$_} } keys %env;
	delete $ENV{LANGUAGE};
	$ENV{$_} = $env{$_} for keys %env;
	exec $^X, $script, @argv;
	die "$0: cannot start perl again: $!\n";
}

sub spamassassin
{
	# One that not even root can make, so that nothing is learned there.
	my $home = '/dev/null/home';
	my $sa = Mail::SpamAssassin->new({
		rules_filename => $RULES,
		site_rules_filename => $SITE,
		userprefs_filename => $PREFS,
		userstate_dir => $home,
		home_dir_for_helpers => $home,
		username => 'nobody',
		local_tests_only => 1,
		# Also keeps it from making a state folder before the first child.
		skip_prng_reseeding => 1,
		dont_copy_prefs => 1,
		require_rules => 1,
		post_config_text => $OVERRIDES,
	});
	$sa->init($PREFS ne '/dev/null');
	return $sa;
}

# Every rule compiled and every module loaded: children only read.
sub compiled
{
	my $sa = spamassassin();
	$sa->compile_now($PREFS ne '/dev/null');
	return $sa;
}

# The parsed configuration: (Mail::SpamAssassin, tests, priorities).  SpamAssassin
# drops the last two, each rule's definition and priority, once it has parsed;
# they are copied at the last moment before.
sub parsed
{
	my (%tests, %priority);
	no warnings 'redefine';
	my $found = \&Mail::SpamAssassin::Conf::found_any_rules;
	local *Mail::SpamAssassin::Conf::found_any_rules = sub {
		my ($conf) = @_;
		if ($conf->{tests}) {
			%tests = %{$conf->{tests}};
			%priority = %{$conf->{priority}};
		}
		return $found->(@_);
	};
	my $sa = spamassassin();
	return ($sa, \%tests, \%priority);
}

# A rule's kind by the names of `mekiki rules`.
my %kind = (
	0x08 => 'header', 0x09 => 'header eval', 0x0a => 'body', 0x0b => 'body eval',
	0x0c => 'full', 0x0d => 'full eval', 0x0e => 'rawbody', 0x0f => 'rawbody eval',
	0x10 => 'uri', 0x12 => 'meta', 0x13 => 'rbl eval', 0x14 => 'empty',
);
sub rule_kind
{
	my ($conf, $name) = @_;
	return 'mimeheader' if $conf->{mimeheader_tests}{$name};
	return 'uri_detail' if $conf->{uri_detail}{$name};
	return 'askdns' if $conf->{askdns}{$name};
	return $kind{$conf->{test_types}{$name}} // 'unknown';
}

# Pattern and modifier letters of a compiled regex: SpamAssassin puts the
# modifiers of a rule file in front of the pattern, as (?i).
sub regex_parts
{
	my ($re) = @_;
	my ($pattern, $mods) = re::regexp_pattern($re);
	while ($pattern =~ s/\A\(\?([a-z]+)\)//) {
		$mods .= $1;
	}
	return ($pattern, join '', grep { $mods =~ /$_/ } qw(i m s x n));
}

# A digest of all that decides an answer beside the message.
sub rules_digest
{
	my $sha = Digest::SHA->new(1);
	for my $dir ($RULES, $SITE) {
		opendir my $dh, $dir or die "$0: $dir: $!\n";
		my @names = sort grep { -f "$dir/$_" } readdir $dh;
		closedir $dh;
		for my $name (@names) {
			my $text = slurp("$dir/$name");
			$sha->add($name, "\0", length $text, "\0", $text);
		}
	}
	$sha->add($OVERRIDES, $]);
	return substr $sha->hexdigest, 0, 16;
}

sub cache_dir
{
	my $dir = ($ENV{MEKIKI_CACHE} || '.cache') . '/parity';
	my $path = '';
	for my $part (split m{/}, $dir) {
		$path .= "$part/";
		-d $path or mkdir $path or -d $path or die "$0: $path: $!\n";
	}
	return $dir;
}

sub slurp
{
	my ($path) = @_;
	open my $fh, '<:raw', $path or die "$0: $path: $!\n";
	die "$0: $path: not a file\n" if -d $fh;
	local $/;
	my $text = <$fh>;
	return defined $text ? $text : '';
}

# Octets as one line of ASCII: \xNN for a backslash and all outside 0x20-0x7e.
# Characters above U+00FF, which a text should not hold any more, become UTF-8.
sub escape
{
	my ($text) = @_;
	return '' unless defined $text;
	utf8::encode($text) if utf8::is_utf8($text) && !utf8::downgrade($text, 1);
	$text =~ s/([^\x20-\x5b\x5d-\x7e])/sprintf "\\x%02x", ord $1/ge;
	return $text;
}

sub unescape
{
	my ($text) = @_;
	$text =~ s/\\x([0-9a-fA-F]{2})/chr hex $1/ge;
	return $text;
}

# Runs code in a child of its own and returns what it returned (a string), or
# undef if it died or took longer than the given seconds.
sub in_child
{
	my ($seconds, $code) = @_;
	pipe my $in, my $out or die "$0: pipe: $!\n";
	binmode $in;
	my $pid = fork // die "$0: fork: $!\n";
	if (!$pid) {
		close $in;
		binmode $out;
		my $text = eval { $code->() };
		warn $@ if $@;
		syswrite_all($out, "+$text") if defined $text;
		require POSIX;
		POSIX::_exit(0);
	}
	close $out;
	my $text = read_until($in, time + $seconds);
	kill 'KILL', $pid unless defined $text;
	waitpid $pid, 0;
	return defined $text && $text =~ s/^\+// ? $text : undef;
}

sub syswrite_all
{
	my ($fh, $text) = @_;
	my $done = 0;
	while ($done < length $text) {
		my $n = syswrite $fh, $text, length($text) - $done, $done;
		return unless defined $n;
		$done += $n;
	}
}

sub read_until
{
	my ($fh, $deadline) = @_;
	my ($text, $bits) = ('', '');
	vec($bits, fileno $fh, 1) = 1;
	for (;;) {
		my $left = $deadline - time;
		return undef if $left <= 0 || !select my $ready = $bits, undef, undef, $left;
		my $n = sysread $fh, $text, 65536, length $text;
		return $text unless $n;
	}
}

1;
