/*
 * Registry boundaries against a table of SpamAssassin's own answers
 * (split_domain, is_domain_valid, is_fqdn_valid).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "mail/domain.h"

struct domain_case {
	const char *host, *hostname, *domain;
	bool tld_known, well_formed;
};

static const struct domain_case cases[] = {
	{ "www.example.com", "www", "example.com", 1, 1 },
	{ "www.example.co.uk", "www", "example.co.uk", 1, 1 },
	{ "example.co.uk", "", "example.co.uk", 1, 1 },
	{ "co.uk", "", "co.uk", 1, 1 },
	{ "uk", "", "uk", 0, 0 },
	{ "", "", "", 0, 0 },
	{ "a.b.c.d.e.example.org", "a.b.c.d.e", "example.org", 1, 1 },
	{ "www..spamassassin.org", "www", "spamassassin.org", 1, 0 },
	{ ".www.example.com.", "www", "example.com", 0, 0 },
	{ "www.demon.co.uk", "", "www.demon.co.uk", 1, 1 },
	{ "shop.customer.demon.co.uk", "shop", "customer.demon.co.uk", 1, 1 },
	{ "esc.edu.ar", "", "esc.edu.ar", 1, 1 },
	{ "x.esc.edu.ar", "", "x.esc.edu.ar", 1, 1 },
	{ "fire-dept.ci.los-angeles.ca.us", "",
	  "fire-dept.ci.los-angeles.ca.us", 1, 1 },
	{ "ci.los-angeles.ca.us", "", "ci.los-angeles.ca.us", 1, 1 },
	{ "ca.us", "", "ca.us", 1, 1 },
	{ "www.ca.us", "", "www.ca.us", 1, 1 },
	{ "pvt.k12.ny.us", "", "pvt.k12.ny.us", 1, 1 },
	{ "x.school.pvt.k12.ny.us", "x", "school.pvt.k12.ny.us", 1, 1 },
	{ "a.b.zz.us", "a.b", "zz.us", 1, 1 },
	{ "WWW.Example.CO.JP", "WWW", "Example.CO.JP", 1, 1 },
	{ "example.com.", "", "example.com", 0, 1 },
	{ "example.nosuchtld", "", "example.nosuchtld", 0, 1 },
	{ "1.2.3.4", "1.2", "3.4", 0, 1 },
	{ "x.xn--p1ai", "", "x.xn--p1ai", 1, 1 },
	{ "localhost", "", "localhost", 0, 0 },
	{ "-a.com", "", "-a.com", 1, 0 },
	{ "a-.com", "", "a-.com", 1, 0 },
	{ "a_b.example.com", "a_b", "example.com", 1, 1 },
	{ "a_b.com", "", "a_b.com", 1, 0 },
	{ "a.b_c", "", "a.b_c", 0, 0 },
	{ "_dmarc.example.com", "_dmarc", "example.com", 1, 1 },
	{ "a..b.com", "a", "b.com", 1, 0 },
	{ "exa mple.com", "", "exa mple.com", 0, 0 },
	{ "\xe9t\xe9.com", "", "\xe9t\xe9.com", 1, 0 },
	{ "a.com..", "", "a.com", 0, 1 },
	{ ".", "", "", 0, 0 },
	{ "..", "", "", 0, 0 },
	/* A label of 63 letters, and one of 64. */
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com",
	  "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaa.com", 1, 1 },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
	  "com", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaa.com", 1, 0 },
};

static struct arena *arena;
static struct domains table;

static int setup(void **state)
{
	static const char *const tlds[] = { "com", "ORG", "uk", "us", "ar",
					    "jp", "xn--p1ai", NULL };
	static const char *const twos[] = { "co.uk", "co.jp", "edu.ar",
					    NULL };
	static const char *const threes[] = { "demon.co.uk", "esc.edu.ar",
					      NULL };

	(void)state;
	arena = arena_new();
	for (int i = 0; tlds[i]; i++)
		domains_add(arena, &table, 1, str_cstr(tlds[i]));
	for (int i = 0; twos[i]; i++)
		domains_add(arena, &table, 2, str_cstr(twos[i]));
	for (int i = 0; threes[i]; i++)
		domains_add(arena, &table, 3, str_cstr(threes[i]));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void answers_like_spamassassin(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct domain_case *c = &cases[i];
		struct str host = str_cstr(c->host), hostname, domain;

		print_message("  %s\n", c->host);
		domain_split(&table, host, &hostname, &domain);
		assert_true(str_eq(hostname, str_cstr(c->hostname)));
		assert_true(str_eq(domain, str_cstr(c->domain)));
		assert_true(str_eq(domain_of_host(&table, host), domain));
		assert_int_equal(domain_is_valid(&table, host), c->tld_known);
		assert_int_equal(host_is_valid(host), c->well_formed);
	}
}

static void without_tables_nothing_is_known(void **state)
{
	(void)state;
	assert_false(domain_is_valid(NULL, STR("example.com")));
	assert_false(domain_is_tld(NULL, STR("com")));
	assert_true(str_eq(domain_of_host(NULL, STR("a.example.co.uk")),
			   STR("co.uk")));
	assert_true(str_eq(domain_of_host(NULL, STR("a.b.ci.x.ca.us")),
			   STR("b.ci.x.ca.us")));
}

static void length_is_limited_to_253(void **state)
{
	char host[300];

	(void)state;
	for (size_t i = 0; i < sizeof(host); i++)
		host[i] = i % 2 ? '.' : 'a';
	assert_true(host_is_valid(str_make(host, 253)));
	assert_false(host_is_valid(str_make(host, 255)));
	/* Trailing dots do not count. */
	memset(host + 253, '.', 40);
	assert_true(host_is_valid(str_make(host, 293)));
}

static void runs_of_dots_melt(void **state)
{
	(void)state;
	assert_true(str_eq(str_squeeze_dots(arena, STR("..A...b.C..")),
			   STR(".a.b.c.")));
	assert_true(str_eq(str_squeeze_dots(arena, STR("")), STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_like_spamassassin),
		cmocka_unit_test(without_tables_nothing_is_known),
		cmocka_unit_test(length_is_limited_to_253),
		cmocka_unit_test(runs_of_dots_melt),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
