/*
 * Received lines of many programs, and what SpamAssassin 4.0.1 reads in them:
 * "[ ip=... ]" with whether the address is private, whether the host has no
 * name, and whether an envelope sender was found; "ignored" (with the sender
 * that qmail-scanner tells), "fetched" or "unparseable". The answers were
 * printed by tests/parity/sa_received.pl.
 */
static const struct received_case {
	const char *line, *answer;
} cases[] = {
	/* What is no hand-over at all. */
	{ "by mail.example.com (Postfix, from userid 1002) id DABBD1BED3; Thu, 13 Feb 2003 "
	  "14:02:21 +0100",
	  "ignored" },
	{ "(qmail 27981 invoked by uid 225); 14 Mar 2003 07:24:34 -0000",
	  "ignored" },
	{ "with ECARTIS (v1.0.0; list x); Fri, 18 Aug 2006 07:19:58 +0000",
	  "ignored" },
	{ "",
	  "ignored" },
	{ "from www-data by www.example.com (Exim 4.50) with local for <a@example.org> id 1GF; "
	  "Tue, 22 Aug 2006 21:06:04 +0200",
	  "ignored" },
	{ "from a.example.org by b.example.com ; Thu, 20 Feb 2003 23:32:58 +0100",
	  "ignored" },
	{ "FROM a.example.org BY b.example.com; Fri Feb 07 10:18:12 2003 -0800",
	  "ignored" },
	{ "from [198.18.158.69] by mx.example.com; Thu, 2 Aug 2007 21:50:04 -0200",
	  "[ ip=198.18.158.69 rdns= helo=!198.18.158.69! by=mx.example.com ident= envfrom= "
	  "intl=0 id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	/* Ids, dates, missing blanks, folding. */
	{ "from a.example.org (localhost [127.0.0.1])by b.example.com (Postfix) with ESMTP id "
	  "846CF2117for <x@example.org>; Mon,  7 Aug 2006 17:48:07 +0200 (MEST)",
	  "[ ip=127.0.0.1 rdns=localhost helo=a.example.org by=b.example.com ident= envfrom= "
	  "intl=0 id=846CF2117for auth= msa=0 ] private=1 nordns=0 envfrom=0" },
	{ "from a.example.org (a.example.org [198.18.1.2])\n\tby b.example.com (Postfix) with "
	  "ESMTP id <A1B2C3@b.example.com>\n\tfor <x@example.com>; Mon, 7 Aug 2006 17:48:07 "
	  "+0200;",
	  "[ ip=198.18.1.2 rdns=a.example.org helo=a.example.org by=b.example.com ident= "
	  "envfrom= intl=0 id=A1B2C3@b.example.com auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from a.example.org (a.example.org [198.18.1.2]) by b.example.com (Postfix) with "
	  "ESMTP id AB; 7 Aug 2006 17:48 GMT",
	  "[ ip=198.18.1.2 rdns=a.example.org helo=a.example.org by=b.example.com ident= "
	  "envfrom= intl=0 id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	/* Postfix. */
	{ "from localhost (unknown [127.0.0.1]) by mx.example.com (Postfix) with ESMTP id "
	  "A96E18BD97 for <jm@localhost>; Thu, 13 Mar 2003 15:23:15 -0500 (EST)",
	  "[ ip=127.0.0.1 rdns= helo=localhost by=mx.example.com ident= envfrom= intl=0 "
	  "id=A96E18BD97 auth= msa=0 ] private=1 nordns=1 envfrom=0" },
	{ "from HELO.example.org (unknown [IPv6:2001:db8::25]) by mx.example.com (Postfix) "
	  "with ESMTPS id 9029AFB732; Sat, 8 Nov 2003 17:57:46 -0500",
	  "[ ip=2001:db8::25 rdns= helo=HELO.example.org by=mx.example.com ident= envfrom= "
	  "intl=0 id=9029AFB732 auth= msa=0 ] private=0 nordns=1 envfrom=0" },
	{ "from 198.18.8.3 (unknown[198.18.94.65]) by mx.example.com (Postfix) with SMTP id "
	  "9029AFB732; Sat, 8 Nov 2003 17:57:46 -0500 (EST)",
	  "[ ip=198.18.94.65 rdns= helo=198.18.8.3 by=mx.example.com ident= envfrom= intl=0 "
	  "id=9029AFB732 auth= msa=0 ] private=0 nordns=1 envfrom=0" },
	{ "from [192.168.1.5] (dsl.example.net [198.18.3.3]) (Authenticated sender: "
	  "joe@example.com) by mx.example.com (Postfix) with ESMTPSA id 1; Sat, 8 Nov 2003 "
	  "17:57:46 -0500",
	  "[ ip=198.18.3.3 rdns=dsl.example.net helo=!192.168.1.5! by=mx.example.com ident= "
	  "envfrom= intl=0 id= auth=ESMTPSA msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from [192.168.1.5] (dsl.example.net [198.18.3.3]) (Authenticated sender: "
	  "joe@example.com) by mx.example.com (Postfix) with ESMTP id 1; Sat, 8 Nov 2003 "
	  "17:57:46 -0500",
	  "[ ip=198.18.3.3 rdns=dsl.example.net helo=!192.168.1.5! by=mx.example.com ident= "
	  "envfrom= intl=0 id= auth=Postfix msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from [192.168.1.5] (dsl.example.net [198.18.3.3]) (Authenticated sender: "
	  "joe@example.com) by mx.example.com (MailThing) with ESMTP id 1; Sat, 8 Nov 2003 "
	  "17:57:46 -0500",
	  "[ ip=198.18.3.3 rdns=dsl.example.net helo=!192.168.1.5! by=mx.example.com ident= "
	  "envfrom= intl=0 id= auth=Postfix (MailThing) msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from mx1.example.net. (mx1.example.net. [198.18.9.9]) by mx.example.com (Postfix) "
	  "with ESMTP id 1F; Sat, 8 Nov 2003 17:57:46 -0500",
	  "[ ip=198.18.9.9 rdns=mx1.example.net helo=mx1.example.net. by=mx.example.com ident= "
	  "envfrom= intl=0 id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from x (fe80.example.net [fe80::1%eth0]) by mx.example.com (Postfix) with ESMTP id "
	  "1F; Sat, 8 Nov 2003 17:57:46 -0500",
	  "unparseable" },
	{ "from x (m.example.net [::ffff:198.18.1.9]) by mx.example.com (Postfix) with ESMTP "
	  "id 1F; Sat, 8 Nov 2003 17:57:46 -0500",
	  "[ ip=198.18.1.9 rdns=m.example.net helo=x by=mx.example.com ident= envfrom= intl=0 "
	  "id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from a#b<c>|d (m.example.net [198.18.1.9]) by mx.example.com (Postfix) with ESMTP "
	  "id 1F; Sat, 8 Nov 2003 17:57:46 -0500",
	  "[ ip=198.18.1.9 rdns=m.example.net helo=a!b!c!!d by=mx.example.com ident= envfrom= "
	  "intl=0 id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from x (m.example.net [198.18.1.256]) by mx.example.com (Postfix) with ESMTP id 1F; "
	  "Sat, 8 Nov 2003 17:57:46 -0500",
	  "unparseable" },
	/* Sendmail. */
	{ "from mail.example.org (host66.example.org [198.18.159.66] (may be forged)) by "
	  "mx.example.com (8.11.6/8.11.6) with ESMTP id h2F0c2x31856 for <jm@example.com>; "
	  "Sat, 15 Mar 2003 00:38:03 GMT",
	  "[ ip=198.18.159.66 rdns=host66.example.org helo=mail.example.org by=mx.example.com "
	  "ident= envfrom= intl=0 id=h2F0c2x31856 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from ran.example.org (IDENT:qmailr@one.example.org [198.18.84.115]) by "
	  "mx.example.com (8.11.6/8.11.6) with SMTP id h381Vvf19860; Tue, 8 Apr 2003 02:31:57 "
	  "+0100",
	  "[ ip=198.18.84.115 rdns=one.example.org helo=ran.example.org by=mx.example.com "
	  "ident=qmailr envfrom= intl=0 id=h381Vvf19860 auth= msa=0 ] private=0 nordns=0 "
	  "envfrom=0" },
	{ "from ran.example.org (joe@one.example.org [198.18.84.115]) by mx.example.com "
	  "(8.11.6/8.11.6) with SMTP id h381Vvf19860; Tue, 8 Apr 2003 02:31:57 +0100",
	  "[ ip=198.18.84.115 rdns=one.example.org helo=ran.example.org by=mx.example.com "
	  "ident=joe envfrom= intl=0 id=h381Vvf19860 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from pool.example.org (natpool62.example.org [198.18.93.62] (may be forged)) "
	  "(authenticated) by mx.example.com (8.11.4/8.11.4) with ESMTP id h0KKa7d32306",
	  "[ ip=198.18.93.62 rdns=natpool62.example.org helo=pool.example.org "
	  "by=mx.example.com ident= envfrom= intl=0 id=h0KKa7d32306 auth=Sendmail msa=0 ] "
	  "private=0 nordns=0 envfrom=0" },
	{ "from gandalf ([198.18.75.131]) (authenticated bits=0) by mx.example.com "
	  "(8.12.5/8.12.5/x) with ESMTP id g9JLefrm028228; Sat, 19 Oct 2002 16:40:41 -0500 "
	  "(EST)",
	  "[ ip=198.18.75.131 rdns= helo=gandalf by=mx.example.com ident= envfrom= intl=0 "
	  "id=g9JLefrm028228 auth=Sendmail msa=0 ] private=0 nordns=1 envfrom=0" },
	{ "from roissy (p573.example.net [198.18.226.61]) (authenticated bits=0) by "
	  "mx.example.com (8.12.6/8.12.6) with ESMTP id g9MF; Tue, 22 Oct 2002 16:32:39 +0100 "
	  "(IST)",
	  "[ ip=198.18.226.61 rdns=p573.example.net helo=roissy by=mx.example.com ident= "
	  "envfrom= intl=0 id=g9MF auth=Sendmail msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from 4wtgRl (kgbxn@[198.18.147.115]) by mx.example.com (8.11.6/8.11.6) with SMTP id "
	  "h8BBsUJ18848; Thu, 11 Sep 2003 12:54:31 +0100",
	  "[ ip=198.18.147.115 rdns= helo=4wtgRl by=mx.example.com ident=kgbxn envfrom= intl=0 "
	  "id=h8BBsUJ18848 auth= msa=0 ] private=0 nordns=1 envfrom=0" },
	{ "from mail.example.cn ([198.18.185.24]) by mx.example.com (8.11.6/8.11.6) with ESMTP "
	  "id h2FH0Zx11330; Sat, 15 Mar 2003 17:00:41 GMT",
	  "[ ip=198.18.185.24 rdns= helo=mail.example.cn by=mx.example.com ident= envfrom= "
	  "intl=0 id=h2FH0Zx11330 auth= msa=0 ] private=0 nordns=1 envfrom=0" },
	{ "from mail7.example.edu (mail7.example.edu [198.18.1.64]) via ESMTP by "
	  "relay.example.edu (8.12.1/) id h06GHYLZ022481; Mon, 6 Jan 2003 10:17:34 -0600",
	  "[ ip=198.18.1.64 rdns=mail7.example.edu helo=mail7.example.edu by=relay.example.edu "
	  "ident= envfrom= intl=0 id=h06GHYLZ022481 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	/* Exim. */
	{ "from [198.18.163.26] (helo=host) by lists.example.net with smtp (Exim 3.31-VA-mm2 "
	  "#1 (Debian)) id 18t2z0-0001NX-00 for <u@lists.example.net>; Wed, 12 Mar 2003 "
	  "01:57:10 -0800",
	  "[ ip=198.18.163.26 rdns= helo=host by=lists.example.net ident= envfrom= intl=0 "
	  "id=18t2z0-0001NX-00 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from [198.18.142.229] (helo=hotmail.example ident=yiuhyotp) by mx.example.com with "
	  "smtp (Exim 3.35 #1 (Debian)) id 194BE5-0005Zh-00; Sat, 12 Apr 2003 03:58:53 +0100",
	  "[ ip=198.18.142.229 rdns= helo=hotmail.example by=mx.example.com ident=yiuhyotp "
	  "envfrom= intl=0 id=194BE5-0005Zh-00 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from list-b.example.net ([10.3.1.13] helo=list.example.net) by list2.example.net "
	  "with esmtp (Exim 3.31 #1 (Debian)) id 18t301-0007Bh-00; Wed, 12 Mar 2003 01:58:13 "
	  "-0800",
	  "[ ip=10.3.1.13 rdns=list-b.example.net helo=list.example.net by=list2.example.net "
	  "ident= envfrom= intl=0 id=18t301-0007Bh-00 auth= msa=0 ] private=1 nordns=0 "
	  "envfrom=0" },
	{ "from kluge.example.net ([198.18.69.221] ident=[W9VcNxE2vKxg/O]) by list.example.net "
	  "with esmtp (Cipher TLSv1:DES-CBC3-SHA:168) (Exim 3.31 #1 (Debian)) id "
	  "18m0hT-00031I-00; Thu, 20 Feb 2003 16:06:00 -0800",
	  "[ ip=198.18.69.221 rdns=kluge.example.net helo=kluge.example.net "
	  "by=list.example.net ident=!W9VcNxE2vKxg/O! envfrom= intl=0 id=18m0hT-00031I-00 "
	  "auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from mail.example.pe ([198.18.149.154]) by mx with esmtp (Exim 3.35 #1 (Debian)) id "
	  "18tqiz-000702-00; Fri, 14 Mar 2003 15:03:57 +0000",
	  "[ ip=198.18.149.154 rdns=mail.example.pe helo=mail.example.pe by=mx ident= envfrom= "
	  "intl=0 id=18tqiz-000702-00 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from s040.example.de ([198.18.130.48]:52313) by vps.example.info with esmtps "
	  "(TLS-1.0:DHE_RSA_3DES_EDE_CBC_SHA:24) (Exim 4.50) id 1GzVLs-0002Oz-7b; Tue, 26 Dec "
	  "2006 22:12:34 +0100",
	  "[ ip=198.18.130.48 rdns=s040.example.de helo=s040.example.de by=vps.example.info "
	  "ident= envfrom= intl=0 id=1GzVLs-0002Oz-7b auth= msa=0 ] private=0 nordns=0 "
	  "envfrom=0" },
	{ "from boggle.example.nz [198.18.252.209] by grunt6.example.nz with esmtp (Exim 3.35 "
	  "#1 (Debian)) id 18SWRe-0006X6-00; Sun, 29 Dec 2002 18:57:06 +1300",
	  "[ ip=198.18.252.209 rdns=boggle.example.nz helo=boggle.example.nz "
	  "by=grunt6.example.nz ident= envfrom= intl=0 id=18SWRe-0006X6-00 auth= msa=0 ] "
	  "private=0 nordns=0 envfrom=0" },
	{ "from helene8.example.net (helene.example.org) [10.0.8.6.13219] (mail) by "
	  "lisbeth.example.net with esmtp (Exim 3.35 #1 (Debian)) id 1CO5y7-0001vC-00; Sun, 31 "
	  "Oct 2004 04:01:23 +0100",
	  "[ ip=10.0.8.6 rdns=helene8.example.net helo=helene.example.org "
	  "by=lisbeth.example.net ident= envfrom= intl=0 id=1CO5y7-0001vC-00 auth= msa=0 ] "
	  "private=1 nordns=0 envfrom=0" },
	{ "from root (helo=candy.example.org) by thunk.example.org with local-esmtps "
	  "(tls_cipher TLS-1.0:RSA_AES_256_CBC_SHA:32) (Exim 4.50 #1 (Debian)) id "
	  "1FwHqR-0008Bw-OG; Fri, 30 Jun 2006 08:11:35 -0400",
	  "ignored" },
	{ "from mail.example.org ([198.18.5.1]:4321 helo=x.example.org) by mx.example.com with "
	  "esmtpsa (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.96) (envelope-from "
	  "<a@example.org>) id 1r1v7i-00017A-2g; Sun, 12 Nov 2023 08:02:35 +1100",
	  "[ ip=198.18.5.1 rdns=mail.example.org helo=x.example.org by=mx.example.com ident= "
	  "envfrom=a@example.org intl=0 id=1r1v7i-00017A-2g auth=esmtpsa msa=0 ] private=0 "
	  "nordns=0 envfrom=1" },
	/* Microsoft. */
	{ "from inet.example.com ([10.54.6.157]) by imc-05.example.com with Microsoft "
	  "SMTPSVC(5.0.2195.6624); Thu, 6 Mar 2003 12:02:35 -0800",
	  "[ ip=10.54.6.157 rdns= helo=inet.example.com by=imc-05.example.com ident= envfrom= "
	  "intl=0 id= auth= msa=0 ] private=1 nordns=0 envfrom=0" },
	{ "from 0 ([198.18.138.57] RDNS failed) by mx.example.com with Microsoft "
	  "SMTPSVC(6.0.3790.0); Thu, 23 Sep 2004 08:51:06 -0700",
	  "[ ip=198.18.138.57 rdns= helo=0 by=mx.example.com ident= envfrom= intl=0 id= auth= "
	  "msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from  ([172.16.1.78]) by email2.example.com with Microsoft SMTPSVC(5.0.2195.6713); "
	  "Wed, 6 Sep 2006 21:14:29 -0400",
	  "[ ip=172.16.1.78 rdns= helo= by=email2.example.com ident= envfrom= intl=0 id= auth= "
	  "msa=0 ] private=1 nordns=0 envfrom=0" },
	{ "from mail pickup service by mx.example.com with Microsoft SMTPSVC; Thu, 13 Feb 2003 "
	  "19:05:39 -0500",
	  "ignored" },
	{ "from EXC-02.example.net (10.45.252.152) by EXC-03.example.net (10.45.252.153) with "
	  "Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15.1.1261.35; Mon, 29 Oct 2018 "
	  "11:17:19 +0100",
	  "[ ip=10.45.252.152 rdns=EXC-02.example.net helo=EXC-02.example.net "
	  "by=EXC-03.example.net ident= envfrom= intl=0 id=15.1.1261.35 auth= msa=0 ] "
	  "private=1 nordns=0 envfrom=0" },
	{ "from AM5.eurprd04.example.com ([fe80::19bd:c588:dd17:5226]) by "
	  "AM6.eurprd04.example.com ([fe80::19bd:c588:dd17:5226%6]) with mapi id "
	  "15.20.1943.023; Wed, 5 Jun 2019 10:17:08 +0000",
	  "[ ip=fe80::19bd:c588:dd17:5226 rdns= helo=AM5.eurprd04.example.com "
	  "by=AM6.eurprd04.example.com ident= envfrom= intl=0 id= auth= msa=0 ] private=1 "
	  "nordns=0 envfrom=0" },
	{ "from VI1.eurprd04.example.com (2603:10a6:802:b::13) by VI2.eurprd04.example.com "
	  "(2603:10a6:802:b::14) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id "
	  "15.20.6; Wed, 5 Jun 2019 10:17:08 +0000",
	  "[ ip=2603:10a6:802:b::13 rdns=VI1.eurprd04.example.com "
	  "helo=VI1.eurprd04.example.com by=VI2.eurprd04.example.com ident= envfrom= intl=0 "
	  "id=15.20.6 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from ns.example.kr (198.18.246.58 [198.18.246.58]) by mail.example.pe with SMTP "
	  "(Microsoft Exchange Internet Mail Service Version 5.5.1960.3) id G69TW478; Thu, 13 "
	  "Mar 2003 14:01:10 -0500",
	  "[ ip=198.18.246.58 rdns=198.18.246.58 helo=ns.example.kr by=mail.example.pe ident= "
	  "envfrom= intl=0 id=G69TW478 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	/* Qmail and kin. */
	{ "from unknown (HELO machine.example.com) (foobar@198.18.0.169) by mx.example.net "
	  "with SMTP; 14 Nov 2003 08:05:50 -0000",
	  "[ ip=198.18.0.169 rdns= helo=machine.example.com by=mx.example.net ident=foobar "
	  "envfrom= intl=0 id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from free.example.fr (HELO machine.example.com) (198.18.0.169) by mx.example.net "
	  "with SMTP; 14 Nov 2003 08:05:50 -0000",
	  "[ ip=198.18.0.169 rdns=free.example.fr helo=machine.example.com by=mx.example.net "
	  "ident= envfrom= intl=0 id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from x1-6.example.dk (benelli@198.18.158.170) by mx.example.net with SMTP; 5 Nov "
	  "2003 23:18:42 -0000",
	  "[ ip=198.18.158.170 rdns=x1-6.example.dk helo=x1-6.example.dk by=mx.example.net "
	  "ident=benelli envfrom= intl=0 id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from unknown (198.18.158.170) by mx.example.net with SMTP; 5 Nov 2003 23:18:42 -0000",
	  "[ ip=198.18.158.170 rdns= helo=unknown by=mx.example.net ident= envfrom= intl=0 id= "
	  "auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from unknown (HELO ter.example.com) (jdavid@[198.18.40.70]) (envelope-sender "
	  "<jdavid@example.com>) by mail13.example.net (qmail-ldap-1.03) with SMTP for "
	  "<jm@example.org>; 12 Feb 2003 18:23:19 -0000",
	  "[ ip=198.18.40.70 rdns= helo=ter.example.com by=mail13.example.net ident=jdavid "
	  "envfrom=jdavid@example.com intl=0 id= auth= msa=0 ] private=0 nordns=0 envfrom=1" },
	{ "from 198.18.85.228 (EHLO ) (198.18.85.228) by mta232.mail.example.com with SMTP; "
	  "Sun, 25 Jan 2004 00:24:37 -0800",
	  "[ ip=198.18.85.228 rdns=198.18.85.228 helo= by=mta232.mail.example.com ident= "
	  "envfrom= intl=0 id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from x.example.org (HELO (paren) (198.18.85.228) by mta232.mail.example.com with "
	  "RC4-SHA encrypted SMTP; Sun, 25 Jan 2004 00:24:37 -0800",
	  "[ ip= rdns= helo= by=mta232.mail.example.com ident= envfrom= intl=0 id= auth= msa=0 "
	  "] private=0 nordns=1 envfrom=0" },
	{ "from a.example.net (HELO b.example.org) (198.18.1.5) by c.example.com with SMTP id "
	  "x; 25 Jan 2004 00:24:37 -0000",
	  "[ ip=198.18.1.5 rdns=a.example.net helo=b.example.org by=c.example.com ident= "
	  "envfrom= intl=0 id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from sshgate.example.net (HELO misc.example.net) (198.18.250.220) by la.example.com "
	  "(qpsmtpd/0.27-dev) with ESMTP; Fri, 02 Jan 2004 14:44:41 -0800",
	  "[ ip=198.18.250.220 rdns=sshgate.example.net helo=misc.example.net "
	  "by=la.example.com ident= envfrom= intl=0 id= auth= msa=0 ] private=0 nordns=0 "
	  "envfrom=0" },
	{ "from backend.example.com (LHLO backend.example.com) (10.2.2.20) by "
	  "backend.example.com with LMTP; Thu, 18 Jun 2015 16:50:56 -0700 (PDT)",
	  "[ ip=10.2.2.20 rdns=backend.example.com helo=backend.example.com "
	  "by=backend.example.com ident= envfrom= intl=0 id= auth= msa=0 ] private=1 nordns=0 "
	  "envfrom=0" },
	{ "from dslb.example.net (EHLO homepc) [198.18.45.64] by mail.gmx.net (mp010) with "
	  "SMTP; 03 Feb 2007 13:13:47 +0100",
	  "[ ip=198.18.45.64 rdns=dslb.example.net helo=homepc by=mail.gmx.net ident= envfrom= "
	  "intl=0 id= auth=GMX (SMTP / mail.gmx.net) msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from customer.example.net (HELO AGAMENON) (baldusi@198.18.254.217 with plain) by "
	  "smtp.mail.example.com with SMTP; 11 Mar 2003 21:03:28 -0000",
	  "[ ip=198.18.254.217 rdns=customer.example.net helo=AGAMENON "
	  "by=smtp.mail.example.com ident=baldusi envfrom= intl=0 id= auth= msa=0 ] private=0 "
	  "nordns=0 envfrom=0" },
	{ "from mtsbp606.example.net (?dXqpg3b0hiH9@198.18.199.166) by kde.example.org with "
	  "SMTP; 30 Apr 2003 15:06:29",
	  "[ ip=198.18.199.166 rdns=mtsbp606.example.net helo=mtsbp606.example.net "
	  "by=kde.example.org ident=?dXqpg3b0hiH9 envfrom= intl=0 id= auth= msa=0 ] private=0 "
	  "nordns=0 envfrom=0" },
	/* Courier, CommuniGate, MDaemon, XMail, ecelerity, Lotus, Scalix. */
	{ "from example.com (softdnserr [::ffff:198.18.99.67]) by mail.example.fi with esmtp; "
	  "Fri, 22 Aug 2003 12:25:41 +0300",
	  "[ ip=198.18.99.67 rdns= helo=example.com by=mail.example.fi ident= envfrom= intl=0 "
	  "id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from Agni (localhost [::ffff:127.0.0.1]) (TLS: TLSv1/SSLv3, 168bits,DES-CBC3-SHA) "
	  "by agni.example.net with esmtp; Mon, 28 Oct 2002 14:48:52 -0800",
	  "[ ip=127.0.0.1 rdns=localhost helo=Agni by=agni.example.net ident= envfrom= intl=0 "
	  "id= auth= msa=0 ] private=1 nordns=0 envfrom=0" },
	{ "from pc ([::ffff:198.18.3.4]) (AUTH: LOGIN joe@example.com, TLS: TLSv1) by "
	  "mx.example.com with esmtp; Mon, 28 Oct 2002 14:48:52 -0800",
	  "[ ip=198.18.3.4 rdns= helo=pc by=mx.example.com ident= envfrom= intl=0 id= "
	  "auth=LOGIN msa=0 ] private=0 nordns=1 envfrom=0" },
	{ "from [192.168.1.104] (account nazgul HELO [192.168.1.104]) by mx.example.com "
	  "(CommuniGate Pro SMTP 3.5.7) with ESMTP-TLS id 2088434; Fri, 07 Mar 2003 13:05:06 "
	  "-0500",
	  "[ ip=192.168.1.104 rdns= helo=!192.168.1.104! by=mx.example.com ident= envfrom= "
	  "intl=0 id=2088434 auth=Communigate msa=0 ] private=1 nordns=0 envfrom=0" },
	{ "from host.example.com ([198.18.0.1] verified) by mail.example.net (CommuniGate Pro "
	  "SMTP 5.1.13) with ESMTP id 9786656 for u@example.net; Thu, 27 Mar 2008 15:08:17 "
	  "+0600",
	  "[ ip=198.18.0.1 rdns=host.example.com helo=host.example.com by=mail.example.net "
	  "ident= envfrom= intl=0 id=9786656 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from [198.18.144.30] (account seiz [198.18.144.30] verified) by x.example.net "
	  "(CommuniGate Pro SMTP 4.0.3) with ESMTP-TLS id 5026665; Wed, 15 Jan 2003 16:27:05 "
	  "+0100",
	  "[ ip=198.18.144.30 rdns= helo= by=x.example.net ident= envfrom= intl=0 id=5026665 "
	  "auth=Communigate msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from acecomms [198.18.84.95] by mailscan.example.au [198.18.84.27] with SMTP "
	  "(MDaemon.PRO.v5.0.6.R) for <t@example.net>; Fri, 21 Feb 2003 09:32:27 +1000",
	  "[ ip=198.18.84.95 rdns= helo=acecomms by=mailscan.example.au ident= envfrom= intl=0 "
	  "id= auth= msa=0 ] private=0 nordns=1 envfrom=0" },
	{ "from smtp510.example.de [(198.18.4.21)] by mail.example.com (198.18.4.24) (MDaemon "
	  "PRO v19.0.2) with ESMTP id md50018233933.msg; Tue, 16 Jul 2019 11:39:22 +0200",
	  "[ ip=198.18.4.21 rdns= helo=smtp510.example.de by=mail.example.com ident= envfrom= "
	  "intl=0 id=md50018233933.msg auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from list.example.com (198.18.189.86:23198) by mx1.example.net (198.18.147.34:25) "
	  "with [XMail 1.20 ESMTP Server] id <S72E> for <j@example.org> from "
	  "<bounce-119@list.example.com>; Sat, 18 Sep 2004 23:17:54 -0500",
	  "[ ip=198.18.189.86 rdns= helo=list.example.com by=mx1.example.net ident= "
	  "envfrom=bounce-119@list.example.com intl=0 id=S72E auth= msa=0 ] private=0 nordns=0 "
	  "envfrom=1" },
	{ "from ([10.225.209.19:33672]) by ecelerity-va-1 (ecelerity HEAD) with SMTP id "
	  "EE/20-30863-33CE1054; Fri, 08 Sep 2006 18:18:27 -0400",
	  "ignored" },
	{ "from ([192.168.1.151:49601] helo=dev1.example.org) by m12.example.com (ecelerity "
	  "2.1.1.3 r(11743)) with ESMTP id 52/92; Fri, 15 Sep 2006 10:58:32 -0400",
	  "[ ip=192.168.1.151 rdns= helo=dev1.example.org by=m12.example.com ident= envfrom= "
	  "intl=0 id=52/92 auth= msa=0 ] private=1 nordns=0 envfrom=0" },
	{ "from m.example.org ([198.18.1.151:49601]) by m12.example.com (ecelerity 2.1.1.3 "
	  "r(11743)) with ESMTP id 52/92; Fri, 15 Sep 2006 10:58:32 -0400",
	  "[ ip=198.18.1.151 rdns= helo= by=m12.example.com ident= envfrom= intl=0 id=52/92 "
	  "auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from srv ([198.18.20.1]) by notes.example.com (Lotus Domino Release 6.5.4) with "
	  "ESMTP id 2006; Mon, 5 Jun 2006 03:48:47 +0100",
	  "[ ip=198.18.20.1 rdns= helo=srv by=notes.example.com ident= envfrom= intl=0 id=2006 "
	  "auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from DPLAPTOP ( 198.18.176.162) by mail.example.com (Scalix SMTP Relay 10.0.1.3) "
	  "via ESMTP; Fri, 23 Jun 2006 16:39:47 -0500 (CDT)",
	  "[ ip=198.18.176.162 rdns= helo=DPLAPTOP by=mail.example.com ident= envfrom= intl=0 "
	  "id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	/* Web mail. */
	{ "from 198.18.110.122 (SquirrelMail authenticated user synapse) by mail.example.org "
	  "with HTTP; Sat, 3 Apr 2004 10:33:43 -0500 (EST)",
	  "[ ip=198.18.110.122 rdns= helo= by=mail.example.org ident= envfrom= intl=0 id= "
	  "auth=HTTP msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from 198.18.198.129 by FWM-M18.sysops.aol.com (198.18.168.82) with HTTP "
	  "(WebMailUI); Tue, 19 Jun 2007 11:16:54 -0400",
	  "[ ip=198.18.198.129 rdns= helo= by=FWM-M18.sysops.aol.com ident= envfrom= intl=0 "
	  "id= auth=HTTP msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from 198.18.58.28 ([198.18.58.28]) by webmail.example.net (IMP) with HTTP for "
	  "<a@localhost>; Sun, 11 Apr 2004 00:31:07 +0100",
	  "[ ip=198.18.58.28 rdns= helo= by=webmail.example.net ident= envfrom= intl=0 id= "
	  "auth=HTTP msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from 198.18.174.21 by lw11fd.law11.hotmail.msn.com with HTTP; Wed, 24 Jul 2002 "
	  "16:36:44 GMT",
	  "[ ip=198.18.174.21 rdns= helo= by=lw11fd.law11.hotmail.msn.com ident= envfrom= "
	  "intl=0 id= auth=HTTP msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from nowhere by lw11fd.law11.hotmail.msn.com with HTTP; Wed, 24 Jul 2002 16:36:44 "
	  "GMT",
	  "[ ip= rdns= helo= by=lw11fd.law11.hotmail.msn.com ident= envfrom= intl=0 id= "
	  "auth=HTTP msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from [198.18.176.134] by web40310.mail.example.com via HTTP; Wed, 12 Feb 2003 "
	  "14:22:21 PST",
	  "[ ip=198.18.176.134 rdns= helo= by=web40310.mail.example.com ident= envfrom= intl=0 "
	  "id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from 192.168.5.158 ( [192.168.5.158]) as user jason@localhost by mail.example.net "
	  "with HTTP; Mon, 8 Jul 2002 23:24:56 -0400",
	  "[ ip=192.168.5.158 rdns= helo= by=mail.example.net ident= envfrom= intl=0 id= "
	  "auth=HTTP msa=0 ] private=1 nordns=0 envfrom=0" },
	{ "from [198.18.215.125] by ws1-7.example.com with http for x@example.com; Thu, 13 Feb "
	  "2003 15:59:28 -0500",
	  "[ ip=198.18.215.125 rdns= helo= by=ws1-7.example.com ident= envfrom= intl=0 id= "
	  "auth=http msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from itrqtnlnq (lucille@198.18.107.183 with login) by smtp111.mail.ne1.yahoo.com "
	  "with SMTP; 17 Jan 2011 08:23:27 -0800 PST",
	  "[ ip=198.18.107.183 rdns= helo=itrqtnlnq by=smtp111.mail.ne1.yahoo.com ident= "
	  "envfrom= intl=0 id= auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from [198.18.7.7] by mx.example.com with Microsoft Exchange Server HTTP-DAV ; Mon, "
	  "8 Jul 2002 23:24:56 -0400",
	  "[ ip=198.18.7.7 rdns= helo= by=mx.example.com ident= envfrom= intl=0 id= "
	  "auth=HTTP-DAV msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from [198.18.7.7] (helo=x) by mx.example.com (via HTTPS) id 77; Mon, 8 Jul 2002 "
	  "23:24:56 -0400",
	  "[ ip=198.18.7.7 rdns= helo=x by=mx.example.com ident= envfrom= intl=0 id= "
	  "auth=HTTPS msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from smtpclient.example (dsl.example.net. [198.18.9.4]) by mx.google.com with "
	  "ESMTPS id x1sm123456abc.12.2019.03.05.08.59.12 for <a@example.com> (version=TLS1_2 "
	  "cipher=ECDHE bits=128/128); Tue, 05 Mar 2019 08:59:12 -0800 (PST)",
	  "[ ip=198.18.9.4 rdns=dsl.example.net helo=smtpclient.example by=mx.google.com "
	  "ident= envfrom= intl=0 id=x1sm123456abc.12.2019.03.05.08.59.12 auth=GMail - "
	  "transport=TLS1_2 cipher=ECDHE bits=128/128 msa=0 ] private=0 nordns=0 envfrom=0" },
	/* Firewalls and filters. */
	{ "from snake.corp.example.com(198.18.52.229) by x.example.org via smap (V1.3) id "
	  "xma093673; Wed, 26 Mar 03 20:43:24 -0600",
	  "[ ip=198.18.52.229 rdns=snake.corp.example.com helo= by=x.example.org ident= "
	  "envfrom= intl=0 id=xma093673 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from smtp.example.com(198.18.14.51, HELO smtp.example.net) by x.example.org via "
	  "smap (V1.3) id xma002908; Fri, 27 Feb 04 14:16:56 -0800",
	  "[ ip=198.18.14.51 rdns=smtp.example.com helo=smtp.example.net by=x.example.org "
	  "ident= envfrom= intl=0 id=xma002908 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from nodnsquery(198.18.64.12) by mx.example.edu via csmap (V4.1) id srcAAAyHaywy",
	  "[ ip=198.18.64.12 rdns=nodnsquery helo= by=mx.example.edu ident= envfrom= intl=0 "
	  "id=srcAAAyHaywy auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from 10.54.8.23 by vrs-05.example.com (InterScan E-Mail VirusWall NT); Thu, 06 Mar "
	  "2003 12:02:35 -0800",
	  "[ ip=10.54.8.23 rdns= helo= by=vrs-05.example.com ident= envfrom= intl=0 id= auth= "
	  "msa=0 ] private=1 nordns=0 envfrom=0" },
	{ "from 198.18.0.153 by dm3cn8.example.ca with ESMTP (Tumbleweed MMS SMTP Relay (MMS "
	  "v5.0)); Mon, 24 Mar 2003 19:49:48 -0500",
	  "[ ip=198.18.0.153 rdns= helo= by=dm3cn8.example.ca ident= envfrom= intl=0 id= auth= "
	  "msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from [10.128.128.81]:50999 (HELO df.example.com) by fsav4im2 ([10.128.128.74]:25) "
	  "(F-Secure Anti-Virus for Internet Mail 6.0.34 Release) with SMTP; Tue, 5 Mar 2002 "
	  "14:11:53 -0000",
	  "[ ip=10.128.128.81 rdns= helo=df.example.com by=fsav4im2 ident= envfrom= intl=0 id= "
	  "auth= msa=0 ] private=1 nordns=0 envfrom=0" },
	{ "from 198.18.7.250 (HELO daisy) by smtp.example.de (198.18.22.152) with SMTP; 19 Sep "
	  "2002 17:03:17 +0000",
	  "[ ip=198.18.7.250 rdns= helo=daisy by=smtp.example.de ident= envfrom= intl=0 id= "
	  "auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from oemcomputer [198.18.189.195] by mx.example.net (SMTPD32-7.07) id A4CE7F2A0028; "
	  "Sat, 01 Feb 2003 21:39:10 -0500",
	  "[ ip=198.18.189.195 rdns= helo=oemcomputer by=mx.example.net ident= envfrom= intl=0 "
	  "id=A4CE7F2A0028 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from (198.18.135.194 [198.18.135.194]) by mail.example.com with ESMTP id BQB0hUH2 "
	  "Thu, 20 Feb 2003 16:13:20 -0700 (PST)",
	  "[ ip=198.18.135.194 rdns= helo=198.18.135.194 by=mail.example.com ident= envfrom= "
	  "intl=0 id=BQB0hUH2 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from (198.18.36.186) by mcafee.example.edu via smtp id 021b_7e19a55a; Tue, 23 May "
	  "2006 13:06:35 -0400",
	  "[ ip=198.18.36.186 rdns= helo= by=mcafee.example.edu ident= envfrom= intl=0 "
	  "id=021b_7e19a55a auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from pobox.example.org (h0050.example.net[198.18.45.164]) by rwcrmhc53.example.net "
	  "(rwcrmhc53) with SMTP id <2003031302165605300suph7e>; Thu, 13 Mar 2003 02:16:56 "
	  "+0000",
	  "[ ip=198.18.45.164 rdns=h0050.example.net helo=pobox.example.org "
	  "by=rwcrmhc53.example.net ident= envfrom= intl=0 id=2003031302165605300suph7e auth= "
	  "msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from a.example.net (<unknown.domain>[198.18.5.69]) by rwcrmhc53.example.net "
	  "(rwcrmhc53) with SMTP id <2002112823351305300akl1ue>; Thu, 28 Nov 2002 23:35:13 "
	  "+0000",
	  "[ ip=198.18.5.69 rdns= helo=a.example.net by=rwcrmhc53.example.net ident= envfrom= "
	  "intl=0 id=2002112823351305300akl1ue auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from 01al.example.com ([198.18.5.141] [198.18.5.141]) by mx3.example.com with "
	  "ESMTP; Mon, 10 Mar 2003 11:10:41 -0500",
	  "[ ip=198.18.5.141 rdns= helo=01al.example.com by=mx3.example.com ident= envfrom= "
	  "intl=0 id= auth= msa=0 ] private=0 nordns=1 envfrom=0" },
	{ "from TCE-E.example.cn(198.18.182.54) via SMTP by st.example.at, id smtpdEDUB8h; Sun "
	  "Nov 13 14:50:12 2005",
	  "[ ip=198.18.182.54 rdns=TCE-E.example.cn helo= by=st.example.at ident= envfrom= "
	  "intl=0 id=smtpdEDUB8h auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from UNKNOWN(198.18.82.27), claiming to be \"foo.example.net\" via SMTP by "
	  "st.example.at, id smtpd1PBsZT; Sun Nov 13 15:38:52 2005",
	  "[ ip=198.18.82.27 rdns= helo=foo.example.net by=st.example.at ident= envfrom= "
	  "intl=0 id=smtpd1PBsZT auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "(from localhost [198.18.180.47]) by host.example.com (NAVGW 2.5.2.12) with SMTP id "
	  "M2006060503484615455 for <u@example.org>; Mon, 05 Jun 2006 03:48:47 +0100",
	  "[ ip=198.18.180.47 rdns= helo=localhost by=host.example.com ident= envfrom= intl=0 "
	  "id=M2006060503484615455 auth= msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "(from joe@localhost) by home.example.com (8.12.11/8.12.11/Submit) id "
	  "iBADHRP6011034; Fri, 10 Dec 2004 13:17:27 GMT",
	  "ignored" },
	{ "(from joe@example.com) by m06.example.net (jqueuemail) id LRVB3JAJ; Fri, 02 Jun "
	  "2006 08:15:21 PDT",
	  "unparseable" },
	{ "FROM hackers.example.edu (smtp.mail.example.edu [198.18.14.81]) BY "
	  "madman.example.edu ID 434B508E.174A6.13932 ; 11 Oct 2005 01:41:34 -0400",
	  "[ ip=198.18.14.81 rdns=smtp.mail.example.edu helo=hackers.example.edu "
	  "by=madman.example.edu ident= envfrom= intl=0 id=434B508E.174A6.13932 auth= msa=0 ] "
	  "private=0 nordns=0 envfrom=0" },
	{ "FROM helo (unverified [198.18.3.4]) BY x.example.com (Rockliffe SMTPRA 10.3.0) WITH "
	  "SMTP ID <B0065361981@x.example.com> FOR <foo@example.net>; Tue, 6 Nov 2018 07:41:26 "
	  "+0200",
	  "[ ip=198.18.3.4 rdns= helo=helo by=x.example.com ident= envfrom= intl=0 "
	  "id=B0065361981@x.example.com auth= msa=0 ] private=0 nordns=1 envfrom=0" },
	/* Fetchers, scanners, and within one host. */
	{ "from cabbage.example.org [127.0.0.1] by localhost with IMAP (fetchmail-5.9.0) for "
	  "jm@localhost (single-drop); Thu, 13 Mar 2003 20:39:56 -0800 (PST)",
	  "fetched" },
	{ "from pop3.example.dk (198.18.46.251) by loki.example.org with POP3; 14 Apr 2010 "
	  "11:14:29 -0000",
	  "fetched" },
	{ "from 198.18.111.196 by mx.example.org (envelope-from "
	  "<list-return-530-rod=example.org@lists.example.net>, uid 502) with "
	  "qmail-scanner-1.24 (clamdscan: 0.80/594. Clear:RC:0(198.18.111.196):. Processed in "
	  "0.288806 secs); 06 Feb 2005 21:11:38 -0000",
	  "ignored list-return-530-rod=example.org@lists.example.net" },
	{ "from raptor.example.com (bala@localhost) by raptor.example.com (SGI-8.9.3/8.8.7) "
	  "with ESMTP id KAA14788; Fri, 7 Mar 2003 10:37:56 -0500 (EST)",
	  "ignored" },
	{ "from paul (helo=felix) by felix.example.org with local-esmtp (Ex 4.43) id "
	  "1Ccq0j-0002k2-Lk; Fri, 10 Dec 2004 19:01:01 +0000",
	  "ignored" },
	{ "from localhost (mailnull@localhost) by x.example.org (8.12.6/8.9.3) with SMTP id "
	  "h2R2iivG093740; Wed, 26 Mar 2003 20:44:44 -0600",
	  "ignored" },
	{ "from localhost (localhost [[UNIX: localhost]]) by home.example.com "
	  "(8.12.11/8.12.11/Submit) id iBADHRP6011034; Fri, 10 Dec 2004 13:17:27 GMT",
	  "ignored" },
	{ "from cyrus.example.net ([unix socket]) by cyrus.example.net (Cyrus v2.3.14) with "
	  "LMTPA; Tue, 21 Jul 2009 14:34:14 +0200",
	  "ignored" },
	{ "from joe@example.com by imo-m09.mx.example.com (mail_out_v34.13.) id 7.53.208064a0 "
	  "(4394); Sat, 11 Jan 2003 23:24:31 -0500 (EST)",
	  "ignored" },
	{ "from MATT_LINUX by hippo.example.uk via smtpd (for mail.example.net "
	  "[198.18.211.219]) with SMTP; 3 Jul 2002 15:43:50 UT",
	  "ignored" },
	{ "from senmail2.example.gov with LMTP by senmail2 (3.0.2/sieved-3-0-build-942); Fri, "
	  "30 Jun 2006 10:58:41 -0400",
	  "ignored" },
	{ "from 384836569573 named unknown by gmailapi.google.com with HTTPREST; Wed, 6 Mar "
	  "2019 03:39:24 -0500",
	  "ignored" },
	{ "from MjA3NDc4Mg (unknown) by ismtpd0001.example.net (SG) with HTTP id aqHKNX2kSp "
	  "for <email@example.com>; Thu, 02 Apr 2020 07:53:55.516 +0000 (UTC)",
	  "ignored" },
	{ "from DL1 (dl1gspmx02.example.com) by email.example.com (LSMTP for Windows NT v1.1b) "
	  "with SMTP id <21.000575A0@email.example.com>; Tue, 12 Sep 2006 21:06:43 -0500",
	  "ignored" },
	/* Understood by the brackets alone, and not at all. */
	{ "from what is this [198.18.6.6] by mx.example.com",
	  "[ ip=198.18.6.6 rdns= helo=what by=mx.example.com ident= envfrom= intl=0 id= auth= "
	  "msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "From what is this [198.18.6.6] by mx.example.com",
	  "[ ip=198.18.6.6 rdns= helo= by=mx.example.com ident= envfrom= intl=0 id= auth= "
	  "msa=0 ] private=0 nordns=0 envfrom=0" },
	{ "from what is this by mx.example.com but no address",
	  "unparseable" },
	{ "from somewhere",
	  "unparseable" },
	{ "from X-Originating-IP: 198.18.1.1",
	  "[ ip=198.18.1.1 rdns= helo= by= ident= envfrom= intl=0 id= auth= msa=0 ] private=0 "
	  "nordns=0 envfrom=0" },
};
