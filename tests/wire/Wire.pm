# What the wire tests share: the two daemons, started on free loopback ports in
# a folder of their own and stopped by pid, and a client that sends bytes and
# returns bytes.
package Wire;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use IO::Socket::UNIX;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(workdir wire_dir build_dir free_port start_spamd
	start_mekikid stop_daemon talk connect_to read_all spit slurp
	processes_of wait_for log_of normal visible);

my $here = abs_path(dirname(__FILE__));
my $work;
my %running;

sub wire_dir { $here }
sub build_dir { $ENV{MEKIKI_BUILD} || abs_path("$here/../../build") }

sub workdir {
	if (!$work) {
		$work = tempdir('wire.XXXXXX', TMPDIR => 1, CLEANUP => 1);
		chmod 0755, $work;
	}
	return $work;
}

sub spit {
	my ($path, $text) = @_;
	open my $fh, '>', $path or die "$path: $!";
	binmode $fh;
	print $fh $text;
	close $fh or die "$path: $!";
}

sub slurp {
	my ($path) = @_;
	open my $fh, '<', $path or return '';
	binmode $fh;
	local $/;
	my $text = <$fh>;
	return defined $text ? $text : '';
}

sub free_port {
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1',
		LocalPort => 0) or die "no free port: $!";
	return $s->sockport;
}

# Rules of both: a copy each, so that a test may change them. With stock => 1
# a daemon uses the machine's.
sub rule_dirs {
	my ($name, $o) = @_;
	return ($o->{rules}, $o->{site}) if $o->{rules};
	my $dir = workdir() . "/$name";
	mkdir "$dir/rules";
	mkdir "$dir/site";
	spit("$dir/rules/10_wire.cf", slurp("$here/rules/10_wire.cf"));
	spit("$dir/site/init.pre", slurp("$here/site/init.pre"));
	return ("$dir/rules", "$dir/site");
}

sub start {
	my ($name, $o, @command) = @_;
	my $dir = workdir() . "/$name";
	my ($rules, $site) = $o->{stock} ? () : rule_dirs($name, $o);
	my $d = { name => $name, dir => $dir, port => free_port(),
		  log => "$dir/log", rules => $rules, site => $site,
		  socket => "$dir/socket" };
	push @command, '-C', $rules, '--siteconfigpath', $site
		unless $o->{stock};
	push @command, '-L', '-i', "127.0.0.1:$d->{port}", '-i', $d->{socket},
		'-s', 'stderr', '-r', "$dir/pid";
	push @command, '-x' unless $o->{user_config};
	push @command, '-u', $> == 0 ? 'nobody' : scalar getpwuid $>
		if ($> == 0 || $o->{user}) && !$o->{own_user};
	push @command, @{ $o->{args} || [] };
	my $pid = fork();
	die "fork: $!" unless defined $pid;
	if (!$pid) {
		$ENV{HOME} = $dir;
		chdir $dir;
		open STDIN, '<', '/dev/null';
		open STDERR, '>', $d->{log} or die "$d->{log}: $!";
		open STDOUT, '>&', \*STDERR;
		exec { $command[0] } @command;
		die "$command[0]: $!";
	}
	$d->{pid} = $pid;
	$running{$pid} = $d;
	my $began = time;
	until ($d->{ready} = pong($d)) {
		if (waitpid($pid, 1) == $pid) {
			delete $running{$pid};
			die "$name did not start:\n" . slurp($d->{log});
		}
		die "$name is not ready:\n" . slurp($d->{log})
			if time - $began > 60;
		sleep 0.02;
	}
	$d->{start_time} = time - $began;
	return $d;
}

# A TLS port cannot be asked in plain text: then the Unix socket is.
our $ping_unix;

sub pong {
	my ($d) = @_;
	my $s = $ping_unix ? IO::Socket::UNIX->new(Peer => $d->{socket}) :
		IO::Socket::INET->new(PeerAddr => '127.0.0.1',
			PeerPort => $d->{port}, Timeout => 5);
	return 0 unless $s;
	syswrite $s, "PING SPAMC/1.2\r\n";
	my $reply = read_all($s, 5);
	return $reply =~ /PONG/;
}

sub start_spamd {
	my (%o) = @_;
	my $name = $o{name} || 'spamd';
	mkdir workdir() . "/$name";
	return start($name, \%o, '/usr/sbin/spamd', '-m', '2',
		'--min-children=2');
}

sub start_mekikid {
	my (%o) = @_;
	my $name = $o{name} || 'mekikid';
	mkdir workdir() . "/$name";
	return start($name, \%o, $o{program} || build_dir() . '/mekikid',
		($o{own_rules} ? () : '--no-own-rules'), '--state-dir',
		workdir() . "/$name/state",
		'-m', $o{workers} || 2);
}

# Ends it and returns its exit status (as in $?).
sub stop_daemon {
	my ($d, $signal) = @_;
	kill $signal || 'TERM', $d->{pid};
	my $began = time;
	while (waitpid($d->{pid}, 1) == 0) {
		if (time - $began > 50) {
			kill 'KILL', $d->{pid};
			waitpid $d->{pid}, 0;
			last;
		}
		sleep 0.02;
	}
	delete $running{ $d->{pid} };
	return $?;
}

sub log_of { slurp($_[0]{log}) }

sub connect_to {
	my ($d, $unix) = @_;
	my $s = $unix ?
		IO::Socket::UNIX->new(Peer => $d->{socket}) :
		IO::Socket::INET->new(PeerAddr => '127.0.0.1',
			PeerPort => $d->{port}, Timeout => 10);
	die "cannot connect to $d->{name}: $!" unless $s;
	return $s;
}

# All bytes until the other side closes, or seconds have passed ("TIMEOUT" is
# added then).
sub read_all {
	my ($s, $seconds) = @_;
	my $until = time + ($seconds || 20);
	my $got = '';
	while (1) {
		my $left = $until - time;
		return $got . 'TIMEOUT' if $left <= 0;
		my $bits = '';
		vec($bits, fileno($s), 1) = 1;
		next unless select($bits, undef, undef, $left) > 0;
		my $n = sysread $s, $got, 65536, length $got;
		last if !$n;
	}
	return $got;
}

# Sends text and returns the answer. half_close: says that this was all.
sub talk {
	my ($d, $text, %o) = @_;
	my $s = connect_to($d, $o{unix});
	local $SIG{PIPE} = 'IGNORE';
	my $at = 0;
	while ($at < length $text) {
		my $n = syswrite $s, $text, length($text) - $at, $at;
		last unless $n;
		$at += $n;
	}
	shutdown $s, 1 if $o{half_close};
	return read_all($s, $o{seconds});
}

# Pids of a daemon's processes whose name matches.
sub processes_of {
	my ($d, $name) = @_;
	my (%parent, %comm);
	for my $stat (glob '/proc/[0-9]*/stat') {
		slurp($stat) =~ /^(\d+) \((.*)\) (\S) (\d+)/ or next;
		next if $3 eq 'Z';
		($parent{$1}, $comm{$1}) = ($4, $2);
	}
	my @found;
	for my $pid (sort { $a <=> $b } keys %parent) {
		my $up = $pid;
		$up = $parent{$up} while $up && $up != $d->{pid};
		push @found, $pid if $up && $comm{$pid} =~ $name;
	}
	return @found;
}

# Until the condition holds; false after that many seconds.
sub wait_for {
	my ($seconds, $condition) = @_;
	my $until = time + $seconds;
	while (time < $until) {
		return 1 if $condition->();
		sleep 0.01;
	}
	return 0;
}

# Of a spamd reply: what may differ is replaced; the length is replaced too, after it was found
# to be right.
sub normal {
	my ($reply) = @_;
	my ($head, $body) = $reply =~ /^(.*?\r\n\r\n)(.*)\z/s ? ($1, $2) :
		('', $reply);
	if ($head =~ /^Content-length: (\d+)\r$/m) {
		my $n = $1 == length $body ? 'right' :
			"WRONG ($1, body " . length($body) . ')';
		$head =~ s/^Content-length: \d+/Content-length: $n/m;
	}
	for ($body) {
		s/----------=_[0-9A-F]{8}\.[0-9A-F]{8}/BOUNDARY/g;
		s/(Received: from localhost by )\S+/$1HOST/g;
		s/\(version [^)]*\)/(version V)/g;
		s/(\n\t)\w{3}, \d\d \w{3} \d{4} [\d:]{8} [-+]\d{4}/$1DATE/g;
		s/version=\S+/version=V/g;
		s/SpamAssassin \S+ \([^)]*\)(\s+)on(\s+)\S+/SpamAssassin V$1on$2HOST/g;
	}
	$body =~ s{((?:^(?:\t\*)?[ -]*\d+(?:\.\d)? \S+ .*\n(?: {28}.*\n)*)+)}
		  {join '', sort split /(?<=\n)(?! {28})/, $1}gem;
	return $head . $body;
}

sub visible {
	my ($text) = @_;
	$text =~ s/([^\x20-\x7e\n])/sprintf '\\x%02x', ord $1/ge;
	$text =~ s/^/    | /gm;
	return $text;
}

END {
	my $status = $?;
	for my $pid (keys %running) {
		kill 'TERM', $pid;
		my $until = time + 5;
		sleep 0.02 while time < $until && waitpid($pid, 1) == 0;
		kill 'KILL', $pid;
	}
	$? = $status;
}

1;
