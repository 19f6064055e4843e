#!/usr/bin/perl
# Writes the messages of the founding example into a folder: the notice that
# speaks in the recipient's own domain's name, in every charset of Japanese
# mail, plain and HTML, with variations, and in English; and the honest ones
# that look like it. Names: spam-*.eml, ham-*.eml.
#
#	tests/lua/founding.pl DIR
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use MIME::Base64 qw(encode_base64);
use MIME::QuotedPrint qw(encode_qp);

my $dir = shift // die "usage: $0 DIR\n";
my $own = 'koike-office.example.jp';
my @charsets = ('iso-2022-jp', 'shift_jis', 'euc-jp', 'utf-8');

# An encoded word for each piece that fits on a line.
sub words {
	my ($charset, $text) = @_;
	my @out;
	while ($text =~ /\G(.{1,14})/gs) {
		push @out, "=?$charset?B?" . encode_base64(encode($charset, $1), '') . '?=';
	}
	return join "\n ", @out;
}

sub html {
	my ($text, $charset, $link) = @_;
	$text =~ s/&/&amp;/g;
	$text =~ s{\Q$link\E}{<a href="$link">こちらのリンク</a>};
	$text =~ s/\n/<br>\n/g;
	return "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=$charset\">"
		. "</head>\n<body>\n<p>$text</p>\n</body></html>\n";
}

sub body {
	my ($charset, $text, $cte) = @_;
	my $octets = encode($charset, $text);
	return encode_base64($octets) if $cte eq 'base64';
	return encode_qp($octets, "\n") if $cte eq 'quoted-printable';
	return $octets;
}

sub message {
	my (%m) = @_;
	my $cs = $m{charset};
	my $cte = $m{cte} // ($cs eq 'iso-2022-jp' ? '7bit' : 'base64');
	my $type = $m{html} ? 'text/html' : 'text/plain';
	my $text = $m{html} ? html($m{text}, $cs, $m{link}) : $m{text};
	my $from = $m{name} ? words($cs, $m{name}) . " <$m{from}>" : $m{from};
	(my $domain = $m{from}) =~ s/.*\@//;
	return "Return-Path: <$m{from}>\n"
		. "Delivered-To: info\@$own\n"
		. "Received: from $m{helo} ($m{rdns} [$m{ip}])\n"
		. "\tby mx.$own (Postfix) with ESMTP id 0A1B2C3D4E\n"
		. "\tfor <info\@$own>; Thu, 14 Oct 2021 09:12:44 +0900 (JST)\n"
		. "From: $from\nTo: info\@$own\n"
		. "Subject: " . words($cs, $m{subject}) . "\n"
		. "Date: Thu, 14 Oct 2021 09:12:40 +0900\n"
		. "Message-ID: <20211014091240.8F3A\@$domain>\nMIME-Version: 1.0\n"
		. "Content-Type: $type; charset=\"$cs\"\n"
		. "Content-Transfer-Encoding: $cte\n\n" . body($cs, $text, $cte);
}

sub put {
	my ($name, %m) = @_;
	open my $fh, '>:raw', "$dir/$name.eml" or die "$dir/$name.eml: $!";
	print $fh message(%m);
	close $fh;
}

my $link = 'http://recover.third-party.example.net/webmail/?u=info';
my $notice = <<"END";
メールサービス(\@$own)

平素よりメールサービスをご利用いただき、誠にありがとうございます。
下記の通り障害が発生しておりましたが、現在は復旧しております。

発生日時:2021年10月14日(木)00:00頃
復旧日時:2021年10月14日(日)08:10頃
影響範囲:$own のメールの送受信

ウェブメールサービスを回復するには、以下のリンクをクリックしてください。
$link

ご迷惑をおかけしましたことを深くお詫び申し上げます。
END
my %outside = (helo => '[127.0.0.1]', rdns => 'unknown', ip => '198.18.44.7',
	from => 'tanaka@unrelated-foods.example.com',
	subject => '障害発生/復旧のお知らせ(メールサービス)', link => $link);

# The case itself, in its eight forms, and in the other encodings.
for my $cs (@charsets) {
	for my $html (0, 1) {
		put("spam-case-$cs-" . ($html ? 'html' : 'plain'), %outside, charset => $cs,
			html => $html, text => $notice);
	}
	next if $cs eq 'iso-2022-jp';
	put("spam-qp-$cs", %outside, charset => $cs, cte => 'quoted-printable', text => $notice);
	put("spam-8bit-$cs", %outside, charset => $cs, cte => '8bit', html => 1, text => $notice);
}

# Variations of who speaks and of what is to be clicked.
my @ja = (
	["メール管理者($own)です。\n\nお客様のメールボックスは容量の上限に達したため、受信が停止されました。\n"
	 . "再開するには、下記のリンクから認証を行ってください。\n$link\n", '受信停止のお知らせ'],
	["$own サポートセンターより重要なお知らせ\n\nメールサーバーの障害により、3 通のメールが保留されています。\n"
	 . "復元するには下記URLをクリックしてください。\n$link\n", '保留中のメールがあります'],
	["\@$own のウェブメールをご利用の皆様\n\nサーバーの更新に伴い、パスワードの有効期限が切れます。\n"
	 . "引き続きご利用になるには、こちらをクリックして確認してください。\n$link\n", 'パスワード期限切れの通知'],
);
for my $i (0 .. $#ja) {
	put("spam-ja$i-$_", %outside, charset => $_, text => $ja[$i][0], subject => $ja[$i][1])
		for @charsets;
}
my @en = (
	["Mail Service (\@$own)\n\nAn outage of the mail server of $own began at 00:00 and ended at 08:10.\n"
	 . "To restore your webmail service, please click the link below.\n$link\n", 'Outage / recovery notice'],
	["Dear user,\n\nthe $own support team has suspended your mailbox.\nClick here to reactivate it:\n$link\n",
	 'Your mailbox is suspended'],
	["$own IT Helpdesk\n\nYou have 5 undelivered messages. Follow the link below to recover them.\n$link\n",
	 'Undelivered messages'],
);
for my $i (0 .. $#en) {
	put("spam-en$i" . ($_ ? '-html' : ''), %outside, charset => 'utf-8', html => $_,
		text => $en[$i][0], subject => $en[$i][1]) for 0, 1;
}

# Honest: the own domain's postmaster; a hosting company that speaks for itself
# and links to itself; a customer who asks; a list with a link.
(my $honest = $notice) =~ s/ウェブメールサービスを回復するには.*\n\Q$link\E\n/お使いのソフトの設定を変える必要はありません。\n/;
for my $cs (@charsets) {
	put("ham-postmaster-$cs", charset => $cs, text => $honest,
		helo => "mail.$own", rdns => "mail.$own", ip => '198.18.1.20',
		from => "postmaster\@$own", name => 'メール管理者', subject => $outside{subject});
	my $status = 'https://status.good-hosting.example.com/2021-10-14';
	put("ham-hosting-$cs-" . ($_ ? 'html' : 'plain'), charset => $cs, html => $_, link => $status,
		text => "グッドホスティングの佐藤です。\n\n弊社のメールサービスに障害が発生しておりましたが、復旧いたしました。\n\n"
		. "発生日時:2021年10月14日(木)00:00頃\n復旧日時:2021年10月14日(木)08:10頃\n\n"
		. "詳細は以下のリンクをご覧ください。\n$status\n",
		helo => 'mail.good-hosting.example.com', rdns => 'mail.good-hosting.example.com',
		ip => '198.18.9.30', from => 'support@good-hosting.example.com',
		name => 'グッドホスティング', subject => '【復旧】メールサービスの障害について') for 0, 1;
}
put('ham-hosting-en', charset => 'utf-8', link => 'x',
	text => "Hello,\n\nthe mail service of Good Hosting had an outage between 00:00 and 08:10. It works again,\n"
	. "your domain $own was affected. Click the link below for the report.\n"
	. "https://status.good-hosting.example.com/2021-10-14\n\nGood Hosting, support team\n",
	helo => 'mail.good-hosting.example.com', rdns => 'mail.good-hosting.example.com',
	ip => '198.18.9.30', from => 'support@good-hosting.example.com', name => 'Good Hosting',
	subject => 'Outage of the mail service: resolved');
put('ham-customer', charset => 'utf-8', link => 'x',
	text => "小池事務所 御中\n\n$own のメールサーバーから、添付のようなエラーで戻ってきました。\n"
	. "送り直しましたので、ご確認ください。\n資料はこちらからも見られます。\nhttps://files.customer.example.org/a1\n",
	helo => 'mail.customer.example.org', rdns => 'mail.customer.example.org', ip => '198.18.3.3',
	from => 'yamada@customer.example.org', name => '山田太郎', subject => '昨日の資料について');
