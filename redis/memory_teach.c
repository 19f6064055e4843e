/*
 * What machines teach: batches that nobody waits for, gathered and sent
 * together. An embedded store writes them once a second in one transaction; a
 * server gets them in small slices, one after the other, so that a question never
 * waits behind a thousand lessons. What cannot be sent waits, up to a ceiling; what was sent
 * without an answer is not sent again, since it may be there.
 */
#include "redis/memory_int.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"

#define GATHER_COMMANDS 16384
#define GATHER_OCTETS ((size_t)16 << 20)
#define SLICE 32		/* commands sent to a server at once */
#define EMBEDDED_US 1000000
/* How long a process that leaves waits for its last answers. */
#define FINISH_US 2000000

static bool is_embedded(const struct memory *m, enum memory_home home)
{
	enum store_scheme scheme = m->settings->homes[home].url.scheme;

	return scheme == STORE_LMDB || scheme == STORE_MEMORY;
}

void memory_teach_init(struct memory *m)
{
	for (int i = 0; i < HOMES; i++) {
		struct teaching *t = &m->teaching[i];

		t->memory = m;
		t->home = (enum memory_home)i;
		t->gathered.arena = arena_new();
		t->going.arena = arena_new();
	}
}

/* ---- gathering ---- */

static void add_command(struct lessons *l, const struct store_command *c)
{
	struct store_command copy;

	store_copy_command(l->arena, c, &copy);
	store_append(l->arena, &l->batch, &copy);
	for (size_t i = 0; i < c->argv.n; i++)
		l->octets += c->argv.v[i].n;
}

/* Tokens that a scan used begin their lifetime anew, once an hour each. */
static void touch_tokens(struct question *q)
{
	struct memory *m = q->memory;
	struct bayes_home home = {
		.layout = m->settings->bayes_layout,
		.prefix = q->ask.prefix,
		.token_ttl = m->settings->token_ttl,
	};
	size_t n = 0, all = q->ask.tokens.n / BAYES_TOKEN;
	const uint8_t *p = (const uint8_t *)q->ask.tokens.p;
	uint8_t *due = arena_alloc(q->arena, q->ask.tokens.n);
	bool *touch;

	if (!(home.token_ttl > 0))
		return;
	touch = arena_alloc(q->arena, all);
	token_cache_touch(m->tokens, q->ask.prefix, p, all, touch);
	for (size_t i = 0; i < all; i++)
		if (touch[i])
			memcpy(due + n++ * BAYES_TOKEN, p + i * BAYES_TOKEN,
			       BAYES_TOKEN);
	if (n)
		bayes_compose_touch(q->arena, &home, due, n, &q->ask.batch);
}

static void drop(struct memory *m, size_t n)
{
	if (m->dropped == 0)
		log_warn("store: what verdicts teach is dropped while the "
			 "store does not take it");
	m->dropped += n;
}

void memory_teach(struct question *q)
{
	struct memory *m = q->memory;
	struct lessons *l = &m->teaching[q->ask.home].gathered;

	if (q->ask.tokens.n)
		touch_tokens(q);
	if (l->batch.n + q->ask.batch.n > GATHER_COMMANDS ||
	    l->octets > GATHER_OCTETS)
		drop(m, q->ask.batch.n);
	else
		for (size_t i = 0; i < q->ask.batch.n; i++)
			add_command(l, &q->ask.batch.v[i]);
	memory_question_end(q);
}

/* ---- sending ---- */

static void lessons_reset(struct lessons *l)
{
	arena_reset(l->arena);
	l->batch = (struct store_batch){ 0 };
	l->octets = 0;
}

static void log_refused(struct memory *m, const struct store_reply *r)
{
	struct arena *a;

	if (m->refused++)
		return;
	a = arena_new();
	log_error("store: it refuses what verdicts teach: %.*s",
		  STR_ARG(store_explain(a, r->text)));
	arena_free(&a);
}

static void send_slice(struct teaching *t);

static void taught(void *ctx, enum store_status status,
		   const struct store_reply *replies, size_t n,
		   const struct err *err)
{
	struct teaching *t = ctx;
	size_t slice = t->slice;

	t->slice = 0;
	memory_note(t->memory, t->home, status, err);
	if (status == STORE_UNREACHABLE || status == STORE_BUSY)
		return;		/* nothing was sent: later */
	for (size_t i = 0; i < n; i++)
		if (replies[i].kind == REPLY_ERROR)
			log_refused(t->memory, &replies[i]);
	memory_upkeep_note(t->memory, t->home, t->going.batch.v + t->sent,
			   replies, n);
	if (status != STORE_OK)
		drop(t->memory, slice);
	t->sent += slice;
	if (t->sent < t->going.batch.n) {
		if (status == STORE_OK)
			send_slice(t);
		return;
	}
	t->sent = 0;
	lessons_reset(&t->going);
}

static void send_slice(struct teaching *t)
{
	struct memory *m = t->memory;
	size_t left = t->going.batch.n - t->sent;
	struct store_batch slice = {
		.v = t->going.batch.v + t->sent,
		.n = is_embedded(m, t->home) || left < SLICE ? left : SLICE,
	};

	slice.cap = slice.n;
	t->slice = slice.n;
	memory_store_send(m, t->home, &slice, 0, taught, t);
}

static void flush(struct teaching *t, bool now)
{
	int64_t at = clock_mono_us();
	struct lessons swap = t->gathered;

	if (t->slice)
		return;
	if (!t->going.batch.n && t->gathered.batch.n &&
	    (now || !is_embedded(t->memory, t->home) ||
	     at - t->last_us >= EMBEDDED_US)) {
		t->gathered = t->going;
		t->going = swap;
		t->last_us = at;
	}
	if (t->going.batch.n)
		send_slice(t);
}

/* What a scan taught a moment ago comes before what a person says of it. */
void memory_teach_now(struct memory *m, enum memory_home home)
{
	flush(&m->teaching[home], true);
}

void memory_teach_flush(struct memory *m)
{
	for (int i = 0; i < HOMES; i++)
		flush(&m->teaching[i], false);
}

/* ---- leaving ---- */

/* A store that does not answer now is not waited for. */
static bool is_busy(struct memory *m)
{
	for (int i = 0; i < HOMES; i++) {
		const struct teaching *t = &m->teaching[i];
		bool answers = !memory_health_of(m, t->home)->failures;

		if (t->slice || (answers && (t->going.batch.n ||
					     t->gathered.batch.n)))
			return true;
	}
	return m->nquestions > 0 || m->replay.n ||
	       memory_replay_is_due(m) || memory_upkeep_finish(m);
}

void memory_finish(struct memory *m)
{
	int64_t until = clock_mono_us() + FINISH_US;

	while (is_busy(m) && clock_mono_us() < until) {
		for (int i = 0; i < HOMES; i++)
			flush(&m->teaching[i], true);
		memory_replay(m);
		if (is_busy(m))
			event_base_loop(m->base, EVLOOP_ONCE);
	}
}
