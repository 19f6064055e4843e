/*
 * Which commands and keys rules may ask the store for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/ruleset.h"
#include "lua/redis_policy.h"

static struct arena *arena;
static char dir[] = "/tmp/policy.XXXXXX";

static const struct settings *settings_of(const char *line)
{
	const char *const lines[] = { line, NULL };
	struct load_options load = { .rules_dir = dir, .site_dir = dir,
				     .cf_lines = line ? lines : NULL };

	return ruleset_load(arena, &load)->site;
}

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return rmdir(dir);
}

/* A command from words. */
static struct strs command_of(const char *text)
{
	struct str rest = str_cstr(text), word;
	struct strs argv = { 0 };

	while (str_next_word(&rest, &word))
		strs_add(arena, &argv, word);
	return argv;
}

static void test_keys(void **state)
{
	static const struct {
		const char *line, *key;
		bool may;
	} rows[] = {
		{ NULL, "lua:", true },
		{ NULL, "lua:a", true },
		{ NULL, "lua", false },
		{ NULL, "alua:a", false },
		{ NULL, "mekiki:ip:1", false },
		{ NULL, "w:abc", false },
		{ NULL, "", false },
		{ "lua_redis_keys a: b?c", "a:x", true },
		{ "lua_redis_keys a: b?c", "bxc", true },
		{ "lua_redis_keys a: b?c", "bxcd", false },
		{ "lua_redis_keys a: b?c", "lua:a", false },
		{ "lua_redis_keys *", "anything", true },
		{ "lua_redis_keys *", "mekiki:ip:1", false },
		{ "lua_redis_keys m*", "mekiki:ip:1", false },
		{ "lua_redis_keys mekiki:url:*", "mekiki:url:x", true },
		{ "lua_redis_keys mekiki:url:*", "mekiki:ip:x", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (lua_redis_may_key(settings_of(rows[i].line),
				      str_cstr(rows[i].key)) != rows[i].may)
			fail_msg("%s: %s", rows[i].line ? rows[i].line : "-",
				 rows[i].key);
}

static void test_commands(void **state)
{
	static const struct {
		const char *text;
		bool may, may_reading;
	} rows[] = {
		{ "GET lua:a", true, true },
		{ "get lua:a", true, true },
		{ "GET other", false, false },
		{ "GET", true, true },	/* the store counts arguments */
		{ "SET lua:a 1", true, false },
		{ "SET other 1", false, false },
		{ "MGET lua:a lua:b", true, true },
		{ "MGET lua:a b", false, false },
		{ "EXISTS a", false, false },
		{ "DEL lua:a lua:b", true, false },
		{ "DEL lua:a b", false, false },
		{ "MSET lua:a b lua:c d", true, false },
		{ "MSET lua:a b c d", false, false },
		{ "SMOVE lua:a lua:b x", true, false },
		{ "SMOVE lua:a b x", false, false },
		{ "SUNIONSTORE lua:a lua:b c", false, false },
		{ "ZINTER 2 lua:a lua:b WEIGHTS 1 2", true, true },
		{ "ZINTER 2 lua:a b", false, false },
		{ "ZINTER 3 lua:a lua:b", false, false },
		{ "ZINTER -1 b", false, false },
		{ "ZINTER", false, false },
		{ "ZUNIONSTORE lua:a 1 lua:b", true, false },
		{ "ZUNIONSTORE a 1 lua:b", false, false },
		{ "ZUNIONSTORE lua:a 1 b", false, false },
		{ "EVAL text 1 lua:a argument", true, true },
		{ "EVAL text 1 a", false, false },
		{ "EVAL text 0 a", true, true },
		{ "EVAL text 2 lua:a", false, false },
		{ "EVAL text 99999999999999999999 lua:a", false, false },
		{ "EVAL", false, false },
		{ "EVALSHA text 0", false, false },
		{ "PING", false, false },
		{ "KEYS *", false, false },
		{ "SCAN 0", false, false },
		{ "FLUSHALL", false, false },
		{ "CONFIG GET *", false, false },
		{ "SCRIPT FLUSH", false, false },
		{ "BLPOP lua:a 1", false, false },
		{ "SORT lua:a BY other", false, false },
		{ "COPY lua:a lua:b", false, false },
		{ "SELECT 1", false, false },
		{ "nonsense", false, false },
	};
	const struct settings *s = settings_of(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strs argv = command_of(rows[i].text);
		struct strs again = command_of(rows[i].text);
		struct err err;

		if (lua_redis_may(arena, s, true, &argv, &err) != rows[i].may)
			fail_msg("%s", rows[i].text);
		if (lua_redis_may(arena, s, false, &again, &err) !=
		    rows[i].may_reading)
			fail_msg("%s, reading", rows[i].text);
	}
}

/* Names that are none: no piece of the table, and nothing long. */
static void test_names(void **state)
{
	static const char *const names[] = {
		"", " ", "GET STRLEN", " GET ", "GE", "G", "*", "TIME",
		"GET\n", "LPUSHRPUSHLPUSHXRPUSHXLPOPRPOPLSET",
	};
	const struct settings *s = settings_of(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct strs argv = { 0 };
		struct err err;

		strs_add(arena, &argv, str_cstr(names[i]));
		strs_add(arena, &argv, STR("lua:a"));
		if (lua_redis_may(arena, s, true, &argv, &err))
			fail_msg("'%s'", names[i]);
		assert_true(err.text[0]);
	}
}

/* The script stays on the line that it is on, behind the guard. */
static void test_script(void **state)
{
	struct strs argv = { 0 };
	struct err err;

	(void)state;
	strs_add(arena, &argv, STR("eval"));
	strs_add(arena, &argv, STR("return\n1"));
	strs_add(arena, &argv, STR("0"));
	assert_true(lua_redis_may(arena, settings_of("lua_redis_keys a-%'\\b\xff*"),
				  true, &argv, &err));
	assert_true(str_ends(argv.v[1], STR(" return\n1")));
	assert_int_equal(str_chr(argv.v[1], '\n'), argv.v[1].n - 2);
	assert_true(str_find(argv.v[1], STR("'^a%\\045%\\037%\\039%\\092b\\255.*$'"))
		    > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_script),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
