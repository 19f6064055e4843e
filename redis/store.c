/*
 * What all homes of the store share; see store.h. Batches are composed here,
 * and answers read; what happens between is the home's.
 */
#include "redis/store.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

unsigned store_script_named(const char *name)
{
	unsigned i = 0;

	while (store_scripts[i].name &&
	       strcmp(store_scripts[i].name, name) != 0)
		i++;
	must(store_scripts[i].name);
	return i;
}

/* ---- composing ---- */

void store_append(struct arena *a, struct store_batch *b,
		  const struct store_command *c)
{
	b->v = arena_grow(a, b->v, b->n, &b->cap, sizeof(*b->v));
	b->v[b->n++] = *c;
}

static struct store_command *add_command(struct arena *a,
					 struct store_batch *b)
{
	store_append(a, b, &(struct store_command){ .script = -1 });
	return &b->v[b->n - 1];
}

void store_copy_command(struct arena *a, const struct store_command *from,
			struct store_command *to)
{
	size_t n = from->argv.n;
	struct str *argv = arena_alloc(a, (n + 1) * sizeof(*argv));

	for (size_t i = 0; i < n; i++)
		argv[i] = str_dup(a, from->argv.v[i]);
	*to = *from;
	to->argv = (struct strs){ argv, n, n + 1 };
}

void store_copy_batch(struct arena *a, const struct store_batch *from,
		      struct store_batch *to)
{
	to->n = to->cap = from->n;
	to->v = arena_alloc(a, (from->n + 1) * sizeof(*to->v));
	for (size_t i = 0; i < from->n; i++)
		store_copy_command(a, &from->v[i], &to->v[i]);
}

size_t store_octets(const struct store_batch *b)
{
	size_t octets = 0;

	for (size_t i = 0; i < b->n; i++)
		for (size_t k = 0; k < b->v[i].argv.n; k++)
			octets += b->v[i].argv.v[k].n + 16;
	return octets;
}

void store_add(struct arena *a, struct store_batch *b, const char *command,
	       struct str key)
{
	struct store_command *c = add_command(a, b);

	strs_add(a, &c->argv, str_cstr(command));
	strs_add(a, &c->argv, key);
}

void store_add_script(struct arena *a, struct store_batch *b,
		      const char *script)
{
	add_command(a, b)->script = (int)store_script_named(script);
}

void store_add_key(struct arena *a, struct store_batch *b, struct str key)
{
	struct store_command *c = &b->v[b->n - 1];

	must(c->script >= 0 && c->nkeys == c->argv.n);
	strs_add(a, &c->argv, key);
	c->nkeys++;
}

void store_add_arg(struct arena *a, struct store_batch *b, struct str arg)
{
	strs_add(a, &b->v[b->n - 1].argv, arg);
}

void store_add_int(struct arena *a, struct store_batch *b, int64_t v)
{
	store_add_arg(a, b, str_printf(a, "%lld", (long long)v));
}

void store_add_number(struct arena *a, struct store_batch *b, double v)
{
	char text[64];

	/* 15 digits are enough for most, 17 for all. */
	snprintf(text, sizeof(text), "%.15g", v);
	if (strtod(text, NULL) != v)
		snprintf(text, sizeof(text), "%.17g", v);
	store_add_arg(a, b, str_dup(a, str_cstr(text)));
}

/* ---- reading ---- */

double store_reply_number(const struct store_reply *r, double otherwise)
{
	double v;

	if (!r)
		return otherwise;
	if (r->kind == REPLY_INT)
		return (double)r->number;
	if ((r->kind == REPLY_TEXT || r->kind == REPLY_STATUS) &&
	    str_to_double(r->text, &v))
		return v;
	return otherwise;
}

const struct store_reply *store_reply_field(const struct store_reply *pairs,
					    struct str field)
{
	for (size_t i = 0; pairs && pairs->kind == REPLY_LIST &&
	     i + 1 < pairs->n; i += 2)
		if (str_eq(pairs->items[i].text, field))
			return &pairs->items[i + 1];
	return NULL;
}

/* ---- opening ---- */

static const struct store_ops *const homes[] = {
	[STORE_NONE] = &store_none_ops,
	[STORE_LMDB] = &store_lmdb_ops,
	[STORE_MEMORY] = &store_memory_ops,
	[STORE_REDIS] = &store_redis_ops,
	[STORE_REDIS_UNIX] = &store_redis_ops,
	[STORE_SENTINEL] = &store_sentinel_ops,
	[STORE_CLUSTER] = &store_cluster_ops,
};

struct store *store_open(const struct store_options *o,
			 struct event_base *base, struct err *err)
{
	size_t i = o->url.scheme;

	if (i >= sizeof(homes) / sizeof(*homes) || !homes[i]) {
		err_set(err, "there is no such store");
		return NULL;
	}
	return homes[i]->open(o, base, err);
}

void store_close(struct store **s)
{
	struct store *gone = *s;

	/* Batches that are told STORE_LOST now find it closed already. */
	*s = NULL;
	if (gone)
		gone->ops->close(gone);
}

void store_send(struct store *s, const struct store_batch *b, double timeout,
		store_done *done, void *ctx)
{
	s->ops->send(s, b, timeout, done, ctx);
}
