# Runs one of SpamAssassin's programs and ours of the same name with the same
# arguments and input, and compares what they print, what they say on standard
# error, and how they exit. A test is a table of rows; see twins().
package Twins;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use Test::More;
use lib abs_path(dirname(__FILE__)) . '/../wire';
use Wire;

our @EXPORT = qw(twins compat small_site message);

my $dir = workdir();
my %real = (
	spamassassin => '/usr/bin/spamassassin',
	'sa-learn' => '/usr/bin/sa-learn',
	'sa-check_spamd' => '/usr/bin/sa-check_spamd',
	spamd => '/usr/sbin/spamd',
);

sub compat { return build_dir() . "/compat/$_[0]" }

# A few rules, the plug-ins that they need, the usual templates.
sub small_site {
	mkdir "$dir/rules";
	mkdir "$dir/site";
	spit("$dir/rules/10_rules.cf", <<'CF');
util_rb_tld com org net example
required_score 5
report_safe 1
clear_report_template
report Score _SCORE_ of _REQD_, _YESNO_.
report _SUMMARY_
clear_headers
add_header spam Flag _YESNOCAPS_
add_header all Status _YESNO_, score=_SCORE_ required=_REQD_ tests=_TESTS_ autolearn=_AUTOLEARN_
add_header all Level _STARS(*)_
body WORD_OFFER /\boffer\b/i
describe WORD_OFFER It offers something
score WORD_OFFER 3
header SUBJ_CHEAP Subject =~ /cheap/i
describe SUBJ_CHEAP Something is cheap
score SUBJ_CHEAP 4
body __WORD_HELLO /hello/i
meta POLITE __WORD_HELLO
score POLITE -0.5
CF
	spit("$dir/site/init.pre", join '', map {
		"loadplugin Mail::SpamAssassin::Plugin::$_\n" }
		qw(Check BodyEval HeaderEval HTMLEval MIMEEval Bayes
		   AutoLearnThreshold WLBLEval));
	spit("$dir/site/local.cf", "use_bayes 0\n");
	return ('-C', "$dir/rules", '--siteconfigpath', "$dir/site");
}

# A small mail; subject and text decide what hits.
sub message {
	my ($n, $subject, $text) = @_;
	return "Received: from host$n.example (host$n.example [198.18.0.$n])\n" .
		"\tby mx.example with ESMTP id A$n;\n" .
		"\tMon, 2 Nov 2026 10:00:00 +0000\n" .
		"From: Sender $n <sender$n\@sender.example>\n" .
		"To: user\@mx.example\nSubject: $subject\n" .
		"Date: Mon, 2 Nov 2026 10:00:00 +0000\n" .
		"Message-ID: <m$n\@mail.example>\n\n$text";
}

# What may differ: names of places, times, who we are, Perl's places in its own
# source, and the texts of usage.
my $stamp = qr/[A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d\.\d{3} \[\d+\] /;
sub mask {
	my ($text, $who) = @_;
	$text =~ s/\Q$dir\E\/$who\b/HOME/g;
	$text =~ s/^$stamp/STAMP /gm;
	$text =~ s/^Usage:.*//ms;
	$text =~ s/^(X-Spam-Checker-Version: ).*/$1VERSION/gm;
	$text =~ s/^  (running on|with) .*\n//gm;
	$text =~ s/^For more (?:information|details).*\n//gm;
	$text =~ s/(?: at \S+ line \d+(?:, <\w+> line \d+)?\.)+$//gm;
	$text =~ s/\b1[789]\d{8}\b/TIME/g;
	$text =~ s/=_[0-9A-F]+\.[0-9A-F]+/BOUNDARY/g;
	$text =~ s/(with SpamAssassin .*\n\t).*/$1DATE/g;
	# The lines of a summary come in the order of a Perl hash.
	$text =~ s/((?:^[ -]*[\d.]+ [A-Z_0-9]+ {2}.*\n)+)/join '', sort split
		m{^}m, $1/gme;
	return $text;
}

# Starts one program; its process.
sub start {
	my ($command, $who, %o) = @_;
	my $home = "$dir/$who";
	mkdir $home;
	spit("$home.in", defined $o{input} ? $o{input} : '');
	my $pid = fork;
	die "fork: $!" if !defined $pid;
	if (!$pid) {
		$ENV{HOME} = $home;
		$ENV{LC_ALL} = 'C';
		$ENV{TZ} = 'UTC';
		delete $ENV{COLUMNS};
		$ENV{$_} = $o{env}{$_} for keys %{$o{env} || {}};
		chdir $dir;
		open STDIN, '<', "$home.in";
		open STDOUT, '>', "$home.out";
		open STDERR, '>', "$home.err";
		exec @$command;
		die "exec $command->[0]: $!";
	}
	return $pid;
}

# What it printed, what it said, how it ended.
sub result {
	my ($pid, $who) = @_;
	waitpid $pid, 0;
	return { code => $? & 127 ? "signal $?" : $? >> 8,
		 out => slurp("$dir/$who.out"), err => slurp("$dir/$who.err") };
}

# Rows: { args => [...], and maybe
#   name => what the test is called, input => standard input,
#   before => code called with 'real' and then 'ours',
#   ours => [arguments that only ours gets], own => code that gives each its
#   own ones, called with 'real' or 'ours',
#   code => code that both exit codes go through before they are compared,
#   out => code that both outputs go through before they are compared, or
#          'ignored'; err => the same of standard error;
#   both => code called with both results for more tests }.
sub twins {
	my ($program, $common, @rows) = @_;
	my $own = $program =~ /check|^spamd$/ ? [] :
		['--no-own-rules', '--state-dir', "$dir/state"];
	for my $row (@rows) {
		my @args = (@{$row->{bare} ? [] : $common}, @{$row->{args}});
		my $name = $row->{name} || join ' ', $program, @{$row->{args}};
		$name =~ s/\n.*/.../s;
		my %pid;
		for my $who (qw(real ours)) {
			mkdir "$dir/$who";
			$row->{before}->($who) if $row->{before};
			my @command = $who eq 'real' ? ($real{$program}) :
				(compat($program), @$own, @{$row->{ours} || []});
			push @command, $row->{own}->($who) if $row->{own};
			$pid{$who} = start([@command, @args], $who,
				input => $row->{input}, env => $row->{env});
		}
		my %r = map { $_ => result($pid{$_}, $_) } qw(real ours);
		my $code = $row->{code} || sub { $_[0] };
		my $fine = is($code->($r{ours}{code}), $code->($r{real}{code}),
			"$name: exit code");
		for my $what (qw(out err)) {
			my $through = $row->{$what} || sub { $_[0] };
			next if $through eq 'ignored';
			my ($real, $ours) = map { $through->(
				mask($r{$_}{$what}, $_)) } qw(real ours);
			$fine &= is($ours, $real, "$name: " .
				($what eq 'out' ? 'output' : 'log'));
		}
		diag("ours said: $r{ours}{err}") if !$fine;
		$row->{both}->($r{real}, $r{ours}) if $row->{both};
	}
}

1;
