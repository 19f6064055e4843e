/*
 * The base layer: text, buffers with ceilings, maps, arenas.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"

static void test_numbers(void **state)
{
	static const struct {
		struct str text;
		bool ok;
		long value;
	} longs[] = {
		{ STR("0"), true, 0 },
		{ STR("-12"), true, -12 },
		{ STR("+7"), true, 7 },
		{ STR("9223372036854775807"), true, INT64_MAX },
		{ STR("9223372036854775808"), false, 0 },
		{ STR(""), false, 0 },
		{ STR("-"), false, 0 },
		{ STR("1x"), false, 0 },
		{ STR(" 1"), false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(longs) / sizeof(longs[0]); i++) {
		long v = 0;

		assert_int_equal(str_to_long(longs[i].text, &v), longs[i].ok);
		if (longs[i].ok)
			assert_true(v == longs[i].value);
	}
}

static void test_pieces(void **state)
{
	struct str rest = STR("a,,b,"), piece;
	struct strs list = { 0 };
	struct arena *a = arena_new();

	(void)state;
	while (str_next(&rest, ',', &piece))
		strs_add(a, &list, piece);
	assert_int_equal(list.n, 4);
	assert_true(str_eq(strs_join(a, &list, STR("|")), STR("a||b|")));
	rest = STR("one\n\ntwo");
	list.n = 0;
	while (str_next_line(&rest, &piece))
		strs_add(a, &list, piece);
	assert_int_equal(list.n, 3);
	assert_true(str_eq(list.v[2], STR("two")));
	arena_free(&a);
}

static void test_find(void **state)
{
	(void)state;
	assert_int_equal(str_find(STR("hello"), STR("lo")), 3);
	assert_int_equal(str_find(STR("hello"), STR("")), 0);
	assert_int_equal(str_find(STR(""), STR("x")), -1);
	assert_int_equal(str_ifind(STR("HeLLo"), STR("ll")), 2);
	assert_true(str_eq(str_trim(STR(" \t a b\r\n")), STR("a b")));
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_icmp(STR("B"), STR("a")) > 0);
}

static void test_ceiling(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_adds(&b, STR("12345678"));
	assert_false(b.full);
	buf_adds(&b, STR("90ab"));
	assert_true(b.full);
	assert_true(str_eq(buf_str(&b), STR("1234567890")));
	assert_null(buf_room(&b, 1));
	buf_addc(&b, 'x');
	assert_int_equal(b.n, 10);
	buf_free(&b);
}

static void test_map(void **state)
{
	struct arena *a = arena_new();
	struct map m = MAP_IN(a);
	struct map_entry *e;
	size_t i = 0, n = 0;

	(void)state;
	assert_null(map_get(&m, STR("none")));
	for (intptr_t k = 1; k <= 1000; k++)
		map_set(&m, str_printf(a, "key%ld", (long)k), (void *)k);
	assert_true(map_get(&m, STR("key500")) == (void *)500);
	assert_true(map_del(&m, STR("key500")));
	assert_false(map_del(&m, STR("key500")));
	assert_null(map_get(&m, STR("key500")));
	map_set(&m, STR("key500"), (void *)7);
	assert_true(map_get(&m, STR("key500")) == (void *)7);
	while ((e = map_next(&m, &i)))
		n++;
	assert_int_equal(n, 1000);
	arena_free(&a);
}

static int cleanups;

static void on_free(void *obj)
{
	cleanups += *(int *)obj;
}

static void test_arena(void **state)
{
	struct arena *a = arena_new();
	int one = 1;
	int *v = NULL;
	size_t cap = 0;

	(void)state;
	for (size_t i = 0; i < 100000; i++) {
		v = arena_grow(a, v, i, &cap, sizeof(*v));
		v[i] = (int)i;
	}
	assert_int_equal(v[99999], 99999);
	assert_true((uintptr_t)arena_alloc(a, 3) % 16 == 0);
	arena_on_free(a, on_free, &one);
	arena_reset(a);
	assert_int_equal(cleanups, 1);
	assert_int_equal(arena_used(a), 0);
	arena_on_free(a, on_free, &one);
	arena_free(&a);
	assert_int_equal(cleanups, 2);
	assert_null(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_find),	cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_map),	cmocka_unit_test(test_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
