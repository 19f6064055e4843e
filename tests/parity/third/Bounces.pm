# What mail systems send by themselves: bounces of many makes, delays, receipts,
# absences, challenges, list messages, reports of abuse, virus warnings.
package Bounces;

use strict;
use warnings;
use Chance qw(rnd pick chance words sentence paragraph);
use Mail qw(mail leaf multipart top received);

sub original { return mail(top(To => 'gone@example.com'), leaf('text/plain', '', paragraph(3) . "\n")) }
sub status
{
	my ($action, $code, $more) = @_;
	return "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\nArrival-Date: Tue, 3 Mar 2020 10:11:12 +0000\n\n" .
		"Final-Recipient: rfc822; gone\@example.com\nAction: $action\nStatus: $code\n" . ($more // '') . "\n";
}
sub dsn
{
	my ($subject, $from, $text, $action, $code, $more) = @_;
	return mail(top(From => $from, To => 'user@example.net', Subject => $subject, 'Return-Path' => '<>', 'Auto-Submitted' => 'auto-replied'),
		multipart('report; report-type=delivery-status', leaf('text/plain; charset=us-ascii', '', $text, 'Content-Description: Notification'), status($action, $code, $more),
			pick(leaf('message/rfc822', '', original()), leaf('text/rfc822-headers', '', top()))));
}
sub plain { my ($subject, $from, $text, %more) = @_;
	return mail(top(From => $from, To => 'user@example.net', Subject => $subject, %more), leaf('text/plain; charset=us-ascii', '', $text)) }

my %kinds = (
	'postfix' => sub { dsn('Undelivered Mail Returned to Sender', 'MAILER-DAEMON@mx.example.net (Mail Delivery System)',
		"This is the mail system at host mx.example.net.\n\nYour message to gone\@example.com was not accepted.\n\n<gone\@example.com>: host mx.example.com[198.18.1.1] said: 550 5.1.1 no such user\n", 'failed', '5.1.1', "Diagnostic-Code: smtp; 550 5.1.1 no such user\n") },
	'postfix-delay' => sub { dsn('Delayed Mail (still being retried)', 'MAILER-DAEMON@mx.example.net', "Your mail is waiting.\n", 'delayed', '4.4.1') },
	'exim' => sub { plain('Mail delivery failed: returning message to sender', 'Mail Delivery System <Mailer-Daemon@example.org>',
		"A mail of yours was not delivered to all who were to have it:\n\n  gone\@example.com\n    unrouteable\n\n------ The message follows ------\n\n" . original(), 'X-Failed-Recipients' => 'gone@example.com', 'Return-Path' => '<>') },
	'sendmail' => sub { dsn('Returned mail: see transcript for details', 'Mail Delivery Subsystem <MAILER-DAEMON@example.org>',
		"   ----- The following addresses had permanent fatal errors -----\n<gone\@example.com>\n\n   ----- Transcript of session follows -----\n550 5.1.1 <gone\@example.com>... User unknown\n", 'failed', '5.1.1', "Remote-MTA: DNS; mx.example.com\n") },
	'qmail' => sub { plain('failure notice', 'MAILER-DAEMON@mail.example.org', "Hi. This is the qmail-send program at mail.example.org.\nI'm afraid that it did not work.\n\n<gone\@example.com>:\n198.18.1.1 does not like recipient.\nGiving up on 198.18.1.1.\n\n--- Below this line is a copy of the message.\n\n" . original(), 'Return-Path' => '<>') },
	'exchange' => sub { dsn('Undeliverable: ' . words(3), 'postmaster@example.com', "mx.example.com rejected it.\n\nDiagnostic information for administrators:\n\nGenerating server: mx.example.com\n\ngone\@example.com\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n", 'failed', '5.1.1', "X-Display-Name: gone\@example.com\n") },
	'exchange-old' => sub { plain('Undeliverable: ' . words(3), 'System Administrator <postmaster@example.com>', "Your message\n\n  To:      gone\@example.com\n  Subject: x\n\ndid not reach the following recipient(s):\n\ngone\@example.com on Tue, 3 Mar 2020\n    The recipient name is not recognized\n", 'X-MS-Embedded-Report' => '') },
	'gmail' => sub { dsn('Delivery Status Notification (Failure)', 'Mail Delivery Subsystem <mailer-daemon@googlemail.com>', "** Address not found **\n\nNot delivered to gone\@example.com.\n\nThe response was:\n\n550 5.1.1\n", 'failed', '5.1.1') },
	'yahoo' => sub { plain('Failure Notice', 'MAILER-DAEMON@yahoo.com', "Sorry, we were unable to deliver your message to the following address.\n\n<gone\@example.com>:\nRemote host said: 550 [RCPT_TO]\n\n--- Below this line is a copy of the message.\n\n" . original()) },
	'aol' => sub { dsn('Mail Delivery Problem', 'Mail Delivery Subsystem <MAILER-DAEMON@aol.com>', "Your mail to the following recipients could not be delivered:\n<gone\@aol.com>\n", 'failed', '5.2.1') },
	'domino' => sub { plain('DELIVERY FAILURE: User gone (gone@example.com) not listed in Domino Directory', 'Postmaster@example.com', "Your message\n\n  Subject: x\n\nwas not delivered to:\n\n  gone\@example.com\n\nbecause:\n\n  not listed\n") },
	'groupwise' => sub { plain('Message status - undeliverable', 'GW.Postoffice@example.com', "The message that you sent was undeliverable to the following:\n\tgone (user not found)\n") },
	'symantec' => sub { plain('Symantec Mail Security detected a violation', 'postmaster@example.com', "The message was blocked.\n") },
	'interscan' => sub { plain('[MailServer Notification] To External Recipient', 'interscan@example.com', "InterScan found a thing.\n") },
	'virus' => sub { plain('VIRUS (Worm.Example) IN YOUR MAIL', 'Content-filter at example.com <postmaster@example.com>', "A virus was found: Worm.Example\n\nPlease check your system.\n", 'X-Virus-Scanned' => 'amavisd-new') },
	'mdn' => sub { mail(top(Subject => 'Read: ' . words(2), 'Return-Path' => '<>'), multipart('report; report-type=disposition-notification', leaf('text/plain', '', "Your message was read.\n"),
		"Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;a\@example.com\nOriginal-Message-ID: <1\@example.net>\nDisposition: manual-action/MDN-sent-manually; displayed\n")) },
	'arf' => sub { mail(top(Subject => 'FW: ' . words(2)), multipart('report; report-type=feedback-report', leaf('text/plain', '', "An email abuse report.\n"),
		"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Example/1.0\nVersion: 1\nSource-IP: 198.18.1.2\n", leaf('message/rfc822', '', original()))) },
	'dmarc' => sub { mail(top(Subject => 'Report Domain: example.net Submitter: example.com Report-ID: <1>'), leaf('application/gzip; name="example.com!example.net!1!2.xml.gz"', 'base64', "\x1f\x8b\x08\0" . 'x' x 200)) },
	'ooo' => sub { plain('Out of Office: ' . words(2), 'a@example.com', "I am out of the office until Monday and will answer then.\n", 'Auto-Submitted' => 'auto-replied', 'X-Auto-Response-Suppress' => 'All') },
	'ooo-de' => sub { plain('Abwesenheitsnotiz: ' . words(2), 'a@example.com', "Ich bin bis Montag nicht im Hause.\n", 'Auto-Submitted' => 'auto-replied (vacation)') },
	'ooo-fr' => sub { plain("R\xe9ponse automatique d'absence du bureau", 'a@example.com', "Je suis absent.\n", 'Precedence' => 'auto_reply') },
	'vacation' => sub { plain('away from my mail', 'a@example.com', "I am away.\n", 'Precedence' => 'junk', 'X-Autoreply' => 'yes') },
	'challenge' => sub { plain('Please confirm your message', 'a-confirm-1583.abc@example.com', "To release your mail, please reply.\n", 'X-Delivery-Agent' => 'TMDA/1.0.3 (Seattle Slew)', 'Auto-Submitted' => 'auto-replied') },
	'boxtrapper' => sub { plain('Your email requires verification verify#abc123', 'a@example.com', "The message you sent requires that you verify it.\n", 'X-Boxtrapper' => 'abc') },
	'spamarrest' => sub { plain('Re: ' . words(2), 'a@example.com', "I use Spam Arrest, click http://www.spamarrest.com/a2?x\n", 'X-SpamArrest' => 'yes') },
	'mailman' => sub { plain('[list] ' . words(3), 'a@example.com', paragraph(3) . "\n_______________________________________________\nlist mailing list\nlist\@example.org\nhttp://lists.example.org/listinfo/list\n", 'List-Id' => 'A list <list.example.org>', 'List-Post' => '<mailto:list@example.org>',
		'List-Unsubscribe' => "<http://lists.example.org/options/list>,\n\t<mailto:list-request\@example.org?subject=unsubscribe>", 'Precedence' => 'list', 'X-BeenThere' => 'list@example.org', 'X-Mailman-Version' => '2.1.29', 'Errors-To' => 'list-bounces@example.org', 'Sender' => 'list-bounces@example.org') },
	'mailman-digest' => sub { mail(top(Subject => 'list Digest, Vol 1, Issue 2', 'List-Id' => '<list.example.org>'), multipart('mixed', leaf('text/plain', '', "Send list mail to ...\n"), multipart('digest', map { "\n" . original() } 1 .. 3), leaf('text/plain', '', "_______\n"))) },
	'ezmlm' => sub { plain(words(3), 'a@example.com', paragraph(2) . "\n", 'Mailing-List' => 'contact list-help@example.org; run by ezmlm', 'Delivered-To' => 'mailing list list@example.org', 'List-Post' => '<mailto:list@example.org>', 'Precedence' => 'bulk') },
	'sympa' => sub { plain('[s] ' . words(3), 'a@example.com', paragraph(2) . "\n", 'X-Loop' => 'list@example.org', 'X-Sequence' => '12', 'X-no-archive' => 'yes', 'List-Owner' => '<mailto:o@example.org>', 'List-Archive' => '<http://example.org/arc>') },
	'googlegroups' => sub { plain(words(3), 'a@example.com', paragraph(2) . "\n", 'Mailing-list' => 'list g@googlegroups.com; contact g+owners@googlegroups.com', 'X-Google-Group-Id' => '123', 'List-Id' => '<g.googlegroups.com>') },
	'groupsio' => sub { plain(words(3), 'a@example.com', paragraph(2) . "\n", 'Message-ID' => '<AbCd.1583230272.1234@groups.io>', 'List-Id' => '<x.groups.io>') },
	'fml' => sub { plain('[ml:00123] ' . words(2), 'a@example.ne.jp', paragraph(2) . "\n", 'X-ML-Name' => 'ml', 'X-Mail-Count' => '00123', 'X-MLServer' => 'fml [fml 4.0.3]', 'X-ML-Info' => "If you have a question,\n\tplease contact ml-admin\@example.ne.jp") },
	'majordomo' => sub { plain('Majordomo results', 'majordomo@example.org', ">>>> subscribe list\nSucceeded.\n", 'Precedence' => 'bulk') },
	'listserv' => sub { plain('Rejected posting to LIST@EXAMPLE.ORG', 'L-Soft list server at EXAMPLE <LISTSERV@EXAMPLE.ORG>', "You are not authorized.\n", 'X-LSV-ListID' => 'None') },
	'cron' => sub { plain('Cron <root@host> /usr/bin/backup', 'root@host.example.com (Cron Daemon)', "done\n", 'X-Cron-Env' => '<SHELL=/bin/sh>', 'Auto-Submitted' => 'auto-generated') },
	'fax' => sub { mail(top(From => 'Fax <fax@example.com>', Subject => 'Fax received'), multipart('mixed', leaf('text/plain', '', "see attached\n"), leaf('image/tiff; name="fax.tif"', 'base64', "II*\0" . 'x' x 500))) },
	'calendar' => sub { mail(top(Subject => 'Invitation: ' . words(2)), multipart('alternative', leaf('text/plain', '', sentence()), leaf('text/calendar; method=REQUEST; charset=utf-8', pick('7bit', 'base64'),
		"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:1\@example.com\r\nDTSTART:20200303T101112Z\r\nSUMMARY:" . words(3) . "\r\nURL:http://cal.example.com/x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"))) },
);

sub messages
{
	return map { my $name = $_; map { ["$name-$_", $kinds{$name}] } 1 .. 2 } sort keys %kinds;
}

1;
