/*
 * Batches and replies as bytes: there and back, and bytes that are neither.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "redis/memory_wire.h"

static struct arena *a;

static int set_up(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct str packed(const struct store_batch *b)
{
	struct buf out;

	buf_in(&out, a, 1 << 20);
	memory_put_batch(&out, b);
	return buf_str(&out);
}

static struct store_batch sample(void)
{
	struct store_batch b = { 0 };

	store_add(a, &b, "HGETALL", STR("mekiki:ip:198.18.0.7"));
	store_add_script(a, &b, "echo");
	store_add_key(a, &b, STR("key\0with\r\noctets"));
	store_add_arg(a, &b, STR(""));
	store_add_int(a, &b, -42);
	store_add_number(a, &b, 0.1);
	return b;
}

static void test_batch(void **state)
{
	struct store_batch b = sample(), got;
	struct str bytes = packed(&b);

	(void)state;
	assert_true(memory_take_batch(a, &bytes, &got));
	assert_int_equal(bytes.n, 0);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.v[0].script, -1);
	assert_int_equal(got.v[1].script, store_script_named("echo"));
	assert_int_equal(got.v[1].nkeys, 1);
	for (size_t i = 0; i < b.n; i++) {
		assert_int_equal(got.v[i].argv.n, b.v[i].argv.n);
		for (size_t k = 0; k < b.v[i].argv.n; k++)
			assert_true(str_eq(got.v[i].argv.v[k],
					   b.v[i].argv.v[k]));
	}
	assert_true(str_eq(got.v[1].argv.v[2], STR("-42")));
	assert_true(str_eq(got.v[1].argv.v[3], STR("0.1")));
}

/* Cut anywhere, it is no batch; and with any octet changed it is one or not,
 * but never more than what is there. */
static void test_damaged_batch(void **state)
{
	struct store_batch b = sample(), got;
	struct str bytes = packed(&b);

	(void)state;
	for (size_t n = 0; n < bytes.n; n++) {
		struct str cut = str_head(bytes, n);

		assert_false(memory_take_batch(a, &cut, &got));
	}
	for (size_t i = 0; i < bytes.n; i++)
		for (int bit = 0; bit < 8; bit++) {
			char *copy = arena_strndup(a, bytes.p, bytes.n);
			struct str rest = str_make(copy, bytes.n);

			copy[i] ^= (char)(1 << bit);
			if (memory_take_batch(a, &rest, &got))
				assert_true(got.n <= bytes.n);
		}
}

static void test_unknown_script(void **state)
{
	struct store_batch got;
	struct buf b;
	struct str bytes;

	(void)state;
	buf_in(&b, a, 4096);
	packets_put_u32(&b, 1);
	packets_put(&b, STR("no such script"));
	packets_put_u32(&b, 0);
	packets_put_u32(&b, 0);
	bytes = buf_str(&b);
	assert_false(memory_take_batch(a, &bytes, &got));
}

static void test_replies(void **state)
{
	struct store_reply inner[2] = {
		{ .kind = REPLY_TEXT, .text = STR("a\0b") },
		{ .kind = REPLY_NIL },
	};
	struct store_reply v[4] = {
		{ .kind = REPLY_INT, .number = -7 },
		{ .kind = REPLY_LIST, .items = inner, .n = 2 },
		{ .kind = REPLY_ERROR, .text = STR("WRONGTYPE no") },
		{ .kind = REPLY_STATUS, .text = STR("OK") },
	}, *got;
	struct buf b;
	struct str bytes, whole;
	size_t n;

	(void)state;
	buf_in(&b, a, 4096);
	memory_put_replies(&b, v, 4);
	whole = bytes = buf_str(&b);
	assert_true(memory_take_replies(a, &bytes, &got, &n));
	assert_int_equal(n, 4);
	assert_int_equal(got[0].number, -7);
	assert_int_equal(got[1].n, 2);
	assert_true(str_eq(got[1].items[0].text, STR("a\0b")));
	assert_int_equal(got[1].items[1].kind, REPLY_NIL);
	assert_true(str_eq(got[2].text, STR("WRONGTYPE no")));
	assert_int_equal(got[3].kind, REPLY_STATUS);
	for (n = 0; n < whole.n; n++) {
		struct str cut = str_head(whole, n);
		size_t m;

		assert_false(memory_take_replies(a, &cut, &got, &m));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_batch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damaged_batch, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_unknown_script, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_replies, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
