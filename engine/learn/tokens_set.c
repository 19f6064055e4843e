/*
 * What was found, without doubles. Two tables, both with open places: one of
 * words as they stand in the text, which spares most of the work, because
 * most words of a mail occur often; and one of tokens' ids at the end. Both
 * are hashed with a number that nobody outside knows.
 */
#include "learn/tokens_int.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/map.h"
#include "conf/settings.h"

/* Digests made at a time. */
#define BATCH 128

void tokens_init(struct tokenizer *t, struct arena *a,
		 const struct settings *s)
{
	*t = (struct tokenizer){ .a = a, .settings = s };
	t->max_length = settings_number(s, STR("bayes_max_token_length"));
	t->stop = stop_words_of(s);
	t->seed = str_hash(STR("tokens")) | 1;
	t->found_cap = 1024;
	t->found = arena_alloc(a, t->found_cap * sizeof(*t->found));
	t->seen_size = 2048;
	t->seen = arena_alloc(a, t->seen_size * sizeof(*t->seen));
}

static uint64_t mix(uint64_t x, uint64_t y)
{
	__uint128_t product = (__uint128_t)x * y;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load(const char *p, size_t n)
{
	uint64_t x = 0;

	memcpy(&x, p, n);
	return x;
}

/* Eight octets a step. The secret is in each of them, so that nobody can
 * choose words that meet. */
static uint64_t word_hash(const struct tokenizer *t, struct str s,
			  uint32_t place)
{
	const uint64_t key = t->seed ^ 0x9e3779b97f4a7c15;
	/* Mixed before the octets come, or a place and a letter could make up
	 * for each other. */
	uint64_t h = mix(t->seed ^ ((uint64_t)place << 32 | s.n), key);
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8)
		h = mix(h ^ load(s.p + i, 8), key);
	for (uint64_t rest = 0; i < s.n; i++) {
		rest = rest << 8 | (unsigned char)s.p[i];
		if (i + 1 == s.n)
			h = mix(h ^ rest, key);
	}
	h = mix(h, 0x9e3779b97f4a7c15);
	return h ? h : 1;
}

static struct seen_word *seen_place(struct tokenizer *t, uint64_t hash)
{
	for (size_t i = hash;; i++) {
		struct seen_word *w = &t->seen[i & (t->seen_size - 1)];

		if (!w->hash || w->hash == hash)
			return w;
	}
}

static void grow_seen(struct tokenizer *t)
{
	struct seen_word *old = t->seen;
	size_t n = t->seen_size;

	t->seen_size *= 4;
	t->seen = arena_alloc(t->a, t->seen_size * sizeof(*t->seen));
	for (size_t i = 0; i < n; i++)
		if (old[i].hash)
			*seen_place(t, old[i].hash) = old[i];
}

struct seen_word *tokens_seen(struct tokenizer *t, struct str word,
			      uint32_t place, bool *new_r)
{
	uint64_t hash = word_hash(t, word, place);
	struct seen_word *w = seen_place(t, hash);

	*new_r = !w->hash;
	if (w->hash)
		return w;
	if (t->nseen * 2 >= t->seen_size) {
		grow_seen(t);
		w = seen_place(t, hash);
	}
	t->nseen++;
	w->hash = hash;
	return w;
}

/* Its name: the end of its digest. */
static void name_token(const uint8_t digest[DIGEST_SHA1_SIZE],
		       uint8_t id[BAYES_TOKEN])
{
	memcpy(id, digest + DIGEST_SHA1_SIZE - BAYES_TOKEN, BAYES_TOKEN);
}

/* A text too long to be kept for hours of dots is named at once. */
static struct found_token long_token(struct tokenizer *t, struct str prefix,
				     struct str text)
{
	struct found_token f = { .n = TOKEN_TEXT_MAX, .has_id = true };
	uint8_t out[DIGEST_MAX];
	struct digest d;

	digest_begin(&d, DIGEST_SHA1, STR_NONE);
	digest_add(&d, prefix);
	digest_add(&d, text);
	digest_end(&d, out);
	name_token(out, f.id);
	text = str_cat(t->a, str_head(prefix, TOKEN_TEXT_MAX),
		       str_head(text, TOKEN_TEXT_MAX));
	f.p = text.p;
	return f;
}

void tokens_add(struct tokenizer *t, struct str prefix, struct str text)
{
	struct found_token f = { 0 };

	t->given++;
	if (prefix.n + text.n == 0)
		return;
	if (prefix.n + text.n > TOKEN_TEXT_MAX) {
		f = long_token(t, prefix, text);
	} else if (prefix.n == 0) {
		f.p = text.p;
		f.n = (uint32_t)text.n;
	} else {
		char *p = arena_text(t->a, prefix.n + text.n);

		memcpy(p, prefix.p, prefix.n);
		if (text.n)
			memcpy(p + prefix.n, text.p, text.n);
		f.p = p;
		f.n = (uint32_t)(prefix.n + text.n);
	}
	t->found = arena_grow(t->a, t->found, t->nfound, &t->found_cap,
			      sizeof(*t->found));
	t->found[t->nfound++] = f;
}

static void name_all(struct tokenizer *t)
{
	uint8_t out[BATCH][DIGEST_SHA1_SIZE];
	struct str texts[BATCH];

	for (size_t from = 0; from < t->nfound; from += BATCH) {
		struct found_token *f = t->found + from;
		size_t n = t->nfound - from < BATCH ? t->nfound - from : BATCH;

		for (size_t i = 0; i < n; i++)
			texts[i] = str_make(f[i].p, f[i].has_id ? 0 : f[i].n);
		digest_sha1_many(texts, n, out);
		for (size_t i = 0; i < n; i++)
			if (!f[i].has_id)
				name_token(out[i], f[i].id);
	}
}

const struct bayes_tokens *tokens_finish(struct tokenizer *t)
{
	struct bayes_tokens *out = arena_alloc(t->a, sizeof(*out));
	size_t size = 64;
	uint32_t *slots;

	while (size < t->nfound * 2)
		size *= 2;
	slots = arena_alloc(t->a, size * sizeof(*slots));
	out->v = (struct bayes_token *)arena_alloc(t->a, (t->nfound + 1) *
						   sizeof(*out->v));
	name_all(t);
	for (size_t i = 0; i < t->nfound; i++) {
		const struct found_token *f = &t->found[i];
		size_t at = mix(load((const char *)f->id, BAYES_TOKEN) ^
				t->seed, t->seed);
		uint32_t *slot;

		for (;; at++) {
			slot = &slots[at & (size - 1)];
			if (!*slot || memcmp(out->v[*slot - 1].id, f->id,
					     BAYES_TOKEN) == 0)
				break;
		}
		if (*slot)
			continue;
		memcpy(out->v[out->n].id, f->id, BAYES_TOKEN);
		out->v[out->n].text = str_make(f->p, f->n);
		*slot = (uint32_t)++out->n;
	}
	return out;
}
