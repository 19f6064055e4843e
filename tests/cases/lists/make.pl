# Writes one message for each sender, recipient, relay, Subject and link below
# into the folder that is named.
use strict;
use warnings;

my ($dir) = @ARGV;
my $good = 'from mail.good.example.org (mail.good.example.org [192.0.2.10])';
my $six = 'from v6.good.example.org (v6.good.example.org [IPv6:2001:db8::1])';
my $trusted = 'from in.good.example.org (in.good.example.org [10.1.1.1])';
my $n = 0;

sub message
{
	my ($header, $body) = @_;
	my %h = (
		'Received' => $good, 'Return-Path' => '<x@example.org>',
		'From' => 'x@example.org', 'To' => 'y@example.org', 'Subject' => 'hello',
		%$header,
	);
	open my $fh, '>', sprintf('%s/m%03d.eml', $dir, ++$n) or die $!;
	# Return-Path does not count behind a Received.
	for my $name (sort { ($b eq 'Return-Path') <=> ($a eq 'Return-Path') || $a cmp $b } keys %h) {
		next unless defined $h{$name};
		for my $value (ref $h{$name} ? @{$h{$name}} : $h{$name}) {
			$value .= " by mx.example.net (Postfix) with ESMTP id 123ABC;\n\tMon, 1 Jan 2024 10:00:00 +0000"
				if $name eq 'Received' && $value !~ /;/;
			print $fh "$name: $value\n";
		}
	}
	print $fh "\n", $body // 'Nothing.', "\n";
	close $fh or die $!;
}

for my $from (qw(
	friend@good.example.com FRIEND@GOOD.EXAMPLE.COM foe@good.example.com any@ally.example.com
	gone@ally.example.com wild@example.com wiild@example.com old@name.example.com a@evil.example.com
	a@sub.evil.example.com b@vile.example.com a@mine.example.com one@mine.example.org
	two@mine.example.org friend@good..example.com
)) {
	message({ From => "Some One <$from>" });
	message({ From => 'other@example.org', 'X-Envelope-From' => $from });
	message({ From => $from, 'Resent-From' => 'z@example.org' });
	message({ 'Resent-From' => ["<$from>", 'z@example.org'] });
}
for my $from (qw(rcvd ip net outer class six twice def both relayed)) {
	for my $relay ($good, $six, $trusted,
		'from a.example.org (a.example.org [198.51.100.1])',
		'from good.example.org.example.org (notgood.example.org [192.0.2.200])',
		'from x (unknown [192.0.2.10])') {
		message({ From => "x\@$from.example.com", Received => $relay });
	}
	message({ From => "x\@$from.example.com", Received => undef });
	message({ From => "x\@$from.example.com", Received => [$trusted, $good] });
	message({ From => "x\@$from.example.com, friend\@good.example.com" });
}
for my $to (qw(
	wel@example.net Wel@Example.NET more@example.net a@all.example.net block@example.net
	a@mine.example.com
)) {
	message({ To => "\"A, B\" <$to>, c\@example.org" });
	message({ Cc => $to });
	message({ 'Delivered-To' => $to });
	message({ Received => "$good by mx.example.net (Postfix) with ESMTP id 1 for <$to>; Mon, 1 Jan 2024 10:00:00 +0000" });
	message({ To => $to, 'Resent-To' => 'n@example.org' });
	message({ 'Resent-Cc' => $to });
	message({ 'Reply-To' => $to });
	message({ 'Reply-To' => "first\@example.org, $to" });
}
for my $envelope (qw(a@good.example.org a@x.example.org a@example.com a@localhost a b@c@example.org), '') {
	message({ 'Return-Path' => "<$envelope>", Received => $_ })
		for $good, $trusted, 'from x (unknown [192.0.2.10])';
	message({ 'Return-Path' => "<$envelope>", Received => undef });
}
for my $subject ('[Bug 1] x', 'Re: [bug 22]', '[Bug', 'Make money fast', 'how to make money-fast today',
	'make  money fast', '', ' ') {
	message({ Subject => $subject });
}
message({ Subject => ['one make', 'money fast'] });
message({ Subject => ['[Bug', '1]'] });
message({ Subject => ['x', '[Bug 1]'] });
for my $uri (qw(
	http://listed.example.com/ http://www.listed.example.com http://not.listed.example.com/
	http://a.not.listed.example.com/ http://dropped.listed.example.com/ http://192.0.2.77/x
	http://192.0.2.78/x www.bad.example.org http://nice.example.org a@listed.example.com
	listed.example.com https://LISTED.example.COM/ http://xlisted.example.org/
	http://r.example.org/?http://bad.example.org
)) {
	message({}, "See $uri now.");
	message({ 'Content-Type' => 'text/html' }, "<a href=\"$uri\">x</a>");
}
message({ 'DKIM-Signature' => 'v=1; d=bad.example.org; b=x' });
