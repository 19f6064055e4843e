/*
 * The life of a connection; see conn.h. Two timers: `timer` is the next
 * attempt while the connection is down, the end of the attempt while it is
 * made; `watch` looks whether anything comes while something is owed. A third
 * one, `probe`, sends a PING: to find out whether the breaker may close, and
 * on an idle connection whether the server is still there.
 *
 *   DOWN --timer--> DIALING --connected--> GREETING --accepted--> UP
 *     ^                |                       |                   |
 *     +----------------+------- conn_break ----+-------------------+
 */
#include "redis/conn_int.h"

#include <errno.h>

#include <event2/bufferevent.h>
#include <event2/util.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "redis/resp.h"

#define BACKOFF_FIRST 0.05
#define BACKOFF_MAX 1.0
#define IDLE_PROBE 5.0		/* seconds without an octet, then a PING */
#define IDLE_PROBE_SUBSCRIBER 1.0
#define UP_FOR_GOOD 1.0		/* seconds, then the back-off begins anew */

/* ---- entering and leaving ---- */

static void release(struct conn *c)
{
	arena_free(&c->arena);
	arena_free(&c->spare);
	arena_free(&c->scratch);
	xfree(c->known);
	xfree(c->greeting);
	xfree(c);
}

void conn_hold(struct conn *c)
{
	c->depth++;
}

/* Tells the owner what has changed, once, when all is in order again. */
void conn_unhold(struct conn *c)
{
	bool up = conn_is_up(c);

	if (c->depth == 1 && !c->dead && up != c->told) {
		c->told = up;
		if (c->o.changed)
			c->o.changed(c->o.ctx, up);
	}
	if (--c->depth == 0 && c->dead)
		release(c);
}

static void set_timer(struct event *ev, double seconds)
{
	struct timeval tv = { (time_t)seconds,
		(suseconds_t)((seconds - (double)(time_t)seconds) * 1e6) };

	evtimer_add(ev, &tv);
}

/* Of the delay, between a half and all: many clients of a server that comes
 * back do not come all at once. */
static double jitter(double seconds)
{
	uint16_t r;

	evutil_secure_rng_get_bytes(&r, sizeof(r));
	return seconds * (0.5 + 0.5 * r / 65535.0);
}

static double seconds_since(int64_t us)
{
	return (double)(clock_mono_us() - us) / 1e6;
}

/* ---- the breaker ---- */

/* Nobody waits any longer: what is under way is late now rather than when its
 * own time is up. */
static void breaker_open(struct conn *c)
{
	struct err err = c->why;

	if (c->open)
		return;
	c->open = true;
	c->probe_wait = BACKOFF_FIRST;
	if (c->o.quiet)
		log_debug("store", "%s, doing without it", err.text);
	else
		log_warn("store: %s, doing without it", err.text);
	batches_end(c, &c->waiting, STORE_UNREACHABLE, &err);
	batches_late(c, &err);
	if (c->state == CONN_UP && !c->dead)
		set_timer(&c->probe, jitter(c->probe_wait));
}

/* The server has proved that it is there. */
static void breaker_close(struct conn *c)
{
	if (c->open && !c->o.quiet)
		log_info("store: %s is back", c->name);
	/* One more failure opens it again, until something was answered. */
	if (c->open)
		c->failures = CONN_FAILURES - 1;
	c->open = false;
	c->why.text[0] = '\0';
}

void conn_failed(struct conn *c, const struct err *err)
{
	if (c->dead)
		return;
	c->why = *err;
	if (++c->failures >= CONN_FAILURES)
		breaker_open(c);
}

void conn_answered(struct conn *c, const struct batch *b)
{
	if (!b->done || b->ours)
		return;
	c->failures = 0;
	c->answered = true;
}

/* ---- breaking ---- */

void conn_shut(struct conn *c)
{
	c->generation++;
	c->state = CONN_DOWN;
	dial_cancel(&c->dial);
	if (c->bev)
		bufferevent_free(c->bev);
	c->bev = NULL;
	resp_reader_free(&c->reader);
	event_del(&c->timer);
	event_del(&c->watch);
	event_del(&c->probe);
	c->probing = false;
	memset(c->known, 0, c->nscripts);
}

static double next_delay(struct conn *c)
{
	double delay = BACKOFF_FIRST;

	if (c->attempt++ == 0)
		return 0;
	for (unsigned i = 2; i < c->attempt && delay < BACKOFF_MAX; i++)
		delay *= 2;
	return jitter(delay < BACKOFF_MAX ? delay : BACKOFF_MAX);
}

void conn_break(struct conn *c, bool failure, const struct err *err)
{
	struct err named;
	bool was_good = c->state == CONN_UP &&
		(c->answered || seconds_since(c->up_since) > UP_FOR_GOOD);

	if (c->dead)
		return;
	err_set(&named, "%s: %s", c->name, err->text);
	conn_shut(c);
	if (was_good || !failure)
		c->attempt = 0;
	c->answered = false;
	c->why = named;
	set_timer(&c->timer, next_delay(c));
	batches_end(c, &c->sent, STORE_LOST, &named);
	if (failure)
		conn_failed(c, &named);
}

void conn_renew(struct conn *c)
{
	struct err err;

	conn_hold(c);
	err_set(&err, "connected anew");
	if (c->state != CONN_DOWN)
		conn_break(c, false, &err);
	conn_unhold(c);
}

/* ---- watching ---- */

/* Something is owed from now on. */
void conn_watch(struct conn *c)
{
	if (!event_pending(&c->watch, EV_TIMEOUT, NULL))
		set_timer(&c->watch, c->o.answer_timeout);
}

static void on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	int64_t since = c->heard > c->owed_since ? c->heard : c->owed_since;
	double idle = seconds_since(since);
	struct err err;

	(void)fd;
	(void)what;
	if (TAILQ_EMPTY(&c->sent))
		return;
	if (c->state != CONN_UP) {
		/* Logging in has its own time-out. */
		set_timer(&c->watch, c->o.answer_timeout);
		return;
	}
	conn_hold(c);
	if (idle >= c->o.answer_timeout) {
		err_set(&err, "the server does not answer");
		conn_break(c, true, &err);
	} else {
		set_timer(&c->watch, c->o.answer_timeout - idle + 0.001);
	}
	conn_unhold(c);
}

static double idle_limit(const struct conn *c)
{
	return c->o.channel.n ? IDLE_PROBE_SUBSCRIBER : IDLE_PROBE;
}

static double probe_delay(struct conn *c)
{
	if (!c->open)
		return idle_limit(c);
	c->probe_wait = c->probe_wait * 2 < BACKOFF_MAX ? c->probe_wait * 2
							: BACKOFF_MAX;
	return jitter(c->probe_wait);
}

static void on_probed(void *ctx, enum store_status status,
		      const struct store_reply *replies, size_t n,
		      const struct err *err)
{
	struct conn *c = ctx;

	(void)replies;
	(void)n;
	(void)err;
	c->probing = false;
	if (status == STORE_OK && c->open)
		breaker_close(c);
}

static struct batch *ask_ours(struct conn *c, const struct store_batch *b,
			      store_done *done)
{
	enum store_status status;
	struct err err;
	struct batch *mine = batch_new(c, b->v, b->n, true, &status, &err);

	if (!mine)
		return NULL;
	mine->done = done;
	mine->ctx = c;
	batch_write(mine);
	return mine;
}

static void on_probe(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	struct str ping = STR("PING");
	struct store_command command = { .script = -1,
		.argv = { .v = &ping, .n = 1 } };
	struct store_batch batch = { .v = &command, .n = 1 };
	struct batch *mine = NULL;

	(void)fd;
	(void)what;
	conn_hold(c);
	if (!c->probing &&
	    (c->open || seconds_since(c->heard) > idle_limit(c) / 2))
		mine = ask_ours(c, &batch, on_probed);
	if (mine) {
		c->probing = true;
		batch_timeout(mine, c->o.answer_timeout);
	}
	set_timer(&c->probe, probe_delay(c));
	conn_unhold(c);
}

/* ---- logging in ---- */

static void add_words(struct arena *a, struct store_batch *b,
		      const struct str *words, size_t n)
{
	store_add(a, b, "", STR_NONE);
	b->v[b->n - 1].argv = (struct strs){ .n = 0 };
	for (size_t i = 0; i < n; i++)
		strs_add(a, &b->v[b->n - 1].argv, words[i]);
}

static void compose_greeting(struct conn *c, struct arena *a,
			       struct store_batch *b, enum greeting *kinds)
{
	const struct conn_options *o = &c->o;
	struct str name[] = { STR("CLIENT"), STR("SETNAME"), STR("mekiki") };
	struct str auth[] = { STR("AUTH"), o->user, o->password };
	struct str ping[] = { STR("PING") };
	size_t n = 0;

	if (o->password.n) {
		if (!o->user.n)
			auth[1] = o->password;
		add_words(a, b, auth, o->user.n ? 3 : 2);
		kinds[n++] = GREET_AUTH;
	}
	if (o->db) {
		store_add(a, b, "SELECT", str_printf(a, "%d", o->db));
		kinds[n++] = GREET_SELECT;
	}
	add_words(a, b, name, 3);
	kinds[n++] = GREET_NAME;
	add_words(a, b, ping, 1);
	kinds[n++] = GREET_PING;
	for (size_t i = 0; o->verify && i < o->verify->n; i++) {
		add_words(a, b, o->verify->v[i].argv.v,
			  o->verify->v[i].argv.n);
		kinds[n++] = GREET_VERIFY;
	}
	if (o->channel.n) {
		store_add(a, b, "SUBSCRIBE", o->channel);
		kinds[n++] = GREET_SUBSCRIBE;
	}
}

/* Errors of these commands may be lived with: a name is for people who look
 * at CLIENT LIST, and an ACL may forbid PING. */
static bool is_fatal(enum greeting kind, struct str error)
{
	if (kind == GREET_NAME || kind == GREET_VERIFY)
		return false;
	return kind != GREET_PING || !str_starts(error, STR("NOPERM"));
}

static int judge(struct conn *c, const struct store_reply *replies, size_t n,
		 struct err *err)
{
	struct arena *a = arena_new();
	size_t nverify = c->o.verify ? c->o.verify->n : 0;
	size_t at = n - nverify - (c->o.channel.n > 0);
	struct str why;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++) {
		if (replies[i].kind != REPLY_ERROR ||
		    !is_fatal(c->greeting[i], replies[i].text))
			continue;
		why = store_explain(a, replies[i].text);
		rc = err_set(err, "%.*s", STR_ARG(why));
	}
	if (rc == 0 && c->o.judge && nverify)
		rc = c->o.judge(c->o.ctx, replies + at, nverify, err);
	arena_free(&a);
	return rc;
}

static void on_greeted(void *ctx, enum store_status status,
		       const struct store_reply *replies, size_t n,
		       const struct err *err)
{
	struct conn *c = ctx;
	struct err why = *err;

	/* Else it is broken already. */
	if (status != STORE_OK || c->dead)
		return;
	if (judge(c, replies, n, &why) < 0) {
		if (!c->dead)
			conn_break(c, true, &why);
		return;
	}
	if (c->dead)
		return;
	event_del(&c->timer);
	c->state = CONN_UP;
	c->up_since = clock_mono_us();
	breaker_close(c);
	set_timer(&c->probe, probe_delay(c));
	batches_flush(c);
}

static void greet(struct conn *c)
{
	struct arena *a = arena_new();
	struct store_batch b = { .n = 0 };
	size_t n = 5 + (c->o.verify ? c->o.verify->n : 0);
	struct err err;

	xfree(c->greeting);
	c->greeting = xcalloc(n, sizeof(*c->greeting));
	compose_greeting(c, a, &b, c->greeting);
	c->state = CONN_GREETING;
	if (!ask_ours(c, &b, on_greeted)) {
		err_set(&err, "the log-in is too large");
		conn_break(c, true, &err);
	}
	arena_free(&a);
}

/* ---- connecting ---- */

static void on_read(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;

	(void)bev;
	conn_hold(c);
	batches_read(c);
	conn_unhold(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct conn *c = arg;
	int code = EVUTIL_SOCKET_ERROR();
	struct err err;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		return;
	conn_hold(c);
	if ((what & BEV_EVENT_ERROR) && code && code != EAGAIN)
		err_set(&err, "the connection broke: %s",
			evutil_socket_error_to_string(code));
	else
		err_set(&err, "the server closed the connection");
	conn_break(c, true, &err);
	conn_unhold(c);
}

static void on_dialed(void *ctx, struct bufferevent *bev,
		      const struct err *err)
{
	struct conn *c = ctx;

	conn_hold(c);
	c->dial = NULL;
	if (!bev) {
		conn_break(c, true, err);
	} else {
		c->bev = bev;
		c->reader = resp_reader_new();
		c->heard = clock_mono_us();
		bufferevent_setcb(bev, on_read, NULL, on_event, c);
		bufferevent_enable(bev, EV_READ | EV_WRITE);
		greet(c);
	}
	conn_unhold(c);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	struct err err;

	(void)fd;
	(void)what;
	conn_hold(c);
	if (c->state == CONN_DOWN) {
		c->state = CONN_DIALING;
		c->dial = dial_start(c->base, &c->target, on_dialed, c);
		set_timer(&c->timer, c->o.connect_timeout);
	} else {
		err_set(&err, c->state != CONN_DIALING ?
			"connected, but not logged in within %g s" :
			c->o.tls ? "no TLS connection within %g s (is the "
				   "port one for TLS?)" :
			"no connection within %g s", c->o.connect_timeout);
		conn_break(c, true, &err);
	}
	conn_unhold(c);
}

void conn_begin(struct conn *c)
{
	evtimer_assign(&c->timer, c->base, on_timer, c);
	evtimer_assign(&c->watch, c->base, on_watch, c);
	evtimer_assign(&c->probe, c->base, on_probe, c);
	set_timer(&c->timer, next_delay(c));
}
