/*
 * Headers, a test of the header or relay family with its arguments, and what
 * SpamAssassin 4.0.1 answers.
 */
static const struct header_case {
	const char *name, *headers, *test, *args[3];
	int hits;
} cases[] = {
	{ "Hotmail itself",
	  "From: b@hotmail.com\n"
	  "Received: from hotmail.com (f135.law8.hotmail.com [198.18.2.3]) by "
	  "mx.example.com (Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 "
	  "+0100\n"
	  "X-Originating-IP: [198.18.9.9]\n",
	  "check_for_forged_hotmail_received_headers", { NULL }, 0 },
	{ "Hotmail without X-Originating-IP",
	  "From: b@hotmail.com\n"
	  "Received: from hotmail.com (f135.law8.hotmail.com [198.18.2.3]) by "
	  "mx.example.com (Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 "
	  "+0100\n",
	  "check_for_forged_hotmail_received_headers", { NULL }, 1 },
	{ "HELO hotmail.com from elsewhere",
	  "From: x@example.com\n"
	  "Received: from hotmail.com (evil.example.net [198.18.2.3]) by "
	  "mx.example.com (Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 "
	  "+0100\n"
	  "X-Originating-IP: 198.18.1.1\n",
	  "check_for_forged_hotmail_received_headers", { NULL }, 1 },
	{ "From Hotmail, not through it",
	  "From: b@hotmail.com\n"
	  "Received: from a.example.net (a.example.net [198.18.2.3]) by mx.example.com "
	  "(Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_no_hotmail_received_headers", { NULL }, 1 },
	{ "From Hotmail, without any Received",
	  "From: b@hotmail.com\n",
	  "check_for_no_hotmail_received_headers", { NULL }, 0 },
	{ "outlook.com counts with X-OriginatorOrg",
	  "From: b@hotmail.com\n"
	  "Received: from EUR-obe.outbound.protection.outlook.com "
	  "(m.outbound.protection.outlook.com [198.18.9.9]) by mx.example.com "
	  "(Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n"
	  "X-OriginatorOrg: hotmail.com\n",
	  "check_for_no_hotmail_received_headers", { NULL }, 0 },
	{ "outlook.com without it",
	  "From: b@hotmail.com\n"
	  "Received: from EUR-obe.outbound.protection.outlook.com "
	  "(m.outbound.protection.outlook.com [198.18.9.9]) by mx.example.com "
	  "(Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_no_hotmail_received_headers", { NULL }, 1 },
	{ "MSN group",
	  "To: L <mylist@groups.msn.com>\n"
	  "Received: from mail pickup service by p04.groups.msn.com with Microsoft "
	  "SMTPSVC; Thu, 5 May 2005 20:30:37 -0700\n"
	  "Message-Id: <mylist-1392@groups.msn.com>\n"
	  "Return-Path: <mylist-bounce@groups.msn.com>\n",
	  "check_for_msn_groups_headers", { NULL }, 0 },
	{ "MSN group, bounce address first",
	  "Return-Path: <mylist-bounce@groups.msn.com>\n"
	  "To: L <mylist@groups.msn.com>\n"
	  "Received: from mail pickup service by p04.groups.msn.com with Microsoft "
	  "SMTPSVC; Thu, 5 May 2005 20:30:37 -0700\n"
	  "Message-Id: <mylist-1392@groups.msn.com>\n",
	  "check_for_msn_groups_headers", { NULL }, 1 },
	{ "MSN notification",
	  "To: <notifications@groups.msn.com>\n"
	  "Received: from mail pickup service by p04.groups.msn.com with Microsoft "
	  "SMTPSVC; Thu, 5 May 2005 20:30:37 -0700\n"
	  "Message-ID: <TK2@p04.groups.msn.com>\n",
	  "check_for_msn_groups_headers", { NULL }, 1 },
	{ "MSN notification of another server",
	  "To: <notifications@groups.msn.com>\n"
	  "Received: from mail pickup service by p04.groups.msn.com with Microsoft "
	  "SMTPSVC; Thu, 5 May 2005 20:30:37 -0700\n"
	  "Message-ID: <TK2@p05.groups.msn.com>\n",
	  "check_for_msn_groups_headers", { NULL }, 0 },
	{ "Eudoramail",
	  "From: e@eudoramail.com\n"
	  "Received: from a (b [198.18.1.1]) by mx.example.com (Postfix) with ESMTP id "
	  "A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_forged_eudoramail_received_headers", { NULL }, 1 },
	{ "Eudoramail, own line",
	  "From: e@eudoramail.com\n"
	  "Received: from Unknown/Local ([?.?.?.?]) by shared1-mail.whowhere.com; Thu "
	  "Nov 29 13:44:25 2001\n"
	  "X-Sender-Ip: 198.18.1.1\n",
	  "check_for_forged_eudoramail_received_headers", { NULL }, 0 },
	{ "Yahoo web mail",
	  "From: j@yahoo.com\n"
	  "Received: from [198.18.3.3] by web40310.mail.yahoo.com via HTTP; Wed, 12 "
	  "Feb 2003 14:22:21 PST\n",
	  "check_for_forged_yahoo_received_headers", { NULL }, 0 },
	{ "Yahoo forged",
	  "From: j@yahoo.com\n"
	  "Received: from yahoo.com (x.example.net [198.18.3.3]) by mx.example.com "
	  "(Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_forged_yahoo_received_headers", { NULL }, 1 },
	{ "Yahoo relay",
	  "From: j@yahoo.com\n"
	  "Received: from mta.mud.yahoo.com (mta.mud.yahoo.com [198.18.3.3]) by "
	  "mx.example.com (Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 "
	  "+0100\n",
	  "check_for_forged_yahoo_received_headers", { NULL }, 0 },
	{ "not yahoo.com",
	  "From: j@notyahoo.com\n"
	  "Received: from x (x.example.net [198.18.3.3]) by mx.example.com (Postfix) "
	  "with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_forged_yahoo_received_headers", { NULL }, 0 },
	{ "Yahoo resent",
	  "From: j@yahoo.com\n"
	  "Resent-From: a@b.c\n"
	  "Resent-To: a@b.c\n"
	  "Received: from x (x.example.net [198.18.3.3]) by mx.example.com (Postfix) "
	  "with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n"
	  "X-Received: by smtp105.yahoo.com with SMTP\n",
	  "check_for_forged_yahoo_received_headers", { NULL }, 0 },
	{ "Juno",
	  "From: x@juno.com\n"
	  "Received: from m06.untd.com (m06.untd.com [198.18.7.7]) by mx.example.com "
	  "(Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n"
	  "X-Originating-IP: 198.18.7.8\n"
	  "X-Mailer: Juno 5.0\n",
	  "check_for_forged_juno_received_headers", { NULL }, 0 },
	{ "Juno by another mailer",
	  "From: x@juno.com\n"
	  "Received: from m06.untd.com (m06.untd.com [198.18.7.7]) by mx.example.com "
	  "(Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n"
	  "X-Originating-IP: 198.18.7.8\n",
	  "check_for_forged_juno_received_headers", { NULL }, 1 },
	{ "Gmail by nobody",
	  "From: a@gmail.com\n"
	  "Received: from x (x.example.net [198.18.3.3]) by mx.example.com (Postfix) "
	  "with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_forged_gmail_received_headers", { NULL }, 1 },
	{ "Gmail by Google",
	  "From: a@gmail.com\n"
	  "X-Received: by 10.1.2.3 with SMTP id abc\n",
	  "check_for_forged_gmail_received_headers", { NULL }, 0 },
	{ "Gmail by its states",
	  "From: a@gmail.com\n"
	  "X-Gm-Message-State: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaa\n"
	  "X-Google-Smtp-Source: "
	  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n",
	  "check_for_forged_gmail_received_headers", { NULL }, 0 },
	{ "AOL relay that is none",
	  "Received: from x by rly-xw01.mx.aol.com with QMQP; Sat, 15 Jun 2002 "
	  "23:37:16 -0000\n",
	  "check_for_fake_aol_relay_in_rcvd", { NULL }, 1 },
	{ "AOL relay",
	  "Received: from x by rly-xw01.mx.aol.com (8.8/AOL-5.0.0) with SMTP\n",
	  "check_for_fake_aol_relay_in_rcvd", { NULL }, 0 },
	{ "gw05",
	  "Received: from x\n"
	  "Received: from mail3.example.com by gw05 with ESMTP; Thu, 21 Jun 2001 "
	  "02:28:32 -0400\n",
	  "check_for_forged_gw05_received_headers", { NULL }, 1 },
	{ "gw05 alone",
	  "Received: from mail3.example.com by gw05 with ESMTP; Thu, 21 Jun 2001 "
	  "02:28:32 -0400\n",
	  "check_for_forged_gw05_received_headers", { NULL }, 0 },
	{ "ezmlm",
	  "Mailing-List: contact l-help@example.org; run by ezmlm\n"
	  "Delivered-To: mailing list l@example.org\n"
	  "Received: (qmail 27981 invoked from network); 14 Mar 2003 07:24:34 -0000\n",
	  "gated_through_received_hdr_remover", { NULL }, 1 },
	{ "Received is there",
	  "Received: from x\n",
	  "gated_through_received_hdr_remover", { NULL }, 0 },
	{ "no Received",
	  "Subject: x\n",
	  "gated_through_received_hdr_remover", { NULL }, 1 },
	{ "Date is Received",
	  "Date: Fri, 2 Aug 2002 20:03:05 +0000\n"
	  "Received: from a (b [198.18.1.1]) by mx.example.com (Postfix) with ESMTP id "
	  "A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_shifted_date", { "undef", "-1" }, 0 },
	{ "Date is 4 hours late",
	  "Date: Sat, 3 Aug 2002 00:03:05 +0000\n"
	  "Received: from a (b [198.18.1.1]) by mx.example.com (Postfix) with ESMTP id "
	  "A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_shifted_date", { "3", "6" }, 1 },
	{ "the nearest Received counts",
	  "Date: Sat, 3 Aug 2002 00:03:05 +0000\n"
	  "Received: from a (b [198.18.1.1]) by mx.example.com (Postfix) with ESMTP id "
	  "A1234; Fri, 2 Aug 2002 21:03:05 +0100\n"
	  "Received: from c (d [198.18.1.1]) by e (Postfix) with SMTP id 1; 3 Aug 2002 "
	  "00:10:00 +0000\n",
	  "check_for_shifted_date", { "3", "6" }, 0 },
	{ "the first hop may be the sender",
	  "Date: Sat, 3 Aug 2002 00:03:05 +0000\n"
	  "Received: from a (b [198.18.1.1]) by mx.example.com (Postfix) with ESMTP id "
	  "A1234; Fri, 2 Aug 2002 21:03:05 +0100\n"
	  "Received: from c (d [198.18.1.1]) by e (Postfix) with SMTP id 1; 3 Aug 2002 "
	  "00:03:05 +0000\n",
	  "check_for_shifted_date", { "3", "6" }, 1 },
	{ "Resent-Date goes before Date",
	  "Date: Sat, 3 Aug 2002 00:03:05 +0000\n"
	  "Resent-Date: Fri, 2 Aug 2002 20:03:05 +0000\n"
	  "Received: from a (b [198.18.1.1]) by mx.example.com (Postfix) with ESMTP id "
	  "A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_shifted_date", { "3", "6" }, 0 },
	{ "no Date",
	  "Received: from a (b [198.18.1.1]) by mx.example.com (Postfix) with ESMTP id "
	  "A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_shifted_date", { "3", "undef" }, 0 },
	{ "Outlook id long ago",
	  "Message-ID: <000f01c2f4a7$1234abcd$0100a8c0@host>\n"
	  "Date: Fri, 2 Aug 2024 20:03:05 +0000\n"
	  "Received: x; Fri, 2 Aug 2024 20:03:05 +0000\n",
	  "check_outlook_message_id", { NULL }, 1 },
	{ "Outlook id in time",
	  "Message-ID: <000f01c2f4a7$1234abcd$0100a8c0@host>\n"
	  "Date: Thu, 27 Mar 2003 21:11:00 +0000\n"
	  "Received: x; Thu, 27 Mar 2003 21:11:10 +0000\n",
	  "check_outlook_message_id", { NULL }, 0 },
	{ "no Outlook id",
	  "Message-ID: <x@y>\n"
	  "Date: Thu, 27 Mar 2003 21:11:00 +0000\n",
	  "check_outlook_message_id", { NULL }, 0 },
	{ "capitals",
	  "Subject: BUY THIS NOW\n",
	  "subject_is_all_caps", { NULL }, 1 },
	{ "capitals behind Re:",
	  "Subject: Re: FWD: AW: BUY THIS NOW\n",
	  "subject_is_all_caps", { NULL }, 1 },
	{ "one word",
	  "Subject: BUYTHISNOWATONCE\n",
	  "subject_is_all_caps", { NULL }, 0 },
	{ "short",
	  "Subject: BUY IT NOW\n"
	  "X: y\n",
	  "subject_is_all_caps", { NULL }, 1 },
	{ "too short",
	  "Subject: BUY IT 1\n",
	  "subject_is_all_caps", { NULL }, 0 },
	{ "capitals of Japan",
	  "Subject: =?iso-2022-jp?Q?BUY_THIS_NOW?=\n",
	  "subject_is_all_caps", { NULL }, 0 },
	{ "digits only",
	  "Subject: 1234 5678 9012\n",
	  "subject_is_all_caps", { NULL }, 0 },
	{ "address in Subject",
	  "To: user@example.com\n"
	  "Subject: hello USER@example.com!\n",
	  "check_for_to_in_subject", { "address" }, 1 },
	{ "address within a word",
	  "To: user@example.com\n"
	  "Subject: xuser@example.com\n",
	  "check_for_to_in_subject", { "address" }, 0 },
	{ "user, hello",
	  "To: user@example.com\n"
	  "Subject: user, hello\n",
	  "check_for_to_in_subject", { "user" }, 1 },
	{ "User, hello",
	  "To: user@example.com\n"
	  "Subject: User, hello\n",
	  "check_for_to_in_subject", { "user" }, 0 },
	{ "re: hi user",
	  "To: user@example.com\n"
	  "Subject: Re: hi user\n",
	  "check_for_to_in_subject", { "user" }, 1 },
	{ "the user alone",
	  "To: user@example.com\n"
	  "Subject: USER\n",
	  "check_for_to_in_subject", { "user" }, 1 },
	{ "hello user",
	  "To: user@example.com\n"
	  "Subject: hello user\n",
	  "check_for_to_in_subject", { "user" }, 0 },
	{ "sorted",
	  "To: a@x.org, b@x.org, c@x.org, d@x.org, e@x.org, f@x.org, g@x.org\n",
	  "sorted_recipients", { NULL }, 1 },
	{ "not sorted",
	  "To: a@x.org, c@x.org, b@x.org, d@x.org, e@x.org, f@x.org, g@x.org\n",
	  "sorted_recipients", { NULL }, 0 },
	{ "six",
	  "To: a@x.org, b@x.org, c@x.org, d@x.org, e@x.org, f@x.org\n",
	  "sorted_recipients", { NULL }, 0 },
	{ "alike",
	  "To: aa1@xy.org, aa2@xz.org, aa3@xa.org, aa4@xb.org, aa5@xc.org\n",
	  "similar_recipients", { "0.65", "undef" }, 1 },
	{ "not alike",
	  "To: ba1@aa.org, ca2@bb.org, da3@cc.org, ea4@dd.org, fa5@ee.org\n",
	  "similar_recipients", { "0.2", "undef" }, 0 },
	{ "8-bit Subject",
	  "Subject: \377\376\375\n",
	  "check_illegal_chars", { "Subject", "0.00", "2" }, 1 },
	{ "UTF-8 Subject",
	  "Subject: \303\251\303\250\n",
	  "check_illegal_chars", { "Subject", "0.00", "2" }, 0 },
	{ "UTF-8 with a control",
	  "Subject: \303\251\303\250\001\n",
	  "check_illegal_chars", { "Subject", "0.00", "2" }, 1 },
	{ "one pound sign is exempt",
	  "Subject: \243 1 \377\n",
	  "check_illegal_chars", { "Subject", "0.00", "2" }, 0 },
	{ "distinct values",
	  "X: a\n"
	  "X: a\n"
	  "X: b\n",
	  "check_header_count_range", { "X", "2", "2" }, 1 },
	{ "template",
	  "X-Mailer: %CUSTOM_MAILER\n",
	  "check_unresolved_template", { NULL }, 1 },
	{ "template in Subject",
	  "Subject: %CUSTOM_MAILER\n",
	  "check_unresolved_template", { NULL }, 0 },
	{ "ratware id",
	  "From: \"x\" <user@example.com>\n"
	  "Message-ID: <ABCDEFGHIJKLMNOPQRSTUVWXYZAB.user@example.com>\n",
	  "check_ratware_name_id", { NULL }, 1 },
	{ "ratware id of another",
	  "From: \"x\" <other@example.com>\n"
	  "Message-ID: <ABCDEFGHIJKLMNOPQRSTUVWXYZAB.user@example.com>\n",
	  "check_ratware_name_id", { NULL }, 0 },
	{ "ratware sender",
	  "Return-Path: <bounce-example.com-user@x.org>\n"
	  "To: user@example.com\n",
	  "check_ratware_envelope_from", { NULL }, 1 },
	{ "honest sender",
	  "Return-Path: <user@example.com>\n"
	  "To: user@example.com\n",
	  "check_ratware_envelope_from", { NULL }, 0 },
	{ "same domain",
	  "Return-Path: <a@lists.example.com>\n"
	  "From: b@www.example.com\n",
	  "check_equal_from_domains", { NULL }, 0 },
	{ "other domain",
	  "Return-Path: <a@example.org>\n"
	  "From: b@example.com\n",
	  "check_equal_from_domains", { NULL }, 1 },
	{ "same sender",
	  "Return-Path: <A@example.com>\n"
	  "From: X <a@EXAMPLE.com>\n",
	  "check_for_matching_env_and_hdr_from", { NULL }, 1 },
	{ "To is missing",
	  "Subject: x\n",
	  "check_for_missing_to_header", { NULL }, 1 },
	{ "leave address",
	  "List-Unsubscribe: <mailto:leave-x@example.org>\n"
	  "Received: from x\n",
	  "check_messageid_not_usable", { NULL }, 1 },
	{ "message id is usable",
	  "Received: from x\n",
	  "check_messageid_not_usable", { NULL }, 0 },
	{ "all trusted",
	  "Received: from a (b [10.0.0.1]) by mx.example.com (Postfix) with ESMTP id "
	  "A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_all_trusted", { NULL }, 1 },
	{ "not all understood",
	  "Received: from a (b [10.0.0.1]) by mx.example.com (Postfix) with ESMTP id "
	  "A1234; Fri, 2 Aug 2002 21:03:05 +0100\n"
	  "Received: from x\n",
	  "check_all_trusted", { NULL }, 0 },
	{ "no relays",
	  "Subject: x\n",
	  "check_no_relays", { NULL }, 1 },
	{ "not understood",
	  "Received: from x\n",
	  "check_relays_unparseable", { NULL }, 1 },
	{ "numeric HELO",
	  "Received: from 198.18.7.7 (b [198.18.0.1]) by mx.example.com (Postfix) with "
	  "ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_numeric_helo", { NULL }, 1 },
	{ "private numeric HELO",
	  "Received: from 10.0.0.7 (b [198.18.0.1]) by mx.example.com (Postfix) with "
	  "ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_numeric_helo", { NULL }, 1 },
	{ "HELO far away",
	  "Received: from 198.18.7.7 (b [198.18.0.1]) by mx.example.com (Postfix) with "
	  "ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "helo_ip_mismatch", { NULL }, 1 },
	{ "HELO next door",
	  "Received: from 198.18.0.7 (b [198.18.0.1]) by mx.example.com (Postfix) with "
	  "ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "helo_ip_mismatch", { NULL }, 0 },
	{ "no name for a dotcom",
	  "Received: from mx.aol.com (unknown [198.18.0.1]) by mx.example.com "
	  "(Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_no_rdns_dotcom_helo", { NULL }, 1 },
	{ "the last relay decides",
	  "Received: from mx.aol.com (unknown [198.18.0.1]) by mx.example.com "
	  "(Postfix) with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n"
	  "Received: from x (y [198.18.0.1]) by mx.example.com (Postfix) with ESMTP id "
	  "A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_no_rdns_dotcom_helo", { NULL }, 0 },
	{ "broken trail",
	  "Received: from a (a.aaa.org [198.18.0.1]) by b.bbb.com (Postfix) with SMTP "
	  "id 1\n"
	  "Received: from c (c.ccc.org [198.18.0.2]) by d.ddd.com (Postfix) with SMTP "
	  "id 1\n"
	  "Received: from e (e.eee.org [198.18.0.3]) by f.fff.com (Postfix) with SMTP "
	  "id 1\n",
	  "check_for_forged_received_trail", { NULL }, 1 },
	{ "unbroken trail",
	  "Received: from a (a.aaa.org [198.18.0.1]) by b.bbb.com (Postfix) with SMTP "
	  "id 1\n"
	  "Received: from c (c.ccc.org [198.18.0.2]) by d.aaa.org (Postfix) with SMTP "
	  "id 1\n"
	  "Received: from e (e.eee.org [198.18.0.3]) by f.ccc.org (Postfix) with SMTP "
	  "id 1\n",
	  "check_for_forged_received_trail", { NULL }, 0 },
	{ "IP HELO from another net",
	  "Received: from 198.19.7.7 (b [198.18.0.1]) by mx.example.com (Postfix) with "
	  "SMTP id 1\n",
	  "check_for_forged_received_ip_helo", { NULL }, 1 },
	{ "sender has a name",
	  "Received: from a (a.example.org [198.18.0.1]) by mx.example.com (Postfix) "
	  "with ESMTP id A1234; Fri, 2 Aug 2002 21:03:05 +0100\n",
	  "check_for_sender_no_reverse", { NULL }, 1 },
	{ "From in the domain",
	  "From: a@example.org\n"
	  "Received: from x (m.example.org [198.18.0.1]) by y.example.org (Postfix) "
	  "with SMTP id 1\n",
	  "check_for_from_domain_in_received_headers", { "example.org", "true" }, 1 },
	{ "From in the domain, relays not",
	  "From: a@example.org\n"
	  "Received: from x (m.example.net [198.18.0.1]) by y.example.org (Postfix) "
	  "with SMTP id 1\n",
	  "check_for_from_domain_in_received_headers", { "example.org", "true" }, 0 },
};
