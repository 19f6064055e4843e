/*
 * How the stores do, as the memory process finds out by asking them: what the
 * log is told, and when a store is not asked any more; see memory_int.h.
 */
#include "redis/memory_int.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"

/* So many questions in a row without an answer make a store rest; how often it
 * is then asked whether it is back. */
#define FAILURES 3
#define PROBE_US 100000

/* Without a miss, then the log is told that a store is back. */
#define STEADY_US 1000000

void memory_health_init(struct memory *m)
{
	for (int i = 0; i < HOMES; i++) {
		m->health[i].memory = m;
		m->health[i].home = (enum memory_home)i;
	}
}

struct health *memory_health_of(struct memory *m, enum memory_home home)
{
	return &m->health[m->settings->one_home ? HOME_MAIN : home];
}

static const char *show_store(struct memory *m, enum memory_home home,
			      struct arena *a)
{
	struct str s = store_url_show(a, &m->settings->homes[home].url);

	return arena_strndup(a, s.p, s.n);
}

static void tell_missing(struct memory *m, enum memory_home home,
			 struct health *h, const struct err *err)
{
	struct arena *a = arena_new();

	h->told = true;
	h->since_us = h->missed_us;
	h->unanswered = 1;
	log_warn("store: %s does not answer: %s; verdicts are made without "
		 "what is remembered", show_store(m, home, a),
		 err ? err->text : "");
	arena_free(&a);
}

static void tell_back(struct memory *m, enum memory_home home,
		      struct health *h)
{
	struct arena *a = arena_new();

	h->told = false;
	log_info("store: %s answers again, after %.1f seconds and %zu "
		 "questions without answer", show_store(m, home, a),
		 (double)(h->missed_us - h->since_us) / 1e6, h->unanswered);
	arena_free(&a);
}

void memory_note(struct memory *m, enum memory_home home,
		 enum store_status status, const struct err *err)
{
	struct health *h = memory_health_of(m, home);
	int64_t now = clock_mono_us();

	if (status == STORE_BUSY) {
		h->unanswered++;
		return;
	}
	if (status == STORE_OK) {
		h->failures = 0;
		h->resting = false;
		if (h->told && now - h->missed_us > STEADY_US)
			tell_back(m, home, h);
		return;
	}
	h->failures++;
	h->unanswered++;
	h->missed_us = now;
	if (err)
		h->why = *err;
	/* An embedded store that failed has said all it can. */
	if (h->failures >= FAILURES && status != STORE_FAILED)
		h->resting = true;
	if (!h->told)
		tell_missing(m, home, h, err);
}

/* ---- a store that rests ---- */

bool memory_store_is_up(struct memory *m, enum memory_home home)
{
	return !memory_health_of(m, home)->resting &&
	       m->stores[home]->ops->is_up(m->stores[home]);
}

/* Whoever asks a store that does not answer waits in vain, each time: after a
 * few in a row nobody waits any more, and questions of our own find out when
 * it is back. */
void memory_store_send(struct memory *m, enum memory_home home,
		       const struct store_batch *b, double timeout,
		       store_done *done, void *ctx)
{
	struct health *h = memory_health_of(m, home);

	if (h->resting) {
		struct err why = h->why;

		done(ctx, STORE_UNREACHABLE, NULL, 0, &why);
		return;
	}
	store_send(m->stores[home], b, timeout, done, ctx);
}

static void probed(void *ctx, enum store_status status,
		   const struct store_reply *r, size_t n,
		   const struct err *err)
{
	struct health *h = ctx;

	(void)n;
	h->probing = false;
	h->probe_us = clock_mono_us() + PROBE_US;
	/* It is loading, a cluster is down, ...: not yet. */
	if (status == STORE_OK && r->kind == REPLY_ERROR)
		return;
	memory_note(h->memory, h->home, status, err);
}

void memory_probe(struct memory *m)
{
	int64_t now = clock_mono_us();

	for (int i = 0; i < HOMES; i++) {
		struct health *h = &m->health[i];
		struct store_batch b = { 0 };
		struct arena *a;

		if (!h->resting || h->probing || now < h->probe_us)
			continue;
		h->probing = true;
		a = arena_new();
		store_add(a, &b, "GET", STR("mekiki:probe"));
		store_send(m->stores[i], &b, 0.5, probed, h);
		arena_free(&a);
	}
}
