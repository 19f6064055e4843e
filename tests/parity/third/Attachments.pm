# What is attached: names in all their forms, pictures with real sizes, archives,
# documents, programs, signatures, encryption, and text that holds files itself.
package Attachments;

use strict;
use warnings;
use Chance qw(rnd pick chance words sentence paragraph);
use Mail qw(mail leaf multipart top);
use MIME::Base64 qw(encode_base64);

sub gif { my ($w, $h) = @_; return 'GIF89a' . pack('vvCCC', $w, $h, 0x80, 0, 0) . "\0\0\0\xff\xff\xff" . ',' . pack('vvvvC', 0, 0, $w, $h, 0) . "\2\2\x44\1\0;" }
sub png { my ($w, $h) = @_; return "\x89PNG\r\n\x1a\n" . pack('N', 13) . 'IHDR' . pack('NNCCCCC', $w, $h, 8, 2, 0, 0, 0) . "\0\0\0\0" . 'x' x 300 }
sub jpeg { my ($w, $h) = @_; return "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xc0\0\x11\x08" . pack('nn', $h, $w) . "\3\1\"\0\2\x11\1\3\x11\1" . 'x' x 300 . "\xff\xd9" }
sub zip { my ($name) = @_; return "PK\3\4\x14\0\0\0\0\0" . "\0" x 16 . pack('vv', length $name, 0) . $name . 'x' x 200 }
sub pdf { return "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n3 0 obj\n<< /Type /Page /MediaBox [0 0 612 792] >>\nendobj\n4 0 obj\n<< /URI (http://pdf.example.com/) /Subtype /Link >>\nendobj\ntrailer << /Root 1 0 R /Info << /Title (" . words(2) . ") /Producer (x) >> >>\n%%EOF\n" }
sub uu
{
	my ($name, $octets) = @_;
	return "begin 644 $name\n" . pack('u', $octets) . "`\nend\n";
}
my %content = (gif => sub { gif(rnd(900), rnd(700)) }, png => sub { png(rnd(900), rnd(700)) }, jpg => sub { jpeg(rnd(900), rnd(700)) }, pdf => \&pdf, zip => sub { zip('a.exe') },
	exe => sub { 'MZ' . "\0" x 100 . 'This program' }, doc => sub { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" . 'x' x 600 }, txt => sub { paragraph(2) }, html => sub { '<html><body>' . sentence() . '<a href="http://att.example.com/">x</a></body></html>' },
	htm => sub { '<b>' . sentence() . '</b>' }, scr => sub { 'MZ' }, js => sub { 'var x;' }, rtf => sub { '{\rtf1 ' . words(4) . '}' }, csv => sub { "a,b\n1,2\n" }, ics => sub { "BEGIN:VCALENDAR\nEND:VCALENDAR\n" }, vcf => sub { "BEGIN:VCARD\nFN:x\nURL:http://v.example.com/\nEND:VCARD\n" },
	docm => sub { zip('word/vbaProject.bin') }, iso => sub { "\0" x 500 . 'CD001' }, rar => sub { "Rar!\x1a\7\0" . 'x' x 50 }, shtml => sub { '<i>' . words(3) . '</i>' }, eml => sub { mail(top(), leaf('text/plain', '', sentence())) }, wmf => sub { "\xd7\xcd\xc6\x9a" });
my @names = ('"%s"', '%s', '"=?utf-8?B?44GC44GE?=.%s"', "\"a b c.%s\"", "\"..\\\\b.%s\"", "\"x.pdf.%s\"", "'%s'", "\"\xe9t\xe9.%s\"", "\"caf\xc3\xa9.%s\"", "\"long" . 'x' x 120 . ".%s\"", "\"a.%s \"", "\"a. %s\"", "\"=?iso-2022-jp?B?GyRCJDMkcxsoQg==?=.%s\"", '"unfinished.%s', "\"a;b.%s\"", "\"a\\\"b.%s\"", "\"\n\tfolded.%s\"");
my @types = qw(application/octet-stream application/pdf image/gif image/jpeg application/zip application/x-msdownload text/plain text/html application/msword x/y image application/vnd.ms-excel);

sub parameter
{
	my ($key, $ext) = @_;
	my $name = sprintf pick(@names), $ext;
	$name = sprintf $name, $ext if $name =~ /%s/;
	return pick("$key=$name", "$key=$name", "$key*=utf-8''%e3%81%82%20b.$ext", "$key*0=\"first part \"; $key*1=\"second.$ext\"", "$key*0*=iso-8859-1'fr'%e9t%e9; $key*1=\".$ext\"", "$key =$name", uc($key) . "=$name", "$key=\"\"", "$key*1=\"b.$ext\"; $key*0=\"a\"");
}
sub attachment
{
	my ($ext) = @_;
	$ext //= pick(sort keys %content);
	my $type = pick(@types);
	return leaf($type . pick(';', ';', '') . pick(' ', "\n\t") . pick(parameter('name', $ext), ''), pick('base64', 'base64', 'quoted-printable', '8bit'), $content{$ext}->(),
		pick('Content-Disposition: ' . pick('attachment', 'inline', 'ATTACHMENT') . '; ' . parameter('filename', $ext), 'Content-Disposition: attachment', 'X-Attachment-Id: f_' . rnd(99)), chance(30) ? 'Content-ID: <img' . rnd(9) . '@example.com>' : ());
}
sub with { my @parts = @_; return mail(top(), multipart(pick(qw(mixed mixed related)), leaf('text/' . pick('plain', 'html'), '', sentence() . "\n"), @parts)) }

my %special = (
	'uu-text' => sub { mail(top(), leaf('text/plain', '', sentence() . "\n\n" . uu('a.exe', 'MZ' . 'x' x 500) . sentence() . "\n")) },
	'uu-only' => sub { mail(top(), "\n" . uu('b.gif', gif(20, 20))) },
	'uu-cte' => sub { mail(top(), "Content-Type: application/octet-stream; name=c.doc\nContent-Transfer-Encoding: x-uuencode\n\n" . uu('c.doc', 'x' x 200)) },
	'uu-html' => sub { mail(top(), leaf('text/html; charset=us-ascii', 'x-uuencode', uu('d.html', '<b>' . sentence() . '</b>'))) },
	'yenc' => sub { mail(top(), leaf('text/plain', '8bit', "=ybegin line=128 size=300 name=x.bin\n" . join('', map { chr(($_ * 7 + 42) % 256) =~ s/[\0\n\r=]/=\x7d/r } 1 .. 300) . "\n=yend size=300 crc32=12345678\n")) },
	'binhex' => sub { mail(top(), leaf('application/mac-binhex40; name=x.hqx', '7bit', "(This file must be converted with BinHex 4.0)\n:" . 'abcdefgh' x 30 . ":\n")) },
	'tnef' => sub { with(leaf('application/ms-tnef; name="winmail.dat"', 'base64', "\x78\x9f\x3e\x22" . 'x' x 300, 'Content-Disposition: attachment; filename="winmail.dat"')) },
	'smime-signed' => sub { mail(top(), multipart('signed; protocol="application/x-pkcs7-signature"; micalg=sha-256', leaf('text/plain', '', sentence() . "\n"), leaf('application/x-pkcs7-signature; name="smime.p7s"', 'base64', "\x30\x80" . 'x' x 300))) },
	'smime-enveloped' => sub { mail(top(), leaf('application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"', 'base64', "\x30\x80" . 'x' x 300)) },
	'smime-opaque' => sub { mail(top(), leaf('application/x-pkcs7-mime; smime-type=signed-data', 'base64', "\x30\x80" . 'x' x 300)) },
	'pgp-mime' => sub { mail(top(), multipart('signed; protocol="application/pgp-signature"; micalg=pgp-sha1', leaf('text/plain', '', sentence() . "\n"), leaf('application/pgp-signature; name="signature.asc"', '', "-----BEGIN PGP SIGNATURE-----\n\niQEz" . 'x' x 60 . "\n-----END PGP SIGNATURE-----\n"))) },
	'pgp-encrypted' => sub { mail(top(), multipart('encrypted; protocol="application/pgp-encrypted"', leaf('application/pgp-encrypted', '', "Version: 1\n"), leaf('application/octet-stream; name=encrypted.asc', '', "-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n"))) },
	'pgp-inline' => sub { mail(top(), leaf('text/plain', '', "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" . sentence() . "\n- -- \n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n")) },
	'pgp-key' => sub { with(leaf('application/pgp-keys', '', "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQEN\n-----END PGP PUBLIC KEY BLOCK-----\n")) },
	'image-only' => sub { mail(top(), leaf('image/gif; name=x.gif', 'base64', gif(600, 400))) },
	'image-html' => sub { mail(top(), multipart('related', leaf('text/html', '', '<html><body><img src="cid:a"></body></html>'), leaf('image/png; name=x.png', 'base64', png(500, 500), 'Content-ID: <a>'))) },
	'images-many' => sub { with(map { leaf("image/gif; name=$_.gif", 'base64', gif(100 * $_, 300)) } 1 .. 5) },
	'image-broken' => sub { with(leaf('image/gif; name=x.gif', 'base64', 'GIF8'), leaf('image/png; name=y.png', 'base64', "\x89PNG"), leaf('image/jpeg; name=z.jpg', 'base64', "\xff\xd8\xff"), leaf('image/jpeg', 'base64', '')) },
	'image-large' => sub { with(leaf('image/jpeg; name=z.jpg', 'base64', jpeg(3000, 2000)), leaf('image/png; name=y.png', 'base64', png(65535, 70000))) },
	'image-wrong-type' => sub { with(leaf('image/gif; name=x.gif', 'base64', png(100, 100)), leaf('image/png', 'base64', jpeg(100, 100)), leaf('application/octet-stream; name=a.gif', 'base64', gif(100, 100))) },
	'pdf-only' => sub { mail(top(), leaf('application/pdf; name="' . words(1) . '.pdf"', 'base64', pdf())) },
	'html-plain-name' => sub { with(leaf('text/plain; name="a.html"', 'base64', $content{html}->()), leaf('application/octet-stream; name=b.htm', 'base64', $content{html}->()), leaf('image/gif; name="c.SHTML"', 'base64', $content{shtml}->())) },
	'shell-archive' => sub { mail(top(), leaf('text/plain', '', "#!/bin/sh\n# This is a shell archive\necho x\nexit 0\n")) },
	'appledouble' => sub { mail(top(), multipart('appledouble', leaf('application/applefile; name="x"', 'base64', "\0\5\x16\7"), leaf('image/jpeg; name="x.jpg"', 'base64', jpeg(10, 10)))) },
	'no-body' => sub { mail(top(), multipart('mixed', attachment('exe'))) },
);

sub messages
{
	return ((map { my $e = $_; map { ["$e-$_", sub { with(attachment($e), chance(40) ? attachment() : ()) }] } 1 .. 2 } sort keys %content),
		map { [$_, $special{$_}] } sort keys %special);
}

1;
