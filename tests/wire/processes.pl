#!/usr/bin/perl
# What the daemon's processes promise: every client gets an answer although
# workers die, hang or stand still; a message that kills is tried once more and
# then kept aside; a reload takes over only if it is good; an end is orderly;
# slow, lying and vanishing clients hurt nobody.
use strict;
use warnings;
use Compress::Zlib ();
use FindBin;
use lib $FindBin::Bin;
use Wire;
use IO::Socket::UNIX;
use POSIX ();
use Socket qw(SOCK_DGRAM SOL_SOCKET SO_LINGER);
use Time::HiRes qw(sleep time);

my ($run, $failed) = (0, 0);
sub ok ($$;$) {
	my ($good, $name, $more) = @_;
	$run++;
	print $good ? "ok   $name\n" : "FAIL $name\n" .
		(defined $more ? "     $more\n" : '');
	$failed++ unless $good;
	return $good;
}

sub check {
	my ($mail, %o) = @_;
	my $word = $o{word} || 'CHECK';
	return "$word SPAMC/1.5\r\nContent-length: " . length($mail) .
		"\r\n\r\n$mail";
}

my $spam = "From: a\@example.com\nSubject: hello\n\ncheap pills\n";
my $verdict = qr{^SPAMD/1\.1 0 EX_OK\r\nSpam: True ; 11\.7 / 5\.0\r\n\r\n$};

# A rule that takes long: each paragraph exhausts the limit of a match. How
# many paragraphs are some seconds of work is measured.
my $slow_rule = "body WIRE_SLOW /^(?:a|aa|aaa)+[bc]\\d\\d/\n" .
	"score WIRE_SLOW 1\n";
sub slow_mail {
	my ($n) = @_;
	return "From: a\@example.com\nSubject: hello\n\ncheap pills\n\n" .
		join("\n\n", map { 'a' x 60 . 'bx' } 1 .. $n) . "\n";
}

sub start_slow {
	my (%o) = @_;
	my $name = "mekikid-$o{what}";
	mkdir workdir() . "/$name";
	mkdir workdir() . "/$name/$_" for qw(rules site);
	my $d = workdir() . "/$name";
	spit("$d/rules/10_wire.cf", slurp(wire_dir() . '/rules/10_wire.cf') .
		$slow_rule);
	spit("$d/site/init.pre", slurp(wire_dir() . '/site/init.pre'));
	return start_mekikid(name => $name, rules => "$d/rules",
		site => "$d/site", %o);
}

# Starts a request and leaves it running.
sub begin {
	my ($d, $text) = @_;
	my $s = connect_to($d);
	syswrite $s, $text;
	return $s;
}

# The pid of the worker that computes.
sub ticks { (split ' ', slurp("/proc/$_[0]/stat") =~ s/.*\) //r)[11] || 0 }
sub busy_worker {
	my ($d) = @_;
	my $found;
	wait_for(10, sub {
		my %before = map { $_ => ticks($_) }
			processes_of($d, qr/^mekikid-worker/);
		sleep 0.06;
		($found) = grep { ticks($_) > $before{$_} } keys %before;
		return $found;
	});
	return $found;
}

# Paragraphs that make about two seconds of work, found by doubling.
my $paragraphs;
sub calibrate {
	my ($d) = @_;
	my $n = 20;
	while (1) {
		my $began = time;
		talk($d, check(slow_mail($n)), seconds => 60);
		my $took = time - $began;
		if ($took > 0.4 || $n > 40000) {
			$paragraphs = int($n * 2 / $took) + 1;
			return;
		}
		$n *= 2;
	}
}

sub deaths {
	my $d = start_slow(what => 'deaths', workers => 2,
		args => [ '--hang-limit', '60' ]);
	calibrate($d);
	my $mail = slow_mail($paragraphs);

	my $s = begin($d, check($mail));
	my $w = busy_worker($d);
	kill 'SEGV', $w;
	my $reply = read_all($s, 60);
	ok($reply =~ $verdict, 'a worker that crashes: the verdict comes from ' .
		'another one', $reply);
	ok(wait_for(2, sub { 2 == (() = processes_of($d, qr/^mekikid-worker/)) }),
		'it was replaced');
	# A sanitizer makes an exit of it.
	ok(log_of($d) =~ /worker\ $w\ (?:died\ of\ signal\ 11|exited\ with\ status).*
			  stage\ rules,\ rule\ WIRE_SLOW/x,
		'the log says what it was doing');

	$s = begin($d, check($mail));
	for (1, 2) {
		kill 'SEGV', busy_worker($d);
		ok(talk($d, check($spam)) =~ $verdict, "meanwhile, others are served ($_)");
	}
	$reply = read_all($s, 60);
	ok($reply =~ m{^SPAMD/1\.0 75 EX_TEMPFAIL [^\r\n]*\r\n$},
		'a message that crashes two workers: an explicit failure', $reply);
	my @kept;
	ok(wait_for(2, sub { @kept = glob "$d->{dir}/state/poison/*.eml" }),
		'it is kept aside');
	ok(@kept == 1 && slurp($kept[0]) eq $mail, 'as it came');

	$s = begin($d, check($mail));
	for (1 .. 3) {
		kill 'KILL', busy_worker($d);
	}
	$reply = read_all($s, 60);
	ok($reply =~ $verdict, 'a worker that is killed from outside, thrice: ' .
		'still a verdict', $reply);

	# All workers at once, with requests waiting.
	my @many = map { begin($d, check($mail)) } 1, 2;
	push @many, map { begin($d, check($spam)) } 1 .. 20;
	busy_worker($d);
	kill 'KILL', processes_of($d, qr/^mekikid-worker/);
	my $good = grep { read_all($_, 60) =~ $verdict } @many;
	ok($good == 22, 'all workers killed with 22 requests: all are answered',
		$good);

	my ($builder) = processes_of($d, qr/^mekikid-builder/);
	kill 'KILL', $builder;
	ok(wait_for(10, sub {
		my ($new) = processes_of($d, qr/^mekikid-builder/);
		$new && $new != $builder }), 'a builder that dies is replaced');
	ok(talk($d, check($spam)) =~ $verdict, 'and mail goes on');

	my $memory;
	wait_for(10, sub {
		($memory) = processes_of($d, qr/^mekikid-memory/) });
	kill 'KILL', $memory;
	ok(talk($d, check($spam)) =~ $verdict,
		'mail goes on without the memory process');
	ok(wait_for(10, sub {
		my ($new) = processes_of($d, qr/^mekikid-memory/);
		$new && $new != $memory }), 'which is replaced');

	my ($front) = processes_of($d, qr/^mekikid-front/);
	kill 'KILL', $front;
	ok(wait_for(10, sub {
		my ($new) = processes_of($d, qr/^mekikid-front/);
		$new && $new != $front }), 'a front that dies is replaced');
	$reply = talk($d, check($spam));
	ok($reply =~ $verdict, 'and mail goes on again', $reply);
	ok(wait_for(5, sub { 
		5 == (() = processes_of($d, qr/^mekikid-/)) }),
		'nothing is left of the old processes',
		join ' ', processes_of($d, qr/^mekikid/));
	ok(stop_daemon($d) == 0, 'the end is orderly');
}

sub hangs {
	my $d = start_slow(what => 'hangs', workers => 2,
		args => [ '--hang-limit', '1', '-t', '20' ]);
	my $began = time;
	my $reply = talk($d, check(slow_mail($paragraphs * 10)), seconds => 60);
	my $took = time - $began;
	ok($reply =~ m{^SPAMD/1\.0 75 }, 'a message that hangs: an explicit ' .
		'failure', $reply);
	ok($took > 1.8 && $took < 15, "after two tries of a second ($took s)");
	ok(log_of($d) =~ /hang-limit.*stage rules, rule WIRE_SLOW/,
		'the log names the rule');
	ok(wait_for(2, sub { glob "$d->{dir}/state/poison/*.eml" }),
		'it is kept aside');
	ok(talk($d, check($spam)) =~ $verdict, 'others are served');
	stop_daemon($d);

	# Standing still costs no CPU time: the wall clock ends it.
	$d = start_slow(what => 'stops', workers => 2, args => [ '-t', '3' ]);
	my @w;
	wait_for(5, sub { 2 == (@w = processes_of($d, qr/^mekikid-worker/)) });
	kill 'STOP', @w;
	$began = time;
	$reply = talk($d, check($spam), seconds => 30);
	$took = time - $began;
	ok($reply eq "SPAMD/1.0 79 Timeout: (3 second timeout while trying to " .
		"CHECK)\r\n", 'workers that stand still: a time-out', $reply);
	ok($took < 6, "in time ($took s)");
	$reply = talk($d, check($spam), seconds => 30);
	ok($reply =~ $verdict || $reply =~ /^SPAMD\/1\.0 79/,
		'the next one is answered, too', $reply);
	$reply = talk($d, check($spam), seconds => 30);
	ok($reply =~ $verdict, 'they were replaced', $reply);
	stop_daemon($d);
}

sub reloads {
	my $d = start_mekikid(name => 'mekikid-reloads');
	my $log = sub { substr log_of($d), $_[0] };
	my $reload = sub {
		my ($want, $seconds) = @_;
		my $at = length log_of($d);
		kill 'HUP', $d->{pid};
		return wait_for($seconds || 10, sub { $log->($at) =~ $want }) ?
			'' : $log->($at);
	};
	my $file = "$d->{rules}/20_more.cf";
	my $served = qr/rules: \d+ in \d+ ms/;
	my $refused = qr/the new rules are not used/;

	spit($file, "body WIRE_MORE /pills/\nscore WIRE_MORE 1\n");
	my $why = $reload->($served);
	ok($why eq '', 'good rules take over', $why);
	ok(wait_for(5, sub { talk($d, check($spam, word => 'SYMBOLS')) =~
		/WIRE_MORE/ }), 'and are used');
	my %bad = (
		'an unclosed bracket' => "body WIRE_BAD /(pills/\n",
		'garbage' => "\x00\x01\x02 \xff\xfe\n",
		'an unknown word' => "frobnicate everything\n",
		'an open if' => "if (version > 1)\nbody WIRE_X /x/\n",
		'a broken meta' => "meta WIRE_BAD WIRE_PILLS &&&& (\n",
		'a missing include' => "include no-such-file.cf\n",
	);
	for my $what (sort keys %bad) {
		spit($file, "body WIRE_OTHER /pills/\n" . $bad{$what});
		$why = $reload->($refused);
		ok($why eq '', "$what is refused", $why);
		ok(log_of($d) =~ /\Q$file\E:\d+: /, 'with file and line');
		my $reply = talk($d, check($spam, word => 'SYMBOLS'));
		ok($reply =~ /WIRE_MORE/ && $reply !~ /WIRE_OTHER/,
			'the old rules answer', $reply);
	}
	unlink glob "$d->{rules}/*";
	$why = $reload->($refused);
	ok($why eq '', 'no rules at all are refused', $why);
	ok(talk($d, check($spam)) =~ qr{True ; 12\.7}, 'the old rules answer');
	spit("$d->{rules}/10_wire.cf", slurp(wire_dir() . '/rules/10_wire.cf'));
	$why = $reload->($served);
	ok($why eq '', 'good ones take over again', $why);
	ok(wait_for(5, sub { talk($d, check($spam)) =~ $verdict }), 'and are used');
	stop_daemon($d);
}

sub ends {
	my $d = start_slow(what => 'ends', workers => 2,
		args => [ '--hang-limit', '60' ]);
	my $mail = slow_mail($paragraphs);
	my @s = map { begin($d, check($mail)) } 1 .. 3;
	push @s, map { begin($d, check($spam)) } 1 .. 5;
	busy_worker($d);
	kill 'TERM', $d->{pid};
	ok(wait_for(2, sub { !eval { connect_to($d) } }),
		'at the end nobody new is let in');
	my $good = grep { read_all($_, 60) =~ $verdict } @s;
	ok($good == 8, 'what ran and what waited is answered', $good);
	my $began = time;
	waitpid $d->{pid}, 0;
	ok($? == 0, "exit status 0 ($?)");
	ok(!-e "$d->{dir}/pid" && !-e $d->{socket},
		'pid file and socket are gone');
}

# On any machine these take the time that they take.
sub large {
	my $d = start_mekikid(name => 'mekikid-large');
	my $big = "From: a\@b.c\nSubject: hello\n\n" . ("x" x 79 . "\n") x 655360;
	my $reply = talk($d, check($big, word => 'PROCESS'), seconds => 60);
	my ($tail) = $reply =~ /\n\n(.*)\z/s;
	ok($reply =~ m{^SPAMD/1\.1 0 EX_OK} && length($tail || '') > 52e6,
		'50 MB come back', length $reply);
	# 300 MB of nothing, in 300 KB.
	my $bomb = Compress::Zlib::compress("x" x (300 << 20));
	$reply = talk($d, "CHECK SPAMC/1.5\r\nCompress: zlib\r\n" .
		'Content-length: ' . length($bomb) . "\r\n\r\n$bomb",
		seconds => 60);
	ok($reply eq "SPAMD/1.0 69 Service Unavailable: zlib: message too " .
		"large\r\n", 'a bomb of zlib', substr $reply, 0, 100);
	stop_daemon($d);
}

# Clients with bad manners.
sub clients {
	my $d = start_mekikid(name => 'mekikid-clients',
		args => [ '-T', '2', '-t', '4' ]);
	my ($front) = processes_of($d, qr/^mekikid-front/);
	my $fds = sub { scalar(() = glob "/proc/$front/fd/*") };
	talk($d, check($spam)) for 1 .. 5;
	my $at_first = $fds->();

	my $began = time;
	my $reply = talk($d, 'CHE', seconds => 10);
	ok($reply eq "SPAMD/1.0 79 Timeout: (2 second socket timeout reading " .
		"input from client)\r\n", 'a silent client: a time-out', $reply);
	$reply = talk($d, "CHECK SPAMC/1.5\r\nContent-length: 10\r\n\r\nabc",
		seconds => 10);
	ok($reply eq "SPAMD/1.0 79 Timeout: (4 second timeout while trying to " .
		"CHECK)\r\n", 'a client that stops half-way: a time-out', $reply);

	# Gone at every byte.
	my $text = check($spam);
	for my $n (0 .. length $text) {
		my $s = connect_to($d);
		syswrite $s, substr $text, 0, $n;
		setsockopt $s, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)
			if $n % 2;
		close $s;
	}
	ok(talk($d, $text) =~ $verdict, 'clients that leave at every byte');

	# A byte at a time.
	my $s = connect_to($d);
	for my $byte (split //, $text) {
		syswrite $s, $byte;
		sleep 0.001;
	}
	ok(read_all($s, 10) =~ $verdict, 'a byte at a time');

	# The announced length without a line end, and no half-close.
	my $cut = substr $spam, 0, -1;
	ok(talk($d, check($cut), seconds => 3) =~ $verdict,
		'a last line without an end');

	# Many at once.
	my @idle = map { connect_to($d) } 1 .. 300;
	ok(talk($d, $text) =~ $verdict, '300 idle connections do not hurt');
	close $_ for @idle;

	$reply = talk($d, ('x' x 200000) . "\r\n", seconds => 5);
	ok($reply =~ m{^SPAMD/1\.0 76 Bad header line: \(line too long\)},
		'an endless line', substr $reply, 0, 80);
	for my $length ('18446744073709551616', '9223372036854775808') {
		$reply = talk($d, "CHECK SPAMC/1.5\r\nContent-length: $length" .
			"\r\n\r\nabc\n", half_close => 1);
		ok($reply eq "SPAMD/1.0 76 Bad header line: (Content-Length " .
			"mismatch: Expected $length bytes, got 4 bytes)\r\n",
			"a length of $length", $reply);
	}
	ok(wait_for(8, sub { $fds->() <= $at_first }), 'no descriptor is left',
		$fds->() . " instead of $at_first");
	stop_daemon($d);

	$Wire::ping_unix = 1;
	$d = start_mekikid(name => 'mekikid-net', args => [ '-A',
		'10.0.0.1,[2001:db8::]/32' ]);
	ok(talk($d, $text) eq '', 'an address that is not allowed: not a byte');
	ok(talk($d, $text, unix => 1) =~ $verdict, 'but over the Unix socket');
	$Wire::ping_unix = 0;
	stop_daemon($d);
}

# systemd: sockets that it opened, what it is told, its watchdog.
sub manager {
	my $dir = workdir() . '/manager';
	mkdir $dir;
	mkdir "$dir/$_" for qw(rules site);
	spit("$dir/rules/10_wire.cf", slurp(wire_dir() . '/rules/10_wire.cf'));
	spit("$dir/site/init.pre", slurp(wire_dir() . '/site/init.pre'));
	my $notify = IO::Socket::UNIX->new(Local => "$dir/notify",
		Type => SOCK_DGRAM) or die "notify: $!";
	my $listen = IO::Socket::INET->new(Listen => 5,
		LocalAddr => '127.0.0.1', LocalPort => 0) or die "listen: $!";
	my $port = $listen->sockport;
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	if (!$pid) {
		open STDERR, '>', "$dir/log";
		open STDOUT, '>&', \*STDERR;
		POSIX::dup2(fileno $listen, 3);
		$ENV{LISTEN_FDS} = 1;
		$ENV{LISTEN_PID} = $$;
		$ENV{NOTIFY_SOCKET} = "$dir/notify";
		$ENV{WATCHDOG_USEC} = 600000;
		$ENV{WATCHDOG_PID} = $$;
		exec build_dir() . '/mekikid', '-L', '-x', '-C', "$dir/rules",
			'--siteconfigpath', "$dir/site", '--no-own-rules',
			'-s', 'stderr', '--state-dir', "$dir/state";
		die;
	}
	close $listen;
	my $told = '';
	my $hears = sub {
		my ($want, $seconds) = @_;
		return wait_for($seconds || 10, sub {
			my $bits = '';
			vec($bits, fileno $notify, 1) = 1;
			if (select($bits, undef, undef, 0.05) > 0) {
				recv $notify, my $text, 4096, 0;
				$told .= "$text\n";
			}
			return $told =~ $want;
		});
	};
	my $d = { port => $port, pid => $pid, name => 'mekikid-manager' };
	# A client that comes before anybody listens to it is served, too.
	ok(talk($d, check($spam)) =~ $verdict, 'a socket from systemd');
	ok($hears->(qr/READY=1\nMAINPID=$pid/), 'it is told of the start', $told);
	ok($hears->(qr/WATCHDOG=1.*WATCHDOG=1/s), 'the watchdog is answered',
		$told);
	my ($front) = processes_of($d, qr/^mekikid-front/);
	kill 'STOP', $front;
	$hears->(qr/never/, 0.5);
	$told = '';
	ok(!$hears->(qr/WATCHDOG=1/, 1), 'but not when the front stands still',
		$told);
	kill 'CONT', $front;
	$told = '';
	kill 'HUP', $pid;
	ok($hears->(qr/RELOADING=1\nMONOTONIC_USEC=\d+.*READY=1/s),
		'it is told of reloads', $told);
	spit("$dir/rules/20_bad.cf", "frobnicate\n");
	$told = '';
	kill 'HUP', $pid;
	ok($hears->(qr/RELOADING=1.*READY=1\nSTATUS=.*failed/s),
		'and of those that fail', $told);
	kill 'TERM', $pid;
	ok($hears->(qr/STOPPING=1/), 'and of the end', $told);
	waitpid $pid, 0;
	ok($? == 0, "exit status $?");
}

# The background, the log file, its form.
sub background {
	my $dir = workdir() . '/background';
	mkdir $dir;
	my $d = { port => free_port(), name => 'mekikid-background' };
	my @command = (build_dir() . '/mekikid', '-d', '-L', '-x', '-C',
		wire_dir() . '/rules', '--siteconfigpath', wire_dir() . '/site',
		'--no-own-rules', '-i', "127.0.0.1:$d->{port}", '-r',
		"$dir/pid", '-s', "$dir/log", '--state-dir', "$dir/state");
	my $began = time;
	ok(system(@command) == 0, 'it goes to the background');
	ok(talk($d, check($spam)) =~ $verdict, 'and serves when it is there');
	($d->{pid}) = slurp("$dir/pid") =~ /^(\d+)$/;
	my $result = '\w{3} \w{3} [ \d]\d [\d:]{8} \d{4} \[\d+\] info: ' .
		'spamd: result: Y 11 - WIRE_META,WIRE_PILLS,WIRE_SUBJECT ' .
		'scantime=\d\.\d,size=' . length($spam) .
		',user=\(unknown\),uid=\d+,required_score=5\.0,' .
		'rhost=localhost,raddr=127\.0\.0\.1,rport=\d+,' .
		'mid=\(unknown\),autolearn=disabled';
	$result = qr/^$result$/m;
	ok(wait_for(2, sub { slurp("$dir/log") =~ $result }),
		"spamd's result line", slurp("$dir/log"));
	rename "$dir/log", "$dir/log.1";
	kill 'HUP', $d->{pid};
	ok(wait_for(10, sub { slurp("$dir/log") =~ /rules: \d+ in/ }),
		'the log file is opened anew');
	talk($d, check($spam));
	ok(wait_for(2, sub { slurp("$dir/log") =~ $result }),
		'by the front, too', slurp("$dir/log"));
	kill 'TERM', $d->{pid};
	ok(wait_for(10, sub { !kill 0, $d->{pid} }) && !-e "$dir/pid",
		'it ends');
	# What cannot start says so to whoever started it.
	mkdir "$dir/none";
	my @none = @command;
	$none[5] = "$dir/none";
	my $status = system("@none 2>$dir/err") >> 8;
	ok($status == 78, "no rules: exit status 78 ($status)");
	ok(slurp("$dir/err") =~ /no rules were found/, 'with the reason',
		slurp("$dir/err"));
}

deaths();
hangs();
reloads();
ends();
large();
clients();
manager();
background();
print "$run checks, $failed failed\n";
exit($failed || !$run ? 1 : 0);
