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
/* Entries are replayed several at a time: so much, or questions would wait too
 * long behind them. */
#define REPLAY_COMMANDS 128
#define REPLAY_OCTETS ((size_t)1 << 20)

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

static void kept(struct question *q)
{
	q->head.journaled = 1;
	memory_answer(q, STORE_OK, "", NULL, 0);
}

static void not_kept(struct question *q, const char *why)
{
	struct str text = str_printf(q->arena, "%s; %s", q->kept_why, why);

	memory_answer(q, STORE_FAILED,
		      arena_strndup(q->arena, text.p, text.n), NULL, 0);
}

/* One by one, because a small entry may fit where all do not. */
static void keep_each(struct memory *m)
{
	struct question *q;
	struct err err;

	while ((q = TAILQ_FIRST(&m->keeping))) {
		TAILQ_REMOVE(&m->keeping, q, link);
		if (journal_append(m->journal, q->ask.home, q->bytes,
				   &err) == 0)
			kept(q);
		else
			not_kept(q, err.text);
	}
}

/* All that came to it in one pass of the loop waits for the disk together. */
static void on_keep(evutil_socket_t fd, short what, void *ctx)
{
	struct memory *m = ctx;
	struct arena *a = arena_new();
	struct journal_entry *v;
	struct question *q;
	size_t n = 0;

	(void)fd;
	(void)what;
	TAILQ_FOREACH(q, &m->keeping, link)
		n++;
	v = arena_alloc(a, (n + 1) * sizeof(*v));
	n = 0;
	TAILQ_FOREACH(q, &m->keeping, link)
		v[n++] = (struct journal_entry){ q->ask.home, q->bytes };
	if (n && journal_count(m->journal) == 0)
		log_info("store: what is learned goes to the journal: %s",
			 TAILQ_FIRST(&m->keeping)->kept_why);
	if (n && journal_append_all(m->journal, v, n, NULL) < 0)
		keep_each(m);
	while ((q = TAILQ_FIRST(&m->keeping))) {
		TAILQ_REMOVE(&m->keeping, q, link);
		kept(q);
	}
	arena_free(&a);
}

void memory_learn_init(struct memory *m)
{
	TAILQ_INIT(&m->keeping);
	m->keep_event = event_new(m->base, -1, 0, on_keep, m);
	must(m->keep_event);
}

static void keep(struct question *q, const char *why)
{
	struct memory *m = q->memory;

	q->kept_why = arena_strndup(q->arena, why, strlen(why));
	if (!m->journal) {
		not_kept(q, "there is no journal");
		return;
	}
	TAILQ_INSERT_TAIL(&m->keeping, q, link);
	event_active(m->keep_event, EV_TIMEOUT, 1);
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
		memory_known_learned(q, replies, n);
		memory_answer(q, STORE_OK, "", replies, n);
	}
}

void memory_learn(struct question *q)
{
	struct memory *m = q->memory;

	forget_tokens(q);
	if (m->journal && (!TAILQ_EMPTY(&m->keeping) ||
			   journal_count(m->journal) > 0)) {
		keep(q, "earlier entries wait");
		return;
	}
	if (q->ask.home == HOME_MAIN)
		memory_teach_now(m, HOME_MAIN);
	memory_store_send(m, q->ask.home, &q->ask.batch, q->ask.timeout,
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

/* Of a batch of several entries, how many from the first on are done with:
 * what was refused for now, and all behind it, has to be sent again. */
static size_t replayed_well(const struct replay *r,
			    const struct store_reply *replies)
{
	size_t at = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (passing(replies + at, r->commands[i]))
			return i;
		give_up_entry(replies + at, r->commands[i]);
		at += r->commands[i];
	}
	return r->n;
}

static void replayed(void *ctx, enum store_status status,
		     const struct store_reply *replies, size_t n,
		     const struct err *err)
{
	struct memory *m = ctx;
	struct replay *r = &m->replay;
	size_t done = status == STORE_OK ? replayed_well(r, replies) : 0;
	bool all = done == r->n;

	(void)n;
	(void)err;
	memory_known_replayed(m);
	if (done)
		journal_remove(m->journal, r->numbers[done - 1]);
	r->done += done;
	r->n = 0;
	if (!all) {
		r->not_before_us = clock_mono_us() + REST_US;
		return;
	}
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
	       (memory_store_is_up(m, HOME_MAIN) ||
		memory_store_is_up(m, HOME_BAYES)) &&
	       journal_is_ours(m->journal);
}

static void add_commands(struct arena *a, struct store_batch *to,
			 const struct store_batch *from)
{
	for (size_t i = 0; i < from->n; i++)
		store_append(a, to, &from->v[i]);
}

/* Entries from the oldest one on, of one home, until they are many; what makes
 * no sense is set aside. False if there are none to send now. */
static bool gather(struct memory *m, struct arena *a, struct store_batch *all,
		   enum memory_home *home_r)
{
	struct replay *r = &m->replay;
	size_t octets = 0;
	uint64_t number = 0;

	while (r->n < REPLAY_ENTRIES && all->n < REPLAY_COMMANDS &&
	       octets < REPLAY_OCTETS) {
		struct store_batch batch;
		enum memory_home home;
		struct str bytes;

		if (!journal_next(m->journal, a, number, &number, &home,
				  &bytes))
			break;
		if (r->n && (home != *home_r || octets + bytes.n >
			     REPLAY_OCTETS))
			break;
		octets += bytes.n;
		/* Nobody waits for a store that there is not. */
		if (!memory_has(m->settings, home) ||
		    !memory_take_batch(a, &bytes, &batch)) {
			if (r->n)
				break;
			skip_entry(m, number);
			continue;
		}
		*home_r = home;
		r->numbers[r->n] = number;
		r->commands[r->n++] = batch.n;
		add_commands(a, all, &batch);
	}
	return r->n > 0;
}

void memory_replay(struct memory *m)
{
	struct replay *r = &m->replay;
	struct store_batch batch = { 0 };
	enum memory_home home = HOME_MAIN;
	struct arena *a;

	if (!m->journal || r->n || clock_mono_us() < r->not_before_us ||
	    journal_count(m->journal) == 0 || !journal_is_ours(m->journal))
		return;
	a = arena_new();
	if (gather(m, a, &batch, &home)) {
		if (memory_store_is_up(m, home)) {
			store_send(m->stores[home], &batch, 0, replayed, m);
		} else {
			r->n = 0;
			r->not_before_us = clock_mono_us() + REST_US;
		}
	}
	arena_free(&a);
}
