/*
 * Which tokens a database has: the set alone, and the memory process that
 * walks through a database (LMDB), follows what it learns itself and notices
 * what others have learned. That a token is not asked for shows with one that
 * another process adds without touching the totals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "redis/bayes.h"
#include "redis/known_tokens.h"
#include "redis/memory.h"

static const struct bayes_home all_users = { .layout = BAYES_PLAIN,
					     .prefix = { "", 0 } };

static const uint8_t *token(unsigned i)
{
	static uint8_t t[BAYES_TOKEN];

	for (int k = 0; k < BAYES_TOKEN; k++)
		t[k] = (uint8_t)((uint64_t)i * 2654435761u >> (8 * k));
	return t;
}

/* ---- the set ---- */

static void test_set(void **state)
{
	struct known_tokens *k = known_tokens_new(100000);
	struct known_totals totals = { 3, 4 };
	unsigned taken_for_known = 0;

	(void)state;
	assert_true(known_tokens_may_have(k, token(1)));
	known_tokens_begin(k, &totals);
	for (unsigned i = 0; i < 50000; i++)
		assert_true(known_tokens_add(k, token(i), 1));
	assert_true(known_tokens_may_have(k, token(60000)));
	assert_true(known_tokens_end(k, &totals));
	for (unsigned i = 0; i < 50000; i++)
		assert_true(known_tokens_may_have(k, token(i)));
	for (unsigned i = 50000; i < 150000; i++)
		taken_for_known += known_tokens_may_have(k, token(i));
	assert_true(taken_for_known < 20);
	known_tokens_free(&k);
}

static void test_totals(void **state)
{
	struct known_tokens *k = known_tokens_new(1000);
	struct known_totals at = { 3, 4 };

	(void)state;
	known_tokens_begin(k, &at);
	known_tokens_count(k, 1, 0);
	assert_false(known_tokens_end(k, &at));
	at.nspam = 4;
	assert_true(known_tokens_end(k, &at));
	known_tokens_check(k, &at);
	assert_true(known_tokens_is_complete(k));
	known_tokens_count(k, 0, 1);
	known_tokens_check(k, &at);
	assert_false(known_tokens_is_complete(k));
	/* A doubt while it is filled spoils it, too. */
	known_tokens_begin(k, &at);
	known_tokens_doubt(k);
	known_tokens_count(k, 1, 0);
	assert_false(known_tokens_end(k, &at));
	known_tokens_free(&k);
}

static void test_room(void **state)
{
	struct known_tokens *k = known_tokens_new(10);
	struct known_totals at = { 0, 0 };

	(void)state;
	known_tokens_begin(k, &at);
	for (unsigned i = 0; i < 10; i++)
		assert_true(known_tokens_add(k, token(i), 1));
	assert_true(known_tokens_add(k, token(3), 1));
	assert_false(known_tokens_add(k, token(10), 1));
	assert_false(known_tokens_end(k, &at));
	known_tokens_free(&k);
}

/* ---- the process ---- */

struct place {
	char dir[64];
	struct arena *arena;
	struct memory_settings settings[2];
	pid_t pid[2];
	int fd[2];
	struct memory_client *client[2];
};

static void start(struct place *p, int which, size_t known)
{
	struct memory_settings *ms = &p->settings[which];
	struct store_options *o = &ms->homes[HOME_MAIN];
	struct str url = str_printf(p->arena, "lmdb:%s", p->dir);
	struct err err = { "" };

	*ms = (struct memory_settings){ .one_home = true, .timeout = 2,
					.bayes_layout = BAYES_PLAIN,
					.known_tokens = known };
	*o = (struct store_options){ .map_size = (size_t)64 << 20 };
	assert_int_equal(store_url_parse(p->arena, url, &o->url, &err), 0);
	ms->homes[HOME_BAYES] = *o;
	ms->journal = STR("");
	assert_int_equal(memory_prepare(ms, NULL, &err), 0);
	p->fd[which] = memory_spawn(ms, &p->pid[which], &err);
	assert_true(p->fd[which] >= 0);
	p->client[which] = memory_client_new(p->arena, p->fd[which]);
}

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->dir, sizeof(p->dir), "/tmp/mekiki-known.XXXXXX");
	p->arena = arena_new();
	*state = p;
	return mkdtemp(p->dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	char command[128];

	for (int i = 0; i < 2; i++) {
		if (!p->pid[i])
			continue;
		close(p->fd[i]);
		waitpid(p->pid[i], NULL, 0);
	}
	snprintf(command, sizeof(command), "rm -rf '%s'", p->dir);
	arena_free(&p->arena);
	free(p);
	return system(command);
}

static void learn(struct place *p, int which, unsigned i, const char *id,
		  bool relearn)
{
	struct memory_ask q = { .word = MEMORY_LEARN, .home = HOME_BAYES };
	struct memory_answer a;
	struct strs ids = { 0 };
	struct err err;

	strs_add(p->arena, &ids, str_cstr(id));
	q.tokens = str_make((const char *)token(i), BAYES_TOKEN);
	q.prefix = STR("");
	bayes_compose_learn(p->arena, &all_users, true, relearn, token(i), 1,
			    &ids, &q.batch);
	assert_true(memory_ask(p->client[which], &q, p->arena, &a, &err));
	assert_int_equal(a.status, STORE_OK);
}

static uint32_t spam_of(struct place *p, unsigned i)
{
	struct memory_ask q = { .word = MEMORY_READ, .home = HOME_BAYES };
	struct memory_answer a;
	struct err err;

	q.tokens = str_make((const char *)token(i), BAYES_TOKEN);
	q.prefix = STR("");
	assert_true(memory_ask(p->client[0], &q, p->arena, &a, &err));
	assert_int_equal(a.status, STORE_OK);
	assert_int_equal(a.n, 0);
	assert_int_equal(a.ncounts, 1);
	return a.counts[0].spam;
}

/* Adds a token to the database without a message, by the other process. */
static void smuggle(struct place *p, unsigned i)
{
	struct memory_ask q = { .word = MEMORY_LEARN, .home = HOME_BAYES };
	struct str head = bayes_token_keys(p->arena, &all_users);
	struct str token_text = str_make((const char *)token(i), BAYES_TOKEN);
	struct memory_answer a;
	struct err err;

	store_add(p->arena, &q.batch, "HINCRBY",
		  str_cat(p->arena, head, token_text));
	store_add_arg(p->arena, &q.batch, STR("s"));
	store_add_arg(p->arena, &q.batch, STR("1"));
	assert_true(memory_ask(p->client[1], &q, p->arena, &a, &err));
	assert_int_equal(a.status, STORE_OK);
}

/* Smuggles tokens in until one is not found, because it is not asked for. */
static bool is_complete_soon(struct place *p, unsigned from)
{
	for (unsigned i = 0; i < 200; i++) {
		smuggle(p, from + i);
		if (spam_of(p, from + i) == 0)
			return true;
		usleep(20000);
	}
	return false;
}

static void test_process(void **state)
{
	struct place *p = *state;

	start(p, 0, 100000);
	start(p, 1, 0);
	for (unsigned i = 0; i < 600; i++) {
		char id[32];

		snprintf(id, sizeof(id), "m%u@example.com", i);
		learn(p, 1, i, id, false);
	}
	assert_true(is_complete_soon(p, 10000));
	assert_int_equal(spam_of(p, 599), 1);
	assert_int_equal(spam_of(p, 700), 0);

	/* What it learns itself is followed: still complete. */
	learn(p, 0, 700, "own@example.com", false);
	learn(p, 0, 599, "own2@example.com", false);
	assert_int_equal(spam_of(p, 700), 1);
	assert_int_equal(spam_of(p, 599), 2);
	smuggle(p, 20000);
	assert_int_equal(spam_of(p, 20000), 0);

	/* What another one learns is noticed by the first question behind. */
	learn(p, 1, 800, "other@example.com", false);
	spam_of(p, 1);
	assert_int_equal(spam_of(p, 800), 1);
	assert_int_equal(spam_of(p, 20000), 1);
}

static void test_relearned(void **state)
{
	struct place *p = *state;

	start(p, 0, 100000);
	start(p, 1, 0);
	learn(p, 1, 1, "one@example.com", false);
	assert_true(is_complete_soon(p, 10000));
	/* It cannot tell whether something was taken back: all are asked. */
	learn(p, 0, 2, "two@example.com", true);
	smuggle(p, 20000);
	assert_int_equal(spam_of(p, 20000), 1);
	assert_int_equal(spam_of(p, 2), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_totals),
		cmocka_unit_test(test_room),
		cmocka_unit_test_setup_teardown(test_process, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_relearned, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
