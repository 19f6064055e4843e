/*
 * Languages by n-grams, with models of a few lines whose distances can be
 * reckoned by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "eval/textcat.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* "a b" has the n-grams NUL (4 times), a, NUL a, a NUL, NUL a NUL and the same
 * of b, once each: sorted by their octets. */
static const char two[] =
	"a\nb\n0 one\n"
	"b\na\na\nabcdef\n0 two.utf8\n"
	"\n0 three.iso\n"
	"dropped\n";

static struct textcat_result *compare(const char *text, double max,
				      double optimal, struct strs *skip,
				      size_t *n_r)
{
	struct str models = str_make(two, sizeof(two) - 1);
	struct textcat_models *m = textcat_models_new(arena, models);
	struct textcat_how how = { max, optimal, skip };

	assert_non_null(m);
	return textcat_compare(arena, m, str_cstr(text), &how, n_r);
}

static void test_distances(void **state)
{
	struct strs none = { 0 };
	struct textcat_result *r;
	size_t n;

	(void)state;
	r = compare("a b", 400, 0, &none, &n);
	assert_int_equal(n, 3);
	/* In order: NUL, NUL a, NUL a NUL, NUL b, NUL b NUL, a, a NUL, b, b NUL:
	 * a is at 5 and b at 7, so the first model is off by 4 and by 5, the
	 * second, whose a counts at its last place, by 2 and by 6. */
	assert_true(str_eq(r[0].language, STR("two")));
	assert_true(r[0].distance == 7 * 400 + 2 + 6);
	assert_true(str_eq(r[1].language, STR("one")));
	assert_true(r[1].distance == 7 * 400 + 4 + 5);
	assert_true(str_eq(r[2].language, STR("three.iso")));
	assert_true(r[2].distance == 9 * 400);
}

static void test_limits(void **state)
{
	struct strs skip = { 0 };
	struct textcat_result *r;
	size_t n;

	(void)state;
	/* One n-gram is left: NUL. */
	r = compare("a b", 1, 0, &skip, &n);
	assert_true(n == 3 && r[0].distance == 1 && r[2].distance == 1);
	assert_true(str_eq(r[0].language, STR("one")));
	/* Those that come more than once. */
	r = compare("a b", 50, 1, &skip, &n);
	assert_true(n == 3 && r[0].distance == 50);
	/* Less than none is all but so many: two of nine cost -7 each. */
	r = compare("a b", -7, 0, &skip, &n);
	assert_true(n == 3 && r[0].distance == -14);
	r = compare("a b", -100, 0, &skip, &n);
	assert_true(n == 3 && r[0].distance == 0);
	r = compare("1 2 3", 400, 0, &skip, &n);
	assert_true(n == 3 && r[0].distance == 0);
	strs_add(arena, &skip, STR("one"));
	strs_add(arena, &skip, STR("three"));
	r = compare("a b", 400, 0, &skip, &n);
	assert_int_equal(n, 1);
	assert_true(str_eq(r[0].language, STR("two")));
	strs_add(arena, &skip, STR("two"));
	compare("a b", 400, 0, &skip, &n);
	assert_int_equal(n, 0);
}

static void test_no_models(void **state)
{
	(void)state;
	assert_null(textcat_models_new(arena, STR("")));
	assert_null(textcat_models_new(arena, STR("a\nb\n0 \n")));
	assert_non_null(textcat_models_new(arena, STR("0 empty")));
}

/* Nothing but words as long as can be, and nothing but words. */
static void test_long_texts(void **state)
{
	char text[TEXTCAT_TEXT_MAX + 100];
	struct strs none = { 0 };
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(0x80 + i * i % 127);
	text[sizeof(text) - 1] = '\0';
	compare(text, 1e9, 0, &none, &n);
	assert_int_equal(n, 3);
	for (size_t i = 0; i + 1 < sizeof(text); i += 2)
		text[i] = ' ';
	compare(text, 400, 0, &none, &n);
	assert_int_equal(n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_distances, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_models, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_long_texts, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
