#!/usr/bin/perl
# The real spamc against the real spamd and against mekikid, with every option
# that reaches the server (and those that decide what is done with its answer):
# the same output and the same exit code.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Wire;

my $dir = workdir();
my %mail = (
	spam => "From: a\@example.com\nSubject: hello\nMessage-Id: <s\@x>\n" .
		"\nBuy cheap pills now.\n",
	ham => "From: a\@else.org\nSubject: tomorrow\n\nSee you at ten.\n",
	large => "From: a\@else.org\nSubject: x\n\n" . ("0123456789\n" x 60000),
	crlf => "From: a\@example.com\r\nSubject: hello\r\n\r\ncheap pills\r\n",
	empty => '',
	bsmtp => "EHLO x\r\nMAIL FROM:<a\@b.c>\r\nRCPT TO:<d\@e.f>\r\nDATA\r\n" .
		"Subject: hello\r\n\r\nBuy cheap pills\r\n..\r\n.\r\nQUIT\r\n",
);
spit("$dir/$_.eml", $mail{$_}) for keys %mail;

# Certificates: an authority, a server's, a client's.
sub openssl {
	system("openssl @_ >$dir/openssl.log 2>&1") == 0
		or die "openssl @_:\n" . slurp("$dir/openssl.log");
}
openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=wire-ca",
	"-keyout $dir/ca.key -out $dir/ca.pem");
for my $who (qw(server client)) {
	openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost",
		"-keyout $dir/$who.key -out $dir/$who.csr");
	openssl("x509 -req -in $dir/$who.csr -CA $dir/ca.pem",
		"-CAkey $dir/ca.key -CAcreateserial -days 2 -out $dir/$who.pem");
	chmod 0644, "$dir/$who.key";
}

sub normal {
	my ($text) = @_;
	for ($text) {
		s/----------=_[0-9A-F]{8}\.[0-9A-F]{8}/BOUNDARY/g;
		s/(Received: from localhost by )\S+/$1HOST/g;
		s/\(version [^)]*\)/(version V)/g;
		s/(\n\t)\w{3}, \d\d \w{3} \d{4} [\d:]{8} [-+]\d{4}/$1DATE/g;
		s/version=\S+/version=V/g;
		s/SpamAssassin \S+ \([^)]*\)(\s+)on(\s+)\S+/SpamAssassin V$1on$2HOST/g;
		s/port \d+/port P/g;
		s{spamc\[\d+\]}{spamc[PID]}g;
		s{/(?:spamd|mekikid)(?:-\w+)?/}{/DAEMON/}g;
	}
	$text =~ s{((?:^[ -]*\d+\.\d \S+ .*\n)+)}
		  {join '', sort split /(?<=\n)/, $1}gem;
	return $text;
}

sub spamc {
	my ($d, $options, $kind) = @_;
	my $out = "$dir/out";
	(my $args = $options) =~ s/\@PORT\@/$d->{port}/g;
	$args =~ s/\@SOCKET\@/$d->{socket}/g;
	$args =~ s/\@DIR\@/$dir/g;
	my $status = system("timeout 60 spamc -F /dev/null $args " .
		"<$dir/$kind.eml >$out 2>$out.err");
	return 'exit ' . ($status >> 8) . "\n" . normal(slurp($out)) .
		"--- stderr\n" . normal(slurp("$out.err"));
}

my ($run, $failed, $filter) = (0, 0, $ARGV[0] || '');
sub compare {
	my ($spamd, $mekikid, $options, @kinds) = @_;
	for my $kind (@kinds) {
		my $name = "spamc $options < $kind";
		next if index($name, $filter) < 0;
		my $want = spamc($spamd, $options, $kind);
		my $got = spamc($mekikid, $options, $kind);
		$run++;
		next if $want eq $got;
		$failed++;
		print "FAIL $name\n  spamd:\n$want\n  mekikid:\n$got\n";
	}
}

my @both = qw(spam ham);
sub plain {
	my @pair = @_;
	for my $how ('-d 127.0.0.1 -p @PORT@', '-U @SOCKET@') {
		compare(@pair, "$how $_", @both) for '', '-c', '-E', '-y', '-r',
			'-R', '--headers', '-z', '-z -c', '-z --headers', '-x',
			'-u nobody', '-u no-such-user', '-E -R', '-c -x', '-K',
			'-l', '-L spam', '-C report';
	}
	my $tcp = '-d 127.0.0.1 -p @PORT@';
	compare(@pair, "$tcp", qw(large crlf empty));
	compare(@pair, "$tcp -s 2000000", 'large');
	compare(@pair, "$tcp -s 2000000 -z", 'large');
	compare(@pair, "$tcp -s 100 -x -X", 'large');
	compare(@pair, "$tcp -B", 'bsmtp');
	compare(@pair, "$tcp -B -E", 'bsmtp');
	compare(@pair, "$tcp -t 20 -n 20 -H", @both);
	compare(@pair, "$tcp --connect-retries=2 --retry-sleep=1", @both);
	compare(@pair, "$tcp --filter-retries=2 --filter-retry-sleep=1", @both);
	compare(@pair, '-4 -d localhost -p @PORT@', @both);
	compare(@pair, "$tcp -e cat", @both);
	compare(@pair, "$tcp -c", qw(crlf empty));
	compare(@pair, "$tcp -R", qw(crlf empty));
	compare(@pair, "$tcp -f", @both);
	# Without a TLS server.
	compare(@pair, "$tcp -S -x --connect-retries=1", 'ham');
	compare(@pair, "$tcp -S -x -X -c --connect-retries=1", 'ham');
}

sub tell {
	my @pair = @_;
	my $tcp = '-d 127.0.0.1 -p @PORT@';
	compare(@pair, "$tcp $_", @both) for '-L spam', '-L ham', '-L forget',
		'-C report', '-C revoke', '-L spam -x', '-L spam -z',
		'-L spam -u nobody', '-C report -E';
}

# The real spamd closes a TLS connection with the client's end-of-stream mark
# unread, on which the kernel resets it and spamc (with TLS 1.3) mostly loses
# the answer; only with -z, which is read to the end, it arrives for sure. So
# what spamc gets from mekikid over TLS is compared with what it gets from
# spamd without.
sub compare_tls {
	my ($spamd, $mekikid, $tls, $options, @kinds) = @_;
	my $tcp = '-d 127.0.0.1 -p @PORT@';
	for my $kind (@kinds) {
		my $name = "spamc $tls $options < $kind";
		next if index($name, $filter) < 0;
		my $want = spamc($spamd, "$tcp $options", $kind);
		my $got = spamc($mekikid, "$tcp $tls $options", $kind);
		$run++;
		next if $want eq $got;
		$failed++;
		print "FAIL $name\n  spamd:\n$want\n  mekikid:\n$got\n";
	}
}

sub tls {
	my @pair = @_;
	my $tcp = '-d 127.0.0.1 -p @PORT@ -S';
	compare(@pair, "$tcp $_", @both) for '-z', '-z -c', '-z -y', '-K';
	# Plain text to a TLS port.
	compare(@pair, '-d 127.0.0.1 -p @PORT@ -x -c --connect-retries=1',
		'ham');
}

my @tls = ('--ssl', "--server-cert=$dir/server.pem",
	"--server-key=$dir/server.key");
my @verify = (@tls, '--ssl-verify', "--ssl-ca-file=$dir/ca.pem");
my $cert = '--ssl-cert=@DIR@/client.pem --ssl-key=@DIR@/client.key';

sub against_plain_spamd {
	my ($check, @args) = @_;
	local $Wire::ping_unix = 1;
	my @pair = (start_spamd(name => 'spamd-clear'),
		start_mekikid(name => 'mekikid-tls', args => \@args));
	$check->(@pair);
	stop_daemon($_) for @pair;
}

sub tls_answers {
	my @pair = @_;
	compare_tls(@pair, '-S', $_, @both) for '', '-c', '-E', '-y', '-R',
		'--headers', '-z', '-x';
	compare_tls(@pair, '-S --ssl-ca-file=@DIR@/ca.pem', '-x', @both);
	compare_tls(@pair, '-S', '-s 2000000', 'large');
}

sub client_certificates {
	my @pair = @_;
	compare_tls(@pair, "-S $cert", $_, @both) for '-x -c', '-x', '-R';
}

sub no_certificate {
	compare(@_, '-d 127.0.0.1 -p @PORT@ -S -x -c --connect-retries=1',
		'ham');
}

sub with_daemons {
	my ($name, $check, @args) = @_;
	my @pair = (start_spamd(name => "spamd-$name", args => \@args),
		start_mekikid(name => "mekikid-$name", args => \@args));
	$check->(@pair);
	stop_daemon($_) for @pair;
}

with_daemons('plain', \&plain);
with_daemons('tell', \&tell, '-l');
$Wire::ping_unix = 1;
with_daemons('tls', \&tls, @tls);
with_daemons('verify', \&no_certificate, @verify);
against_plain_spamd(\&tls_answers, @tls);
against_plain_spamd(\&client_certificates, @verify);

print "$run calls of spamc, $failed different\n";
exit($failed || !$run ? 1 : 0);
