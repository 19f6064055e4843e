/*
 * Addresses and network sets: the notations of trusted_networks, and that the
 * first entry which holds an address decides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "mail/network.h"

static void private_addresses(void **state)
{
	static const struct {
		const char *ip;
		bool private;
	} cases[] = {
		{ "10.0.0.1", true }, { "11.0.0.1", false },
		{ "127.255.0.1", true }, { "169.254.3.4", true },
		{ "169.253.3.4", false }, { "172.15.0.1", false },
		{ "172.16.0.1", true }, { "172.31.255.255", true },
		{ "172.32.0.1", false }, { "192.168.1.1", true },
		{ "192.169.1.1", false }, { "100.63.0.1", false },
		{ "100.64.0.1", true }, { "100.127.0.1", true },
		{ "100.128.0.1", false }, { "198.18.0.1", false },
		{ "0.0.0.0", false }, { "224.0.0.1", false },
		{ "::1", true }, { "0:0:0:0:0:0:0:1", true },
		{ "::2", false }, { "fe80::1", true }, { "FEBF::1", true },
		{ "fec0::1", false }, { "fc00::1", false },
		{ "::ffff:10.1.2.3", true }, { "::ffff:198.18.0.1", false },
		{ "IPv6:::1", true }, { "[127.0.0.1]", true },
		{ "", false }, { "localhost", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		print_message("%s\n", cases[i].ip);
		assert_int_equal(ip_is_private(str_cstr(cases[i].ip)),
				 cases[i].private);
	}
}

static void reversed(void **state)
{
	struct arena *a = arena_new();
	static const struct {
		const char *ip, *reversed;
	} cases[] = {
		{ "198.18.0.1", "1.0.18.198" },
		{ "2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
				 "0.0.8.b.d.0.1.0.0.2" },
		{ "1.2.3", NULL }, { "example.com", NULL }, { "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str s = ip_reversed(a, str_cstr(cases[i].ip));

		if (cases[i].reversed)
			assert_string_equal(s.p, cases[i].reversed);
		else
			assert_null(s.p);
	}
	arena_free(&a);
}

struct set_case {
	const char *nets[4];
	const char *ip;
	bool in;
};

static void sets(void **state)
{
	static const struct set_case cases[] = {
		{ { "127.0.0.0/8" }, "127.1.2.3", true },
		{ { "127/8" }, "127.1.2.3", true },
		{ { "10" }, "10.200.3.4", true },
		{ { "10." }, "11.0.0.1", false },
		{ { "192.168." }, "192.168.77.1", true },
		{ { "192.168.4" }, "192.168.5.1", false },
		{ { "198.18.7.9" }, "198.18.7.9", true },
		{ { "198.018.007.009" }, "198.18.7.9", true },
		{ { "198.18.7.9/255.255.0.0" }, "198.18.1.1", true },
		{ { "198.18.7.9/024" }, "198.18.7.200", true },
		{ { "0/0" }, "8.8.8.8", true },
		{ { "0/0" }, "2001:db8::1", false },
		/* The first entry that holds the address decides. */
		{ { "!10.0.1.5", "10.0.1/24" }, "10.0.1.5", false },
		{ { "!10.0.1.5", "10.0.1/24" }, "10.0.1.6", true },
		{ { "10.0.1/24", "!10.0.1.5" }, "10.0.1.5", true },
		{ { "! 10.0.1.5", "10/8" }, "10.0.1.5", false },
		{ { "2001:db8:1::1", "!2001:db8:1::/64", "2001:db8::/32" },
		  "2001:db8:1::1", true },
		{ { "2001:db8:1::1", "!2001:db8:1::/64", "2001:db8::/32" },
		  "2001:db8:1::2", false },
		{ { "2001:db8:1::1", "!2001:db8:1::/64", "2001:db8::/32" },
		  "2001:db8:2::2", true },
		{ { "[2001:db8::]/32" }, "2001:DB8::5", true },
		{ { "[fe80::%eth0]/10" }, "fe80::1%eth1", true },
		{ { "2001:db8::/ffff::" }, "2001:db9::1", true },
		/* IPv4 and its mapped form are one thing. */
		{ { "198.18.0.0/16" }, "::ffff:198.18.3.3", true },
		{ { "::ffff:198.18.0.0/112" }, "198.18.3.3", true },
		{ { "::1" }, "::1", true },
		{ { "::1" }, "127.0.0.1", false },
		{ { "198.18.0.5-198.18.0.9" }, "198.18.0.9", true },
		{ { "!198.18.0.5-198.18.0.9", "198.18/16" }, "198.18.0.7",
		  false },
		{ { "198.18.0.5-198.18.0.9" }, "198.18.0.10", false },
		{ { NULL }, "127.0.0.1", false },
		{ { "127/8" }, "not an address", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct set_case *c = &cases[i];
		struct arena *a = arena_new();
		struct netset *set = netset_new(a);
		struct err err;

		print_message("%zu: %s\n", i, c->ip);
		for (size_t k = 0; k < 4 && c->nets[k]; k++)
			assert_int_equal(netset_add(set, str_cstr(c->nets[k]),
						    &err), 0);
		assert_int_equal(netset_has(set, str_cstr(c->ip)), c->in);
		arena_free(&a);
	}
	assert_false(netset_has(NULL, STR("127.0.0.1")));
	assert_int_equal(netset_count(NULL), 0);
}

static void refused(void **state)
{
	static const char *const bad[] = {
		"", "!", "1.2.3.256", "1.2.3.4.5", "1.2.3.4/33", "1.2.3.4/",
		"1.2.3.4/0.0.0.255", "1.2.3.4/255.0.255.0", "::1/129", "a.b",
		"1..2", "1.2.3.4/-1", "198.18.0.9-198.18.0.5", "1.2-3.4",
		"::zz", "-", "/8", "+1.2.3.4",
	};
	struct arena *a = arena_new();
	struct netset *set = netset_new(a);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err err = { "" };

		print_message("'%s'\n", bad[i]);
		assert_int_equal(netset_add(set, str_cstr(bad[i]), &err), -1);
		assert_true(err.text[0] != '\0');
	}
	assert_int_equal(netset_count(set), 0);
	/* What an earlier entry covers is not added. */
	assert_int_equal(netset_add(set, STR("10/8"), NULL), 0);
	assert_int_equal(netset_add(set, STR("!10.1/16"), NULL), 0);
	assert_int_equal(netset_count(set), 1);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_addresses),
		cmocka_unit_test(reversed),
		cmocka_unit_test(sets),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
