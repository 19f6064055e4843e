#!/usr/bin/perl
# A small HTTP server for tests, on loopback only: says its port on standard
# output, ends when its standard input does. With a certificate and a key as
# arguments it speaks TLS. What it does is in the path:
#
#	/echo		the request as it came, as the body
#	/status?N	an empty answer with that status
#	/slow?S		"slow", after S seconds
#	/big?N		N bytes, with a length; /endless: without any
#	/headers?N	N bytes of headers
#	/redirect?URL	a redirection there; /loop: to itself
#	/reset		the connection is reset; /close: closed without a word
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER);
use Time::HiRes qw(sleep);

my ($cert, $key) = @ARGV;
require IO::Socket::SSL if $cert;
$| = 1;
setpgrp;
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';
my $listen = IO::Socket::INET->new(Listen => 512, LocalAddr => '127.0.0.1',
	LocalPort => 0, ReuseAddr => 1) or die "listen: $!";
print $listen->sockport, "\n";

sub read_request {
	my ($s) = @_;
	my ($head, $body) = ('', '');
	while (my $line = <$s>) {
		$head .= $line;
		last if $line =~ /^\r?\n$/;
	}
	return unless length $head;
	read $s, $body, $1 if $head =~ /^Content-Length:\s*(\d+)/mi;
	return ($head, $body);
}

sub reply {
	my ($s, $status, $body, @headers) = @_;
	print $s join "\r\n", "HTTP/1.1 $status What it says",
		'Content-Length: ' . length $body, @headers, '', $body;
}

sub answer {
	my ($s, $head, $body) = @_;
	my ($path, $arg) = $head =~ m{^\S+ (/[a-z]*)\??(\S*)};
	$path //= '';
	reply($s, 200, $head . $body, 'X-Test: one', 'X-Test: two'),
		return 1 if $path eq '/echo';
	reply($s, $arg, ''), return 1 if $path eq '/status';
	sleep($arg), reply($s, 200, 'slow'), return 1 if $path eq '/slow';
	reply($s, 200, 'x' x $arg), return 1 if $path eq '/big';
	reply($s, 200, '', 'X-Long: ' . 'y' x $arg), return 1
		if $path eq '/headers';
	reply($s, 302, 'moved', "Location: $arg"), return 1
		if $path eq '/redirect';
	reply($s, 302, '', 'Location: /loop'), return 1 if $path eq '/loop';
	if ($path eq '/endless') {
		print $s "HTTP/1.1 200 OK\r\n\r\n";
		1 while print $s 'z' x 65536;
	} elsif ($path eq '/reset') {
		setsockopt $s, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
	}
	return 0;
}

sub serve {
	my ($s) = @_;
	if ($cert) {
		IO::Socket::SSL->start_SSL($s, SSL_server => 1,
			SSL_cert_file => $cert, SSL_key_file => $key) or return;
	}
	$s->autoflush(1);
	while (my @request = read_request($s)) {
		last unless answer($s, @request);
	}
	close $s;
}

while (1) {
	my $bits = '';
	vec($bits, fileno $_, 1) = 1 for \*STDIN, $listen;
	select($bits, undef, undef, undef) >= 0 or next;
	last if vec $bits, fileno STDIN, 1;
	my $s = $listen->accept or next;
	my $pid = fork();
	next if $pid || !defined $pid;
	close $listen;
	serve($s);
	exit 0;
}
# Whoever still serves ends, too.
$SIG{TERM} = 'IGNORE';
kill 'TERM', -$$;
