/*
 * Specifications of sockets, and the paths of virtual users' files.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "serve/listen.h"
#include "serve/prefs.h"

static void test_specs(void **state)
{
	static const struct {
		const char *text;
		bool ok, tls, is_unix;
		const char *host, *port;
	} cases[] = {
		{ "127.0.0.1", true, false, false, "127.0.0.1", "" },
		{ "127.0.0.1:7783", true, false, false, "127.0.0.1", "7783" },
		{ "ssl:127.0.0.1:7783", true, true, false, "127.0.0.1",
		  "7783" },
		{ "SSL:*", true, true, false, "*", "" },
		{ "*:783", true, false, false, "*", "783" },
		{ ":783", true, false, false, "", "783" },
		{ "mail.example.org:spamd", true, false, false,
		  "mail.example.org", "spamd" },
		{ "[::1]:783", true, false, false, "::1", "783" },
		{ "[::1]", true, false, false, "::1", "" },
		{ "::1", true, false, false, "::1", "" },
		{ "fe80::1%eth0", true, false, false, "fe80::1%eth0", "" },
		{ "/run/spamd.sock", true, false, true, "/run/spamd.sock",
		  "" },
		{ "ssl:/run/spamd.sock", true, false, true, "/run/spamd.sock",
		  "" },
		{ "[::1", false, false, false, NULL, NULL },
		{ "a b", false, false, false, NULL, NULL },
		{ "127.0.0.1:78:3", false, false, false, NULL, NULL },
		{ "[::1]783", false, false, false, NULL, NULL },
	};
	struct listen_spec spec;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = listen_parse(cases[i].text, &spec, &err);

		assert_int_equal(rc, cases[i].ok ? 0 : -1);
		if (!cases[i].ok)
			continue;
		assert_int_equal(spec.tls, cases[i].tls);
		assert_int_equal(spec.is_unix, cases[i].is_unix);
		assert_string_equal(spec.host, cases[i].host);
		assert_string_equal(spec.port, cases[i].port);
	}
}

static void test_virtual_paths(void **state)
{
	static const struct {
		const char *pattern, *user;
		bool domain;
		const char *want;	/* NULL: refused */
	} cases[] = {
		{ "/v/%u", "bob@example.org", false,
		  "/v/bob@example.org/user_prefs" },
		{ "/v/%d/%l", "bob@example.org", false,
		  "/v/example.org/bob/user_prefs" },
		{ "/v/%x", "bob@example.org", false,
		  "/v/bob@example.org/user_prefs" },
		{ "/v/%x", "bob@example.org", true,
		  "/v/example.org/user_prefs" },
		{ "/v/%%/%u", "bob", false, "/v/%/bob/user_prefs" },
		/* One escape after the other, %u first. */
		{ "/v/%%u", "bob", false, "/v/%bob/user_prefs" },
		{ "/v/%x/%u%%", "b@c", false, "/v/b@c/%u%%/user_prefs" },
		{ "/v/%l-%d", "a@b@c", false, "/v/a@b-c/user_prefs" },
		{ "/v/%l-%d", "bob", false, "/v/-/user_prefs" },
		{ "/v/%u", "../../etc", false, "/v/.._.._etc/user_prefs" },
		{ "/v/%u", "..", false, NULL },
		{ "/v/%d", "x@..", false, NULL },
		{ "/v/%u", "a/b c", false, "/v/a_b_c/user_prefs" },
		{ "/v.d/.%u", ".", false, NULL },
		{ "/v.d/%u", "a.b", false, "/v.d/a.b/user_prefs" },
		{ "v/%u", "bob", false, NULL },
	};
	char path[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool ok = prefs_virtual_path(cases[i].pattern,
					     str_cstr(cases[i].user),
					     cases[i].domain, path,
					     sizeof(path));

		assert_int_equal(ok, cases[i].want != NULL);
		if (ok)
			assert_string_equal(path, cases[i].want);
	}
	assert_false(prefs_virtual_path("/v/%u/%u/%u", STR("0123456789"),
					false, path, 30));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_virtual_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
