#!/usr/bin/perl
# Nothing of one user is seen in another's scan. Each user has preferences with
# canary words in them: scores, lists, headers, templates, and rules which have
# the same names as other users' rules and other patterns. First each user's
# answer is taken from a worker that has seen nobody else; then many clients ask
# for all of them mixed, and each answer must be the same as alone, byte for
# byte. Some users' files change meanwhile: theirs must be one of the two.
# Usage: canaries.pl [--users N] [--scans N] [--clients N] [--sql]
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Getopt::Long;
use Time::HiRes qw(time sleep);
use Wire;

my %o = (users => 20, scans => 1000, clients => 16);
GetOptions(\%o, 'users=i', 'scans=i', 'clients=i', 'sql')
	or die "usage: canaries.pl [--users N] [--scans N] [--clients N] " .
	"[--sql]\n";

my $site = "allow_user_rules 1\nheader IN_BLOCK " .
	"eval:check_from_in_blocklist()\nscore IN_BLOCK 20\n" .
	"meta SITE_OWN OWN_RULE && WIRE_SUBJECT\nscore SITE_OWN 0.11\n";
my $pre = "loadplugin Mail::SpamAssassin::Plugin::WLBLEval\n";

# What user i has; version 2 is what it becomes if it changes.
sub prefs {
	my ($i, $version) = @_;
	my $word = "canary${i}v$version";
	my $text = "required_score " . (4 + $i / 100) . "\n" .
		"score WIRE_PILLS " . (1 + $i / 10) . "\n" .
		"add_header all Owner $word\n" .
		"describe WIRE_SUBJECT of $word\n" .
		"report mine is $word\n" .
		"blocklist_from from" . ($i % 7) . "\@example.com\n";
	$text .= "rewrite_header Subject [$word]\nreport_safe 0\n" if $i % 3 == 0;
	$text .= "clear_headers\nadd_header all Owner $word _SCORE_\n"
		if $i % 5 == 0;
	return $text if $i % 4 == 1 || $o{sql};
	$text .= "body OWN_RULE /\\bword$i\\b/\nscore OWN_RULE 0.$i\n" .
		"describe OWN_RULE rule of $word\n" .
		"body RULE_OF_$i /word/\nscore RULE_OF_$i 0.01\n";
	$text .= "body WIRE_NICE /word$i/\n" if $i % 4 == 2;
	$text .= "tflags RULE_OF_$i multiple\nmeta OWN_META RULE_OF_$i > " .
		($i % 5) . "\nscore OWN_META 0.002\n" if $i % 4 == 3;
	return $text;
}

my @mails = map {
	my $k = $_;
	"From: from$k\@example.com\nTo: b\@example.org\nSubject: hello $k\n" .
	"Message-Id: <mail$k\@example>\n\ncheap pills for word" .
	join(' word', grep { $_ % 5 == $k || $k == 4 } 1 .. $o{users}) .
	"\nnow\n";
} 0 .. 4;

# The last "user" has nothing.
my @names = ((map { "user$_\@example.org" } 1 .. $o{users}), 'nothing');
my %changes = map { $_ => 1 } grep { $_ % 10 == 0 } 1 .. $o{users};
my $users = workdir() . '/users';
mkdir $users;

my $dbh;
if ($o{sql}) {
	require DBI;
	mkdir workdir() . '/db';
	$dbh = DBI->connect('dbi:SQLite:dbname=' . workdir() . '/db/prefs', '',
		'', { RaiseError => 1 });
	$dbh->do('create table userpref (username varchar(100), ' .
		'preference varchar(50), value varchar(255))');
	$site .= 'user_scores_dsn dbi:SQLite:dbname=' . workdir() .
		"/db/prefs\n";
	%changes = ();
}

sub write_prefs {
	my ($i, $version) = @_;
	my $text = prefs($i, $version);
	if ($dbh) {
		$dbh->do('delete from userpref where username = ?', undef,
			$names[$i - 1]);
		for my $line (split /\n/, $text) {
			my ($preference, $value) = split / /, $line, 2;
			$dbh->do('insert into userpref values (?, ?, ?)', undef,
				$names[$i - 1], $preference, $value);
		}
		return;
	}
	my $dir = "$users/$names[$i - 1]";
	mkdir $dir;
	spit("$dir/new", $text);
	rename "$dir/new", "$dir/user_prefs" or die "$dir: $!";
}

sub daemon {
	my ($name, @args) = @_;
	my $dir = workdir() . "/$name";
	mkdir $dir;
	mkdir "$dir/$_" for qw(rules site);
	spit("$dir/rules/10_wire.cf", slurp(wire_dir() . '/rules/10_wire.cf'));
	spit("$dir/site/init.pre", slurp(wire_dir() . '/site/init.pre') . $pre);
	spit("$dir/site/local.cf", $site);
	return start_mekikid(name => $name, rules => "$dir/rules",
		site => "$dir/site", user => 1, args => [ @args,
		$o{sql} ? '-q' : ('--virtual-config-dir', "$users/%u") ]);
}

sub ask {
	my ($d, $name, $k) = @_;
	return normal(talk($d, "PROCESS SPAMC/1.5\r\nContent-length: " .
		length($mails[$k]) . "\r\nUser: $name\r\n\r\n$mails[$k]",
		seconds => 60));
}

my %alone;		# {name}{mail}: answers, the first one's and the changed
my $faults = 0;

sub learn_alone {
	my ($version, @which) = @_;
	my $d = daemon("alone$version", '--max-conn-per-child', 1);
	for my $i (@which) {
		my $name = $names[$i - 1];
		for my $k (0 .. $#mails) {
			my $text = ask($d, $name, $k);
			push @{ $alone{$name}[$k] }, $text;
			my %seen = map { $_ => 1 } $text =~ /(canary\w+)/g;
			my $own = "canary${i}v$version";
			delete $seen{$own} or $i > $o{users} or $faults++ < 5
				and print "FAIL $name does not see $own:\n$text";
			print "FAIL $name sees @{[ keys %seen ]}:\n$text"
				if %seen && $faults++ < 5;
		}
	}
	stop_daemon($d);
}

write_prefs($_, 1) for 1 .. $o{users};
chmod 0777, workdir() . '/db';
chmod 0666, workdir() . '/db/prefs';
learn_alone(1, 1 .. $o{users} + 1);
if (%changes) {
	write_prefs($_, 2) for keys %changes;
	learn_alone(2, sort { $a <=> $b } keys %changes);
}

# The mixed load.
my $d = daemon('mixed', '-m', 4);
my $each = int($o{scans} / $o{clients}) || 1;
my $began = time;
my @clients;
for my $client (1 .. $o{clients}) {
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	if ($pid) {
		push @clients, $pid;
		next;
	}
	srand $client;
	my $wrong = 0;
	for (1 .. $each) {
		my $name = $names[rand @names];
		my $k = int rand @mails;
		my $got = ask($d, $name, $k);
		next if grep { $_ eq $got } @{ $alone{$name}[$k] };
		print "FAIL $name, mail $k: not as alone\n", visible($got), "\n"
			if $wrong++ < 2;
	}
	require POSIX;
	STDOUT->flush;
	POSIX::_exit($wrong ? 1 : 0);
}

my $turns = 0;
while (@clients) {
	if (waitpid($clients[0], 1) == $clients[0]) {
		$faults++ if $?;
		shift @clients;
	}
	write_prefs($_, 1 + ++$turns % 2) for keys %changes;
	sleep 0.05;
}
my $seconds = time - $began;
stop_daemon($d);
printf "%d users, %d scans by %d clients in %.1f s (%s), %s\n", $o{users},
	$each * $o{clients}, $o{clients}, $seconds,
	$o{sql} ? 'SQL' : 'files', $faults ? 'LEAKS' : 'no leak';
exit($faults ? 1 : 0);
