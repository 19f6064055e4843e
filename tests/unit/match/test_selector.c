/*
 * Selectors against SpamAssassin's get(): the text that a header rule is asked
 * about, its newlines included.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/domain.h"
#include "mail/message.h"
#include "mail/settings.h"
#include "match/selector.h"

static struct arena *arena;
static struct mail_settings settings;
static struct domains domains;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	domains_add(arena, &domains, 1, STR("com"));
	domains_add(arena, &domains, 1, STR("org"));
	domains_add(arena, &domains, 1, STR("uk"));
	domains_add(arena, &domains, 2, STR("co.uk"));
	mail_settings_init(&settings);
	settings.domains = &domains;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const char mail[] =
	"Return-Path: <bounce@lists.Example.COM>\n"
	"Received: from a.example.com (a.example.com [192.0.2.7])\n"
	"\tby mx.example.org with SMTP id x1; Mon, 1 Jan 2024 00:00:00 +0000\n"
	"X-Spam-Status: Yes\n"
	"From: =?utf-8?q?J=C3=B6?=  'Doe'\n"
	" <Joe@Www.Example.co.uk>\n"
	"To: \"A, B\" <a@x.com>, c@y.org\n"
	"To: 'Quoted' <d@z.com>\n"
	"Cc: <e@v.com> (Comment)\n"
	"Subject: one\n"
	"\ttwo\n"
	"X-Empty:\n"
	"X-Text: see http://www.example.com/ and [::1] 10.1.2.3.\n"
	"X-Ip: from 198.51.100.9 by 1.2.3.4.5\n"
	"Message-ID: <id1@host.example.com>\n"
	"X-Message-Id: other\n"
	"\n"
	"body\n";

struct selector_case {
	const char *selector, *want;	/* want NULL: no such header */
};

static const struct selector_case cases[] = {
	{ "Subject", "one two\n" },
	{ "subject", "one two\n" },
	{ "Subject:raw", " one\n\ttwo\n" },
	{ "X-Empty", "\n" },
	{ "X-None", NULL }, { "X-None:addr", NULL }, { "X-None:raw", NULL },
	{ "To", "\"A, B\" <a@x.com>, c@y.org\n'Quoted' <d@z.com>\n" },
	{ "To:first", "\"A, B\" <a@x.com>, c@y.org\n" },
	{ "To:last", "'Quoted' <d@z.com>\n" },
	{ "To:addr", "a@x.com\nc@y.org\nd@z.com" },
	{ "To:first:addr", "a@x.com\nc@y.org" },
	{ "To:name", "A, B\nQuoted" },
	{ "To:addr:host", "x.com\ny.org\nz.com" },
	{ "To:host", "y.org\nz.com" },
	{ "Cc:name", "Comment" },
	{ "ToCc", "\"A, B\" <a@x.com>, c@y.org\n'Quoted' <d@z.com>\n"
	  "<e@v.com> (Comment)\n" },
	{ "tocc:addr", "a@x.com\nc@y.org\nd@z.com\ne@v.com" },
	{ "From", "J\xc3\xb6  'Doe' <Joe@Www.Example.co.uk>\n" },
	{ "From:addr", "Joe@Www.Example.co.uk" },
	{ "From:name", "J\xc3\xb6 'Doe'" },
	{ "From:name:raw", "=?utf-8?q?J=C3=B6?=  'Doe'\n " },
	{ "From:addr:host", "Www.Example.co.uk" },
	{ "From:addr:domain", "example.co.uk" },
	{ "From:domain", "example.co.uk" },
	{ "X-AuthorDomain", "www.example.co.uk" },
	{ "X-SenderDomain", "lists.example.com" },
	{ "EnvelopeFrom", "bounce@lists.Example.COM" },
	{ "envelopefrom:domain", "example.com" },
	{ "Received:ip", "192.0.2.7" }, { "Received:revip", "7.2.0.192" },
	/* The whole run of non-blanks is taken for the host, and is none. */
	{ "X-Text:host", NULL },
	{ "X-Text:ip", NULL },
	{ "X-Ip:ip", "198.51.100.9" },
	{ "X-Ip:revip", "9.100.51.198" },
	{ "MESSAGEID", "other\n<id1@host.example.com>\n" },
	{ "messageid", NULL },
	{ "Message-ID:addr", "id1@host.example.com" },
	{ "X-Spam-Status", NULL },
	{ "X-Spam-Relays-Trusted:host", NULL },
};

static struct str ask(struct message *m, const char *selector)
{
	return selector_get_text(m, str_cstr(selector));
}

static void answers_like_spamassassin(void **state)
{
	struct message *m = message_parse(arena, &settings, STR(mail));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct selector_case *c = &cases[i];
		struct str got = ask(m, c->selector);

		if (!c->want && got.p)
			fail_msg("%s is \"%.*s\"", c->selector, STR_ARG(got));
		if (c->want && !str_eq(got, str_cstr(c->want)))
			fail_msg("%s is \"%.*s\", not \"%s\"", c->selector,
				 STR_ARG(got), c->want);
		/* The second answer comes from the cache. */
		assert_ptr_equal(ask(m, c->selector).p, got.p);
	}
}

static void all_headers_hide_our_own(void **state)
{
	struct message *m = message_parse(arena, &settings, STR(mail));
	struct str all = ask(m, "ALL"), raw = ask(m, "ALL:raw");

	(void)state;
	assert_true(str_starts(all, STR("Return-Path: <bounce@")));
	assert_true(str_find(all, STR("\nSubject: one two\nX-Empty: \n")) > 0);
	assert_true(str_find(all, STR("X-Spam-Status")) < 0);
	assert_true(str_find(raw, STR("\nX-Spam-Status: Yes\n")) > 0);
	assert_true(str_find(raw, STR("\nSubject: one\n\ttwo\n")) > 0);
	/* Without the blank line behind the header. */
	assert_true(str_ends(raw, STR("X-Message-Id: other\n")));
	assert_null(ask(m, "all").p);
}

/* 64 KB, counted name by name in the order of first appearance. */
static void all_headers_have_a_ceiling(void **state)
{
	struct buf b;
	struct str all;

	(void)state;
	buf_in(&b, arena, 1 << 20);
	for (int i = 0; i < 20; i++)
		buf_addf(&b, "X-%c: %05000d\n", 'A' + i % 2, i);
	buf_adds(&b, STR("\nbody\n"));
	all = ask(message_parse(arena, &settings, buf_str(&b)), "ALL");
	assert_true(all.n <= LIMIT_ALL_HEADERS);
	/* Ten of X-A and three of X-B fit. */
	assert_int_equal(all.n, 13 * (5 + 5000 + 1));
}

static void modifiers_are_known(void **state)
{
	(void)state;
	assert_true(selector_mod_known(STR("revip")));
	assert_false(selector_mod_known(STR("Raw")));
	assert_false(selector_mod_known(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_like_spamassassin),
		cmocka_unit_test(all_headers_hide_our_own),
		cmocka_unit_test(all_headers_have_a_ceiling),
		cmocka_unit_test(modifiers_are_known),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
