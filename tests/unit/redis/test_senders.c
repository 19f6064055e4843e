/*
 * Records of AWL and TxRep as they are kept: each change on what a record
 * holds, in a real Redis and in the embedded stores; what is done twice counts
 * once; names of all kinds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "redis/senders.h"
#include "store_home.h"

#define START 1793613600	/* 2026-11-02T10:00:00Z */
#define KEY STR("a@example.org|ip=198.18")

static struct arena *a;
static unsigned serial;

static struct senders_write writing(bool lesson)
{
	return (struct senders_write){
		.event = str_printf(a, "m-%u", ++serial),
		.lesson = lesson, .now = START, .dilution = 1,
		.lifetime = 86400,
	};
}

static void apply(const struct score_change *v, size_t n,
		  const struct senders_write *w)
{
	struct score_changes changes = { (struct score_change *)v, n, n };
	struct store_batch b = { 0 };
	struct store_reply *r;

	senders_compose_change(a, "txrep", &changes, w, &b);
	assert_int_equal(b.n, n);
	r = home_run(a, &b);
	for (size_t i = 0; i < n; i++)
		if (r[i].kind != REPLY_INT)
			fail_msg("%s: %.*s", home_name(), STR_ARG(r[i].text));
}

static struct score_record recall(struct str key)
{
	struct score_record r = { .key = key };
	struct store_batch b = { 0 };
	struct str error = STR("");

	senders_compose_recall(a, "txrep", &r, 1, &b);
	if (!senders_parse_recall(&r, 1, home_run(a, &b), b.n, &error))
		fail_msg("%s: %.*s", home_name(), STR_ARG(error));
	return r;
}

static void expect(double count, double total)
{
	struct score_record r = recall(KEY);

	if (r.count != count || r.total < total - 1e-9 ||
	    r.total > total + 1e-9)
		fail_msg("%s: %g %g, not %g %g", home_name(), r.count, r.total,
			 count, total);
}

/* A change of KEY, told once, and what is then there. */
static const struct {
	enum score_step step;
	double value, count, then_count, then_total;
} steps[] = {
	{ SCORE_ADD, 3, 1, 1, 3 },
	{ SCORE_ADD, -1, 1, 2, 2 },
	{ SCORE_LEARN, 20, 1, 3, 23 },		/* 20 and the mean, 1 */
	{ SCORE_LEARN, -10, 1, 4, 23 - 10 - 23.0 / 3 },
	{ SCORE_UNLEARN, 0, 1, 3, 23 - 10 - 23.0 / 3 },
	{ SCORE_SET, 9, 3, 3, 9 },
	{ SCORE_REMOVE, 4, 1, 2, 5 },
	{ SCORE_UNLEARN, 1, 1, 1, 1.5 },	/* 1 and the mean, 2.5 */
	{ SCORE_DELETE, 0, 1, 0, 0 },
	{ SCORE_REMOVE, 4, 1, 1, -4 },
	{ SCORE_SET, 0, 0, 0, 0 },
	{ SCORE_LEARN_MESSAGE, 20, 1, 2, 40 },
	{ SCORE_SET, 2, 1, 1, 2 },
	{ SCORE_LEARN_MESSAGE, 20, 1, 2, 24 },
};

static void each_step(bool lesson)
{
	home_flush();
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct score_change c = { KEY, steps[i].step, steps[i].value,
					  steps[i].count, 0 };
		struct senders_write w = writing(lesson);

		apply(&c, 1, &w);
		expect(steps[i].then_count, steps[i].then_total);
		/* A scan's change is known by the record, which a deleted one
		 * has forgotten; a lesson's by its marker. */
		if (lesson || c.step != SCORE_DELETE)
			apply(&c, 1, &w);
		expect(steps[i].then_count, steps[i].then_total);
	}
}

/* A lesson that comes again long after others is still known. */
static void lessons_are_remembered(void)
{
	struct score_change c = { KEY, SCORE_ADD, 1, 1, 0 };
	struct senders_write first = writing(true), w;

	home_flush();
	apply(&c, 1, &first);
	for (int i = 0; i < 20; i++) {
		w = writing(false);
		apply(&c, 1, &w);
	}
	apply(&c, 1, &first);
	expect(21, 21);
}

/* Two changes of one record in one lesson are two. */
static void one_record_twice(void)
{
	struct score_change v[] = { { KEY, SCORE_ADD, 2, 1, 0 },
				    { KEY, SCORE_ADD, 5, 1, 0 } };
	struct senders_write w = writing(true);

	home_flush();
	apply(v, 2, &w);
	apply(v, 2, &w);
	expect(2, 7);
}

static void older_epochs_are_void(void)
{
	struct score_change c = { KEY, SCORE_ADD, 7, 1, 0 };
	struct senders_write w = writing(false);

	home_flush();
	apply(&c, 1, &w);
	c = (struct score_change){ KEY, SCORE_ADD, 1, 1, 1793613600123 };
	w = writing(false);
	apply(&c, 1, &w);
	expect(1, 1);
	assert_int_equal(recall(KEY).epoch, 1793613600123);
	c.step = SCORE_CLEAR;
	c.epoch++;
	w = writing(false);
	apply(&c, 1, &w);
	expect(0, 0);
	assert_int_equal(recall(KEY).epoch, 1793613600124);
}

/* (n + 1) (d total + score) / (d n + 1) */
static void dilution(void)
{
	struct score_change c = { KEY, SCORE_ADD, 10, 1, 0 };
	struct senders_write w = writing(false);

	home_flush();
	w.dilution = 0.8;
	apply(&c, 1, &w);
	c.value = 1;
	w.event = STR("other");
	apply(&c, 1, &w);
	expect(2, 2 * (0.8 * 10 + 1) / (0.8 * 1 + 1));
}

/* What a hand wrote there is no reason to stumble. */
static void broken_records(void)
{
	static const char *const odd[] = { "nan", "-3", "many", "1e999", "" };

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct score_change c = { KEY, SCORE_ADD, 1.5, 1, 0 };
		struct senders_write w = writing(false);
		struct store_batch b = { 0 };

		home_flush();
		store_add(a, &b, "HSET", senders_store_key(a, "txrep", KEY));
		store_add_arg(a, &b, STR("count"));
		store_add_arg(a, &b, str_cstr(odd[i]));
		home_run(a, &b);
		recall(KEY);
		apply(&c, 1, &w);
		expect(1, 1.5);
	}
}

static void all_scenes(void)
{
	a = arena_new();
	each_step(false);
	each_step(true);
	lessons_are_remembered();
	one_record_twice();
	older_epochs_are_void();
	dilution();
	broken_records();
	arena_free(&a);
}

static void names(void **state)
{
	static const char odd[] = "x%41{y} \n\0\x7f:|\xff|ip=none";
	struct str id = str_make(odd, sizeof(odd) - 1), key, back;

	(void)state;
	a = arena_new();
	key = senders_store_key(a, "awl", id);
	for (size_t i = 0; i < key.n; i++)
		assert_true((unsigned char)key.p[i] > ' ' &&
			    !strchr("{}\x7f", key.p[i]));
	assert_true(senders_key_named(a, "awl", key, &back));
	assert_true(str_eq(back, id));
	assert_false(senders_key_named(a, "txrep", key, &back));
	assert_false(senders_key_named(a, "awl", STR("mekiki:awl:x"), &back));
	assert_false(senders_key_named(a, "awl", STR("awl:x|ip=none"), &back));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test_teardown(in_redis, home_teardown),
		cmocka_unit_test_teardown(in_memory, home_teardown),
		cmocka_unit_test_teardown(in_lmdb, home_teardown),
	};

	home_scenes = all_scenes;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
