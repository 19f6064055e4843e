/*
 * Windows of octet sets; see window.h. The window of a pattern is found by
 * following its tree: which octets can stand at each distance from a point
 * that every match passes through.
 */
#include "match/window.h"

#include <math.h>

#include "base/arena.h"

/* All lengths from 0 to WINDOW ("or more"), as bits. */
#define LENGTHS ((1u << (WINDOW + 1)) - 1)
#define LONG (1u << WINDOW)

/* The beginning of what a part matches: the octets at each distance, and
 * which lengths it can have. */
struct start {
	struct octet_set at[WINDOW];
	unsigned lengths;
};

static const struct start nothing = { .lengths = 1 };

static void unite(struct octet_set *s, const struct octet_set *with)
{
	for (size_t i = 0; i < 4; i++)
		s->w[i] |= with->w[i];
}

static struct start anything(void)
{
	struct start s = { .lengths = LENGTHS };

	memset(s.at, 0xff, sizeof(s.at));
	return s;
}

/* a, then b. */
static struct start then(const struct start *a, const struct start *b)
{
	struct start s = { .lengths = a->lengths & LONG };

	memcpy(s.at, a->at, sizeof(s.at));
	for (unsigned n = 0; n < WINDOW; n++) {
		if (!(a->lengths >> n & 1))
			continue;
		for (unsigned i = 0; n + i < WINDOW; i++)
			unite(&s.at[n + i], &b->at[i]);
		s.lengths |= b->lengths << n;
	}
	if (s.lengths & ~LENGTHS)
		s.lengths |= LONG;
	s.lengths &= LENGTHS;
	return s;
}

static struct start start_of(const struct tree *t);

static struct start repeat_start(const struct tree *t)
{
	struct start child = start_of(t->child[0]), power = nothing;
	struct start s = { .lengths = 0 };

	/* More copies than octets in the window change nothing. */
	for (long i = 0; i <= WINDOW; i++) {
		long n = t->max == TREE_NO_MAX || t->max > WINDOW ? WINDOW
								  : t->max;

		if (i > n)
			break;
		if (i >= t->min || i == n) {
			for (size_t k = 0; k < WINDOW; k++)
				unite(&s.at[k], &power.at[k]);
			s.lengths |= power.lengths;
		}
		power = then(&power, &child);
	}
	if (t->max == TREE_NO_MAX || t->max > WINDOW)
		s.lengths |= LONG;
	return s;
}

static struct start start_of(const struct tree *t)
{
	struct start s = nothing;

	switch (t->kind) {
	case TREE_EMPTY:
		break;
	case TREE_SET:
		s.at[0] = t->set;
		s.lengths = 2;
		break;
	case TREE_SEQUENCE:
		for (size_t i = 0; i < t->n && s.lengths != LONG; i++) {
			struct start next = start_of(t->child[i]);

			s = then(&s, &next);
		}
		break;
	case TREE_ALTERNATIVES:
		s.lengths = 0;
		for (size_t i = 0; i < t->n; i++) {
			struct start one = start_of(t->child[i]);

			for (size_t k = 0; k < WINDOW; k++)
				unite(&s.at[k], &one.at[k]);
			s.lengths |= one.lengths;
		}
		break;
	case TREE_REPEAT:
		return repeat_start(t);
	case TREE_ANY:
		return anything();
	}
	return s;
}

/* Behind the shortest match anything may follow. */
static struct window window_from(const struct start *s)
{
	struct window w;

	memcpy(w.at, s->at, sizeof(w.at));
	for (unsigned n = 0; n < WINDOW; n++)
		if (s->lengths & ((2u << n) - 1))
			memset(&w.at[n], 0xff, sizeof(w.at[n]));
	return w;
}

/* How often an octet occurs in mail text, in 1/1000: enough to tell a rare
 * set from a common one. */
static double frequency(int c)
{
	static const char letters[] = "etaoinsrhldcumfpgwybvkxjqz";
	static const double share[] = { 85, 65, 58, 55, 52, 52, 48, 47, 35, 30,
					28, 24, 22, 20, 17, 17, 15, 14, 14, 10,
					8,  6,	2,  2,	1,  1 };
	const char *at;

	if (c == ' ')
		return 160;
	at = c ? strchr(letters, latin1_fold(c)) : NULL;
	if (at && is_alpha(c))
		return is_lower(c) ? share[at - letters]
				   : share[at - letters] / 12;
	return c >= 0x80 ? 0.3 : c == '.' || c == ',' || c == '\n' ? 10 : 3;
}

/* The logarithm of the chance that a place in a text fits. */
static double chance(const struct window *w)
{
	double sum = 0;

	for (size_t i = 0; i < WINDOW; i++) {
		double p = 0;

		for (int c = 0; c < 256; c++)
			if (octet_set_has(&w->at[i], c))
				p += frequency(c);
		sum += log(p < 1000 ? p / 1000 + 1e-6 : 1);
	}
	return sum;
}

/* Above this most paragraphs would have one. */
#define WORTH_IT log(3e-3)

/* The best window that begins at one of the parts of a sequence. */
static struct window best_of_sequence(struct arena *a, const struct tree *t,
				      double *chance_r)
{
	struct start *starts = arena_alloc(a, t->n * sizeof(*starts));
	struct window best;

	memset(&best, 0xff, sizeof(best));
	*chance_r = 0;
	for (size_t i = 0; i < t->n; i++)
		starts[i] = start_of(t->child[i]);
	for (size_t i = 0; i < t->n; i++) {
		struct start s = nothing;
		struct window w;
		double p;

		for (size_t k = i; k < t->n && s.lengths != LONG; k++)
			s = then(&s, &starts[k]);
		w = window_from(&s);
		p = chance(&w);
		if (p < *chance_r) {
			*chance_r = p;
			best = w;
		}
	}
	return best;
}

static struct window best_window(struct arena *a, const struct tree *t,
				 double *chance_r)
{
	struct window all = { .at = { { { 0 } } } };

	if (t->kind == TREE_SEQUENCE)
		return best_of_sequence(a, t, chance_r);
	if (t->kind != TREE_ALTERNATIVES) {
		struct start s = start_of(t);

		all = window_from(&s);
		*chance_r = chance(&all);
		return all;
	}
	for (size_t i = 0; i < t->n; i++) {
		struct window one = best_window(a, t->child[i], chance_r);

		for (size_t k = 0; k < WINDOW; k++)
			unite(&all.at[k], &one.at[k]);
	}
	*chance_r = chance(&all);
	return all;
}

const struct window *window_of(struct arena *a, const struct tree *t)
{
	struct arena *scratch = arena_new();
	double p = 0;
	struct window best = best_window(scratch, t, &p), *w;

	arena_free(&scratch);
	if (p > WORTH_IT)
		return NULL;
	w = arena_alloc(a, sizeof(*w));
	*w = best;
	return w;
}

/* One word a lane and octet; 256 stands for "the text has ended". */
typedef uint64_t lanes __attribute__((vector_size(8 * WINDOW_LANES)));

struct window_set {
	int n;
	lanes at[WINDOW][257];
};

struct window_set *window_set_new(struct arena *a)
{
	/* The arena aligns to 16 octets, vectors want more. */
	char *p = arena_alloc(a, sizeof(struct window_set) + sizeof(lanes));
	size_t over = (uintptr_t)p % sizeof(lanes);

	return (void *)(over ? p + sizeof(lanes) - over : p);
}

static bool is_full(const struct octet_set *s)
{
	return (s->w[0] & s->w[1] & s->w[2] & s->w[3]) == ~(uint64_t)0;
}

int window_set_add(struct window_set *s, const struct window *w)
{
	if (s->n == WINDOW_PATTERNS)
		return -1;
	for (size_t i = 0; i < WINDOW; i++)
		for (int c = 0; c <= 256; c++)
			if (c < 256 ? octet_set_has(&w->at[i], c)
				    : is_full(&w->at[i]))
				s->at[i][c][s->n / 64] |= (uint64_t)1
							  << (s->n % 64);
	return s->n++;
}

void window_set_look(const struct window_set *s, struct str text,
		     struct window_seen *seen)
{
	const unsigned char *t = (const unsigned char *)text.p;
	lanes found = { 0 };
	size_t i = 0;

	for (; i + WINDOW <= text.n; i++)
		found |= s->at[0][t[i]] & s->at[1][t[i + 1]] &
			 s->at[2][t[i + 2]] & s->at[3][t[i + 3]] &
			 s->at[4][t[i + 4]] & s->at[5][t[i + 5]] &
			 s->at[6][t[i + 6]] & s->at[7][t[i + 7]];
	for (; i < text.n; i++) {
		lanes here = s->at[0][t[i]];

		for (size_t k = 1; k < WINDOW; k++)
			here &= s->at[k][i + k < text.n ? t[i + k] : 256];
		found |= here;
	}
	for (size_t k = 0; k < WINDOW_LANES; k++)
		seen->bits[k] |= found[k];
}
