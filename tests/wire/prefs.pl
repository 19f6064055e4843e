#!/usr/bin/perl
# Users' preferences: the same users, files and options for the real spamd and
# for mekikid; the answers must be equal (see normal() in Wire.pm). Users take
# turns, and those without a file come between the others, so that whatever
# stays behind of one user shows.
use strict;
use warnings;
use DBI;
use FindBin;
use lib $FindBin::Bin;
use Wire;

my $accounts = @ARGV && $ARGV[0] eq '--accounts' && shift;
my ($run, $failed, $filter) = (0, 0, $ARGV[0] || '');

my %mail = (
	spam => "From: Ann <a\@example.com>\nTo: b\@example.org\n" .
		"Subject: hello\nMessage-Id: <spam\@example>\n\n" .
		"Buy cheap pills now, word for word.\nhttp://www.example.net/x\n",
	ham => "From: a\@else.org\nTo: c\@example.org\nSubject: tomorrow\n" .
		"Message-Id: <ham\@example>\n\nSee you at ten, my dear.\n",
);

# Beside the rules of the wire tests, some that users may meddle with.
my $site = <<'CF';
allow_user_rules 1
body SITE_MULTI /word/
score SITE_MULTI 0.1
body SITE_ZERO /cheap/
score SITE_ZERO 0
body SITE_GENTLE /pills/
tflags SITE_GENTLE nice
meta SITE_WAITS LATER_DEFINED
score SITE_WAITS 0.3
meta SITE_SUM WIRE_PILLS + SITE_MULTI > 1
score SITE_SUM 0.2
body SITE_LATE /now/
priority SITE_LATE 500
score SITE_LATE 0.4
header IN_BLOCK eval:check_from_in_blocklist()
score IN_BLOCK 50
header IN_WELCOME eval:check_from_in_welcomelist()
score IN_WELCOME -20
tflags IN_WELCOME userconf nice
header IN_ALLSPAM eval:check_to_in_all_spam()
score IN_ALLSPAM -30
tflags IN_ALLSPAM userconf nice
lang de describe WIRE_PILLS Billige Pillen
CF

my $pre = "loadplugin Mail::SpamAssassin::Plugin::WLBLEval\n" .
	"loadplugin Mail::SpamAssassin::Plugin::HeaderEval\n" .
	"loadplugin Mail::SpamAssassin::Plugin::MIMEHeader\n" .
	"loadplugin Mail::SpamAssassin::Plugin::ReplaceTags\n";

my %user = (
	none => undef,
	empty => '',
	required => "required_score 0.4\n",
	required_odd => "required_score 1.5x\nrequired_score\nrequired_hits 3\n",
	scores => "score WIRE_PILLS 1\nscore WIRE_SUBJECT (0.25)\n" .
		"score WIRE_META 1 2 3 4\nscore NO_SUCH_RULE 5\n",
	zero => "score WIRE_PILLS 0\nscore SITE_ZERO 2\n",
	bad_scores => "score WIRE_PILLS\nscore WIRE_PILLS x\n" .
		"score WIRE_SUBJECT 1 2\nscore WIRE_META 1 2 3 4 5\n",
	block => "blocklist_from *\@example.com\nblacklist_from x\@y\n",
	welcome => "welcomelist_from a\@example.com\n" .
		"unwelcomelist_from nobody\@nowhere\n",
	unwelcome => "whitelist_from a\@else.org\nunwhitelist_from a\@else.org\n",
	all_spam => "all_spam_to c\@example.org\n",
	subject => "rewrite_header Subject [SPAM _SCORE_]\n" .
		"rewrite_header From seems bad\nreport_safe 0\n",
	safe2 => "report_safe 2\nrequired_score 1\n",
	headers => "clear_headers\nadd_header all Foo bar _SCORE_ _TESTS_\n" .
		"add_header spam Bar _REQD_\nremove_header all Nothing\n",
	more_headers => "add_header all Who me\nremove_header all Level\n",
	report => "clear_report_template\nreport all mine _HITS_\n" .
		"report _SUMMARY_\nreport_safe 1\nrequired_score 1\n",
	wrap => "report_wrap_width 60\ndescribe WIRE_PILLS " .
		join(' ', map { "word$_" } 1 .. 60) . "\n",
	more_report => "report and more\nunsafe-report very unsafe\n",
	lang => "lang de describe WIRE_PILLS Meine Pillen\n" .
		"lang en describe WIRE_PILLS My pills\n",
	describe => "describe WIRE_SUBJECT Mine\ndescribe NOT_THERE x\n",
	networks => "trusted_networks 10/8\ninternal_networks 10/8\n",
	admin => "loadplugin Foo\nbayes_path /x\nuser_scores_dsn x\n" .
		"score WIRE_PILLS 2\nlock_method flock\nuse_bayes 1\n",
	unknown => "frobnicate 1\nscore WIRE_PILLS 3\n\0\xff\xfe 3\n",
	conditions => "if (version >= 4)\nscore WIRE_PILLS 3\nelse\n" .
		"score WIRE_PILLS 4\nendif\nifplugin Mail::SpamAssassin::" .
		"Plugin::NoSuch\nrequired_score 1\nendif\n",
	unclosed => "if (version < 3)\nscore WIRE_PILLS 3\n",
	can => "if can(Mail::SpamAssassin::Conf::feature_edns)\n" .
		"score WIRE_PILLS 3\nendif\nif has(Mail::SpamAssassin::Conf::" .
		"feature_edns)\nscore WIRE_SUBJECT 2\nendif\n",
	version => "require_version 3.0\nscore WIRE_PILLS 3\n",
	crlf => "required_score 1.5\r\nscore WIRE_PILLS 2\r\n",
	no_newline => "score WIRE_PILLS 4",
	comments => "# score WIRE_PILLS 4\nscore WIRE_PILLS 2 # 5\n  \n" .
		"add_header all Hash a\\#b\n",
	rules => "body USER_B /cheap/\nscore USER_B 1.1\nheader USER_H " .
		"Subject =~ /HELLO/i\ndescribe USER_H my header\nscore USER_H " .
		"1.2\nrawbody USER_RAW /pills/\nfull USER_FULL /From:.*hello/s\n" .
		"uri USER_URI /example/\nmeta USER_META USER_B && WIRE_PILLS\n" .
		"score USER_META 0.9\nheader USER_EV eval:" .
		"check_for_missing_to_header()\nbody T_USER /now/\n" .
		"body __USUB /cheap/\nmeta USER_META2 __USUB && SITE_MULTI\n" .
		"body USER_DEAR /dear/\n",
	fills => "body LATER_DEFINED /pills/\nscore LATER_DEFINED 0.01\n",
	redefines => "body WIRE_PILLS /nothing like it/\nbody SITE_ZERO " .
		"/cheap/\nscore SITE_ZERO 0.25\ntflags SITE_MULTI multiple\n",
	redefines_meta => "meta WIRE_META 1\nscore WIRE_META 0.77\n",
	redefines_kind => "header WIRE_PILLS Subject =~ /hello/\n",
	other_flags => "tflags SITE_GENTLE userconf\nscore SITE_GENTLE 0.6\n" .
		"body USER_NICE /now/\ntflags USER_NICE nice\n",
	priorities => "body USER_LATE /now/\npriority USER_LATE 900\n" .
		"meta USER_EARLY SITE_LATE\npriority USER_EARLY -10\n",
	bad_rules => "body BAD /(/\nbody 9BAD /x/\nbody LONELY\nmeta BADM (\n" .
		"header BADH Subject\nheader BADE eval:no_such_thing()\n" .
		"score WIRE_PILLS 3\n",
	gives_up => "body USER_A /cheap/\nallow_user_rules 0\n" .
		"body USER_Z /cheap/\n",
	mime => "mimeheader USER_MIME Content-Type =~ /text/\n",
	tags => "replace_tag A [a\@]\nreplace_rules USER_T\n" .
		"body USER_T /ch<E>p/\nreplace_tag E ea\n",
	multiple => "body USER_MANY /word/\ntflags USER_MANY multiple\n" .
		"meta USER_TWICE USER_MANY > 1\n",
	captures => "body __CAP /cheap (?<WHAT>\\w+)/\n" .
		"header USER_CAP Subject =~ /%{WHAT}|hello/\n",
);
my @users = sort keys %user;

my $n = 0;
sub pair {
	my (%o) = @_;
	$n++;
	my @both;
	for my $kind (qw(spamd mekikid)) {
		my $name = "$kind-$n";
		my $dir = workdir() . "/$name";
		mkdir $dir;
		mkdir "$dir/$_" for qw(rules site);
		spit("$dir/rules/10_wire.cf",
			slurp(wire_dir() . '/rules/10_wire.cf'));
		spit("$dir/site/init.pre",
			slurp(wire_dir() . '/site/init.pre') . $pre);
		spit("$dir/site/local.cf", $site . ($o{cf} || ''));
		my $start = $kind eq 'spamd' ? \&start_spamd : \&start_mekikid;
		push @both, $start->(%o, name => $name, rules => "$dir/rules",
			site => "$dir/site");
	}
	return @both;
}

sub request {
	my ($word, $kind, $user) = @_;
	return "$word SPAMC/1.5\r\nContent-length: " . length($mail{$kind}) .
		"\r\n" . (defined $user ? "User: $user\r\n" : '') .
		"\r\n$mail{$kind}";
}

sub compare {
	my ($spamd, $mekikid, $what, $user, %o) = @_;
	for my $word (@{ $o{words} || [qw(PROCESS)] }) {
		for my $kind (qw(spam ham)) {
			my $shown = defined $user ? "'$user'" : 'nobody named';
			my $name = "$what: $word of $kind for $shown";
			next if index($name, $filter) < 0;
			my $text = request($word, $kind, $user);
			my ($want, $got) = map { normal(talk($_, $text)) }
				$spamd, $mekikid;
			$run++;
			next if $want eq $got && $want !~ /WRONG|TIMEOUT/;
			$failed++;
			print "FAIL $name\n  spamd:\n", visible($want),
				"\n  mekikid:\n", visible($got), "\n";
		}
	}
}

# Files by pattern. Each user in turn, with one who has no file behind it.
my $virtual = workdir() . '/virtual';
mkdir $virtual;
for my $name (@users) {
	mkdir "$virtual/$name" if defined $user{$name};
	spit("$virtual/$name/user_prefs", $user{$name})
		if defined $user{$name};
}

sub virtual_users {
	my ($what, %o) = @_;
	my ($spamd, $mekikid) = pair(user => 1, cf => $o{cf},
		args => [ '--virtual-config-dir', "$virtual/%u" ]);
	my @users = @{ $o{users} || \@users };
	for my $name (@users) {
		compare($spamd, $mekikid, $what, $name);
		compare($spamd, $mekikid, "$what, behind '$name'", 'none',
			words => ['CHECK']);
	}
	compare($spamd, $mekikid, $what, undef);
	# Once more: by now each worker knows them. (spamd's ReplaceTags changes
	# a user's rule only the first time.)
	compare($spamd, $mekikid, "$what, again", $_, words => ['CHECK'])
		for grep { $_ ne 'tags' } @users;
	return ($spamd, $mekikid);
}

# A file that changes between two requests counts as it is; also if it is as
# long as before.
sub changes {
	my (@both) = @_;
	for my $score (qw(3 4 5 6)) {
		mkdir "$virtual/changes";
		spit("$virtual/changes/user_prefs", "score WIRE_PILLS $score\n");
		compare(@both, "a file that changes ($score)", 'changes');
	}
	unlink "$virtual/changes/user_prefs";
	compare(@both, 'a file that is gone', 'changes');
}

my @both = virtual_users('rules allowed');
changes(@both);
my $log = log_of($both[1]);
for my $want (qr/config: user_prefs of admin \(line 1\): 'loadplugin'/,
	      qr/config: user_prefs of bad_rules \(line 1\): rule BAD/,
	      qr/spamd: using default config for rules: \Q$virtual\E/) {
	next if $log =~ $want;
	print "FAIL the log has no $want\n";
	$failed++;
}
stop_daemon($_) for @both;
@both = virtual_users('rules refused', cf => "allow_user_rules 0\n",
	users => [qw(rules redefines fills other_flags priorities gives_up none)]);
$log = log_of($both[1]);
if ($log !~ /rules \(line 1\): 'body' is not allowed/) {
	print "FAIL the log does not tell of refused rules\n";
	$failed++;
}
stop_daemon($_) for @both;

# Patterns, and names that are odd.
my @odd = ('bob@example.org', 'ann@example.org', 'x@else.org', 'plain', 'a b/c',
	'..', '%u', 'a@b@example.org', '@example.org', 'bob@', '0', '',
	'root', "sm\xf6rg", 'a' x 200);
for my $path ('p/bob@example.org', 'p/plain', 'p/example.org', 'p/%u', 'p/a_b_c',
	      'p/_u', 'p/0', 'p/example.org-bob', "p/sm_rg", 'p/@example.org',
	      'p/a@b@example.org', 'p/example.org-a@b', 'p/-', 'p/bob@',
	      'p/root', 'p/%plain') {
	mkdir "$virtual/p";
	mkdir "$virtual/$path";
	(my $word = $path) =~ s/[^a-z]/x/g;
	spit("$virtual/$path/user_prefs", "add_header all File $word\n");
}
for my $pattern ('p/%u', 'p/%x', 'p/%d-%l', 'p/%%%u', 'p/%%u') {
	@both = pair(user => 1, args => [ '--virtual-config-dir',
		"$virtual/$pattern" ]);
	for my $name (@odd) {
		# Where spamd would climb out of the folder, ours does not.
		next if $name eq '..';
		compare(@both, $pattern, $name, words => ['PROCESS']);
	}
	stop_daemon($_) for @both;
}

homes() if $accounts;

# Accounts of our own, in place of the system's, for this test alone.
sub make_accounts {
	my (%files) = @_;
	my $homes = workdir() . '/homes';
	my $passwd = slurp('/etc/passwd');
	my $uid = 54321;
	mkdir $homes;
	chmod 0755, $homes;
	for my $name (sort keys %files) {
		my $home = "$homes/$name";
		mkdir $home;
		$passwd .= "$name:x:$uid:65534::$home:/bin/false\n";
		if (defined $files{$name}) {
			mkdir "$home/.spamassassin", 0700;
			spit("$home/.spamassassin/user_prefs", $files{$name});
			chmod 0600, "$home/.spamassassin/user_prefs";
		}
		system('chown', '-R', $uid++, $home);
	}
	spit(workdir() . '/passwd', $passwd);
	chmod 0644, workdir() . '/passwd';
	system('mount', '--bind', workdir() . '/passwd', '/etc/passwd') == 0
		or die "cannot put accounts in place\n";
	return $homes;
}

sub homes {
	my $homes = make_accounts(
		wireann => "required_score 0.5\nbody ANNS /cheap/\n",
		wirebob => undef, wirelink => undef,
		wirelocked => "required_score 0.6\n",
		wireopen => "required_score 0.7\n",
		wirefifo => undef);
	my $link = "$homes/wirelink/.spamassassin";
	mkdir $link;
	spit("$homes/wirelink/prefs", "required_score 0.8\n");
	symlink "$homes/wirelink/prefs", "$link/user_prefs";
	system('chown', '0', "$homes/wirelocked/.spamassassin/user_prefs");
	chmod 0755, "$homes/wireopen/.spamassassin";
	chmod 0644, "$homes/wireopen/.spamassassin/user_prefs";
	my @names = (qw(wireann wirebob wirelink wirelocked wireopen
		wire-nobody nobody root), 'a b', '', undef);
	for my $o ([ 'homes', own_user => 1, user_config => 1 ],
		   [ 'homes with -u', user_config => 1 ],
		   [ 'homes with -x', own_user => 1 ],
		   [ 'homes with -P', own_user => 1, user_config => 1,
		     args => ['-P'] ]) {
		my ($what, %o) = @$o;
		@both = pair(%o);
		compare(@both, $what, $_, words => [qw(REPORT)]) for @names;
		compare(@both, "$what, again", $_, words => ['CHECK'])
			for @names;
		stop_daemon($_) for @both;
	}
	created($homes);
	both_sources(@names);
}

# A file and a database: the database has the last word.
sub both_sources {
	my (@names) = @_;
	my $file = workdir() . '/scores';
	my $dbh = DBI->connect("dbi:SQLite:dbname=$file", '', '',
		{ RaiseError => 1 });
	$dbh->do('create table userpref (username varchar(100), ' .
		'preference varchar(50), value varchar(255))');
	$dbh->do('insert into userpref values (?, ?, ?)', undef, @$_) for
		[ 'wireopen', 'score', 'WIRE_PILLS 3' ],
		[ 'wireopen', 'body SQL_RULE', '/pills/' ],
		[ 'wireann', 'required_score', '0.9' ],
		[ 'wire-nobody', 'required_score', '1.1' ];
	chmod 0644, $file;
	for my $args (['-q'], [ '-q', '-P' ], ['-Q']) {
		@both = pair(user_config => 1, args => $args,
			cf => "user_scores_dsn dbi:SQLite:dbname=$file\n");
		compare(@both, "files and SQL, @$args", $_,
			words => ['REPORT']) for @names;
		stop_daemon($_) for @both;
	}
}

# -c copies the template to users who have no file.
sub created {
	my ($homes) = @_;
	my @made;
	for my $kind (0, 1) {
		@both = pair(own_user => 1, user_config => 1, args => ['-c']);
		system('rm', '-rf', "$homes/wirebob/.spamassassin");
		my $reply = normal(talk($both[$kind],
			request('REPORT', 'spam', 'wirebob')));
		my $file = "$homes/wirebob/.spamassassin/user_prefs";
		my @st = stat $file;
		my @dir = stat "$homes/wirebob/.spamassassin";
		push @made, sprintf "%s\n%s\nuid %s mode %o, folder uid %s " .
			"mode %o", $reply, slurp($file), $st[4] // '-',
			($st[2] // 0) & 0777, $dir[4] // '-',
			($dir[2] // 0) & 0777;
		stop_daemon($_) for @both;
	}
	$run++;
	return if $made[0] eq $made[1] && $made[1] =~ /user preferences file/;
	$failed++;
	print "FAIL -c\n  spamd:\n", visible($made[0]), "\n  mekikid:\n",
		visible($made[1]), "\n";
}

print "$run answers, $failed different\n";
exit($failed || !$run ? 1 : 0);
