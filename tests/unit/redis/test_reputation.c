/*
 * Reputation as it is kept: the scripts in a real Redis and in the embedded
 * store, told the same things, against the formula as it is computed here
 * (learn/reputation.h) and the numbers that docs/reputation.md states.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

#include <cmocka.h>

#include "base/arena.h"
#include "learn/reputation.h"
#include "redis/reputation.h"
#include "store_home.h"

#define HOUR 3600
#define DAY 86400
#define START 1793613600	/* 2026-11-02T10:00:00Z */
#define HALF_LIFE (7.0 * DAY)
#define PRIOR 30.0

static const struct reputation_numbers numbers = {
	.half_life = HALF_LIFE, .lifetime = 60.0 * DAY, .prior = PRIOR,
	.people_weight = 10,
};

static struct arena *a;
static int64_t now;
static unsigned serial;		/* of messages: none is told twice */

static const struct evidence_key sender = { EVIDENCE_IP, { "198.18.0.7", 10 } };
static const struct evidence_key shop = { EVIDENCE_URL, { "example.com", 11 } };

static struct str new_message(void)
{
	return str_printf(a, "%024x", ++serial);
}

/* ---- telling and asking ---- */

static void add_observation(const struct evidence_key *keys, size_t n,
			    struct str message, bool spam, double weight,
			    struct store_batch *b)
{
	struct observation o = {
		.message = message, .now = now, .spam = spam,
		.weight = weight, .score = spam ? 12.34 : -1.2,
		.why = STR("RULE_ONE,RULE_TWO"), .numbers = numbers,
	};

	reputation_compose_observe(a, keys, n, &o, b);
}

static void observe_of(const struct evidence_key *keys, size_t n,
		       struct str message, bool spam, double weight)
{
	struct store_batch b = { 0 };

	add_observation(keys, n, message, spam, weight, &b);
	home_run(a, &b);
}

static void observe(struct str message, bool spam, double weight)
{
	observe_of(&sender, 1, message, spam, weight);
}

static struct evidence recall_of(struct evidence_key key, struct str message,
				 bool *counted_r, struct machine_verdict *v_r)
{
	struct store_batch b = { 0 };
	struct store_reply *replies;
	struct evidence e;
	struct str error;
	double spam, ham;

	reputation_compose_recall(a, &key, 1, message, &b);
	replies = home_run(a, &b);
	if (!reputation_parse_recall(a, &key, 1, replies, b.n, &e, counted_r,
				     v_r, &error))
		fail_msg("recall: %.*s", STR_ARG(error));
	spam = e.recent_spam;
	ham = e.recent_ham;
	reputation_fade(&spam, &ham, (double)(now - e.last), HALF_LIFE);
	e.score = (spam - ham) / PRIOR;
	return e;
}

static struct evidence recall(void)
{
	bool counted;

	return recall_of(sender, STR("none"), &counted, NULL);
}

/* Whether anything changed. */
static bool correct(struct str message, enum told told,
		    struct machine_verdict machine)
{
	struct store_batch b = { 0 };
	struct store_reply *replies;
	struct correction c = {
		.message = message, .now = now, .told = told,
		.machine = machine, .numbers = numbers,
	};

	reputation_compose_correct(a, &sender, 1, &c, &b);
	replies = home_run(a, &b);
	assert_int_equal(replies[0].kind, REPLY_INT);
	return replies[0].number;
}

static const struct machine_verdict unknown;

static double score(void)
{
	return recall().score;
}

#define assert_near(v, expected, by) do { \
	double v_ = (v), e_ = (expected); \
	if (!(fabs(v_ - e_) <= (by))) \
		fail_msg("%s: %s is %g, expected %g", home_name(), #v, v_, e_);\
} while (0)

/* n messages, evenly over the next so many seconds. */
static void many(size_t n, bool spam, int64_t seconds)
{
	struct store_batch b = { 0 };
	int64_t begin = now;

	for (size_t i = 0; i < n; i++) {
		now = begin + seconds * (int64_t)(i + 1) / (int64_t)n;
		add_observation(&sender, 1, new_message(), spam, 1, &b);
	}
	home_run(a, &b);
}

static void fresh(void)
{
	home_flush();
	now = START;
}

/* ---- what the formula promises ---- */

static void nothing_known(void)
{
	struct evidence e = recall();

	assert_false(e.known);
	assert_int_equal(e.seen, 0);
	assert_near(e.score, 0, 0);
}

static void a_burst_counts_at_once(void)
{
	struct evidence e;

	many(200, true, HOUR);
	e = recall();
	assert_int_equal(e.seen, 200);
	assert_int_equal(e.spam, 200);
	assert_int_equal(e.ham, 0);
	assert_int_equal(e.first, START + HOUR / 200);
	assert_int_equal(e.last, START + HOUR);
	assert_near(e.score, 1, 0.005);
	now += 7 * DAY;
	assert_near(score(), 0.5, 0.0025);
	now += 7 * DAY;
	assert_near(score(), 0.25, 0.00125);
}

static void and_so_does_good_mail(void)
{
	many(200, false, HOUR);
	assert_near(score(), -1, 0.005);
	now += 7 * DAY;
	assert_near(score(), -0.5, 0.0025);
}

static void a_mixed_sender_stays_in_the_middle(void)
{
	for (int i = 0; i < 40; i++) {
		many(1, true, 30);
		many(1, false, 30);
		assert_near(score(), 0, 1 / PRIOR);
	}
}

static void one_message_moves_little(void)
{
	for (int i = 0; i < 50; i++) {
		double before = score();

		observe(new_message(), i % 3 != 0, 1);
		assert_true(fabs(score() - before) < 2 / PRIOR);
		if (i == 0)
			assert_near(score(), 0, 1.001 / PRIOR);
	}
}

static void one_message_senders_move_nothing(void)
{
	bool counted;

	for (int i = 0; i < 40; i++) {
		struct evidence_key key = { EVIDENCE_IP, STR_NONE };
		struct store_batch b = { 0 };

		for (int k = 0; k < 250; k++) {
			key.name = str_printf(a, "198.18.%d.%d", i + 1, k);
			add_observation(&key, 1, new_message(), true, 1, &b);
		}
		home_run(a, &b);
		assert_near(recall_of(key, STR("none"), &counted, NULL).score,
			    1 / PRIOR, 1e-4);
	}
	assert_near(score(), 0, 0);
}

static void doubtful_verdicts_count_for_less(void)
{
	for (int i = 0; i < 10; i++)
		observe(new_message(), true, reputation_weight(6, 5));
	assert_near(score(), 10 * 0.2 / PRIOR, 1e-4);
	observe(new_message(), true, reputation_weight(5, 5));
	assert_near(score(), 10 * 0.2 / PRIOR, 1e-4);
	assert_int_equal(recall().spam, 11);
}

/* Scripts and C say the same, whatever comes. */
static void as_the_formula_says(void)
{
	double spam = 0, ham = 0;
	unsigned random = 12345;

	for (int i = 0; i < 80; i++) {
		bool is_spam;
		double w;
		int64_t dt;

		random = random * 1103515245 + 12345;
		is_spam = random >> 30 & 1;
		w = (random >> 16 & 127) / 127.0;
		dt = random >> 8 & 0xffff;
		now += dt;
		w = strtod(str_printf(a, "%.4g", w).p, NULL);
		observe(new_message(), is_spam, w);
		reputation_fade(&spam, &ham, (double)dt, HALF_LIFE);
		reputation_place(&spam, &ham, is_spam, w, PRIOR);
		assert_near(score(), (spam - ham) / PRIOR, 1e-4);
	}
}

static void late_messages_count_as_if_in_time(void)
{
	struct evidence e;

	many(5, true, 10);
	now -= 7 * DAY;
	observe(new_message(), true, 1);
	now += 7 * DAY;
	e = recall();
	assert_near(e.score, 5.5 / PRIOR, 1e-3);
	assert_int_equal(e.last, now);
}

/* ---- once ---- */

static void the_same_message_counts_once(void)
{
	struct str m = new_message();
	struct machine_verdict v;
	struct evidence e;
	bool counted;

	recall_of(sender, m, &counted, &v);
	assert_false(counted);
	assert_false(v.known);
	observe(m, true, 0.5);
	e = recall_of(sender, m, &counted, &v);
	assert_true(counted);
	assert_true(v.known && v.spam);
	assert_near(v.weight, 0.5, 0);
	assert_near(v.score, 12.3, 0);
	assert_int_equal(v.time, now);
	assert_int_equal(e.seen, 1);
	/* Two scans at the same time may both tell. */
	observe(m, true, 0.5);
	assert_int_equal(recall().seen, 1);
	many(7, false, 7);
	observe(m, true, 0.5);
	assert_int_equal(recall().seen, 8);
}

static void of_all_keys_once(void)
{
	const struct evidence_key both[] = { sender, shop };
	struct str m = new_message();
	bool counted;

	observe_of(both, 2, m, true, 1);
	assert_int_equal(recall_of(sender, m, &counted, NULL).spam, 1);
	assert_true(counted);
	assert_int_equal(recall_of(shop, m, &counted, NULL).spam, 1);
}

/* ---- people ---- */

static void a_persons_word_outweighs(void)
{
	struct evidence e;
	double before;

	many(200, false, HOUR);
	before = score();
	assert_true(correct(new_message(), TOLD_SPAM, unknown));
	e = recall();
	assert_int_equal(e.people_spam, 1);
	assert_int_equal(e.seen, 200);
	/* Ten of thirty places; a verdict of the machine takes one. */
	assert_near(e.score - before, 2 * 10 / PRIOR, 0.01);
	assert_true(correct(new_message(), TOLD_SPAM, unknown));
	assert_true(correct(new_message(), TOLD_SPAM, unknown));
	assert_true(score() > 0.3);
}

static void a_correction_replaces(void)
{
	struct str m = new_message();
	struct machine_verdict v;
	struct evidence e;
	bool counted;

	observe(new_message(), false, 1);
	observe(m, false, 0.75);
	recall_of(sender, m, &counted, &v);
	assert_true(correct(m, TOLD_SPAM, v));
	e = recall();
	assert_int_equal(e.seen, 2);
	assert_int_equal(e.ham, 1);
	assert_int_equal(e.spam, 0);
	assert_int_equal(e.people_spam, 1);
	assert_near(e.score, (10 - 1) / PRIOR, 1e-4);

	/* Repeated, it counts once. */
	assert_false(correct(m, TOLD_SPAM, v));
	assert_false(correct(m, TOLD_SPAM, unknown));
	assert_near(score(), (10 - 1) / PRIOR, 1e-4);

	/* Turned round. */
	assert_true(correct(m, TOLD_HAM, v));
	e = recall();
	assert_int_equal(e.people_spam, 0);
	assert_int_equal(e.people_ham, 1);
	assert_int_equal(e.ham, 1);
	assert_near(e.score, (-10 - 1) / PRIOR, 1e-4);

	/* Taken back: the machine's verdict is there again. */
	assert_true(correct(m, TOLD_NOTHING, v));
	assert_false(correct(m, TOLD_NOTHING, v));
	e = recall();
	assert_int_equal(e.people_ham, 0);
	assert_int_equal(e.ham, 2);
	assert_near(e.score, -1.75 / PRIOR, 1e-4);
	assert_true(correct(m, TOLD_SPAM, v));
	assert_near(score(), (10 - 1) / PRIOR, 1e-4);
}

/* The key's own ring knows the verdict if nobody else does. */
static void without_its_marker(void)
{
	struct str m = new_message();

	observe(m, false, 1);
	now += 7 * DAY;
	observe(new_message(), false, 1);
	assert_near(score(), -1.5 / PRIOR, 1e-4);
	assert_true(correct(m, TOLD_SPAM, unknown));
	assert_int_equal(recall().ham, 1);
	assert_near(score(), (10 - 1) / PRIOR, 1e-4);
}

/* The ring has lost it, but the message's marker is there. */
static void without_its_line(void)
{
	struct str m = new_message();
	struct machine_verdict v;
	bool counted;

	observe(m, false, 1);
	many(9, true, 0);
	recall_of(sender, m, &counted, &v);
	assert_true(correct(m, TOLD_SPAM, v));
	assert_int_equal(recall().ham, 0);
	assert_near(score(), 19 / PRIOR, 1e-3);
}

static void learned_without_a_scan(void)
{
	struct str m = new_message();
	struct machine_verdict v;
	struct evidence e;
	bool counted;

	assert_false(correct(m, TOLD_NOTHING, unknown));
	assert_false(recall().known);
	assert_true(correct(m, TOLD_HAM, unknown));
	e = recall_of(sender, m, &counted, &v);
	assert_true(e.known && counted && !v.known);
	assert_int_equal(e.seen, 0);
	assert_int_equal(e.people_ham, 1);
	assert_near(e.score, -10 / PRIOR, 1e-4);
	assert_int_equal(e.first, now);
	assert_true(correct(m, TOLD_NOTHING, unknown));
	assert_false(recall().known);
}

/* What the machine said comes in groups, a little later than it was said. */
static void told_before_the_machine_is_heard(void)
{
	struct str m = new_message();

	assert_true(correct(m, TOLD_HAM, unknown));
	observe(m, true, 1);
	assert_int_equal(recall().spam, 0);
	assert_near(score(), -10 / PRIOR, 1e-4);
	observe(new_message(), true, 1);
	assert_true(correct(m, TOLD_NOTHING, unknown));
	observe(m, true, 1);
	assert_int_equal(recall().spam, 2);
	assert_near(score(), 2 / PRIOR, 1e-4);
}

/* A key that was forgotten does not stop people from telling again. */
static void forgotten_and_told_again(void)
{
	struct str m = new_message();
	struct store_batch b = { 0 };

	assert_true(correct(m, TOLD_SPAM, unknown));
	store_add(a, &b, "DEL", reputation_store_key(a, &sender));
	home_run(a, &b);
	assert_true(correct(m, TOLD_SPAM, unknown));
	assert_int_equal(recall().people_spam, 1);
}

/* ---- for people's eyes ---- */

static struct store_reply *ask(const char *command, struct str key)
{
	struct store_batch b = { 0 };

	store_add(a, &b, command, key);
	return home_run(a, &b);
}

static void assert_field(const struct store_reply *pairs, const char *name,
			 const char *value)
{
	const struct store_reply *r = store_reply_field(pairs,
							str_cstr(name));

	if (!r || !str_eq(r->text, str_cstr(value)))
		fail_msg("%s: %s is '%.*s', expected '%s'", home_name(), name,
			 r ? (int)r->text.n : 0, r ? r->text.p : "", value);
}

static void a_hash_explains_itself(void)
{
	struct str key = reputation_store_key(a, &sender);
	struct store_reply *pairs;
	struct evidence e;

	assert_true(str_eq(key, STR("mekiki:ip:198.18.0.7")));
	serial = 0xabc;
	observe(new_message(), true, 0.94);
	pairs = ask("HGETALL", key);
	assert_int_equal(pairs->kind, REPLY_LIST);
	assert_field(pairs, "seen", "1");
	assert_field(pairs, "spam", "1");
	assert_field(pairs, "recent_spam", "0.94");
	assert_field(pairs, "recent_ham", "0");
	assert_field(pairs, "score", "0.031");
	assert_field(pairs, "first", "1793613600");
	assert_field(pairs, "first_time", "2026-11-02T10:00:00Z");
	assert_field(pairs, "last", "1793613600");
	assert_field(pairs, "last_time", "2026-11-02T10:00:00Z");
	assert_field(pairs, "verdict_1", "2026-11-02T10:00:00Z spam 12.3");
	assert_field(pairs, "rules_1", "RULE_ONE,RULE_TWO");
	assert_field(pairs, "message_1", "000000000000000000000abd at "
		     "1793613600 weight 0.94");
	for (size_t i = 0; i < pairs->n; i++)
		assert_true(pairs->items[i].text.n <= 64);

	many(9, false, 9);
	assert_true(correct(str_printf(a, "%024x", serial), TOLD_SPAM,
			    unknown));
	pairs = ask("HGETALL", key);
	reputation_parse_key(a, &sender, pairs, &e);
	assert_int_equal(e.seen, 10);
	assert_int_equal(e.people_spam, 1);
	assert_int_equal(e.verdicts.n, 8);
	assert_true(str_starts(e.verdicts.v[0], STR("2026-11-02T10:00:09Z ham "
		"-1.2, told spam: RULE_ONE,RULE_TWO (message ")));
	assert_true(str_starts(e.verdicts.v[7],
			       STR("2026-11-02T10:00:02Z ham -1.2: ")));
	assert_field(pairs, "told", "2026-11-02T10:00:09Z spam "
		     "000000000000000000000ac6");
}

static void the_better_known_live_longer(void)
{
	struct str key = reputation_store_key(a, &sender);
	int64_t little, much;

	observe(new_message(), true, 1);
	little = ask("TTL", key)->number;
	assert_in_range(little, 3 * DAY, 6 * DAY);
	many(10, true, 10);
	much = ask("TTL", key)->number;
	assert_in_range(much, 20 * DAY, 30 * DAY);
	many(100, true, 10);
	assert_in_range(ask("TTL", key)->number, 59 * DAY, 60 * DAY);
	ask("DEL", key);
	assert_true(correct(new_message(), TOLD_HAM, unknown));
	assert_in_range(ask("TTL", key)->number, 59 * DAY, 60 * DAY);
}

static void errors_are_told(void)
{
	struct store_batch b = { 0 };
	struct store_reply *replies;
	struct evidence e;
	struct str error;
	bool counted;

	store_add(a, &b, "SET", reputation_store_key(a, &sender));
	store_add_arg(a, &b, STR("no hash"));
	home_run(a, &b);
	b.n = 0;
	reputation_compose_recall(a, &sender, 1, STR("none"), &b);
	replies = home_run(a, &b);
	assert_false(reputation_parse_recall(a, &sender, 1, replies, b.n, &e,
					     &counted, NULL, &error));
	assert_true(str_starts(error, STR("WRONGTYPE")));
	assert_false(e.known);
	assert_false(reputation_parse_recall(a, &sender, 1, replies, 1, &e,
					     &counted, NULL, &error));
}

/* ---- */

static const struct {
	const char *name;
	void (*fn)(void);
} scenes[] = {
#define SCENE(fn) { #fn, fn }
	SCENE(nothing_known),
	SCENE(a_burst_counts_at_once),
	SCENE(and_so_does_good_mail),
	SCENE(a_mixed_sender_stays_in_the_middle),
	SCENE(one_message_moves_little),
	SCENE(one_message_senders_move_nothing),
	SCENE(doubtful_verdicts_count_for_less),
	SCENE(as_the_formula_says),
	SCENE(late_messages_count_as_if_in_time),
	SCENE(the_same_message_counts_once),
	SCENE(of_all_keys_once),
	SCENE(a_persons_word_outweighs),
	SCENE(a_correction_replaces),
	SCENE(without_its_marker),
	SCENE(without_its_line),
	SCENE(learned_without_a_scan),
	SCENE(told_before_the_machine_is_heard),
	SCENE(forgotten_and_told_again),
	SCENE(a_hash_explains_itself),
	SCENE(the_better_known_live_longer),
	SCENE(errors_are_told),
};

static void all_scenes(void)
{
	for (size_t i = 0; i < sizeof(scenes) / sizeof(*scenes); i++) {
		a = arena_new();
		fresh();
		print_message("%s: %s\n", home_name(), scenes[i].name);
		scenes[i].fn();
		arena_free(&a);
	}
}

static void names_of_keys(void **state)
{
	struct evidence_key key;

	(void)state;
	assert_true(reputation_key_named(
		STR("mekiki:net:2001:db8:1::/48"), &key));
	assert_int_equal(key.kind, EVIDENCE_NET);
	assert_true(str_eq(key.name, STR("2001:db8:1::/48")));
	assert_false(reputation_key_named(STR("mekiki:message:x"), &key));
	assert_false(reputation_key_named(STR("mekiki:ip:"), &key));
	assert_false(reputation_key_named(STR("mekiki:ip"), &key));
	assert_false(reputation_key_named(STR("ip:198.18.0.7"), &key));
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
