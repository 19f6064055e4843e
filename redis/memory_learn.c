/*
 * What must not get lost: a batch that somebody is told was learned. It is
 * sent to the store; if the store does not confirm it, or refuses it for a
 * reason that passes (it is loading, full, a replica), it goes to the journal,
 * and only then is it acknowledged. While the journal has entries, new ones
 * go behind them, so that the order is kept.
 *
 * An entry under replay may have been applied already: its commands are
 * idempotent scripts.
 */
#include "redis/memory_int.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"

/* How long a replay that failed rests. */
#define REST_US 200000

/* Errors of a server that pass, or that an administrator can end: what they
 * refused is worth keeping. */
static bool error_passes(struct str text)
{
	static const char *const rows[] = {
		"LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "OOM",
		"MISCONF", "BUSY", "TRYAGAIN", "NOAUTH", "WRONGPASS", "NOPERM",
		"NOREPLICAS", "MOVED", "ASK", "ERR max number of clients",
		"UNKILLABLE", "NOGOODSLAVE",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (str_starts(text, str_cstr(rows[i])))
			return true;
	return false;
}

/* The first error among replies that passes; NULL if there is none. */
static const struct store_reply *passing(const struct store_reply *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == REPLY_ERROR && error_passes(v[i].text))
			return &v[i];
	return NULL;
}

static void forget_tokens(struct question *q)
{
	token_cache_forget(q->memory->tokens, q->ask.prefix,
			   (const uint8_t *)q->ask.tokens.p,
			   q->ask.tokens.n / BAYES_TOKEN);
}

/* ---- the journal ---- */

static void keep(struct question *q, const char *why)
{
	struct memory *m = q->memory;
	struct err err = { "there is no journal" };
	bool first = m->journal && journal_count(m->journal) == 0;

	if (!m->journal || journal_append(m->journal, q->ask.home, q->bytes,
					  &err) < 0) {
		struct str text = str_printf(q->arena, "%s; %s", why,
					     err.text);

		memory_answer(q, STORE_FAILED,
			      arena_strndup(q->arena, text.p, text.n), NULL,
			      0);
		return;
	}
	if (first)
		log_info("store: what is learned goes to the journal: %s",
			 why);
	q->head.journaled = 1;
	memory_answer(q, STORE_OK, "", NULL, 0);
}

static void learn_done(void *ctx, enum store_status status,
		       const struct store_reply *replies, size_t n,
		       const struct err *err)
{
	struct question *q = ctx;
	const struct store_reply *error = passing(replies, n);

	memory_note(q->memory, q->ask.home, status, err);
	forget_tokens(q);
	if (status == STORE_FAILED) {
		memory_answer(q, status, err->text, NULL, 0);
	} else if (status != STORE_OK) {
		keep(q, err->text);
	} else if (error) {
		struct str text = store_explain(q->arena, error->text);

		keep(q, arena_strndup(q->arena, text.p, text.n));
	} else {
		memory_upkeep_note(q->memory, q->ask.home, q->ask.batch.v,
				   replies, n);
		memory_answer(q, STORE_OK, "", replies, n);
	}
}

void memory_learn(struct question *q)
{
	struct memory *m = q->memory;

	forget_tokens(q);
	if (m->journal && journal_count(m->journal) > 0) {
		keep(q, "earlier entries wait");
		return;
	}
	if (q->ask.home == HOME_MAIN)
		memory_teach_now(m, HOME_MAIN);
	store_send(m->stores[q->ask.home], &q->ask.batch, q->ask.timeout,
		   learn_done, q);
}

/* ---- replay ---- */

static void give_up_entry(const struct store_reply *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == REPLY_ERROR)
			log_error("store: an entry of the journal is refused "
				  "for good: %.*s", STR_ARG(v[i].text));
}

static void replayed(void *ctx, enum store_status status,
		     const struct store_reply *replies, size_t n,
		     const struct err *err)
{
	struct memory *m = ctx;
	struct replay *r = &m->replay;
	uint64_t number = r->number;

	(void)err;
	r->number = 0;
	if (status != STORE_OK || passing(replies, n)) {
		r->not_before_us = clock_mono_us() + REST_US;
		return;
	}
	give_up_entry(replies, n);
	journal_remove(m->journal, number);
	r->done++;
	if (journal_count(m->journal) == 0) {
		log_info("store: %zu entries of the journal were replayed",
			 r->done);
		r->done = 0;
	}
	memory_replay(m);
}

/* Cannot be read, or names what this version has not. */
static void skip_entry(struct memory *m, uint64_t number)
{
	log_error("store: entry %llu of the journal makes no sense here (was "
		  "it written by another version?) and is set aside",
		  (unsigned long long)number);
	journal_set_aside(m->journal, number);
}

bool memory_replay_is_due(struct memory *m)
{
	return m->journal && journal_count(m->journal) > 0 &&
	       m->stores[HOME_MAIN]->ops->is_up(m->stores[HOME_MAIN]) &&
	       journal_is_ours(m->journal);
}

void memory_replay(struct memory *m)
{
	struct replay *r = &m->replay;
	struct store_batch batch;
	enum memory_home home;
	struct arena *a;
	uint64_t number;
	struct str bytes;

	if (!m->journal || r->number || clock_mono_us() < r->not_before_us ||
	    journal_count(m->journal) == 0 || !journal_is_ours(m->journal))
		return;
	a = arena_new();
	if (journal_next(m->journal, a, 0, &number, &home, &bytes)) {
		if (!memory_has(m->settings, home)) {
			/* Nobody waits for a store that there is not. */
			skip_entry(m, number);
		} else if (!m->stores[home]->ops->is_up(m->stores[home])) {
			r->not_before_us = clock_mono_us() + REST_US;
		} else if (!memory_take_batch(a, &bytes, &batch)) {
			skip_entry(m, number);
		} else {
			r->number = number;
			store_send(m->stores[home], &batch, 0, replayed, m);
		}
	}
	arena_free(&a);
}
