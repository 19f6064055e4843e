# Octets at random in each charset: in encoded words of header lines and in parts.
# Half of them are of the ranges that the charset's double octets come from, so
# that valid characters, unassigned ones and broken ones follow each other.
package Octets;

use strict;
use warnings;
use Chance qw(rnd pick chance);
use MIME::Base64 qw(encode_base64);
use Mail qw(mail leaf multipart top);

my @charsets = qw(us-ascii utf-8 utf8 utf-8-strict utf-7 utf-16 utf-16le utf-16be utf-32 utf-32le utf-32be ucs-2 ucs-2be ucs2 ucs-4 iso-10646-1 unicode
	iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-9 iso-8859-10 iso-8859-11 iso-8859-13 iso-8859-14
	iso-8859-15 iso-8859-16 latin1 latin2 l1 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258
	windows-874 cp874 cp437 cp850 cp852 cp855 cp866 cp1252 koi8-r koi8-u koi8-f tis-620 viscii macintosh x-mac-cyrillic macroman gsm0338 hp-roman8 nextstep
	iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-kr 7bit-jis jis shift_jis shift-jis sjis x-sjis cp932 windows-31j ms_kanji euc-jp ujis
	eucjp cp51932 eucjp-ms gb2312 euc-cn gbk gb18030 cp936 x-gbk hz hz-gb-2312 iso-ir-165 gb12345-raw big5 big5-eten big5-hkscs cp950 x-x-big5 tcvn
	euc-kr ks_c_5601-1987 ksc5601 cp949 uhc johab maciso x-euc-jp iso_8859-1 iso8859-1 8859-1 cp819 ibm850 ansi_x3.4-1968 x-user-defined x-unknown 8bit
	binary unknown default none ascii iso-646-us cp1047 cp37 posix-bc ebcdic-us armscii-8 georgian-ps cp65001 utf-ebcdic);

my @ranges = (sub { chr(0x81 + rnd(0x7e)) . chr(0x40 + rnd(0xbf)) }, sub { chr(0xa1 + rnd(0x5e)) . chr(0xa1 + rnd(0x5e)) },
	sub { chr(0x20 + rnd(0x5f)) }, sub { chr rnd(256) }, sub { pick("\e\$B", "\e(B", "\e\$)C", "\e(J", "\e(I", "\e\$(D", "\e\$A", "\e\$@", "\x0e", "\x0f", "~{", "~}", "~~", "\e") },
	sub { chr(0x21 + rnd(0x5e)) . chr(0x21 + rnd(0x5e)) }, sub { chr(0xc2 + rnd(0x1e)) . chr(0x80 + rnd(0x40)) }, sub { chr(0xe0 + rnd(16)) . chr(0x80 + rnd(0x40)) . chr(0x80 + rnd(0x40)) },
	sub { chr(0x81 + rnd(0x7e)) . chr(0x30 + rnd(10)) . chr(0x81 + rnd(0x7e)) . chr(0x30 + rnd(10)) }, sub { chr(0x8f) . chr(0xa1 + rnd(0x5e)) . chr(0xa1 + rnd(0x5e)) },
	sub { "\0" . chr(rnd(256)) }, sub { chr(rnd(256)) . "\0" }, sub { pick('+MEI-', '+AGEA', '+', '+-', "\xfe\xff", "\xff\xfe", "\0\0\xfe\xff") });

sub octets
{
	my ($n) = @_;
	my @some = map { pick(@ranges) } 1 .. 1 + rnd(3);
	return join '', map { pick(@some)->() } 1 .. 1 + rnd($n);
}

sub message
{
	my ($charset) = @_;
	my $top = top(Subject => '=?' . $charset . '?B?' . encode_base64(octets(12), '') . '?=');
	$top .= "X-Octets-$_: a =?$charset?B?" . encode_base64(octets(14), '') . "?= b\n" for 1 .. 40;
	return mail($top, multipart('mixed', map { leaf("text/plain; charset=\"$charset\"", 'base64', join "\n", map { octets(20) } 1 .. 1 + rnd(6)) } 1 .. 4));
}

sub messages { return map { my $c = $_; map { ["$c-$_", sub { message($c) }] } 1 .. 2 } @charsets }

1;
