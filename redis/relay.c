/*
 * Batches on their way; see relay.h. Three things are counted here: trips (a
 * batch in flight), their commands, and parts (the commands of a trip that
 * went to one connection together). Whatever happens only changes states and
 * arms timers; commands are sent from relay_send and from a trip's timer,
 * owners are told from the relay's own event. So no function finds its trip
 * gone when another one returns.
 */
#include "redis/relay.h"

#include <event2/event.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "redis/conn.h"
#include "redis/slots.h"

#define PAUSE_MIN 10000		/* microseconds before "again" */
#define PAUSE_MAX 160000
#define GRACE 20000		/* a connection tells "late" better than we */

enum state { READY, SENT, PAUSED, ANSWERED };

struct item {			/* a command of a trip */
	struct store_command command;
	enum state state;
	int slot;
	unsigned hops;
	struct conn *conn;	/* for the next sending */
	struct conn *ask;	/* ... that ASK named, or NULL */
};

struct part {
	LIST_ENTRY(part) link;	/* of the trip's */
	struct trip *trip;	/* NULL: nobody wants the answers any more */
	struct conn *conn;
	size_t n;
	struct item *items[];
};

struct trip {
	TAILQ_ENTRY(trip) link;
	struct relay *relay;
	struct arena *arena;	/* of copies and replies */
	struct item *items;
	struct store_reply *replies;
	size_t n, left;		/* commands; without a reply */
	size_t octets;
	LIST_HEAD(, part) parts;
	struct event *timer;
	int64_t deadline;
	unsigned pauses;
	bool touched;		/* a server has acted on something */
	bool over;		/* it has a status and waits to be told */
	enum store_status status;
	struct err why;		/* what stood in the way last */
	store_done *done;
	void *ctx;
};

TAILQ_HEAD(trips, trip);

struct relay {
	struct event_base *base;
	const struct relay_ops *ops;
	void *ctx;
	double answer_timeout;
	struct trips going, ended;
	size_t ngoing, octets;
	struct event *teller;
	bool telling, freed;
};

static const struct str passing[] = {
	STR("TRYAGAIN"), STR("CLUSTERDOWN"), STR("LOADING"), STR("READONLY"),
	STR("MASTERDOWN"), STR("BUSY"),
};

bool relay_passing(struct str error)
{
	struct str word;

	if (!str_next_word(&error, &word))
		return false;
	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++)
		if (str_eq(word, passing[i]))
			return true;
	return false;
}

/* ---- the end of a trip ---- */

static void trip_free(struct trip *t)
{
	event_free(t->timer);
	arena_free(&t->arena);
	xfree(t);
}

static void trip_tell(struct trip *t)
{
	bool ok = t->status == STORE_OK;

	t->done(t->ctx, t->status, ok ? t->replies : NULL, ok ? t->n : 0,
		&t->why);
	trip_free(t);
}

static void trip_end(struct trip *t, enum store_status status)
{
	struct relay *r = t->relay;
	struct part *p;

	t->over = true;
	t->status = status;
	while ((p = LIST_FIRST(&t->parts))) {
		LIST_REMOVE(p, link);
		p->trip = NULL;
	}
	event_del(t->timer);
	TAILQ_REMOVE(&r->going, t, link);
	TAILQ_INSERT_TAIL(&r->ended, t, link);
	r->ngoing--;
	r->octets -= t->octets;
	/* Who sends again when he is told must not keep the loop busy. */
	if (r->telling)
		evtimer_add(r->teller, &(struct timeval){ 0 });
	else
		event_active(r->teller, EV_TIMEOUT, 0);
}

/* It cannot succeed: a part was told status. */
static void trip_fail(struct trip *t, enum store_status status)
{
	if (status != STORE_LATE &&
	    (t->touched || !LIST_EMPTY(&t->parts)))
		status = STORE_LOST;
	trip_end(t, status);
}

static void tell(evutil_socket_t fd, short what, void *ctx)
{
	struct relay *r = ctx;
	struct trip *t, *last = TAILQ_LAST(&r->ended, trips);
	bool more = last != NULL;

	(void)fd;
	(void)what;
	r->telling = true;
	while (more && !r->freed) {
		t = TAILQ_FIRST(&r->ended);
		more = t != last;
		TAILQ_REMOVE(&r->ended, t, link);
		trip_tell(t);
	}
	r->telling = false;
	if (r->freed)
		xfree(r);
}

/* ---- what comes back ---- */

static void copy_reply(struct arena *a, const struct store_reply *from,
		       struct store_reply *to)
{
	*to = *from;
	to->text = str_dup(a, from->text);
	if (!from->n)
		return;
	to->items = arena_alloc(a, from->n * sizeof(*to->items));
	for (size_t i = 0; i < from->n; i++)
		copy_reply(a, &from->items[i], &to->items[i]);
}

static void answered(struct trip *t, struct item *it,
		     const struct store_reply *reply)
{
	copy_reply(t->arena, reply, &t->replies[it - t->items]);
	it->state = ANSWERED;
	t->left--;
}

/* Makes it ready again (rearm then); false: it was sent on too often. */
static bool send_on(struct item *it, struct conn *ask)
{
	if (it->hops++ >= RELAY_HOPS)
		return false;
	it->state = READY;
	it->conn = NULL;
	it->ask = ask;
	return true;
}

/* In which time a paused command is tried again: it grows, and differs from
 * one trip to the next. */
static int64_t pause_of(struct trip *t)
{
	int64_t us = PAUSE_MIN << (t->pauses < 4 ? t->pauses : 4);
	uint64_t mix = (uint64_t)clock_mono_us() + (uintptr_t)t;

	if (us > PAUSE_MAX)
		us = PAUSE_MAX;
	mix *= 0x9e3779b97f4a7c15u;
	return us / 2 + (int64_t)((mix >> 33) % (uint64_t)(us / 2));
}

static void arm(struct trip *t, int64_t us)
{
	struct timeval tv = { us / 1000000, us % 1000000 };

	evtimer_add(t->timer, &tv);
}

/* When the timer must look at the trip next: for what is ready or pauses, or
 * for the end. */
static void rearm(struct trip *t)
{
	int64_t left = t->deadline - clock_mono_us();
	int64_t wait = left + GRACE;
	bool ready = false, paused = false;

	for (size_t i = 0; i < t->n; i++) {
		ready |= t->items[i].state == READY;
		paused |= t->items[i].state == PAUSED;
	}
	if (ready)
		wait = 0;
	else if (paused)
		wait = pause_of(t);
	t->pauses += paused && !ready;
	if (wait > left && LIST_EMPTY(&t->parts))
		wait = left;
	arm(t, wait > 0 ? wait : 0);
}

/* One reply. false: the trip has failed. */
static bool take_reply(struct trip *t, struct part *p, struct item *it,
		       const struct store_reply *reply)
{
	struct relay *r = t->relay;
	enum relay_fate fate = RELAY_REPLY;
	struct conn *ask = NULL;

	if (reply->kind == REPLY_ERROR)
		fate = r->ops->judge(r->ctx, p->conn, reply->text, &ask);
	if (fate == RELAY_REPLY) {
		t->touched = true;
		answered(t, it, reply);
		return true;
	}
	err_set(&t->why, "%s answers \"%.*s\"", conn_name(p->conn),
		STR_ARG(str_head(reply->text, 200)));
	if (fate == RELAY_AGAIN) {
		/* Time bounds this; while a slot is half moved, each try
		 * begins with an ASK. */
		it->state = PAUSED;
		it->ask = NULL;
		it->hops = 0;
		return true;
	}
	if (send_on(it, fate == RELAY_ASK ? ask : NULL))
		return true;
	err_set(&t->why, "a command was sent on from node to node more than "
		"%d times, at last because %s answers \"%.*s\"", RELAY_HOPS,
		conn_name(p->conn), STR_ARG(str_head(reply->text, 200)));
	return false;
}

static void part_answered(struct trip *t, struct part *p,
			  const struct store_reply *replies, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < p->n; i++) {
		at += p->items[i]->ask != NULL;	/* the reply to ASKING */
		must(at < n);
		if (!take_reply(t, p, p->items[i], &replies[at++])) {
			trip_fail(t, STORE_UNREACHABLE);
			return;
		}
	}
	if (!t->left)
		trip_end(t, STORE_OK);
	else
		rearm(t);
}

/* Nothing of a part was sent. If the home knows another way by now, that one
 * is taken. */
static bool another_way(struct trip *t, struct part *p)
{
	struct relay *r = t->relay;
	struct err err;
	bool wait;

	for (size_t i = 0; i < p->n; i++) {
		struct item *it = p->items[i];
		struct conn *conn = r->ops->where(r->ctx, it->slot, &wait,
						  &err);

		if ((conn ? conn == p->conn : !wait) || !send_on(it, NULL))
			return false;
	}
	return true;
}

static void part_done(void *ctx, enum store_status status,
		      const struct store_reply *replies, size_t n,
		      const struct err *err)
{
	struct part *p = ctx;
	struct trip *t = p->trip;

	if (t) {
		LIST_REMOVE(p, link);
		if (status == STORE_OK) {
			part_answered(t, p, replies, n);
		} else {
			t->relay->ops->failed(t->relay->ctx, p->conn);
			t->why = *err;
			if (status == STORE_UNREACHABLE && another_way(t, p))
				rearm(t);
			else
				trip_fail(t, status);
		}
	}
	xfree(p);
}

/* ---- what goes out ---- */

/* The commands that are ready for the connection of the first one, n of them
 * with their ASKINGs. */
static struct part *gather(struct trip *t, struct item *first,
			   struct store_command *out, size_t *n_r)
{
	static struct str word = STR("ASKING");
	struct part *p = xmalloc(sizeof(*p) + t->n * sizeof(*p->items));

	p->trip = t;
	p->conn = first->conn;
	p->n = 0;
	*n_r = 0;
	for (struct item *it = first; it < t->items + t->n; it++) {
		if (it->state != READY || it->conn != p->conn)
			continue;
		if (it->ask) {
			out[(*n_r)++] = (struct store_command){
				.script = -1, .argv = { &word, 1, 1 } };
		}
		out[(*n_r)++] = it->command;
		it->state = SENT;
		p->items[p->n++] = it;
	}
	LIST_INSERT_HEAD(&t->parts, p, link);
	return p;
}

/* Finds each ready command its connection. false: the trip has failed. */
static bool find_ways(struct trip *t)
{
	struct relay *r = t->relay;

	for (struct item *it = t->items; it < t->items + t->n; it++) {
		bool wait = false;

		if (it->state != READY)
			continue;
		it->conn = it->ask ? it->ask :
			r->ops->where(r->ctx, it->slot, &wait, &t->why);
		if (it->conn)
			continue;
		if (!wait) {
			trip_fail(t, STORE_UNREACHABLE);
			return false;
		}
		it->state = PAUSED;
	}
	return true;
}

/* Sends what is ready. A connection may refuse at once, which may end the
 * trip; it is still there then, until the event loop tells its owner. */
static void dispatch(struct trip *t)
{
	double left = (double)(t->deadline - clock_mono_us()) / 1e6;
	struct store_command *out;

	if (!find_ways(t))
		return;
	out = xcalloc(2 * t->n, sizeof(*out));
	for (struct item *it = t->items; it < t->items + t->n; it++) {
		struct part *p;
		size_t n;

		/* Without a connection: refused just now, for the timer. */
		if (t->over || it->state != READY || !it->conn)
			continue;
		p = gather(t, it, out, &n);
		conn_send(p->conn, out, n, left > 1e-3 ? left : 1e-3,
			  part_done, p);
	}
	xfree(out);
	if (!t->over)
		rearm(t);
}

/* What pauses is ready. false: nothing does. */
static bool resume(struct trip *t)
{
	bool any = false;

	for (size_t i = 0; i < t->n; i++) {
		if (t->items[i].state != PAUSED)
			continue;
		t->items[i].state = READY;
		any = true;
	}
	return any;
}

/* Something of the trip is due: the end, or what paused or was sent on. */
static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct trip *t = ctx;

	(void)fd;
	(void)what;
	if (clock_mono_us() >= t->deadline) {
		bool open = t->touched || !LIST_EMPTY(&t->parts);

		if (!t->why.text[0])
			err_set(&t->why, "no answer in time");
		trip_end(t, open ? STORE_LATE : STORE_UNREACHABLE);
		return;
	}
	resume(t);
	dispatch(t);
}

/* ---- the beginning of a trip ---- */

static void add_items(struct trip *t, const struct store_batch *b, int slot)
{
	static const struct store_reply cross = { .kind = REPLY_ERROR,
		.text = STR("CROSSSLOT the keys of this command lie in "
			    "several hash slots") };
	int (*slot_of)(const struct store_command *c) = t->relay->ops->slot;

	t->n = t->left = b->n;
	t->items = arena_alloc(t->arena, (b->n + 1) * sizeof(*t->items));
	t->replies = arena_alloc(t->arena, (b->n + 1) * sizeof(*t->replies));
	for (size_t i = 0; i < b->n; i++) {
		struct item *it = &t->items[i];

		store_copy_command(t->arena, &b->v[i], &it->command);
		it->state = READY;
		it->slot = slot == SLOT_ANY && slot_of ? slot_of(&b->v[i]) :
			slot;
		if (it->slot == SLOT_CROSS)
			answered(t, it, &cross);
	}
}

void relay_send(struct relay *r, const struct store_batch *b, int slot,
		double timeout, store_done *done, void *ctx)
{
	size_t octets = store_octets(b);
	struct trip *t;

	if (r->freed || r->ngoing >= STORE_QUEUE_MAX ||
	    (r->ngoing && octets > RELAY_OCTETS_MAX - r->octets)) {
		struct err err = { "too much is waiting for answers" };

		done(ctx, STORE_BUSY, NULL, 0, &err);
		return;
	}
	if (timeout <= 0 || timeout > r->answer_timeout)
		timeout = r->answer_timeout;
	t = xcalloc(1, sizeof(*t));
	t->relay = r;
	t->arena = arena_new();
	t->done = done;
	t->ctx = ctx;
	t->octets = octets;
	t->deadline = clock_mono_us() + (int64_t)(timeout * 1e6);
	t->timer = evtimer_new(r->base, on_timer, t);
	must(t->timer);
	LIST_INIT(&t->parts);
	TAILQ_INSERT_TAIL(&r->going, t, link);
	r->ngoing++;
	r->octets += octets;
	add_items(t, b, slot);
	if (t->left)
		dispatch(t);
	else
		trip_end(t, STORE_OK);
}

void relay_wake(struct relay *r)
{
	struct trip *t;

	TAILQ_FOREACH(t, &r->going, link)
		if (resume(t))
			arm(t, 0);
}

bool relay_uses(const struct relay *r, const struct conn *conn)
{
	const struct trip *t;
	const struct part *p;

	TAILQ_FOREACH(t, &r->going, link) {
		LIST_FOREACH(p, &t->parts, link)
			if (p->conn == conn)
				return true;
		for (size_t i = 0; i < t->n; i++)
			if (t->items[i].state == READY &&
			    t->items[i].ask == conn)
				return true;
	}
	return false;
}

/* ---- the relay ---- */

struct relay *relay_new(struct event_base *base, const struct relay_ops *ops,
			void *ctx, double answer_timeout)
{
	struct relay *r = xcalloc(1, sizeof(*r));

	r->base = base;
	r->ops = ops;
	r->ctx = ctx;
	r->answer_timeout = answer_timeout;
	TAILQ_INIT(&r->going);
	TAILQ_INIT(&r->ended);
	r->teller = event_new(base, -1, 0, tell, r);
	must(r->teller);
	return r;
}

void relay_free(struct relay **relay)
{
	struct relay *r = *relay;
	struct trip *t;

	if (!r)
		return;
	r->freed = true;
	while ((t = TAILQ_FIRST(&r->going))) {
		err_set(&t->why, "the store is being closed");
		trip_end(t, STORE_LOST);
	}
	event_free(r->teller);
	while ((t = TAILQ_FIRST(&r->ended))) {
		TAILQ_REMOVE(&r->ended, t, link);
		trip_tell(t);
	}
	*relay = NULL;
	if (!r->telling)
		xfree(r);
}
