/*
 * One Received line after the other: SpamAssassin's answers (the table is in
 * received_cases.h), lines as nobody writes them, and the time hostile lines
 * may take.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "mail/ipscan.h"
#include "mail/received.h"
#include "mail/relay.h"
#include "received_cases.h"

/* The answer for a line in the words of the table. */
static struct str answer(struct arena *a, struct str line)
{
	struct str scanner = STR_NONE;
	struct relay r;

	switch (received_parse(a, line, &r, &scanner)) {
	case RECEIVED_RELAY:
		return str_cat(a, relay_to_text(a, &r),
			       str_printf(a, " private=%d nordns=%d envfrom=%d",
					  r.ip_private, r.no_reverse_dns,
					  r.envfrom.p != NULL));
	case RECEIVED_IGNORED:
		return scanner.p ? str_cat(a, STR("ignored "), scanner)
				 : STR("ignored");
	case RECEIVED_FETCHED:
		return STR("fetched");
	default:
		return STR("unparseable");
	}
}

static void known_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *a = arena_new();
		struct str got = answer(a, str_cstr(cases[i].line));

		if (!str_eq(got, str_cstr(cases[i].answer))) {
			print_error("%s\nwant %s\ngot  %.*s\n", cases[i].line,
				    cases[i].answer, STR_ARG(got));
			fail();
		}
		arena_free(&a);
	}
}

static void lines_with_nul(void **state)
{
	static const char line[] =
		"from a\0b (c.example.org [198.18.1.1]) by mx.example.com "
		"(Postfix) with SMTP id X\0YZ; Sat, 8 Nov 2003 17:57:46 -0500";
	struct arena *a = arena_new();
	struct str scanner = STR_NONE;
	struct relay r;

	(void)state;
	assert_int_equal(received_parse(a, str_make(line, sizeof(line) - 1),
					&r, &scanner), RECEIVED_RELAY);
	assert_true(str_eq(r.helo, STR("a!b")));
	assert_true(str_eq(r.id, str_make("X\0YZ", 4)));
	assert_true(str_find(relay_to_text(a, &r), STR(" auth= msa=0 ]")) > 0);
	arena_free(&a);
}

/* Pieces that make forms start and fail late, in lines of full length. */
static void hostile_lines(void **state)
{
	static const char *const pieces[] = {
		"(", "a ", "[", "1.2.3.4 ", "by ", " by a (", "with HTTP ",
		"from a (b [1.2.3.4]) ", ") (authenticated ", " id <", "::1",
		"helo= ", "ident=", "x (HELO ", "[127.0.0.1] ", "@", ")by ",
		"(Authenticated sender: a) by b (", " ; 1 Jan 2000 1:1 ",
		" (1.2.3.4) by a ((((", "Exim [1.2.3.4.5] (",
	};
	struct arena *a = arena_new();
	int64_t start = clock_cpu_us();

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		struct str scanner = STR_NONE;
		struct relay r;
		struct buf b;

		buf_init(&b, 8192);
		buf_adds(&b, STR("from "));
		while (!b.full)
			buf_adds(&b, str_cstr(pieces[i]));
		received_parse(a, buf_str(&b), &r, &scanner);
		buf_free(&b);
	}
	/* Some milliseconds; a sanitizer may take ten times as long. */
	assert_true(clock_cpu_us() - start < 2000000);
	arena_free(&a);
}

static void addresses_in_text(void **state)
{
	static const struct {
		const char *text, *ip;
	} found[] = {
		{ "x 198.18.1.1 y", "198.18.1.1" },
		{ "x1.2.3.4", NULL }, { "1.2.3.4x", NULL },
		{ "1.2.3.4.5", "1.2.3.4" }, { "01.2.3.4", NULL },
		{ "1.2.3.256", NULL }, { "256.1.2.3", NULL },
		{ ":1.2.3.4", NULL }, { "(2001:db8::1)", "2001:db8::1" },
		{ "IPv6:2001:db8::1", "IPv6:2001:db8::1" },
		{ "ipv6:::1", "ipv6:::1" }, { "::", "::" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "1:2:3:4:5:6:7", NULL }, { "1:2:3:4:5:6:7:8:9", NULL },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7::" },
		{ "1::2::3", NULL }, { "12345::1", NULL },
		{ "::ffff:1.2.3.4", "::ffff:1.2.3.4" },
		{ "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:1.2.3.4" },
		{ "::ffff:1.2.3.256", "::ffff:1" },
		{ "g::1", "::1" }, { "a::1", "a::1" },
		{ "fe80::1%eth0", "fe80::1" }, { "", NULL }, { ":", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(found) / sizeof(*found); i++) {
		struct str ip = STR_NONE;
		bool hit = ip_find(str_cstr(found[i].text), 0, &ip);

		print_message("%s\n", found[i].text);
		assert_int_equal(hit, found[i].ip != NULL);
		if (hit)
			assert_true(str_eq(ip, str_cstr(found[i].ip)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_lines),
		cmocka_unit_test(lines_with_nul),
		cmocka_unit_test(hostile_lines),
		cmocka_unit_test(addresses_in_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
