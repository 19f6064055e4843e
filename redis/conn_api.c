/*
 * A connection as its owner sees it: made, asked, looked at, given up. What
 * happens meanwhile is in conn.c and conn_batch.c.
 */
#include "redis/conn_int.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/mem.h"
#include "redis/resp.h"

#define TIMEOUT_DEFAULT 1.0

void conn_options_read(const struct store_options *o,
		       struct conn_options *out_r)
{
	*out_r = (struct conn_options){
		.user = o->url.user,
		.password = o->url.password,
		.db = o->url.db,
		.connect_timeout = o->connect_timeout,
		.answer_timeout = o->answer_timeout,
	};
}

/* ---- making ---- */

static struct str copy(struct arena *a, struct str s)
{
	return s.p ? str_dup(a, s) : STR_NONE;
}

static void copy_options(struct conn *c, const struct conn_options *from)
{
	struct conn_options *o = &c->o;
	struct arena *a = c->arena;

	*o = *from;
	o->host = copy(a, from->host);
	o->path = copy(a, from->path);
	o->tls_name = copy(a, from->tls_name.p ? from->tls_name : from->host);
	o->user = copy(a, from->user);
	o->password = copy(a, from->password);
	o->channel = copy(a, from->channel);
	if (from->verify) {
		struct store_batch *verify = arena_alloc(a, sizeof(*verify));

		store_copy_batch(a, from->verify, verify);
		o->verify = verify;
	}
	if (!(o->connect_timeout > 0))
		o->connect_timeout = TIMEOUT_DEFAULT;
	if (!(o->answer_timeout > 0))
		o->answer_timeout = TIMEOUT_DEFAULT;
	c->target = (struct dial_target){ .host = o->host, .port = o->port,
		.path = o->path, .tls = o->tls, .tls_name = o->tls_name };
}

static void make_name(struct conn *c)
{
	const struct conn_options *o = &c->o;
	bool v6 = str_chr(o->host, ':') >= 0;

	if (o->path.p)
		snprintf(c->name, sizeof(c->name), "%.*s", STR_ARG(o->path));
	else
		snprintf(c->name, sizeof(c->name), "%s%.*s%s:%u",
			 v6 ? "[" : "", STR_ARG(o->host), v6 ? "]" : "",
			 o->port);
}

struct conn *conn_open(struct event_base *base, const struct conn_options *o,
		      struct err *err)
{
	struct dial_target target = { .host = o->host, .port = o->port,
				      .path = o->path };
	struct conn *c;

	if (dial_check(&target, err) < 0)
		return NULL;
	c = xcalloc(1, sizeof(*c));
	c->base = base;
	c->arena = arena_new();
	copy_options(c, o);
	make_name(c);
	while (store_scripts[c->nscripts].name)
		c->nscripts++;
	c->known = xcalloc(c->nscripts + 1, sizeof(*c->known));
	TAILQ_INIT(&c->waiting);
	TAILQ_INIT(&c->sent);
	conn_begin(c);
	return c;
}

void conn_free(struct conn **conn)
{
	struct conn *c = *conn;
	struct err err;

	*conn = NULL;
	if (!c || c->dead)
		return;
	conn_hold(c);
	c->dead = true;
	conn_shut(c);
	err_set(&err, "%s: the connection was given up", c->name);
	batches_end(c, &c->sent, STORE_LOST, &err);
	batches_end(c, &c->waiting, STORE_UNREACHABLE, &err);
	conn_unhold(c);
}

/* ---- asking ---- */

/* Why nothing can be asked at all just now; STORE_OK: it can. */
static enum store_status refusal(const struct conn *c, struct err *err)
{
	if (c->dead)
		err_set(err, "%s: the connection was given up", c->name);
	else if (c->open)
		*err = c->why;
	if (c->dead || c->open)
		return STORE_UNREACHABLE;
	if (c->o.channel.n) {
		err_set(err, "%s: nothing can be asked where messages are "
			"waited for", c->name);
		return STORE_FAILED;
	}
	if (c->nbatches >= STORE_QUEUE_MAX) {
		err_set(err, "%s: %d batches are under way", c->name,
			STORE_QUEUE_MAX);
		return STORE_BUSY;
	}
	return STORE_OK;
}

void conn_send(struct conn *c, const struct store_command *v, size_t n,
	       double timeout, store_done *done, void *ctx)
{
	struct err err = { "" };
	enum store_status status = refusal(c, &err);
	struct batch *b = NULL;

	if (status == STORE_OK && n > 0)
		b = batch_new(c, v, n, false, &status, &err);
	if (!b) {
		done(ctx, status, NULL, 0, &err);
		return;
	}
	b->done = done;
	b->ctx = ctx;
	if (!(timeout > 0) || timeout > c->o.answer_timeout)
		timeout = c->o.answer_timeout;
	batch_timeout(b, timeout);
	if (c->state == CONN_UP)
		batches_flush(c);
}

/* ---- looking ---- */

bool conn_is_up(const struct conn *c)
{
	return c->state == CONN_UP && !c->open && !c->dead;
}

const char *conn_why(const struct conn *c)
{
	if (conn_is_up(c))
		return "";
	return c->why.text[0] ? c->why.text : "not connected yet";
}

const char *conn_name(const struct conn *c)
{
	return c->name;
}
