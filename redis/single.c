/*
 * The store that is one Redis server, over TCP, TLS or a Unix socket: a
 * connection, and retries of what passes by itself.
 */
#include "redis/store.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "redis/conn.h"
#include "redis/retry.h"
#include "redis/scan.h"
#include "redis/tls.h"

struct single {
	struct store store;
	struct tls_client *tls;
	struct conn *conn;
	struct retries *retries;
	double timeout;
};

static struct single *single_of(struct store *s)
{
	return (struct single *)s;
}

static void send_attempt(void *ctx, const struct store_command *v, size_t n,
			 double timeout, store_done *done, void *done_ctx)
{
	struct single *s = ctx;

	conn_send(s->conn, v, n, timeout, done, done_ctx);
}

static void single_close(struct store *store)
{
	struct single *s = single_of(store);

	conn_free(&s->conn);
	retries_free(&s->retries);
	tls_client_free(&s->tls);
	xfree(s);
}

static struct store *single_open(const struct store_options *o,
				 struct event_base *base, struct err *err)
{
	struct single *s = xcalloc(1, sizeof(*s));
	struct conn_options co;

	s->store.ops = &store_redis_ops;
	conn_options_read(o, &co);
	co.quiet = true;
	if (o->url.scheme == STORE_REDIS_UNIX) {
		co.path = o->url.path;
	} else {
		co.host = o->url.hosts[0].host;
		co.port = o->url.hosts[0].port;
	}
	if (o->url.tls)
		co.tls = s->tls = tls_client_new(o->url.ca_file, err);
	s->timeout = o->answer_timeout > 0 ? o->answer_timeout : 1;
	s->retries = retries_new(base, send_attempt, s);
	if (!o->url.tls || s->tls)
		s->conn = conn_open(base, &co, err);
	if (s->conn)
		return &s->store;
	single_close(&s->store);
	return NULL;
}

static void single_send(struct store *store, const struct store_batch *b,
			double timeout, store_done *done, void *ctx)
{
	struct single *s = single_of(store);

	if (!(timeout > 0) || timeout > s->timeout)
		timeout = s->timeout;
	retries_send(s->retries, b, timeout, done, ctx);
}

static bool single_is_up(const struct store *store)
{
	return conn_is_up(((const struct single *)store)->conn);
}

/* ---- names of keys ---- */

struct scanning {
	store_done *done;
	void *ctx;
};

static void on_scanned(void *ctx, enum store_status status,
		       const struct store_reply *replies, size_t n,
		       const struct err *err)
{
	struct scanning *scanning = ctx;
	struct store_reply items[2], answer;

	if (status == STORE_OK) {
		answer = scan_reply(&replies[0], items);
		replies = &answer;
	}
	scanning->done(scanning->ctx, status, replies, n, err);
	xfree(scanning);
}

static void single_scan(struct store *store, struct str prefix,
			struct str cursor, store_done *done, void *ctx)
{
	struct scanning *scanning = xcalloc(1, sizeof(*scanning));
	struct arena *a = arena_new();
	struct store_batch b = { .n = 0 };

	scanning->done = done;
	scanning->ctx = ctx;
	scan_add(a, &b, prefix, cursor);
	single_send(store, &b, 0, on_scanned, scanning);
	arena_free(&a);
}

const struct store_ops store_redis_ops = {
	.name = "redis",
	.open = single_open,
	.close = single_close,
	.send = single_send,
	.is_up = single_is_up,
	.scan = single_scan,
};
