/*
 * Of whom a message is evidence: whole messages and their keys, under
 * different settings; and what makes two messages the same.
 */
#include "../conf/conf_load.h"

#include "base/buf.h"
#include "learn/reputation.h"
#include "mail/message.h"
#include "scan/engine.h"

/* Lines to build messages of. */
#define RCVD(ip) "Received: from a.example.org (a.example.org [" ip "])\n" \
	"\tby mx.example.net (Postfix) with ESMTP id A1;\n" \
	"\tMon, 2 Nov 2026 10:00:00 +0000\n"
#define LOGIN(ip) "Received: from pc (pc.example.org [" ip "])\n" \
	"\tby mx.example.net (Postfix) with ESMTPSA id A1;\n" \
	"\tMon, 2 Nov 2026 10:00:00 +0000\n"
#define INSIDE RCVD("10.0.0.1")
#define OLD "Received: from c.example.com (c.example.com [198.18.9.9])\n" \
	"\tby a.example.org (Postfix) with ESMTP id C3;\n" \
	"\tMon, 2 Nov 2026 09:00:00 +0000\n"
#define FROM(domain) "From: Some One <someone@" domain ">\n"
#define SENDER(domain) "Return-Path: <x@" domain ">\n"
#define HTML "Content-Type: text/html; charset=utf-8\n\n"
#define TEXT "Content-Type: text/plain; charset=utf-8\n\n"

static const char tlds[] =
	"util_rb_tld com net org uk jp de\n"
	"util_rb_2tld co.uk co.jp\n";

static const struct {
	const char *what, *settings, *mail, *keys;
} cases[] = {
	{ "address, network, From", "",
	  RCVD("198.18.7.9") FROM("example.org") TEXT "x\n",
	  "ip:198.18.7.9 net:198.18.7.0/24 from:example.org" },
	{ "an envelope sender of another domain", "",
	  SENDER("bounces.example.com") RCVD("198.18.7.9")
	  FROM("example.org") TEXT "x\n",
	  "ip:198.18.7.9 net:198.18.7.0/24 envelope:example.com "
	  "from:example.org" },
	{ "hosts of ours are passed over", "",
	  INSIDE RCVD("198.18.7.9") FROM("example.org") TEXT "x\n",
	  "ip:198.18.7.9 net:198.18.7.0/24 from:example.org" },
	{ "not what it says of its own past", "",
	  RCVD("198.18.7.9") OLD FROM("example.org") TEXT "x\n",
	  "ip:198.18.7.9 net:198.18.7.0/24 from:example.org" },
	{ "with networks configured", "trusted_networks 10/8 198.18.7.9\n"
	  "internal_networks 10/8 198.18.7.9\n",
	  RCVD("198.18.7.9") OLD FROM("example.org") TEXT "x\n",
	  "ip:198.18.9.9 net:198.18.9.0/24 from:example.org" },
	{ "trusted, but not ours", "trusted_networks 10/8 198.18.7.9\n"
	  "internal_networks 10/8\n",
	  RCVD("198.18.7.9") OLD FROM("example.org") TEXT "x\n",
	  "ip:198.18.7.9 net:198.18.7.0/24 from:example.org" },
	{ "IPv6", "",
	  RCVD("IPv6:2001:db8:1:2:3:4:5:6") FROM("example.org") TEXT "x\n",
	  "ip:2001:db8:1:2::/64 net:2001:db8:1::/48 from:example.org" },
	{ "IPv6, the same in other letters", "",
	  RCVD("IPv6:2001:0DB8:0001:0002::1") FROM("example.org") TEXT "x\n",
	  "ip:2001:db8:1:2::/64 net:2001:db8:1::/48 from:example.org" },
	{ "from inside: links alone", "",
	  INSIDE FROM("example.org") TEXT "http://www.example.com/\n",
	  "url:example.com" },
	{ "from somebody who logged in", "",
	  LOGIN("198.18.7.9") OLD FROM("example.org") TEXT
	  "http://www.example.com/\n", "url:example.com" },
	{ "a login elsewhere is a stranger's word", "",
	  RCVD("198.18.7.9") LOGIN("198.18.9.9") FROM("example.org") TEXT
	  "x\n", "ip:198.18.7.9 net:198.18.7.0/24 from:example.org" },
	{ "no relay at all", "", FROM("example.org") TEXT "x\n",
	  "from:example.org" },
	{ "a From like a book", "", RCVD("198.18.7.9") "From: nobody\n" TEXT
	  "x\n", "ip:198.18.7.9 net:198.18.7.0/24" },
	{ "a bounce has no envelope sender", "", "Return-Path: <>\n"
	  RCVD("198.18.7.9") FROM("example.org") TEXT "x\n",
	  "ip:198.18.7.9 net:198.18.7.0/24 from:example.org" },
	{ "registered domains", "", RCVD("198.18.7.9")
	  FROM("Mail.Shop.Example.CO.UK") TEXT
	  "http://a.b.example.co.jp/ http://www.example.com/\n",
	  "ip:198.18.7.9 net:198.18.7.0/24 from:example.co.uk "
	  "url:example.co.jp url:example.com" },
	{ "what cannot be a name is none", "", RCVD("198.18.7.9")
	  FROM("a..b") TEXT "x\n", "ip:198.18.7.9 net:198.18.7.0/24" },
	{ "nor an address in brackets", "", RCVD("198.18.7.9")
	  FROM("[198.18.7.9]") TEXT "x\n",
	  "ip:198.18.7.9 net:198.18.7.0/24" },
	{ "international names", "", RCVD("198.18.7.9")
	  FROM("m\xC3\xBCnchen.de") HTML
	  "<a href=\"http://www.M\xC3\xBCnchen.de/x\">x</a>"
	  "<a href=\"http://www.xn--mnchen-3ya.de/x\">x</a>\n",
	  "ip:198.18.7.9 net:198.18.7.0/24 from:xn--mnchen-3ya.de "
	  "url:xn--mnchen-3ya.de" },
	{ "own domains are left out", "own_domains example.org m\xC3\xBCnchen.de\n",
	  SENDER("example.org") RCVD("198.18.7.9") FROM("host.example.org")
	  HTML "<a href=\"http://example.org/\">x</a>"
	  "<a href=\"http://m\xC3\xBCnchen.de/\">x</a>"
	  "<a href=\"http://www.example.com/\">x</a>\n",
	  "ip:198.18.7.9 net:198.18.7.0/24 url:example.com" },
	{ "and what everybody links to",
	  "uridnsbl_skip_domain w3.org example.com\n",
	  FROM("example.org") TEXT
	  "http://www.w3.org/ http://www.example.com/\n",
	  "from:example.org url:example.com" },
	{ "links to addresses", "", FROM("example.org") TEXT
	  "http://198.18.1.2/ http://10.0.0.1/\n",
	  "from:example.org url:198.18.1.2" },
	{ "mail addresses and signatures are no links", "",
	  "DKIM-Signature: v=1; a=rsa-sha256; d=example.net; b=x\n"
	  FROM("example.org") TEXT "mailto:a@example.com b@example.com\n",
	  "from:example.org" },
	{ "clickable ones first, then the frequent ones", "",
	  FROM("example.org") HTML "<img src=\"http://i1.com/1\">"
	  "<img src=\"http://i1.com/2\"><img src=\"http://i2.com/1\">"
	  "<a href=\"http://once.com/\">x</a>"
	  "<a href=\"http://twice.com/1\">x</a>"
	  "<a href=\"http://twice.com/2\">x</a>\n",
	  "from:example.org url:twice.com url:once.com url:i1.com "
	  "url:i2.com" },
	{ "ten at most, none twice", "", FROM("example.org") TEXT
	  "http://a1.com/ http://a2.com/ http://a3.com/ http://a4.com/\n"
	  "http://a5.com/ http://a6.com/ http://a7.com/ http://a8.com/\n"
	  "http://a9.com/ http://a10.com/ http://a11.com/ http://a11.com/b\n",
	  "from:example.org url:a11.com url:a1.com url:a2.com url:a3.com "
	  "url:a4.com url:a5.com url:a6.com url:a7.com url:a8.com "
	  "url:a9.com" },
	{ "switched off", "reputation 0\n",
	  RCVD("198.18.7.9") FROM("example.org") TEXT "x\n", "" },
};

static struct str keys_text(struct arena *a, struct message *m,
			    const struct settings *s)
{
	struct strs list = { 0 };
	struct evidence_key *keys;
	size_t n = reputation_keys(a, m, s, &keys);

	assert_true(n <= REPUTATION_KEYS);
	for (size_t i = 0; i < n; i++)
		strs_add(a, &list, str_printf(a, "%s:%.*s",
					      evidence_word(keys[i].kind),
					      STR_ARG(keys[i].name)));
	return strs_join(a, &list, STR(" "));
}

static void keys_of_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *a = arena_new();
		struct str settings = str_cat(a, str_cstr(tlds),
					      str_cstr(cases[i].settings));
		struct ruleset *rs = conf_load(a, settings.p);
		struct message *m = message_parse(a, &rs->site->mail,
						  str_cstr(cases[i].mail));
		struct str keys = keys_text(a, m, rs->site);

		if (!str_eq(keys, str_cstr(cases[i].keys)))
			fail_msg("%s: %.*s", cases[i].what, STR_ARG(keys));
		arena_free(&a);
	}
}

/* Names become parts of keys and of script arguments: whatever a stranger
 * writes, they hold nothing but what is promised. */
static void names_are_harmless(void **state)
{
	static const char odd[] = " {}\r\t:*?[]\\\"'%\x01\x7f\xff\xC3\xBC/@|$";
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a, tlds);

	(void)state;
	for (size_t i = 0; i < sizeof(odd); i++) {
		struct str mail = str_printf(a, "Return-Path: <x@a%cb.com>\n"
			RCVD("198.18.7.%c9") "From: <x@a%cb.com>\n" HTML
			"<a href=\"http://a%cb.com/\">http://c%cd.com/</a>\n",
			odd[i], odd[i], odd[i], odd[i], odd[i]);
		struct message *m = message_parse(a, &rs->site->mail, mail);
		struct evidence_key *keys;
		size_t n = reputation_keys(a, m, rs->site, &keys);

		for (size_t k = 0; k < n; k++)
			for (size_t j = 0; j < keys[k].name.n; j++) {
				char c = keys[k].name.p[j];

				assert_true(is_word(c) || strchr(".-:/", c));
				assert_false(is_upper(c));
			}
	}
	arena_free(&a);
}

/* ---- which message it is ---- */

#define ID "Message-ID: <1@example.org>\n"
#define DATE "Date: Mon, 2 Nov 2026 10:00:00 +0000\n"
#define HEAD FROM("example.org") ID DATE "Subject: s\n"
#define BODY "Hello\n\nFrom here\n"

static const struct {
	const char *what, *mail;
	bool same;
} twins[] = {
	{ "itself", HEAD "\n" BODY, true },
	{ "line ends", "From: Some One <someone@example.org>\r\n"
	  "Message-ID: <1@example.org>\r\n"
	  "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\n"
	  "Hello\r\n\r\nFrom here\r\n", true },
	{ "more header fields", RCVD("198.18.7.9") HEAD
	  "X-Spam-Status: Yes, score=9\nX-Spam-Flag: YES\n\n" BODY, true },
	{ "another subject", FROM("example.org") ID DATE
	  "Subject: *SPAM* s\n\n" BODY, true },
	{ "a comment in From", "From: someone@example.org (*SPAM*)\n"
	  ID DATE "\n" BODY, true },
	{ "another order and folding", DATE "Message-ID:\n <1@example.org>\n"
	  FROM("Example.org") "\n" BODY, true },
	{ "from a mailbox file", HEAD "\nHello\n\n>From here\n\n", true },
	{ "blanks at ends", HEAD "\nHello \n\nFrom here\n\n\n", true },
	{ "without its last line end", HEAD "\nHello\n\nFrom here", true },
	{ "another id", FROM("example.org") "Message-ID: <2@example.org>\n"
	  DATE "\n" BODY, false },
	{ "no id", FROM("example.org") DATE "\n" BODY, false },
	{ "another date", FROM("example.org") ID
	  "Date: Mon, 2 Nov 2026 10:00:01 +0000\n\n" BODY, false },
	{ "another sender", FROM("example.com") ID DATE "\n" BODY, false },
	{ "another text", HEAD "\nHullo\n\nFrom here\n", false },
	{ "an empty line less", HEAD "\nHello\nFrom here\n", false },
	{ "a quoted line", HEAD "\n>Hello\n\nFrom here\n", false },
};

static void same_message(void **state)
{
	struct arena *a = arena_new();
	struct mail_settings ms;
	struct str first = STR_NONE;

	(void)state;
	mail_settings_init(&ms);
	for (size_t i = 0; i < sizeof(twins) / sizeof(*twins); i++) {
		struct message *m = message_parse(a, &ms,
						  str_cstr(twins[i].mail));
		struct str key = reputation_message_key(a, m);

		assert_int_equal(key.n, REPUTATION_MESSAGE_KEY);
		for (size_t k = 0; k < key.n; k++)
			assert_true(is_digit(key.p[k]) ||
				    (key.p[k] >= 'a' && key.p[k] <= 'f'));
		if (i == 0)
			first = key;
		if (str_eq(key, first) != twins[i].same)
			fail_msg("%s", twins[i].what);
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_messages),
		cmocka_unit_test(names_are_harmless),
		cmocka_unit_test(same_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
