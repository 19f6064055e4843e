# What the Bayes tests share: small mail, SpamAssassin with its Redis store,
# and what a database holds.
package Bayes;
use strict;
use warnings;
use Exporter 'import';
use Mail::SpamAssassin;
use Mail::SpamAssassin::Util::TinyRedis;

our @EXPORT = qw(generated_mail judge judge_lines judge_tokens connect_redis
	database same_database);

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
