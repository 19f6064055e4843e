/*
 * Dates of headers, with the seconds that SpamAssassin 4.0.1 makes of them
 * (printed by tests/parity/sa_received.pl): what it forces into range, what
 * it ignores, and where it gives up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "mail/date.h"

#define NONE (-1)

static void known_dates(void **state)
{
	static const struct {
		const char *text;
		long long seconds;
	} cases[] = {
		{ "Thu, 13 Feb 2003 20:59:28 -0000", 1045169968 },
		{ "13 Feb 2003 20:59:28 +0530", 1045150168 },
		{ "Thu,13 Feb 2003 20:59:28 +0000", 1045169968 },
		{ "Thu, 13 FEB 2003 20:59 GMT", 1045169940 },
		{ "Mon, 1 Jan 96 10:00:00 EST", 820508400 },
		{ "1 Jan 07 10:00:00 PDT", 1167670800 },
		{ "1 Jan 103 10:00:00 +0000", 1041415200 },
		{ "Tue Feb 7 10:18:12 2003 -0800", 1044604800 },
		{ "Tue, 31 Apr 2003 10:00:00 +0000", 1051783200 },
		{ "Tue, 31 Dec 2003 10:00:00 +0000", 1072864800 },
		{ "Tue, 32 Dec 2003 10:00:00 +0000", 1072951200 },
		{ "29 Feb 2004 12:00:00 +0000", 1078056000 },
		{ "29 Feb 2003 12:00:00 +0000", 1046520000 },
		{ "29 Feb 2040 12:00:00 +0000", NONE },
		{ "0 Jan 2003 12:00:00 +0000", NONE },
		{ "1 Jan 1965 12:00:00 +0000", 43200 },
		{ "1 Jan 1970 01:00:00 +0200", 0 },
		{ "1 Jan 2099 12:00:00 +0000", 2114424000 },
		{ "1 Jan 2003 25:61:61 +0000", 1041465599 },
		{ "1 Jan 2003 (CET) 12:00:00", 1041418800 },
		{ "1 Jan 2003 12:00:00 PST-DST", 1041422400 },
		{ "1 Jan 2003 12:00:00 EST5EDT", 1041422400 },
		{ "1 Jan 2003 12:00:00 XYZ EST", 1041422400 },
		{ "1 Jan 2003 12:00:00 +9999", 1041060060 },
		{ "1 Jan 2003 1:02:03 -0030", 1041384723 },
		{ "1 Jan 2003 12:00:00 +00:00", 1041422400 },
		{ "1 Jan 2003", 1041379200 },
		{ "Jan 1, 2003 12:00:00", NONE },
		{ "2003-01-01T12:00:00Z", NONE },
		{ "99999999999999999999 Jan 2003 12:00:00 +0000",
		  1044100800 },
		{ "", NONE },
		{ "from a by b; Sat, 8 Nov 2003 17:57:46 -0500 (EST)",
		  1068332266 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		time_t t = NONE;

		print_message("%s\n", cases[i].text);
		assert_int_equal(date_parse(str_cstr(cases[i].text), &t),
				 cases[i].seconds != NONE);
		assert_int_equal(t, cases[i].seconds);
	}
}

static void odd_bytes(void **state)
{
	static const char text[] = "\0\xff 1 Jan 2003\n\t12:00:00 \v+0000\0";
	time_t t;

	(void)state;
	assert_true(date_parse(str_make(text, sizeof(text) - 2), &t));
	assert_int_equal(t, 1041422400);
	assert_false(date_parse(STR_NONE, &t));
}

/* A megabyte of words that all could begin a date. */
static void long_text(void **state)
{
	int64_t start = clock_cpu_us();
	struct buf b;
	time_t t;

	(void)state;
	buf_init(&b, 1 << 20);
	while (!b.full)
		buf_adds(&b, STR("1 Jan 1 Jan 20031 Jan A,"));
	date_parse(buf_str(&b), &t);
	assert_true(clock_cpu_us() - start < 2000000);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_dates),
		cmocka_unit_test(odd_bytes),
		cmocka_unit_test(long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
