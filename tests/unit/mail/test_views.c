/*
 * The body and rawbody views: paragraphs, white space, octets and characters,
 * cuts; the expected ones are SpamAssassin 4.0.1's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/settings.h"

static struct message *parse(struct arena *a, struct str raw)
{
	struct mail_settings *ms = arena_alloc(a, sizeof(*ms));

	mail_settings_init(ms);
	return message_parse(a, ms, raw);
}

/* Elements are joined by '|' here. */
static const struct view_case {
	const char *name;
	struct str mail, body, rawbody;
} cases[] = {
	{ "no subject",
	  STR("A: b\n\none\n"),
	  STR("\n|one "),
	  STR("one\n") },
	{ "subject",
	  STR("Subject: hi\n\none\ntwo\n"),
	  STR("hi\n|one two "),
	  STR("one\ntwo\n") },
	{ "last subject",
	  STR("Subject: a\nSubject: b\n\none\n"),
	  STR("b\n|one "),
	  STR("one\n") },
	{ "paragraphs",
	  STR("Subject: s\n\none\n\ntwo  \n \x09\nthree\n"),
	  STR("s\n|one\n|two \n|three "),
	  STR("one\n\ntwo  \n \x09\nthree\n") },
	{ "blanks around",
	  STR("Subject: s\n\n  one \n\n  two\n"),
	  STR("s\n| one \n| two "),
	  STR("  one \n\n  two\n") },
	{ "nul",
	  STR("Subject: s\n\none\x00two\n"),
	  STR("s\n|one\n|two "),
	  STR("one\x00two\n") },
	{ "vertical tab",
	  STR("Subject: s\n\none\x0b\x0ctwo\x0d\n"),
	  STR("s\n|one two "),
	  STR("one\x0b\x0ctwo\n") },
	{ "encoded newline",
	  STR("Subject: =?utf-8?q?a=0Ab?=\n\none\n"),
	  STR("a\n|b\n|one "),
	  STR("one\n") },
	{ "nbsp in characters",
	  STR("Subject: s\nContent-Type: text/plain; charset=utf-8\n\n"
	      "caf\xc3\xa9\xc2\xa0x\xe2\x80\x83y\n"),
	  STR("s\n|caf\xc3\xa9 x y "),
	  STR("caf\xc3\xa9\xc2\xa0x\xe2\x80\x83y\n") },
	{ "entity alone",
	  STR("Subject: s\nContent-Type: text/html; charset=utf-8\n\n"
	      "<p>caf&eacute;&nbsp;x</p>"),
	  STR("s\n|\n|caf\xe9 x\n"),
	  STR("<p>caf&eacute;&nbsp;x</p>") },
	{ "entity and wide",
	  STR("Subject: s\nContent-Type: text/html; charset=utf-8\n\n"
	      "<p>caf&eacute;&nbsp;x &#8364;</p>"),
	  STR("s\n|\n|caf\xc3\xa9 x \xe2\x82\xac\n"),
	  STR("<p>caf&eacute;&nbsp;x &#8364;</p>") },
	{ "entity beside characters",
	  STR("Subject: s\nContent-Type: multipart/mixed; boundary=b\n"
	      "\n--b\nContent-Type: text/html; charset=utf-8\n\n"
	      "caf&eacute;\n--b\n"
	      "Content-Type: text/plain; charset=utf-8\n\n\xc3\xa9\n"
	      "--b--\n"),
	  STR("s\n|caf\xc3\xa9 \xc3\xa9"),
	  STR("caf&eacute;|\xc3\xa9") },
	{ "only an attachment",
	  STR("Subject: s\nContent-Type: image/png\n\none\n"),
	  STR("s\n"),
	  STR("") },
	{ "two parts",
	  STR("Subject: s\nContent-Type: multipart/mixed; boundary=b\n"
	      "\n--b\n\none\n--b\nContent-Type: image/png\n\nx\n--b\n\n"
	      "two\n--b--\n"),
	  STR("s\n|one\n|two"),
	  STR("one|two") },
	{ "hidden",
	  STR("Subject: s\nContent-Type: text/html; charset=utf-8\n\n"
	      "<b>see</b><i style=\"display:none\">not</i>"),
	  STR("s\n|seenot"),
	  STR("<b>see</b><i style=\"display:none\">not</i>") },
};

static void same(struct arena *a, const struct strs *view, struct str want)
{
	struct str got = strs_join(a, view, STR("|"));

	if (!str_eq(got, want))
		print_message("  got [%.*s]\n", STR_ARG(got));
	assert_true(str_eq(got, want));
}

static void views(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *a = arena_new();
		struct message *m = parse(a, cases[i].mail);

		print_message("%s\n", cases[i].name);
		same(a, message_body(m), cases[i].body);
		same(a, message_rawbody(m), cases[i].rawbody);
		arena_free(&a);
	}
}

/* n bytes: words of 9 letters and the separator. */
static struct str words(struct arena *a, const char *head, size_t n, char sep)
{
	struct buf b;

	buf_in(&b, a, n + 1000);
	buf_adds(&b, str_cstr(head));
	for (size_t i = 0; i < n; i++)
		buf_addc(&b, i % 10 == 9 ? sep : 'a' + (int)(i % 10));
	return buf_str(&b);
}

static size_t total(const struct strs *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += list->v[i].n;
	return n;
}

static void lengths(void **state)
{
	struct arena *a = arena_new();
	struct message *m = parse(a, words(a, "Subject: s\n\n", 60000, ' '));
	const struct strs *body = message_body(m);
	const struct strs *raw = message_rawbody(m);

	(void)state;
	/* Paragraphs end behind a space, at most one byte over 2,048; the text
	 * is cut behind the first space from 50,000 on. */
	assert_int_equal(body->v[1].n, 2040);
	assert_int_equal(total(body) - 2, 50010);
	/* Chunks end behind a space after 2,048. */
	assert_int_equal(raw->v[0].n, 2050);
	assert_int_equal(total(raw), 60000);
	m = parse(a, words(a, "Subject: s\n\n", 60000, 'x'));
	assert_int_equal(message_body(m)->v[1].n, 2048);
	assert_int_equal(total(message_body(m)) - 2, 50000);
	assert_int_equal(message_rawbody(m)->v[0].n, 2049);
	m = parse(a, words(a, "Subject: s\n\n", 600000, '\n'));
	assert_int_equal(total(message_rawbody(m)), 500010);
	arena_free(&a);
}

static void hidden(void **state)
{
	struct arena *a = arena_new();
	struct message *m = parse(a, STR("Subject: s\nContent-Type: text/html"
		"\n\n<body bgcolor=\"#ffffff\">see "
		"<font color=\"#ffffff\">not</font></body>"));

	(void)state;
	same(a, message_visible(m), STR("s\n|see "));
	same(a, message_invisible(m), STR("not"));
	same(a, message_body(m), STR("s\n|see not"));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views),
		cmocka_unit_test(lengths),
		cmocka_unit_test(hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
