# How the families write messages: header lines, leaves in a charset and a transfer
# encoding, multiparts.
package Mail;

use strict;
use warnings;
use Chance qw(rnd pick chance words sentence paragraph);
use Encode ();
use Exporter 'import';
use MIME::Base64 qw(encode_base64);
use MIME::QuotedPrint qw(encode_qp);

our @EXPORT_OK = qw(mail leaf multipart coded charset_octets word top received address);

sub address { return words(1) . rnd(99) . '@' . pick('example.com', 'example.org', 'mail.example.net', 'example.co.uk') }

sub received
{
	my $host = pick('mail', 'mx', 'out', 'smtp') . rnd(90) . '.example.' . pick('com', 'org', 'net');
	return "Received: from $host ($host [198.18." . rnd(250) . '.' . (1 + rnd(250)) .
		"])\n\tby mx.example.net (Postfix) with ESMTP id " . sprintf('%X', rnd(1e9)) .
		"\n\tfor <user\@example.net>; Tue,  3 Mar 2020 10:11:" . (10 + rnd(50)) . " +0000 (UTC)\n";
}

# The usual header, some lines of which are replaced (undef: left out).
sub top
{
	my %o = @_;
	my @lines = ([From => words(1) . ' <' . address() . '>'], [To => 'user@example.net'], [Subject => words(4)],
		[Date => 'Tue, 3 Mar 2020 10:11:10 +0000'], ['Message-ID' => '<' . rnd(1e9) . '@example.com>'], ['MIME-Version' => '1.0']);
	my $text = exists $o{Received} ? $o{Received} // '' : received();
	for (@lines) {
		my ($name, $value) = @$_;
		$value = delete $o{$name} if exists $o{$name};
		$text .= "$name: $value\n" if defined $value;
	}
	delete $o{Received};
	$text .= "$_: $o{$_}\n" for sort keys %o;
	return $text;
}

# A header and a part, which begins with its own Content- lines.
sub mail { my ($top, $part) = @_; return $top . $part }

# Octets of characters in a charset; names that Encode writes otherwise are known.
my %encode = ('shift_jis' => 'cp932', 'gb2312' => 'euc-cn', 'hz-gb-2312' => 'hz', 'ks_c_5601-1987' => 'cp949',
	'tis-620' => 'iso-8859-11', 'iso-2022-jp' => 'iso-2022-jp', 'x-sjis' => 'cp932', 'windows-31j' => 'cp932', 'gb18030' => 'gbk',
	'iso-2022-jp-1' => 'iso-2022-jp-1', 'iso-2022-jp-2' => '7bit-jis', 'iso-8859-8-i' => 'iso-8859-8',
	'cp51932' => 'euc-jp', 'eucjp-ms' => 'euc-jp');
sub charset_octets
{
	my ($charset, $chars) = @_;
	my $copy = $chars;
	return Encode::encode($encode{lc $charset} // $charset, $copy);
}

sub coded
{
	my ($encoding, $octets) = @_;
	return encode_base64($octets) if $encoding =~ /base64/i;
	return encode_qp($octets) if $encoding =~ /quoted/i;
	return $octets;
}

# An encoded word; b or q.
sub word
{
	my ($charset, $octets, $kind) = @_;
	return "=?$charset?$kind?" . (lc $kind eq 'b' ? encode_base64($octets, '')
		: $octets =~ s/([^A-Za-z0-9 ])/sprintf '=%02X', ord $1/ger =~ tr/ /_/r) . '?=';
}

sub leaf
{
	my ($type, $encoding, $octets, @more) = @_;
	return join '', "Content-Type: $type\n", length $encoding ? "Content-Transfer-Encoding: $encoding\n" : '',
		(map { "$_\n" } @more), "\n", coded($encoding, $octets);
}

sub multipart
{
	my ($kind, @parts) = @_;
	my $b = pick('----=_NextPart_000_' . sprintf('%04X', rnd(65536)), 'b' . rnd(1e8), '=_' . rnd(1e8), '--' . rnd(1e8) . '--', "a'b+c_d,e-f./:=?" . rnd(99));
	return "Content-Type: multipart/$kind;\n\tboundary=\"$b\"\n\n" .
		pick('', "This is a multi-part message in MIME format.\n") . "\n" .
		join('', map { "--$b\n" . (/\n\z/ ? $_ : "$_\n") . "\n" } @parts) . "--$b--\n";
}

1;
