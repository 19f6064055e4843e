#!/usr/bin/perl
# Writes the messages of test_bayes_tokens.sh into a folder.
#
#   bayes_mails.pl DIR
use strict;
use warnings;
use Encode ();
use MIME::Base64 ();

my $dir = shift or die "usage: $0 DIR\n";
my $received = join '', map { "Received: $_\n" }
	'from mx.example.net (mx.example.net [198.18.0.7])' .
	"\n\tby mail.example.com (8.12.3) with ESMTP id 0123456789AB\n" .
	"\tfor <you\@example.com>; Mon, 18 Nov 2002 16:33:07 +0100 (CET)",
	'from a (helo=b [198.18.1.22]) by mx.example.net with SMTP id gAIGX0123456 ' .
	'; 9 Feb 02 16:33 UT',
	'from [10.0.0.3] (HELO pc) by smtp.example.net id 1ABcde-0001Ab-0C';
my $text = "The quick brown Fox jumps... over--the lazy dog! It's 100% FREE, really.\n" .
	"Write to Sales.Team\@shop.example.com or see www.clock-speed.example.net/x?y=1\n" .
	"wait......what -- no---way a...b...c...d 1--2--3 .....  x.......y\n" .
	"Sentence one. Sentence Two. three. Four five. McDonald. Ab C. " .
	"averyveryverylongwordindeed f*ck \$31,000,000 'quoted' \"words\" ab abc\n" .
	"user\@host \@start end\@ a\@b\@c.example.org .hidden. foo..bar -dash- X_y 1.2.3.4\n";
my $japanese = "\x{304a}\x{5f97}\x{306a}\x{60c5}\x{5831}\x{3092}\x{3054}\x{6848}\x{5185}" .
	"\x{3044}\x{305f}\x{3057}\x{307e}\x{3059}\x{3002}\x{8acb}\x{6c42}\x{66f8} \x{4f1a}\x{8b70}\n";
my $chinese = "\x{514d}\x{8d39}\x{4f18}\x{60e0}\x{3002}\x{8bf7}\x{67e5}\x{6536}\x{9644}\x{4ef6}" .
	"\x{53d1}\x{7968} \x{4f1a}\x{8bae}\n";
my $latin = "Gr\x{fc}\x{df}e aus M\x{fc}nchen, \x{dc}bung! na\x{ef}ve caf\x{e9}s \x{c9}t\x{e9}\n";

my %mail = (
	plain => head() . "\n$text",
	headers => "X-Spam-Level: ***\nX-Spam-Other: old marks\n" . head(
		'User-Agent: Mutt/1.4i', 'X-Mailer: The Bat! (v1.60)',
		'References: <abc.def@example.org> <x-1@example.net>',
		'In-Reply-To: <000d01c28f1c$5e1d2b40$0200a8c0@desk.example>',
		'Organization: Example Ltd.', 'Organisation: Other', 'X-Face: )(*&^',
		'DKIM-Signature: v=1; d=example.com; b=abcdef', 'Return-path: <b@example.org>',
		'List-Id: <l.example>', 'X-Bugzilla-Reason: foo', 'X-DCC-abc-Metrics: m',
		'X-DCC-a-Metrics: shown', 'Thread-Topic: t', 'X-Foo: one two,three',
		'X-Foo: four', 'x-foo: five', 'Sender: s@example.com', 'Errors-To: e@a.b.example',
		'X-Authentication-Warning: u@h set sender', 'Cc: "C, D" <c@d.example>, e@f.example',
		'Reply-To: Some (comment) One <r@s.t.example>', 'Subject: Re: hello') . "\n$text",
	msgids => "To: a\@b.example\nDate: x\nMessage-ID: <1ABcdef-0001Ab-0C\@mx.example>\n" .
		"Resent-Message-Id: <200211181633.ABCDEF012345\@mx.example>\n\nhi there\n",
	crlf => ((head() . "\n$text") =~ s/\n/\r\n/gr),
	ignored => "From: a\@ignored.example\nTo: b\@example.com\nMessage-Id: <1\@x>\n\ntext here\n",
	ignored_to => "From: a\@x.example\nTo: Postmaster\@example.com\n\ntext here\n",
	empty => '',
	no_body => "Subject: only\n\n",
	nul => "Subject: n\0l\nX-\0N: v\0alue here\n\nbo\0dy te\0xt\n",
	raw8 => head() . "\n" . Encode::encode('iso-8859-1', $latin) . join('', map { chr } 0x80 .. 0xff),
	long8 => head() . "\nx" . ("\xe3\x81\x82\xe3\x81" x 9) . " \xf0\x9f\x98\x80\xf0\x9f\x98\x81" .
		"\xf0\x9f\x98\x82\xf0\x9f\x98\x83abc \xc3\xa9\xc3\xa8\xc3\xaa\xc3\xab\xc3\xa9\xc3\xa8\xc3\xaaxyz\n",
	html => head('MIME-Version: 1.0', 'Content-Type: text/html; charset=utf-8') . <<'EOT',

<html><head><title>Title Words</title></head><body bgcolor="#ffffff">
<p>Visible Text here</p><font color="#ffffff">Hidden secret. Www.hidden.example.org a@h.example</font>
<p style="display:none">Invisible paragraph!!</p><span style="font-size:0">tiny Words</span>
<a href="http://www.shop.example.com/Path/a.html?x=Y">click</a>
<a href="mailto:info@example.org">mail</a><img src="https://img.example.net/pixel.gif">
<a href="http://b%C3%BCcher.example/%41">caf&eacute; &#8364;</a></body></html>
EOT
	wide => head('MIME-Version: 1.0', 'Content-Type: text/html; charset=utf-8',
		'Content-Transfer-Encoding: base64') . "\n" . MIME::Base64::encode(Encode::encode('utf-8',
		"<a href=\"http://www.b\x{fc}cher.example.com/\x{c4}rger\x{85}x\">\x{20ac}</a> " .
		"<a href=\"ht\x{f4}ps://x.example\">y \x{3042}</a>")),
	nested => head('MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="=_Part-1.2"') .
		"\n--=_Part-1.2\nContent-Type: multipart/alternative; boundary='b_2'\n\n--b_2\n\nplain part\n" .
		"--b_2\nContent-Type: text/html\n\n<b>html part</b>\n--b_2--\n--=_Part-1.2\n" .
		"Content-Type: message/rfc822\n\nSubject: inner\n\ninner text\n--=_Part-1.2\n" .
		"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n" .
		"--=_Part-1.2\nContent-Type: text/plain\n\n\n--=_Part-1.2--\n",
	dots => head() . "\n" . join('.', ('a') x 60) . ' ' . join('.', ('bb') x 60) . "\@x.y.z\n",
);
for ([utf8 => 'utf-8'], [jis => 'iso-2022-jp'], [euc => 'euc-jp'], [sjis => 'shift_jis']) {
	$mail{"ja_$_->[0]"} = encoded($_->[1], $japanese);
}
$mail{"zh_$_"} = encoded($_, $chinese) for qw(utf-8 gb2312);
$mail{latin} = encoded('iso-8859-1', $latin);
for my $name (keys %mail) {
	open my $fh, '>:raw', "$dir/$name.eml" or die "$0: $name: $!\n";
	print $fh $mail{$name};
	close $fh or die "$0: $name: $!\n";
}

sub head
{
	return $received . join '', map { "$_\n" }
		'From: "Sender, A" <a.sender@mail.example.com>', 'To: you@example.com',
		'Date: Mon, 18 Nov 2002 16:33:07 +0100', 'Message-Id: <ab12.$c@mail.example.com>',
		'Subject: Test Message of Tokens', @_;
}

sub encoded
{
	my ($charset, $characters) = @_;
	my $subject = MIME::Base64::encode(Encode::encode($charset, "$characters") =~ s/\n//r, '');
	return head('MIME-Version: 1.0', "Content-Type: text/plain; charset=$charset",
		"X-Encoded: =?$charset?B?$subject?=", 'Content-Transfer-Encoding: base64') . "\n" .
		MIME::Base64::encode(Encode::encode($charset, $characters x 3 . "plain words\n"));
}
