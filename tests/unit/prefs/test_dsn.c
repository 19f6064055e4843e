/*
 * Data sources in DBI's form, and queries with parameters for what comes from
 * the network.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "prefs/dsn.h"
#include "prefs/query.h"

static void assert_text(const char *got, const char *want)
{
	if (want)
		assert_string_equal(got, want);
	else
		assert_null(got);
}

static void test_dsn(void **state)
{
	static const struct {
		const char *text;
		enum dsn_kind kind;
		const char *database, *host, *socket;
		unsigned port;
	} cases[] = {
		{ "", DSN_NONE, NULL, NULL, NULL, 0 },
		{ "dbi:SQLite:dbname=/a/b", DSN_SQLITE, "/a/b", NULL, NULL, 0 },
		{ "DBI:SQLite:/a/b", DSN_SQLITE, "/a/b", NULL, NULL, 0 },
		{ "dbi:SQLite(RaiseError=>1):db=x;sqlite_x=1", DSN_SQLITE, "x",
		  NULL, NULL, 0 },
		{ "DBI:mysql:spam", DSN_MYSQL, "spam", NULL, NULL, 0 },
		{ "DBI:mysql:spam:db.example:3307", DSN_MYSQL, "spam",
		  "db.example", NULL, 3307 },
		{ "dbi:mysql:database=spam;host=h;port=1;mysql_socket=/s",
		  DSN_MYSQL, "spam", "h", "/s", 1 },
		{ "dbi:MariaDB:spam:[::1]:3306", DSN_MYSQL, "spam", "::1", NULL,
		  3306 },
		{ "DBI:mysql:spam:localhost;mysql_socket=/s", DSN_MYSQL, "spam",
		  "localhost", "/s", 0 },
		{ "dbi:Pg:dbname=spam;host=/run;port=5433", DSN_PG,
		  "dbname=spam host=/run port=5433", NULL, NULL, 0 },
		{ "dbi:Pg:database=spam", DSN_PG, "dbname=spam", NULL, NULL, 0 },
	};
	static const char *const wrong[] = {
		"nonsense", "dbi:", "dbi:SQLite", "dbi:SQLite:", "dbi:mysql:",
		"dbi:mysql:a:b:c", "dbi:mysql:a:b:1:d", "dbi:Oracle:x",
		"ldap://localhost/x", "dbi:mysql(x:a", "dbi:mysql:a:b:70000",
	};
	struct arena *a = arena_new();
	struct dsn d;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(dsn_parse(a, str_cstr(cases[i].text), &d,
					   &err), 0);
		assert_int_equal(d.kind, cases[i].kind);
		assert_text(d.database, cases[i].database);
		assert_text(d.host, cases[i].host);
		assert_text(d.socket, cases[i].socket);
		assert_int_equal(d.port, cases[i].port);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		err.text[0] = '\0';
		assert_int_equal(dsn_parse(a, str_cstr(wrong[i]), &d, &err),
				 -1);
		assert_true(err.text[0] != '\0');
	}
	arena_free(&a);
}

static void test_query(void **state)
{
	struct arena *a = arena_new();
	struct query q;
	struct err err;
	struct str many = STR("");

	(void)state;
	assert_int_equal(query_make(a, STR_NONE, false, &q, &err), 0);
	assert_string_equal(q.sql, "select preference, value from userpref "
			    "where username = ? or username = '@GLOBAL' order "
			    "by username asc");
	assert_int_equal(q.nparams, 1);
	assert_int_equal(q.params[0], QUERY_USERNAME);
	assert_int_equal(query_make(a, STR("x _DOMAIN_ _MAILBOX_ _TABLE_ "
					   "_USERNAME_ _OTHER_"), true, &q,
				    &err), 0);
	assert_string_equal(q.sql, "x $1 $2 userpref $3 _OTHER_");
	assert_int_equal(q.params[0], QUERY_DOMAIN);
	assert_int_equal(q.params[1], QUERY_MAILBOX);
	for (int i = 0; i <= QUERY_PARAMS; i++)
		many = str_cat(a, many, STR("_DOMAIN_"));
	assert_int_equal(query_make(a, many, false, &q, &err), -1);
	arena_free(&a);
}

/* As Perl's split at @ with two variables to its left has it. */
static void test_values(void **state)
{
	static const struct {
		const char *user, *mailbox, *domain;
	} cases[] = {
		{ "a@b", "a", "b" }, { "a", "a", NULL },
		{ "a@b@c", "a", "b" }, { "@b", "", "b" },
		{ "a@", "a", NULL }, { "@", NULL, NULL }, { "", NULL, NULL },
		{ "a@@c", "a", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str user = str_cstr(cases[i].user);
		struct str m = query_value(QUERY_MAILBOX, user);
		struct str d = query_value(QUERY_DOMAIN, user);

		assert_true(str_eq(query_value(QUERY_USERNAME, user), user));
		assert_int_equal(m.p != NULL, cases[i].mailbox != NULL);
		assert_int_equal(d.p != NULL, cases[i].domain != NULL);
		if (m.p)
			assert_true(str_eq(m, str_cstr(cases[i].mailbox)));
		if (d.p)
			assert_true(str_eq(d, str_cstr(cases[i].domain)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dsn),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
