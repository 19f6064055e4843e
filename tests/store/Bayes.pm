# What the Bayes tests share: small mail, SpamAssassin with its Redis store,
# and what a database holds.
package Bayes;
use strict;
use warnings;
use Exporter 'import';
use Mail::SpamAssassin;
use Mail::SpamAssassin::Util::TinyRedis;
use Wire;

our @EXPORT = qw(generated_mail judge judge_lines judge_tokens connect_redis
	database same_database bayes_site run_learn sa_learn mekiki_learn);

my @spam_words = qw(offer pills winner lottery cheap click mortgage credit
	refund urgent casino bonus miracle cash guarantee discount);
my @ham_words = qw(meeting agenda minutes schedule report review patch compiler
	garden holiday recipe train ticket lecture library budget);

# Message number $n: always the same, headers and text different from others.
sub generated_mail {
	my ($n, $spam, %o) = @_;
	my $state = $n * 7919 + ($spam ? 13 : 0);
	my $next = sub {
		$state = ($state * 1103515245 + 12345) % 2147483648;
		return int($state / 65536) % $_[0];
	};
	my @words = $spam ? @spam_words : @ham_words;
	my $text = '';
	for my $line (1 .. 4 + $next->(12)) {
		my @w = map { $next->(4) ? $words[$next->(16)] .
			($next->(3) ? '' : $next->(90)) :
			'common' . $next->(40) } 1 .. 8;
		$text .= ucfirst(join ' ', @w) . ".\n";
	}
	$text .= "http://www.site" . $next->(20) . ".example/" .
		$next->(999) . "\n" if $next->(2);
	my $ip = '198.18.' . $next->(250) . '.' . $next->(250);
	my $id = $o{no_id} ? '' : "Message-ID: <m$n.$state\@mail.example>\n";
	my $kind = $spam ? 'spam' : 'ham';
	return "Received: from host$n.example (host$n.example [$ip])\n" .
		"\tby mx.example with ESMTP id A$n;\n" .
		"\tMon, 2 Nov 2026 10:" . sprintf('%02d', $n % 60) .
		":00 +0000\n" .
		"From: Sender $n <sender$n\@$kind.example>\n" .
		"To: user\@mx.example\n" .
		"Subject: $words[$next->(16)] $words[$next->(16)] $n\n" .
		"Date: Mon, 2 Nov 2026 10:00:00 +0000\n" . $id .
		"MIME-Version: 1.0\n" .
		"Content-Type: text/plain; charset=utf-8\n\n" . $text;
}

# Lines that make SpamAssassin keep Bayes in a Redis of Redis.pm's.
sub judge_lines {
	my ($redis, $db) = @_;
	my $server = $redis->{socket} || "127.0.0.1:$redis->{port}";
	return "bayes_store_module Mail::SpamAssassin::BayesStore::Redis\n" .
		"bayes_sql_dsn server=$server;database=" . ($db || 0) . "\n";
}

# SpamAssassin within this process, with these lines and Bayes alone.
sub judge {
	my ($lines) = @_;
	my $sa = Mail::SpamAssassin->new({
		rules_filename => '/dev/null', site_rules_filename => '/dev/null',
		userprefs_filename => '/dev/null', local_tests_only => 1,
		dont_copy_prefs => 1, require_rules => 0,
		config_text => "loadplugin Mail::SpamAssassin::Plugin::Bayes\n" .
			"use_bayes 1\nbayes_auto_learn 0\n" .
			"util_rb_tld example\n$lines" });
	$sa->init(1);
	return $sa;
}

# The message's tokens as SpamAssassin names them, in one text, and its ids.
sub judge_tokens {
	my ($sa, $text) = @_;
	my ($bayes) = grep { $_->isa('Mail::SpamAssassin::Plugin::Bayes') }
		@{ $sa->{plugins}->{plugins} };
	my $msg = $sa->parse($text);
	my $data = $bayes->get_body_from_msg($msg);
	my $tokens = $bayes->tokenize($msg, $data);
	my @ids = grep { defined } $msg->generate_msgid(), $msg->get_msgid();
	$msg->finish;
	return (join('', sort keys %$tokens), @ids);
}

# A site of both programs with Bayes and nothing else, in a new folder $dir:
# options for either.
sub bayes_site {
	my ($dir) = @_;
	mkdir "$dir$_" for '', '/rules', '/site';
	put("$dir/rules/10.cf", "util_rb_tld example com\n" .
		join '', map { my ($name, $from, $to) = @$_;
			"body BAYES_$name eval:check_bayes('$from', '$to')\n" .
			"tflags BAYES_$name learn\nscore BAYES_$name 1\n" }
		['00', '0.00', '0.01'], ['05', '0.01', '0.05'],
		['20', '0.05', '0.20'], ['40', '0.20', '0.40'],
		['50', '0.40', '0.60'], ['60', '0.60', '0.80'],
		['80', '0.80', '0.95'], ['95', '0.95', '0.99'],
		['99', '0.99', '1.00']);
	put("$dir/site/a.pre", join '', map {
		"loadplugin Mail::SpamAssassin::Plugin::$_\n" }
		qw(Check Bayes BodyEval));
	put("$dir/site/a.cf", "use_bayes 1\nbayes_auto_learn 0\n" .
		"bayes_min_spam_num 5\nbayes_min_ham_num 5\n" .
		"add_header all Bayes _BAYES_\n" .
		"add_header all Tests _TESTS(,)_\n" .
		"ifplugin Mekiki\nstore_timeout 10\nendif\n");
	put("$dir/prefs", '');
	return ('-L', '-C', "$dir/rules", "--siteconfigpath=$dir/site", '-p',
		"$dir/prefs");
}

sub put {
	my ($path, $text) = @_;
	open my $fh, '>', $path or die "$path: $!";
	print $fh $text;
	close $fh or die "$path: $!";
}

# Runs a program with $input; exit code, output, errors.
sub run_learn {
	my ($input, @command) = @_;
	my $dir = Wire::workdir();
	put("$dir/in", $input);
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	if (!$pid) {
		open STDIN, '<', "$dir/in";
		open STDOUT, '>', "$dir/out";
		open STDERR, '>', "$dir/err";
		exec @command or exit 127;
	}
	waitpid $pid, 0;
	return ($? >> 8, Wire::slurp("$dir/out"), Wire::slurp("$dir/err"));
}

# Both programs on a database of a Redis: the output, after which nothing may
# be left to complain of.
sub sa_learn {
	my ($site, $redis, $db, @args) = @_;
	return learn_with('', ['sa-learn', @$site], $redis, $db, @args);
}

sub mekiki_learn {
	my ($site, $redis, $db, @args) = @_;
	return learn_with('', [Wire::build_dir() . '/mekiki', 'learn', @$site,
		'--no-own-rules', '--cf', 'store none', '--state-dir',
		Wire::workdir() . '/state'], $redis, $db, @args);
}

sub learn_with {
	my ($input, $program, $redis, $db, @args) = @_;
	my @lines = map { ('--cf', $_) } split /\n/, judge_lines($redis, $db);
	my ($code, $out, $err) = run_learn($input, @$program, @lines, @args);
	return $out . ($code ? "exit $code\n" : '') . $err;
}

sub connect_redis {
	my ($redis, $db) = @_;
	my $r = Mail::SpamAssassin::Util::TinyRedis->new(
		server => $redis->{socket} || "127.0.0.1:$redis->{port}");
	$r->connect;
	$r->call('SELECT', $db || 0);
	return $r;
}

# A database: { key => [value as text, TTL] }; token keys in hexadecimal.
sub database {
	my ($r) = @_;
	my %db;
	for my $key (@{ $r->call('KEYS', '*') }) {
		my $name = $key;
		$name =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
		my $type = $r->call('TYPE', $key);
		my $value = $type eq 'hash' ?
			pairs(@{ $r->call('HGETALL', $key) }) :
			$type eq 'string' ? $r->call('GET', $key) : $type;
		$db{$name} = [$value, $r->call('TTL', $key)];
	}
	return \%db;
}

sub pairs {
	my %h = @_;
	return join ' ', map { "$_=$h{$_}" } sort keys %h;
}

# '' if both hold the same keys and values, and times to live that differ by
# no more than the tests may take; otherwise the first differences.
sub same_database {
	my ($x, $y) = @_;
	my @faults;
	my %all = (%$x, %$y);
	for my $key (sort keys %all) {
		my ($p, $q) = ($x->{$key}, $y->{$key});
		push(@faults, "$key: only one has it"), next unless $p && $q;
		push @faults, "$key: $p->[0] / $q->[0]" if $p->[0] ne $q->[0];
		push @faults, "$key lives $p->[1] / $q->[1] s"
			if ($p->[1] < 0) != ($q->[1] < 0) ||
			   abs($p->[1] - $q->[1]) > 120;
	}
	return join "\n", @faults ? (scalar(@faults) . ' differences',
		splice @faults, 0, 10) : ();
}

1;
