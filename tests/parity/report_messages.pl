#!/usr/bin/perl
# Writes the messages of test_report_parity.sh into the folder that is named, one
# for each thing that a report, an added header or a rewritten message can stumble
# over, and prints their paths.
use strict;
use warnings;

my ($dir) = @ARGV;
my $n = 0;
my $date = 'Date: Tue, 24 Nov 2026 10:00:00 +0000';
my $received = "Received: from mail.example.com (mail.example.com [198.18.7.9])\n"
	. "\tby mx.example.net (Postfix) with ESMTP id 1234567\n"
	. "\tfor <bob\@example.net>; Tue, 24 Nov 2026 10:00:00 +0000 (UTC)";
my $spam = "spamword rawword times times times times caught fish\nhttp://www.example.org/ fullword\n";

sub put
{
	my ($name, $text) = @_;
	my $path = sprintf '%s/%02d-%s.eml', $dir, ++$n, $name;
	open my $fh, '>:raw', $path or die "$path: $!\n";
	print $fh $text;
	close $fh or die "$path: $!\n";
	print "$path\n";
}

# Lines of a header over the usual ones, and a body.
sub mail
{
	my ($name, $header, $body, %o) = @_;
	my @lines = @$header;
	for my $usual ('From: Ann <ann@example.com>', 'To: Bob <bob@example.net>', 'Subject: hello',
		       'Message-Id: <1@example.com>', $date) {
		my ($field) = $usual =~ /^([^:]+)/;
		push @lines, $usual unless $o{bare} || grep { /^\Q$field\E:/i } @lines;
	}
	my $text = join("\n", @lines) . "\n\n" . ($body // "Nothing.\n");
	$text =~ s/\n/\r\n/g if $o{crlf};
	put($name, $text);
}

mail('ham', [$received, 'List-Id: <l.example.com>'], "Nothing of it, hamword.\n");
mail('spam', [$received, 'Reply-To: x@example.org', 'X-Mailer: M 1.0'], $spam);
mail('spam-crlf', [$received], $spam, crlf => 1);
mail('ham-crlf', ["Subject: folded\n subject", 'Return-Path: <r@example.com>'], undef, crlf => 1);
mail('mixed-ends', ["Subject: mixed\r", "X-Other: a\r\n b"], "$spam\r\nCR LF and \r alone\r\n");
mail('html', ['MIME-Version: 1.0', 'Content-Type: text/html; charset=utf-8'],
	"<html><body><p>spamword <b>rawword</b> <a href=\"http://example.org/\">x</a></body></html>\n");
mail('multipart', ['MIME-Version: 1.0', 'Content-Type: multipart/alternative; boundary="b"'],
	"This is a multi-part message in MIME format.\n--b\nContent-Type: text/plain; charset=iso-8859-1\n"
	. "Content-Transfer-Encoding: quoted-printable\n\nspamword Gr=FC=DFe\n--b\nContent-Type: text/html\n\n"
	. "<p>rawword</p>\n--b--\n");
mail('empty-type', ['Content-Type:'], $spam);
mail('two-types', ['Content-Type: text/html', 'Content-Type: TEXT/PLAIN; charset=us-ascii'], $spam);
mail('no-subject', ['X-No: subject'], $spam);
put('no-subject-ham', "From: a\@example.com\n\nhamword\n");
put('no-header', "\nspamword rawword\n");
put('empty', '');
put('one-line', 'spamword without a line end');
put('header-only', "From: a\@example.com\nSubject: spamword\nTo: b");
put('missing-blank', "From: a\@example.com\nSubject: x\nspamword in what is no header\nand more\n\nbody\n");
put('from-line', "From ann\@example.com Tue Nov 24 10:00:00 2026\nReturn-Path: <a\@example.com>\n"
	. "Subject: mbox\nFrom: ann\@example.com\n\n${spam}From within\n\n");
put('from-line-ham', "From ann\@example.com  Tue Nov 24 10:00:00 2026\n>From bob\nSubject: mbox\n\nhamword\n");
mail('no-newline', [], 'spamword rawword and no line end');
mail('blank-ends', [], "$spam\n\n \n\t\n");
mail('nul', ["Subject: a\0b", "X-Nul: \0"], "spamword\0rawword \0\0 end\n\0\n");
mail('octets', ["Subject: Gr\xfc\xdfe \xe9 spam", "From: J\xf6rg <j\@example.com>", "To: \xe6\x97\xa5\xe6\x9c\xac <b\@example.net>"],
	"spamword \xe9\xe8 caf\xc3\xa9 " . "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e" x 40 . "\n");
mail('encoded', ['Subject: =?UTF-8?B?5pel5pys6Kqe?= =?iso-8859-1?Q?_caf=E9?=', 'From: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?= <j@example.jp>'],
	"spamword \e\$B%3%l\e(B\n");
mail('encoded-newline', ['Subject: =?UTF-8?Q?one=0Atwo=0D=0Athree?=', 'To: =?UTF-8?Q?=09tab=0A?= <b@example.net>'], $spam);
mail('folded', ["Subject: a subject\n\tthat goes on\n and on _SCORE_", "To: a\@example.com,\n\tb\@example.com,\n  c\@example.com", "From: Ann\n <ann\@example.com>"], $spam);
mail('blank-fold', ["Subject:\n \n folded", "X-Blank: a\n\t\n b", "To:"], $spam);
mail('tagged', ['Subject: [SPAM 9.9/0.8 !!!] *****SPAM***** [POURRIEL] hello', "From: Ann <a\@example.com>\t((FROM Yes) of b)", 'To: x (TO-TAG)'], $spam);
mail('earlier-run', ['X-Spam-Flag: YES', "X-Spam-Status: Yes, score=9\n\ttests=A,\n\tB", 'Subject: *****SPAM***** old',
	'X-Spam-Prev-Subject: old', 'x-spam-level: ****', 'X-Spam-Checker-Version: SpamAssassin 3.0 on x'], $spam);
mail('earlier-ham', ['Received: by x', 'X-Spam-Report: ', "\t* 1.0 A a", 'X-Spam-Status: No'], "hamword\n");
mail('several', ['Subject: one', 'Subject: two', 'From: a@example.com', 'From: b@example.com', 'To: x', 'to: y', 'Cc: c', 'CC: d',
	'SUBJECT: three', 'Date: yesterday', $date, 'Received: by a; x', 'Received: by b'], $spam);
mail('odd-names', ['Subject : spaced', 'from: lower@example.com', 'TO:upper', 'X-Spam: no dash', 'X-SpamX-A: b', ': no name', 'Subjecta: x'], $spam);
mail('signed', ["DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=s1; h=from:to;\n bh=abc=;\n\tb=def", 'Sender: s@example.com'],
	"hamword\n");
mail('long', ['Subject: ' . 'long ' x 300, 'From: "' . 'x' x 900 . '" <long@example.com>'], 'spamword ' . 'y' x 3000 . "\n\n" . "word " x 500 . "\n");
mail('huge', ['Subject: huge'], "spamword\n" . join('', map { "line $_ of a huge message\n" } 1 .. 12000));
mail('rulers', [], "-----Original Message-----\nfrom x\n----------------\n****....____----\n\nspamword\n\n> quoted\n\nmore _TESTS_ and __SUB\n");
mail('tags-in-mail', ['Subject: _SCORE_ _TESTS(,)_ _HEADER(Subject)_', 'From: _FROM_ <_x_@example.com>'], "spamword _PREVIEW_ _REPORT_ !! !!\n");
mail('boundary', [], "spamword\n----------=_00000000.00000000\n----------=_12345678.9ABCDEF0--\n");
mail('wrapped-before', ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="----------=_5F5E1000.0ABCDEF1"'],
	"This is a multi-part message in MIME format.\n\n------------=_5F5E1000.0ABCDEF1\nContent-Type: text/plain\n\nspamword\n\n"
	. "------------=_5F5E1000.0ABCDEF1\nContent-Type: message/rfc822; x-spam-type=original\nContent-Disposition: inline\n\n"
	. "Subject: inner\n\nrawword\n\n------------=_5F5E1000.0ABCDEF1--\n\n");
