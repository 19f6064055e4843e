/*
 * Ordered records in memory: a skip list. It has the order and the neighbours
 * that the embedded store needs, and no rebalancing. Nothing is undone on
 * abort, because nothing can fail between begin and commit: whether there is
 * room is asked at the beginning.
 *
 * Heights are random under a seed of the process's own, so that whoever
 * chooses keys cannot choose the list's form.
 */
#include "redis/kv.h"

#include "base/map.h"
#include "base/mem.h"
#include "redis/store.h"

/* With one node in four going up, enough for 4^12 records. */
#define HEIGHT_MAX 12
#define SIZE_DEFAULT ((size_t)1 << 30)
/* Set aside for those who remove. */
#define RESERVE ((size_t)1 << 20)

struct node {
	char *value;
	uint32_t nkey, nvalue;
	uint32_t room;		/* of value */
	uint32_t height;
	struct node *prev;	/* the head before the first one */
	struct node *next[];	/* height of them, and then the key */
};

struct kv_memory {
	struct kv kv;
	struct node *head;
	struct node *at;	/* where the last step ended; NULL: nowhere */
	uint64_t random;
	size_t used, size;
};

static struct kv_memory *of(struct kv *kv)
{
	return (struct kv_memory *)kv;
}

static struct str key_of(const struct node *n)
{
	return str_make((const char *)(n->next + n->height), n->nkey);
}

static struct str value_of(const struct node *n)
{
	return str_make(n->value, n->nvalue);
}

static struct node *node_new(struct str key, unsigned height)
{
	struct node *n = xcalloc(1, sizeof(*n) +
				 height * sizeof(*n->next) + key.n);

	n->height = height;
	n->nkey = (uint32_t)key.n;
	if (key.n)
		memcpy(n->next + height, key.p, key.n);
	return n;
}

static size_t cost_of(const struct node *n)
{
	return sizeof(*n) + n->height * sizeof(*n->next) + n->nkey + n->room;
}

static void node_free(struct node *n)
{
	xfree(n->value);
	xfree(n);
}

static unsigned random_height(struct kv_memory *m)
{
	unsigned height = 1;
	uint64_t bits;

	/* xorshift64 */
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	for (bits = m->random; height < HEIGHT_MAX && (bits & 3) == 0;
	     bits >>= 2)
		height++;
	return height;
}

/* The last node before key; before_r, if there is one, gets it for each
 * level. */
static struct node *find_before(struct kv_memory *m, struct str key,
				struct node **before_r)
{
	struct node *n = m->head;
	const struct node *known = NULL;	/* not before key */

	for (int level = HEIGHT_MAX - 1; level >= 0; level--) {
		while (n->next[level] && n->next[level] != known &&
		       str_cmp(key_of(n->next[level]), key) < 0)
			n = n->next[level];
		known = n->next[level];
		if (before_r)
			before_r[level] = n;
	}
	return n;
}

static bool has_key(const struct node *n, struct str key)
{
	return n && str_eq(key_of(n), key);
}

static bool memory_get(struct kv *kv, struct str key, struct str *value_r)
{
	struct node *n = find_before(of(kv), key, NULL)->next[0];

	if (!has_key(n, key))
		return false;
	*value_r = value_of(n);
	return true;
}

static struct node *step_to(struct kv_memory *m, enum kv_step how,
			    struct str key)
{
	struct node *n;

	if (how == KV_AFTER && has_key(m->at, key))
		return m->at->next[0];
	if (how == KV_BEFORE && has_key(m->at, key))
		n = m->at->prev;
	else
		n = find_before(m, key, NULL);
	if (how == KV_BEFORE)
		return n == m->head ? NULL : n;
	n = n->next[0];
	return how == KV_AFTER && has_key(n, key) ? n->next[0] : n;
}

static bool memory_step(struct kv *kv, enum kv_step how, struct str key,
			struct str *key_r, struct str *value_r)
{
	struct node *n = step_to(of(kv), how, key);

	of(kv)->at = n;
	if (!n)
		return false;
	*key_r = key_of(n);
	*value_r = value_of(n);
	return true;
}

static void set_value(struct kv_memory *m, struct node *n, struct str value)
{
	char *old = n->value;

	m->used -= cost_of(n);
	/* The new value may lie in the old one. */
	if (value.n > n->room || !n->value) {
		n->value = xmalloc(value.n);
		n->room = (uint32_t)value.n;
	}
	if (value.n)
		memmove(n->value, value.p, value.n);
	if (n->value != old)
		xfree(old);
	n->nvalue = (uint32_t)value.n;
	m->used += cost_of(n);
}

static void memory_put(struct kv *kv, struct str key, struct str value)
{
	struct kv_memory *m = of(kv);
	struct node *before[HEIGHT_MAX], *n;

	must(key.n <= KV_KEY_MAX && value.n < UINT32_MAX);
	n = find_before(m, key, before)->next[0];
	if (!has_key(n, key)) {
		n = node_new(key, random_height(m));
		m->used += cost_of(n);
		for (unsigned i = 0; i < n->height; i++) {
			n->next[i] = before[i]->next[i];
			before[i]->next[i] = n;
		}
		n->prev = before[0];
		if (n->next[0])
			n->next[0]->prev = n;
	}
	set_value(m, n, value);
}

static void memory_del(struct kv *kv, struct str key)
{
	struct kv_memory *m = of(kv);
	struct node *before[HEIGHT_MAX], *n;

	n = find_before(m, key, before)->next[0];
	if (!has_key(n, key))
		return;
	for (unsigned i = 0; i < n->height; i++)
		before[i]->next[i] = n->next[i];
	if (n->next[0])
		n->next[0]->prev = n->prev;
	if (m->at == n)
		m->at = NULL;
	m->used -= cost_of(n);
	node_free(n);
}

static int memory_begin(struct kv *kv, enum kv_mode mode)
{
	struct kv_memory *m = of(kv);

	kv->failed = false;
	if (mode == KV_WRITE && m->used + RESERVE > m->size) {
		kv->failed = true;
		return err_set(&kv->err, "the store in memory is full "
			       "(%zu octets)", m->size);
	}
	return 0;
}

static int memory_commit(struct kv *kv)
{
	(void)kv;
	return 0;
}

static void memory_abort(struct kv *kv)
{
	(void)kv;
}

static void memory_stat(struct kv *kv, struct kv_stat *stat_r)
{
	stat_r->used = of(kv)->used;
	stat_r->size = of(kv)->size;
}

static void memory_close(struct kv *kv)
{
	struct kv_memory *m = of(kv);

	for (struct node *n = m->head, *next; n; n = next) {
		next = n->next[0];
		node_free(n);
	}
	xfree(m);
}

static const struct kv_ops memory_ops = {
	.name = "memory",
	.close = memory_close,
	.begin = memory_begin,
	.commit = memory_commit,
	.abort = memory_abort,
	.get = memory_get,
	.step = memory_step,
	.put = memory_put,
	.del = memory_del,
	.stat = memory_stat,
};

struct kv *kv_memory_open(const struct store_options *o)
{
	struct kv_memory *m = xcalloc(1, sizeof(*m));

	m->kv.ops = &memory_ops;
	m->head = node_new(STR(""), HEIGHT_MAX);
	m->random = str_hash(STR("skip list")) | 1;
	m->size = o->map_size ? o->map_size : SIZE_DEFAULT;
	return &m->kv;
}
