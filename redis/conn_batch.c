/*
 * What is asked on a connection: batches wait until it is up, are written,
 * get their replies in order, and end once, in whatever way. See conn.h.
 *
 * A batch that is late is told so and stays in the list of those sent,
 * without its octets: its answers must still be counted when they come, or
 * the next batch would get them.
 *
 * A script goes with its text the first time in a batch, until the server has
 * answered it once on this connection; else as EVALSHA. What is NOSCRIPT all
 * the same (SCRIPT FLUSH, or the one with the text was refused) has another
 * round, in which the first of each script has its text again.
 */
#include "redis/conn_int.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "redis/resp.h"

#define ROUNDS_MAX 4

/* ---- composing ---- */

static bool is_asking(const struct store_command *v)
{
	return v->script < 0 && v->argv.n == 1 &&
	       str_ieq(v->argv.v[0], STR("ASKING"));
}

static int compose(struct batch *b, const struct store_command *v,
		   bool *has_text, struct err *err)
{
	for (size_t i = 0; i < b->n; i++) {
		struct piece *p = &b->pieces[i];

		if (v[i].argv.n > STORE_ARGS_MAX ||
		    (v[i].argv.n == 0 && v[i].script < 0))
			return err_set(err, "a command of %zu arguments: 1 to "
				       "%d are possible", v[i].argv.n,
				       STORE_ARGS_MAX);
		p->at = b->wire.n;
		p->script = v[i].script;
		p->digest = p->script >= 0 && has_text[p->script];
		if (p->script >= 0)
			has_text[p->script] = true;
		p->asking = is_asking(&v[i]);
		if (!resp_add_command(&b->wire, &v[i], !p->digest))
			return err_set(err, "a batch of more than %zu octets",
				       STORE_REQUEST_MAX);
		p->n = b->wire.n - p->at;
	}
	return 0;
}

static void wire_free(struct batch *b)
{
	b->conn->held -= b->wire.n;
	buf_free(&b->wire);
}

/* All that it needs no more once its owner was told. */
static void replies_free(struct batch *b)
{
	struct conn *c = b->conn;

	xfree(b->replies);
	b->replies = NULL;
	c->kept -= b->kept;
	b->kept = 0;
	if (b->arena && !c->spare) {
		arena_reset(b->arena);
		c->spare = b->arena;
		b->arena = NULL;
	}
	arena_free(&b->arena);
}

struct batch *batch_new(struct conn *c, const struct store_command *v,
			size_t n, bool ours, enum store_status *status_r,
			struct err *err)
{
	struct batch *b = xcalloc(1, sizeof(*b));
	size_t unsent = c->waiting_octets;
	bool *has_text = xmalloc(c->nscripts);
	int rc;

	memcpy(has_text, c->known, c->nscripts);
	if (c->bev)
		unsent += evbuffer_get_length(bufferevent_get_output(c->bev));
	b->conn = c;
	b->ours = ours;
	b->n = b->ntodo = n;
	b->pieces = xcalloc(n, sizeof(*b->pieces));
	buf_init(&b->wire, STORE_REQUEST_MAX);
	rc = compose(b, v, has_text, err);
	xfree(has_text);
	*status_r = STORE_FAILED;
	if (rc == 0) {
		size_t size = b->wire.n;

		if (ours || ((unsent == 0 ||
			      unsent + size <= STORE_REQUEST_MAX) &&
			     c->held + size <= CONN_HELD_MAX)) {
			c->held += size;
			c->waiting_octets += size;
			c->nbatches++;
			TAILQ_INSERT_TAIL(&c->waiting, b, link);
			return b;
		}
		*status_r = STORE_BUSY;
		err_set(err, "%s: too much is under way", c->name);
	}
	buf_free(&b->wire);
	xfree(b->pieces);
	xfree(b);
	return NULL;
}

static void leave_list(struct batch *b)
{
	struct conn *c = b->conn;

	if (b->sent)
		TAILQ_REMOVE(&c->sent, b, link);
	else
		TAILQ_REMOVE(&c->waiting, b, link);
	if (!b->sent)
		c->waiting_octets -= b->wire.n;
	c->nbatches--;
	if (event_initialized(&b->timer))
		event_del(&b->timer);
}

static void destroy(struct batch *b)
{
	wire_free(b);
	replies_free(b);
	xfree(b->pieces);
	xfree(b->todo);
	xfree(b);
}

void batch_end(struct batch *b, enum store_status status,
	       const struct err *err)
{
	static const struct err none = { "" };
	bool ok = status == STORE_OK;

	leave_list(b);
	if (b->done)
		b->done(b->ctx, status, ok ? b->replies : NULL, ok ? b->n : 0,
			err ? err : &none);
	destroy(b);
}

void batches_end(struct conn *c, struct batches *list,
		 enum store_status status, const struct err *err)
{
	struct batch *b;

	(void)c;
	while ((b = TAILQ_FIRST(list)))
		batch_end(b, status, err);
}

/* ---- time ---- */

/* Its answers are still to come, and will be dropped. */
static void tell_late(struct batch *b, const struct err *err)
{
	store_done *done = b->done;

	b->done = NULL;
	wire_free(b);
	replies_free(b);
	if (event_initialized(&b->timer))
		event_del(&b->timer);
	if (done)
		done(b->ctx, STORE_LATE, NULL, 0, err);
}

void batches_late(struct conn *c, const struct err *err)
{
	struct batch *b;

	/* An owner may send, or free the connection: begun anew each time. */
	do {
		TAILQ_FOREACH(b, &c->sent, link)
			if (b->done && !b->ours)
				break;
		if (b)
			tell_late(b, err);
	} while (b && !c->dead);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct batch *b = arg;
	struct conn *c = b->conn;
	struct err err;

	(void)fd;
	(void)what;
	conn_hold(c);
	if (!b->sent) {
		err = c->why;
		if (!err.text[0])
			err_set(&err, "%s: not connected yet", c->name);
		batch_end(b, STORE_UNREACHABLE, &err);
		conn_unhold(c);
		return;
	}
	err_set(&err, "%s: no answer in time", c->name);
	tell_late(b, &err);
	conn_failed(c, &err);
	conn_unhold(c);
}

void batch_timeout(struct batch *b, double seconds)
{
	struct timeval tv = { (time_t)seconds,
		(suseconds_t)((seconds - (double)(time_t)seconds) * 1e6) };

	evtimer_assign(&b->timer, b->conn->base, on_timeout, b);
	evtimer_add(&b->timer, &tv);
}

/* ---- writing ---- */

static bool has_digest(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->pieces[i].digest)
			return true;
	return false;
}

void batch_write(struct batch *b)
{
	struct conn *c = b->conn;

	if (TAILQ_EMPTY(&c->sent))	/* nothing was owed until now */
		c->owed_since = clock_mono_us();
	TAILQ_REMOVE(&c->waiting, b, link);
	TAILQ_INSERT_TAIL(&c->sent, b, link);
	c->waiting_octets -= b->wire.n;
	b->sent = true;
	bufferevent_write(c->bev, b->wire.p, b->wire.n);
	conn_watch(c);
	/* Only a script may have to be sent again. */
	if (!has_digest(b))
		wire_free(b);
}

void batches_flush(struct conn *c)
{
	while (c->state == CONN_UP && !TAILQ_EMPTY(&c->waiting))
		batch_write(TAILQ_FIRST(&c->waiting));
}

/* ---- further rounds ---- */

static bool is_missing(const struct batch *b, size_t i)
{
	const struct store_reply *r = &b->replies[i];

	return b->pieces[i].digest && r->kind == REPLY_ERROR &&
	       str_starts(r->text, STR("NOSCRIPT"));
}

static bool any_missing(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (is_missing(b, i))
			return true;
	return false;
}

static struct str piece_text(const struct batch *b, size_t i)
{
	return str_make(b->wire.p + b->pieces[i].at, b->pieces[i].n);
}

/* Sends what was NOSCRIPT (with ASKING if it stood before it). */
static void send_again(struct batch *b)
{
	struct conn *c = b->conn;
	struct evbuffer *out = bufferevent_get_output(c->bev);
	bool *has_text = xcalloc(c->nscripts, sizeof(*has_text));
	size_t *todo = xcalloc(2 * b->n, sizeof(*todo));
	struct buf wire;

	b->rounds++;
	b->got = b->ntodo = 0;
	for (size_t i = 0; i < b->n; i++) {
		struct piece *p = &b->pieces[i];
		struct str text = piece_text(b, i);

		if (!is_missing(b, i))
			continue;
		c->known[p->script] = false;
		if (i > 0 && p[-1].asking) {
			todo[b->ntodo++] = i - 1;
			evbuffer_add(out, b->wire.p + p[-1].at, p[-1].n);
		}
		todo[b->ntodo++] = i;
		buf_init(&wire, 2 * STORE_REQUEST_MAX);
		if (has_text[p->script])
			buf_adds(&wire, text);
		else
			resp_add_with_text(&wire, text, p->script);
		has_text[p->script] = true;
		evbuffer_add(out, wire.p, wire.n);
		buf_free(&wire);
	}
	xfree(has_text);
	xfree(b->todo);
	b->todo = todo;
	TAILQ_REMOVE(&c->sent, b, link);
	TAILQ_INSERT_TAIL(&c->sent, b, link);
}

/* ---- reading ---- */

static bool is_subscriber(const struct conn *c)
{
	return c->o.channel.n > 0 && c->state == CONN_UP;
}

/* Where the next reply goes: NULL if nobody will read it. */
static struct arena *reply_arena(struct conn *c, struct batch *b)
{
	if (!b && !is_subscriber(c))
		return NULL;
	if (b && !b->done && !is_subscriber(c))
		return NULL;
	if (!b || is_subscriber(c)) {
		if (!c->scratch)
			c->scratch = arena_new();
		return c->scratch;
	}
	if (!b->arena && c->spare) {
		b->arena = c->spare;
		c->spare = NULL;
	}
	if (!b->arena)
		b->arena = arena_new();
	return b->arena;
}

/* A message to a subscriber. */
static bool push(struct conn *c, const struct store_reply *r)
{
	if (!is_subscriber(c) || r->kind != REPLY_LIST || r->n != 3 ||
	    !str_eq(r->items[0].text, STR("message")))
		return false;
	if (c->o.pushed)
		c->o.pushed(c->o.ctx, r->items[2].text);
	return true;
}

static void keep(struct conn *c, struct batch *b, size_t i,
		 const struct store_reply *r)
{
	size_t cost = resp_cost(c->reader);

	if (!b->replies)
		b->replies = xcalloc(b->n, sizeof(*b->replies));
	b->replies[i] = *r;
	b->kept += cost;
	c->kept += cost;
	if (b->pieces[i].script >= 0 && r->kind != REPLY_ERROR)
		c->known[b->pieces[i].script] = true;
}

static void take(struct conn *c, struct batch *b, const struct store_reply *r)
{
	size_t i;
	struct err err;

	if (!b) {
		err_set(&err, "the server answered what nobody asked");
		conn_break(c, true, &err);
		return;
	}
	i = b->todo ? b->todo[b->got] : b->got;
	b->got++;
	if (b->done)
		keep(c, b, i, r);
	if (c->kept > CONN_KEPT_MAX) {
		err_set(&err, "the server's replies are larger than %zu octets",
			CONN_KEPT_MAX);
		conn_break(c, true, &err);
	} else if (b->got == b->ntodo && b->done &&
		   b->rounds < ROUNDS_MAX && any_missing(b)) {
		send_again(b);
	} else if (b->got == b->ntodo) {
		conn_answered(c, b);
		batch_end(b, STORE_OK, NULL);
	}
}

void batches_read(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	unsigned generation = c->generation;
	struct evbuffer_iovec v;

	c->heard = clock_mono_us();
	while (c->generation == generation &&
	       evbuffer_peek(in, -1, NULL, &v, 1) > 0 && v.iov_len) {
		struct str s = str_make(v.iov_base, v.iov_len);
		struct batch *b = TAILQ_FIRST(&c->sent);
		struct store_reply r = { .kind = REPLY_NIL };
		struct err err;
		int rc = resp_read(c->reader, &s, reply_arena(c, b), &r, &err);

		evbuffer_drain(in, v.iov_len - s.n);
		if (rc < 0)
			conn_break(c, true, &err);
		else if (rc > 0 && !push(c, &r))
			take(c, b, &r);
		if (rc > 0 && c->scratch)
			arena_reset(c->scratch);
	}
}
