/*
 * Batches and replies as bytes; see memory_wire.h.
 */
#include "redis/memory_wire.h"

#include "base/arena.h"

static const struct packet_form form = {
	.head = sizeof(struct memory_head),
	.max = MEMORY_TEXTS_MAX,
	.fd_type = MEMORY_CLIENT,
};

int memory_packet_send(int sock, struct memory_head *h, struct str texts,
		       int fd)
{
	return packets_send(sock, &form, &h->packet, texts, fd);
}

int memory_packet_recv(int sock, struct memory_head *h_r, struct arena *a,
		       struct str *texts_r, int *fd_r)
{
	return packets_recv(sock, &form, &h_r->packet, a, texts_r, fd_r);
}

/* ---- batches ---- */

static void put_command(struct buf *b, const struct store_command *c)
{
	packets_put(b, c->script < 0 ? STR_NONE
				     : str_cstr(store_scripts[c->script].name));
	packets_put_u32(b, c->nkeys);
	packets_put_u32(b, (uint32_t)c->argv.n);
	for (size_t i = 0; i < c->argv.n; i++)
		packets_put(b, c->argv.v[i].p ? c->argv.v[i] : STR(""));
}

void memory_put_batch(struct buf *b, const struct store_batch *batch)
{
	packets_put_u32(b, (uint32_t)batch->n);
	for (size_t i = 0; i < batch->n; i++)
		put_command(b, &batch->v[i]);
}

/* The number of a script that somebody else named; -1: there is none. */
static int script_number(struct str name)
{
	for (int i = 0; store_scripts[i].name; i++)
		if (str_eq(name, str_cstr(store_scripts[i].name)))
			return i;
	return -1;
}

static bool take_command(struct arena *a, struct str *rest,
			 struct store_command *c)
{
	struct str name;
	uint32_t n, nkeys;

	if (!packets_take(rest, &name) || !packets_take_u32(rest, &nkeys) ||
	    !packets_take_u32(rest, &n) || n > STORE_ARGS_MAX || nkeys > n)
		return false;
	c->script = name.p ? script_number(name) : -1;
	c->nkeys = nkeys;
	if ((name.p && c->script < 0) || (!name.p && n == 0) ||
	    n > rest->n / sizeof(uint32_t))
		return false;
	c->argv.v = arena_alloc(a, n * sizeof(*c->argv.v));
	c->argv.n = c->argv.cap = n;
	for (uint32_t i = 0; i < n; i++)
		if (!packets_take(rest, &c->argv.v[i]) || !c->argv.v[i].p)
			return false;
	return true;
}

bool memory_take_batch(struct arena *a, struct str *rest,
		       struct store_batch *batch_r)
{
	uint32_t n;

	/* A command is three numbers at least. */
	if (!packets_take_u32(rest, &n) || n > rest->n / 12)
		return false;
	batch_r->v = arena_alloc(a, n * sizeof(*batch_r->v));
	batch_r->n = batch_r->cap = n;
	for (uint32_t i = 0; i < n; i++)
		if (!take_command(a, rest, &batch_r->v[i]))
			return false;
	return true;
}

/* ---- replies ---- */

static void put_reply(struct buf *b, const struct store_reply *r)
{
	buf_addc(b, (int)r->kind);
	switch (r->kind) {
	case REPLY_INT:
		buf_add(b, (const char *)&r->number, sizeof(r->number));
		break;
	case REPLY_LIST:
		packets_put_u32(b, (uint32_t)r->n);
		for (size_t i = 0; i < r->n; i++)
			put_reply(b, &r->items[i]);
		break;
	case REPLY_NIL:
		break;
	default:
		packets_put(b, r->text.p ? r->text : STR(""));
	}
}

void memory_put_replies(struct buf *b, const struct store_reply *v, size_t n)
{
	packets_put_u32(b, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		put_reply(b, &v[i]);
}

static bool take_list(struct arena *a, struct str *rest, int depth,
		      struct store_reply **v_r, size_t *n_r);

static bool take_reply(struct arena *a, struct str *rest, int depth,
		       struct store_reply *r)
{
	if (rest->n == 0 || (unsigned char)rest->p[0] > REPLY_LIST)
		return false;
	r->kind = (enum store_reply_kind)rest->p[0];
	*rest = str_from(*rest, 1);
	switch (r->kind) {
	case REPLY_INT:
		if (rest->n < sizeof(r->number))
			return false;
		memcpy(&r->number, rest->p, sizeof(r->number));
		*rest = str_from(*rest, sizeof(r->number));
		return true;
	case REPLY_LIST:
		return take_list(a, rest, depth + 1, &r->items, &r->n);
	case REPLY_NIL:
		return true;
	default:
		return packets_take(rest, &r->text);
	}
}

static bool take_list(struct arena *a, struct str *rest, int depth,
		      struct store_reply **v_r, size_t *n_r)
{
	uint32_t n;

	if (depth > STORE_REPLY_DEPTH + 1 || !packets_take_u32(rest, &n) ||
	    n > rest->n)
		return false;
	*v_r = arena_alloc(a, n * sizeof(**v_r));
	*n_r = n;
	for (uint32_t i = 0; i < n; i++)
		if (!take_reply(a, rest, depth, &(*v_r)[i]))
			return false;
	return true;
}

bool memory_take_replies(struct arena *a, struct str *rest,
			 struct store_reply **v_r, size_t *n_r)
{
	return take_list(a, rest, 0, v_r, n_r);
}
