#!/usr/bin/perl
# Office documents in mail: OLE compound files with streams like those of VBA,
# ZIP based ones, RTF, CSV, archives (nested, encrypted, damaged, larger inside
# than outside), and archives damaged at random (the same each time). Written
# into the folder that is named. The ZIP files are put together by hand, since
# no tool would write most of them.
use strict;
use warnings;
use Compress::Raw::Zlib;
use MIME::Base64 qw(encode_base64);
use MIME::QuotedPrint qw(encode_qp);

my $dir = shift or die "usage: make.pl FOLDER [PATTERN]\n";
my $wanted = shift // '.';	# names of those that are written
my $seed = 11;

sub random
{
	my ($n) = @_;
	$seed = ($seed * 1103515245 + 12345) % 2147483648;
	return int($seed / 65536) % $n;
}

sub one { return $_[random(scalar @_)] }

# ---- Mail ----

# A part: octets, name, other headers' values.
sub part
{
	my ($data, $name, %how) = @_;
	my $encoding = $how{encoding} // 'base64';
	my $head = '';
	$head .= "Content-Type: " . ($how{type} // 'application/octet-stream') .
		(defined $name ? "; name=\"$name\"" : '') . "\n" unless $how{no_type};
	$head .= "Content-Disposition: $how{disposition}\n" if $how{disposition};
	$head .= "Content-Transfer-Encoding: $encoding\n" unless $encoding eq '';
	return "$head\n" . ($encoding =~ /^base64/i ? encode_base64($data) :
		$encoding =~ /^quoted/i ? encode_qp($data, "\n", 1) : $data);
}

sub mail
{
	my ($file, @parts) = @_;
	return unless $file =~ /$wanted/;
	open my $fh, '>:raw', "$dir/$file.eml" or die "$dir/$file.eml: $!";
	print $fh "Received: from mx.example.net (mx.example.net [198.18.1.7])\n" .
		"\tby mail.example.org with SMTP id x1; Mon, 6 Mar 2023 10:00:00 +0000\n" .
		"From: Ann <ann\@example.net>\nTo: bob\@example.org\nSubject: $file\n" .
		"Date: Mon, 6 Mar 2023 10:00:00 +0000\nMessage-ID: <$file\@example.net>\n" .
		"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n",
		"--b\nContent-Type: text/plain\n\nhello\n", (map { "--b\n$_\n" } @parts), "--b--\n";
	close $fh or die "$dir/$file.eml: $!";
}

# ---- OLE compound files ----

sub sectors { my ($s) = @_; return $s . "\0" x (-length($s) % 512) }

sub entry
{
	my ($name, $type, $child, $right, $start, $size) = @_;
	my $wide = join '', map { "$_\0" } split //, $name;
	return pack('a64 v C C V V V a16 V a8 a8 V V V', $wide, $name eq '' ? 0 : length($wide) + 2,
		$type, 1, 0xffffffff, $right, $child, '', 0, '', '', $start, $size, 0);
}

# Streams (name, text) behind a root entry, each of its own sectors; the folder
# first, so that it lies in the first 2000 octets.
sub ole
{
	my @streams = @_;
	my $entries = 1 + @streams / 2;
	my $folder = int(($entries + 3) / 4);
	my ($names, $data, $next) = (entry('Root Entry', 5, 1, 0xffffffff, 0xfffffffe, 0), '', 1 + $folder);
	my @fat = (0xfffffffd, (map { $_ < $folder ? $_ + 1 : 0xfffffffe } 1 .. $folder));
	for (my $i = 0; $i < @streams; $i += 2) {
		my $text = $streams[$i + 1];
		$text .= "\0" x (4096 - length $text) if length $text < 4096;
		my $n = length(sectors($text)) / 512;
		$names .= entry($streams[$i], 2, 0xffffffff, $i + 2 < @streams ? $i / 2 + 2 : 0xffffffff,
			$next, length $text);
		push @fat, map { $_ < $n ? $next + $_ : 0xfffffffe } 1 .. $n;
		$data .= sectors($text);
		$next += $n;
	}
	push @fat, (0xffffffff) x (128 - @fat) if @fat < 128;
	die "too large" if @fat > 128;
	return sectors(pack('a8 a16 v5 a6 V6 V3', "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", '', 0x3e, 3,
		0xfffe, 9, 6, '', 0, 1, 1, 0, 4096, 0xfffffffe, 0, 0xfffffffe, 0) .
		pack('V*', 0, (0xffffffff) x 108)) . pack('V*', @fat) . sectors($names) . $data;
}

my $vba = "\x01\x16\x03\x00\x01\0Attribut\0e VB_Nam\0e = \"ThisDocument\"\r\nSub AutoOpen()";
my $calm = "\x01\x16\x03\x00\x01\0Attribut\0e VB_Nam\0e = \"Module1\"\r\nSub Other()";
my $word = ole('WordDocument', 'text', '_VBA_PROJECT', $vba);
my $word_calm = ole('WordDocument', 'text', 'Module1', $calm);
my $word_plain = ole('WordDocument', 'text');
my $excel_plain = ole('Workbook', 'cells');
my $native = ole('WordDocument', 'text', "\x01Ole10Native", 'object');
my $locked = ole('EncryptionInfo', '<encryption xmlns="x">', 'EncryptedPackage', 'secret');
my $xls_locked = ole('EncryptionInfo', 'x', 'EncryptedPackage', 'secret', 'Workbook', 'x');

# An OLE file's beginning with one octet set.
sub octet { my ($s, $at, $c) = @_; substr($s, $at, 1) = $c; return $s }

my $blank = "\xd0\xcf\x11\xe0" . ' ' x 3000;

# ---- ZIP archives ----

sub crc { return crc32($_[0]) }

sub deflated
{
	my ($d) = Compress::Raw::Zlib::Deflate->new(-WindowBits => -MAX_WBITS, -AppendOutput => 1);
	my $out = '';
	$d->deflate($_[0], $out);
	$d->flush($out);
	return $out;
}

# Members are [name, text, key => value...]: method, flags, local_flags, crc,
# packed, size, offset, local (name in the local header), extra, lextra,
# descriptor ('sig', 'bare', 'bad'), raw (packed text). The archive's own:
# before, comment, directory_size, directory_offset, count, tail.
sub zip
{
	my ($members, %how) = @_;
	my ($out, $directory) = ($how{before} // '', '');
	my $base = $how{shifted} ? length $out : 0;
	for my $m (@$members) {
		my ($name, $text, %o) = @$m;
		my $method = $o{method} // 8;
		my $packed = $o{raw} // ($method == 8 ? deflated($text) : $text);
		my $crc = $o{crc} // crc($text);
		my $flags = ($o{flags} // 0) | ($o{descriptor} ? 8 : 0);
		my $size = $o{size} // length $text;
		my $csize = $o{packed} // length $packed;
		my $local = $o{local} // $name;
		my ($extra, $lextra) = ($o{extra} // '', $o{lextra} // '');
		my $at = length($out) - $base;
		$out .= pack('V v3 V V V V v2', 0x04034b50, 20, $o{local_flags} // $flags, $method, 0,
			$o{descriptor} ? (0, 0, 0) : ($o{local_crc} // $crc, $csize, $o{local_size} // $size),
			length $local, length $lextra) . $local . $lextra . $packed;
		$out .= ($o{descriptor} eq 'bare' ? '' : "PK\7\x08") . pack('V3',
			$o{descriptor} eq 'bad' ? $crc ^ 1 : $crc, $csize, $size) if $o{descriptor};
		$directory .= pack('V v4 V V V V v5 V2', 0x02014b50, 20, 20, $flags, $method, 0,
			$o{dir_crc} // $crc, $csize, $size, length $name, length $extra, 0, $o{disk} // 0, 0,
			0, $o{offset} // $at) . $name . $extra;
	}
	my $at = length($out) - $base;
	my $n = $how{count} // scalar @$members;
	if ($how{zip64}) {
		my $end = length($out) + length $directory;
		return $out . $directory . pack('V Q< v2 V2 Q<4', 0x06064b50, 44, 45, 45, 0, 0, $n, $n,
			length $directory, $at) . pack('V V Q< V', 0x07064b50, 0, $end, 1) .
			pack('V v4 V2 v', 0x06054b50, 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0);
	}
	my $comment = $how{comment} // '';
	return $out . $directory . pack('V v4 V2 v', 0x06054b50, 0, 0, $n, $n,
		$how{directory_size} // length $directory, $how{directory_offset} // $at,
		$how{comment_length} // length $comment) . $comment . ($how{tail} // '');
}

my $types = ['[Content_Types].xml', '<Types><Default Extension="xml"/></Types>'];
my $types_macro = ['[Content_Types].xml', '<Types><Override PartName="/word/vbaProject.bin" ' .
	'ContentType="application/vnd.ms-office.vbaProject"/></Types>'];
my $document = ['word/document.xml', '<w:document/>'];
my $project = ['word/vbaProject.bin', "\0\0Sub Document_Open()\0"];

sub rels
{
	return ['word/_rels/settings.xml.rels', "<?xml version=\"1.0\"?>\n<Relationships>" .
		join('', map { "<Relationship Id=\"r\" Type=\"t\" Target=\"$_\" TargetMode=\"External\"/>" } @_) .
		'</Relationships>'];
}

my $docx = zip([$types, $document]);
my $docm = zip([$types_macro, $document, $project]);

# ---- Documents as parts ----

mail('none', part('GIF89a', 'x.gif', type => 'image/gif'));
mail('doc', part($word, 'invoice.doc'));
mail('doc-calm', part($word_calm, 'letter.doc'));
mail('doc-plain', part($word_plain, 'plain.doc'));
mail('xls-plain', part($excel_plain, 'plain.xls'));
mail('doc-native', part($native, 'object.doc'));
mail('doc-locked', part($locked, 'locked.docx'));
mail('xls-locked', part($xls_locked, 'locked.xlsx'));
mail('doc-cut', part(substr($word, 0, 700), 'cut.doc'));
mail('doc-0x208', part(octet($blank, 0x208, "\xfe"), 'a.doc'));
mail('doc-0x214', part(octet($blank, 0x214, '/'), 'a.doc'));
mail('doc-0x20b', part(octet($blank, 0x20b, "\x13"), 'a.doc'));
mail('doc-blank', part($blank, 'a.doc'));
mail('doc-workbook', part(octet($excel_plain, 0x208, "\xfe"), 'a.xls'));
mail('doc-spaced', part("\xd0\xcf\x11\xe0" . 'E\\0n\\0c\\0r\\0y\\0p\\0t\\0e\\0d\\0P\\0a\\0c\\0k\\0a\\0g\\0e', 'a.doc'));
mail('doc-spaced-2', part("\xd0\xcf\x11\xe0 E E n c r y p t e d P a\\0c k a g e", 'a.doc'));
mail('doc-spaced-not', part("\xd0\xcf\x11\xe0 E n c r y p t e d  P a c k a g e", 'a.doc'));
mail('doc-encryption', part("\xd0\xcf\x11\xe0" . 'x' x 5000 . '<ENCRYPTION xmlns', 'a.doc'));
mail('docx', part($docx, 'plain.docx'));
mail('docm', part($docm, 'macro.docm'));
mail('docm-as-docx', part($docm, 'macro.docx'));
mail('docm-empty', part('x', 'macro.docm'));
mail('docx-types', part(zip([$types_macro, $document]), 'types.docx'));
mail('docx-enabled', part(zip([['[Content_Types].xml', 'application/vnd.MACROENABLED.12']]), 'e.docx'));
mail('xlsx-sheet', part(zip([['[Content_Types].xml', 'application/vnd.ms-excel.intlmacrosheet+xml']]), 'e.xlsx'));
mail('types-twice', part(zip([$types, $types_macro]), 'twice.docx'));
mail('xlsx-embedded', part(zip([$types, ['xl/embeddings/oleObject1.bin', $native]]), 'embedded.xlsx'));
mail('xlsx-upper', part(zip([['XL/VBAPROJECT.BIN', 'Sub Workbook_Open()']]), 'upper.xlsx'));
mail('pptm', part(zip([['ppt/vbaProject.bin', 'Sub Auto_Open']]), 'talk.ppt'));
mail('docx-97', part(zip([['Macros/VBA/_VBA_PROJECT', 'x']]), 'a.docx'));
mail('docx-rtf', part(zip([$types, ['word/afchunk.rtf', '{\\rtf1}']]), 'rtf.docx'));
mail('docx-rtf-not', part(zip([$types, ['word/.rtf', 'x'], ['word/x.rtfx', 'x'],
	['word/' . 'x' x 51 . '.rtf', 'x'], ["word/a\nb.rtf", 'x']]), 'rtf.docx'));
mail('docx-rtf-50', part(zip([['word/' . 'x' x 50 . '.rtf.bak', 'x']]), 'rtf.docx'));
mail('docx-rtf-utf8', part(zip([['word/' . "\xc3\xa9" x 50 . '.rtf', 'x', flags => 0x800]]), 'rtf.docx'));
mail('docx-rtf-latin', part(zip([['word/' . "\xc3\xa9" x 50 . '.rtf', 'x']]), 'rtf.docx'));
mail('rtf', part("{\\rtf1 {\\object\\objemb}}", 'a.rtf'));
mail('rtf-data', part("{\\rtf1 {\\object{\\*\\objdata 01}}}", 'a.rtf'));
mail('rtf-blank', part("{\\rtf1 {\\ objdata 01}}", 'a.rtf'));
mail('rtf-plain', part("{\\rtf1 hello}", 'a.rtf'));
mail('xml-macro', part('<w:wordDocument w:macrosPresent="yes">AutoOpen', 'a.doc'));
mail('xml-rels', part('x vbaProject.bin.rels x', 'a.doc'));
mail('csv', part("=MSEXCEL|'\\..\\..\\Windows\\System32\\cmd.exe '!A1", 'list.csv'));
mail('csv-not', part("=MSEXCEL|Windows\\System32\\cmd.exe", 'list.csv'),
	part("MSEXCEL|" . 'x' x 21 . 'Windows\\System32\\cmd.exe', 'b.csv'),
	part("MSEXCEL|x\nWindows\\System32\\cmd.exe", 'c.csv'));
mail('csv-20', part("MSEXCEL|" . 'x' x 20 . 'Windows\\System32\\cmd.exe', 'LIST.CSV'));

# ---- Links and downloads ----

mail('redirect', part(zip([$types, rels('http://www.redirect.example.com/t.dotm')]), 'r.docx'));
mail('redirect-many', part(zip([rels(map { "https://n$_.example.org/" } 1 .. 12)]), 'r.docx'));
mail('mhtml', part(zip([$types, rels('mhtml:http://mhtml.example.com/a!x')]), 'm.docx'));
mail('mhtml-entities', part(zip([rels('MHTML:&#x48;&#x54;&#x50;&#x3a;&#x5c;&#x5c;&#x31;&x')]), 'm.docx'));
mail('mhtml-not', part(zip([rels('xmhtml:http://a.example.com/', 'file:///c:/x', 'mhtml:ftp://b.example.com/')]), 'm.docx'));
mail('rel-inside', part(zip([['_rels/.rels', '<Relationship Target="http://in.example.com/"/>' .
	'<Relationship  target="HTTP://case.example.com/" x targetmode="external">']]), 'r.docx'));
mail('rel-empty', part(zip([['a.rels', '']]), 'r.docx'), part(zip([['a.rels', 'Relationship ' x 3]]), 'r2.bin'));
mail('rel-odd', part(zip([['x.RELS', 'Target="http://no.example.com/" TargetMode="External"'],
	['y.rels.bak', "Target=\"http://\nyes.example.com/\"\nTargetMode=\"External\""]]), 'r.docx'));
my $path = 'aaaaaaaaaaaa';
mail('exe', part("x\0http://dl.example.com/$path.exe\0", 'a.doc'));
mail('exe-bat', part("x\0HTTPS://dl.example.com/$path.BAT\x06", 'a.xls'));
mail('exe-any', part("x\0http://dl.example.com/${path}Xcmd|", 'a.xls'));
mail('exe-not', part("http://dl.example.com/$path.exe\0\0http://dl/.exe\0\0http://dl.example.com/$path.exe ", 'a.doc'));
mail('exe-short', part("\0http://a.b/c/d.exe\0", 'a.doc'), part("\0http://1234567890.exe\0", 'b.doc'));
mail('exe-9', part("\0http://123456789.exe\0", 'b.doc'));
mail('exe-tail', part("\0http://12345678.9,.;exe\0", 'b.doc'), part("\0http://abcdefgh.ijkl.exe\0", 'c.doc'));
mail('exe-2000', part("\0http://" . 'a' x 2000 . ".exe\0", 'b.doc'));
mail('exe-2001', part("\0http://" . 'a' x 2001 . ".exe\0", 'b.doc'));
mail('exe-newline', part("\0http://dl.example.com/$path\nexe\0", 'b.doc'));
mail('exe-middle', part("\0http://" . ',' x 500 . 'a' x 1000 . ".exe\0", 'b.doc'));
mail('exe-commas', part("\0http://" . ',' x 1001 . 'a' x 100 . ".exe\0", 'b.doc'));
mail('download', part('cmd /c ms^h^ta ht^tp:/^/x', 'a.doc'));
mail('download-exe', part('x cmd.exe /c ms^h^ta ht^tps:/^/x', 'a.xlsm'));
mail('download-case', part('CMD /c ms^h^ta ht^tp:/^/x', 'a.doc'));
mail('download-function', part("URLDownloadToFileA\0http://dl.example.com/$path.exe\0", 'a.doc'));

# ---- Which parts ----

mail('upper-ext', part($word, 'INVOICE.DOC'));
mail('skip-ext', part($docm, 'talk.pptx'));
mail('text-type', part($word, 'a.doc', type => 'text/plain'));
mail('text-upper', part($word, 'a.doc', type => 'TEXT/X'));
mail('no-type', part($word, undef, no_type => 1, disposition => 'attachment; filename=a.doc'));
mail('qp', part($word, 'a.doc', encoding => 'quoted-printable'));
mail('qp-upper', part($word, 'a.doc', encoding => 'Quoted-Printable'));
mail('eight-bit', part("\xd0\xcf\x11\xe0 x \0Attribut\0", 'a.doc', encoding => '8bit'));
mail('no-encoding', part('\\objdata', 'a.rtf', encoding => ''));
mail('base64-blank', part($word, 'a.doc', encoding => 'base64 '));
mail('no-name', part($word));
mail('disposition', part($word, undef, disposition => 'attachment; filename="a.doc"'));
mail('two-names', part($word, 'a.txt', disposition => 'attachment; filename="a.doc"'));
mail('two-names-2', part($word, 'a.doc', disposition => 'attachment; filename="a.txt"'));
mail('name-quotes', part($word, undef, disposition => "attachment; filename='a.doc'"));
mail('name-blanks', part($word, undef, disposition => "attachment; filename = a.doc   ; x=y"));
mail('name-folded', part($word, undef, disposition => "attachment;\n\tfilename=\"a\n b.doc\""));
mail('name-encoded', part($word, '=?utf-8?q?caf=C3=A9=2Edoc?='));
mail('name-star', part($word, undef, disposition => "attachment; filename*=utf-8''a.doc"));
mail('name-twice-encoded', part($word, '=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=2Edoc=3F=3D?='), part($docm, 'b.docm'));
mail('after-encoded', part($docm, 'b.docm'), part($word, '=?utf-8?q?=3D=3Futf-8=3Fq=3Fa=2Edoc=3F=3D?='),
	part($locked, 'c.doc'));
mail('name-word', part($word, undef, type => 'application/x-name; xname=a.doc'));
mail('empty', part('', 'a.docm'), part('0', 'b.rtf'));
mail('sixth', (map { part('x', "$_.doc") } 1 .. 5), part($word, '6.doc'));
mail('fifth', (map { part('x', "$_.doc") } 1 .. 4), part($word, '5.doc'));
mail('others-free', (map { part('x', "$_.gif") } 1 .. 9), part($word, '10.doc'));
mail('limit', part("\xd0\xcf\x11\xe0" . 'x' x 1023986 . "\0Attribut\0", 'long.doc'));
mail('limit-over', part("\xd0\xcf\x11\xe0" . 'x' x 1023987 . "\0Attribut\0", 'long.doc'));
mail('inner-mail', "Content-Type: message/rfc822\n\nSubject: x\nMIME-Version: 1.0\n" .
	"Content-Type: application/msword; name=a.doc\nContent-Transfer-Encoding: base64\n\n" .
	encode_base64($word));

# ---- Archives ----

mail('zip-doc', part(zip([['invoice.doc', $word]]), 'a.zip'));
mail('zip-docm', part(zip([['dir/', '', method => 0], ['dir/m.docm', $docm]]), 'a.zip'));
mail('zip-stored', part(zip([['invoice.doc', $word, method => 0]]), 'a.zip'));
mail('zip-zip', part(zip([['b.zip', zip([['invoice.doc', $word]])]]), 'a.zip'));
mail('zip-zip-zip', part(zip([['b.zip', zip([['c.zip', zip([['invoice.doc', $word]])]])]]), 'a.zip'));
mail('zip-locked', part(zip([['invoice.doc', $word, flags => 1]]), 'a.zip'));
mail('zip-locked-docm', part(zip([['invoice.docm', $docm, flags => 1]]), 'a.zip'));
mail('zip-locked-skip', part(zip([['talk.pptx', 'x', flags => 1]]), 'a.zip'));
mail('zip-locked-in', part(zip([['b.zip', zip([['c.exe', 'x', flags => 1]])]]), 'a.zip'));
mail('zip-csv', part(zip([['l.csv', "MSEXCEL|xWindows\\System32\\cmd.exe"]]), 'a.zip'));
mail('zip-ninth', part(zip([(map { ["$_.doc", 'x'] } 1 .. 8), ['9.doc', $word]]), 'a.zip'));
mail('zip-eighth', part(zip([(map { ["$_.doc", 'x'] } 1 .. 7), ['8.doc', $word]]), 'a.zip'));
mail('zip-locked-free', part(zip([(map { ["$_.doc", 'x', flags => 1] } 1 .. 9), ['9.doc', $word]]), 'a.zip'));
mail('zip-renamed', part(zip([['a.txt', $word]]), 'a.zip'), part($word, 'b.txt'), part($docm, 'c.txt'));
mail('zip-no-pk', part("xx" . zip([['invoice.doc', $word]]), 'a.zip'), part("xx" . $docm, 'b.docx'));
mail('zip-upper', part(zip([['invoice.doc', $word]]), 'A.ZIP'));
mail('zip-other', part(zip([['invoice.doc', $word]]), 'a.rar'));
mail('zip-as-doc', part(zip([['invoice.doc', $word]]), 'a.doc'));
mail('zip-exe', part(zip([['a.doc', "x\0http://dl.example.com/$path.exe\0"]]), 'a.zip'));
mail('zip-malice', part(zip([$types_macro, ['xl/vbaProject.bin', 'calm'], ['other.bin', 'WorkbookOpen']]), 'a.xlsm'));
mail('zip-malice-alone', part(zip([['other.bin', 'WorkbookOpen']]), 'a.xlsx'));
my $big = "x" x 3000000;
mail('zip-bomb', part(zip([['a.doc', $big . "\\objdata"], ['b.csv', $big]]), 'a.zip'));
mail('zip-bombs', part(zip([['b.zip', zip([map { ["$_.doc", $big] } 1 .. 8])]]), 'a.zip'));

# ---- Odd and damaged archives ----

my @doc = (['invoice.doc', $word]);
mail('odd-comment', part(zip(\@doc, comment => 'hello' x 9), 'a.zip'));
mail('odd-comment-short', part(zip(\@doc, comment_length => 9), 'a.zip'));
mail('odd-tail', part(zip(\@doc, tail => 'x' x 5000), 'a.zip'));
mail('odd-far-tail', part(zip(\@doc, tail => 'x' x 40000), 'a.zip'));
mail('odd-before', part(zip(\@doc, before => 'junk ' x 7, shifted => 1), 'a.zip'));
mail('odd-before-known', part(zip(\@doc, before => 'junk ' x 7), 'a.zip'));
mail('odd-size', part(zip(\@doc, directory_size => 10), 'a.zip'), part(zip(\@doc, directory_size => 1000000), 'b.zip'));
mail('odd-offset', part(zip(\@doc, directory_offset => 10), 'a.zip'));
mail('odd-wide', part(zip(\@doc, count => 0xffff), 'a.zip'));
mail('odd-count', part(zip(\@doc, count => 7), 'a.zip'));
mail('odd-64', part(zip(\@doc, zip64 => 1), 'a.zip'));
mail('odd-64-extra', part(zip([['invoice.doc', $word, packed => 0xffffffff, size => 0xffffffff, offset => 0,
	raw => deflated($word), extra => pack('v2 Q<2', 1, 16, length $word, length deflated($word))]], zip64 => 1), 'a.zip'));
mail('odd-64-full', part(zip([['invoice.doc', $word, extra => pack('v2 Q<3', 1, 24, length $word, length deflated($word), 0),
	lextra => pack('v2 Q<2', 1, 16, 1, 2)]], zip64 => 1), 'a.zip'));
mail('odd-64-bad', part(zip([['invoice.doc', $word, extra => pack('v2 a5', 1, 5, '')]], zip64 => 1), 'a.zip'));
mail('odd-64-bad-2', part(zip([['invoice.doc', $word, extra => 'abc']], zip64 => 1), 'a.zip'));
mail('odd-crc', part(zip([['invoice.doc', $word, crc => 5]]), 'a.zip'));
mail('odd-descriptor', part(zip([['invoice.doc', $word, descriptor => 'sig']]), 'a.zip'));
mail('odd-descriptor-bare', part(zip([['invoice.doc', $word, descriptor => 'bare']]), 'a.zip'));
mail('odd-descriptor-bad', part(zip([['invoice.doc', $word, descriptor => 'bad']]), 'a.zip'));
mail('odd-packed', part(zip([['invoice.doc', $word, packed => 100]]), 'a.zip'));
mail('odd-packed-more', part(zip([['invoice.doc', $word, packed => length(deflated($word)) + 9]]), 'a.zip'));
mail('odd-packed-far', part(zip([['invoice.doc', $word, packed => 70000]]), 'a.zip'));
mail('odd-stored-far', part(zip([['invoice.doc', $word, method => 0, packed => 70000]]), 'a.zip'));
mail('odd-stream', part(zip([['invoice.doc', $word, raw => 'not deflated at all']]), 'a.zip'));
mail('odd-method', part(zip([['invoice.doc', $word, method => 12], ['b.doc', $locked]]), 'a.zip'));
mail('odd-nowhere', part(zip([['invoice.doc', $word, offset => 3], ['b.doc', $locked]]), 'a.zip'));
mail('odd-behind', part(zip([['invoice.doc', $word, offset => 60000], ['b.doc', $locked]]), 'a.zip'));
mail('odd-behind-far', part(zip([['a.doc', 'x', offset => 90000], ['b.doc', $locked, method => 0, packed => 70000]]), 'a.zip'));
mail('odd-directory', part(zip([['a/', '', method => 0, offset => 9], ['b.doc', $word]]), 'a.zip'));
mail('odd-directory-crc', part(zip([['a/', '', method => 0, local_crc => 9], ['b.doc', $word]]), 'a.zip'));
mail('odd-directory-name', part(zip([['a/', '', method => 0, local => 'word\\\\vbaProject.bin'],
	['b.txt', 'x']]), 'a.docx'));
mail('odd-directory-locked', part(zip([['a/', '', method => 0, local_flags => 1, local => 'x.docm']]), 'a.zip'));
mail('odd-empty-name', part(zip([['', 'x'], ['b.doc', $word]]), 'a.zip'));
mail('odd-same-names', part(zip([['b.doc', 'x'], ['b.doc', $word]]), 'a.zip'));
mail('odd-utf8', part(zip([["caf\xc3\xa9.doc", $word, flags => 0x800]]), 'a.zip'));
mail('odd-utf8-bad', part(zip([["caf\xe9.doc", $word, flags => 0x800]]), 'a.zip'));
mail('odd-cut', part(substr(zip(\@doc), 0, -30), 'a.zip'));
mail('odd-cut-end', part(substr(zip(\@doc), 0, -1), 'a.zip'));
mail('odd-cut-front', part('PK' . substr(zip(\@doc), 99), 'a.zip'));
mail('odd-locked-docm', part(zip([$types_macro, ['word/_rels/a.rels', 'x', flags => 1], $project]), 'a.docm'));
mail('odd-end-only', part(zip([]), 'a.zip'), part('PK', 'b.zip'));

# ---- At random ----

my @members = ($types, $types_macro, $document, $project, rels('http://r.example.com/x'),
	['a.doc', $word], ['b.docm', $docm, method => 0], ['c/', '', method => 0], ['d.zip', zip(\@doc)],
	['e.csv', 'MSEXCEL|xWindows\\System32\\cmd.exe'], ['f.rtf', '\\objdata', flags => 1],
	['g.xls', $locked, descriptor => 'sig'], ['h.txt', $word], ['talk.pptx', $docm]);
for my $n (1 .. 60) {
	my $data = zip([map { one(@members) } 1 .. 1 + random(6)], one({}, {}, {zip64 => 1}, {before => 'PK',
		shifted => 1})->%*);
	for (1 .. one(0, 1, 1, 2, 5)) {
		# Rather near the end, where the directory is.
		my $at = one(random(length $data), length($data) - 1 - random(length($data) < 200 ? length $data : 200));
		substr($data, $at, 1) = one(chr random(256), '', "\0", "\xff", 'PK');
	}
	mail("random$n", part($data, one('a.zip', 'a.docx', 'a.docm')));
}
