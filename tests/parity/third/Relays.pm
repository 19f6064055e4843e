# Received lines as many programs and providers write them, in chains; and the
# lines beside them that tell where a message came from.
package Relays;

use strict;
use warnings;
use Chance qw(rnd pick chance words sentence);
use Mail qw(mail leaf top address);

# $IP, $IP6, $HOST, $HELO, $BY, $FROM, $TO, $ID and $DATE are filled in.
my @forms = map { s/\n\z//r } split /^%%\n/m, <<'END';
from $HELO ($HOST [$IP])
	by $BY (Postfix) with ESMTP id $ID
	for <$TO>; $DATE
%%
from $HELO ($HOST [$IP])
	(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
	 key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)
	(No client certificate requested)
	by $BY (Postfix) with ESMTPS id $ID
	for <$TO>; $DATE
%%
from $HELO (unknown [$IP])
	(Authenticated sender: joe)
	by $BY (Postfix) with ESMTPSA id $ID; $DATE
%%
from $HELO (unknown [IPv6:$IP6])
	by $BY (Postfix) with ESMTPS id $ID; $DATE
%%
by $BY (Postfix, from userid 1000)
	id $ID; $DATE
%%
from localhost (localhost [127.0.0.1])
	by $BY (Postfix) with ESMTP id $ID; $DATE
%%
from $BY ([127.0.0.1])
	by localhost ($BY [127.0.0.1]) (amavisd-new, port 10024)
	with ESMTP id $ID; $DATE
%%
from [$IP] (helo=$HELO)
	by $BY with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384
	(Exim 4.94.2)
	(envelope-from <$FROM>)
	id 1jABCD-0001xy-$ID; $DATE
%%
from $HOST ([$IP] helo=$HELO)
	by $BY with esmtpsa (TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256)
	(Exim 4.89)
	(envelope-from <$FROM>)
	id 1jABCD-0001xy-Cd
	for $TO; $DATE
%%
from $HOST ([$IP]:45678 helo=$HELO) by $BY with esmtp (Exim 4.80) (envelope-from <$FROM>) id 1jABCD-0001xy-Cd for $TO; $DATE
%%
from joe by $BY with local (Exim 4.92)
	(envelope-from <$FROM>)
	id 1jABCD-0001xy-Cd; $DATE
%%
from [$IP] (port=1234 helo=[192.168.1.5])
	by $BY with asmtp (Exim 3.35 #1)
	id 1jABCD-0001xy-00; $DATE
%%
from $HOST ($HOST [$IP])
	by $BY (8.15.2/8.15.2/Debian-14) with ESMTPS id 023ABCD001234
	(version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 bits=256 verify=NOT)
	for <$TO>; $DATE
%%
from $HELO (IDENT:joe@$HOST [$IP])
	by $BY (8.9.3/8.9.3) with ESMTP id KAA01234
	for <$TO>; $DATE
%%
from $HELO ($HOST [$IP] (may be forged))
	(authenticated bits=0)
	by $BY (8.13.1/8.13.1) with ESMTP id k23ABCD0001; $DATE
%%
(from joe@localhost)
	by $BY (8.12.8/8.12.8/Submit) id h23ABCD01234; $DATE
%%
(qmail 12345 invoked from network); 3 Mar 2020 10:11:12 -0000
%%
(qmail 12345 invoked by uid 1001); 3 Mar 2020 10:11:12 -0000
%%
(qmail 12345 invoked by alias); 3 Mar 2020 10:11:12 -0000
%%
from unknown (HELO $HELO) ($IP)
  by $BY with SMTP; 3 Mar 2020 10:11:12 -0000
%%
from $HOST (HELO $HELO) (joe@$IP)
  by $BY with ESMTPA; 3 Mar 2020 10:11:12 -0000
%%
from $HOST ([$IP])
  by $BY (qmail-ldap-1.03) with DES-CBC3-SHA encrypted SMTP
  for <$TO>; 3 Mar 2020 10:11:12 -0000
%%
from $HELO ($IP) by
 $BY (10.167.17.9) with Microsoft SMTP
 Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id
 15.20.2772.14 via Frontend Transport; $DATE
%%
from AM0PR01MB1234.eurprd01.prod.exchangelabs.com
 (2603:10a6:208:12::34) by AM0PR01MB4321.eurprd01.prod.exchangelabs.com
 (2603:10a6:208:56::78) with Microsoft SMTP Server (version=TLS1_2,
 cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.2772.14; $DATE
%%
from AM0PR01MB1234.eurprd01.prod.exchangelabs.com
 ([fe80::1234:5678:9abc:def0]) by
 AM0PR01MB1234.eurprd01.prod.exchangelabs.com
 ([fe80::1234:5678:9abc:def0%3]) with mapi id 15.20.2772.019; $DATE
%%
from $HELO ([$IP]) by $BY with Microsoft SMTPSVC(6.0.3790.4675);
	 $DATE
%%
from mail pickup service by $BY with Microsoft SMTPSVC;
	 $DATE
%%
by $BY with Internet Mail Service (5.5.2653.19)
	id <$ID>; $DATE
%%
from $HELO ($HOST. [$IP])
        by smtp.gmail.com with ESMTPSA id a1sm12345wrb.67.2020.03.03.02.11.11
        for <$TO>
        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);
        $DATE
%%
from mail-wr1-f41.google.com (mail-wr1-f41.google.com. [209.85.221.41])
        by mx.google.com with SMTPS id x1sor12345wrb.67.2020.03.03.02.11.12
        for <$TO>
        (Google Transport Security); $DATE
%%
by 2002:a05:6000:1234:0:0:0:0 with SMTP id abc12345wrb;
        $DATE
%%
by 10.1.2.3 with HTTP; $DATE
%%
from [$IP] by web12345.mail.mud.yahoo.com via HTTP; $DATE
%%
from sonic301-2.consmr.mail.gq1.yahoo.com by sonic.gate.mail.ne1.yahoo.com with HTTP; $DATE
%%
by smtp401.mail.ir2.yahoo.com (VZM Hermes SMTP Server) with ESMTPA ID $ID;
          $DATE
%%
from $HELO by $BY via HTTP; $DATE
%%
from $HELO ([$IP])
          by $BY (Lotus Domino Release 8.5.3)
          with ESMTP id 2020030310111234-1234 ;
          Tue, 3 Mar 2020 10:11:12 +0000
%%
from zimbra.example.com (LHLO zimbra.example.com) ($IP) by
 zimbra.example.com with LMTP; $DATE
%%
from $HELO (EHLO $HELO) ([$IP])
	by $BY (MOS 4.1.9-GA FastPath queued)
	with ESMTP id ABC12345; $DATE
%%
from $HELO (account joe@example.com [$IP] verified)
  by $BY (CommuniGate Pro SMTP 5.4.1)
  with ESMTPSA id 12345678 for $TO; $DATE
%%
from [$IP] (account joe HELO $HELO)
  by $BY (CommuniGate Pro SMTP 5.1.16)
  with ESMTPA id 12345678; $DATE
%%
from $HELO ([$IP]) by $BY with MailEnable ESMTP; $DATE
%%
from $HELO [$IP] by $BY with SMTP
  (SMTPD-8.22) id A1B2C3; $DATE
%%
from unknown by $BY with ESMTP (MDaemon PRO v20.0.0) for <$TO>; $DATE
%%
from $HOST [$IP] by $BY [$IP]
  (MDaemon.PRO.v6.8.4.R) for <$TO>; $DATE
%%
from $HELO ($IP) by $BY (MX F5.4.0)
        id $ID for $TO; $DATE
%%
from $HELO ([$IP])
  by $BY with ESMTP/TLS/ECDHE-RSA-AES256-SHA; $DATE
%%
from $HOST (HELO $HELO) ([$IP])
  by $BY with ESMTP; 03 Mar 2020 10:11:12 +0000
%%
from $HELO ([$IP]:61234 "EHLO $HELO")
	by $BY with ESMTP id S1234AbCdE (ORCPT <rfc822;$TO>);
	$DATE
%%
from ($HELO [$IP]) by $BY with smtp
	 id 1234_5678_90ab; $DATE
%%
from $HOST ($IP [$IP]) by $BY with SMTP; $DATE
%%
from SpoolDir by $BY (Mercury 1.48); 3 Mar 20 10:11:12 +0000
%%
from $HELO by $BY (PowerMTA(TM) v3.2r4) id hfp02o32d12j39 for <$TO>; $DATE (envelope-from <$FROM>)
%%
from [$IP] ([$IP:43210] helo=$HELO)
	by $BY (envelope-from <$FROM>)
	(ecelerity 3.6.25.56547 r(Core:3.6.25.0)) with ESMTP
	id A1/B2-12345-ABCDEF; $DATE
%%
from $HELO ($HELO. [$IP])
        by $BY. [10.20.30.40]
        with ESMTPS id $ID; $DATE
%%
from mwebmail ([$IP])
	by mail.example.ne.jp (InterScan Message Security) with ESMTP id $ID
	for <$TO>; Tue,  3 Mar 2020 19:11:12 +0900 (JST)
%%
from $HELO ($HOST [$IP])
	by mxpool.ocn.example.ne.jp (Postfix) with SMTP id $ID
	for <$TO>; Tue,  3 Mar 2020 19:11:12 +0900 (JST)
%%
from $HELO (unverified [$IP]) by $BY
 (Content Technologies SMTPRS 4.3.10) with ESMTP id <T123@$BY> for <$TO>;
 $DATE
%%
from $HELO ([$IP] unverified) by $BY with Microsoft SMTPSVC(5.0.2195.6713); $DATE
%%
from $HELO([$IP]) by $BY (AIX4.3/UCB 8.8.8) id AA123; $DATE
%%
from $HELO (HELO $HELO) ($IP)
	by $BY (Axigen)
	with (ECDHE-RSA-AES256-GCM-SHA384 encrypted) ESMTPSA id 123456; $DATE
%%
from $HELO ($HOST [$IP]) by $BY (Sun Java System Messaging Server 6.2-3.04)
 with ESMTP id <0ABC00DEF@$BY> for $TO; $DATE
%%
from $HOST ($HOST [$IP]) by $BY with ESMTP id $ID (using TLSv1.2) (authenticated as joe@example.com); $DATE
%%
from $HELO ($HOST [$IP])
	by $BY (Haraka/2.8.25) with ESMTPSA id $ID.1
	envelope-from <$FROM> (authenticated bits=0)
	(version=TLSv1/SSLv3 cipher=ECDHE-RSA-AES128-GCM-SHA256 verify=FAIL);
	$DATE
%%
from $HELO ($HOST [IPv6:$IP6])
	by $BY (OpenSMTPD) with ESMTPS id $ID (TLSv1.2:ECDHE-RSA-AES256-GCM-SHA384:256:NO); $DATE
%%
from $HELO (dynamic-$IP.pool.example.com. [$IP]) by $BY with ESMTP id $ID; $DATE
%%
from xn--bcher-kva.example (xn--bcher-kva.example [$IP]) by $BY with UTF8SMTPS id $ID; $DATE
%%
from ismtpd0001p1lon1.sendgrid.net (unknown) by ismtpd0001p1lon1.sendgrid.net (SG) with ESMTP id $ID; $DATE
%%
from MTEyMzQ (unknown)
	by geopod-ismtpd-1-0 (SG) with HTTP id $ID
	$DATE
%%
from a-12-34.smtp-out.amazonses.example (a-12-34.smtp-out.amazonses.example [$IP]) by inbound-smtp.eu-west-1.amazonaws.com with SMTP id $ID for $TO; $DATE
%%
from $HELO [$IP] (EHLO $HELO)
	by $BY (Trend) with ESMTPS; $DATE
%%
from $HELO
	by $BY with esmtp
	id $ID; $DATE
%%
from $HELO (1.2.3.4.static.example.com [$IP]) by $BY with ESMTP (envelope-from $FROM) id $ID; $DATE
%%
FROM $HELO BY $BY WITH SMTP; $DATE
%%
from $HELO ($HOST[$IP])by $BY(Postfix)with ESMTP id $ID;$DATE
%%
from ($IP) by $BY; $DATE
%%
from []  by $BY; $DATE
%%
from $HELO ([::ffff:$IP]) (AUTH: LOGIN joe@example.com) by $BY with ESMTPA; $DATE
%%
from $HELO ($HOST [::ffff:$IP]) by $BY with esmtp; $DATE
%%
for <$TO> with ESMTP from <$FROM>; $DATE
%%
from $HELO (proxying for 10.0.0.1) (SquirrelMail authenticated user joe) by $BY with HTTP; $DATE
%%
from $IP (SquirrelMail authenticated user joe) by $BY with HTTP; $DATE
%%
from 192.168.0.1 ([192.168.0.1]) by $BY (Horde Framework) with HTTP; $DATE
%%
by $BY (Fetchmail-6.3.26) for <$TO>; $DATE (single-drop)
%%
from pop.example.com [$IP]
	by localhost with POP3 (fetchmail-6.3.26)
	for <joe@localhost> (single-drop); $DATE
%%
from $HELO ($IP) by $BY (Openwave) id $ID for $TO; $DATE
%%
from hotmail.com ($HOST [$IP]) by $BY with Microsoft SMTPSVC(6.0.3790.211); $DATE
%%
from BAY123-W12 ([65.55.1.2]) by bay0-omc1-s1.bay0.hotmail.com with Microsoft SMTPSVC(6.0.3790.4675); $DATE
%%
from $HELO (localhost [[UNIX: localhost]]) by $BY (8.12.11/8.12.11/Submit) id $ID; $DATE
%%
from $HOST ($HOST [$IP]) by $BY (5.65c/IDA-1.4.4) id AA01234; $DATE
%%
from [$IP] by $BY id <$ID@$BY>; $DATE
%%
(nullmailer pid 1234 invoked by uid 0);
	$DATE
%%
from $HELO ($HELO [$IP]) by $BY (IceWarp 11.4.6.0) with ESMTP (SSL) id 202003031011123456; $DATE
%%
via smtpd (for $BY [$IP]) with SMTP; 3 Mar 2020 10:11:12 UT
%%
from joe@example.com by $BY by uid 89 with qmail-scanner-1.22 
 (clamdscan: 0.65. spamassassin: 2.63.  Clear:RC:0($IP):SA:0(-2.3/5.0):. 
 Processed in 1.234 secs); $DATE
%%
from Unknown (HELO $HELO) ($IP) by 0 with SMTP; $DATE
END

sub fill
{
	my ($form) = @_;
	my $ip = pick('198.18.' . rnd(250) . '.' . (1 + rnd(250)), '198.19.' . rnd(250) . '.7', '10.' . rnd(250) . '.3.4', '192.168.1.' . rnd(250),
		'172.16.5.' . rnd(250), '8.8.' . rnd(250) . '.4', '224.0.0.' . rnd(9), '127.0.0.1', '0.0.0.0', '64.12.' . rnd(250) . '.9', '300.1.2.3');
	my $by = pick('mx.example.net', 'mx2.example.org', 'in.mail.example.co.jp', 'relay.example.com', 'localhost');
	my %v = (IP => $ip, IP6 => pick('2001:470:1f0b:12::' . rnd(9999), '2001:db8::1', 'fe80::1', '::1', '2a00:1450:4864:20::641'),
		HOST => pick("host" . rnd(99) . '.example.com', 'unknown', 'adsl-' . rnd(250) . '-' . rnd(250) . '.dyn.example.net', $ip, 'p1234-ipngn.example.ne.jp', 'localhost'),
		HELO => pick('mail.example.com', "[$ip]", $ip, 'localhost', 'PC' . rnd(999), 'xn--bcher-kva.example', 'friend', 'mail_1.example.com', '!' . words(1), 'EXAMPLE'),
		BY => $by, FROM => pick(address(), '', 'bounce+a=b@example.org'), TO => 'user@example.net', ID => sprintf('%09X', rnd(1e9)),
		DATE => 'Tue, ' . pick('', ' ') . '3 Mar 2020 ' . sprintf('%02d:%02d:12', 8 + rnd(4), rnd(60)) . pick(' +0000', ' +0900', ' -0500 (EST)', ' GMT', ' +0000 (UTC)', ' -0330'));
	return 'Received: ' . ($form =~ s/\$(\w+)/$v{$1} \/\/ "\$$1"/ger =~ s/\n\z//r) . "\n";
}

my @beside = ('X-Originating-IP: [198.18.7.7]', 'X-Originating-IP: 198.18.7.8', 'X-Yahoo-Post-IP: 198.18.1.1', 'X-Apparently-From: <a@yahoo.com>',
	'X-SenderIP: 198.18.2.2', 'X-AOL-IP: 198.18.3.3', 'X-MS-Exchange-Organization-OriginalClientIPAddress: 198.18.4.4', 'X-Client-IP: 198.18.5.5',
	'X-MDRemoteIP: 198.18.6.6', 'X-Envelope-From: <env@example.org>', 'Envelope-Sender: env2@example.org', 'Return-Path: <rp@example.com>',
	'Return-Path: <>', 'X-Sender: a@example.com', 'Delivered-To: user@example.net', 'X-Original-To: user@example.net', 'X-Mailer: Microsoft Outlook, Build 10.0.2616',
	'X-Authentication-Warning: host.example.com: joe set sender to x@example.com using -f', 'X-Source-IP: 198.18.9.9', 'X-Forwarded-For: a@example.com b@example.com',
	"Authentication-Results: mx.example.net;\n\tspf=pass smtp.mailfrom=a\@example.com; dkim=fail (bad)", 'Received-SPF: pass (mx.example.net: domain of a@example.com) client-ip=198.18.1.1;');

sub chain
{
	my ($first) = @_;
	my @lines = map { fill($_) } defined $first ? $first : (), map { pick(@forms) } 1 .. rnd(5);
	if (chance(40)) {
		splice @lines, rnd(@lines + 1), 0, pick(@beside) . "\n" for 1 .. 1 + rnd(3);
	}
	my $text = join '', @lines;
	$text =~ s/\n[ \t]+/ /g if chance(10);
	return mail(top(Received => $text, From => pick('a@example.com', 'a@yahoo.com', 'a@hotmail.com', 'a@gmail.com', 'a@aol.com')),
		leaf('text/plain', '', sentence() . "\n"));
}

sub messages
{
	return ((map { my $n = $_; [sprintf('form-%03d', $n), sub { chain($forms[$n]) }] } 0 .. $#forms),
		map { [sprintf('chain-%03d', $_), sub { chain() }] } 1 .. 40);
}

1;
