#!/usr/bin/perl
# PDF files in mail: whole, encrypted, with pictures, with object streams,
# damaged, and some at random out of the lines that PDFInfo looks for (the same
# each time). Written into the folder that is named.
use strict;
use warnings;
use Compress::Zlib qw(compress);
use MIME::Base64 qw(encode_base64);
use MIME::QuotedPrint qw(encode_qp);

my $dir = shift or die "usage: make.pl FOLDER [PATTERN]\n";
my $wanted = shift // q{.};	# names of those that are written
my $seed = 7;

sub random
{
	my ($n) = @_;
	$seed = ($seed * 1103515245 + 12345) % 2147483648;
	return int($seed / 65536) % $n;
}

sub one { return $_[random(scalar @_)] }

# A part: octets, type, name, transfer encoding (base64 if there is none).
sub part
{
	my ($data, $type, $name, $encoding) = @_;
	$type //= 'application/pdf';
	$encoding //= 'base64';
	my $head = "Content-Type: $type" . (defined $name ? "; name=\"$name\"" : '') .
		"\nContent-Transfer-Encoding: $encoding\n\n";
	return $head . encode_base64($data) if $encoding eq 'base64';
	return $head . encode_qp($data) if $encoding eq 'quoted-printable';
	return $head . $data;
}

# A message with a text and parts.
sub mail
{
	my ($file, $text, @parts) = @_;
	return unless $file =~ /$wanted/;
	open my $fh, '>:raw', "$dir/$file.eml" or die "$dir/$file.eml: $!";
	print $fh "Received: from mx.example.net (mx.example.net [198.18.1.7])\n" .
		"\tby mail.example.org with SMTP id x1; Mon, 6 Mar 2023 10:00:00 +0000\n" .
		"From: Ann <ann\@example.net>\nTo: bob\@example.org\nSubject: $file\n" .
		"Date: Mon, 6 Mar 2023 10:00:00 +0000\nMessage-ID: <$file\@example.net>\n" .
		"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n",
		"--b\nContent-Type: text/plain\n\n$text\n",
		(map { "--b\n$_\n" } @parts), "--b--\n";
	close $fh or die "$dir/$file.eml: $!";
}

# A small but real file: objects, a table of where they are, a trailer.
sub pdf
{
	my ($info, $extra, %how) = @_;
	my @objects = ("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page\n/Parent 2 0 R\n/MediaBox[0 0 612 792]\n/Contents 4 0 R>>",
		"<</Length 20>>\nstream\n0 0 m 100 100 l S Q\n\nendstream", "<<\n$info\n>>");
	push @objects, @{$how{objects}} if $how{objects};
	my $out = "%PDF-" . ($how{version} // '1.4') . "\n%\xe2\xe3\xcf\xd3\n$extra";
	my @at;
	for my $i (0 .. $#objects) {
		push @at, length $out;
		$out .= ($i + 1) . " 0 obj\n$objects[$i]\nendobj\n";
	}
	my $xref = length $out;
	$out .= "xref\n0 " . (@objects + 1) . "\n0000000000 65535 f \n" .
		join('', map { sprintf "%010d 00000 n \n", $_ } @at) .
		"trailer\n<</Size " . (@objects + 1) . "/Root 1 0 R/Info 5 0 R\n" .
		($how{encrypt} // '') . ">>\nstartxref\n$xref\n%%EOF\n";
	return $out;
}

my $info = "/Title(Invoice 2023)\n/Author(Ann Example)\n/Creator(Writer)\n" .
	"/Producer(LibreOffice 7.4)\n/CreationDate(D:20230306100000+01'00')\n/ModDate(D:20230307)";
my $picture = "<</Type/XObject/Subtype/Image\n/Filter/DCTDecode\n/Width 630/Height 149\n" .
	"/Length 4>>\nstream\n\xff\xd8\xff\xd9\nendstream";
my $placed = "<</Subtype /Image>>\n630 0 0 149 0 0 cm\n";

mail('plain', 'hello', part(pdf($info, ''), undef, 'invoice.pdf'));
mail('none', 'hello', part('GIF89a', 'image/gif', 'x.gif'));
mail('picture', 'hello there', part(pdf($info, '', objects => [$picture]), undef, 'pic.pdf'));
mail('placed', 'hello there', part(pdf($info, $placed), undef, 'placed.pdf'));
mail('two-pictures', 'hello',
	part(pdf($info, $placed . "/Image\n100 0 0 50 0 0 cm\n", objects => [$picture]),
		undef, 'two.pdf'));
mail('two-files', 'hello', part(pdf($info, $placed), undef, 'a.pdf'),
	part(pdf("/Title(Second)", $placed x 3, version => '1.7'), undef, 'b.pdf'));
mail('own-lines', 'hello', part(pdf($info, "/Image\n/Width 630\n/Height 149\n"), undef, 'w.pdf'));
mail('encrypted', 'hello',
	part(pdf($info, '', encrypt => "/Encrypt 6 0 R\n"), undef, 'locked.pdf'));
mail('encrypt-inside', 'hello',
	part(pdf($info, '', encrypt => "/ID[<00>]/Encrypt 6 0 R\n"), undef, 'unlocked.pdf'));
mail('object-stream', 'hello', part(pdf('/N 1', '', version => '1.5', objects => [
	"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode>>\nstream\n" .
	compress("6 0 <</Title(Hidden)/Author(Nobody)/URI(http://hidden.example.com/)>>") .
	"\nendstream"]), undef, 'packed.pdf'));
(my $cr = pdf($info, $placed, encrypt => "/Encrypt 6 0 R\n")) =~ tr/\n/\r/;
mail('cr', 'hello', part($cr, undef, 'mac.pdf'));
(my $crlf = pdf($info, $placed, encrypt => "/Encrypt 6 0 R\n")) =~ s/\n/\r\n/g;
mail('crlf', 'hello', part($crlf, undef, 'dos.pdf'));
mail('crlf-qp', 'hello', part($crlf, undef, 'dos.pdf', 'quoted-printable'));
mail('seven-bit', 'hello', part("%PDF-1.3\n/Title(Seven)\n/Author(Bits)\n", undef, 'plain7.pdf', '7bit'));
mail('no-mark', 'hello', part('no mark at all', undef, 'empty.pdf'));
mail('mark-1024', 'hello', part(('x' x 1024) . "%PDF-1.2\n/Title(Late)\n", undef, 'late.pdf'));
mail('mark-1025', 'hello', part(('x' x 1025) . "%PDF-1.2\n/Title(Too late)\n", undef, 'toolate.pdf'));
mail('marks', 'hello', part("%PDF-1.2\n%PDF-1.9\n%PDF-x\n/Title(Marks)\n", undef, 'marks.pdf'));
mail('bom', 'hello', part("\xef\xbb\xbf%PDF-1.4\n/Title(Marked)\n", undef, 'bom.pdf'));
mail('nothing', 'hello', part('', undef, 'nothing.pdf'));
mail('octets', 'hello', part(pdf($info, ''), 'application/octet-stream', 'octets.PDF'),
	part(pdf($info, ''), 'application/octet-stream', 'form.fdf'),
	part(pdf($info, ''), 'application/octet-stream', 'winmail.dat'),
	part(pdf($info, ''), 'image/octet-stream', 'odd.pdf'),
	part(pdf($info, ''), 'image/pdf', 'odd.img'));
mail('other-types', 'hello', part(pdf($info, ''), 'application/x-pdf', 'other.pdf'),
	part(pdf($info, ''), 'text/plain', 'other2.pdf'), part(pdf($info, ''), 'audio/pdf', 'o.pdf'));
mail('no-name', 'hello', part(pdf($info, '')));
mail('name-0', 'hello', part(pdf($info, ''), undef, '0'));
mail('empty-body', '', part(pdf($info, $placed), undef, 'alone.pdf'));
mail('short-body', 'hi', part(pdf($info, ''), undef, 'short.pdf'));
mail('cut', 'hello', part(substr(pdf($info, '', objects => [$picture]), 0, 300), undef, 'cut.pdf'));
mail('bad-base64', 'hello', "Content-Type: application/pdf; name=bad.pdf\n" .
	"Content-Transfer-Encoding: base64\n\n" .
	substr(encode_base64(pdf($info, $placed)), 0, 201) . "\n*=*\n");
mail('values', 'hello', part("%PDF-1.6\n/Title<FEFF0048006900200074006F0070>\n" .
	"/Author ( An\\(n\\) \\\\ B )\n/Creator (\\376\\377\\000H\\000P\\000_\\000A)\n" .
	"/Producer  <fffe4100 4200zz43>\n/Title   (three blanks)\n/Author(open\n/Title()\n" .
	"<</Title(a)/Title(b)/Author(c\\)d)/ModDate (D:2001)/CreationDate(D:x)>>\n" .
	"/Author(" . ('long ' x 100) . ")\n/Creator(\\\\101\\102)\n/Title(x\\\\)y)\n", undef, 'values.pdf'));
mail('uris', 'hello', part("%PDF-1.6\n<</S/URI/URI(http://www.one.example.com/a)>>\n" .
	"<</A<</S /URI  /URI  (http://two.example.org/\\(b\\))/Title(not after this)>>\n" .
	"  /URI (http://three.example.net/c)\n/Author(after)/URI(http://four.example.com/d)\n" .
	"/A<</URI(http://five.example.com/e12345)>>\n/URI<687474703a2f2f782e6578616d706c652e636f6d>\n" .
	"/URI<.687474703a2f2f7369782e6578616d706c652e636f6d2f66>\n/URI(nodot)/Title(skipped)\n" .
	"/URI(http://nul.exa\\000mple.com/)/Title(skipped too)\n(http://sh.ort)>>/Title(Short)\n" .
	"(https://long.example.com/" . ('y' x 300) . ")>>\n(https://eight.example.com/)>>)>>/Title(T)\n" .
	"/URI(javascript:a.b)\n/S/URI/URI/URI(x.y)(http://seven.example.com/g)>>\n" .
	"/URI(eight.example.info/h)\n", undef, 'uris.pdf'));
mail('many-uris', 'hello', part("%PDF-1.6\n" .
	join('', map { "/URI(http://n$_.example.com/)/Author(a$_)\n" } 1 .. 25), undef, 'many.pdf'));
mail('sizes', 'hello', part("%PDF-1.6\n" . join('', map { "/Image\n$_\n" } "007 0 0 8 0 0 cm",
	"0 0 0 8 0 0 cm", "00 0 0 8 0 0 cm", "5000000000 0 0 5000000000 0 0 cm",
	"18446744073709551615 0 0 1 0 0 cm", "1 2 3 4 5 6  cm", "1\t2 3 40 5 6\tcm", "1 2 3 4 5 cm",
	"x/Width 12/Height 13", "/Width 12/Height 13", "/Width  14/Height 15",
	"/Width 5/Width 16/Height 17 ", "a/Width 18/Width 19/Height 20x"), undef, 'sizes.pdf'));
mail('late-stream', 'hello', part("%PDF-1.6\n" . join('', map { "/Line$_ x  \n" } 1 .. 80) .
	"stream\n/After\n", undef, 'late-stream.pdf'));
mail('early-stream', 'hello', part("%PDF-1.6\nstream\n/After\n\n\n  \n/Again\n", undef, 'early.pdf'));
mail('mark-only', 'hello', part("%PDF-1.6", undef, 'markonly.pdf'));
mail('zero', 'hello', part("%PDF-1.6\n0\n", undef, 'zero.pdf'));

my @bits = ('/Image', '/Subtype/Image', '/Width 10/Height 20', '10 0 0 20 0 0 cm', '/Width 3',
	'/Height 4', '/Encrypt 1 0 R', '/Title(x)', '/Title<41.42>', '/Author (A', ')', '\\)', '>',
	'/Creator<', '/Producer(P\\', '/ModDate(D:20', '/CreationDate  (D:1', '/URI(', '/S/URI', '/S /URI ',
	'/URI (http://r.example.com/)', '(http://q.example.com/x)>>', '(https://', '.', '>>', '>>',
	'stream', 'endstream', '%', ' ', '  ', "\t", "\r", "\0", "\xfe\xff", '\\376\\377', '\\000', '\\101',
	'(', '<', '0', '12', 'cm', '/', '/S', '/MediaBox', 'obj', '%PDF-1.1', 'http://p.example.org/');
for my $n (1 .. 60) {
	my $data = one("%PDF-1.4\n", "%PDF-1.7 ", "x\n%PDF-1.0\r");
	for (1 .. one(5, 20, 100, 400)) {
		$data .= one(@bits) . one('', '', '', '', "\n", "\n", "\n", ' ', "\r\n");
	}
	mail("random$n", one('', 'hello', 'hello world'), part($data, undef, "r$n.pdf"));
}
