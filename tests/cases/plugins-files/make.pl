# Writes one message for each link, sender and relay below into the folder that is
# named.
use strict;
use warnings;

my ($dir) = @ARGV;
my $n = 0;

sub message
{
	my ($header, $body) = @_;

	open my $fh, '>', sprintf('%s/m%04d.eml', $dir, ++$n) or die $!;
	print $fh $header, "Date: Mon, 1 Jan 2024 10:00:00 +0000\n\n", $body // "Nothing.\n";
	close $fh or die $!;
}

for my $uri ('http://open.test/login', 'http://open.test/login/', 'http://OPEN.test/login', 'http://open.test/Login',
	'https://open.test/login', 'http://open.test/login?a=1', 'http://query.test/a/b/c?id=1', 'http://query.test/a/b/c',
	'http://query.test/a/b/c?id=2', 'http://cr.test/a', 'http://198.19.1.1/x', 'https://Case.test/A',
	'https://case.test/A', 'http://open.test/comma,here', 'http://last.test/end', 'http://tank.test/a',
	'http://quoted.test/b', 'http://quoted.test/b,c', 'http://comment.test/a', 'ftp://ftp.test/a', 'http://stats.test/a',
	'http://five.test/a', 'http://above.test/a', 'http://ten.test/a', 'http://nine.test/a', 'http://x.test/1',
	'http://r.example.org/?u=http://open.test/login', 'http://open.test/%6Cogin', 'mailto:open.test/login',
	'open.test/login', 'http://u@open.test/login', 'http://open.test:80/login') {
	message("From: a\@example.org\n", "See $uri now\n");
	message("From: a\@example.org\nContent-Type: text/html\n", "<a href=\"$uri\">x</a>\n");
	message("From: a\@example.org\nContent-Type: text/html\n", "<img src=\"$uri\"><form action=\"$uri\">\n")
		if $n % 3 == 0;
}
for my $from (qw(bad@example.org BAD@Example.ORG frombad@example.org user@any.test ok@bad.example.com a@bad.example.com
	a@good.bad.example.com a@x.bad.example.com a@example.net a@odd.test a@zero.test a@nul.test a@rdns.test a@com
	a@x.com a@both.test a@at.test a@empty.test a@under.test 0@zero.example user@both.test nobody a@late.test
	a@x..test a@.rdns.test a@b@late.test)) {
	message("From: $from\n");
	message("From: b\@example.org\nResent-From: $from\n");
	message("From: ok\@any.test\nSender: $from\n");
}
for my $relay ('x (x.example.org [198.19.1.1])', 'x (x.example.org [198.19.2.2])', 'x (x.example.org [198.19.2.21])',
	'x (x.rdns.test [198.19.3.1])', 'x (fine.rdns.test [198.19.1.1])', 'x (unknown [198.19.1.2])', 'x ([198.19.1.3])',
	'rdns.test (unknown [198.19.3.1])', 'x (x.example.org [IPv6:2001:db8::1])', 'x (x.example.org [198.18.1.1])') {
	my $received = "Received: from $relay by mx.example.net with ESMTP id 1;\n\tMon, 1 Jan 2024 10:00:00 +0000\n";
	message($received . "From: a\@example.org\n");
	message($received . "From: ok\@example.org\n");
	message($received . "From: bad\@example.org\n");
	message("Received: from y (y.example.org [198.18.2.2]) by mx.example.net with ESMTP id 2;\n"
		. "\tMon, 1 Jan 2024 10:00:00 +0000\n" . $received . "From: a\@example.org\n");
}
