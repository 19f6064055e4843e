/*
 * Asking again; see retry.h. Most batches have no such error, so a batch is
 * kept as a copy only in its octets (one arena), and replies are copied only
 * if there will be another attempt.
 */
#include "redis/retry.h"

#include <sys/queue.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/util.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"

#define DELAY_FIRST 0.005	/* seconds, doubled each time */

struct attempt {
	TAILQ_ENTRY(attempt) link;	/* while it waits */
	struct retries *all;
	struct arena *arena;
	struct store_batch batch;	/* what is asked now */
	size_t *places;		/* of its commands in replies; NULL: the same */
	struct store_reply *replies;	/* of the whole batch, once one failed */
	size_t n;
	unsigned count;
	int64_t deadline;
	struct event timer;
	store_done *done;
	void *ctx;
};

TAILQ_HEAD(attempts, attempt);

struct retries {
	struct event_base *base;
	retry_send *send;
	void *ctx;
	struct attempts waiting;
};

static const struct str passing[] = {
	STR("READONLY"), STR("LOADING"), STR("MASTERDOWN"), STR("BUSY"),
	STR("TRYAGAIN"),
};

bool retry_is_passing(const struct store_reply *r)
{
	if (r->kind != REPLY_ERROR)
		return false;
	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++)
		if (str_starts(r->text, passing[i]))
			return true;
	return false;
}

/* ---- copies ---- */

static void copy_reply(struct arena *a, const struct store_reply *from,
		       struct store_reply *to)
{
	*to = *from;
	if (from->text.p)
		to->text = str_dup(a, from->text);
	if (from->n == 0)
		return;
	to->items = arena_alloc(a, from->n * sizeof(*to->items));
	for (size_t i = 0; i < from->n; i++)
		copy_reply(a, &from->items[i], &to->items[i]);
}

/* ---- attempts ---- */

static void finish(struct attempt *t, enum store_status status,
		   const struct store_reply *replies, size_t n,
		   const struct err *err)
{
	t->done(t->ctx, status, replies, n, err);
	arena_free(&t->arena);
	xfree(t);
}

static double left(const struct attempt *t)
{
	return (double)(t->deadline - clock_mono_us()) / 1e6;
}

static double delay(unsigned count)
{
	double seconds = DELAY_FIRST * (1 << count);
	uint16_t r;

	evutil_secure_rng_get_bytes(&r, sizeof(r));
	return seconds * (0.5 + 0.5 * r / 65535.0);
}

static size_t place(const struct attempt *t, size_t i)
{
	return t->places ? t->places[i] : i;
}

/* Keeps the replies that are final; what is not is the next batch. */
static void narrow(struct attempt *t, const struct store_reply *replies)
{
	size_t *places = arena_alloc(t->arena, (t->batch.n + 1) *
				     sizeof(*places));
	size_t n = 0;

	if (!t->replies)
		t->replies = arena_alloc(t->arena, (t->n + 1) *
					 sizeof(*t->replies));
	for (size_t i = 0; i < t->batch.n; i++) {
		if (retry_is_passing(&replies[i])) {
			places[n] = place(t, i);
			t->batch.v[n++] = t->batch.v[i];
		} else {
			copy_reply(t->arena, &replies[i],
				   &t->replies[place(t, i)]);
		}
	}
	t->batch.n = n;
	t->places = places;
}

static bool any_passing(const struct store_reply *replies, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (retry_is_passing(&replies[i]))
			return true;
	return false;
}

static void on_reply(void *ctx, enum store_status status,
		     const struct store_reply *replies, size_t n,
		     const struct err *err)
{
	struct attempt *t = ctx;
	double wait = delay(t->count);

	if (status != STORE_OK) {
		finish(t, status, NULL, 0, err);
	} else if (t->count < RETRY_MAX && wait < left(t) &&
		   any_passing(replies, n)) {
		struct timeval tv = { 0, (suseconds_t)(wait * 1e6) };

		narrow(t, replies);
		t->count++;
		TAILQ_INSERT_TAIL(&t->all->waiting, t, link);
		evtimer_add(&t->timer, &tv);
	} else if (t->replies) {
		for (size_t i = 0; i < n; i++)
			t->replies[place(t, i)] = replies[i];
		finish(t, STORE_OK, t->replies, t->n, err);
	} else {
		finish(t, STORE_OK, replies, n, err);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct attempt *t = arg;
	double seconds = left(t);

	(void)fd;
	(void)what;
	TAILQ_REMOVE(&t->all->waiting, t, link);
	t->all->send(t->all->ctx, t->batch.v, t->batch.n,
		     seconds > 0.001 ? seconds : 0.001, on_reply, t);
}

void retries_send(struct retries *r, const struct store_batch *b,
		  double timeout, store_done *done, void *ctx)
{
	struct attempt *t = xcalloc(1, sizeof(*t));

	t->all = r;
	t->arena = arena_new();
	t->n = b->n;
	t->deadline = clock_mono_us() + (int64_t)(timeout * 1e6);
	t->done = done;
	t->ctx = ctx;
	store_copy_batch(t->arena, b, &t->batch);
	evtimer_assign(&t->timer, r->base, on_timer, t);
	r->send(r->ctx, t->batch.v, t->batch.n, timeout, on_reply, t);
}

/* ---- all of them ---- */

struct retries *retries_new(struct event_base *base, retry_send *send,
			    void *ctx)
{
	struct retries *r = xcalloc(1, sizeof(*r));

	r->base = base;
	r->send = send;
	r->ctx = ctx;
	TAILQ_INIT(&r->waiting);
	return r;
}

void retries_free(struct retries **r)
{
	struct retries *old = *r;
	struct err err = { "the store was closed" };
	struct attempt *t;

	*r = NULL;
	if (!old)
		return;
	while ((t = TAILQ_FIRST(&old->waiting))) {
		TAILQ_REMOVE(&old->waiting, t, link);
		event_del(&t->timer);
		finish(t, STORE_LOST, NULL, 0, &err);
	}
	xfree(old);
}
