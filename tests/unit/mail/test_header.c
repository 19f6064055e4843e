/*
 * Headers: unfolding, encoded words, which are left alone; as SpamAssassin
 * 4.0.1 answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/message.h"
#include "mail/settings.h"

static struct message *parse(struct arena *a, struct str raw)
{
	struct mail_settings *ms = arena_alloc(a, sizeof(*ms));

	mail_settings_init(ms);
	return message_parse(a, ms, raw);
}

static const struct value_case {
	const char *header, *text;
} values[] = {
	{ "Subject: plain text", "plain text" },
	{ "Subject:  spaces around  ", "spaces around" },
	{ "Subject: fold\n  ed\n\ttwice", "fold ed twice" },
	{ "Subject: =?utf-8?q?a_b=5Fc?=", "a b_c" },
	{ "Subject: =?utf-8?Q?a?= =?utf-8?q?b?=", "ab" },
	{ "Subject: =?utf-8?q?a?=\n =?utf-8?q?b?= x", "ab x" },
	{ "Subject: x =?iso-8859-1?q?caf=E9?= y", "x caf\xc3\xa9 y" },
	{ "Subject: =?utf-8?b?4oI=?= =?utf-8?b?rA==?=", "\xe2\x82\xac" },
	{ "Subject: =?us-ascii*en?q?lang?=", "lang" },
	{ "Subject: =?utf-8?x?no?=", "=?utf-8?x?no?=" },
	{ "Subject: =?utf-8?q?a b?=", "a b" },
	{ "Subject: caf\xe9", "caf\xc3\xa9" },
	{ "Subject: caf\xc3\xa9", "caf\xc3\xa9" },
	{ "Received: =?utf-8?q?a?=", "=?utf-8?q?a?=" },
	{ "List-Id: =?utf-8?q?a?=", "=?utf-8?q?a?=" },
	{ "Message-ID: =?utf-8?q?a?=", "=?utf-8?q?a?=" },
	{ "Subject: =?unknown?q?=41=FF?=", "A\xc3\xbf" },
	{ "Subject:", "" },
	{ "Subject : blank before colon", "blank before colon" },
	{ "Subject: =?utf-8?q?=0Ax?=", "\nx" },
	{ "Subject: =?gb2312?b?1tDOxA==?=", "\xe4\xb8\xad\xe6\x96\x87" },
	{ "Subject: =?utf-8?q?a?= =?iso-8859-1?q?=E9?=", "a\xc3\xa9" },
	{ "Subject: a=?=?utf-8?q?b?=", "a=?b" },
	{ "Subject: =?utf-8?q?a?=b=?utf-8?q?c?=", "abc" },
	{ "Subject: =?iso-2022-jp?b?GyRCJDMkcxsoQg==?=",
	  "\xe3\x81\x93\xe3\x82\x93" },
	{ "Subject: \x93quoted\x94", "\xe2\x80\x9cquoted\xe2\x80\x9d" },
	{ "Subject: =?utf-8?q?cut", "=?utf-8?q?cut" },
};

static void decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct arena *a = arena_new();
		struct str raw = str_printf(a, "%s\n\nbody\n",
					    values[i].header);
		struct message *m = parse(a, raw);
		struct str name = str_rtrim(str_head(raw,
			(size_t)str_chr(raw, ':')));
		struct str got = message_header(m, name, false);

		print_message("%s\n", values[i].header);
		assert_int_equal(got.p[got.n - 1], '\n');
		got.n--;
		assert_int_equal(got.n, strlen(values[i].text));
		assert_memory_equal(got.p, values[i].text, got.n);
		arena_free(&a);
	}
}

static void several(void **state)
{
	struct arena *a = arena_new();
	struct message *m = parse(a, STR("To: a\nX-Spam-Flag: YES\nTO: b\n c\n"
					 "to:\nX: y\n\nbody\n"));

	(void)state;
	assert_true(str_eq(message_header(m, STR("to"), false),
			   STR("a\nb c\n\n")));
	assert_true(str_eq(message_header(m, STR("To"), true),
			   STR(" a\n b\n c\n\n")));
	assert_null(message_header(m, STR("x-spam-flag"), false).p);
	assert_null(message_header(m, STR("Cc"), true).p);
	/* It is hidden from rules, not from the text as received. */
	assert_true(str_find(m->pristine_header, STR("X-Spam-Flag")) > 0);
	assert_int_equal(headers_find(&m->headers, STR("X"), 0), 3);
	assert_true(headers_last(&m->headers, STR("to"))->raw.n == 1);
	arena_free(&a);
}

static void limits(void **state)
{
	struct arena *a = arena_new();
	struct message *m;
	struct buf b;

	(void)state;
	buf_in(&b, a, 1 << 20);
	buf_adds(&b, STR("X-Long:"));
	for (int i = 0; i < 9000; i++)
		buf_addc(&b, 'y');
	buf_addc(&b, '\n');
	for (int i = 0; i < 300; i++)
		buf_addc(&b, 'N');
	buf_adds(&b, STR(": v\n\nbody\n"));
	m = parse(a, buf_str(&b));
	assert_int_equal(m->flags, MSG_TRUNCATED_HEADER);
	assert_int_equal(m->headers.v[0].raw.n, LIMIT_HEADER_VALUE);
	assert_int_equal(m->headers.v[1].name.n, LIMIT_HEADER_NAME);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoded),
		cmocka_unit_test(several),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
