/*
 * Registered domains against a table of rspamd's own answers (get_tld with
 * the list loaded). Names under exceptions of the list (city.kawasaki.jp,
 * www.ck) are where rspamd does not follow the list and this does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/psl.h"

static const struct {
	const char *host, *domain;
} cases[] = {
	{ "a.b.co.uk", "b.co.uk" },
	{ "co.uk", "co.uk" },
	{ "uk", "uk" },
	{ "www.EXAMPLE.Com", "EXAMPLE.Com" },
	{ "192.168.1.1", "192.168.1.1" },
	{ "2001:db8::1", "2001:db8::1" },
	{ "[1.2.3.4]", "[1.2.3.4]" },
	{ "localhost", "localhost" },
	{ "a.b.nosuchtld", "a.b.nosuchtld" },
	{ "", "" },
	{ ".", "." },
	{ "foo.bar.example.com.", "example.com." },
	{ ".example.com", "example.com" },
	{ "a..b.com", "b.com" },
	{ "x.kawasaki.jp", "x.kawasaki.jp" },
	{ "a.b.c.kawasaki.jp", "b.c.kawasaki.jp" },
	{ "a.\xd0\xbf\xd1\x80.\xd1\x80\xd1\x84",
	  "\xd0\xbf\xd1\x80.\xd1\x80\xd1\x84" },
	{ "b.a.github.io", "a.github.io" },
	{ "a b.com", "a b.com" },
	{ "foo.example.com:80", "foo.example.com:80" },
	{ "x.y.ck", "x.y.ck" },
	{ "a.b.tokyo.jp", "b.tokyo.jp" },
	{ "www.city.kawasaki.jp", "city.kawasaki.jp" },
	{ "a.www.ck", "www.ck" },
	{ "a.b.c.d.e.f.g.h.i.j.k.com", "k.com" },
};

static void answers_like_rspamd(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str got = psl_registrable(str_cstr(cases[i].host));

		if (!str_eq(got, str_cstr(cases[i].domain)))
			fail_msg("%s: %.*s instead of %s", cases[i].host,
				 STR_ARG(got), cases[i].domain);
	}
}

static void a_name_of_dots_is_itself(void **state)
{
	char dots[5000];
	struct str s = str_make(dots, sizeof(dots));

	(void)state;
	memset(dots, '.', sizeof(dots));
	assert_true(str_eq(psl_registrable(s), s));
	for (size_t i = 0; i < sizeof(dots); i += 2)
		dots[i] = 'a';
	assert_true(str_eq(psl_registrable(s), s));
	memset(dots, 'a', sizeof(dots));
	assert_true(str_eq(psl_registrable(s), s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_like_rspamd),
		cmocka_unit_test(a_name_of_dots_is_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
