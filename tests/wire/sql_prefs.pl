#!/usr/bin/perl
# Users' preferences in SQLite, MariaDB and PostgreSQL: one database is asked by
# the real spamd and by mekikid, and the answers must be equal (see normal() in
# Wire.pm); then the database is broken in several ways.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Wire;
use Database;
use Time::HiRes qw(time sleep);

my ($run, $failed) = (0, 0);
sub ok ($$;$) {
	my ($good, $name, $more) = @_;
	$run++;
	return 1 if $good;
	$failed++;
	print "FAIL $name\n", defined $more ? "     $more\n" : '';
	return 0;
}

my $mail = "From: a\@example.com\nTo: b\@example.org\nSubject: hello\n" .
	"Message-Id: <spam\@example>\n\nBuy cheap pills now.\n";

sub request {
	my ($user) = @_;
	return "PROCESS SPAMC/1.5\r\nContent-length: " . length($mail) .
		"\r\n" . (defined $user ? "User: $user\r\n" : '') . "\r\n$mail";
}

my @rows = (
	[ '@GLOBAL', 'required_score', '6.5' ],
	[ '@GLOBAL', 'score', 'WIRE_SUBJECT 0.6' ],
	[ 'ann@example.org', 'required_score', '3' ],
	[ 'ann@example.org', 'score WIRE_PILLS', '4' ],
	[ 'ann@example.org', 'add_header', 'all Who ann' ],
	[ 'bob', 'rewrite_header Subject', '[BOB]' ],
	[ 'bob', 'report_safe', '0' ],
	[ 'bob', 'loadplugin', 'X' ],
	[ 'bob', 'body BOBS', '/pills/' ],
	[ 'bob', 'frobnicate', '1' ],
	[ '!first', 'required_score', '2' ],	# before @GLOBAL in order
	[ '!first', 'score', 'WIRE_SUBJECT 0.1' ],
	[ 'nobody', 'required_score', '1.5' ],
	[ '', 'required_score', '1.6' ],
	[ '0', 'required_score', '1.7' ],
	[ "o'brien", 'required_score', '1.8' ],
	[ 'back\\slash', 'required_score', '1.9' ],
	[ 'two', "score", "WIRE_PILLS 2\nrequired_score 1" ],
	[ 'null', 'required_score', undef ],
	[ 'null', undef, 'x' ],
	[ 'null', 'score', 'WIRE_PILLS 7' ],
	[ '%example.org', 'score', 'WIRE_META 5' ],
	[ 'example.org', 'score', 'WIRE_META 4' ],
	[ 'ann', 'score', 'WIRE_META 3' ],
	[ 'long', 'add_header', 'all Long ' . 'x' x 200 ],
);
my @users = ('ann@example.org', 'other@example.org', 'bob', '!first', 'nobody',
	'', '0', "o'brien", 'back\\slash', 'two', 'null', 'long', 'unknown',
	'a@b@example.org', '@example.org', 'ann@', '_DOMAIN_', '%', '?', '$1',
	"x' or '1'='1", "x\\' or 1=1 -- ", '@GLOBAL', undef);

my $n = 0;
sub daemons {
	my ($db, %o) = @_;
	my $cf = "allow_user_rules 1\nuser_scores_dsn " .
		($o{dsn} || $db->{dsn}) . "\n";
	$cf .= "user_scores_sql_username $db->{login}[0]\n" .
		"user_scores_sql_password $db->{login}[1]\n" if $db->{login};
	$cf .= "user_scores_sql_custom_query $o{query}\n" if $o{query};
	$cf .= $o{cf} || '';
	$n++;
	return map {
		my $name = "$_-$n";
		my $dir = workdir() . "/$name";
		mkdir $dir;
		mkdir "$dir/$_" for qw(rules site);
		spit("$dir/rules/10_wire.cf",
			slurp(wire_dir() . '/rules/10_wire.cf'));
		spit("$dir/site/init.pre", slurp(wire_dir() . '/site/init.pre'));
		spit("$dir/site/local.cf", $cf . (/mekikid/ ? $o{own} || '' :
			''));
		my $start = /mekikid/ ? \&start_mekikid : \&start_spamd;
		$start->(name => $name, rules => "$dir/rules",
			site => "$dir/site", user => 1,
			args => $o{args} || ['-q']);
	} @{ $o{only} || [qw(spamd mekikid)] };
}

sub compare {
	my ($what, $spamd, $mekikid, @who) = @_;
	for my $user (@who) {
		my ($want, $got) = map { normal(talk($_, request($user))) }
			$spamd, $mekikid;
		ok($want eq $got && $want !~ /WRONG|TIMEOUT/,
			"$what: " . ($user // '(nobody)'),
			"spamd:\n" . visible($want) . "\n  mekikid:\n" .
			visible($got));
	}
}

sub fill {
	my ($db) = @_;
	$db->{dbh}->do('insert into userpref (username, preference, value) ' .
		'values (?, ?, ?)', undef, @$_) for @rows;
}

my %query = (
	SQLite => "SELECT preference, value FROM _TABLE_ WHERE username = " .
		"_USERNAME_ OR username = '\@GLOBAL' OR username = '%'||" .
		"_DOMAIN_ OR username = _MAILBOX_ ORDER BY username ASC",
	MariaDB => "SELECT preference, value FROM _TABLE_ WHERE username = " .
		"_USERNAME_ OR username = '\@GLOBAL' OR username = CONCAT(" .
		"'%',_DOMAIN_) OR username = _MAILBOX_ ORDER BY username DESC",
	PostgreSQL => "SELECT preference, value, 1 FROM _TABLE_ WHERE " .
		"username = _USERNAME_ OR username = '\@GLOBAL' OR username = " .
		"CONCAT('%',_DOMAIN_) OR username = _MAILBOX_ ORDER BY " .
		"username ASC",
);

# The score that a user gets: the first number of "Spam: True ; x / y", and y.
sub verdict {
	my ($d, $user) = @_;
	my $began = time;
	my $reply = talk($d, request($user), seconds => 60);
	return ($reply =~ m{^Spam: \w+ ; (\S+ / \S+)\r$}m ? $1 :
		(split /\r\n/, $reply)[0], time - $began);
}

my $refused = 'SPAMD/1.0 69 Service Unavailable: Error fetching user ' .
	'preferences via SQL';

# What happens when the server is not there, stands still and comes back.
sub outages {
	my ($db) = @_;
	my ($d) = daemons($db, only => ['mekikid'],
		own => "user_scores_cache_time 0\nuser_scores_timeout 1\n");
	my ($strict) = daemons($db, only => ['mekikid'],
		own => "user_scores_cache_time 0\nuser_scores_timeout 1\n" .
		"user_scores_fallback_to_global 0\n");
	my $name = $db->{name};
	my ($good) = verdict($d, 'ann@example.org');
	ok($good eq '5.3 / 3.0', "$name: before", $good);
	restart_database($db);
	my ($v) = verdict($d, 'ann@example.org');
	ok($v eq $good, "$name: a connection that is dead is made anew", $v);
	stop_database($db);
	($v) = verdict($d, 'ann@example.org');
	ok($v eq '11.7 / 5.0', "$name gone: the site's settings", $v);
	($v) = verdict($strict, 'ann@example.org');
	ok($v eq $refused, "$name gone: refused without fallback", $v);
	ok(log_of($d) =~ /failed to load user \(ann\@example\.org\) scores from SQL/,
		"$name gone: it is in the log");
	restart_database($db);
	ok(wait_for(20, sub { (verdict($d, 'ann@example.org'))[0] eq $good }),
		"$name: it is asked again when it is back");
	my @all = processes_of($db, qr/./);
	kill 'STOP', @all;
	my (undef, $first) = verdict($d, 'ann@example.org');
	my ($v2, $then) = verdict($d, 'bob');
	ok($v2 eq '11.7 / 5.0', "$name stands still: the site's settings", $v2);
	ok($then < $first / 2 || $then < 0.5, "$name stands still: only the " .
		"first one waits", "$first s, then $then s");
	kill 'CONT', @all;
	ok(wait_for(20, sub { (verdict($d, 'ann@example.org'))[0] eq $good }),
		"$name: it is asked again when it goes on");
	stop_daemon($_) for $d, $strict;
}

sub sqlite {
	my $db = start_sqlite();
	fill($db);
	my @both = daemons($db);
	compare('SQLite', @both, @users);
	# What is changed counts, with the wait that the settings allow.
	stop_daemon($_) for @both;
	@both = daemons($db, query => $query{SQLite},
		own => "user_scores_cache_time 0\n");
	compare('SQLite, own query', @both,
		grep { ($_ // '') ne '_DOMAIN_' } @users);
	$db->{dbh}->do("update userpref set value = '2.5' where username = " .
		"'ann\@example.org' and preference = 'required_score'");
	compare('SQLite, changed', @both, 'ann@example.org');
	rename $db->{file}, "$db->{file}.old";
	my ($v) = verdict($both[0], 'ann@example.org');
	ok($v eq $refused, 'SQLite gone: spamd refuses, whatever it is told', $v);
	($v) = verdict($both[1], 'ann@example.org');
	ok($v eq '11.7 / 5.0', "SQLite gone: the site's settings", $v);
	rename "$db->{file}.old", $db->{file};
	ok(wait_for(20, sub { (verdict($both[1], 'ann@example.org'))[0] ne $v }),
		'SQLite: it is read again when it is back');
	stop_daemon($_) for @both;

	# With a log beside the file, and another process that holds it.
	$db->{dbh}->do('pragma journal_mode = wal');
	@both = daemons($db);
	compare('SQLite, WAL', @both, 'ann@example.org', 'bob');
	stop_daemon($_) for @both;

	# A file of the user's and the database: the database has the last word.
	my $homeless = daemons_and_files($db);
	ok($homeless, 'SQLite without -x');

	# What a data source can be wrong in.
	for my $dsn ('ldap://localhost/x', 'DBI:Oracle:x', 'nonsense') {
		my ($d) = daemons($db, only => ['mekikid'], dsn => $dsn,
			own => "user_scores_fallback_to_global 0\n");
		($v) = verdict($d, 'bob');
		ok($v eq $refused, "$dsn is refused", $v);
		ok(log_of($d) =~ /user_scores_dsn: /, "$dsn is in the log");
		stop_daemon($d);
	}
	# Without one, -q asks nobody.
	@both = daemons($db, dsn => ' ');
	compare('no data source', @both, 'bob', undef);
	stop_daemon($_) for @both;
	lives($db);
	# A query that is wrong.
	my ($d) = daemons($db, only => ['mekikid'], query =>
		"select preference, value from _TABLE_ where username = " .
		"'_USERNAME_'", own => "user_scores_fallback_to_global 0\n");
	($v) = verdict($d, 'bob');
	ok($v eq $refused, 'a word inside of quotes is refused', $v);
	stop_daemon($d);
}

# The process that asks may die, and a reload brings another data source.
sub lives {
	my ($db) = @_;
	my $other = start_sqlite();
	$other->{dbh}->do("insert into userpref values ('bob', " .
		"'required_score', '4.4')");
	my ($d) = daemons($db, only => ['mekikid'],
		own => "user_scores_cache_time 0\n");
	my ($good) = verdict($d, 'bob');
	my ($pid) = processes_of($d, qr/^mekikid-scores/);
	ok($pid, 'there is a process with the scores');
	kill 'KILL', $pid;
	ok(wait_for(20, sub { (verdict($d, 'bob'))[0] eq $good }),
		'when it dies, there is another one');
	($pid) = processes_of($d, qr/^mekikid-scores/);
	my $local = "$d->{site}/local.cf";
	(my $text = slurp($local)) =~ s/\Q$db->{file}\E/$other->{file}/g;
	spit($local, $text);
	kill 'HUP', $d->{pid};
	ok(wait_for(20, sub { (verdict($d, 'bob'))[0] =~ m{/ 4\.4$} }),
		'after a reload another database is asked');
	ok(wait_for(20, sub { !kill 0, $pid }), 'the old process is gone');
	stop_daemon($d);
}

# -q and -Q with and without -x: who is asked for, and whom nobody knows.
sub daemons_and_files {
	my ($db) = @_;
	for my $args ([ '-Q', '-x' ], ['-Q'], [ '-q', '-P' ]) {
		my @both = daemons($db, args => $args);
		compare("SQLite, @$args", @both, 'nobody', 'unknown', 'bob',
			undef);
		stop_daemon($_) for @both;
	}
	return 1;
}

sub server {
	my ($db) = @_;
	fill($db);
	my @both = daemons($db);
	compare($db->{name}, @both, @users);
	stop_daemon($_) for @both;
	@both = daemons($db, query => $query{ $db->{name} });
	# spamd would take this name for a word of the query.
	compare("$db->{name}, own query", @both,
		grep { ($_ // '') ne '_DOMAIN_' } @users);
	stop_daemon($_) for @both;
	outages($db);
	stop_database($db);
}

my %tests = (sqlite => \&sqlite, mariadb => sub { server(start_mariadb()) },
	postgres => sub { server(start_postgres()) });
$tests{$_}->() for @ARGV ? @ARGV : qw(sqlite mariadb postgres);
print "$run checks, $failed failed\n";
exit($failed || !$run ? 1 : 0);
