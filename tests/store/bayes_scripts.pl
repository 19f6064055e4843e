#!/usr/bin/perl
# The Bayes scripts alone, beside the real SpamAssassin: both are told the same
# things in the same order, with SpamAssassin's own tokens, each in a Redis
# database of its own; afterwards both databases hold the same.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
my $here;
BEGIN { $here = abs_path(dirname(__FILE__)) }
use lib $here, "$here/../wire";
use Bayes;
use Redis;
use Wire;

my $redis = start_redis(unix => 1);
my $ours = connect_redis($redis, 1);
my $theirs = connect_redis($redis, 0);

my %sha;
sub script {
	my ($name, $keys, @argv) = @_;
	$sha{$name} ||= $ours->call('SCRIPT', 'LOAD',
		slurp("$here/../../redis/scripts/$name.lua"));
	return $ours->call('EVALSHA', $sha{$name}, scalar @$keys, @$keys,
		@argv);
}

my @totals = map { "v:$_" } qw(NSPAM NHAM DB_VERSION TOKEN_FORMAT);
sub change {
	my ($op, $relearn, $tokens, $ids, $seen_ttl, $token_ttl) = @_;
	my @keys = (@totals, (map { "s:$_" } @$ids),
		map { "w:$_" } unpack '(a5)*', $tokens);
	return script('bayes_learn', \@keys, $op, $relearn ? 1 : 0,
		$seen_ttl, $token_ttl, 4, scalar @$ids);
}

sub compare {
	my ($what) = @_;
	my ($x, $y) = (database($theirs), database($ours));
	my $faults = same_database($x, $y);
	is($faults, '', "$what: " . keys(%$x) . ' keys');
}

my @mail = map { [generated_mail($_, $_ % 2), $_ % 2] } 1 .. 40;
push @mail, [generated_mail(41, 1, no_id => 1), 1];

for my $case (['with times to live', '', 691200, 1814400],
	      ['without', "bayes_auto_expire 0\n", 0, 0],
	      ['of our own', "bayes_token_ttl 2h\nbayes_seen_ttl 30m\n",
	       1800, 7200]) {
	my ($name, $lines, $seen_ttl, $token_ttl) = @$case;
	$_->call('FLUSHDB') for $ours, $theirs;
	local $SIG{__WARN__} = sub { };
	my $sa = judge(judge_lines($redis, 0) . $lines);
	my @say;
	my $both = sub {
		my ($op, $m) = @_;
		my $msg = $sa->parse($m->[0]);
		my $theirs = $sa->learn($msg, undef, $op eq 's', $op eq 'f');
		my ($tokens, @ids) = judge_tokens($sa, $m->[0]);
		my $ours = change($op, 1, $tokens, \@ids, $seen_ttl,
			$token_ttl);
		my $did = $theirs->did_learn ? 1 : 0;
		push @say, "$op: $ours / $did"
			if ($ours =~ /^(?:learned|forgotten)$/ ? 1 : 0) != $did;
	};
	$both->($_->[1] ? 's' : 'h', $_) for @mail;
	compare("$name, learned");
	$both->('s', $_) for @mail[0 .. 9];
	compare("$name, half of ten learned again, half turned round");
	$both->('f', $_) for @mail[5 .. 14], @mail[5 .. 8], $mail[40];
	compare("$name, some forgotten, some of them twice");
	$both->('h', $_) for @mail[3 .. 12];
	compare("$name, learned as ham");
	$both->('f', $_) for @mail;
	compare("$name, all forgotten");
	$both->('s', $_) for @mail[0 .. 4];
	is(join(', ', @say), '', "$name: both say the same of each");
}

# What autolearn asks for, which must not turn round what people taught.
my ($tokens, @ids) = judge_tokens(judge(''), $mail[0][0]);
my $before = database($ours);
is(change('h', 0, $tokens, \@ids, 0, 0), 'already', 'no relearning');
is(same_database($before, database($ours)), '', 'and nothing changed');

# The same under hash tags, a script for each, as on a cluster: some of them are
# done, and then, as after a lost answer, all of them.
sub change_tagged {
	my ($op, $tokens, $ids, $some) = @_;
	my @all = ([[(map { "v:{v}:$_" } qw(NSPAM NHAM DB_VERSION
		TOKEN_FORMAT)), map { "s:{v}:$_" } @$ids], 4]);
	for my $tag (0 .. 63) {
		my $t = sprintf '%02x', $tag;
		push @all, [[(map { "s:{$t}:$_" } @$ids),
			map { "w:{$t}$_" } grep { (ord() & 63) == $tag }
			unpack '(a5)*', $tokens], 0];
	}
	for my $pass (1, 0) {
		for my $i (0 .. $#all) {
			next if $pass && $i % 3 != $some;
			my ($keys, $totals) = @{ $all[$i] };
			script('bayes_learn', $keys, $op, 1, 691200, 1814400,
				$totals, scalar @$ids);
		}
	}
}

# Without tags, and without the tags' own markers, which must be as the
# totals' are.
sub untagged {
	my ($db) = @_;
	my (%plain, %markers, $odd);
	for my $key (keys %$db) {
		if ($key =~ /^s:\{([0-9a-f]{2})\}:(.*)/s) {
			$markers{$2}{ $db->{$key}[0] }++;
			next;
		}
		(my $name = $key) =~ s/^v:\{v\}:/v:/;
		$name =~ s/^s:\{v\}:/s:/;
		$name =~ s/^w:\{[0-9a-f]{2}\}/w:/;
		$plain{$name} = $db->{$key};
	}
	for my $id (keys %markers, map { /^s:(.*)/s } keys %plain) {
		my $m = $plain{"s:$id"};
		$odd++ unless $m && ($markers{$id}{ $m->[0] } || 0) == 64;
	}
	return (\%plain, $odd || 0);
}
$_->call('FLUSHDB') for $ours, $theirs;
{
	my $sa = judge(judge_lines($redis, 0));
	my $n = 0;
	for my $step ((map { [$_->[1] ? 's' : 'h', $_] } @mail[0 .. 9]),
		      (map { ['s', $_] } @mail[2 .. 7]),
		      (map { ['f', $_] } @mail[1 .. 4])) {
		my ($op, $m) = @$step;
		$sa->learn($sa->parse($m->[0]), undef, $op eq 's', $op eq 'f');
		my ($t, @i) = judge_tokens($sa, $m->[0]);
		change_tagged($op, $t, \@i, $n++ % 3);
	}
	my ($plain, $odd) = untagged(database($ours));
	is(same_database(database($theirs), $plain), '', 'tagged: ' .
		keys(%$plain) . ' keys');
	is($odd, 0, 'tagged: the markers of all tags agree');
}

# Counts, as SpamAssassin's own store reads them.
$_->call('FLUSHDB') for $ours, $theirs;
{
	my $sa = judge(judge_lines($redis, 1));
	$sa->learn($sa->parse($_->[0]), undef, $_->[1], 0) for @mail[0 .. 19];
	my $unknown = 'zzzzz';
	my @tokens = (unpack('(a5)*', (judge_tokens($sa, $mail[3][0]))[0]),
		$unknown);
	my ($bayes) = grep { $_->isa('Mail::SpamAssassin::Plugin::Bayes') }
		@{ $sa->{plugins}->{plugins} };
	my %theirs = map { $_->[0] => "$_->[1] $_->[2]" }
		@{ $bayes->{store}->tok_get_all(@tokens) };
	my @ours = split / /, script('bayes_counts', [map { "w:$_" } @tokens]),
		-1;
	is(scalar @ours, scalar @tokens, 'a piece for each token');
	my %ours;
	for my $i (0 .. $#tokens) {
		my ($s, $h) = split m{/}, $ours[$i];
		$ours{ $tokens[$i] } = ($s || 0) . ' ' . ($h || 0)
			if length $ours[$i];
	}
	is_deeply(\%ours, \%theirs, keys(%theirs) . ' counts are the same');
	$ours->call('EXPIRE', "w:$tokens[0]", 10);
	script('bayes_touch', [map { "w:$_" } @tokens], 5000);
	ok($ours->call('TTL', "w:$tokens[0]") > 4900, 'touched');
	is($ours->call('EXISTS', "w:$unknown"), 0, 'what is gone stays gone');
	script('bayes_set', ["w:$tokens[0]"], 0, 17, 100);
	is(script('bayes_counts', ["w:$tokens[0]"]), '/17', 'set');
}

# Databases that are not ours to touch.
$ours->call('SET', 'v:DB_VERSION', 4);
$before = database($ours);
is(change('s', 1, $tokens, \@ids, 0, 0), 'version 4', 'another version');
$ours->call('SET', 'v:DB_VERSION', 3);
$ours->call('SET', 'v:TOKEN_FORMAT', 1);
is(change('f', 1, $tokens, \@ids, 0, 0), 'format 1', 'old token format');
$ours->call('SET', 'v:DB_VERSION', 4);
$ours->call('SET', 'v:TOKEN_FORMAT', 2);
is(same_database($before, database($ours)), '', 'left as they were');

# A key of a wrong type stops a learn; a repeat counts nothing again.
$ours->call('FLUSHDB');
$ours->call('SET', 'w:' . substr($tokens, 10, 5), 'x');
eval { change('s', 1, $tokens, \@ids, 0, 0) };
like($@, qr/WRONGTYPE/, 'a wrong type is an error');
$before = database($ours);
is(change('s', 1, $tokens, \@ids, 0, 0), 'already', 'again');
is(same_database($before, database($ours)), '', 'counted nothing again');

done_testing;
