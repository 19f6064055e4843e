/*
 * Sets in the store whose members fill lists of the configuration (own
 * domains, address lists). They are read every few seconds; whoever has rules
 * loaded asks for them here, at once, and learns from a number that every
 * answer carries that they have changed since.
 */
#include "redis/memory_int.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"

#define AGAIN_US 10000000
/* After a failure. */
#define SOON_US 1000000

void memory_sets_init(struct memory *m)
{
	TAILQ_INIT(&m->sets.waiting);
	m->sets.arena = arena_new();
}

/* What was read last; nothing if it could not be read yet. */
static void answer_sets(struct question *q)
{
	struct memory *m = q->memory;

	if (m->sets.epoch)
		memory_answer(q, STORE_OK, "", m->sets.replies,
			      m->settings->sets.n);
	else
		memory_answer(q, STORE_UNREACHABLE,
			      "the sets of lists cannot be read", NULL, 0);
}

void memory_sets(struct question *q)
{
	struct sets *s = &q->memory->sets;

	if (!s->epoch && q->memory->settings->sets.n) {
		TAILQ_INSERT_TAIL(&s->waiting, q, link);
		memory_sets_tick(q->memory);
		return;
	}
	answer_sets(q);
}

/* Members come in any order: the sum of their hashes does not mind. */
static uint64_t hash_of(const struct store_reply *v, size_t n)
{
	uint64_t hash = n;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].n; k++)
			hash += str_hash(v[i].items[k].text) * (2 * i + 1);
	return hash;
}

static void copy_replies(struct sets *s, const struct store_reply *v, size_t n)
{
	struct buf b;
	struct str bytes;
	size_t copied;

	arena_reset(s->arena);
	buf_in(&b, s->arena, MEMORY_TEXTS_MAX);
	memory_put_replies(&b, v, n);
	bytes = buf_str(&b);
	if (b.full || !memory_take_replies(s->arena, &bytes, &s->replies,
					   &copied))
		s->replies = arena_alloc(s->arena, n * sizeof(*s->replies));
}

static void log_errors(struct memory *m, const struct store_reply *v, size_t n)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < n; i++)
		if (v[i].kind == REPLY_ERROR)
			log_error("store: store_list %.*s: %.*s",
				  STR_ARG(m->settings->sets.v[i]),
				  STR_ARG(store_explain(a, v[i].text)));
	arena_free(&a);
}

static void sets_read(void *ctx, enum store_status status,
		      const struct store_reply *v, size_t n,
		      const struct err *err)
{
	struct memory *m = ctx;
	struct sets *s = &m->sets;
	struct question *q;
	uint64_t hash;

	memory_note(m, HOME_MAIN, status, err);
	s->asking = false;
	s->due_us = clock_mono_us() + (status == STORE_OK ? AGAIN_US : SOON_US);
	if (status == STORE_OK && n == m->settings->sets.n) {
		hash = hash_of(v, n);
		if (!s->epoch || hash != s->hash) {
			log_errors(m, v, n);
			copy_replies(s, v, n);
			s->hash = hash;
			/* Not a count: another process must not come to
			 * the same number by other members. */
			s->epoch = (uint32_t)(hash ^ hash >> 32) | 1;
		}
	}
	while ((q = TAILQ_FIRST(&s->waiting))) {
		TAILQ_REMOVE(&s->waiting, q, link);
		answer_sets(q);
	}
}

void memory_sets_tick(struct memory *m)
{
	const struct strs *keys = &m->settings->sets;
	struct sets *s = &m->sets;
	struct store_batch b = { 0 };
	struct arena *a;

	if (!keys->n || s->asking || clock_mono_us() < s->due_us)
		return;
	a = arena_new();
	for (size_t i = 0; i < keys->n; i++)
		store_add(a, &b, "SMEMBERS", keys->v[i]);
	s->asking = true;
	store_send(m->stores[HOME_MAIN], &b, 0, sets_read, m);
	arena_free(&a);
}
