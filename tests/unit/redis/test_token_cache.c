/*
 * The cache of token counts: what is known, for how long, of which database,
 * and that a flood of tokens only replaces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "redis/token_cache.h"

static const uint8_t *token(unsigned i)
{
	static uint8_t t[BAYES_TOKEN];

	memcpy(t, &i, 4);
	t[4] = 'x';
	return t;
}

static bool get(struct token_cache *c, struct str prefix, unsigned i,
		uint32_t *spam_r)
{
	struct bayes_count count = { 0 };
	bool known;

	token_cache_get(c, prefix, token(i), 1, &count, &known);
	*spam_r = count.spam;
	return known;
}

static void put(struct token_cache *c, struct str prefix, unsigned i,
		uint32_t spam, uint32_t ham)
{
	struct bayes_count count = { spam, ham };

	token_cache_put(c, prefix, token(i), 1, &count);
}

static bool is_due(struct token_cache *c, struct str prefix, unsigned i)
{
	bool due;

	token_cache_touch(c, prefix, token(i), 1, &due);
	return due;
}

static void test_known(void **state)
{
	struct token_cache *c = token_cache_new(100);
	uint8_t many[50 * BAYES_TOKEN];
	struct bayes_count counts[50];
	bool known[50];
	uint32_t spam;

	(void)state;
	assert_false(get(c, STR(""), 1, &spam));
	for (unsigned i = 0; i < 40; i++)
		put(c, STR(""), i, i, 2 * i);
	for (unsigned i = 0; i < 50; i++)
		memcpy(many + i * BAYES_TOKEN, token(i), BAYES_TOKEN);
	token_cache_get(c, STR(""), many, 50, counts, known);
	for (unsigned i = 0; i < 50; i++) {
		assert_int_equal(known[i], i < 40);
		if (known[i])
			assert_int_equal(counts[i].ham, 2 * i);
	}
	/* Another database's token of the same name is another one. */
	assert_false(get(c, STR("u:joe:"), 3, &spam));
	put(c, STR("u:joe:"), 3, 77, 0);
	assert_true(get(c, STR("u:joe:"), 3, &spam));
	assert_int_equal(spam, 77);
	assert_true(get(c, STR(""), 3, &spam));
	assert_int_equal(spam, 3);
	token_cache_forget(c, STR(""), token(3), 1);
	assert_false(get(c, STR(""), 3, &spam));
	assert_true(get(c, STR("u:joe:"), 3, &spam));
	token_cache_free(&c);
	assert_null(c);
}

static void test_believed(void **state)
{
	struct token_cache *c = token_cache_new(0.05);
	uint32_t spam;

	(void)state;
	put(c, STR(""), 1, 5, 6);
	usleep(100000);
	assert_false(get(c, STR(""), 1, &spam));
	token_cache_free(&c);
}

static void test_touch(void **state)
{
	struct token_cache *c = token_cache_new(1);
	uint32_t spam;

	(void)state;
	assert_true(is_due(c, STR(""), 1));
	assert_false(is_due(c, STR(""), 1));
	assert_true(is_due(c, STR("u:joe:"), 1));
	/* Touching is not knowing. */
	assert_false(get(c, STR(""), 1, &spam));
	token_cache_free(&c);
}

static void test_flood(void **state)
{
	struct token_cache *c = token_cache_new(100);
	unsigned known = 0, right = 0;

	(void)state;
	for (unsigned i = 0; i < 2000000; i++)
		put(c, STR(""), i, i, 0);
	for (unsigned i = 0; i < 2000000; i++) {
		uint32_t spam;

		if (!get(c, STR(""), i, &spam))
			continue;
		known++;
		right += spam == i;
	}
	assert_in_range(known, 400000, 600000);
	assert_int_equal(right, known);
	token_cache_free(&c);
}

/* Tokens that nobody knows do not drive out those that are known. */
static void test_unknown(void **state)
{
	struct token_cache *c = token_cache_new(100);
	unsigned known = 0;
	uint32_t spam;

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		put(c, STR(""), i, 1, 0);
	for (unsigned i = 100000; i < 2000000; i++)
		put(c, STR(""), i, 0, 0);
	for (unsigned i = 0; i < 100000; i++)
		known += get(c, STR(""), i, &spam);
	/* A set may be full of known ones. */
	assert_true(known > 94000);
	token_cache_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_believed),
		cmocka_unit_test(test_touch),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
