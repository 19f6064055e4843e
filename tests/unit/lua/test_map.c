/*
 * Maps: lines of every kind, and a file that changes after it was read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "lua/map.h"

static struct str value_of(const struct map_data *d, const char *key)
{
	const struct map_item *item = map_get(&d->keys, str_cstr(key));

	return item ? item->value : STR_NONE;
}

static void test_lines(void **state)
{
	struct map_data *d = map_data_new();

	(void)state;
	map_data_lines(d, MAP_HASH, STR("\xef\xbb\xbf" "Foo.com\n# comment\n"
		"bar.com  1.5 # c\n\"Q u\" v w\r\n\n k#x \nfoo.com second"));
	assert_int_equal(d->faults, 0);
	assert_true(str_eq(value_of(d, "foo.com"), STR("second")));
	assert_true(str_eq(value_of(d, "bar.com"), STR("1.5")));
	assert_true(str_eq(value_of(d, "q u"), STR("v w")));
	assert_true(map_has(&d->keys, STR("k#x")));
	assert_false(map_has(&d->keys, STR("comment")));
	map_data_free(&d);
	assert_null(d);
}

static struct str net_of(const struct map_data *d, const char *text)
{
	struct ip_addr ip;
	const struct map_item *item;

	assert_true(ip_parse(str_cstr(text), &ip));
	item = map_data_net(d, &ip);
	return item ? item->value : STR("-");
}

static void test_networks(void **state)
{
	static const struct {
		const char *ip, *want;
	} rows[] = {
		{ "10.1.1.1", "1" }, { "192.168.1.5", "host" },
		{ "192.168.1.6", "lan" }, { "192.168.2.6", "wide" },
		{ "::ffff:10.1.1.1", "1" }, { "2001:db8::1", "v6" },
		{ "2001:db9::1", "-" }, { "8.8.8.8", "-" },
	};
	struct map_data *d = map_data_new();

	(void)state;
	map_data_lines(d, MAP_RADIX, STR("10.0.0.0/8\n192.168.1.77/24 lan\n"
		"192.168.0.0/17 wide\n192.168.1.5 host\n2001:db8::/32 v6\n"
		"nonsense\n1.2.3.4/33\n"));
	assert_int_equal(d->faults, 2);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_true(str_eq(net_of(d, rows[i].ip),
				   str_cstr(rows[i].want)));
	map_data_free(&d);
}

static void test_patterns(void **state)
{
	struct map_data *d = map_data_new();

	(void)state;
	map_data_lines(d, MAP_REGEXP, STR("/^a b\\/c/i two words\n"
		"plain v\n/(/\n/x/y9\n"));
	assert_int_equal(d->npatterns, 2);
	assert_int_equal(d->faults, 2);
	assert_true(regex_hits(d->patterns[0].re, STR("A B/C")));
	assert_false(regex_hits(d->patterns[0].re, STR("xA B/C")));
	assert_true(str_eq(d->patterns[0].value, STR("two words")));
	assert_true(regex_hits(d->patterns[1].re, STR("explain plainly")));
	map_data_free(&d);
}

static void count(void *ctx, const char *text)
{
	(void)text;
	++*(unsigned *)ctx;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_changes(void **state)
{
	char dir[] = "/tmp/mekiki-map-XXXXXX", path[64];
	struct arena *a = arena_new();
	struct file_mark mark = { 0 };
	struct lua_map m = { .kind = MAP_SET, .name = STR("m"),
			     .callback = LUA_NOREF, .marks = &mark };
	struct lua_map *list[] = { &m };
	struct lua_vm vm = { .maps = list, .nmaps = 1 };
	unsigned said = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/list", dir);
	strs_add(a, &m.paths, str_cstr(path));
	/* Not there yet: an empty map, and a word about it. */
	map_load(&m, count, &said);
	assert_int_equal(said, 1);
	assert_int_equal(m.data->n, 0);
	assert_false(lua_maps_changed(&vm));
	write_file(path, "one\n");
	/* Asked again within the same second: not looked at. */
	assert_false(lua_maps_changed(&vm));
	vm.maps_check_us = 0;
	assert_true(lua_maps_changed(&vm));
	assert_int_equal(lua_maps_refresh(&vm), 1);
	assert_true(map_has(&m.data->keys, STR("one")));
	assert_false(lua_maps_changed(&vm));
	assert_int_equal(lua_maps_refresh(&vm), 0);
	write_file(path, "two\nthree\n");
	assert_int_equal(lua_maps_refresh(&vm), 1);
	assert_false(map_has(&m.data->keys, STR("one")));
	assert_true(map_has(&m.data->keys, STR("three")));
	/* Gone: what was read stays. */
	unlink(path);
	vm.maps_check_us = 0;
	assert_false(lua_maps_changed(&vm));
	assert_int_equal(lua_maps_refresh(&vm), 0);
	assert_true(map_has(&m.data->keys, STR("two")));
	rmdir(dir);
	map_data_free(&m.data);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
