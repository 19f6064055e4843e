/*
 * `store` lines: every form, what is wrong with others, and that a password
 * is shown neither by an error nor by store_url_show.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "redis/store.h"

struct good {
	const char *text;
	enum store_scheme scheme;
	bool tls;
	const char *hosts;	/* as shown, "" none */
	const char *path, *user, *password, *master;	/* NULL: none */
	int db;
	const char *shown;
};

static const struct good good[] = {
	{ "redis://127.0.0.1", STORE_REDIS, false, "127.0.0.1:6379", NULL,
	  NULL, NULL, NULL, 0, "redis://127.0.0.1:6379" },
	{ "REDIS://db.example.com:6380/", STORE_REDIS, false,
	  "db.example.com:6380", NULL, NULL, NULL, NULL, 0,
	  "redis://db.example.com:6380" },
	{ "redis://h/3", STORE_REDIS, false, "h:6379", NULL, NULL, NULL, NULL,
	  3, "redis://h:6379/3" },
	{ "redis://:secret@h/15", STORE_REDIS, false, "h:6379", NULL, NULL,
	  "secret", NULL, 15, "redis://h:6379/15" },
	{ "redis://mail:secret@[::1]:7000/2", STORE_REDIS, false,
	  "[::1]:7000", NULL, "mail", "secret", NULL, 2,
	  "redis://[::1]:7000/2" },
	{ "redis://[2001:db8::7]", STORE_REDIS, false, "[2001:db8::7]:6379",
	  NULL, NULL, NULL, NULL, 0, "redis://[2001:db8::7]:6379" },
	{ "redis://[fe80::1%eth0]:1", STORE_REDIS, false, "[fe80::1%eth0]:1",
	  NULL, NULL, NULL, NULL, 0, "redis://[fe80::1%eth0]:1" },
	{ "redis://a%3Ab:p%40ss%2Fw%3ard%25%0a@h", STORE_REDIS, false,
	  "h:6379", NULL, "a:b", "p@ss/w:rd%\n", NULL, 0, "redis://h:6379" },
	{ "redis://u:p:a@ss@h", STORE_REDIS, false, "h:6379", NULL, "u",
	  "p:a@ss", NULL, 0, "redis://h:6379" },
	{ "rediss://u:p@redis.example.com", STORE_REDIS, true,
	  "redis.example.com:6379", NULL, "u", "p", NULL, 0,
	  "rediss://redis.example.com:6379" },
	{ "redis+unix:///run/redis/redis.sock", STORE_REDIS_UNIX, false, "",
	  "/run/redis/redis.sock", NULL, NULL, NULL, 0,
	  "redis+unix:///run/redis/redis.sock" },
	{ "redis+unix:///r%3fs%20x?db=4&user=m&password=a%26b",
	  STORE_REDIS_UNIX, false, "", "/r?s x", "m", "a&b", NULL, 4,
	  "redis+unix:///r%3Fs%20x?db=4" },
	{ "redis+unix:///s?password=p", STORE_REDIS_UNIX, false, "", "/s",
	  NULL, "p", NULL, 0, "redis+unix:///s" },
	{ "redis+sentinel://a,b:7,[::1]:8/mymaster", STORE_SENTINEL, false,
	  "a:26379,b:7,[::1]:8", NULL, NULL, NULL, "mymaster", 0,
	  "redis+sentinel://a:26379,b:7,[::1]:8/mymaster" },
	{ "redis+sentinel://u:p@a/my%20master/9", STORE_SENTINEL, false,
	  "a:26379", NULL, "u", "p", "my master", 9,
	  "redis+sentinel://a:26379/my%20master/9" },
	{ "rediss+sentinel://a/m", STORE_SENTINEL, true, "a:26379", NULL,
	  NULL, NULL, "m", 0, "rediss+sentinel://a:26379/m" },
	{ "redis+cluster://a,b:7001", STORE_CLUSTER, false, "a:6379,b:7001",
	  NULL, NULL, NULL, NULL, 0, "redis+cluster://a:6379,b:7001" },
	{ "redis+cluster://:p@a/0", STORE_CLUSTER, false, "a:6379", NULL,
	  NULL, "p", NULL, 0, "redis+cluster://a:6379" },
	{ "rediss+cluster://a/", STORE_CLUSTER, true, "a:6379", NULL, NULL,
	  NULL, NULL, 0, "rediss+cluster://a:6379" },
	{ "lmdb:/var/lib/mekiki/store", STORE_LMDB, false, "",
	  "/var/lib/mekiki/store", NULL, NULL, NULL, 0,
	  "lmdb:/var/lib/mekiki/store" },
	{ "none", STORE_NONE, false, "", NULL, NULL, NULL, NULL, 0, "none" },
	{ "memory:", STORE_MEMORY, false, "", NULL, NULL, NULL, NULL, 0,
	  "memory:" },
};

/* Each with a word that the error must have. */
static const struct {
	const char *text, *says;
} bad[] = {
	{ "", "begins with" },
	{ "mysql://u:HUSH@h", "begins with" },
	{ "redis:/h", "begins with" },
	{ "redis://", "host" },
	{ "redis:///3", "host" },
	{ "redis://u:HUSH@", "host" },
	{ "redis://h:0", "port" },
	{ "redis://h:65536", "port" },
	{ "redis://h:+1", "port" },
	{ "redis://h:", "port" },
	{ "redis://h:HUSH", "port" },
	{ "redis://h/x", "database" },
	{ "redis://h/-1", "database" },
	{ "redis://h/65536", "database" },
	{ "redis://h/0/1", "database" },
	{ "redis://h,i", "only one host" },
	{ "redis://HUSH@h", "user:password" },
	{ "redis://u:@h", "empty" },
	{ "redis://u:HU/SH@h", "%2F" },
	{ "redis://u:HUSH", "port" },
	{ "redis://u:HUSH%4@h", "hexadecimal" },
	{ "redis://u:HUSH%@h", "hexadecimal" },
	{ "redis://u:HUSH%zz@h", "hexadecimal" },
	{ "redis://::1", "[ ]" },
	{ "redis://[::1", "host" },
	{ "redis://[::1]7", "IPv6" },
	{ "redis://[1.2.3.4]", "IPv6" },
	{ "redis://[]", "IPv6" },
	{ "redis://a b", "host" },
	{ "redis+unix://", "path" },
	{ "redis+unix:///", "path" },
	{ "redis+unix://run/s", "path" },
	{ "redis+unix:///a%00b", "path" },
	{ "redis+unix:///s?x=HUSH", "db=N" },
	{ "redis+unix:///s?db=HUSH", "database" },
	{ "redis+unix:///s?user=HUSH", "no password" },
	{ "redis+unix:///s?password=", "db=N" },
	{ "redis+sentinel://a,b", "name" },
	{ "redis+sentinel://a/", "name" },
	{ "redis+sentinel://a,,b/m", "host" },
	{ "redis+sentinel://a/m/x", "database" },
	{ "redis+cluster://a/1", "database" },
	{ "lmdb:", "path" },
	{ "lmdb:relative", "path" },
	{ "none such", "nothing" },
	{ "memory:x", "nothing" },
};

static void same(struct str got, const char *want)
{
	assert_int_equal(got.p != NULL, want != NULL);
	if (want) {
		assert_int_equal(got.n, strlen(want));
		assert_memory_equal(got.p, want, got.n);
	}
}

static void check_good(struct arena *a, const struct good *g)
{
	struct store_url u;
	struct err err = { "" };
	struct str shown, hosts = STR("");

	if (store_url_parse(a, str_cstr(g->text), &u, &err) < 0)
		fail_msg("%s: %s", g->text, err.text);
	assert_int_equal(u.scheme, g->scheme);
	assert_int_equal(u.tls, g->tls);
	for (size_t i = 0; i < u.nhosts; i++) {
		bool v6 = str_chr(u.hosts[i].host, ':') >= 0;

		hosts = str_printf(a, "%.*s%s%s%.*s%s:%u", STR_ARG(hosts),
				   i ? "," : "", v6 ? "[" : "",
				   STR_ARG(u.hosts[i].host), v6 ? "]" : "",
				   u.hosts[i].port);
	}
	same(hosts, g->hosts);
	same(u.path, g->path);
	same(u.user, g->user);
	same(u.password, g->password);
	same(u.master, g->master);
	assert_int_equal(u.db, g->db);
	shown = store_url_show(a, &u);
	same(shown, g->shown);
	/* What is shown is a line that means the same place. */
	assert_int_equal(store_url_parse(a, shown, &u, &err), 0);
	same(store_url_show(a, &u), g->shown);
}

static void test_good(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		check_good(a, &good[i]);
	arena_free(&a);
}

static void test_bad(void **state)
{
	struct arena *a = arena_new();
	struct store_url u;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err err = { "" };
		struct str text;

		if (store_url_parse(a, str_cstr(bad[i].text), &u, &err) == 0)
			fail_msg("%s was accepted", bad[i].text);
		text = str_cstr(err.text);
		if (str_find(text, str_cstr(bad[i].says)) < 0)
			fail_msg("%s: %s", bad[i].text, err.text);
		assert_true(str_find(text, STR("HUSH")) < 0);
		assert_true(str_find(text, STR("HU")) < 0);
	}
	arena_free(&a);
}

/* A good line with any one octet changed or cut is read or refused. */
static void test_changed(void **state)
{
	static const char marks[] = "\0/:@%[],?&= a9";
	struct arena *a = arena_new();
	struct store_url u;
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct str s = str_dup(a, str_cstr(good[i].text));

		for (size_t k = 0; k < s.n; k++, tried++) {
			char *at = (char *)s.p + k, kept = *at;

			store_url_parse(a, str_head(s, k), &u, NULL);
			for (size_t m = 0; m < sizeof(marks) - 1; m++) {
				*at = marks[m];
				if (store_url_parse(a, s, &u, NULL) == 0)
					store_url_show(a, &u);
			}
			*at = kept;
		}
	}
	assert_true(tried > 500);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
