# Mail in many languages, each in all charsets it is written in: under the right
# name, under wrong ones and under none; plain and HTML; every transfer encoding;
# subjects and names in encoded words of both kinds, whole and cut inside of a
# character.
package Charsets;

use strict;
use warnings;
use utf8;
use Chance qw(rnd pick chance words sentence);
use Encode ();
use Mail qw(mail leaf multipart word top charset_octets);

my %languages = (
	ja => ['いつもお世話になっております。来週の会議の資料をお送りします。', 'ｶﾀｶﾅの半角と「記号」、①②③ ㈱例示', 'ご確認のほどよろしくお願いいたします。〜～－‖∥',
		[qw(utf-8 iso-2022-jp shift_jis cp932 windows-31j x-sjis euc-jp eucjp-ms cp51932 iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-ms)]],
	ru => ['Здравствуйте, высылаю отчёт за третий квартал.', 'Счёт № 42 на сумму 1 000 рублей', 'С уважением, бухгалтерия',
		[qw(utf-8 koi8-r koi8-u windows-1251 iso-8859-5 cp866 x-mac-cyrillic)]],
	zh => ['您好，附件是本月的会议纪要，请查收。', '发票号码 12345，金额一百元', '谢谢，祝好！',
		[qw(utf-8 gb2312 gbk gb18030 hz-gb-2312 hz cp936 x-gbk)]],
	tw => ['您好，附件是本月的會議紀錄，請查收。', '發票號碼，金額一百元', '謝謝，祝順心',
		[qw(utf-8 big5 big5-hkscs cp950 x-x-big5)]],
	ko => ['안녕하세요, 회의 자료를 보내드립니다.', '주문 번호와 금액을 확인해 주세요', '감사합니다',
		[qw(utf-8 euc-kr ks_c_5601-1987 iso-2022-kr cp949 johab)]],
	ar => ['السلام عليكم، أرسل لكم تقرير الاجتماع', 'رقم الفاتورة والمبلغ', 'شكرا جزيلا', [qw(utf-8 windows-1256 iso-8859-6)]],
	he => ['שלום, מצורף דוח הישיבה של השבוע', 'מספר חשבונית וסכום', 'תודה רבה', [qw(utf-8 windows-1255 iso-8859-8 iso-8859-8-i)]],
	th => ['สวัสดีครับ ส่งรายงานการประชุมมาให้', 'เลขที่ใบแจ้งหนี้', 'ขอบคุณครับ', [qw(utf-8 tis-620 windows-874 iso-8859-11)]],
	pt => ['Olá, segue em anexo a ata da reunião de ontem.', 'Promoção: não perca a última condição', 'Atenciosamente, João Gonçalves',
		[qw(utf-8 iso-8859-1 windows-1252 iso-8859-15 macintosh us-ascii)]],
	pl => ['Dzień dobry, przesyłam zaległą fakturę źródłową.', 'Żółć gęślą jaźń', 'Z poważaniem', [qw(utf-8 iso-8859-2 windows-1250)]],
	el => ['Καλημέρα, σας στέλνω τα πρακτικά', 'Αριθμός τιμολογίου', 'Ευχαριστώ', [qw(utf-8 iso-8859-7 windows-1253)]],
	tr => ['Günaydın, toplantı notlarını gönderiyorum.', 'Şirket ödemesi için ışık', 'Teşekkürler', [qw(utf-8 iso-8859-9 windows-1254)]],
	vi => ['Xin chào, tôi gửi biên bản cuộc họp', 'Số hóa đơn', 'Cảm ơn', [qw(utf-8 windows-1258 viscii)]],
	lt => ['Labas rytas, siunčiu ataskaitą', 'Sąskaitos numeris', 'Ačiū', [qw(utf-8 windows-1257 iso-8859-13 iso-8859-4)]],
);
my @encodings = ('8bit', 'base64', 'quoted-printable', '7bit', '');

sub messages
{
	my @out;
	for my $lang (sort keys %languages) {
		my $charsets = $languages{$lang}[3];
		for my $charset (@$charsets) {
			push @out, ["$lang-$charset", sub { right($lang, $charset) }],
				["$lang-$charset-other", sub { other($lang, $charset) }];
		}
		push @out, ["$lang-words-$_", sub { encoded_words($lang) }] for 1 .. 4;
		push @out, ["$lang-mixed-$_", sub { mixed($lang) }] for 1 .. 3;
		push @out, ["$lang-utf16-$_", sub { wide($lang) }] for 1 .. 2;
	}
	push @out, map { my $name = $_; ["odd-$name", $odd::all{$name}] } sort keys %odd::all;
	return @out;
}

sub octets
{
	my ($charset, $chars) = @_;
	my $x = eval { charset_octets($charset, $chars) };
	return $x if defined $x && length $x;
	utf8::encode(my $copy = $chars);
	return $copy;
}
sub text_of
{
	my ($lang) = @_;
	my @l = @{$languages{$lang}}[0 .. 2];
	return join "\n", map { pick(@l) } 1 .. 2 + rnd(9);
}
sub body
{
	my ($chars, $charset) = @_;
	return $chars if chance(60);
	return ($chars, 1);
}
sub part
{
	my ($lang, $charset, $label, $encoding) = @_;
	my $chars = text_of($lang) . "\n";
	if (chance(40)) {
		$chars = "<html><head>" . (chance(50) ? "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=$label\">" : '') .
			"<title>" . pick(@{$languages{$lang}}[0 .. 2]) . "</title></head><body>" . ($chars =~ s/\n/<br>\n/gr) .
			pick('', '&eacute;&nbsp;', '&#12354;', '<a href="http://www.example.jp/">x</a>', "\x{a0}") . "</body></html>\n";
		return leaf("text/html; charset=" . pick($label, "\"$label\""), $encoding, octets($charset, $chars));
	}
	return leaf("text/plain; charset=" . pick($label, "\"$label\"", uc $label), $encoding, octets($charset, $chars));
}

sub subject
{
	my ($lang, $charset, $label) = @_;
	return word($label // $charset, octets($charset, pick(@{$languages{$lang}}[0 .. 2])), pick(qw(B Q b q)));
}

sub right
{
	my ($lang, $charset) = @_;
	return mail(top(Subject => subject($lang, $charset), From => subject($lang, $charset) . ' <a@example.jp>'),
		part($lang, $charset, $charset, pick(@encodings)));
}

# Another name, or raw octets in the header.
sub other
{
	my ($lang, $charset) = @_;
	my $label = pick('us-ascii', 'iso-8859-1', 'utf-8', 'x-unknown', 'iso-2022-jp', 'gb2312', 'windows-1251', 'big5', 'euc-jp', 'unknown-8bit', 'utf-16', 'utf-7');
	my $raw = octets($charset, pick(@{$languages{$lang}}[0 .. 2]));
	return mail(top(Subject => pick($raw, subject($lang, $charset, $label)), From => pick("$raw <a\@example.jp>", "\"$raw\" <a\@example.jp>", 'a@example.jp')),
		part($lang, $charset, $label, pick(@encodings)));
}

# A text in several words: apart at characters, inside of characters, with text
# between, folded, in different charsets.
sub encoded_words
{
	my ($lang) = @_;
	my $make = sub {
		my $charset = pick(@{$languages{$lang}[3]});
		my $octets = octets($charset, pick(@{$languages{$lang}}[0 .. 2]));
		my $size = pick(5, 7, 12, 30);
		my @pieces = $octets =~ /(.{1,$size})/gs;
		my $kind = pick(qw(B Q));
		return join pick("\n ", ' ', "\n\t", '  ', '', " x ", "\n \n "), map { word($charset . pick('', '', '*ja'), $_, $kind) } @pieces;
	};
	return mail(top(Subject => $make->(), From => pick($make->() . ' <a@example.jp>', '"' . $make->() . '" <a@example.jp>', 'a@example.jp (' . $make->() . ')'),
		To => $make->() . ' <user@example.net>, ' . $make->() . ' <b@example.org>'), part($lang, 'utf-8', 'utf-8', 'base64'));
}

# A multipart whose parts are in different charsets.
sub mixed
{
	my ($lang) = @_;
	my @c = @{$languages{$lang}[3]};
	return mail(top(Subject => subject($lang, pick(@c))), multipart(pick(qw(mixed alternative)),
		map { my $c = pick(@c); part($lang, $c, pick($c, $c, 'utf-8', 'us-ascii'), pick(@encodings)) } 1 .. 2 + rnd(3)));
}

sub wide
{
	my ($lang) = @_;
	my $c = pick(qw(utf-16 utf-16le utf-16be utf-32 utf-7 UTF-32LE));
	return mail(top(Subject => subject($lang, pick('utf-16', 'utf-7', 'utf-16be'))),
		part($lang, $c, pick($c, 'utf-16', 'utf-8', 'us-ascii'), pick('base64', '8bit', 'quoted-printable')));
}

package odd;
use Mail qw(mail leaf multipart word top charset_octets);
use Chance qw(words rnd pick);

sub plain { my ($charset, $octets, $e) = @_; return mail(top(), leaf("text/plain; charset=$charset", $e // '8bit', $octets)) }
our %all = (
	'jis-no-return' => sub { plain('iso-2022-jp', "abc\n\e\$B\$3\$s\n\$K\$A\$O\nabc\n") },
	'jis-roman' => sub { plain('iso-2022-jp', "\e(J\\100 ~\e(B \e\$@\$3\$s\e(J end\e(B\n") },
	'jis-kana' => sub { plain('iso-2022-jp', "\e(I6E9\e(B half \e\$B\$3\e(B\n") },
	'jis-so-si' => sub { plain('iso-2022-jp', "\x0e6E9\x0f half\n") },
	'jis-0212' => sub { plain('iso-2022-jp-1', "\e\$(D\"/0!0\"\e(B sup \e\$B\$3\$s\e(B\n") },
	'jis-0213' => sub { plain('iso-2022-jp-3', "\e\$(O.!\$3\e(B x\n") },
	'jis-8bit' => sub { plain('iso-2022-jp', "\e\$B\$3\$s\e(B \xa4\xb3\xa4\xf3 \x82\xb1\n") },
	'jis-broken-escape' => sub { plain('iso-2022-jp', "\e\$ B\$3\$s\e( B \e \e\$B\$3\n") },
	'jis-odd' => sub { plain('iso-2022-jp', "\e\$B\$3\$s\$\e(B abc \e\$B \$ 3 \e(B\n") },
	'jis-in-utf8' => sub { plain('utf-8', "\e\$B\$3\$s\$K\$A\$O\e(B and more\n") },
	'jis-in-ascii' => sub { plain('us-ascii', "\e\$B\$3\$s\$K\$A\$O\e(B and more\n") },
	'euc-0212' => sub { plain('euc-jp', "\x8f\xb0\xa1 \x8e\xb6\x8e\xc5 \xa4\xb3\xa4\xf3\n") },
	'euc-odd' => sub { plain('euc-jp', "\xa4\xb3\xa4 \xa4\xf3\xa4\n\xff\xfe\x80\n") },
	'sjis-user' => sub { plain('shift_jis', "\xf0\x40\xf0\x41 \x81\x60 \xfa\x5c \xed\x40 \xa6\xb1\xff\xfd\x80\n") },
	'sjis-odd' => sub { plain('shift_jis', "\x82\xb1\x82 \x82\n\x82\xf1\x81\n") },
	'sjis-backslash' => sub { plain('shift_jis', "\x95\x5c\x8e\xa6 \x5c 100 ~ \x81\x5c\n") },
	'gb18030-four' => sub { plain('gb18030', "\x81\x30\x81\x30 \x84\x31\xa4\x37 \xd6\xd0\xce\xc4 \x90\x30\x81\x30\n") },
	'gbk-euro' => sub { plain('gbk', "\x80 \xd6\xd0\xce\xc4 \xa2\xe3 \xff\n") },
	'gb2312-outside' => sub { plain('gb2312', "\xd6\xd0 \x81\x40 \xfe\xfe \x95\x80\n") },
	'hz-odd' => sub { plain('hz-gb-2312', "~{VPND~} ~~ tilde ~{VP\nND~} ~x ~\n next\n", '7bit') },
	'big5-odd' => sub { plain('big5', "\xa4\xa4\xa4\xe5 \xa1\xfe \xc6\xa1 \xf9\xd6 \xa3\xe1 \x87\x40 \xa4\n") },
	'hkscs' => sub { plain('big5-hkscs', "\x87\x40 \x88\x62 \xfe\xfe \xa4\xa4\n") },
	'kr-so' => sub { plain('iso-2022-kr', "\e\$)C\x0e>H3g\x0f abc \x0eGO\n\x0f\n", '7bit') },
	'kr-uhc' => sub { plain('euc-kr', "\x81\x41\xb0\xa1 \xc6\x52 \xfe\xfe\n") },
	'utf8-surrogates' => sub { plain('utf-8', "a\xed\xa0\xbd\xed\xb8\x80 b\xc0\x80 c\xf4\x90\x80\x80 d\xf0\x9f\x98\x80\n") },
	'utf8-cut' => sub { plain('utf-8', "abc \xe3\x81\x82\xe3\x81 def\xe3\n\x81\x84 \xc3\n") },
	'utf8-nonchars' => sub { plain('utf-8', "\xef\xbf\xbe \xef\xbf\xbf \xef\xb7\x90 \xf0\x9f\xbf\xbe\n") },
	'utf8-bom' => sub { plain('utf-8', "\xef\xbb\xbfbegins with a mark \xe2\x80\x8b\xe2\x80\x8e\xe2\x81\xa0\n") },
	'utf8-spaces' => sub { plain('utf-8', "a\xc2\xa0b\xe3\x80\x80c\xe2\x80\x83d\xe2\x80\xa8e\xc2\x85f\xe1\x9a\x80g\xe1\xa0\x8eh\n") },
	'utf8-combining' => sub { plain('utf-8', "e\xcc\x81 A\xcc\x8a \xef\xbc\xa1\xef\xbd\x81\xef\xbc\x91 \xf0\x9d\x90\x80\xf0\x9d\x91\x8e \xe2\x84\xa2\n") },
	'utf8-twice' => sub { plain('utf-8', "\xc3\xa3\xc2\x81\xc2\x82 caf\xc3\x83\xc2\xa9\n") },
	'latin-mixed' => sub { plain('iso-8859-1', "caf\xe9 \x80 euro \x93quoted\x94 \x81\x8d\x9d \xa0\xad\n") },
	'latin-and-utf8' => sub { plain('utf-8', "caf\xe9 caf\xc3\xa9 \xe2\x82\xac\n") },
	'utf16-bom-le' => sub { plain('utf-16', "\xff\xfeh\0i\0 \0\x42\x30\n\0") },
	'utf16-bom-be' => sub { plain('utf-16', "\xfe\xff\0h\0i\x30\x42\0\n") },
	'utf16-none' => sub { plain('utf-16', "h\0e\0l\0l\0o\0 \0w\0o\0r\0l\0d\0") },
	'utf16-odd' => sub { plain('utf-16be', "\0h\0i\xd8\0\0x\n") },
	'utf16-ascii' => sub { plain('utf-16le', "this is plain ASCII text\n") },
	'utf16-base64' => sub { plain('utf-16le', "h\0t\0t\0p\0:\0/\0/\0a\0.\0c\0o\0m\0/\0\n\0", 'base64') },
	'utf7' => sub { plain('utf-7', "Hi +MEIwRA-! +- +AGE- +2D3eAA-\n", '7bit') },
	'utf7-bad' => sub { plain('utf-7', "Hi +MEI !x +~ +MEIwR- \xe9\n") },
	'ebcdic' => sub { plain('cp037', "\xc8\x85\x93\x93\x96\x25") },
	'quoted-twice' => sub { plain('"utf-8"; charset=koi8-r', "\xf0\xd2\xc9 \xd0\x9f\n") },
	'charset-empty' => sub { plain('', "caf\xe9\n") },
	'charset-quote' => sub { plain("\"utf-8", "caf\xc3\xa9\n") },
	'charset-2231' => sub { mail(top(), leaf("text/plain; charset*=us-ascii'en'iso-8859-1", '8bit', "caf\xe9\n")) },
	'charset-comment' => sub { mail(top(), leaf("text/plain (a comment); charset=koi8-r (Russian)", '8bit', "\xf0\xd2\xc9\xd7\xc5\xd4\n")) },
	'charset-upper' => sub { mail(top(), leaf("TEXT/PLAIN; CHARSET=KOI8-R", '8BIT', "\xf0\xd2\xc9\xd7\xc5\xd4\n")) },
	'charset-folded' => sub { mail(top(), leaf("text/plain;\n\tformat=flowed;\n charset\n =\n windows-1251", '8bit', "\xcf\xf0\xe8\xe2\xe5\xf2\n")) },
	'subject-jis-raw' => sub { mail(top(Subject => "\e\$B\$3\$s\e(B raw"), leaf('text/plain; charset=iso-2022-jp', '7bit', "x\n")) },
	'subject-sjis-raw' => sub { mail(top(Subject => "\x82\xb1\x82\xf1 raw"), leaf('text/plain; charset=shift_jis', '8bit', "\x82\xb1\n")) },
	'subject-gb-raw' => sub { mail(top(Subject => "\xd6\xd0\xce\xc4 raw"), leaf('text/plain; charset=gb2312', '8bit', "\xd6\xd0\n")) },
	'subject-jis-cut' => sub { mail(top(Subject => "=?iso-2022-jp?B?GyRCJDMk?=\n =?iso-2022-jp?B?cyRLJEEkTxsoQg==?="), leaf('text/plain', '', "x\n")) },
	'subject-jis-cut2' => sub { mail(top(Subject => "=?iso-2022-jp?B?GyRCJDMkcw==?= =?iso-2022-jp?B?GyRCJEskQSRPGyhC?="), leaf('text/plain', '', "x\n")) },
	'subject-q-space' => sub { mail(top(Subject => "=?utf-8?Q?a b c?= =?utf-8?Q?d_e=20f?="), leaf('text/plain', '', "x\n")) },
	'subject-newline' => sub { mail(top(Subject => "=?utf-8?Q?a=0Ab=0D=0Ac=00d=09e?="), leaf('text/plain', '', "x\n")) },
	'subject-b-pad' => sub { mail(top(Subject => "=?utf-8?B?4YOG=?= =?utf-8?B?YQ=?= =?utf-8?B?YWI?= =?utf-8?B?YW J j?= =?utf-8?B?=?="), leaf('text/plain', '', "x\n")) },
	'subject-odd-names' => sub { mail(top(Subject => "=?UTF8?B?44GC?= =?utf8?Q?=E3=81=82?= =?cp-850?Q?=81?= =?ISO_8859-1?Q?=E9?= =?latin1?Q?=E9?= =?8bit?Q?=E9?= =?default?B?4w==?="), leaf('text/plain', '', "x\n")) },
);

1;
