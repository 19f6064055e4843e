# Header lines: addresses in all their forms, folding, length, octets that should
# not be there, dates, identifiers, signatures of DKIM and ARC, what mailers add.
package Headers;

use strict;
use warnings;
use Chance qw(rnd pick chance words sentence paragraph);
use Mail qw(mail leaf top address received);

my @addresses = ('a@example.com', '<a@example.com>', 'A B <a@example.com>', '"A B" <a@example.com>', '"B, A" <a@example.com>', 'a@example.com (A B)', 'a@example.com (A (B) C)', '"A \"B\" C" <a@example.com>', 'A <a@example.com>, B <b@example.org>',
	'a@example.com, b@example.org,, c@example.net', 'group: a@example.com, b@example.org;', 'undisclosed-recipients:;', '<@r1.example,@r2.example:a@example.com>', '"a@b.example" <c@example.com>', 'a@b.example <c@example.com>', '<a@example.com> <b@example.com>', 'A <a@example.com', 'A a@example.com>', '<>', '', ' ', '"" <a@example.com>',
	'"A" "B" <a@example.com>', "A\tB <a\@example.com>", '=?utf-8?Q?=C3=84_B?= <a@example.com>', '"=?utf-8?Q?=C3=84_B?=" <a@example.com>', '=?utf-8?B?YUBleGFtcGxlLmNvbQ==?= <b@example.org>', '=?utf-8?Q?a=40example.com?=', "\xc3\x84 <a\@example.com>", "\xc4 <a\@example.com>", "a\@b\xc3\xbccher.example", 'a@xn--bcher-kva.example',
	'a b@example.com', 'a@example', 'a@localhost', 'a@[198.18.1.1]', '"a b"@example.com', 'a+tag@example.com', "o'brien\@example.com", 'a@example.com.', '.a@example.com', 'a..b@example.com', 'a@example..com', '@example.com', 'a@', 'just words', "'A B' <a\@example.com>", "'a\@example.com'", 'A.B. <a@example.com>', 'A, B <a@example.com>',
	'mailto:a@example.com', '<mailto:a@example.com>', 'a@example.com;b@example.com', 'a at example dot com', '"A" <a@example.com>,"B" <b@example.com> , "C" <c@example.com>', '(comment) a@example.com', '"unfinished <a@example.com>', 'A <<a@example.com>>', '\\A <a@example.com>', "A\n\t<a\@example.com>", "A <a\n \@example.com>", 'a@EXAMPLE.COM', 'A@Example.Com', '"A" <a@example.com> (comment)', '=?utf-8?q?A?= =?utf-8?q?B?= <a@example.com>, =?iso-2022-jp?B?GyRCJDMkcxsoQg==?= <b@example.jp>', "\"A\0B\" <a\@example.com>", 'A@B <a@example.com>', '<a@example.com>A', 'root', 'a%b@example.com', 'a!b!c@example.com', '/G=A/S=B/@example.com', 'a@example.com <b@example.com> c@example.com');
my @fields = ('From', 'From', 'To', 'Cc', 'Reply-To', 'Sender', 'Return-Path', 'Resent-From', 'Delivered-To', 'Errors-To', 'Disposition-Notification-To', 'Bcc', 'X-Envelope-From', 'Mail-Followup-To', 'Envelope-To', 'X-Original-To');

my @dates = ('Tue, 3 Mar 2020 10:11:12 +0000', 'Tue, 03 Mar 2020 10:11:12 GMT', '3 Mar 2020 10:11 +0100', 'Tue,3 Mar 2020 10:11:12 -0500 (EST)', 'Tue Mar  3 10:11:12 2020', '2020-03-03 10:11:12', 'Tue, 3 Mar 20 10:11:12 EST', 'Tue, 3 Mar 120 10:11:12 +0000', 'Tue, 32 Mar 2020 10:11:12 +0000', 'Tue, 3 Foo 2020 10:11:12 +0000', 'Tue, 3 Mar 2020 25:61:61 +0000', 'Tue, 3 Mar 2020 10:11:12', 'Tue, 3 Mar 2020 10:11:12 +9999', 'Tue, 3 Mar 2020 10:11:12 Z',
	'Mon, 3 Mar 2020 10:11:12 +0000', "Tue, 3 Mar 2020\n\t10:11:12 +0000", '', 'yesterday', 'Tue, 3 Mar 2037 10:11:12 +0000', 'Thu, 1 Jan 1970 00:00:00 +0000', 'Fri, 31 Dec 1999 23:59:59 -0000', 'Tue, 3 Mar 2020 10.11.12 +0000', 'Tue, 3 Mar 2020 10:11:12 +0530', 'Di, 3 Mrz 2020 10:11:12 +0100', 'Tue, 3 Mar 2020 10:11:12 UT', 'Tue, 3 Mar 2020 10:11:12 +000', 'Tue, 3 March 2020 10:11:12 PST', '=?utf-8?Q?Tue=2C_3_Mar_2020_10:11:12_+0000?=', '03/03/2020 10:11', "Tue, 3 Mar 2020 10:11:12 +0000\0", 'Tue, 29 Feb 2021 10:11:12 +0000', '3-Mar-2020 10:11:12 +0000', 'Tue, 3 Mar 2020 10:11:12 JST');
my @ids = ('<1@example.com>', '', '<>', '1@example.com', '<1@>', '<@example.com>', '<1>', '<a b@example.com>', "<1\n \@example.com>", '<1@example.com> <2@example.com>', '<1@localhost>', '<1@[198.18.1.1]>', '<' . 'x' x 400 . '@example.com>', '<000001c0$12345678$01020304@pc>', '<CAF=abc+def@mail.gmail.com>', '<1@EXAMPLE.COM>', '<1@a@b.example>', '<1.2.3.JavaMail.root@host>', "<\xe9\@example.com>", '<20200303101112.ABCDE@mx.example.net>', '(1@example.com)', '<1@example.com> (added by postmaster@example.net)');
my @subjects = ('', ' ', "\t", 'Re: x', 'RE: AW: FWD: x', 'ALL UPPER CASE SUBJECT LINE', 'x' x 300, 'a' . ' ' x 60 . 'b', "folded\n subject", "folded\n\t\n\tempty", "\xe9t\xe9", "\xc3\xa9t\xc3\xa9", '=?utf-8?Q?broken', '=?utf-8?X?abc?=', '=?utf-8?Q?=E9?=', '=?us-ascii?Q?abc?=def', 'abc=?us-ascii?Q?def?=', '=?us-ascii?Q?a?= =?us-ascii?Q?b?=', '=?us-ascii?Q?a?= c =?us-ascii?Q?b?=', '=?us-ascii?Q??=', '=?us-ascii?B??=', '=??Q?x?=', '=?utf-8?Q?a?b?=', '=?utf-8?Q?a=?=', '=?utf-8?Q?a=3D?=', '=?utf-8?B?!!!!?=', '=?utf-8?B?YQ?=', "=?utf-8?Q?\xe9?=", "nul\0here", '$$$ MAKE MONEY FAST $$$', 'V 1 A G R A', '*****SPAM***** x', '[list] x [other] y', 'www.example.com for you@example.com', "=?utf-8?B?4pyU77iP8J+YgA==?= emoji", "\x1b\$B\$3\$s\x1b(B", '=?UTF-8?Q?=E2=80=8Bzero=E2=80=8Bwidth?=', '=?utf-8?Q?=0D=0A_two_lines?=', '=?utf-8?Q?tab=09and=00nul?=');

sub one { my (%h) = @_; return mail(top(%h), leaf('text/plain', '', sentence() . "\n" . sentence() . "\n")) }

my @signature = ('v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=sel; t=1583230272; h=from:to:subject:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=' . 'abcd' x 40,
	"v=1; a=ed25519-sha256; c=simple; d=mail.example.org;\n\ts=x; i=\@sub.mail.example.org; l=100; x=1583999999;\n\th=From:To;\n\tbh=abc=;\n\tb=abc\n\t def\n\t ghi=", 'v=1; d=; s=; b=', 'a=rsa-sha1; d=example.net; s=a; h=from; b=zz', 'v=1; a=rsa-sha256; d = spaced.example.com ; s=x; b=x', 'd=EXAMPLE.COM; d=second.example.com', 'junk');
my %special = (
	'dkim-google' => sub { one('DKIM-Signature' => $signature[0], 'X-Google-DKIM-Signature' => $signature[0]) },
	'dkim-two' => sub { mail(top('X-A' => 1) . "DKIM-Signature: $signature[0]\nDKIM-Signature: $signature[1]\nDKIM-Signature: $signature[4]\n", leaf('text/plain', '', sentence())) },
	(map { my $n = $_; ("dkim-form-$n" => sub { one('DKIM-Signature' => $signature[$n]) }) } 1 .. $#signature),
	'domainkey' => sub { one('DomainKey-Signature' => "a=rsa-sha1; q=dns; c=nofws; s=s1024; d=dk.example.com;\n  h=From; b=abc") },
	'arc' => sub { one('ARC-Seal' => "i=1; a=rsa-sha256; t=1; cv=none; d=arc.example.com; s=a; b=x", 'ARC-Message-Signature' => "i=1; a=rsa-sha256; d=arc.example.com; s=a; h=from; bh=x; b=x", 'ARC-Authentication-Results' => 'i=1; mx.example.net; spf=pass smtp.mailfrom=a@example.com; dmarc=fail') },
	'arc-two' => sub { mail(join('', map { "ARC-Seal: i=$_; a=rsa-sha256; cv=pass; d=a$_.example.com; s=a; b=x\nARC-Message-Signature: i=$_; d=a$_.example.com; b=x\nARC-Authentication-Results: i=$_; x; none\n" } 1, 2) . top(), leaf('text/plain', '', sentence())) },
	'long-name' => sub { mail(top() . 'X-' . 'n' x 300 . ": value\n", leaf('text/plain', '', sentence())) },
	'long-value' => sub { mail(top('X-Long' => 'v' x 9000), leaf('text/plain', '', sentence())) },
	'long-folded' => sub { mail(top('X-Long' => join "\n\t", map { words(8) } 1 .. 300), leaf('text/plain', '', sentence())) },
	'long-to' => sub { one(To => join ",\n\t", map { "user$_\@example.net" } 1 .. 400) },
	'long-subject' => sub { one(Subject => words(400)) },
	'huge-header' => sub { mail(top() . join('', map { "X-$_: " . words(60) . "\n" } 1 .. 300), leaf('text/plain', '', sentence())) },
	'many-received' => sub { mail(join('', map { received() } 1 .. 60) . top(), leaf('text/plain', '', sentence())) },
	'fold-everything' => sub { my $t = top(); $t =~ s/ /\n /g; mail($t, leaf('text/plain', '', sentence())) },
	'fold-tabs' => sub { my $t = top(); $t =~ s/ (?=\S)/\n\t\t/g; mail($t, leaf('text/plain', '', sentence())) },
	'fold-empty' => sub { my $t = top(); $t =~ s/^([\w-]+:) /$1\n /gm; mail($t, leaf('text/plain', '', sentence())) },
	'no-spaces' => sub { my $t = top(); $t =~ s/^([\w-]+:) /$1/gm; mail($t, leaf('text/plain', '', sentence())) },
	'upper' => sub { my $t = top(); $t =~ s/^([\w-]+):/uc($1) . ':'/gme; mail($t, leaf('text/plain', '', sentence())) },
	'lower' => sub { my $t = top(); $t =~ s/^([\w-]+):/lc($1) . ':'/gme; mail($t, leaf('text/plain', '', sentence())) },
	'twice-all' => sub { my $t = top(); mail($t . $t, leaf('text/plain', '', sentence())) },
	'subjects' => sub { mail(top() . "Subject: second\nSubject: third\nsubject: fourth\n", leaf('text/plain', '', sentence())) },
	'froms' => sub { mail(top() . "From: b\@example.org\nFrom: c\@example.org\n", leaf('text/plain', '', sentence())) },
	'tos' => sub { mail(top() . "To: b\@example.org\nCc: d\@example.org\nCc: e\@example.org\n", leaf('text/plain', '', sentence())) },
	'x-spam' => sub { mail(top() . "X-Spam-Status: Yes, score=9\nX-Spam-Flag: YES\nX-Spam-Checker-Version: x\nX-spam-level: ****\n", leaf('text/plain', '', sentence())) },
	'empty-headers' => sub { mail(top() . "X-A:\nX-B: \nX-C:\t\nX-D:\n \nReply-To:\nCc:\n", leaf('text/plain', '', sentence())) },
	'none' => sub { "\n" . sentence() . "\n" }, 'only-subject' => sub { "Subject: x\n\n" . sentence() . "\n" },
	'eight-bit-everywhere' => sub { mail(top(From => "J\xfcrgen <a\@example.com>", To => "M\xfcller <user\@example.net>", 'X-Mailer' => "M\xe4iler", Comments => "\xe2\x82\xac"), leaf('text/plain', '', sentence())) },
	'names' => sub { mail(top() . "x y: z\nX_Under: 1\nX.Dot: 2\n123: 4\nX-\xe9: 5\nX\@: 6\n: 7\n", leaf('text/plain', '', sentence())) },
);
my @mailers = ('Microsoft Outlook 16.0', 'Microsoft Outlook Express 6.00.2900.5512', 'The Bat! (v3.99) Professional', 'Mutt/1.10', 'Apple Mail (2.3608.60)', 'iPhone Mail (17D50)', 'Evolution 3.30', 'PHPMailer 6.1.4 (https://example.com)', 'Internet Mail Service (5.5.2653.19)', 'KMail 5.9', 'Sylpheed 3.5', 'Becky! ver. 2.74.03 [ja]', 'Shuriken Pro', 'WinBiff [Version 2.50]', 'AL-Mail32 Version 1.13', 'EdMax Ver2.86', 'QUALCOMM Windows Eudora Version 7.1', 'Lotus Notes Release 8.5', 'Zimbra 8.8', 'nmh 1.7', 'Foxmail 7, 2, 14, 408[cn]', 'Claws Mail 3.17', 'SquirrelMail/1.4', 'Horde', 'Roundcube', 'MIME-tools 5.509 (Entity 5.509)', 'IncrediMail (6612345)', 'CME-V6.5.4.3; MSN', 'aol', 'WebMail', 'Oracle', 'swaks v20190914');

sub messages
{
	my @out = map { [$_, $special{$_}] } sort keys %special;
	push @out, map { my $n = $_; [sprintf('address-%03d', $n), sub { one(map { $_ => pick(@addresses) } ('Cc', 'Reply-To')[0 .. rnd(2)], $fields[$n % @fields] => $addresses[$n], $fields[rnd(scalar @fields)] => pick(@addresses)) }] } 0 .. $#addresses;
	push @out, map { my $n = $_; [sprintf('date-%03d', $n), sub { one(Date => $dates[$n], 'Resent-Date' => pick(@dates), Received => received() =~ s/;.*/'; ' . pick(@dates)/er) }] } 0 .. $#dates;
	push @out, map { my $n = $_; [sprintf('id-%03d', $n), sub { one('Message-ID' => $ids[$n], References => join(' ', map { pick(@ids) } 1 .. 3), 'In-Reply-To' => pick(@ids), 'X-Mailer' => pick(@mailers)) }] } 0 .. $#ids;
	push @out, map { my $n = $_; [sprintf('subject-%03d', $n), sub { one(Subject => $subjects[$n], Comments => pick(@subjects), 'Thread-Topic' => pick(@subjects)) }] } 0 .. $#subjects;
	push @out, map { my $n = $_; [sprintf('mailer-%03d', $n), sub { one(pick('X-Mailer', 'User-Agent', 'X-Newsreader') => $mailers[$n], 'X-Priority' => pick('1 (Highest)', '3', '5'), 'X-MSMail-Priority' => pick('High', 'Normal'), 'X-MimeOLE' => 'Produced By Microsoft MimeOLE V6.00', 'Message-ID' => pick(@ids), 'Content-Type' => 'text/plain') }] } 0 .. $#mailers;
	return @out;
}

1;
