# Writes one message for each attachment, sender, result and link below into the
# folder that is named.
use strict;
use warnings;

my ($dir) = @ARGV;
my $n = 0;
my $turn = 0;
my $internal = "from a.example.org (a.example.org [198.19.1.1]) by mx.example.net with ESMTP id 1;\n"
	. "\tMon, 1 Jan 2024 10:00:00 +0000";

sub message
{
	my ($header, $body) = @_;

	open my $fh, '>', sprintf('%s/m%04d.eml', $dir, ++$n) or die $!;
	print $fh $header, "Date: Mon, 1 Jan 2024 10:00:00 +0000\n\n", $body // "Nothing.\n";
	close $fh or die $!;
}

# --- attachments: type, name, encoding, what is in it
sub attach
{
	my ($type, $cte, $data) = @_;
	message("From: a\@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n",
		"--x\nContent-Type: text/plain\n\nhello\n--x\nContent-Type: $type\n"
		. "Content-Transfer-Encoding: $cte\n\n$data\n--x--\n");
}
for my $ending (qw(exe EXE scr scr? scrx com.txt txt pif js jse html htm phtml xhtm xml xhtmll jpg tiff gif
	png vcf doc ppt xls bat swf vbs url wsh ws docx)) {
	for my $type ('text/plain', 'text/html', 'text/x-foo', 'application/octet-stream', 'image/x-png',
		'application/msword', 'application/vnd.ms-excel', 'application/x-excel', 'application/vnd.ms-powerpoint',
		'application/x-ppt', 'text/vcard', 'text/x-vcard', 'application/mac-binhex40', 'message/external-body',
		'application/word', 'text/calendar', 'audio/x-wav') {
		attach(qq{$type; name="a.$ending"}, '7bit', 'x') if $turn++ % 5 == 0;
	}
	attach(qq{application/zip; name=$ending}, 'base64', 'eA==') if $turn++ % 7 == 0;
	attach(qq{application/zip; name=".$ending"}, 'base64', 'eA==') if $turn++ % 7 == 0;
	attach(qq{application/zip; filename="x y.$ending"}, 'base64', 'eA==') if $turn++ % 7 == 0;
	attach(qq{application/zip; name*0="a."; name*1="$ending"}, 'base64', 'eA==') if $turn++ % 7 == 0;
	attach(qq{application/zip\nContent-Disposition: attachment; filename="a.$ending"}, 'base64', 'eA==') if $turn++ % 7 == 0;
	attach(qq{application/zip; name="=?UTF-8?Q?a=2E$ending?="}, 'base64', 'eA==') if $turn++ % 7 == 0;
	attach(qq{image/gif; name=a.$ending;\n name=b.gif}, 'base64', 'eA==') if $turn++ % 7 == 0;
	attach(qq{image/gif; name=a.gif\nContent-Type: image/gif; name=a.$ending}, 'base64', 'eA==') if $turn++ % 7 == 0;
}
for my $line ('TVqQAAMAAAAEAAAA//8AALgAAAA', 'TVrQAAAAAAAAAAAA', 'TVpQAAIAAAAEAA8A//8AALgA', 'TVsQAAMAAAAEAAAA',
	'TVtQAAMAAAAEAAAA', 'tVqQAAMAAAAEAAAA', 'TVqQAAMCAAAEAAAA', 'TVqQAAMAAgAEAAAA', 'TVqQAAMAAAIEAAAA',
	'TVqQAAMBAAHEAAAA', 'TVqQAAMB', 'TVqQAAMAAAAEA', 'TVqQAAMAAAAE', 'TVqQAAMAAwAHAAAA', ' TVqQAAMAAAAEAAAA') {
	for my $cte ('base64', 'BASE64', 'x-base64-y', '7bit', "7bit\nContent-Transfer-Encoding: base64") {
		attach('application/octet-stream', $cte, $line) if $turn++ % 3 == 0;
		attach('application/octet-stream', $cte, "\n$line") if $turn % 19 == 0;
	}
}
for my $line ('M35J0``,````$````__\\``+@`````````0```', 'M35G``` `````', 'M35H.`..`......````', 'M35H.`..`.````',
	'M35K.`..`.```', 'M35L.`..`.````', 'M35I`````````````````', ' M35H.`..`.````', 'M35H``` ```````') {
	for my $type ('text/plain', 'text/html', 'text/x-vcard', 'TEXT', 'textual/plain', 'application/x-uu', 'text') {
		attach($type, '7bit', "begin 644 a.exe\n$line\n`\nend") if $turn++ % 2 == 0;
		attach($type, '7bit', $line) if $turn % 5 == 0;
	}
}
message("From: \"x\@y.com\" <a\@example.org>\nTo: X\@y.com\n");
message("From: a\@example.org\nContent-Type: application/x-msdownload; name=top.exe\n");
message("From: a\@example.org\n", "M35H.`..`.````\n");

# --- names of senders
my @names = ('"a@bank.example.com"', 'a@bank.example.com', '"Bank <a@bank.example.com>"', '"A@Bank.Example.COM"',
	'"a@bank.example.org"', '"who1@sub.example.net"', '"who1@example.net"', '"who12@sub.example.net"', '"x@example.org"',
	'"odd@example.org"', '"gone@example.org"', '"stays@example.org"', '"x@y.z"', '"x@y.zz"', '"x@y.co.uk"',
	'"x@a.y.co.uk"', '"x@y.com."', '"x@y.com-"', '"x@y.com_"', '"x@-y.com"', '"x@y..com"', '"x@y-.com"', '"x@y"',
	'"@y.com"', '".x@y.com"', '"..@y.com"', '"x!y@y.com"', '"a@b@y.com"', '"x@y.test x2@y.com"', '"x@y.invalidtld"',
	'"via x@y.com and a long text that is not close to it at all"', '"!!!!!!! x@y.com !!!!!!!"', '"x@192.0.2.1"',
	'"x at y.com"', "\"'x\@y.com'\"", '"=?UTF-8?Q?x=40y.com?="', '=?UTF-8?Q?x=40y.com?=', '=?UTF-8?B?eEB5LmNvbQ==?=',
	'"\303\251x@y.com"', '"x@y.com\303\251"', '(x@y.com)', '"x@y.com" (b@z.com)', 'Plain Name', '');
my @from = ('b@example.com', 'a@bank.example.com', 'c@bank.example.org', 'x@mail.y.com', 'X@Y.com', 'who2@sub.example.net',
	'nobody', 'b@nowhere.invalidtld', 'x@y.co.uk');
for my $name (@names) {
	for my $from (@from) {
		next if $turn++ % 4;
		message("From: $name <$from>\nTo: x\@y.com, \"B\" <a\@bank.example.com>\nReply-To: X\@y.com\n");
	}
	message("From: $name <b\@example.com>\nTo: c\@example.com\nReply-To: Who <A\@Bank.example.com>, x\@y.com\n") if $turn++ % 9 == 0;
	message("From: $name <b\@example.com>, \"d\@d.example.org\" <e\@e.example.org>\nTo: c\@example.com\n") if $turn++ % 9 == 0;
	message("From: b\@example.com\nFrom: $name <c\@example.com>\n") if $turn++ % 9 == 0;
	message("From: $name <b\@example.com>\nX-List-Id:\n") if $turn++ % 9 == 0;
	message("From: $name <b\@example.com>\nX-List-Id: 0\n") if $turn++ % 9 == 0;
	message("From: $name <b\@example.com>\nX-Other: nobody here\n") if $turn++ % 9 == 0;
	message("From: $name <b\@example.com>\nX-Other: n\@example.org\n") if $turn++ % 9 == 0;
	message("From: $name\nTo: x\@y.com\n") if $turn++ % 9 == 0;
}

# --- results of authentication
sub results
{
	my ($text, $name) = @_;
	$name ||= 'Authentication-Results';
	message("$name: $text\nReceived: $internal\nFrom: a\@example.org\n");
}
my %methods = (
	'arc' => 'fail none pass', 'auth' => 'fail none pass permerror temperror',
	'dkim' => 'fail neutral none pass permerror policy temperror',
	'dkim-adsp' => 'discard fail none nxdomain pass permerror temperror unknown',
	'dkim-atps' => 'fail none pass permerror temperror neutral',
	'dmarc' => 'bestguesspass fail none pass permerror temperror', 'dnswl' => 'none pass permerror temperror',
	'domainkeys' => 'fail neutral none permerror policy pass temperror', 'iprev' => 'fail pass permerror temperror',
	'rrvs' => 'fail none pass permerror temperror unknown',
	'sender-id' => 'fail hardfail neutral none pass permerror policy softfail temperror',
	'smime' => 'fail neutral none pass permerror policy temperror',
	'spf' => 'fail hardfail neutral none pass permerror policy softfail temperror',
	'vbr' => 'fail none pass permerror temperror',
);
my @props = qw(smtp.remote-ip header.oldest-pass arc.chain smtp.auth smtp.mailfrom header.d header.i header.b header.a
	header.s header.from policy.dmarc dns.zone dns.sec policy.ip policy.txt header.sender policy.iprev smtp.rcptto
	body.smime-part body.smime-identifer body.smime-serial body.smime-issuer smtp.mfrom smtp.helo smtp.rcpttodomain
	header.md header.mv header.x-any HEADER.From smtp.x);
my $mx = 'mx.example.net';
for my $m (sort keys %methods) {
	results("$mx; $m=$_") for split(/ /, $methods{$m}), 'other', 'Pass', '';
	$turn++ % 6 or results("$mx; $m=pass $_=x.example.org") for @props;
}
results($_) for (
	"$mx", "$mx;", "$mx; none", "$mx ; spf=pass", "$mx 1; spf=pass", "$mx 1 (c) ; spf=pass", "$mx x; spf=pass",
	"MX.example.NET; spf=pass", "mx2.example.net; spf=fail", "foreign.example.net; spf=pass",
	"ignored.example.net; spf=pass", "spf=pass", "$mx; spf=pass; none", "$mx; spf=pass; dkim=fail; spf=fail",
	"$mx; spf=fail; spf=pass", "$mx; spf=fail; spf=softfail", "$mx; spf=pass; unknown=pass", "$mx; $mx; spf=pass",
	"$mx; $mx ; spf=pass", "$mx; MX.example.net; spf=pass", "$mx; spf/1=pass", "$mx; spf / 1 = pass", "$mx; spf/x=pass",
	"$mx; SPF=pass", "$mx; spf (c) = (d (e)) pass (f)", "$mx; spf=pass (unclosed", "$mx; spf=pass (a) (b)",
	"$mx; spf=pass reason=good", "$mx; spf=pass reason=\"a b; c\" smtp.helo=x", "$mx; spf=pass reason=@!,,good",
	"$mx; spf=pass reason=", "$mx; spf=pass reason=(c) x", "$mx; spf=pass reasonable=x", "$mx; spf=pass Reason = x ;",
	"$mx; spf=pass action=none", "$mx; spf=pass reason=x action=\"y\" smtp.helo=z; dkim=pass",
	"$mx; spf=pass action=x reason=y", "$mx; spf=pass smtp.mailfrom=a\@b.example.org; dkim=pass header.d=x",
	"$mx; spf=pass smtp.mailfrom=<a\@b.example.org>; dkim=pass", "$mx; spf=pass smtp.mailfrom=<a>; dkim=pass; iprev=pass",
	"$mx; spf=pass smtp.mailfrom=\"quoted; x\"; dkim=pass", "$mx; spf=pass smtp.mailfrom=\"open; dkim=pass",
	"$mx; spf=pass smtp.mailfrom=\"a\\\"b\" ; dkim=pass", "$mx; spf=pass smtp.mailfrom=\"a\\", "$mx; spf=pass smtp.mailfrom=",
	"$mx; spf=pass smtp.mailfrom=;dkim=pass", "$mx; spf=pass smtp . mailfrom = x; dkim=pass", "$mx; spf=pass smtp.=x",
	"$mx; spf=pass smtp=x", "$mx; spf=pass smtp.mailfrom=a,b c smtp.helo=d", "$mx; spf=pass smtp.mailfrom=a.;dkim=pass",
	"$mx; spf=pass smtp.mailfrom=[198.18.0.1]; dkim=pass", "$mx; spf=pass smtp.mailfrom=a..b; dkim=pass",
	"$mx; spf=pass smtp.mailfrom=a smtp.helo=b,dkim=pass", "$mx; spf=pass,dkim=pass", "$mx; spf=pass;;dkim=pass",
	"$mx; spf=pass;\n\tdkim=fail header.d=x;\n\tdmarc=pass", "$mx;\n spf=pass\n smtp.helo=x", "$mx; spf=pass-x",
	"(c) $mx; spf=pass", "$mx (c); spf=pass", "$mx; (c) spf=pass", "\"$mx\"; spf=pass", "", " ", "$mx; =pass", "$mx; spf",
	"i=1; $mx; spf=pass", "$mx; spf=pass smtp.mailfrom=\303\251; dkim=pass", "$mx; spf=pass smtp.mailfrom=x/y=z?; dkim=pass",
);
results($_, 'ARC-Authentication-Results') for ("i=1; $mx; spf=pass", "i=50;$mx; spf=fail", "i=51; $mx; spf=pass",
	"i=0; $mx; spf=pass", "I=1; $mx; spf=pass", "i = 1 ; $mx; spf=pass", "i=1 $mx; spf=pass", "i=x; $mx; spf=pass",
	"i=0001; $mx; spf=pass", "i=99999999999999999999; $mx; spf=pass", "$mx; spf=pass", "i=(c)1(d);(e)$mx; spf=pass",
	"ii=1; $mx; spf=pass");
results("$mx; spf=pass", $_) for ('authentication-results', 'X-Authentication-Results', 'Authentication-Results-Original');
results("$mx; spf=fail\nAuthentication-Results: $mx; spf=pass\nArc-Authentication-Results: i=1; $mx; dkim=pass");
results("$mx; spf=fail\nAuthentication-Results: $mx; spf=bad\nAuthentication-Results: $mx; spf=softfail; dkim=none");
message("Received: $internal\nAuthentication-Results: $mx; spf=pass\nFrom: a\@example.org\n");
message("Received: from b (b.example.org [198.18.1.7]) by mx.example.net with ESMTP id 2;\n\tMon, 1 Jan 2024 10:00:00 +0000\n"
	. "Authentication-Results: $mx; spf=pass\nReceived: $internal\nAuthentication-Results: $mx; dkim=pass\nFrom: a\@example.org\n");
message("Authentication-Results: $mx; spf=pass\nFrom: a\@example.org\n");

# --- short links
for my $uri (qw(
	http://short.test/ab http://short.test/ http://short.test http://SHORT.test/ab https://short.test/ab
	ftp://short.test/ab http://www.short.test/ http://www.short.test http://www.short.test/ab http://x.short.test/ab
	http://cut.example.com http://cut.example.com/ab http://www.cut.example.com/ab http://b.any.test http://b.any.test/a
	http://any.test/a http://www.any.test/a http://wwwb.any.test/a http://c.b.any.test/a http://gone.test/ab
	http://back.test/ab http://get.test/ab http://user@short.test/ab http://u:p@short.test/ab http://short.test:80/ab
	http://short.test:80 http://short.test:/ab http://short.test:x/ http://short.test/?q=1 http://short.test?q
	http://short.test/a?b http://short.test@other.example.org/a http://other.example.org/short.test/a
	http://a@b@short.test/ab http://short.test/_ http://short.test/- short.test/ab www.short.test/ab
	http://other.example.org/?u=http://short.test/ab http://short.invalidtld/a
)) {
	message("From: a\@example.org\n", "See $uri now\n") if $turn++ % 2;
	message("From: a\@example.org\nContent-Type: text/html\n", "<a href=\"$uri\">x</a>\n");
}
message("From: a\@example.org\nContent-Type: text/html\n", "<img src=\"http://short.test/a\"><a href=\"http://short.test/#x\">y</a>\n");
message("From: a\@example.org\nContent-Type: text/html\n", "<a href=\"http://sho\nrt.test/a\">x</a>\n");
