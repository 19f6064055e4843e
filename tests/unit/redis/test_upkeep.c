/*
 * Lists of the day and the cap, in a real Redis and in the embedded stores.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "redis/reputation.h"
#include "redis/upkeep.h"
#include "store_home.h"

#define START 1793613600	/* 2026-11-02T10:00:00Z */
#define DAY 86400
#define TODAY STR("2026-11-02")

static struct arena *a;
static struct upkeep *upkeep;
static unsigned serial;

static const struct reputation_numbers numbers = {
	.half_life = 7.0 * DAY, .lifetime = 60.0 * DAY, .prior = 30,
	.people_weight = 10,
};

static struct store_reply *run(const char *command, struct str key,
			       const char *x, const char *y, const char *z)
{
	const char *const args[] = { x, y, z };
	struct store_batch b = { 0 };

	store_add(a, &b, command, key);
	for (size_t i = 0; i < 3 && args[i]; i++)
		store_add_arg(a, &b, str_cstr(args[i]));
	return home_run(a, &b);
}

static void write_noted(void)
{
	struct store_batch b = { 0 };
	struct store_reply *r;

	upkeep_compose(a, upkeep, &b);
	r = home_run(a, &b);
	for (size_t i = 0; i < b.n; i++)
		if (r[i].kind == REPLY_ERROR)
			fail_msg("%.*s", STR_ARG(r[i].text));
}

static void observe_as(struct str message, const char *ip, bool spam,
		       double weight)
{
	struct evidence_key who = { EVIDENCE_IP, str_cstr(ip) };
	struct store_batch b = { 0 };
	struct observation o = {
		.message = message, .now = START, .spam = spam,
		.weight = weight, .why = STR("RULE"), .numbers = numbers,
	};
	struct store_reply *r;

	reputation_compose_observe(a, &who, 1, &o, &b);
	r = home_run(a, &b);
	upkeep_note(upkeep, b.v, r, b.n, START);
}

static void observe(const char *ip, bool spam, double weight)
{
	observe_as(str_printf(a, "%024x", ++serial), ip, spam, weight);
}

static void expect_list(bool best, const char *expected)
{
	struct store_reply *r = run(best ? "ZRANGE" : "ZREVRANGE",
				    upkeep_top_key(a, EVIDENCE_IP, TODAY), "0",
				    "-1", "WITHSCORES");
	struct strs got = { 0 };
	struct str text;

	for (size_t i = 0; i < r->n; i++)
		strs_add(a, &got, r->items[i].text);
	text = strs_join(a, &got, STR(" "));
	if (!str_eq(text, str_cstr(expected)))
		fail_msg("%s: %.*s", home_name(), STR_ARG(text));
}

static void lists(void)
{
	struct str key = upkeep_top_key(a, EVIDENCE_IP, TODAY);
	struct str again = str_printf(a, "%024x", ++serial);
	struct store_reply *r;

	assert_true(str_eq(key, STR("mekiki:top:ip:2026-11-02")));
	observe("198.18.0.1", true, 1);
	observe("198.18.0.1", true, 0.52);
	observe("198.18.0.2", false, 1);
	write_noted();
	expect_list(false, "198.18.0.1 1.5 198.18.0.2 -1");
	/* The same message twice; one that weighs nothing. */
	observe_as(again, "198.18.0.3", true, 1);
	observe_as(again, "198.18.0.3", true, 1);
	observe("198.18.0.4", true, 0);
	observe("198.18.0.2", false, 1);
	write_noted();
	expect_list(false, "198.18.0.1 1.5 198.18.0.3 1 198.18.0.2 -2");
	expect_list(true, "198.18.0.2 -2 198.18.0.3 1 198.18.0.1 1.5");
	r = run("TTL", key, NULL, NULL, NULL);
	assert_true(r->number > 7 * DAY && r->number <= 8 * DAY);
	/* Nothing noted, nothing written. */
	upkeep_note(upkeep, NULL, NULL, 0, START);
	write_noted();
	expect_list(true, "198.18.0.2 -2 198.18.0.3 1 198.18.0.1 1.5");
}

static void people_count(void)
{
	struct evidence_key who = { EVIDENCE_IP, STR("198.18.0.1") };
	struct store_batch b = { 0 };
	struct correction c = { .message = STR("1"), .now = START,
				.told = TOLD_SPAM, .numbers = numbers };

	observe("198.18.0.1", false, 1);
	reputation_compose_correct(a, &who, 1, &c, &b);
	for (int i = 0; i < 2; i++)
		upkeep_note(upkeep, b.v, home_run(a, &b), b.n, START);
	write_noted();
	expect_list(false, "198.18.0.1 9");
}

static size_t in_index(void)
{
	size_t all = 0;

	for (int i = 0; i < UPKEEP_SHARDS; i++)
		all += (size_t)run("ZCARD", str_printf(a, "mekiki:known:%x", i),
				   NULL, NULL, NULL)->number;
	return all;
}

static void steps(int64_t now)
{
	bool more = true;

	for (int i = 0; more; i++) {
		struct store_batch b = { 0 };

		assert_true(i < 100);
		upkeep_step_compose(a, upkeep, now, &b);
		more = upkeep_step_parse(upkeep, home_run(a, &b), b.n);
	}
}

static bool exists(const char *ip)
{
	return run("EXISTS", str_cat(a, STR("mekiki:ip:"), str_cstr(ip)), NULL,
		   NULL, NULL)->number == 1;
}

#define STRANGERS 3000

static const char *stranger(unsigned i)
{
	struct str ip = str_printf(a, "198.19.%u.%u", i / 250, i % 250);

	return arena_strndup(a, ip.p, ip.n);
}

/* Who is well known stays, strangers go. */
static void cap(void)
{
	unsigned there = 0;

	for (int i = 0; i < 20; i++)
		observe("198.18.0.1", true, 1);
	for (unsigned i = 0; i < STRANGERS; i++)
		observe(stranger(i), true, 1);
	assert_false(upkeep_is_due(upkeep));
	write_noted();
	assert_true(upkeep_is_due(upkeep));
	assert_int_equal(in_index(), STRANGERS + 1);
	steps(START);
	assert_false(upkeep_is_due(upkeep));
	assert_true(in_index() <= 500);
	assert_true(in_index() >= 400);
	assert_true(exists("198.18.0.1"));
	/* No key without a line in the index, and the other way round. */
	for (unsigned i = 0; i < STRANGERS; i++)
		there += exists(stranger(i));
	assert_int_equal(there + 1, in_index());
	/* What ended by itself leaves the index. */
	steps(START + 61 * DAY);
	assert_int_equal(in_index(), 0);
	assert_true(exists("198.18.0.1"));
}

/* Lines that somebody else wrote into the index do no harm. */
static void foreign_lines(void)
{
	run("SET", STR("precious"), "x", NULL, NULL);
	for (unsigned i = 0; i < 600; i++)
		run("ZADD", STR("mekiki:known:0"), "1793613601",
		    str_printf(a, "name%u", i).p, NULL);
	run("ZADD", STR("mekiki:known:0"), "1793613600.5", "precious", NULL);
	steps(START);
	assert_int_equal(run("EXISTS", STR("precious"), NULL, NULL,
			     NULL)->number, 1);
	assert_true(in_index() <= 500);
}

static void all_scenes(void)
{
	static void (*const scenes[])(void) = {
		lists, people_count, cap, foreign_lines,
	};

	for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes); i++) {
		a = arena_new();
		upkeep = upkeep_new(500);
		home_flush();
		scenes[i]();
		upkeep_free(&upkeep);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(in_redis, home_teardown),
		cmocka_unit_test_teardown(in_memory, home_teardown),
	};

	home_scenes = all_scenes;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
