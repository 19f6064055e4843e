#!/usr/bin/perl
# Writes messages that nobody should send: what is too long, too deep, too many,
# broken or no message at all.
#
#   tools/torture.pl [--scale PERCENT] DIR
#
# Each becomes DIR/NAME.eml; and for the sizes that there are, DIR/plain-BYTES.eml is
# text of that size, to compare times with. With --scale 10 all numbers are a
# tenth (a million headers become 100,000).
use strict;
use warnings;
use Getopt::Long;

my $scale = 100;
GetOptions('scale=f' => \$scale) && @ARGV == 1
	or die "usage: $0 [--scale PERCENT] DIR\n";
my ($dir) = @ARGV;
-d $dir or mkdir $dir or die "$dir: $!\n";
my $head = "From: a\@example.com\nTo: b\@example.com\nSubject: test\n";
my $html = "${head}MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n";
my $mixed = "${head}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n";
my %sizes;

sub n
{
	my $n = int($_[0] * $scale / 100);
	return $n > 1 ? $n : 1;
}

sub put
{
	my ($name, @text) = @_;
	open my $fh, '>:raw', "$dir/$name.eml" or die "$dir/$name.eml: $!\n";
	print $fh @text;
	close $fh or die "$dir/$name.eml: $!\n";
}

# A fixed sequence, so that a finding can be found again.
my $seed = 12345;
sub noise
{
	my ($n) = @_;
	my $text = '';
	for (1 .. $n) {
		$seed = ($seed * 1103515245 + 12345) & 0x7fffffff;
		$text .= chr($seed >> 16 & 255);
	}
	return $text;
}

no_messages();
sizes();
headers();
structure();
texts();
html();
links();
encodings();
mixtures();

sub no_messages
{
	put('empty', '');
	put('newline', "\n");
	put('newlines', "\n" x n(1_000_000));
	put('onebyte', "\0");
	put('noise', noise(n(300_000)));
	put('noise-body', $head, "\n", noise(n(300_000)));
	put('nul', "\0" x n(1_000_000));
	put('nul-body', $head, "\n", "\0" x n(1_000_000));
	put('nul-between', $head, "\n", "a\0" x n(500_000));
	put('mbox-only', "From x\n");
	put('mbox-lines', "From x\n" x n(100_000));
	put('crlf-only', "\r\n" x n(500_000));
	put('cr-only', "\r" x n(1_000_000));
	put('cr-lines', $head, "\n", "line\r" x n(200_000));
	put('elf', "\x7fELF\2\1\1", noise(10_000));
}

sub sizes
{
	put('big-lines', $head, "\n", "A line of text that is as long as a line of text is.\n" x n(950_000));
	put('big-oneline', $head, "\n", 'word ' x n(2_000_000));
	put('big-oneword', $head, "\n", 'x' x n(10_000_000));
	put('big-utf8', $head, "Content-Type: text/plain; charset=utf-8\n\n", "\xe6\x97\xa5" x n(3_000_000));
	put('big-base64', $head, "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n",
	    ('dGV4dCBvZiBhIGxpbmUgdGhhdCBpcyBsb25nIGVub3VnaCB0byBiZSBvbmUu' . "\n") x n(160_000));
	put('big-html', $html, "<p>A paragraph of <b>text</b> &amp; more.</p>\n" x n(200_000));
}

sub headers
{
	put('headers-million', "X-A: b\n" x n(1_000_000), "\nbody\n");
	put('headers-names', (map { "X-Name-$_: b\n" } 1 .. n(200_000)), "\nbody\n");
	put('headers-empty', ":\n" x n(500_000), "\nbody\n");
	put('header-long', 'X-Long: ', 'x' x n(10_000_000), "\n\nbody\n");
	put('header-name', 'X' x n(5_000_000), ": y\n\nbody\n");
	put('header-folded', "X-Folded: x\n", " y\n" x n(1_000_000), "\nbody\n");
	put('header-nocolon', "no colon here\n" x n(300_000));
	put('header-nul', "Subj\0ect: a\0b\nFrom: \0\n\nbody\n");
	put('subject-long', 'Subject: ', 'word ' x n(1_000_000), "\n\nbody\n");
	put('subject-many', "Subject: again\n" x n(200_000), "\nbody\n");
	put('received-many', map { "Received: from a$_.example.org (a$_.example.org [198.18." . ($_ >> 8 & 255)
		. '.' . ($_ & 255) . "]) by b.example.com (Postfix) with ESMTP id X$_; Mon, 4 Nov 2024 10:00:00 +0000\n" }
		1 .. n(5_000));
	put('received-long', 'Received: from ', '(' x n(500_000), ' [198.18.1.1] by x; ', "\n\nbody\n");
	put('received-odd', ("Received: from [[[[ (((( by ;;;; id <<<< for <a\@b\n") x n(20_000), "\nbody\n");
	put('addresses', 'To: ', (map { "user$_\@example.com, " } 1 .. n(100_000)), "x\@example.com\n\nbody\n");
	put('address-groups', 'To: ', 'g:' x n(10_000), ';' x n(10_000), "\n\nbody\n");
	put('address-comments', 'From: ', '(' x n(100_000), 'x', ')' x n(100_000), " <a\@example.com>\n\nbody\n");
	put('address-quotes', 'From: ', '"' x n(100_000), " <a\@example.com>\n\nbody\n");
	put('address-angles', 'From: ', '<' x n(100_000), 'a@example.com', '>' x n(100_000), "\n\nbody\n");
	put('address-ats', 'From: ', 'a@' x n(100_000), "example.com\n\nbody\n");
	put('address-escapes', 'From: "', '\\' x n(200_000), "\" <a\@example.com>\n\nbody\n");
	put('words-many', 'Subject: ', '=?utf-8?Q?a?= ' x n(100_000), "\n\nbody\n");
	put('words-unfinished', 'Subject: ', '=?utf-8?Q?' x n(100_000), "\n\nbody\n");
	put('words-charset', 'Subject: =?', 'x' x n(100_000), "?Q?a?=\n\nbody\n");
	put('words-nested', 'Subject: ', '=?=?=?' x n(100_000), "?=\n\nbody\n");
	put('words-questions', 'Subject: ', '=?' . '?' x n(200_000), "\n\nbody\n");
	put('words-jis', 'Subject: ', '=?iso-2022-jp?B?GyRC?= ' x n(20_000), "\n\nbody\n");
	put('dates', ("Date: Mon, 99 Foo 99999999999999999999 99:99:99 +99999\n") x n(10_000), "\nbody\n");
	put('dkim', ("DKIM-Signature: v=1; d=" . 'x.' x 200 . "example.com; b=" . 'A' x 500 . "\n") x n(2_000), "\nbody\n");
	put('message-ids', ("Message-ID: <" . 'x' x 500 . "\@example.com>\n") x n(5_000), "\nbody\n");
}

sub structure
{
	my @nested = map { "Content-Type: multipart/mixed; boundary=b$_\n\n--b$_\n" } 1 .. n(20_000);
	put('nested', $head, @nested, "\nend\n");
	put('nested-same', $mixed, "--b\nContent-Type: multipart/mixed; boundary=b\n\n" x n(20_000));
	put('nested-messages', $head, "Content-Type: message/rfc822\n\n" x n(20_000), "end\n");
	# Depth times lines that look like boundaries.
	put('nested-lines', $head, @nested[0 .. n(1_000) - 1], "--bx\n" x n(100_000));
	put('parts', $mixed, "--b\nContent-Type: text/plain\n\ntext\n" x n(100_000), "--b--\n");
	put('parts-empty', $mixed, "--b\n" x n(500_000));
	put('parts-nested', $mixed, map { ("--b\nContent-Type: multipart/mixed; boundary=c$_\n\n",
		"--c$_\n\ntext\n" x 100, "--c$_--\n") } 1 .. n(1_000));
	put('boundary-long', $head, 'Content-Type: multipart/mixed; boundary="' . 'x' x 7_000, "\"\n\n",
	    ('--' . 'x' x 7_000 . "\n\ntext\n") x n(1_000));
	put('boundary-prefixes', $head, "Content-Type: multipart/mixed; boundary=" . 'p' x 70 . "\n\n",
	    (map { '--' . 'p' x 70 . "\nContent-Type: multipart/mixed; boundary=" . 'p' x (70 + $_) . "\n\n--"
		. 'p' x (70 + $_) . "\n\ntext\n" } 1 .. n(500)));
	put('boundary-absent', $head, "Content-Type: multipart/mixed\n\n", "--x\n" x n(200_000));
	put('boundary-wrong', $mixed, "--c\nContent-Type: text/plain\n\ntext\n" x n(50_000));
	put('boundary-never', $mixed, '-' x n(5_000_000));
	put('boundary-dashes', $head, "Content-Type: multipart/mixed; boundary=\"", '-' x 60, "\"\n\n", ('-' x 62 . "\n") x n(50_000));
	put('types', $head, 'Content-Type: text/plain', (map { "; p$_=v" } 1 .. n(100_000)), "\n\nbody\n");
	put('types-2231', $head, "Content-Type: text/plain", (map { ";\n name*$_*=utf-8''%41" } 0 .. n(20_000)), "\n\nbody\n");
	put('types-2231-odd', $head, "Content-Type: text/plain; name*999999999999=x; name*-1=y; name**=z; name*0*1*=q; charset*='''''%%%\n\nbody\n");
	put('types-quotes', $head, 'Content-Type: text/plain; name="', '\\"' x n(200_000), "\n\nbody\n");
	put('types-many', $head, "Content-Type: multipart/mixed; boundary=b\n" x n(20_000), "\n--b\n\nbody\n");
	put('disposition', $head, 'Content-Disposition: attachment; filename="', '../' x n(100_000), "x.html\"\n\n<b>body</b>\n");
}

sub texts
{
	put('paragraphs', $head, "\n", "x\n\n" x n(500_000));
	put('blank-lines', $head, "\n", " \t\n" x n(500_000));
	put('blanks', $head, "\n", ' ' x n(5_000_000), "\n");
	put('dots', $head, "\n", '.' x n(1_000_000), "\n");
	put('words-same', $head, "\n", 'a ' x n(1_000_000), "\n");
	put('digits', $head, "\n", '1234567890' x n(100_000), "\n");
	put('signs', $head, "\n", '!@#$%^&*()_+-=[]{}' x n(50_000), "\n");
	put('quotes', $head, "\n", '>' x n(500_000), " quoted\n");
	put('uu', $head, "\n", "begin 644 x\n", ('M' . 'A' x 60 . "\n") x n(50_000), "no end\n");
	put('unknown-charset', $head, "Content-Type: text/plain; charset=x-nonesuch\n\n", noise(n(200_000)));
	for my $charset (qw(utf-8 utf-16 utf-7 iso-2022-jp shift_jis euc-jp gb18030 big5 euc-kr koi8-r iso-2022-kr hz utf-32)) {
		put("noise-$charset", $head, "Content-Type: text/plain; charset=$charset\n\n", noise(n(100_000)));
	}
	put('escapes-jis', $head, "Content-Type: text/plain; charset=iso-2022-jp\n\n", "\e\$B\e(B" x n(100_000));
}

sub html
{
	put('html-divs', $html, '<div>' x n(100_000), 'x', '</div>' x n(100_000));
	put('html-fonts', $html, '<font color="#fff" size="+1">x' x n(50_000));
	put('html-styles', $html, '<span style="color:red;font-size:2em;display:none">x' x n(50_000));
	put('html-tables', $html, '<table><tr><td>' x n(30_000));
	put('html-attributes', $html, '<a', (map { " a$_=\"v\"" } 1 .. n(100_000)), '>x</a>');
	put('html-attributes-same', $html, '<a', ' href="http://x.example.com/"' x n(50_000), '>x</a>');
	put('html-attribute-long', $html, '<a href="', 'x' x n(5_000_000), '">x</a>');
	put('html-unfinished', $html, '<a href="http://example.com/' x n(50_000));
	put('html-lts', $html, '<' x n(1_000_000));
	put('html-lt-words', $html, '< a' x n(300_000));
	put('html-gts', $html, '>' x n(1_000_000));
	put('html-quotes', $html, '<a b="' x n(200_000));
	put('html-comments', $html, '<!--' x n(200_000));
	put('html-comments-closed', $html, '<!-- x -->' x n(100_000));
	put('html-declarations', $html, '<!' x n(300_000), '<![' x n(100_000));
	put('html-entities', $html, '&amp;&#65;&eacute;&nosuch;' x n(50_000));
	put('html-entities-open', $html, '&' x n(500_000), '&#' x n(200_000), '&#x' x n(100_000));
	put('html-entities-big', $html, '&#99999999999999999999;' x n(50_000));
	put('html-scripts', $html, '<script>x</script>' x n(50_000), '<script>' x n(50_000));
	put('html-titles', $html, '<title>' x n(100_000));
	put('html-styles-open', $html, '<style>' x n(100_000));
	put('html-textareas', $html, '<textarea>' x n(100_000), '<plaintext>' x n(1_000));
	put('html-closes', $html, '</b></i></div></x>' x n(50_000));
	put('html-unknown-tags', $html, (map { "<x$_>" } 1 .. n(100_000)));
	put('html-names-long', $html, '<' . 'x' x n(1_000_000) . '>', '</' . 'y' x n(1_000_000) . '>');
	put('html-images', $html, '<img src="x.gif" width=1 height=1>' x n(50_000));
	put('html-bases', $html, '<base href="http://base.example.com/a/"><a href="../../x">y</a>' x n(20_000));
	put('html-noise', $html, noise(n(300_000)));
	put('html-parts', $mixed, "--b\nContent-Type: text/html\n\n<p>x" x n(5_000));
}

sub links
{
	put('links', $head, "\n", map { "http://host$_.example.com/path?x=$_ " } 1 .. n(100_000));
	put('links-html', $html, map { "<a href=\"http://host$_.example.com/\">x</a>" } 1 .. n(100_000));
	put('links-same', $head, "\n", 'http://example.com/ ' x n(100_000));
	put('links-nested', $head, "\n", 'http://x.example.com/?' x n(20_000));
	put('links-nested-html', $html, '<a href="', 'http://x.example.com/?u=' x n(5_000), '">x</a>');
	put('links-percent', $head, "\n", 'http://example.com/', '%2525' x n(100_000));
	put('links-percent-html', $html, '<a href="http://example.com/', '%25' x n(100_000), '">x</a>');
	put('links-dots', $head, "\n", 'www.', 'a.' x n(100_000), 'com');
	put('links-ats', $head, "\n", 'http://', 'user@' x n(50_000), 'example.com/');
	put('links-slashes', $head, "\n", 'http:', '/' x n(200_000));
	put('links-backslashes', $html, '<a href="http:', '\\' x n(100_000), 'example.com">x</a>');
	put('links-schemes', $head, "\n", 'http://' x n(100_000));
	put('links-mail', $head, "\n", map { "user$_\@example.com " } 1 .. n(100_000));
	put('links-mail-long', $head, "\n", 'a' x n(500_000), '@', 'example.' x n(10_000), 'com');
	put('links-ips', $head, "\n", map { "http://198.18." . ($_ >> 8 & 255) . '.' . ($_ & 255) . '/ ' } 1 .. n(50_000));
	put('links-hex', $html, '<a href="http://0x' . 'f' x n(10_000) . '/">x</a>', '<a href="http://4294967295.4294967295/">y</a>');
	put('links-schemeless', $head, "\n", map { "host$_.example.com " } 1 .. n(50_000));
	put('links-brackets', $head, "\n", '<http://' x n(50_000), '(' x n(50_000));
}

sub encodings
{
	my $qp = "${head}Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n";
	my $b64 = "${head}Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n";
	put('qp-soft', $qp, "=\n" x n(500_000));
	put('qp-hex', $qp, '=41' x n(500_000));
	put('qp-bad', $qp, '=Z' x n(500_000));
	put('qp-equals', $qp, '=' x n(1_000_000));
	put('qp-blanks', $qp, 'x' . ' ' x n(1_000_000) . "\n");
	put('qp-blank-lines', $qp, ("x" . ' ' x 100 . "=\n") x n(10_000));
	put('base64-oneline', $b64, 'QUFB' x n(500_000));
	put('base64-padding', $b64, 'QQ==' x n(300_000));
	put('base64-equals', $b64, '=' x n(1_000_000));
	put('base64-noise', $b64, noise(n(300_000)));
	put('base64-short-lines', $b64, "Q\n" x n(300_000));
	put('encoding-long', "${head}Content-Transfer-Encoding: ", 'x' x n(500_000), "\n\nbody\n");
}

sub mixtures
{
	put('images', $mixed, ("--b\nContent-Type: image/gif; name=x.gif\nContent-Transfer-Encoding: base64\n\n"
		. "R0lGODlh" . '/' x 1000 . "\n") x n(2_000));
	put('image-lies', $mixed, "--b\nContent-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n/9j/" . '4P//' x n(100_000));
	put('bounces', $head, "\n", "Received: from x (x [198.18.1.1]) by y with SMTP\n" x n(20_000));
	put('alternative', "${head}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n",
	    (map { "word$_ " } 1 .. n(100_000)), "\n--b\nContent-Type: text/html\n\n", (map { "<b>other$_</b> " } 1 .. n(50_000)), "\n--b--\n");
}

# Text to compare times with, of each size (to the next power of two).
$sizes{262_144} = 1;
for my $path (glob "$dir/*.eml") {
	my $size = 4096;
	$size *= 2 while $size < -s $path;
	$sizes{$size} = 1;
}
for my $size (keys %sizes) {
	my $line = "Plain words that stand in a line of a letter, and nothing that is odd about them.\n";
	put("plain-$size", $head, "\n", $line x ($size / length $line));
}
