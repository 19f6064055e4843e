/*
 * What Received lines look like, program by program: the rows that decide
 * which relays the 107 stock rules on X-Spam-Relays-* see.
 *
 * Every mail server writes these lines in its own way, some swap the name the
 * client gave and the name that was looked up, and spammers write what they
 * like. SpamAssassin tries patterns in a fixed order, and so does this table:
 * a line belongs to the first row that matches, even where a later one would
 * read it better, since rules were scored on those readings. Rows that an
 * earlier one always beats are left out. Rows are written in the language of
 * form.h, without the leading "from ".
 */
#include "mail/received_forms.h"

#include "base/arena.h"

#define TAKE(f, ...) { .form = f, .action = FORM_TAKE, __VA_ARGS__ }
#define DROP(f, ...) { .form = f, .action = FORM_DROP, __VA_ARGS__ }
#define NOTE(f, ...) { .form = f, .action = FORM_NOTE, __VA_ARGS__ }
#define TAKE_IF_IP(f, ...) { .form = f, .action = FORM_TAKE_IF_IP, __VA_ARGS__ }
#define ONLY(f, ...) { .form = f, .action = FORM_ONLY, __VA_ARGS__ }
#define NOT(f, ...) { .form = f, .action = FORM_NOT, __VA_ARGS__ }
#define FETCHED(f, ...) { .form = f, .action = FORM_FETCHED, __VA_ARGS__ }
#define SCANNED(f, ...) { .form = f, .action = FORM_SCANNED, __VA_ARGS__ }
#define MARK(f, fam) { .form = f, .family = fam }
#define AUTH(f, t, ...) { .form = f, .text = t, __VA_ARGS__ }

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Programs that their lines name. */
static struct received_row families[] = {
	MARK("~ SMTPSVC", FAMILY_SMTPSVC),
	MARK("~ with {Microsoft SMTP Server|mapi id} {?({!)}) ?}#.#.#.#{$| }",
	     FAMILY_EXCHANGE),
	MARK("~[XMail ", FAMILY_XMAIL),
	MARK("~(ecelerity{b}", FAMILY_ECELERITY),
	MARK("~Exim", FAMILY_EXIM),
	MARK("~ (Postfix) with", FAMILY_POSTFIX),
	MARK("~(Scalix SMTP Relay", FAMILY_SCALIX),
	MARK("~ (Lotus Domino ", FAMILY_DOMINO),
};

static struct received_row from_rows[] = {
	/* Web mail that names the browser's address. */
	ONLY("~ ({SquirrelMail|NaSMail} authenticated user ", .rows = 1),
	TAKE("~{ip}{b}{/.}{/-}{!/10-80}by {by} with HTTP"),
	ONLY("~aol.com", .rows = 1),
	TAKE("~{ip} by {by} ({addr}) with HTTP (WebMailUI)"),

	/* Microsoft's SMTP service looks no names up. */
	TAKE("{helo/0-} ([{ip}]{!)/0-40}) by {by} with Microsoft SMTPSVC",
	     .family = FAMILY_SMTPSVC),
	DROP("mail pickup service by {} with Microsoft SMTPSVC$",
	     .family = FAMILY_SMTPSVC),
	TAKE("{helo} ({[|}{ip}{?%{:A-Z0-9._~-/0-}?}{]|}) by {by} ",
	     .notes = FORM_NO_ID, .family = FAMILY_EXCHANGE),

	TAKE("{helo} ({ip<}{[|}{addr}{]|}{>}:#) by {by}{? ({})?} with [XMail",
	     .notes = FORM_XMAIL, .family = FAMILY_XMAIL),

	TAKE("([{ip}:#] helo={helo}) by {by} ", .family = FAMILY_ECELERITY),
	TAKE("{} ([{ip}:#]) by {by} ", .family = FAMILY_ECELERITY),

	/* Exim, whose format the administrator may rewrite: the usual ones,
	 * then whatever pieces can be found. */
	DROP("~{b}with local{?-{}?} ", .family = FAMILY_EXIM),
	TAKE("[{ip}] ({sub!/0-?}) by {by} ", .notes = FORM_SUB,
	     .family = FAMILY_EXIM),
	TAKE("{rdns} ([{ip}]{sub!/0-?}) by {by} ",
	     .notes = FORM_HELO_IS_RDNS | FORM_SUB, .family = FAMILY_EXIM),
	TAKE("{rdns} [{ip}]{?:#?} by {by} ", .notes = FORM_HELO_IS_RDNS,
	     .family = FAMILY_EXIM),
	NOTE("{rdns} ", .family = FAMILY_EXIM),
	NOTE("~ ({helo}) ", .family = FAMILY_EXIM),
	NOTE("~ [{ip}{?.#?}] ", .family = FAMILY_EXIM),
	TAKE_IF_IP("~by {by} ", .family = FAMILY_EXIM),

	TAKE("{helo} ({rdns} [{ip}]) by {by} ", .notes = FORM_LOOKED_UP,
	     .family = FAMILY_POSTFIX),
	TAKE("{helo} ({rdns}[{ip}]) by {by} ", .notes = FORM_LOOKED_UP,
	     .family = FAMILY_POSTFIX),

	TAKE("{helo} ({ |}{ip}) by {by}", .family = FAMILY_SCALIX),
	TAKE("{helo} ([{ip}]) by {by} (Lotus", .family = FAMILY_DOMINO),

	ONLY("~{b}with HTTP{b}", .rows = 1),
	TAKE("{ip} ([{addr}]) by {by}"),

	/* sendmail, all versions; not qmail-ldap, which looks like it. */
	NOT("~ by {} (qmail-{}) with ", .rows = 1),
	TAKE("{helo} ({rdns} [{ip}]*) by {by} (",
	     .notes = FORM_LOOKED_UP | FORM_IDENT_IN_RDNS),

	/* Exchange 5 and others. */
	TAKE("{helo} ({rdns} [{ip}]) by {by} with {} (",
	     .notes = FORM_LOOKED_UP),
	TAKE("{rdns} ([{ip}] helo={helo}) by {by} with "),
	TAKE("{helo} (<unknown{/0-}>[{ip}]) by {by} "),
	TAKE("{helo} ({rdns<}{}.{}{>}[{ip}]) by {by} ",
	     .notes = FORM_LOOKED_UP),
	TAKE("{helo} ({ident/0-}@[{ip}]*) by {by} (", .notes = FORM_LOOKED_UP),

	/* Hotmail's web servers; some do not say from where. */
	TAKE("{ip} ~by {by<}{}.hotmail.msn.com{>} "),
	TAKE("~by {by<}{}.hotmail.msn.com{>} "),

	TAKE("{rdns} ({HELO|EHLO} {helo/0-}) ({ip}) by {by} (qpsmtpd/{}) with "
	     "{ESMTP|SMTP}"),
	TAKE("{rdns} (LHLO {helo/0-}) ({ip}) by {by} with LMTP"),
	TAKE("{rdns} ({HELO|EHLO} {helo/0-}) [{ip}] by {by} ({!)}) with "
	     "{ESMTP|SMTP}"),
	TAKE("{helo} ([{ip}]) by {by} via smtpd (for {}) with SMTP("),

	/* qmail and its many patches. */
	ONLY("{}{? ({HELO|EHLO} {/0-})?} ({?{}@?}{[|}{addr}{]|})"
	     "{? (envelope-sender <{}>)?} by {}{? ({!})?} with {?* ?}"
	     "{SMTP|QMQP}{/ id }", .rows = 5),
	TAKE("{rdns} ({HELO|EHLO} {helo! ()/0-}) ({ident/0-}@{[|}{ip}{]|})"
	     "{? (envelope-sender <{}>)?} by {by}", .notes = FORM_UNKNOWN_RDNS),
	TAKE("{rdns} ({HELO|EHLO} {helo! ()/0-}) ({[|}{ip}{]|})"
	     "{? (envelope-sender <{}>)?} by {by}", .notes = FORM_UNKNOWN_RDNS),
	TAKE("{rdns} ({ident/0-}@{[|}{ip}{]|})"
	     "{? (envelope-sender <{}>)?} by {by}",
	     .notes = FORM_HELO_IS_RDNS | FORM_UNKNOWN_RDNS),
	TAKE("{rdns} ({[|}{ip}{]|})" "{? (envelope-sender <{}>)?} by {by}",
	     .notes = FORM_HELO_IS_RDNS | FORM_UNKNOWN_RDNS),
	TAKE("", .notes = FORM_UNKNOWN_RDNS),

	TAKE("[{ip}] by {by} via HTTP$"),
	TAKE("{} ( [{ip}])~ by {by} "),
	TAKE("({helo} [{ip}]) by {by} "),
	TAKE("[{ip}] by {by} "),
	TAKE("({[|}{ip}{]|}) by {by} "),

	/* MDaemon. */
	TAKE("{helo} [{ip}] by {by} [{addr}] with ", .notes = FORM_LOOKED_UP),
	TAKE("{helo} [({ip})] by {by} ({addr}) "),

	/* sendmail without a name, then with comments in between; Courier
	 * says "softdnserr" where looking up failed for the moment. */
	TAKE("{helo} ([{ip}]) by {by} (", .notes = FORM_LOOKED_UP),
	TAKE("{helo} (softdnserr [{ip}])~ by {by}{b}"),
	TAKE("{helo} ({rdns} [{ip}])~ by {by}{b}", .notes = FORM_LOOKED_UP),
	TAKE("{helo} ([{ip}{?{.|:}#?}])~ by {by} ", .notes = FORM_LOOKED_UP),

	/* The rows above want a "by" with some letter in it. */
	TAKE("{helo} ({rdns} [{ip}]){? (authenticated bits=#)?} by {by} (",
	     .notes = FORM_LOOKED_UP),

	/* fetchmail, getmail. */
	FETCHED("~with {POP3|IMAP}"),

	/* More of qmail's relatives. */
	TAKE("{rdns} ({HELO|EHLO} {helo!)/0-}) ({?{ident/0-}@?}{[|}{ip}{]|})"
	     "* by {by} ", .notes = FORM_LOOKED_UP),
	TAKE("{rdns} ({?{ident/0-}@?}{[|}{ip}{]|})* by {by} ",
	     .notes = FORM_LOOKED_UP | FORM_HELO_IS_RDNS),

	/* TIS smap. */
	TAKE("{rdns}({ip}) by {by} via smap ", .notes = FORM_LOOKED_UP),
	TAKE("{rdns}({ip}, {HELO|EHLO} {helo/0-}) by {by} via smap ",
	     .notes = FORM_LOOKED_UP),

	TAKE("{ip} by {by} ({SMTPL|InterScan}{b}"),
	DROP("{} by {} with BSMTP"),
	TAKE("{helo} ({rdns} [{ip}]) by {by} with ", .notes = FORM_LOOKED_UP),
	TAKE("{rdns} ({HELO|EHLO} {helo/0-}) ({?{ident}@?}{ip}~) by {by} with ",
	     .notes = FORM_LOOKED_UP),

	/* CommuniGate Pro. */
	TAKE("[{ip}] ({?account {} ?}{HELO|EHLO} {helo/0-}) by {by} ("),
	ONLY("~ (CommuniGate Pro", .rows = 1),
	TAKE("{rdns} ([{ip}] verified) by {by} (",
	     .notes = FORM_LOOKED_UP | FORM_HELO_IS_RDNS),

	DROP("{} ({}) by {} (Content Technologies "),
	TAKE("{helo} ([{ip}] [{}]) by {by} with "),
	TAKE("{ip} by {by} with "),
	TAKE("{helo} ({rdns}[{ip}]) by {by} ", .notes = FORM_LOOKED_UP),
	TAKE("[{ip}]{} ({HELO|EHLO} {helo/0-}) by {by} "),
	TAKE("{ip} ({HELO|EHLO} {helo/0-}) by {by} "),
	TAKE("{helo} [{ip}] by {by} "),
	TAKE("{rdns}({ip}) by {by} "),
	TAKE("{helo} (unverified [{ip}]) by {by} "),
	TAKE("{ip} ({:A-Za-z/1-1}{!)}) by {by} with "),
	TAKE("[{ip}] ({sub!)}) by {by} ", .notes = FORM_SUB),

	/* Obtuse smtpd. */
	TAKE("UNKNOWN({ip}), claiming to be \"{helo}\" via {} by {by},"),
	TAKE("UNKNOWN({ip}) via {} by {by},", .notes = FORM_NO_HELO),
	TAKE("{rdns}({ip}), claiming to be \"{helo}\" via {} by {by},",
	     .notes = FORM_LOOKED_UP),
	TAKE("{rdns}({ip}) via {} by {by},",
	     .notes = FORM_LOOKED_UP | FORM_NO_HELO),
	/* Yahoo's users that logged in. */
	TAKE("{helo} ({}@{ip} with login) by {by<}{}.yahoo.com{>} with SMTP"),
	/* What relay.c makes of originating_ip_headers. */
	TAKE("X-Originating-IP: {ip}$", .notes = FORM_NO_BY),

	/* Within one host. */
	DROP("{} ({! @}@{localhost}) by {} ("),
	DROP("{} {} by {} with {local-smtp|local-esmtp} "),
	DROP("127.0.0.1 (AVG SMTP {} [{}])"),
	DROP("{}@{} by {} "),
	DROP("Unknown/Local ("),
	DROP("{localhost} ({?{}@?}{localhost}{)|[}"),
	DROP("{} ({?{}@?}{localhost}) "),
	DROP("{} ({}@{} [{localhost}]) "),
	DROP("(AUTH: {}) by {} with "),
	DROP("localhost (localhost [[UNIX: localhost]]) by "),
	DROP("{!.} by {} with Novell_GroupWise"),
	SCANNED("{} by {} ({!/0-100}) with qmail-scanner"),
	DROP("{} ([unix socket]) by {} (Cyrus v{:0-9/0-}.{:0-9/0-}.{:0-9/0-}) "
	     "with LMTPA"),

	/* Between hosts, but without an address: nothing can be said, yet
	 * the line is no reason to distrust the chain. */
	DROP("{} by {} {with|via|for|(}"),
	DROP("{} {with|via|for} {} by{b}"),
	DROP("{} (unverified) by{b}"),
	DROP("{} (unknown) by {} (SG) with {b}"),
	DROP("{} ({} [local]) by {} (OpenSMTPD) with {b}"),
	DROP("~(LSMTP for"),
	DROP("([{localhost}]) with MailEnable "),
	DROP("facebook.com ({!)}) by facebook.com with Thrift id {}$"),
	DROP("{} named {} by gmailapi.google.com with HTTPREST$"),
	DROP("{} id {}$"),
	DROP("[<~ (Jetsend"),
};

/* Lines that shout. */
static struct received_row simta_rows[] = {
	TAKE("{helo} ({rdns} [{ip}]) BY {by} {?({!)}) WITH SMTP ?}ID {<|}"
	     "{id! /1-?}{>|}{? FOR <{!>}>?}$", .notes = FORM_LOOKED_UP),
};

/* Lines in brackets. */
static struct received_row paren_rows[] = {
	TAKE("{helo/0-} [{ip}]) by {by} (NAVGW ~) with "),
	DROP("{}@localhost) by {} "),
	DROP("{! @}@{!)}) by {}(jqueuemail) id {! ;}"),
};

static struct auth_row auths[] = {
	AUTH("~ with {auth<}{ESMTPSA|ESMTPA|LMTPSA|LMTPA|UTF8SMTPSA|UTF8SMTPA|"
	     "UTF8LMTPSA|UTF8LMTPA|ASMTP|HTTPS|HTTPU|HTTP}{>}{ |;|$}", "\1",
	     .also = "~ by ", .fold = true),
	/* Google says nothing, but uses these ids and this order of facts
	 * for its own users alone. */
	AUTH("~(version={auth} cipher={auth2!)})",
	     "GMail - transport=\1 cipher=\2",
	     .also = "~ by mx.google.com with ESMTPS id {:a-z0-9/1-4}sm"
		     "{:0-9/2-9}{:a-z/3-3}.{:0-9/1-3}.{:0-9/4-4}."
		     "{:0-6/1-1}{:0-9/1-1}.{:0-6/1-1}{:0-9/1-1}."
		     "{:0-6/1-1}{:0-9/1-1}.{:0-6/1-1}{:0-9/1-1}."
		     "{:0-6/1-1}{:0-9/1-1}"),
	/* Courier. */
	AUTH("from ~{])|)]} (AUTH: {auth<}{LOGIN|PLAIN|DIGEST-MD5|CRAM-MD5}"
	     "{>} {}{?, ~?}) by ", "\1"),
	AUTH("from ~]{? ({!)/0-})?}) ~(~authenticated~)~ by", "Sendmail"),
	AUTH("from ~)] ~(~authenticated~)~ by", "Sendmail"),
	AUTH("~from {/0-} ({HELO|EHLO} {/0-}) [{addr}] by {auth2<}mail.gmx."
	     "{net|com}{>} ({!)}) with {auth<}{ESMTP|SMTP}{>}",
	     "GMX (\1 / \2)"),
	AUTH("~) by {!} ({:0-9/1-2}.{:0-9/1-1}.{:0-9/3-3}{?.{:0-9/1-3}?}) "
	     "(authenticated as {!}) id ", "CriticalPath"),
	/* Postfix, which may go by another name. */
	AUTH("~) (Authenticated sender: {}) by {} (Postfix) with ",
	     "Postfix"),
	AUTH("~) (Authenticated sender: {}) by {} ({auth!)}) with ",
	     "Postfix (\1)"),
	AUTH("~CommuniGate Pro {HTTP|SMTP|XIMSS|IMAP}", "Communigate",
	     .also = "~ (account "),
	AUTH("~ with Microsoft Exchange Server HTTP-DAV{b}", "HTTP-DAV"),
	AUTH("~ (via {auth<}HTTP{!/0-1}{>}){ |;|$}", "\1", .also = "~ by ",
	     .fold = true),
};

/* The bytes that a name after "helo=" is taken to consist of. */
#define HELO "{helo:-A-Za-z0-9.^+_&:=?!@%*$\\//1-}"

static struct received_tables tables = {
	.from = from_rows, .nfrom = COUNT(from_rows),
	.simta = simta_rows, .nsimta = COUNT(simta_rows),
	.paren = paren_rows, .nparen = COUNT(paren_rows),
	.families = families, .nfamilies = COUNT(families),
	.auths = auths, .nauths = COUNT(auths),
};

static void compile_rows(struct arena *a, struct received_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rows[i].compiled = form_compile(a, rows[i].form, false);
}

static void compile_lone(struct arena *a, struct received_lone *l)
{
	l->bare = form_compile(a, "from {sub} by {! ;}{ |};", true);
	l->dated = form_compile(a, "{sub!/0-?}{: ;}{Mon, |Tue, |Wed, |Thu, |"
				"Fri, |Sat, |Sun, |}# {Jan|Feb|Mar|Apr|May|Jun|"
				"Jul|Aug|Sep|Oct|Nov|Dec} # #:#{?:#?} {}$",
				false);
	l->local_for = form_compile(a, "~{b}with local for{b}", false);
	l->id = form_compile(a, "~ id {<|}{id! <>;/3-}", false);
	l->helo = form_compile(a, "~{b}helo=" HELO, false);
	l->helo_word = form_compile(a, "~{b}{HELO|EHLO} " HELO, false);
	l->by = form_compile(a, "~ by {by}", false);
	l->envfrom = form_compile(a, "~{return-path: |return-path |envelope-sender "
				  "|envelope-sender=|envelope-from |"
				  "envelope-from=}{envfrom}{b}", true);
	l->first_word = form_compile(a, "{helo}{!-A-Za-z0-9./1-1}", false);
	l->bracketed = form_compile(a, "~[{ip}]", false);
	l->xmail_id = form_compile(a, "~ id <{id}>", false);
	l->xmail_from = form_compile(a, "~ from <{envfrom}>", false);
}

const struct received_tables *received_tables(void)
{
	static struct arena *arena;

	if (arena)
		return &tables;
	arena = arena_new();
	compile_lone(arena, &tables.lone);
	compile_rows(arena, from_rows, COUNT(from_rows));
	compile_rows(arena, simta_rows, COUNT(simta_rows));
	compile_rows(arena, paren_rows, COUNT(paren_rows));
	compile_rows(arena, families, COUNT(families));
	for (size_t i = 0; i < COUNT(auths); i++) {
		auths[i].compiled = form_compile(arena, auths[i].form,
						 auths[i].fold);
		if (auths[i].also)
			auths[i].also_compiled =
				form_compile(arena, auths[i].also, false);
	}
	return &tables;
}
