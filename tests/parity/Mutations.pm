# What mutate.pl does to a message: a table of small operations, each of which
# takes the message's octets and a donor, another message from which pieces may
# be taken, and returns octets.  None of them keeps a message well formed on
# purpose: what mail programs, gateways and spammers get wrong is the subject.
#
# All chance comes from rnd(), a generator of our own, so that a seed means the
# same everywhere.
package Mutations;

use strict;
use warnings;
use Encode ();
use Exporter 'import';
use MIME::Base64 qw(encode_base64 decode_base64);
use MIME::QuotedPrint qw(encode_qp decode_qp);

our @EXPORT_OK = qw(seed rnd pick mutation_names mutate);

my $state = 1;
sub seed { $state = ($_[0] * 2654435761) % 4294967296 || 1 }
sub rnd
{
	my ($n) = @_;
	$state ^= $state << 13 & 0xffffffff;
	$state ^= $state >> 17;
	$state ^= $state << 5 & 0xffffffff;
	return $n > 0 ? $state % $n : 0;
}
sub pick { return $_[rnd(scalar @_)] }
sub chance { return rnd(100) < $_[0] }

my @charsets = qw(us-ascii iso-8859-1 iso-8859-2 iso-8859-5 iso-8859-15 utf-8 UTF8 windows-1250
	windows-1251 windows-1252 windows-1255 windows-1256 koi8-r koi8-u iso-2022-jp iso-2022-kr
	shift_jis cp932 euc-jp euc-kr ks_c_5601-1987 gb2312 gbk gb18030 hz-gb-2312 big5
	big5-hkscs utf-16 utf-16le utf-16be utf-7 utf-32 tis-620 macintosh cp850 cp437 unicode-1-1-utf-7
	x-unknown unknown-8bit x-user-defined default _iso-2022-jp$ESC utf-8* ansi_x3.4-1968);
my @encodings = qw(7bit 8bit base64 quoted-printable x-uuencode uuencode binary BASE64
	Quoted-Printable quoted_printable 8-bit x-yenc none base64; "base64");
my @types = ('text/plain', 'text/html', 'TEXT/HTML', 'text/x-vcard', 'text/calendar', 'text/css',
	'text/enriched', 'multipart/mixed', 'multipart/alternative', 'multipart/digest',
	'multipart/report', 'message/rfc822', 'message/global', 'message/partial',
	'message/delivery-status', 'application/octet-stream', 'application/xhtml+xml',
	'image/gif', 'text', '/', 'text/', '', 'text/html/plain', 'text plain');

# ---- pieces of a message ----

# Header block (with the newline of its last line) and the rest.
sub halves
{
	my ($text) = @_;
	return $text =~ /\A(.*?\n)(\r?\n.*)\z/s ? ($1, $2) : ($text, '');
}
sub on_head
{
	my ($text, $code) = @_;
	my ($head, $rest) = halves($text);
	return $code->($head) . $rest;
}
sub on_rest
{
	my ($text, $code) = @_;
	my ($head, $rest) = halves($text);
	return $head . $code->($rest);
}
sub on_lines
{
	my ($text, $code) = @_;
	my @lines = split /^/m, $text;
	$code->(\@lines) if @lines;
	return join '', @lines;
}
sub fields { return $_[0] =~ /^(\S.*\n?(?:[ \t].*\n?)*)/mg }
sub on_fields
{
	my ($text, $code) = @_;
	return on_head($text, sub {
		my @fields = fields($_[0]);
		$code->(\@fields) if @fields;
		return join '', @fields;
	});
}
# One match of a pattern, chosen by chance, becomes what the code makes of it.
sub on_one
{
	my ($text, $re, $code) = @_;
	my @at;
	while ($text =~ /$re/g) {
		push @at, [$-[0], $+[0]] if $+[0] > $-[0];
		last if @at > 2000;
	}
	return $text unless @at;
	my ($from, $to) = @{pick(@at)};
	substr($text, $from, $to - $from) = $code->(substr $text, $from, $to - $from);
	return $text;
}
sub piece
{
	my ($text, $most) = @_;
	my $at = rnd(length($text) || 1);
	return substr $text, $at, 1 + rnd($most);
}
# The leaves that a simple look finds: header, blank line, text up to a boundary.
sub parts { return $_[0] =~ /^(--[^\n]+\n(?:[\w-]+:.*\n(?:[ \t].*\n)*)+\n(?:(?!--).*\n)*)/mg }

my $encoded_word = qr/=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=/;
my $link = qr{\bhttps?://[^\s"'<>]+}i;
my $tag = qr/<[a-zA-Z][^<>]*>/;

# ---- operations ----

my %octets = (
	cut => sub { substr $_[0], 0, rnd(length($_[0]) + 1) },
	hole => sub { my $t = $_[0]; my $at = rnd(length($t) + 1);
		substr($t, $at, rnd(400)) = '' if $at < length $t; $t },
	noise => sub { my $t = $_[0]; substr($t, rnd(length($t) || 1), 1) = chr rnd(256) for 1 .. 5; $t },
	bitflip => sub { my $t = $_[0]; return $t unless length $t;
		for (1 .. 1 + rnd(8)) { my $at = rnd(length $t);
			substr($t, $at, 1) = chr(ord(substr $t, $at, 1) ^ 1 << rnd(8)) } $t },
	control => sub { my $t = $_[0];
		substr($t, rnd(length($t) || 1), 0) = pick("\x0b", "\x0c", "\x1b", "\x7f", "\x08", "\x1a", "\x85",
			"\xa0", "\xad") for 1 .. 4; $t },
	highbits => sub { my $t = $_[0]; my $n = 0;
		$t =~ s/([a-z])(?=[a-z])/++$n % 97 ? $1 : chr(ord($1) | 0x80)/ge; $t },
	nul => sub { my $t = $_[0]; substr($t, rnd(length($t) + 1), 0) = "\0" x (1 + rnd(3)); $t },
	move => sub { my $t = $_[0]; my $at = rnd(length($t) || 1); my $s = substr $t, $at, rnd(300), '';
		substr($t, rnd(length($t) + 1), 0) = $s; $t },
	borrow => sub { my $t = $_[0]; substr($t, rnd(length($t) + 1), 0) = piece($_[1], 500); $t },
);

my %lines = (
	crlf => sub { $_[0] =~ s/\r?\n/\r\n/gr },
	somecr => sub { my $n = 0; $_[0] =~ s/\r?\n/++$n % 7 ? "\n" : "\r\n"/ger },
	barecr => sub { my $n = rnd(5); $_[0] =~ s/\r?\n/++$n % 11 ? "\n" : "\r"/ger },
	crcrlf => sub { $_[0] =~ s/\r?\n/\r\r\n/gr },
	lastcrlf => sub { $_[0] =~ s/\r?\n\z/\r\n/r },
	nolast => sub { $_[0] =~ s/\s+\z//r },
	dropline => sub { on_lines($_[0], sub { splice @{$_[0]}, rnd(scalar @{$_[0]}), 1 + rnd(3) }) },
	dupline => sub { on_lines($_[0], sub { my $i = rnd(scalar @{$_[0]});
		splice @{$_[0]}, $i, 0, ($_[0][$i]) x (1 + rnd(3)) }) },
	swaplines => sub { on_lines($_[0], sub { my $l = $_[0]; my $i = rnd(scalar @$l);
		@$l[$i, $i - 1] = @$l[$i - 1, $i] }) },
	cutline => sub { on_lines($_[0], sub { my $l = $_[0]; my $i = rnd(scalar @$l);
		$l->[$i] = substr($l->[$i], 0, rnd(length $l->[$i])) . "\n" }) },
	joinlines => sub { on_lines($_[0], sub { my $l = $_[0]; my $i = rnd(scalar @$l);
		s/\r?\n\z/pick('', ' ')/e for grep { defined } @$l[$i .. ($i + rnd(6) < $#$l ? $i + rnd(6) : $#$l)] }) },
	splitlines => sub { my $n = rnd(9); $_[0] =~ s/(?<=\w) (?=\w)/++$n % 13 ? ' ' : "\n"/ger },
	noblank => sub { $_[0] =~ s/\n\r?\n/\n/r },
	noblanks => sub { $_[0] =~ s/\n\r?\n/\n/gr },
	moreblank => sub { $_[0] =~ s/\n\r?\n/"\n" x (3 + rnd(40))/er },
	spaceblank => sub { $_[0] =~ s/\n\r?\n/"\n" . pick(' ', "\t", '  ') . "\n"/er },
	frontblank => sub { pick("\n", "\r\n", " \n", "\xef\xbb\xbf", "From x\@y Tue Mar  3 10:11:12 2020\n", ">From x\n",
		"\n\n") . $_[0] },
	longline => sub { on_rest($_[0], sub { my $n = 0; $_[0] =~ s/(?<=\S)\n(?=\S)/++$n < 400 ? ' ' : "\n"/ger }) },
	repeat => sub { on_rest($_[0], sub { length $_[0] < 6000 ? $_[0] x (2 + rnd(12)) : $_[0] }) },
);

my %headers = (
	badheader => sub { on_head($_[0], sub { on_lines($_[0], sub {
		splice @{$_[0]}, rnd(scalar @{$_[0]}), 0, pick("no colon here\n", ": empty\n", "X Y: z\n",
			"--x\n", "\t\n", "From x\n", "X:\n", "\xe9: y\n", "a\n" x 4, " \n", "X-A : b\n") }) }) },
	fold => sub { on_head($_[0], sub { $_[0] =~ s/ (?=\S)/pick(' ', "\n\t", "\n ")/ger }) },
	oddfold => sub { on_head($_[0], sub { $_[0] =~ s/(?<=[\w,;])(?=[ <;])/chance(12) ?
		pick("\n ", "\n \n ", "\r\n\t", "\n\t\t") : ''/ger }) },
	midfold => sub { on_head($_[0], sub { on_one($_[0], qr/(?<=\w)(?=\w)./, sub { "\n $_[0]" }) }) },
	unfold => sub { on_head($_[0], sub { $_[0] =~ s/\n[ \t]+/ /gr }) },
	flatten => sub { on_head($_[0], sub { $_[0] =~ s/\n[ \t]+/\n/gr }) },
	longheader => sub { on_head($_[0], sub { $_[0] . 'X-Long: ' . 'abc def ' x (200 + rnd(1200)) . "\n" }) },
	manyheaders => sub { on_head($_[0], sub { $_[0] . join '', map { "X-Many-$_: " . 'x' x 90 . "\n" } 1 .. 800 }) },
	caseheader => sub { on_head($_[0], sub { $_[0] =~ s/^([\w-]+):/pick(uc $1, lc $1, $1) . ':'/gmer }) },
	colons => sub { on_head($_[0], sub { $_[0] =~ s/^([\w-]+):[ \t]*/chance(20) ? $1 . pick(':', ': ', ' : ', ":\t",
		":  ", ":\n ") : "$1: "/gmer }) },
	shuffle => sub { on_fields($_[0], sub { my $f = $_[0];
		for (my $i = @$f; --$i > 0;) { my $k = rnd($i + 1); @$f[$i, $k] = @$f[$k, $i] } }) },
	dupheader => sub { on_fields($_[0], sub { my $f = $_[0];
		splice @$f, rnd(@$f + 1), 0, $f->[rnd(scalar @$f)] for 1 .. 1 + rnd(3) }) },
	dropheader => sub { on_fields($_[0], sub { splice @{$_[0]}, rnd(scalar @{$_[0]}), 1 for 1 .. 1 + rnd(3) }) },
	emptyheader => sub { on_fields($_[0], sub { my $f = $_[0]; my $i = rnd(scalar @$f);
		$f->[$i] =~ s/:.*/pick(":", ": ", ": \n\t")/se; $f->[$i] .= "\n" }) },
	swapvalues => sub { on_fields($_[0], sub { my $f = $_[0]; my ($i, $k) = (rnd(scalar @$f), rnd(scalar @$f));
		my ($x) = $f->[$i] =~ /:(.*)/s; my ($y) = $f->[$k] =~ /:(.*)/s;
		$f->[$i] =~ s/:.*/:$y/s, $f->[$k] =~ s/:.*/:$x/s if defined $x && defined $y && $i != $k }) },
	takeheader => sub { my @d = fields((halves($_[1]))[0]); my $donor = @d ? pick(@d) : '';
		on_fields($_[0], sub { splice @{$_[0]}, rnd(@{$_[0]} + 1), 0, $donor if $donor =~ /\n\z/ }) },
	takesame => sub { my %d; for (fields((halves($_[1]))[0])) { $d{lc $1} = $_ if /\n\z/ && /\A([\w-]+):/ }
		on_fields($_[0], sub { for (@{$_[0]}) { $_ = $d{lc $1} if /\A([\w-]+):/ && $d{lc $1} && chance(30) } }) },
	takereceived => sub { my @r = grep { /\AReceived:.*\n\z/is } fields((halves($_[1]))[0]);
		on_fields($_[0], sub { splice @{$_[0]}, rnd(scalar @{$_[0]}), 0, @r }) },
	received => sub { "Received: from " . pick('a.example.com', '[198.18.0.9]', 'localhost', 'x', 'unknown') .
		" (" . pick('a.example.org [198.18.7.7]', 'HELO b', 'unknown [10.1.2.3]', '[2001:db8::7]', 'x@[198.18.3.3]',
			'198.18.4.4', 'HELO c) (198.18.5.5', 'd.example [IPv6:2001:470::1]') .
		")\n\tby mx.example.net with " . pick('ESMTP', 'ESMTPSA', 'SMTP', 'HTTP', 'LMTP', 'UTF8SMTPS', 'NNFMP') .
		" id A" . rnd(9999) . pick('', ' for <x@example.net>', "\n\t(envelope-from <y\@example.org>)") .
		"; Tue, 3 Mar 2020 10:11:12 +0000\n" . $_[0] },
	receivedbits => sub { on_fields($_[0], sub { for (grep { /\AReceived:/i } @{$_[0]}) {
		my $how = rnd(9);
		$how == 0 ? s/[][]//g : $how == 1 ? s/\bwith \w+/with ESMTPSA/ : $how == 2 ? s/\(|\)//g :
		$how == 3 ? s/\bfrom\b/From/ : $how == 4 ? s/\[\d/[IPv6:2001:470:$&/ : $how == 5 ? s/by \S+//s :
		$how == 6 ? s/\d+\.\d+\.\d+\.\d+/10.0.0.7/ : $how == 7 ? s/;.*//s : s/\bid \S+/id/;
		$_ .= "\n" unless /\n\z/ } }) },
	subject => sub { my $s = pick('=?utf-8?B?44GC44GE?= =?utf-8?Q?=E3=81=86?= x', "=?iso-2022-jp?B?GyRCJCIbKEI=?=",
		"=?koi8-r?Q?=F0=D2=C9?=", "\xe9t\xe9", '=?x?Q?y?=', '=?utf-8?Q?broken', "FREE MONEY!!!", '',
		'=?utf-8?Q?=E3?= =?utf-8?Q?=81=82?=', "=?utf-8?q?a_b?=c=?utf-8?q?d?=", "=?gb2312?B?0NW", 'Re: Re[2]: [list] x',
		"\x1b\$B\$3\$s\x1b(B", "\xb0\xa1 \xc0\xaf", '=?us-ascii?Q?=E9?=', '=?utf-8?B?4pyU77iP?= $$$ =?UTF-8*en?Q?x=0Ay?=');
		$_[0] =~ s/^(Subject:).*/$1 $s/mir },
	words => sub { my $t = $_[0]; my $c = pick(@charsets); my $n = 0;
		$t =~ s/=\?[^?\s]+\?/rnd(3) ? $& : "=?$c?"/ge; $t },
	splitword => sub { on_one($_[0], $encoded_word, sub { my ($c, $e, $x) = $_[0] =~ /=\?([^?]+)\?(.)\?([^?]*)/;
		my $at = rnd(length($x) + 1); "=?$c?$e?" . substr($x, 0, $at) . "?=" . pick("\n ", ' ', '', "\n\t") .
			"=?$c?$e?" . substr($x, $at) . '?=' }) },
	breakword => sub { on_one($_[0], $encoded_word, sub { my $w = $_[0];
		substr($w, rnd(length $w), 1) = pick('', '?', '=', ' ', '_', "\n ", "\xe3", '?='); $w }) },
	makeword => sub { on_one($_[0], qr/^(?:Subject|From|To|Cc|Reply-To): \S.*/mi, sub { my ($n, $v) = $_[0] =~ /\A(\S+) (.*)/s;
		$v =~ s/([\w']{3,}(?: [\w']+)*)/my $w = $1; chance(50) ? '=?' . pick(@charsets) . '?B?' . encode_base64($w, '') . '?=' :
			'=?' . pick(@charsets) . '?Q?' . join('', map { sprintf '=%02X', ord } split m{}, $w) . '?='/e; "$n $v" }) },
	address => sub { on_one($_[0], qr/^(?:From|To|Cc|Reply-To|Sender|Return-Path|X-Originating-Email): .*/mi, sub {
		my ($n, $v) = $_[0] =~ /\A(\S+) ?(.*)/s; my ($a) = $v =~ /([\w.+-]+\@[\w.-]+)/; $a //= 'a@example.com';
		"$n " . pick("\"$a\" <b\@example.org>", "$a, c\@example.net", "<$a>", "$a (a (nested) comment)", "\"x, y\" <$a>",
			"<\@r.example:$a>", "group: $a, d\@example.org;", "$a <$a> <$a>", "=?utf-8?q?n=C3=A4me?= <$a>", "<>", '', "<$a",
			"\"unfinished <$a>", "$a.", "\"a\@b.example\"\@example.com", "<a\@[198.18.1.1]>", "$a <>", "n\xe4me <$a>",
			"\@example.com", "a b c\@d.example", "'$a' <$a>", "\\\"x\\\" <$a>", "<" . uc($a) . ">", "x <$a> y") }) },
	date => sub { $_[0] =~ s/^(Date:).*/"$1 " . pick('Tue, 3 Mar 2020 10:11:12 +0000', '3 Mar 20 10:11 EST', 'Tue Mar  3 10:11:12 2020',
		'Thu, 32 Foo 2020 25:61:61 +9999', '', 'Tue, 03 Mar 2037 10:11:12 -0330', 'Tue, 3 Mar 2020 10:11:12 (CET)',
		"=?utf-8?q?Tue?= 3 Mar 2020", 'Sat, 01 Jan 1970 00:00:00 GMT', 'Tue, 3 Mar 2020 10:11:12 +0000 (UTC) (x)',
		'20200303101112')/mier },
	messageid => sub { $_[0] =~ s/^(Message-I[dD]:).*/"$1 " . pick('<>', '', 'x', '<a@>', '<@b>', '<a@b@c.example>',
		"<\n a\@b.example>", '<0000@localhost>', '<' . 'x' x 300 . '@e.example>', '<a b@c.example>', '<A1B2C3@[198.18.1.1]>')/mier },
);

my %mime = (
	charset => sub { my $c = pick(@charsets); $_[0] =~ s/charset="?[\w-]+"?/charset=$c/gir },
	charsets => sub { $_[0] =~ s/charset="?[\w-]+"?/"charset" . pick('=', ' = ', '="') . pick(@charsets)/gier },
	metacharset => sub { my $c = pick(@charsets); $_[0] =~ s/(<head[^>]*>|<body)/<meta http-equiv="Content-Type" content="text\/html; charset=$c">$1/ir },
	nocharset => sub { $_[0] =~ s/;\s*charset="?[\w-]+"?//gir },
	encoding => sub { my $e = pick(@encodings); $_[0] =~ s/^(Content-Transfer-Encoding:)[^\n]*/$1 $e/mir },
	encodings => sub { $_[0] =~ s/^(Content-Transfer-Encoding:)[^\n]*/"$1 " . pick(@encodings)/gmier },
	type => sub { my $c = pick(@types); $_[0] =~ s/^(Content-Type:)\s*[^;\s]+/$1 $c/mir },
	types => sub { $_[0] =~ s/^(Content-Type:)\s*[^;\s]+/chance(40) ? "$1 " . pick(@types) : $&/gmier },
	name => sub { $_[0] =~ s/^(Content-(?:Type|Disposition):[^\n]*)/"$1; " . pick('name', 'filename', 'filename*', 'name*0*', 'name*0') . '=' .
		pick('a.html', '"b.htm"', "utf-8''c%20d.exe", '"=?utf-8?B?44GC?=.zip"', '"e.pdf', "'f.gif'", "iso-8859-1'en'%E9.doc",
			'"g;h.shtml"', "\"i\n .txt\"")/mier },
	boundary => sub { $_[0] =~ s/(boundary=)"?([^"\s;]+)"?/$1 . pick("\"$2", $2, "\"$2\"; boundary=x", "\"$2=\"", "'$2'", "\"$2 \"",
		"<$2>", "\"\"", '', uc $2, "$2;", " \"$2\"", "\"$2\"x")/eir },
	boundaries => sub { $_[0] =~ s/^--(\S.*)$/chance(25) ? pick("--$1 ", "-- $1", "--$1--", "---$1", "--$1\t", " --$1", "--" . lc $1,
		"--$1x", "--$1\n--$1", '', "--$1\n\n") : $&/gmer },
	sameboundary => sub { my ($b) = $_[0] =~ /boundary="?([^"\s;]+)/i; my $t = $_[0];
		if (defined $b) { my @other = $t =~ /boundary="?([^"\s;]+)/gi; $t =~ s/\Q$_\E/$b/g for @other } $t },
	noend => sub { $_[0] =~ s/^--(.+)--\s*$/--$1/mgr },
	earlyend => sub { on_one($_[0], qr/^--\S[^\n]*(?<!--)$/m, sub { "$_[0]--\n" . pick('', "\n", "epilogue\n") . $_[0] }) },
	nopartblank => sub { $_[0] =~ s/^(--\S.*\n(?:[\w-]+:.*\n(?:[ \t].*\n)*)+)\n/chance(50) ? $1 : "$1\n\n"/gmer },
	partheader => sub { $_[0] =~ s/^(--\S.*(?<!--)\n)/$1 . pick("X: y\n", "junk\n", "Content-Type: text\/html\n", " folded\n",
		"Content-Transfer-Encoding: base64\n", "Subject: inner\n", "\t\n")/gmer },
	splice => sub { my @p = parts($_[1]); return $_[0] unless @p; my $p = pick(@p);
		on_one($_[0], qr/^--[^\n]+$/m, sub { my $line = $_[0]; my $q = $p; $q =~ s/\A[^\n]*/$line =~ s{--\z}{}r/e; "$q$line" }) },
	dropart => sub { my @p = parts($_[0]); return $_[0] unless @p; my $p = pick(@p); $_[0] =~ s/\Q$p\E//r },
	duppart => sub { my @p = parts($_[0]); return $_[0] unless @p; my $p = pick(@p); $_[0] =~ s/\Q$p\E/$p x (2 + rnd(4))/er },
	otherbody => sub { my ($h) = halves($_[0]); my (undef, $b) = halves($_[1]); $h . $b },
	attach => sub { my $d = $_[1]; my $coded = chance(30); $d = encode_base64($d) if $coded;
		my ($h, $b) = halves($_[0]); my @mime = grep { /\AContent-/i } fields($h);
		my $rest = join '', grep { !/\AContent-/i } fields($h); my $m = '=_' . rnd(100000);
		"${rest}Content-Type: multipart/mixed; boundary=\"$m\"\n\n--$m\n" . join('', @mime) .
			"$b\n--$m\nContent-Type: message/rfc822\n" .
			($coded ? "Content-Transfer-Encoding: base64\n" : '') . "\n$d\n--$m--\n" },
	wrap => sub { my ($h, $b) = halves($_[0]); my @mime = grep { /\AContent-/i } fields($h);
		my $rest = join '', grep { !/\AContent-/i } fields($h); my $m = 'w' . rnd(100000);
		"${rest}Content-Type: multipart/" . pick(qw(mixed alternative related signed report digest)) .
			"; boundary=$m\n\n--$m\n" . join('', @mime) . "$b\n--$m\n\nsecond\n--$m--\n" },
	bounce => sub { my ($h) = halves($_[0]); my $m = 'b' . rnd(100000);
		"Return-Path: <>\nFrom: Mail Delivery Subsystem <MAILER-DAEMON\@mx.example.net>\nTo: a\@example.org\n" .
		"Subject: " . pick('Undelivered Mail Returned to Sender', 'failure notice', 'Delivery Status Notification (Failure)') .
		"\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"$m\"\n\n--$m\n\nFailed.\n\n" .
		"--$m\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; x\@example.com\n" .
		"Action: failed\nStatus: 5.1.1\n\n--$m\nContent-Type: " . pick('message/rfc822', 'text/rfc822-headers') . "\n\n" .
		(chance(50) ? $_[0] : $h) . "\n--$m--\n" },
	recode => \&recode,
	damage64 => sub { on_one($_[0], qr/^[A-Za-z0-9+\/]{40,}={0,2}$/m, sub { my $l = $_[0];
		substr($l, rnd(length $l), rnd(2)) = pick('=', '==', '*', "\n", ' ', "\n\n", '-', '_', "\0", "\xe9", ''); $l }) },
	damageqp => sub { my $n = rnd(7); $_[0] =~ s/=([0-9A-F]{2})/++$n % 9 ? $& : pick("=\L$1", '=', "=\n$1", "= $1", "==$1", "=X$1", "=$1=\n")/ger },
	vanishcte => sub { $_[0] =~ s/^Content-Transfer-Encoding:.*\n//mgir },
);

# The text of a message without parts in another charset and transfer encoding,
# under its true name or not.
sub recode
{
	my ($text) = @_;
	my ($head, $rest) = halves($text);
	my @h = fields($head);
	return $text if grep { /\AContent-Type:\s*(?:multipart|message)/i } @h;
	my ($cte) = map { /\AContent-Transfer-Encoding:\s*([\w-]+)/i ? lc $1 : () } @h;
	my ($from) = map { /\AContent-Type:.*charset="?([\w-]+)/is ? $1 : () } @h;
	my ($gap, $body) = $rest =~ /\A(\r?\n)(.*)\z/s or return $text;
	$body = ($cte // '') eq 'base64' ? decode_base64($body)
		: ($cte // '') eq 'quoted-printable' ? decode_qp($body) : $body;
	my $c = $from && Encode::find_encoding($from) ? $from : 'iso-8859-1';
	my $chars = eval { Encode::decode($c, my $copy = $body) } // $body;
	$chars .= pick("\n\x{e4}\x{f6}\x{fc}", "\n\x{416}\x{44f}", "\n\x{3053}\x{3093}", "\n\x{4e2d}\x{6587}", "\n\x{5d0}", '', "\n\x{1f600}");
	my $to = pick(qw(utf-8 iso-8859-1 windows-1251 koi8-r iso-2022-jp shiftjis euc-jp gb2312 gbk big5 euc-kr
		utf-16 utf-16le utf-16be iso-8859-15 cp1252 utf-7));
	my $out = eval { Encode::encode($to, $chars) } // return $text;
	my $e = pick('base64', 'quoted-printable', '8bit', '7bit');
	$out = $e eq 'base64' ? encode_base64($out, pick("\n", "\r\n", '')) : $e eq 'quoted-printable' ? encode_qp($out) : $out;
	my ($media) = map { /\AContent-Type:\s*([^;\s]+)/i ? $1 : () } @h;
	$media ||= 'text/plain';
	my $label = chance(70) ? $to =~ s/shiftjis/shift_jis/r : pick(@charsets);
	return join('', grep { !/\AContent-(?:Type|Transfer-Encoding):/i } @h) .
		"Content-Type: $media; charset=\"$label\"\nContent-Transfer-Encoding: $e\n\n$out";
}

my %html = (
	html => sub { my $x = pick('<div style="display:none">', '<!-- ', '<a href="', '<table><tr><td bgcolor=#fff>',
		'&#x4e2d;&nbsp;&copy', '<font color=red size=1>', '<script>', '<p><br/>', '</div></td>', '<style>', '<![CDATA[',
		'<!DOCTYPE x>', '<span style="font-size:0">', '<font color="#FFFFFE">', '<title>', "<\0b>", '<pre>', '<textarea>');
		$_[0] =~ s/(<\w+[^>]*>)/rnd(6) ? $1 : $1 . $x/ger },
	opentag => sub { on_one($_[0], $tag, sub { $_[0] =~ s/>\z//r }) },
	tagbits => sub { $_[0] =~ s/$tag/chance(8) ? pick(substr($&, 0, rnd(length $&)), uc $&, "<$&", "$&>", $& =~ s{ }{\n}gr,
		$& =~ s{["']}{}gr, $& =~ s{=}{ = }gr, $& =~ s{>\z}{ \/>}r, "< " . substr($&, 1), $& x 2) : $&/ger },
	attribute => sub { my $x = pick('style="color:#fff;background:#fff"', "href='x", 'style=font-size:1px', 'color=white', 'bgcolor="black"',
		'style="display:none;"', 'style="visibility: hidden"', 'size="-4"', 'onload="x()"', 'href=" http://e.example/ "', 'src=cid:1',
		'style="FONT-SIZE:0.5em;color:rgb(255,255,255)"', 'background="//e.example/i.gif"', 'face="Comic"', "style='color: #12'");
		$_[0] =~ s/(<(?:a|p|td|div|span|font|body|img|table))\b/chance(25) ? "$1 $x" : $1/gier },
	comments => sub { $_[0] =~ s{(?<=[a-z])(?=[a-z])}{rnd(60) ? '' : pick('<!-- x -->', '<x>', '<b></b>', '&shy;', '<!>', '<!--', '&zwnj;')}ger },
	entities => sub { $_[0] =~ s/([A-Za-z])/rnd(40) ? $1 : pick(sprintf('&#%d;', ord $1), sprintf('&#x%x;', ord $1), sprintf('&#%d', ord $1),
		'&nbsp;', '&eacute;', '&#8203;', '&#0;', '&#x110000;', '&bogus;', '&euro;', '&amp;amp;')/ger },
	tohtml => sub { my ($h, $r) = halves($_[0]); return $_[0] if $h =~ /multipart/i;
		$h =~ s/^Content-Type:.*\n(?:[ \t].*\n)*//mi; "${h}Content-Type: text/html\n\n<html><body" . pick('', ' bgcolor=white', ' text=#fff') . '>' .
			($r =~ s/\A\r?\n//r =~ s/\n\n/\n<p>/gr) . pick('', '</body></html>', '</html>') . "\n" },
	base => sub { $_[0] =~ s/(<head[^>]*>|<body[^>]*>|<html[^>]*>)/"$1<base href=\"" . pick('http:\/\/base.example\/d\/', 'x', '\/\/b.example',
		'http:\/\/base.example\/d\/e.html') . '">'/ier },
);

my @redirectors = ('https://www.google.com/url?q=%s', 'http://rd.example/r?u=%s', 'https://l.facebook.com/l.php?u=%s',
	'http://e.example/%s', '%s/%s', 'https://urldefense.proofpoint.com/v2/url?u=%s');
my %links = (
	links => sub { my $t = $_[0]; my $x = pick('http://exa%6dple.com/%2e', 'www.example.co.uk', 'https://1.2.3.4:8080/',
		'http://user@example.net@evil.example.com/', 'mailto:a@example.org?x', 'example.info/path.', "hxxp://no.example",
		'http://0x7f.1/', 'http://3232235777/', 'HTTP://WWW.EXAMPLE.COM', "http://ex\xc3\xa4mple.de/", 'http://xn--exmple-cua.com/',
		'ftp.example.org', 'http:\\\\back.example\\x', 'http:/one.example', 'http://a.example:80/', 'http://a..example/', 'www.a.example.com,www.b.com',
		'(http://paren.com/)', '<http://angle.com>', "http://new\nline.com", 'https://a.b.c.d.e.co.jp/?a=1&amp;b=2#f', 'joe@example.com',
		'http://[2001:db8::1]/x', 'tel:+1234', 'data:text/html,x', 'http://a.com/http://b.com/', "http://zero\xe2\x80\x8bwidth.com", 'news:a.b.c',
		'http://full%E3%80%82stop.com', "http://full\xe3\x80\x82com/", '//proto.com/x', 'x.y.z.museum', 'foo@bar', 'http://foo');
		substr($t, rnd(length($t) + 1), 0) = pick(" $x ", "<a href=\"$x\">$x</a>", "$x\n", "\"$x\"", ">$x<"); $t },
	linkbits => sub { on_one($_[0], $link, sub { my $l = $_[0];
		substr($l, 7 + rnd(length($l) - 7), 0) = pick('%20', "\n", ' ', '%00', '@', ':', '//', '.', '&amp;', '&#46;', "\xe9", '%2e', '?', '#', '\\',
			'"', "'", '=', '=3D', '>', ')', ',', "\t", '%', "\xef\xbc\x8e", '[', '|', "\0"); $l }) },
	linkcase => sub { on_one($_[0], $link, sub { uc $_[0] }) },
	redirect => sub { on_one($_[0], $link, sub { my $l = $_[0]; my $c = $l =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger;
		my $f = pick(@redirectors); $f =~ s/%s/chance(60) ? $c : $l/ger }) },
	takelink => sub { my @l = $_[1] =~ /$link/g; return $_[0] unless @l; my $l = pick(@l); on_one($_[0], $link, sub { $l }) },
	unicode => sub { my $x = pick("\xe2\x80\x8b", "\xf0\x9f\x98\x80", "\xd0\xb0", "\xc2\xad", "\xe2\x80\xae", "\xcc\x81", "\xef\xbb\xbf", "\xe3\x80\x80",
		"\xed\xa0\x80", "\xc0\xaf", "\xf8\x88\x80\x80\x80", "\xef\xbf\xbd", "\xe2\x80\xa8", "\xc2\x85");
		on_rest($_[0], sub { $_[0] =~ s/(?<=[a-z])(?=[a-z])/rnd(50) ? '' : $x/ger }) },
);

my %mutations = (%octets, %lines, %headers, %mime, %html, %links);

sub mutation_names { return sort keys %mutations }

sub mutate
{
	my ($name, $text, $donor) = @_;
	return $mutations{$name}->($text, $donor);
}

1;
