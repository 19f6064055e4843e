/*
 * Redis Sentinel as the store's home: the sentinels of the store line tell
 * which server is the master, and everything goes there. A sentinel may be
 * wrong, late, dead or lying, so:
 *  - one sentinel at a time is asked for the master, every second, and the
 *    next one if it does not answer or does not know the name;
 *  - whatever it says, a server is used only after it has answered ROLE with
 *    "master", each time it is connected to;
 *  - a server that proves to be none, or answers READONLY, makes us ask the
 *    next sentinel, not the same again;
 *  - the one that is asked is subscribed to as well: +switch-master is
 *    followed at once. Against a master that works, a sentinel's mere answer
 *    counts only when a second one agrees.
 *
 * User and password of the store line are the master's; a sentinel gets them
 * only if it wants a log-in, too. With TLS all connections have it.
 */
#include "redis/store.h"

#include <event2/event.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "redis/conn.h"
#include "redis/relay.h"
#include "redis/scan.h"
#include "redis/slots.h"
#include "redis/tls.h"

#define ASK_GAP 50000		/* microseconds between two questions */
#define ASK_TROUBLE 200000	/* ... while there is no master */
#define ASK_CALM 1000000	/* ... while there is one */
#define ASK_TIMEOUT 0.5		/* seconds; then the next one is asked */

struct address {
	char host[256];
	uint16_t port;		/* 0: none */
};

struct sentinel_store {
	struct store store;
	struct event_base *base;
	struct arena *arena;	/* of the options */
	struct conn_options options;	/* of the master */
	struct store_batch role;	/* what it is asked first */
	struct tls_client *tls;
	struct relay *relay;
	struct str name;	/* that the sentinels call it by */

	struct store_host *sentinels;
	bool *log_in;		/* which of them want one */
	size_t n, at;		/* the one in use */
	struct conn *query, *watch;	/* to it */
	bool asking;
	bool distrust;		/* use another one */
	struct event *timer;	/* of the next question; NULL: closing */
	int64_t asked_at, due;
	size_t fruitless;	/* questions without an answer, in a row */
	struct err why;		/* of the last one */

	struct conn *master, *candidate;
	struct address master_at, candidate_at;
	bool renew;		/* the master's connection */
	bool complained;	/* of a server that is no master */
	struct address rival;	/* named by one sentinel, against a master
				 * that works */
	size_t rival_by;	/* ... this one */
};

/* ---- when to ask ---- */

/* Arms the timer for the next question, unless it comes earlier anyway. */
static void want_ask(struct sentinel_store *s, int64_t us)
{
	int64_t now = clock_mono_us();
	int64_t due = now + us;

	if (due < s->asked_at + ASK_GAP)
		due = s->asked_at + ASK_GAP;
	if (s->due && s->due <= due)
		return;
	s->due = due;
	/* Not while one is under way: its answer arms it. */
	if (!s->asking)
		event_add(s->timer, &(struct timeval){
			(due - now) / 1000000, (due - now) % 1000000 });
}

static void ask_another(struct sentinel_store *s)
{
	s->distrust = true;
	want_ask(s, ASK_GAP);
}

static bool works(const struct conn *conn)
{
	return conn && conn_is_up(conn);
}

/* ---- the master ---- */

static void on_server(void *ctx, bool up)
{
	struct sentinel_store *s = ctx;

	if (works(s->candidate)) {
		struct conn *old = s->master;

		s->master = s->candidate;
		s->master_at = s->candidate_at;
		s->candidate = NULL;
		conn_free(&old);
	}
	if (up)
		log_info("store: the master of %.*s is %s", STR_ARG(s->name),
			 conn_name(s->master));
	want_ask(s, up ? ASK_CALM : ASK_GAP);
}

/* The answer to ROLE. */
static int judge_role(void *ctx, const struct store_reply *replies, size_t n,
		      struct err *err)
{
	struct sentinel_store *s = ctx;
	struct str role = STR("nothing");

	if (n == 1 && replies[0].kind == REPLY_LIST && replies[0].n)
		role = replies[0].items[0].text;
	else if (n == 1 && replies[0].kind == REPLY_ERROR)
		role = replies[0].text;
	if (str_eq(role, STR("master")))
		return 0;
	err_set(err, "a sentinel named it the master of %.*s, but to ROLE it "
		"answers \"%.*s\"", STR_ARG(s->name),
		STR_ARG(str_head(role, 200)));
	if (!s->complained)
		log_warn("store: %s", err->text);
	s->complained = true;
	ask_another(s);
	return -1;
}

static struct conn *connect_to(struct sentinel_store *s,
			       const struct address *at)
{
	struct conn_options o = s->options;
	struct conn *conn;
	struct err err;

	o.host = str_cstr(at->host);
	o.port = at->port;
	o.verify = &s->role;
	o.judge = judge_role;
	o.changed = on_server;
	o.ctx = s;
	s->complained = false;
	conn = conn_open(s->base, &o, &err);
	must(conn);		/* only a socket's path can be wrong */
	return conn;
}

static bool same(const struct address *a, const struct address *b)
{
	return a->port == b->port && strcmp(a->host, b->host) == 0;
}

static void replace_master(struct sentinel_store *s, const struct address *at)
{
	struct conn *old = s->master;

	conn_free(&s->candidate);
	s->master_at = *at;
	s->master = connect_to(s, at);
	conn_free(&old);
	relay_wake(s->relay);
}

/* A sentinel says who is master. One that works is left only for one that has
 * proved to be a master. */
static void named(struct sentinel_store *s, const struct address *at,
		  bool pushed)
{
	bool agreed = pushed || s->n == 1 ||
		(same(at, &s->rival) && s->rival_by != s->at);

	if (s->master && same(at, &s->master_at)) {
		s->rival.port = 0;
		conn_free(&s->candidate);
	} else if (!works(s->master)) {
		replace_master(s, at);
	} else if (!agreed) {
		s->rival = *at;
		s->rival_by = s->at;
		ask_another(s);
	} else if (!s->candidate || !same(at, &s->candidate_at)) {
		conn_free(&s->candidate);
		s->candidate_at = *at;
		s->candidate = connect_to(s, at);
	}
}

/* ---- the sentinels ---- */

static bool read_address(struct str host, struct str port,
			 struct address *out_r)
{
	long n;

	if (host.n == 0 || host.n >= sizeof(out_r->host) ||
	    !str_to_long(port, &n) || n < 1 || n > 65535)
		return false;
	for (size_t i = 0; i < host.n; i++)
		if (!is_alnum(host.p[i]) &&
		    str_chr(STR(".-_:%"), host.p[i]) < 0)
			return false;
	memcpy(out_r->host, host.p, host.n);
	out_r->host[host.n] = '\0';
	out_r->port = (uint16_t)n;
	return true;
}

/* "NAME old-host old-port new-host new-port" */
static void on_message(void *ctx, struct str message)
{
	struct sentinel_store *s = ctx;
	struct str words[5] = { 0 };
	struct address at;

	for (size_t i = 0; i < 5; i++)
		if (!str_next_word(&message, &words[i]))
			return;
	if (str_eq(words[0], s->name) && read_address(words[3], words[4], &at))
		named(s, &at, true);
}

/* What was said while nobody listened is asked for. */
static void on_watch(void *ctx, bool up)
{
	struct sentinel_store *s = ctx;

	if (up)
		want_ask(s, ASK_GAP);
	else
		ask_another(s);
}

static struct conn *connect_sentinel(struct sentinel_store *s, bool watch)
{
	struct conn_options o = s->options;
	struct conn *conn;
	struct err err;

	o.host = s->sentinels[s->at].host;
	o.port = s->sentinels[s->at].port;
	o.db = 0;
	if (!s->log_in[s->at])
		o.user = o.password = STR_NONE;
	if (watch) {
		o.channel = STR("+switch-master");
		o.pushed = on_message;
		o.changed = on_watch;
	}
	o.ctx = s;
	conn = conn_open(s->base, &o, &err);
	must(conn);
	return conn;
}

/* true: a reply with an address. */
static bool read_answer(struct sentinel_store *s, const struct store_reply *r,
			struct address *out_r, struct err *err)
{
	const char *who = conn_name(s->query);

	if (r->kind == REPLY_LIST && r->n == 2 &&
	    read_address(r->items[0].text, r->items[1].text, out_r))
		return true;
	if (r->kind == REPLY_NIL)
		err_set(err, "the sentinel %s knows no master named "
			"\"%.*s\"", who, STR_ARG(s->name));
	else if (r->kind == REPLY_ERROR)
		err_set(err, "the sentinel %s answers \"%.*s\"", who,
			STR_ARG(str_head(r->text, 200)));
	else
		err_set(err, "the sentinel %s answers nonsense", who);
	return false;
}

/* The one in use did not help: the next one, or with a log-in this one. */
static void answered_nothing(struct sentinel_store *s, const struct err *why)
{
	s->why = *why;
	if (!s->log_in[s->at] && s->options.password.p &&
	    str_find(str_cstr(why->text), STR("NOAUTH")) >= 0) {
		s->log_in[s->at] = true;
		conn_free(&s->query);
		want_ask(s, ASK_GAP);
		return;
	}
	s->distrust = true;
	if (++s->fruitless == s->n)
		log_warn("store: no sentinel tells who is master: %s",
			 s->why.text);
	if (s->fruitless >= s->n)
		relay_wake(s->relay);
}

static void ask_done(void *ctx, enum store_status status,
		     const struct store_reply *replies, size_t n,
		     const struct err *err)
{
	struct sentinel_store *s = ctx;
	bool hint = s->due != 0;	/* came meanwhile */
	struct address at;
	struct err why;

	s->asking = false;
	s->due = 0;
	if (!s->timer)
		return;
	if (status != STORE_OK || n != 1) {
		answered_nothing(s, err);
	} else if (read_answer(s, &replies[0], &at, &why)) {
		s->fruitless = 0;
		if (!s->watch)
			s->watch = connect_sentinel(s, true);
		named(s, &at, false);
	} else {
		answered_nothing(s, &why);
	}
	want_ask(s, hint || s->distrust ? ASK_GAP :
		 works(s->master) ? ASK_CALM : ASK_TROUBLE);
}

static void ask(evutil_socket_t fd, short what, void *ctx)
{
	struct sentinel_store *s = ctx;
	struct str words[] = { STR("SENTINEL"),
		STR("get-master-addr-by-name"), s->name };
	struct store_command command = { .script = -1,
		.argv = { .v = words, .n = 3, .cap = 3 } };

	(void)fd;
	(void)what;
	s->asked_at = clock_mono_us();
	s->due = 0;
	if (s->renew && s->master)
		conn_renew(s->master);
	s->renew = false;
	if (s->distrust) {
		conn_free(&s->query);
		conn_free(&s->watch);
		s->at = (s->at + 1) % s->n;
		s->distrust = false;
	}
	if (!s->query)
		s->query = connect_sentinel(s, false);
	s->asking = true;
	conn_send(s->query, &command, 1, ASK_TIMEOUT, ask_done, s);
}

/* ---- what the relay asks ---- */

static struct conn *where(void *ctx, int slot, bool *wait_r, struct err *err)
{
	struct sentinel_store *s = ctx;

	(void)slot;
	/* What would be sent now gets lost when it is connected anew; err still
	 * says that it answered READONLY. */
	if (s->master && s->renew) {
		*wait_r = true;
		return NULL;
	}
	if (s->master)
		return s->master;
	*wait_r = s->fruitless < s->n;
	err_set(err, "no sentinel tells who is master%s%s",
		s->why.text[0] ? ": " : " yet", s->why.text);
	return NULL;
}

static enum relay_fate judge(void *ctx, const struct conn *from,
			     struct str error, struct conn **there_r)
{
	struct sentinel_store *s = ctx;

	(void)there_r;
	if (!relay_passing(error))
		return RELAY_REPLY;
	if (str_starts(error, STR("READONLY")) && from == s->master) {
		s->renew = true;
		ask_another(s);
	}
	return RELAY_AGAIN;
}

static void failed(void *ctx, const struct conn *conn)
{
	(void)conn;
	want_ask(ctx, ASK_GAP);
}

static const struct relay_ops relay_ops = {
	.where = where,
	.judge = judge,
	.failed = failed,
};

/* ---- the store ---- */

static void sentinel_close(struct store *store)
{
	struct sentinel_store *s = (struct sentinel_store *)store;

	relay_free(&s->relay);
	if (s->timer)
		event_free(s->timer);
	s->timer = NULL;
	conn_free(&s->query);
	conn_free(&s->watch);
	conn_free(&s->candidate);
	conn_free(&s->master);
	tls_client_free(&s->tls);
	arena_free(&s->arena);
	xfree(s);
}

/* What is kept of the options, copied. */
static void read_options(struct sentinel_store *s,
			 const struct store_options *o)
{
	const struct store_url *u = &o->url;

	conn_options_read(o, &s->options);
	if (s->options.user.p)
		s->options.user = str_dup(s->arena, s->options.user);
	if (s->options.password.p)
		s->options.password = str_dup(s->arena, s->options.password);
	s->name = str_dup(s->arena, u->master);
	s->n = u->nhosts;
	s->log_in = arena_alloc(s->arena, s->n * sizeof(*s->log_in));
	s->sentinels = arena_alloc(s->arena, s->n * sizeof(*s->sentinels));
	for (size_t i = 0; i < s->n; i++) {
		s->sentinels[i].port = u->hosts[i].port;
		s->sentinels[i].host = str_dup(s->arena, u->hosts[i].host);
	}
	store_add(s->arena, &s->role, "ROLE", STR(""));
	s->role.v[0].argv.n = 1;
}

static struct store *sentinel_open(const struct store_options *o,
				   struct event_base *base, struct err *err)
{
	struct sentinel_store *s = xcalloc(1, sizeof(*s));

	s->store.ops = &store_sentinel_ops;
	s->base = base;
	s->arena = arena_new();
	read_options(s, o);
	if (o->url.tls) {
		s->tls = tls_client_new(o->url.ca_file, err);
		if (!s->tls) {
			sentinel_close(&s->store);
			return NULL;
		}
		s->options.tls = s->tls;
	}
	s->relay = relay_new(base, &relay_ops, s, o->answer_timeout);
	s->timer = evtimer_new(base, ask, s);
	must(s->timer);
	want_ask(s, 0);
	return &s->store;
}

static void sentinel_send(struct store *store, const struct store_batch *b,
			  double timeout, store_done *done, void *ctx)
{
	struct sentinel_store *s = (struct sentinel_store *)store;

	relay_send(s->relay, b, SLOT_ANY, timeout, done, ctx);
}

static bool sentinel_is_up(const struct store *store)
{
	return works(((const struct sentinel_store *)store)->master);
}

struct scan {
	store_done *done;
	void *ctx;
};

static void scan_done(void *ctx, enum store_status status,
		      const struct store_reply *replies, size_t n,
		      const struct err *err)
{
	struct scan *scan = ctx;
	struct store_reply r, items[2];

	if (status == STORE_OK && n == 1) {
		r = scan_reply(&replies[0], items);
		replies = &r;
	}
	scan->done(scan->ctx, status, replies, n, err);
	xfree(scan);
}

static void sentinel_scan(struct store *store, struct str prefix,
			  struct str cursor, store_done *done, void *ctx)
{
	struct sentinel_store *s = (struct sentinel_store *)store;
	struct scan *scan = xcalloc(1, sizeof(*scan));
	struct arena *a = arena_new();
	struct store_batch b = { 0 };

	*scan = (struct scan){ done, ctx };
	scan_add(a, &b, prefix, cursor);
	relay_send(s->relay, &b, SLOT_ANY, 0, scan_done, scan);
	arena_free(&a);
}

const struct store_ops store_sentinel_ops = {
	.name = "sentinel",
	.open = sentinel_open,
	.close = sentinel_close,
	.send = sentinel_send,
	.is_up = sentinel_is_up,
	.scan = sentinel_scan,
};
