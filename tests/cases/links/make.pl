# Writes one message for each text and each piece of HTML below into the folder
# that is named.
use strict;
use warnings;

my ($dir) = @ARGV;
my $n = 0;

sub message
{
	my ($type, $body) = @_;
	open my $fh, '>', sprintf('%s/m%03d.eml', $dir, ++$n) or die $!;
	print $fh "From: a\@example.com\nSubject: links\nContent-Type: $type\n\n$body\n";
	close $fh or die $!;
}

sub link_to
{
	my ($href, $text) = @_;
	return "<a href=\"$href\">$text</a>\n";
}

my $long = 'http://www.example.com/' . 'x' x 9000;
message('text/plain', $_) for
	'http://www.example.com/a and www.example.com/b, ftp.example.com (see example.com/c).',
	'http://www.example.com\\back\\slash', 'http:example.com', 'HTTPS://clean.example.com?y',
	'http://0x7f.1/ http://0177.0.0.1/ http://2130706433/ http://0x7f000001/x http://127.0.0.1/',
	'http://wwwless/ http://www.wwwless http://localhost/', 'http://a@b@www.example.com/ x@y@example.com',
	'http://go.example.com/go/target.example.org/x', 'http://r.example.net/?to=http://hidden.example.org/&x=1',
	'http://r.example.net/?to=hidden&u=http%3a%2f%2fhidden.example.org', 'mailto:a@example.com?subject=b',
	'a@example.com, <b@example.com>; c@example.nosuch', "split http://www.exam\nple.com/",
	'http://www.example.com/' . 'y' x 2100, 'http://one.example.com/http://two.example.com/',
	'http://one.example.com/http://www.one.example.com/', 'http://192.0.2.1/http://192.0.2.1/http://example.org',
	'http://%77ww.example.com/ http://www.example.com:80/ http://www.example.com:81/',
	'http://&#119;ww.example.com/', "http://www.example.com\x{a0}x \xe9\@example.com http://ex\xe9mple.com/";
message('text/html', $_) for
	link_to('http://192.0.2.1/', 'https://www.example.com/'), link_to('https://192.0.2.1/', 'https://192.0.2.1/'),
	link_to('http://u@192.0.2.1/', 'See HTTPS:'), link_to('http:192.0.2.1', 'https:'),
	link_to('http://192.0.2/', 'https://www.example.com/'),
	link_to('http://www.example.com/', 'https://www.example.org/'),
	link_to('http://www.example.com/', 'https://mail.example.com/'),
	link_to('https://www.example.com/', 'go to https://example.org or https://example.com'),
	link_to('http://www.example.com/', 'https://192.0.2.1/'), link_to('http://192.0.2.1/', 'https://example.com'),
	link_to('http://www.example.nosuch/', 'https://example.com'),
	link_to('http://www.example.com/', 'https://example.nosuch'),
	link_to('http://www.example.com/', 'https://') . link_to('http://a.example.com/', 'x'),
	link_to('http://www.example.com/', 'https://example.org') . link_to('http://a.example.com/', 'x'),
	link_to('http://www.example.com/', '') . link_to('http://a.example.com/', 'https://example.org/'),
	join('', map { link_to("http://x$_.example.com/", 'https://example.org/') } 1 .. 12),
	join('', map { link_to("http://x$_.example.com/", 'https://example.org/') } 1 .. 9),
	link_to($long, 'long'), link_to(substr($long, 0, 8192), 'just'), '<img src="' . $long . '">',
	link_to('relative/page.html', 'rel'), '<base href="http://www.example.com/d/e.html">' . link_to('f.html', 'f'),
	link_to('cid:x@example.com', 'x') . link_to('javascript:x()', 'y') . link_to('#top', 'z') . link_to('', 'e'),
	link_to('mailto:a@example.com?subject=x', 'x') . link_to('mailto:%20b@example.com%20', 'y'),
	link_to('//www.example.com/', 'x') . link_to('http:\\\\www.example.com\\x', 'y'),
	link_to('http://www.example.com.%2f@evil.example.org/', 'x'), '<form action="http://www.example.com/">',
	'<table background="http://www.example.com/t.png"><tr><td background="u.png">x';
