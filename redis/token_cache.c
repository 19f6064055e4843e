/*
 * A table of fixed size; see token_cache.h. A token's entry is in one of four
 * places, chosen by its hash under a key of the process, because mail chooses
 * the tokens; the place whose entry is worth least is taken when all are in
 * use.
 */
#include "redis/token_cache.h"

#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"

#define WAYS 4
#define SETS (1u << 17)
#define TOUCH_SECONDS 3600

/* How many tokens are looked up beside each other. */
#define ABREAST 16

/* A set of them lies in two lines of the processor's cache. */
struct entry {
	uint64_t tag;		/* hash of prefix and token; 0: free */
	uint32_t read_ms;	/* 0: counts are not known */
	uint32_t touched_s;	/* 0: never */
	struct bayes_count count;
};

struct token_cache {
	uint32_t believed_ms;
	struct entry (*sets)[WAYS];
};

struct token_cache *token_cache_new(double seconds)
{
	struct token_cache *c = xcalloc(1, sizeof(*c));

	c->believed_ms = (uint32_t)(seconds * 1e3);
	c->sets = xcalloc(SETS, sizeof(*c->sets));
	return c;
}

void token_cache_free(struct token_cache **c)
{
	if (*c)
		xfree((*c)->sets);
	xfree(*c);
	*c = NULL;
}

/* 64 bits of a keyed hash: two tokens that share them are a risk of one in
 * billions, and cost one wrong count. */
static uint64_t tag_of(struct str prefix, const uint8_t *token)
{
	char text[64];
	size_t n = prefix.n;
	uint64_t tag;

	if (n > sizeof(text) - BAYES_TOKEN) {
		tag = str_hash(prefix);
		memcpy(text, &tag, sizeof(tag));
		n = sizeof(tag);
	} else if (n) {
		memcpy(text, prefix.p, n);
	}
	memcpy(text + n, token, BAYES_TOKEN);
	tag = str_hash(str_make(text, n + BAYES_TOKEN));
	return tag ? tag : 1;
}

static struct entry *find(struct token_cache *c, uint64_t tag)
{
	struct entry *set = c->sets[tag % SETS];

	for (int i = 0; i < WAYS; i++)
		if (set[i].tag == tag)
			return &set[i];
	return NULL;
}

/* What is given up first: nothing, then a token that the database does not
 * know (most of these are met once and never again), then what was read
 * longest ago. */
static bool is_worth_less(const struct entry *a, const struct entry *b)
{
	bool known_a = a->count.spam || a->count.ham;
	bool known_b = b->count.spam || b->count.ham;

	if (!a->tag || !b->tag)
		return !a->tag && b->tag;
	if (known_a != known_b)
		return !known_a;
	return a->read_ms < b->read_ms;
}

/* The token's entry, made in the place of the one that is worth least. */
static struct entry *take(struct token_cache *c, uint64_t tag)
{
	struct entry *set = c->sets[tag % SETS], *e = find(c, tag);

	if (e)
		return e;
	e = set;
	for (int i = 1; i < WAYS; i++)
		if (is_worth_less(&set[i], e))
			e = &set[i];
	*e = (struct entry){ .tag = tag };
	return e;
}

/* Never 0. */
static uint32_t now_ms(void)
{
	return (uint32_t)(clock_mono_us() / 1000) | 1;
}

/* Calls fn for each token's tag, when what it will read is on its way. */
static void each(struct token_cache *c, struct str prefix,
		 const uint8_t *tokens, size_t n,
		 void (*fn)(struct token_cache *c, uint64_t tag, size_t i,
			    void *ctx), void *ctx)
{
	uint64_t tags[ABREAST];

	for (size_t first = 0; first < n; first += ABREAST) {
		size_t few = n - first < ABREAST ? n - first : ABREAST;

		for (size_t i = 0; i < few; i++) {
			const char *set;

			tags[i] = tag_of(prefix, tokens + (first + i) *
					 BAYES_TOKEN);
			set = (const char *)c->sets[tags[i] % SETS];
			__builtin_prefetch(set);
			__builtin_prefetch(set + sizeof(*c->sets) - 1);
		}
		for (size_t i = 0; i < few; i++)
			fn(c, tags[i], first + i, ctx);
	}
}

struct getting {
	uint32_t now;
	struct bayes_count *counts;
	bool *known;
};

static void get_one(struct token_cache *c, uint64_t tag, size_t i, void *ctx)
{
	struct getting *g = ctx;
	const struct entry *e = find(c, tag);

	g->known[i] = e && e->read_ms &&
		      g->now - e->read_ms <= c->believed_ms;
	if (g->known[i])
		g->counts[i] = e->count;
}

void token_cache_get(struct token_cache *c, struct str prefix,
		     const uint8_t *tokens, size_t n,
		     struct bayes_count *counts, bool *known)
{
	struct getting g = { now_ms(), counts, known };

	each(c, prefix, tokens, n, get_one, &g);
}

struct putting {
	uint32_t now;
	const struct bayes_count *counts;
};

static void put_one(struct token_cache *c, uint64_t tag, size_t i, void *ctx)
{
	struct putting *p = ctx;
	struct entry *e = take(c, tag);

	e->read_ms = p->now;
	e->count = p->counts[i];
}

void token_cache_put(struct token_cache *c, struct str prefix,
		     const uint8_t *tokens, size_t n,
		     const struct bayes_count *counts)
{
	struct putting p = { now_ms(), counts };

	each(c, prefix, tokens, n, put_one, &p);
}

static void forget_one(struct token_cache *c, uint64_t tag, size_t i,
		       void *ctx)
{
	struct entry *e = find(c, tag);

	(void)i;
	(void)ctx;
	if (e)
		e->read_ms = 0;
}

void token_cache_forget(struct token_cache *c, struct str prefix,
			const uint8_t *tokens, size_t n)
{
	each(c, prefix, tokens, n, forget_one, NULL);
}

struct touching {
	uint32_t now;
	bool *due;
};

static void touch_one(struct token_cache *c, uint64_t tag, size_t i, void *ctx)
{
	struct touching *t = ctx;
	struct entry *e = take(c, tag);

	t->due[i] = !e->touched_s || t->now - e->touched_s >= TOUCH_SECONDS;
	if (t->due[i])
		e->touched_s = t->now;
}

void token_cache_touch(struct token_cache *c, struct str prefix,
		       const uint8_t *tokens, size_t n, bool *due)
{
	struct touching t = { (uint32_t)(clock_mono_us() / 1000000) + 1, due };

	each(c, prefix, tokens, n, touch_one, &t);
}
