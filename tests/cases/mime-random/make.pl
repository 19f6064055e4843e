#!/usr/bin/perl
# Mail at random, the same each time: nested multiparts with boundaries that
# repeat or are missing, headers in odd forms, text in charsets that it is not
# in, transfer encodings that are damaged.
use strict;
use warnings;
use MIME::Base64 qw(encode_base64);
use MIME::QuotedPrint qw(encode_qp);

my $seed = 20;

sub random
{
	my ($n) = @_;
	$seed = ($seed * 1103515245 + 12345) % 2147483648;
	return int($seed / 65536) % $n;
}

sub one { return $_[random(scalar @_)] }
sub chance { return random(100) < $_[0] }

my @boundaries = ('b1', 'AaB=_x', '"q q"', 'b1--', 'x', '0', '--', 'b.1');
my @types = ('text/plain', 'text/html', 'TEXT/foo', 'application/octet-stream', 'text',
	'text/plain charset=utf-8', 'image/png', '', '/x', 'text/calendar', 'text/x-vcard',
	'message/partial', 'message/delivery-status', 'foo', '???');
my @charsets = qw(utf-8 us-ascii iso-8859-1 windows-1251 gb2312 big5 iso-2022-jp koi8-r
	unknown-8bit utf-16 UTF-16LE shift_jis euc-kr x ks_c_5601-1987 "utf8" 'utf-8' ASCII
	iso8859-1 latin1 tis-620);
my @words = ('hello', "w\xc3\xb6rld", "caf\xe9", "\xc0\xc1\xc2", "\xd0\x9f\xd1\x80", "\xa0",
	"\0", '=20', '=3D=41', '=?utf-8?q?a_b?=', "\xe2\x80\x83", "\xc2\xa0", "\x81\x8d",
	"\xb0\xa1\xb0\xa2", "\e\$B\$3\$s\e(B", "h\0i\0", 'a' x 90, 'x' x 2100, '<b>bold</b>',
	'&eacute;', '&#8364;', "=E9=\nb", '-- ', "\x0b\x0c", " \t", "\r");

sub text
{
	my $s = '';
	for (1 .. one(1, 2, 5, 20, 60)) {
		$s .= one(@words) . one(' ', "\n", "\n\n", '', "\t", " \n \n", "\n" x 25, "\r\n", " =\n");
	}
	return $s;
}

# (encoding, text): whole, damaged, or not encoded at all
sub encoded
{
	my ($s) = @_;
	my $kind = random(10);
	return ('base64', encode_base64($s)) if $kind < 3;
	return ('quoted-printable', encode_qp($s)) if $kind < 5;
	return (one('BASE64', 'base64 ', 'Base64;', 'x-uue'), encode_base64($s, '')) if $kind == 5;
	return ('quoted-printable', $s) if $kind == 6;
	return (one('7bit', '8bit', ''), $s) if $kind > 7;
	my $b = encode_base64($s, '');
	substr($b, random(length($b) + 1), 0) = one('=', '!!', '==', "\n=\n", '*');
	return ('base64', $b);
}

sub word
{
	my ($charset, $w) = (one(@charsets), one(@words));
	$charset =~ tr/"'//d;
	$charset .= one('', '', '*en');
	return "=?$charset?" . one(qw(b B)) . '?' . encode_base64($w, '') . '?=' if chance(50);
	return "=?$charset?" . one(qw(q Q)) . '?'
		. join('', map { sprintf '=%02X', ord } split //, substr $w, 0, 30) . '?=';
}

sub headers
{
	my ($type, $encoding, $all) = @_;
	my @lines;
	for my $name ($all ? qw(From To Subject Date Message-ID X-Spam-Status List-Id X-Foo) : ()) {
		next if chance(40);
		push @lines, $name . one(': ', ':', ' : ', ":\t") . join ' ', map {
			one(word(), 'foo <a@example.com>', "\n\t", "\n  x", '"x y"') } 1 .. 1 + random(3);
	}
	push @lines, one('bad header line', 'bad line: x', ' cont', ':novalue', "\xff: y", '--x')
		if $all && chance(12);
	push @lines, ('bad') x (2 + random(4)) if $all && chance(5);
	push @lines, "Content-Type: $type" if defined $type;
	push @lines, "Content-Transfer-Encoding: $encoding" if $encoding;
	push @lines, one('Content-Disposition: attachment; filename="a.html"',
		'Content-Disposition: inline', 'Content-Disposition: x; name= "',
		'Content-Type : text/html') if chance(20);
	push @lines, shift @lines if chance(30);
	return join '', map { "$_\n" } @lines;
}

sub type
{
	my ($type, $boundary) = @_;
	$type .= one('; ', ';', ";\n\t", ' ; ', ' ') . 'charset=' . one(@charsets) if chance(60);
	$type .= '; name="' . one('a.htm', 'b.txt', 'c.shtml', 'd') . '"' if chance(20);
	$type .= one('; ', ";\n ", ' ; ') . one('boundary=', 'Boundary = ', 'boundary= ') . $boundary
		if defined $boundary;
	return $type;
}

sub multipart
{
	my ($depth, $all) = @_;
	my $b = one(@boundaries);
	my $s = headers(type('multipart/' . one(qw(mixed alternative digest related)),
			     chance(12) ? undef : $b), one('', '', '7bit', 'base64'), $all);
	$b =~ tr/"//d;
	$s .= "\n" if chance(95);
	$s .= one("preamble\n", "This is multi\n\n", "\n", "Foo: bar\n") if chance(40);
	for (1 .. random(4)) {
		$s .= "--$b" . one("\n", " \n", "\n", "\r\n", "\n\n") if chance(97);
		$s .= part($depth + 1) . (chance(90) ? "\n" : '');
	}
	$s .= "--$b--" . one("\n", '', " \n", "x\n") if chance(80);
	$s .= one("\n", "epilogue\n", "...\n", "\n\n--$b\nafter\n") if chance(30);
	return $s;
}

sub part
{
	my ($depth, $all) = @_;
	return multipart($depth, $all) if $depth < 4 && chance(45);
	if ($depth < 4 && chance(20)) {
		my $inner = part($depth + 1, 1);
		my ($encoding, $s) = chance(70) ? ('', $inner) : encoded($inner);
		return headers(type(one('message/rfc822', 'message/global')), $encoding, $all) . "\n$s";
	}
	my ($encoding, $s) = encoded(text());
	return headers(chance(85) ? type(one(@types)) : undef, $encoding, $all)
		. (chance(93) ? "\n" : '') . $s;
}

for my $i (1 .. 150) {
	my $mail = part(0, 1);
	$mail =~ s/\n/\r\n/g if chance(20);
	$mail = one("From foo\n", "From : x\n", "From  :\n") . $mail if chance(5);
	open my $fh, '>:raw', sprintf('%s/%03d.eml', $ARGV[0], $i) or die "$i: $!\n";
	print $fh $mail;
}
