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

/* The token's entry, made in the place of the one read longest ago. */
static struct entry *take(struct token_cache *c, uint64_t tag)
{
	struct entry *set = c->sets[tag % SETS], *e = find(c, tag);

	if (e)
		return e;
	e = set;
	for (int i = 1; i < WAYS && e->tag; i++)
		if (!set[i].tag || set[i].read_ms < e->read_ms)
			e = &set[i];
	*e = (struct entry){ .tag = tag };
	return e;
}

/* Never 0. */
static uint32_t now_ms(void)
{
	return (uint32_t)(clock_mono_us() / 1000) | 1;
}

static void get_few(struct token_cache *c, struct str prefix,
		    const uint8_t *tokens, size_t n,
		    struct bayes_count *counts, bool *known)
{
	uint32_t now = now_ms();
	uint64_t tags[ABREAST];

	for (size_t i = 0; i < n; i++) {
		const char *set;

		tags[i] = tag_of(prefix, tokens + i * BAYES_TOKEN);
		set = (const char *)c->sets[tags[i] % SETS];
		__builtin_prefetch(set);
		__builtin_prefetch(set + sizeof(*c->sets) - 1);
	}
	for (size_t i = 0; i < n; i++) {
		const struct entry *e = find(c, tags[i]);

		known[i] = e && e->read_ms &&
			   now - e->read_ms <= c->believed_ms;
		if (known[i])
			counts[i] = e->count;
	}
}

void token_cache_get(struct token_cache *c, struct str prefix,
		     const uint8_t *tokens, size_t n,
		     struct bayes_count *counts, bool *known)
{
	for (size_t i = 0; i < n; i += ABREAST)
		get_few(c, prefix, tokens + i * BAYES_TOKEN,
			n - i < ABREAST ? n - i : ABREAST, counts + i,
			known + i);
}

void token_cache_put(struct token_cache *c, struct str prefix,
		     const uint8_t *token, struct bayes_count count)
{
	struct entry *e = take(c, tag_of(prefix, token));

	e->read_ms = now_ms();
	e->count = count;
}

void token_cache_forget(struct token_cache *c, struct str prefix,
			const uint8_t *token)
{
	struct entry *e = find(c, tag_of(prefix, token));

	if (e)
		e->read_ms = 0;
}

bool token_cache_touch(struct token_cache *c, struct str prefix,
		       const uint8_t *token)
{
	struct entry *e = take(c, tag_of(prefix, token));
	uint32_t now = (uint32_t)(clock_mono_us() / 1000000) + 1;

	if (e->touched_s && now - e->touched_s < TOUCH_SECONDS)
		return false;
	e->touched_s = now;
	return true;
}
