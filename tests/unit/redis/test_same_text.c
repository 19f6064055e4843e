/*
 * Who got the same text, as it is kept: the script and the questions in a real
 * Redis and in the embedded stores.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "redis/same_text.h"
#include "store_home.h"

#define START 1793613600	/* 2026-11-02T10:00:00Z */
#define WINDOW 7200
#define DIGEST STR("0123456789abcdef01234567")

static struct arena *a;
static int64_t now;

struct mail {
	struct text_arrival t;
	struct strs who, domains;
};

static struct mail *mail(unsigned message, unsigned person, unsigned domain)
{
	struct mail *m = arena_alloc(a, sizeof(*m));

	strs_add(a, &m->who, str_printf(a, "p%u@d%u.example", person, domain));
	strs_add(a, &m->domains, str_printf(a, "d%u.example", domain));
	m->t = (struct text_arrival){
		.digest = DIGEST, .message = str_printf(a, "%024x", message),
		.recipients = &m->who, .domains = &m->domains,
		.now = now, .window = WINDOW,
	};
	/* The short form is of the first digits. */
	m->t.message = str_cat(a, str_printf(a, "%012x", message),
			       STR("000000000000"));
	return m;
}

static void tell(const struct mail *m)
{
	struct store_batch b = { 0 };
	struct store_reply *r;

	same_text_compose_count(a, &m->t, &b);
	r = home_run(a, &b);
	assert_int_equal(r[0].kind, REPLY_INT);
	assert_int_equal(r[0].number, WINDOW);
}

static struct same_text ask(const struct mail *m)
{
	struct store_batch b = { 0 };
	struct same_text out;
	struct str error;

	same_text_compose_recall(a, &m->t, &b);
	assert_int_equal(b.n, 1);
	if (!same_text_parse_recall(a, &m->t, home_run(a, &b), &out, &error))
		fail_msg("%s: %.*s", home_name(), STR_ARG(error));
	return out;
}

#define assert_counts(text, d, r, m) do { \
	struct same_text t_ = (text); \
	if (t_.domains != (d) || t_.recipients != (r) || t_.messages != (m)) \
		fail_msg("%s: %u domains, %u recipients, %u messages", \
			 home_name(), t_.domains, t_.recipients, t_.messages); \
} while (0)

static struct store_reply whole(void)
{
	struct store_batch b = { 0 };

	store_add(a, &b, "ZREVRANGE", same_text_store_key(a, DIGEST));
	store_add_arg(a, &b, STR("0"));
	store_add_arg(a, &b, STR("-1"));
	store_add_arg(a, &b, STR("WITHSCORES"));
	return *home_run(a, &b);
}

/* The first one, copies, the same again, the window. */
static void counts(void)
{
	home_flush();
	now = START;
	assert_counts(ask(mail(1, 1, 1)), 1, 1, 1);
	for (unsigned i = 1; i <= 14; i++) {
		assert_counts(ask(mail(i, i, i)), i, i, i);
		tell(mail(i, i, i));
		tell(mail(i, i, i));
		assert_counts(ask(mail(i, i, i)), i, i, i);
		now += 60;
	}
	/* Another one of a house that had it, another message to one. */
	assert_counts(ask(mail(15, 15, 3)), 14, 15, 15);
	assert_counts(ask(mail(15, 3, 3)), 14, 14, 15);
	assert_counts(ask(mail(3, 3, 3)), 14, 14, 14);
	/* The oldest ones fall out of the window one by one. */
	now = START + WINDOW + 60;
	assert_counts(ask(mail(14, 14, 14)), 12, 12, 12);
	tell(mail(14, 14, 14));
	assert_int_equal(whole().n / 2, 3 * 12);
	now += WINDOW;
	assert_counts(ask(mail(1, 1, 1)), 1, 1, 1);
}

/* A message that comes late makes nobody older. */
static void late(void)
{
	home_flush();
	now = START;
	tell(mail(1, 1, 1));
	now = START - 3600;
	tell(mail(1, 1, 1));
	now = START + WINDOW - 1;
	assert_counts(ask(mail(2, 2, 2)), 2, 2, 2);
}

/* A flood to one house does not push out the others. */
static void bounded(void)
{
	struct store_batch b = { 0 };
	struct same_text t;
	struct store_reply r;

	home_flush();
	now = START;
	for (unsigned i = 1; i <= 10; i++)
		same_text_compose_count(a, &mail(i, i, i)->t, &b);
	for (unsigned i = 0; i < 2000; i++) {
		now = START + 1 + i / 10;
		same_text_compose_count(a, &mail(100 + i, 100 + i, 11)->t, &b);
	}
	home_run(a, &b);
	r = whole();
	assert_true(r.n / 2 <= 3 * SAME_TEXT_MEMBERS);
	t = ask(mail(1, 1, 1));
	assert_int_equal(t.domains, 11);
	assert_true(t.recipients >= SAME_TEXT_MEMBERS);
	assert_true(t.messages >= SAME_TEXT_MEMBERS);
	same_text_parse_key(&r, &t);
	assert_int_equal(t.domains, 11);
}

/* What a person reads: no addresses. */
static void readable(void)
{
	struct store_reply r;
	struct store_batch b = { 0 };

	home_flush();
	now = START;
	tell(mail(1, 1, 1));
	r = whole();
	assert_int_equal(r.n, 6);
	for (size_t i = 0; i < r.n; i += 2) {
		assert_int_equal(str_chr(r.items[i].text, '@'), -1);
		assert_true(str_eq(r.items[i + 1].text, STR("1793613600")));
	}
	store_add(a, &b, "TTL", same_text_store_key(a, DIGEST));
	assert_true(home_run(a, &b)->number > WINDOW - 60);
}

/* Somebody's own key of this name is an error, not a wrong answer. */
static void of_another_type(void)
{
	struct store_batch b = { 0 }, q = { 0 };
	struct same_text t;
	struct str error;

	home_flush();
	store_add(a, &b, "SET", same_text_store_key(a, DIGEST));
	store_add_arg(a, &b, STR("x"));
	home_run(a, &b);
	same_text_compose_recall(a, &mail(1, 1, 1)->t, &q);
	assert_false(same_text_parse_recall(a, &mail(1, 1, 1)->t,
					    home_run(a, &q), &t, &error));
	assert_true(str_starts(error, STR("WRONGTYPE")));
}

static void all_scenes(void)
{
	static void (*const scenes[])(void) = {
		counts, late, bounded, readable, of_another_type,
	};

	for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes); i++) {
		a = arena_new();
		scenes[i]();
		arena_free(&a);
	}
}

static void names_of_keys(void **state)
{
	struct str d;

	(void)state;
	a = arena_new();
	assert_true(same_text_key_named(same_text_store_key(a, DIGEST), &d));
	assert_true(str_eq(d, DIGEST));
	assert_false(same_text_key_named(STR("mekiki:text:xyz"), &d));
	assert_false(same_text_key_named(STR("mekiki:ip:198.18.0.7"), &d));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_keys),
		cmocka_unit_test_teardown(in_redis, home_teardown),
		cmocka_unit_test_teardown(in_memory, home_teardown),
		cmocka_unit_test_teardown(in_lmdb, home_teardown),
	};

	home_scenes = all_scenes;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
