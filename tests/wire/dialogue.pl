#!/usr/bin/perl
# Conversations with the real spamd and with mekikid: the same bytes are sent
# to both, and the answers must be equal, byte for byte, but for what names the
# host, the time, the version, the MIME boundary, and for the order of report
# lines, which is random in SpamAssassin.
use strict;
use warnings;
use Compress::Zlib qw(compress);
use FindBin;
use lib $FindBin::Bin;
use Wire;

my $crlf = "\r\n";

# Mails.
my %mail = (
	spam => "From: a\@example.com\nTo: b\@example.org\nSubject: hello\n" .
		"Message-Id: <spam\@example>\n\nBuy cheap pills now.\n",
	ham => "From: a\@else.org\nTo: b\@example.org\nSubject: tomorrow\n" .
		"Message-Id: <ham\@example>\n\nSee you at ten.\n",
	almost => "From: a\@example.com\nSubject: hello\n\nThis is almost " .
		"spam.\n",
	crlf => "From: a\@example.com\r\nSubject: hello\r\n\r\nBuy cheap " .
		"pills.\r\n",
	nice => "From: a\@else.org\nSubject: x\n\ndear colleague, no.\n",
	html => "From: a\@example.com\nSubject: hello\nMIME-Version: 1.0\n" .
		"Content-Type: text/html\n\n<p>Buy <b>cheap</b> pills.</p>\n",
	marked => "X-Spam-Flag: YES\nX-Spam-Level: ***\nFrom: a\@else.org\n" .
		"X-Spam-Prev-Subject: y\nSubject: x\n\nnothing\n",
);

sub request {
	my ($line, $headers, $body) = @_;
	return $line . $crlf . join('', map { $_ . $crlf } @$headers) . $crlf .
		$body;
}

sub with_length {
	my ($line, $body, @headers) = @_;
	return request($line, [ 'Content-length: ' . length $body, @headers ],
		$body);
}

# Name, bytes, options of talk().
my @conversations;
sub conversation { push @conversations, [ @_ ] }

for my $word (qw(CHECK SYMBOLS REPORT REPORT_IFSPAM PROCESS HEADERS)) {
	for my $version (qw(1.2 1.3 1.5)) {
		for my $kind (qw(spam ham)) {
			conversation("$word $version $kind",
				with_length("$word SPAMC/$version",
					$mail{$kind}));
		}
	}
	conversation("$word 1.0, no headers",
		"$word SPAMC/1.0$crlf$mail{spam}", half_close => 1);
}
for my $kind (qw(almost crlf nice html marked)) {
	conversation("PROCESS $kind",
		with_length('PROCESS SPAMC/1.5', $mail{$kind}));
	conversation("HEADERS $kind",
		with_length('HEADERS SPAMC/1.3', $mail{$kind}));
	conversation("REPORT $kind",
		with_length('REPORT SPAMC/1.2', $mail{$kind}));
	conversation("SYMBOLS $kind",
		with_length('SYMBOLS SPAMC/1.2', $mail{$kind}));
}

# Other words.
conversation('PING 1.2', "PING SPAMC/1.2$crlf");
conversation('PING 1.0', "PING SPAMC/1.0$crlf");
conversation('PING 1.5', "PING SPAMC/1.5$crlf$crlf");
conversation('PING 1.5 with a user', "PING SPAMC/1.5${crlf}User: x$crlf$crlf");
conversation('PING 1.5, no headers', "PING SPAMC/1.5$crlf", half_close => 1);
conversation('PING, LF only', "PING SPAMC/1.2\n");
conversation('PING without a line end', 'PING SPAMC/1.2', half_close => 1);
conversation('SKIP 1.2', "SKIP SPAMC/1.2$crlf");
conversation('SKIP 1.5', "SKIP SPAMC/1.5$crlf$crlf");

# The request line.
conversation('no line', '', half_close => 1);
conversation('an empty line', $crlf);
conversation('an unknown word', "FROBNICATE SPAMC/1.2$crlf");
conversation('a lower-case word', "ping SPAMC/1.2$crlf");
conversation('HTTP', "GET / HTTP/1.0$crlf$crlf");
conversation('binary', "\x00\x01\xff\xfe\n");
conversation('a word inside a word', with_length('XXCHECK SPAMC/1.3',
	$mail{spam}));
conversation('two words', "PING SPAMC/1.2 CHECK SPAMC/1.0$crlf$mail{ham}",
	half_close => 1);
conversation('no version', "CHECK SPAMC/$crlf$mail{spam}", half_close => 1);
conversation('a version in words', "CHECK SPAMC/new$crlf$mail{spam}",
	half_close => 1);
conversation('version 9.9', with_length('SYMBOLS SPAMC/9.9', $mail{spam}));
conversation('version 1.29', with_length('SYMBOLS SPAMC/1.29', $mail{spam}));
conversation('version 1.3x', with_length('SYMBOLS SPAMC/1.3x', $mail{spam}));
conversation('version 13e-1', with_length('SYMBOLS SPAMC/13e-1', $mail{spam}));
conversation('no slash', "CHECK SPAMC$crlf");

# Headers.
conversation('no length', request('CHECK SPAMC/1.5', [], $mail{spam}),
	half_close => 1);
conversation('length too small', request('CHECK SPAMC/1.5',
	[ 'Content-length: 5' ], $mail{spam}), half_close => 1);
conversation('length too large', request('CHECK SPAMC/1.5',
	[ 'Content-length: 5000' ], $mail{spam}), half_close => 1);
conversation('length one too small', request('CHECK SPAMC/1.5',
	[ 'Content-length: ' . (length($mail{spam}) - 1) ], $mail{spam}),
	half_close => 1);
conversation('length up to a line end', request('SYMBOLS SPAMC/1.5',
	[ 'Content-length: 20' ], "From: a\@example.com\nSubject: hello\n\nx\n"),
	half_close => 1);
conversation('length zero', request('SYMBOLS SPAMC/1.5',
	[ 'Content-length: 0' ], ''), half_close => 1);
conversation('length empty', request('CHECK SPAMC/1.5',
	[ 'Content-length:' ], $mail{spam}), half_close => 1);
conversation('length with zeros', request('CHECK SPAMC/1.5',
	[ 'Content-length: 00005' ], $mail{spam}), half_close => 1);
conversation('length negative', request('CHECK SPAMC/1.5',
	[ 'Content-length: -1' ], $mail{spam}), half_close => 1);
conversation('length in words', request('CHECK SPAMC/1.5',
	[ 'Content-length: many' ], $mail{spam}), half_close => 1);
conversation('length twice', request('CHECK SPAMC/1.5',
	[ 'Content-length: 1', 'Content-length: ' . length $mail{ham} ],
	$mail{ham}), half_close => 1);
conversation('lower-case length is ignored', request('CHECK SPAMC/1.5',
	[ 'content-length: 5' ], $mail{spam}), half_close => 1);
conversation('length without a space', request('SYMBOLS SPAMC/1.5',
	[ 'Content-length:' . length $mail{spam} ], $mail{spam}));
conversation('length with a tab', request('SYMBOLS SPAMC/1.5',
	[ "Content-length:\t" . length $mail{spam} ], $mail{spam}));
conversation('length, space after', request('SYMBOLS SPAMC/1.5',
	[ 'Content-length: ' . length($mail{spam}) . ' ' ], $mail{spam}),
	half_close => 1);
conversation('a header without a colon', request('CHECK SPAMC/1.5',
	[ 'what is this' ], $mail{spam}), half_close => 1);
conversation('an unknown header', with_length('SYMBOLS SPAMC/1.5',
	$mail{spam}, 'X-Nobody: knows', 'Rcpt: a@b.c', 'Rcpt: d@e.f'));
conversation('LF headers', "SYMBOLS SPAMC/1.5\nContent-length: " .
	length($mail{spam}) . "\n\n$mail{spam}", half_close => 1);
conversation('LF header, CRLF blank line', "SYMBOLS SPAMC/1.5\n" .
	'Content-length: ' . length($mail{spam}) . "\n$crlf$mail{spam}");
conversation('headers end early', "CHECK SPAMC/1.5${crlf}User: x",
	half_close => 1);
conversation('255 headers', with_length('SYMBOLS SPAMC/1.5', $mail{spam},
	('X: y') x 254));
conversation('256 headers', with_length('SYMBOLS SPAMC/1.5', $mail{spam},
	('X: y') x 255), half_close => 1);
conversation('a user', with_length('SYMBOLS SPAMC/1.5', $mail{spam},
	'User: nobody'));
conversation('an unknown user', with_length('SYMBOLS SPAMC/1.5', $mail{spam},
	'User: no-such-user-here'));
conversation('a user with a control', with_length('SYMBOLS SPAMC/1.5',
	$mail{spam}, "User: x\x01y"), half_close => 1);
conversation('a user with a tab inside', with_length('SYMBOLS SPAMC/1.5',
	$mail{spam}, "User: x\ty"), half_close => 1);
conversation('headers of 1.0 are mail', "SYMBOLS SPAMC/1.0${crlf}" .
	"Content-length: 5$crlf$crlf$mail{spam}", half_close => 1);
conversation('an empty mail', request('PROCESS SPAMC/1.5', [], ''),
	half_close => 1);
conversation('not a mail', with_length('PROCESS SPAMC/1.5',
	"cheap pills, just like that\n"));
conversation('a mail with NULs', with_length('SYMBOLS SPAMC/1.5',
	"Subject: hello\n\ncheap\0 pills\n\0\0\n"));
conversation('a mail over a Unix socket', with_length('PROCESS SPAMC/1.5',
	$mail{spam}), unix => 1);
conversation('PING over a Unix socket', "PING SPAMC/1.2$crlf", unix => 1);
conversation('a large mail', with_length('SYMBOLS SPAMC/1.5',
	$mail{spam} . ("0123456789abcdef\n" x 20000)));

# Compression.
for my $word (qw(SYMBOLS PROCESS)) {
	my $z = compress($mail{spam});
	conversation("$word, zlib", request("$word SPAMC/1.5",
		[ 'Compress: zlib', 'Content-length: ' . length $z ], $z),
		half_close => 1);
}
{
	my $z = compress($mail{ham} . "\n\n");
	conversation('zlib, empty lines at the end', request('PROCESS SPAMC/1.5',
		[ 'Compress: ZLIB', 'Content-length: ' . length $z ], $z),
		half_close => 1);
	$z = compress($mail{ham} . 'no line end');
	conversation('zlib, no line end', request('PROCESS SPAMC/1.5',
		[ 'Compress: zlib', 'Content-length: ' . length $z ], $z),
		half_close => 1);
	conversation('zlib without a length', request('SYMBOLS SPAMC/1.5',
		[ 'Compress: zlib' ], $z), half_close => 1);
	conversation('zlib, truncated', request('SYMBOLS SPAMC/1.5',
		[ 'Compress: zlib', 'Content-length: ' . (length($z) - 4) ],
		substr($z, 0, -4)), half_close => 1);
	conversation('zlib, length too small', request('SYMBOLS SPAMC/1.5',
		[ 'Compress: zlib', 'Content-length: ' . (length($z) - 4) ],
		$z), half_close => 1);
	conversation('zlib, length too large', request('SYMBOLS SPAMC/1.5',
		[ 'Compress: zlib', 'Content-length: ' . (length($z) + 9) ],
		$z), half_close => 1);
	conversation('zlib, garbage', request('SYMBOLS SPAMC/1.5',
		[ 'Compress: zlib', 'Content-length: 5' ], 'abcde'),
		half_close => 1);
	conversation('zlib, bytes behind', request('SYMBOLS SPAMC/1.5',
		[ 'Compress: zlib', 'Content-length: ' . (length($z) + 3) ],
		"${z}abc"), half_close => 1);
}
conversation('another compression', request('SYMBOLS SPAMC/1.5',
	[ 'Compress: lzma', 'Content-length: 5' ], 'abcde'), half_close => 1);

# TELL: allowed (the second pair of daemons) and not.
my @tell;
for my $what (
	[ 'set local spam', 'Message-class: spam', 'Set: local' ],
	[ 'set local ham', 'Message-class: ham', 'Set: local' ],
	[ 'forget', 'Remove: local' ],
	[ 'report', 'Message-class: spam', 'Set: local,remote' ],
	[ 'revoke', 'Message-class: ham', 'Set: local', 'Remove: remote' ],
	[ 'nothing' ],
	[ 'an odd class', 'Message-class: maybe', 'Set: local' ],
	[ 'both ways local', 'Set: local', 'Remove: local' ],
	[ 'both ways remote', 'Set: remote', 'Remove: remote' ],
	[ 'in capitals', 'Set: LOCAL', 'Remove: xlocaly' ],
) {
	my ($name, @headers) = @$what;
	my $text = with_length('TELL SPAMC/1.5', $mail{spam}, @headers);
	push @tell, [ "TELL $name", $text, half_close => 1 ];
}
push @tell, [ 'TELL 1.0 has headers', with_length('TELL SPAMC/1.0',
	$mail{spam}, 'Set: local'), half_close => 1 ];
push @tell, [ 'TELL, wrong length', request('TELL SPAMC/1.5',
	[ 'Content-length: 9', 'Set: local' ], $mail{spam}), half_close => 1 ];
push @tell, [ 'TELL, no length', request('TELL SPAMC/1.5',
	[ 'Set: local' ], $mail{spam}), half_close => 1 ];

my ($run, $failed, $filter) = (0, 0, $ARGV[0] || '');
sub compare {
	my ($spamd, $mekikid, $name, $text, %o) = @_;
	return if index($name, $filter) < 0;
	my $want = normal(talk($spamd, $text, %o));
	my $got = normal(talk($mekikid, $text, %o));
	$run++;
	return if $want eq $got && $want !~ /WRONG|TIMEOUT/;
	$failed++;
	print "FAIL $name\n  spamd:\n", visible($want), "\n  mekikid:\n",
		visible($got), "\n";
}

my $spamd = start_spamd();
my $mekikid = start_mekikid();
compare($spamd, $mekikid, @$_) for @conversations;
compare($spamd, $mekikid, "$tell[0][0], not allowed", @{ $tell[0] }[1 .. 3]);
stop_daemon($_) for $spamd, $mekikid;

$spamd = start_spamd(name => 'spamd-tell', args => [ '-l' ]);
$mekikid = start_mekikid(name => 'mekikid-tell', args => [ '-l' ]);
compare($spamd, $mekikid, @$_) for @tell;
stop_daemon($_) for $spamd, $mekikid;

# What time-outs cover: the first line has one of its own, all else another.
my @times = ('--timeout-tcp', 1, '--timeout-child', 3);
$spamd = start_spamd(name => 'spamd-times', args => \@times);
$mekikid = start_mekikid(name => 'mekikid-times', args => \@times);
compare($spamd, $mekikid, @$_, seconds => 10)
	for [ 'silent, time-out of the first line', '' ],
	    [ 'silent behind the first line, time-out of the rest',
	      "CHECK SPAMC/1.5\r\nContent-length: 10\r\n" ],
	    [ 'silent inside the mail, time-out of the rest',
	      "CHECK SPAMC/1.5\r\nContent-length: 10\r\n\r\nabc" ];
stop_daemon($_) for $spamd, $mekikid;

# Virtual users' preferences: files of their own over the site's settings.
my $users = workdir() . '/users';
mkdir $users;
for my $user ([ 'strict@example.org', "required_score 0.4\nscore WIRE_META 4\n" ],
	      [ 'lax@example.org', "required_score 20\n" ],
	      [ 'example.com', "score WIRE_PILLS 1\nadd_header all Who them\n" ],
	      [ 'rules@example.org', "body WIRE_OWN /pills/\nscore WIRE_OWN 5\n" .
		"report_safe 0\nrewrite_header Subject [SPAM]\n" ],
	      [ 'odd_name_', "required_score 1\n" ]) {
	mkdir "$users/$user->[0]";
	spit("$users/$user->[0]/user_prefs", $user->[1]);
}
my @virtual = ('--virtual-config-dir', "$users/%x");
$spamd = start_spamd(name => 'spamd-users', args => \@virtual, user => 1);
$mekikid = start_mekikid(name => 'mekikid-users', args => \@virtual,
	user => 1);
for my $user ('strict@example.org', 'lax@example.org', 'any@example.com',
	'rules@example.org', 'odd/name ', 'nobody-here', '..', '') {
	for my $word (qw(SYMBOLS PROCESS)) {
		for my $kind (qw(spam ham)) {
			compare($spamd, $mekikid, "$word $kind for '$user'",
				with_length("$word SPAMC/1.5", $mail{$kind},
					"User: $user"));
		}
	}
}
stop_daemon($_) for $spamd, $mekikid;

print "$run conversations, $failed different\n";
exit($failed || !$run ? 1 : 0);
