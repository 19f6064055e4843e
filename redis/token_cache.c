/*
 * A table of fixed size; see token_cache.h. A token's entry is in one of four
 * places, chosen by its hash under a key of the process, because mail chooses
 * the tokens; the place whose entry is oldest is taken when all are in use.
 */
#include "redis/token_cache.h"

#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"

#define WAYS 4
#define SETS (1u << 16)
#define TOUCH_SECONDS 3600

struct entry {
	uint64_t tag;		/* hash of prefix and token; 0: free */
	int64_t read_us;	/* 0: counts are not known */
	int64_t touched_s;	/* 0: never */
	struct bayes_count count;
};

struct token_cache {
	int64_t believed_us;
	struct entry (*sets)[WAYS];
};

struct token_cache *token_cache_new(double seconds)
{
	struct token_cache *c = xcalloc(1, sizeof(*c));

	c->believed_us = (int64_t)(seconds * 1e6);
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

/* The token's entry, made in the place of the one read longest ago. */
static struct entry *take(struct token_cache *c, uint64_t tag)
{
	struct entry *set = c->sets[tag % SETS], *e = find(c, tag);

	if (e)
		return e;
	e = set;
	for (int i = 1; i < WAYS && e->tag; i++)
		if (!set[i].tag || set[i].read_us < e->read_us)
			e = &set[i];
	*e = (struct entry){ .tag = tag };
	return e;
}

bool token_cache_get(struct token_cache *c, struct str prefix,
		     const uint8_t *token, struct bayes_count *out_r)
{
	struct entry *e = find(c, tag_of(prefix, token));

	if (!e || !e->read_us ||
	    clock_mono_us() - e->read_us > c->believed_us)
		return false;
	*out_r = e->count;
	return true;
}

void token_cache_put(struct token_cache *c, struct str prefix,
		     const uint8_t *token, struct bayes_count count)
{
	struct entry *e = take(c, tag_of(prefix, token));

	e->read_us = clock_mono_us();
	e->count = count;
}

void token_cache_forget(struct token_cache *c, struct str prefix,
			const uint8_t *token)
{
	struct entry *e = find(c, tag_of(prefix, token));

	if (e)
		e->read_us = 0;
}

bool token_cache_touch(struct token_cache *c, struct str prefix,
		       const uint8_t *token)
{
	struct entry *e = take(c, tag_of(prefix, token));
	int64_t now = clock_mono_us() / 1000000 + 1;

	if (e->touched_s && now - e->touched_s < TOUCH_SECONDS)
		return false;
	e->touched_s = now;
	return true;
}
