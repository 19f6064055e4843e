/*
 * Redis Cluster as the store's home: a map of slots to nodes, a connection to
 * each master, and relay.c between them. Any node that is known may be asked
 * for the map: first the seeds of the store line, later the masters that
 * answer, in turn. It is asked for again whenever something hints that it has
 * become wrong (MOVED, a node that does not answer), as long as a master is
 * not reachable, and every half minute anyway; never twice in a moment.
 * Between two maps MOVED corrects single slots.
 *
 * Replicas are not read: what is learned must be seen by the next message.
 *
 * With TLS a node's certificate must be for the address that the cluster
 * announces (cluster-announce-hostname and cluster-preferred-endpoint-type
 * hostname, where certificates have names).
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

#define NODES_MAX 1024		/* masters and seeds */
#define HINTED_MAX 64		/* nodes that only MOVED or ASK named */
#define MAP_GAP 50000		/* microseconds between two questions */
#define MAP_TROUBLE 200000	/* ... while something is wrong */
#define MAP_CALM 30000000	/* ... while nothing is */
#define MAP_TIMEOUT 0.5		/* seconds; then the next node is asked */

struct node {
	struct cluster *cluster;
	struct arena *arena;	/* of the host's text */
	struct store_host host;
	struct conn *conn;	/* NULL: nobody needed it yet */
	unsigned slots;		/* that it serves */
	unsigned first;		/* ... the first of them, for a scan */
	bool seed, hinted;
};

struct cluster {
	struct store store;
	struct event_base *base;
	struct arena *arena;	/* of the options */
	struct conn_options options;
	struct tls_client *tls;
	struct relay *relay;
	struct node **nodes;
	size_t n, hinted;
	struct node *map[SLOTS];
	bool known;		/* there has been a map */
	struct node *asked;	/* for the map, now */
	size_t turn;		/* who is asked next */
	size_t fruitless;	/* questions without a map, in a row */
	struct err why;		/* of the last one */
	struct event *timer;	/* of the next question */
	int64_t asked_at, due;
};

/* ---- nodes ---- */

static void want_map(struct cluster *c, int64_t us);

static void on_change(void *ctx, bool up)
{
	struct node *node = ctx;

	if (!up)
		want_map(node->cluster, MAP_GAP);
}

static void node_connect(struct node *node)
{
	struct conn_options o = node->cluster->options;
	struct err err;

	if (node->conn)
		return;
	o.host = node->host.host;
	o.port = node->host.port;
	o.tls = node->cluster->tls;
	o.changed = on_change;
	o.ctx = node;
	node->conn = conn_open(node->cluster->base, &o, &err);
	must(node->conn);	/* only a socket's path can be wrong */
}

static struct node *node_add(struct cluster *c, struct store_host host)
{
	struct node *node;

	if (c->n >= NODES_MAX)
		return NULL;
	node = xcalloc(1, sizeof(*node));
	node->cluster = c;
	node->arena = arena_new();
	node->host.host = str_dup(node->arena, host.host);
	node->host.port = host.port;
	c->nodes = xreallocarray(c->nodes, c->n + 1, sizeof(struct node *));
	c->nodes[c->n++] = node;
	return node;
}

static void node_free(struct node *node)
{
	conn_free(&node->conn);
	arena_free(&node->arena);
	xfree(node);
}

static struct node *node_find(struct cluster *c, struct store_host host)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->nodes[i]->host.port == host.port &&
		    str_ieq(c->nodes[i]->host.host, host.host))
			return c->nodes[i];
	return NULL;
}

static struct node *node_of(struct cluster *c, const struct conn *conn)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->nodes[i]->conn == conn)
			return c->nodes[i];
	return NULL;
}

static void map_slot(struct cluster *c, unsigned slot, struct node *node)
{
	if (c->map[slot])
		c->map[slot]->slots--;
	c->map[slot] = node;
	node->slots++;
}

/* Closes what serves nothing and is not in use, and forgets it unless it is a
 * seed. */
static void sweep(struct cluster *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct node *node = c->nodes[i];
		bool idle = !node->slots && node != c->asked &&
			!(node->conn && relay_uses(c->relay, node->conn));

		if (idle && !node->seed) {
			c->hinted -= node->hinted;
			node_free(node);
			continue;
		}
		if (idle)
			conn_free(&node->conn);
		c->nodes[kept++] = node;
	}
	c->n = kept;
}

/* ---- the map ---- */

static bool all_up(const struct cluster *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->nodes[i]->slots && !(c->nodes[i]->conn &&
					    conn_is_up(c->nodes[i]->conn)))
			return false;
	return c->known;
}

/* Arms the timer for the next question, unless it comes earlier anyway. */
static void want_map(struct cluster *c, int64_t us)
{
	int64_t now = clock_mono_us();
	int64_t due = now + us;

	if (due < c->asked_at + MAP_GAP)
		due = c->asked_at + MAP_GAP;
	if (c->due && c->due <= due)
		return;
	c->due = due;
	/* Not while one is under way: its answer arms it. */
	if (!c->asked)
		event_add(c->timer, &(struct timeval){
			(due - now) / 1000000, (due - now) % 1000000 });
}

static void map_adopt(struct cluster *c, const struct slot_ranges *ranges)
{
	for (size_t i = 0; i < c->n; i++)
		c->nodes[i]->slots = 0;
	memset(c->map, 0, sizeof(c->map));
	for (size_t i = 0; i < ranges->n; i++) {
		const struct slot_range *range = &ranges->v[i];
		struct node *node = node_find(c, range->master);

		if (!node)
			node = node_add(c, range->master);
		for (unsigned s = range->first; node && s <= range->last; s++)
			map_slot(c, s, node);
	}
	for (size_t i = 0; i < c->n; i++) {
		if (!c->nodes[i]->slots)
			continue;
		node_connect(c->nodes[i]);
		c->hinted -= c->nodes[i]->hinted;
		c->nodes[i]->hinted = false;
	}
	if (!c->known)
		log_info("store: a cluster of %zu nodes is known", c->n);
	c->known = true;
	c->fruitless = 0;
	sweep(c);
}

static void map_failed(struct cluster *c, const struct err *why)
{
	c->why = *why;
	if (++c->fruitless == c->n)
		log_warn("store: no node of the cluster tells who serves "
			 "what: %s", why->text);
}

static void map_done(void *ctx, enum store_status status,
		     const struct store_reply *replies, size_t n,
		     const struct err *err)
{
	struct cluster *c = ctx;
	struct node *node = c->asked;
	struct arena *a = arena_new();
	struct slot_ranges ranges = { 0 };
	bool hint = c->due != 0;	/* came meanwhile */
	struct err why;

	c->asked = NULL;
	c->due = 0;
	if (!c->timer) {
		/* The store is being closed. */
	} else if (status != STORE_OK || n != 1) {
		map_failed(c, err);
	} else if (slots_read(a, replies, node->host, &ranges, &why)) {
		map_failed(c, &why);
	} else if (!ranges.n) {
		err_set(&why, "%s knows no node that serves anything",
			conn_name(node->conn));
		map_failed(c, &why);
	} else {
		map_adopt(c, &ranges);
	}
	arena_free(&a);
	if (!c->timer)
		return;
	relay_wake(c->relay);
	want_map(c, hint ? MAP_GAP : all_up(c) ? MAP_CALM : MAP_TROUBLE);
}

/* Masters that answer come first; else all in turn. */
static struct node *whom_to_ask(struct cluster *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct node *node = c->nodes[(c->turn + i) % c->n];

		if (node->slots && node->conn && conn_is_up(node->conn)) {
			c->turn += i + 1;
			return node;
		}
	}
	return c->nodes[c->turn++ % c->n];
}

static void ask_map(evutil_socket_t fd, short what, void *ctx)
{
	struct str words[] = { STR("CLUSTER"), STR("SLOTS") };
	struct store_command command = { .script = -1,
		.argv = { .v = words, .n = 2, .cap = 2 } };
	struct cluster *c = ctx;

	(void)fd;
	(void)what;
	c->asked_at = clock_mono_us();
	c->due = 0;
	c->asked = whom_to_ask(c);
	node_connect(c->asked);
	conn_send(c->asked->conn, &command, 1, MAP_TIMEOUT, map_done, c);
}

/* ---- what the relay asks ---- */

static struct node *any_node(struct cluster *c)
{
	struct node *found = NULL;

	for (size_t i = 0; i < c->n; i++) {
		struct node *node = c->nodes[i];

		if (!node->slots)
			continue;
		if (node->conn && conn_is_up(node->conn))
			return node;
		found = node;
	}
	return found;
}

static struct conn *where(void *ctx, int slot, bool *wait_r, struct err *err)
{
	struct cluster *c = ctx;
	struct node *node = slot == SLOT_ANY ? any_node(c) : c->map[slot];

	if (node) {
		node_connect(node);
		return node->conn;
	}
	/* As long as there is a node that was not asked in vain. */
	*wait_r = c->fruitless < c->n;
	if (c->known && slot != SLOT_ANY)
		err_set(err, "no node of the cluster serves slot %d", slot);
	else
		err_set(err, "no node of the cluster tells who serves what%s%s",
			c->why.text[0] ? ": " : " yet", c->why.text);
	if (c->known)
		want_map(c, MAP_TROUBLE);
	return NULL;
}

static struct node *hinted_node(struct cluster *c, struct store_host host)
{
	struct node *node = node_find(c, host);

	if (!node && c->hinted < HINTED_MAX) {
		node = node_add(c, host);
		if (node) {
			node->hinted = true;
			c->hinted++;
		}
	}
	if (node)
		node_connect(node);
	return node;
}

static enum relay_fate judge(void *ctx, const struct conn *from,
			     struct str error, struct conn **there_r)
{
	struct cluster *c = ctx;
	struct node *asked = node_of(c, from), *node;
	struct slot_redirect to;

	if (asked && slots_redirect(error, asked->host, &to)) {
		if (!to.ask)
			want_map(c, MAP_GAP);
		node = hinted_node(c, to.host);
		if (!node)
			return RELAY_REPLY;
		if (to.ask) {
			*there_r = node->conn;
			return RELAY_ASK;
		}
		map_slot(c, to.slot, node);
		return RELAY_MOVED;
	}
	if (!relay_passing(error))
		return RELAY_REPLY;
	if (!str_starts(error, STR("TRYAGAIN")))
		want_map(c, MAP_GAP);
	return RELAY_AGAIN;
}

static void failed(void *ctx, const struct conn *conn)
{
	(void)conn;
	want_map(ctx, MAP_GAP);
}

static const struct relay_ops relay_ops = {
	.slot = slot_of_command,
	.where = where,
	.judge = judge,
	.failed = failed,
};

/* ---- the store ---- */

static void cluster_close(struct store *s)
{
	struct cluster *c = (struct cluster *)s;

	relay_free(&c->relay);
	if (c->timer)
		event_free(c->timer);
	c->timer = NULL;
	for (size_t i = 0; i < c->n; i++)
		node_free(c->nodes[i]);
	xfree(c->nodes);
	tls_client_free(&c->tls);
	arena_free(&c->arena);
	xfree(c);
}

static struct store *cluster_open(const struct store_options *o,
				  struct event_base *base, struct err *err)
{
	struct cluster *c = xcalloc(1, sizeof(*c));

	c->store.ops = &store_cluster_ops;
	c->base = base;
	c->arena = arena_new();
	conn_options_read(o, &c->options);
	if (c->options.user.p)
		c->options.user = str_dup(c->arena, c->options.user);
	if (c->options.password.p)
		c->options.password = str_dup(c->arena, c->options.password);
	if (o->url.tls) {
		c->tls = tls_client_new(o->url.ca_file, err);
		if (!c->tls) {
			cluster_close(&c->store);
			return NULL;
		}
	}
	c->relay = relay_new(base, &relay_ops, c, o->answer_timeout);
	c->timer = evtimer_new(base, ask_map, c);
	must(c->timer);
	for (size_t i = 0; i < o->url.nhosts; i++)
		if (!node_find(c, o->url.hosts[i]))
			node_add(c, o->url.hosts[i])->seed = true;
	c->turn = (size_t)clock_mono_us();
	want_map(c, 0);
	return &c->store;
}

static void cluster_send(struct store *s, const struct store_batch *b,
			 double timeout, store_done *done, void *ctx)
{
	struct cluster *c = (struct cluster *)s;

	relay_send(c->relay, b, SLOT_ANY, timeout, done, ctx);
}

static bool cluster_is_up(const struct store *s)
{
	return all_up((const struct cluster *)s);
}

/* ---- scan ---- */

/* A cursor is "SLOT:CURSOR": that of the node whose first slot is SLOT. So it
 * stays good when a replica takes over. */
struct scan {
	struct cluster *cluster;
	unsigned slot;
	store_done *done;
	void *ctx;
};

/* The first slot, from `slot` on, that is the first one of a node; SLOTS:
 * there is none. */
static unsigned next_node(const struct cluster *c, unsigned slot)
{
	unsigned next = SLOTS;

	for (unsigned s = SLOTS; s-- > 0;)
		if (c->map[s])
			c->map[s]->first = s;
	for (size_t i = 0; i < c->n; i++)
		if (c->nodes[i]->slots && c->nodes[i]->first >= slot &&
		    c->nodes[i]->first < next)
			next = c->nodes[i]->first;
	return next;
}

/* The node's cursor as ours. */
static struct str our_cursor(struct arena *a, const struct scan *scan,
			     struct str cursor)
{
	unsigned slot = scan->slot;

	if (str_eq(cursor, STR("0")))
		slot = next_node(scan->cluster, slot + 1);
	return slot == SLOTS ? STR("") :
		str_printf(a, "%u:%.*s", slot, STR_ARG(cursor));
}

static void scan_done(void *ctx, enum store_status status,
		      const struct store_reply *replies, size_t n,
		      const struct err *err)
{
	struct scan *scan = ctx;
	struct store_reply r, items[2] = { { .kind = REPLY_TEXT } };
	struct arena *a = arena_new();

	if (status == STORE_OK && n == 1) {
		r = replies[0];
		if (r.kind == REPLY_LIST && r.n == 2) {
			items[0].text = our_cursor(a, scan, r.items[0].text);
			items[1] = r.items[1];
			r.items = items;
		}
		replies = &r;
	}
	scan->done(scan->ctx, status, replies, n, err);
	arena_free(&a);
	xfree(scan);
}

static void cluster_scan(struct store *s, struct str prefix, struct str cursor,
			 store_done *done, void *ctx)
{
	struct cluster *c = (struct cluster *)s;
	struct scan *scan = xcalloc(1, sizeof(*scan));
	struct arena *a = arena_new();
	struct store_batch b = { 0 };
	struct str slot;
	long at = next_node(c, 0);

	*scan = (struct scan){ c, 0, done, ctx };
	/* A cursor that is none of ours begins anew. */
	if (cursor.n && str_next(&cursor, ':', &slot) && cursor.n &&
	    (!str_to_long(slot, &at) || at < 0 || at >= SLOTS)) {
		at = next_node(c, 0);
		cursor = STR("0");
	}
	scan->slot = at < SLOTS ? (unsigned)at : 0;
	scan_add(a, &b, prefix, cursor);
	relay_send(c->relay, &b, (int)scan->slot, 0, scan_done, scan);
	arena_free(&a);
}

const struct store_ops store_cluster_ops = {
	.name = "cluster",
	.open = cluster_open,
	.close = cluster_close,
	.send = cluster_send,
	.is_up = cluster_is_up,
	.scan = cluster_scan,
};
