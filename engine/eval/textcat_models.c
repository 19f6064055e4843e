/*
 * Models of languages, and the comparison; see textcat.h.
 *
 * An n-gram is at most five octets, so with its length it is a number of 43 bits
 * that sorts as its octets do. All models are one table from n-gram to the models
 * that have it, with its rank in each: what a text has 400 of is looked up 400
 * times, however many languages there are. A text's n-grams are counted word by
 * word, each different word once, since most of a text is the same words again;
 * of the counts only the largest are kept, in a heap.
 */
#include "eval/textcat.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"

#define NGRAM_MAX 5
#define KEY_BITS 43		/* 5 octets and the length */
#define KEY_MASK (((uint64_t)1 << KEY_BITS) - 1)

/* One n-gram's place among those of a model; the first has rank 1. */
struct place {
	uint32_t model;
	uint32_t rank;
};

/* All places of an n-gram: n places from `at` on. */
struct ngram {
	uint64_t key;		/* 0: the slot is free */
	uint32_t at, n;
};

struct model {
	struct str family;	/* "zh" of "zh.big5": what settings name */
	size_t result;		/* which result it counts for */
};

struct textcat_models {
	struct model *v;
	size_t n;
	struct strs results;	/* names as they are told */
	struct place *places;
	struct ngram *slots;
	unsigned bits;		/* 2^bits slots */
	uint64_t seed;
};

/* Mail chooses the keys, so where they go is known to this process alone. */
static size_t slot_of(uint64_t key, uint64_t seed, unsigned bits)
{
	return (size_t)((key * seed) >> (64 - bits));
}

static uint64_t seed_new(void)
{
	return str_hash(STR("n-grams")) | 1;
}

static unsigned bits_for(size_t n)
{
	unsigned bits = 4;

	while (((size_t)1 << bits) < 2 * n)
		bits++;
	return bits;
}

/* The n-gram of n octets that starts the 8 octets at p. */
static uint64_t key_at(const char *p, unsigned n)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	v = __builtin_bswap64(v) >> (64 - 8 * n);
	return (v << (8 * (NGRAM_MAX - n) + 3)) | n;
}

/* ---- loading ---- */

struct line {
	uint64_t key;
	struct place place;
};

static int by_key(const void *x, const void *y)
{
	const struct line *a = x, *b = y;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->place.model != b->place.model)
		return a->place.model < b->place.model ? -1 : 1;
	return a->place.rank < b->place.rank ? -1 :
	       a->place.rank > b->place.rank;
}

/* "de.utf8" and "de" are one language in two charsets and told as one; in
 * "zh.utf-8" the charset is part of the name. */
static void add_model(struct arena *a, struct textcat_models *m,
		      struct str name, size_t *cap)
{
	ssize_t dot = str_chr(name, '.');
	struct model one = { .family = str_dup(a, name) };
	struct str told;

	if (dot >= 0)
		one.family.n = (size_t)dot;
	told = str_find(name, STR(".utf8")) > 0 ? one.family : str_dup(a, name);
	while (one.result < m->results.n &&
	       !str_eq(m->results.v[one.result], told))
		one.result++;
	if (one.result == m->results.n)
		strs_add(a, &m->results, told);
	m->v = arena_grow(a, m->v, m->n, cap, sizeof(*m->v));
	m->v[m->n++] = one;
}

static uint64_t key_of_line(struct str line)
{
	char octets[8] = { 0 };

	if (line.n == 0 || line.n > NGRAM_MAX)
		return 0;
	memcpy(octets, line.p, line.n);
	return key_at(octets, (unsigned)line.n);
}

/* All lines that belong to a model, in *lines_r. */
static size_t read_lines(struct arena *a, struct textcat_models *m,
			 struct str text, struct line **lines_r)
{
	struct line *lines = NULL;
	size_t n = 0, kept = 0, cap = 0, models_cap = 0;
	uint32_t rank = 1;
	struct str line;

	while (str_next(&text, '\n', &line)) {
		struct line one = { key_of_line(line),
				    { (uint32_t)m->n, rank++ } };

		if (line.n > 2 && line.p[0] == '0' && line.p[1] == ' ') {
			add_model(a, m, str_from(line, 2), &models_cap);
			rank = 1;
			kept = n;
			continue;
		}
		if (!one.key)
			continue;
		lines = arena_grow(a, lines, n, &cap, sizeof(*lines));
		lines[n++] = one;
	}
	*lines_r = lines;
	return kept;
}

static struct ngram *find(struct ngram *slots, uint64_t seed, unsigned bits,
			  uint64_t key)
{
	size_t i = slot_of(key, seed, bits);

	while (slots[i].key && slots[i].key != key)
		i = (i + 1) & (((size_t)1 << bits) - 1);
	return &slots[i];
}

struct textcat_models *textcat_models_new(struct arena *a, struct str text)
{
	struct textcat_models *m = arena_alloc(a, sizeof(*m));
	struct line *lines;
	size_t n = read_lines(a, m, text, &lines);
	uint32_t nplaces = 0;

	if (!m->n)
		return NULL;
	if (n)
		qsort(lines, n, sizeof(*lines), by_key);
	m->seed = seed_new();
	m->bits = bits_for(n);
	m->slots = arena_alloc(a, sizeof(*m->slots) << m->bits);
	m->places = arena_alloc(a, (n + 1) * sizeof(*m->places));
	for (size_t i = 0; i < n; i++) {
		struct ngram *g = find(m->slots, m->seed, m->bits,
				       lines[i].key);

		if (!g->key)
			*g = (struct ngram){ lines[i].key, nplaces, 0 };
		/* A line that a model has twice counts at its last place. */
		if (g->n && m->places[nplaces - 1].model ==
			    lines[i].place.model) {
			m->places[nplaces - 1] = lines[i].place;
			continue;
		}
		g->n++;
		m->places[nplaces++] = lines[i].place;
	}
	return m;
}

/* ---- counting a text's n-grams ---- */

/* Letters and apostrophes; everything else that is ASCII parts words. */
static bool in_word(unsigned char c)
{
	return c >= 0x80 || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '\'' || c == 0x7f || c < '\t' || (c > '\r' && c < ' ');
}

static bool is_latin1_upper(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') ||
	       (c >= 0xc0 && c <= 0xde && c != 0xd7);
}

static bool is_latin1_letter(unsigned char c)
{
	return is_latin1_upper(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 0xe0 && c <= 0xfe && c != 0xf7);
}

/* A word with a capital and four letters in a row becomes small, as if it were
 * Latin-1. */
static void make_small(char *p, size_t n)
{
	bool capital = false, letters = false;
	unsigned run = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		capital |= c >= 'A' && c <= 'Z';
		run = is_latin1_letter(c) ? run + 1 : 0;
		letters |= run >= 4;
	}
	for (size_t i = 0; i < n && capital && letters; i++)
		if (is_latin1_upper((unsigned char)p[i]))
			p[i] = (char)((unsigned char)p[i] | 0x20);
}

struct word {
	const char *p;		/* the NUL before it */
	uint32_t n;		/* with the NULs before and behind */
	uint32_t times;
};

/* The different words of the text that starts at buf, which has room for 8
 * octets behind its n. Whatever stands between words becomes NUL. */
static size_t split_words(struct arena *a, char *buf, size_t n,
			  struct word *words)
{
	unsigned bits = bits_for(n / 2 + 1);
	uint32_t *slots = arena_alloc(a, sizeof(*slots) << bits);
	size_t nwords = 0, mask = ((size_t)1 << bits) - 1;

	for (size_t i = 0; i < n; i++) {
		size_t start = i, slot;
		struct str w;

		while (i < n && in_word((unsigned char)buf[i]))
			i++;
		buf[i] = '\0';
		if (i == start)
			continue;
		make_small(buf + start, i - start);
		w = str_make(buf + start - 1, i - start + 2);
		slot = (size_t)str_hash(w) & mask;
		while (slots[slot] &&
		       !str_eq(w, str_make(words[slots[slot] - 1].p,
					   words[slots[slot] - 1].n)))
			slot = (slot + 1) & mask;
		if (!slots[slot]) {
			words[nwords++] = (struct word){ w.p, (uint32_t)w.n, 0 };
			slots[slot] = (uint32_t)nwords;
		}
		words[slots[slot] - 1].times++;
	}
	return nwords;
}

/* Counts of n-grams. A slot is a key and, above it, its count, which has 16
 * bits: no n-gram comes oftener than a text has octets. 0: it is free. */
struct counts {
	uint64_t *slots;
	unsigned bits;
	uint64_t seed;
};

static void count(struct counts *c, uint64_t key, uint64_t times)
{
	size_t i = slot_of(key, c->seed, c->bits);

	while (c->slots[i] && (c->slots[i] & KEY_MASK) != key)
		i = (i + 1) & (((size_t)1 << c->bits) - 1);
	c->slots[i] = (c->slots[i] | key) + (times << KEY_BITS);
}

static void count_word(struct counts *c, const struct word *w)
{
	for (size_t i = 0; i < w->n; i++) {
		size_t left = w->n - i;
		unsigned most = left < NGRAM_MAX ? (unsigned)left : NGRAM_MAX;

		for (unsigned k = 1; k <= most; k++)
			count(c, key_at(w->p + i, k), w->times);
	}
}

/* ---- the most frequent ones ---- */

/* The frequent before the rare, of equals in the order of octets: the smaller
 * this number is. */
static uint64_t order_of(uint64_t slot)
{
	return (((uint64_t)0xffff << KEY_BITS) - (slot & ~KEY_MASK)) |
	       (slot & KEY_MASK);
}

/* A heap whose worst is on top. */
static void sift_down(uint64_t *heap, size_t n, size_t i)
{
	uint64_t v = heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= n)
			break;
		if (child + 1 < n && heap[child + 1] > heap[child])
			child++;
		if (heap[child] <= v)
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = v;
}

static void heap_add(uint64_t *heap, size_t *n, size_t max, uint64_t v)
{
	size_t i = *n;

	if (*n == max) {
		if (v >= heap[0])
			return;
		heap[0] = v;
		sift_down(heap, *n, 0);
		return;
	}
	for (; i > 0 && heap[(i - 1) / 2] < v; i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = v;
	++*n;
}

static void heap_sort(uint64_t *heap, size_t n)
{
	for (size_t left = n; left > 1; left--) {
		uint64_t worst = heap[0];

		heap[0] = heap[left - 1];
		sift_down(heap, left - 1, 0);
		heap[left - 1] = worst;
	}
}

/* How many of n are kept; a negative limit drops so many of the last. */
static size_t how_many(double max, size_t n)
{
	if (max >= (double)n)
		return n;
	if (max >= 0)
		return (size_t)max;
	return -max >= (double)n ? 0 : n - (size_t)-max;
}

/* The text's n-grams, the most frequent one first: their keys, *n_r of them. */
static uint64_t *most_frequent(struct arena *a, const struct counts *c,
			       const struct textcat_how *how, size_t *n_r)
{
	size_t nslots = (size_t)1 << c->bits, n = 0, kept = 0, max;
	uint64_t *keys;

	for (size_t i = 0; i < nslots; i++) {
		uint64_t *slot = &c->slots[i];

		if (how->optimal_ngrams > 0 &&
		    (double)(*slot >> KEY_BITS) <= how->optimal_ngrams)
			*slot = 0;
		n += *slot != 0;
	}
	max = how_many(how->max_ngrams, n);
	keys = arena_alloc(a, (max + 1) * sizeof(*keys));
	for (size_t i = 0; i < nslots && max; i++)
		if (c->slots[i])
			heap_add(keys, &kept, max, order_of(c->slots[i]));
	heap_sort(keys, kept);
	for (size_t i = 0; i < kept; i++)
		keys[i] &= KEY_MASK;
	*n_r = kept;
	return keys;
}

static uint64_t *ngrams_of(struct arena *a, struct str text, uint64_t seed,
			   const struct textcat_how *how, size_t *n_r)
{
	struct counts c = { .seed = seed };
	struct word *words;
	size_t nwords, n = 0;
	char *buf;

	if (text.n > TEXTCAT_TEXT_MAX)
		text.n = TEXTCAT_TEXT_MAX;
	/* A NUL before, one behind, and what key_at() reads beyond. */
	buf = arena_alloc(a, text.n + 16);
	memcpy(buf + 1, text.p, text.n);
	words = arena_alloc(a, (text.n / 2 + 1) * sizeof(*words));
	nwords = split_words(a, buf + 1, text.n, words);
	for (size_t i = 0; i < nwords; i++)
		n += words[i].n * NGRAM_MAX;
	c.bits = bits_for(n * 3 / 4);
	c.slots = arena_alloc(a, sizeof(*c.slots) << c.bits);
	for (size_t i = 0; i < nwords; i++)
		count_word(&c, &words[i]);
	return most_frequent(a, &c, how, n_r);
}

/* ---- comparing ---- */

static int by_distance(const void *x, const void *y)
{
	const struct textcat_result *const *a = x, *const *b = y;

	if ((*a)->distance != (*b)->distance)
		return (*a)->distance < (*b)->distance ? -1 : 1;
	return *a < *b ? -1 : *a > *b;
}

/* The results that have a distance, sorted; those without are of languages that
 * were not tried. */
static struct textcat_result *in_order(struct arena *a,
				       struct textcat_result *all, size_t n,
				       size_t *n_r)
{
	struct textcat_result **order, *out;
	size_t kept = 0;

	order = arena_alloc(a, (n + 1) * sizeof(*order));
	for (size_t i = 0; i < n; i++)
		if (all[i].language.p)
			order[kept++] = &all[i];
	qsort(order, kept, sizeof(*order), by_distance);
	out = arena_alloc(a, (kept + 1) * sizeof(*out));
	for (size_t i = 0; i < kept; i++)
		out[i] = *order[i];
	*n_r = kept;
	return out;
}

struct textcat_result *textcat_compare(struct arena *a,
				       const struct textcat_models *m,
				       struct str text,
				       const struct textcat_how *how,
				       size_t *n_r)
{
	size_t n;
	uint64_t *keys = ngrams_of(a, text, m->seed, how, &n);
	uint64_t *sum = arena_alloc(a, m->n * sizeof(*sum));
	size_t *found = arena_alloc(a, m->n * sizeof(*found));
	struct textcat_result *all =
		arena_alloc(a, (m->results.n + 1) * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		const struct ngram *g = find(m->slots, m->seed, m->bits,
					     keys[i]);

		for (uint32_t k = g->at; k < g->at + g->n; k++) {
			struct place p = m->places[k];

			sum[p.model] += p.rank > i ? p.rank - i : i - p.rank;
			found[p.model]++;
		}
	}
	for (size_t i = 0; i < m->n; i++) {
		struct textcat_result *r = &all[m->v[i].result];
		double d = (double)sum[i] +
			   (double)(n - found[i]) * how->max_ngrams;

		if (strs_has(how->skip, m->v[i].family) ||
		    (r->language.p && r->distance <= d))
			continue;
		r->language = m->results.v[m->v[i].result];
		r->distance = d;
	}
	return in_order(a, all, m->results.n, n_r);
}
