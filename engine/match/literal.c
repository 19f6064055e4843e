/*
 * Necessary literals of a pattern; see literal.h. Of each sequence the best
 * clause is kept: a run of neighbours that have few readings ("e-?mail" has
 * two), or a group of which every alternative has a clause.
 */
#include "match/literal.h"

#include "base/arena.h"
#include "match/tree.h"

#define PIECE 3
#define MAX_RUN 40		/* octets of a literal */
#define MAX_READINGS 16		/* of one run */
#define MAX_ALTERNATIVES 400	/* of one clause */
#define MAX_COPIES 4		/* of a repeated part */
#define MAX_TIMES 100		/* that a clause must occur */

struct literals {
	long times;			/* how many must occur */
	uint64_t *first;		/* if > 1: the first pieces, as bits */
	size_t n;
	struct str *text;		/* folded */
	uint16_t **pieces;		/* of text[i]: text[i].n - 2 of them */
};

/* One of these must occur (or `times` of them, in different places); n == 0:
 * nothing is known. */
struct clause {
	struct strs alt;
	size_t shortest;
	long times;
};

/* What is known of one sequence while it is read: all readings of the current
 * run (one empty one at a start), and the best clause so far. */
struct sequence {
	struct strs run;
	struct clause best;
};

static bool better(const struct clause *c, const struct clause *than)
{
	if (c->alt.n == 0 || c->alt.n > MAX_ALTERNATIVES || c->shortest < PIECE)
		return false;
	if (than->alt.n == 0 || c->times != than->times)
		return than->alt.n == 0 || c->times > than->times;
	if (c->shortest != than->shortest)
		return c->shortest > than->shortest;
	return c->alt.n < than->alt.n;
}

static void start_run(struct arena *a, struct sequence *q)
{
	q->run = (struct strs){ 0 };
	strs_add(a, &q->run, STR(""));
}

/* Ends the current run; its readings may be the best clause. */
static void flush(struct arena *a, struct sequence *q)
{
	struct clause c = { .alt = q->run, .shortest = MAX_RUN, .times = 1 };

	for (size_t i = 0; i < c.alt.n; i++)
		if (c.alt.v[i].n < c.shortest)
			c.shortest = c.alt.v[i].n;
	if (better(&c, &q->best))
		q->best = c;
	start_run(a, q);
}

/* Every reading of x followed by every one of y; false if there are too many
 * or too long ones. */
static bool product(struct arena *a, const struct strs *x, const struct strs *y,
		    struct strs *out)
{
	struct strs p = { 0 };

	if (x->n * y->n > MAX_READINGS)
		return false;
	for (size_t i = 0; i < x->n; i++)
		for (size_t k = 0; k < y->n; k++) {
			if (x->v[i].n + y->v[k].n > MAX_RUN)
				return false;
			strs_add(a, &p, str_cat(a, x->v[i], y->v[k]));
		}
	*out = p;
	return true;
}

static bool readings(struct arena *a, const struct tree *t, struct strs *out);

static bool set_readings(struct arena *a, const struct octet_set *set,
			 struct strs *out)
{
	for (int c = 0; c < 256; c++) {
		if (!octet_set_has(set, c) || latin1_fold(c) != c)
			continue;
		if (out->n == MAX_READINGS)
			return false;
		strs_add(a, out, str_printf(a, "%c", c ? c : 1));
		if (!c)	/* "%c" would end the text */
			return false;
	}
	return out->n > 0;
}

static bool repeat_readings(struct arena *a, const struct tree *t,
			    struct strs *out)
{
	struct strs child = { 0 }, power = { 0 };

	if (t->max == TREE_NO_MAX || t->max > MAX_COPIES ||
	    !readings(a, t->child[0], &child))
		return false;
	strs_add(a, &power, STR(""));
	for (long i = 0; i <= t->max; i++) {
		for (size_t k = 0; i >= t->min && k < power.n; k++)
			strs_add(a, out, power.v[k]);
		if (out->n > MAX_READINGS ||
		    (i < t->max && !product(a, &power, &child, &power)))
			return false;
	}
	return true;
}

/* All texts that t can be, if they are few and short. */
static bool readings(struct arena *a, const struct tree *t, struct strs *out)
{
	*out = (struct strs){ 0 };
	switch (t->kind) {
	case TREE_EMPTY:
		strs_add(a, out, STR(""));
		return true;
	case TREE_SET:
		return set_readings(a, &t->set, out);
	case TREE_SEQUENCE:
		strs_add(a, out, STR(""));
		for (size_t i = 0; i < t->n; i++) {
			struct strs next;

			if (!readings(a, t->child[i], &next) ||
			    !product(a, out, &next, out))
				return false;
		}
		return true;
	case TREE_ALTERNATIVES:
		for (size_t i = 0; i < t->n; i++) {
			struct strs next;

			if (!readings(a, t->child[i], &next) ||
			    out->n + next.n > MAX_READINGS)
				return false;
			for (size_t k = 0; k < next.n; k++)
				strs_add(a, out, next.v[k]);
		}
		return true;
	case TREE_REPEAT:
		return repeat_readings(a, t, out);
	case TREE_ANY:
		return false;
	}
	return false;
}

static struct clause clause_of(struct arena *a, const struct tree *t);

/* A part with few readings: they go on the run, or begin a new one. */
static void extend(struct arena *a, struct sequence *q, const struct strs *with)
{
	if (product(a, &q->run, with, &q->run))
		return;
	flush(a, q);
	if (!product(a, &q->run, with, &q->run))
		start_run(a, q);
}

/* A part that comes `copies` times at least. */
static void consider(struct arena *a, struct sequence *q, const struct tree *t,
		     long copies)
{
	struct clause c = clause_of(a, t);

	c.times *= copies;
	if (better(&c, &q->best))
		q->best = c;
}

/* A repeated part: as many copies as there must be follow the run; the last
 * one is followed by what comes next. */
static void add_repeat(struct arena *a, struct sequence *q,
		       const struct tree *t)
{
	struct strs child;
	bool few = t->min > 0 && readings(a, t->child[0], &child);

	for (long i = 0; few && i < t->min && i < MAX_COPIES; i++)
		extend(a, q, &child);
	flush(a, q);
	if (t->min > 0)
		consider(a, q, t->child[0], t->min);
	if (few)
		extend(a, q, &child);
}

static void add_part(struct arena *a, struct sequence *q, const struct tree *t)
{
	struct strs r;

	if (readings(a, t, &r)) {
		extend(a, q, &r);
		/* Many readings may be a clause, but spoil the run. */
		if (t->kind == TREE_ALTERNATIVES)
			consider(a, q, t, 1);
	} else if (t->kind == TREE_REPEAT) {
		add_repeat(a, q, t);
	} else if (t->kind == TREE_SEQUENCE) {
		for (size_t i = 0; i < t->n; i++)
			add_part(a, q, t->child[i]);
	} else {
		flush(a, q);
		if (t->kind == TREE_ALTERNATIVES)
			consider(a, q, t, 1);
	}
}

/* One of all alternatives' clauses, if each has one. */
static struct clause alternatives_clause(struct arena *a, const struct tree *t)
{
	struct clause all = { .shortest = MAX_RUN, .times = MAX_TIMES };

	for (size_t i = 0; i < t->n; i++) {
		struct clause c = clause_of(a, t->child[i]);

		if (c.alt.n == 0 || all.alt.n + c.alt.n > MAX_ALTERNATIVES)
			return (struct clause){ .shortest = 0 };
		for (size_t k = 0; k < c.alt.n; k++)
			strs_add(a, &all.alt, c.alt.v[k]);
		if (c.shortest < all.shortest)
			all.shortest = c.shortest;
		if (c.times < all.times)
			all.times = c.times;
	}
	return all;
}

static struct clause clause_of(struct arena *a, const struct tree *t)
{
	struct sequence q = { .best = { .shortest = 0 } };

	if (t->kind == TREE_ALTERNATIVES)
		return alternatives_clause(a, t);
	start_run(a, &q);
	add_part(a, &q, t);
	flush(a, &q);
	return q.best;
}

static uint16_t piece_of(int a, int b, int c)
{
	uint32_t key = (uint32_t)a << 16 | (uint32_t)b << 8 | (uint32_t)c;

	return (uint16_t)(key * 0x9e3779b1u >> 16);
}

static uint16_t *pieces_of(struct arena *a, struct str text)
{
	uint16_t *p = arena_alloc(a, text.n * sizeof(*p));
	const unsigned char *t = (const unsigned char *)text.p;

	for (size_t i = 0; i + PIECE <= text.n; i++)
		p[i] = piece_of(t[i], t[i + 1], t[i + 2]);
	return p;
}

static void make_first(struct arena *a, struct literals *l)
{
	l->first = arena_alloc(a, 1024 * sizeof(*l->first));
	for (size_t i = 0; i < l->n; i++) {
		unsigned p = l->pieces[i][0];

		l->first[p / 64] |= (uint64_t)1 << (p % 64);
	}
}

const struct literals *literals_of(struct arena *a, const struct tree *t)
{
	struct arena *scratch = arena_new();
	struct clause c = clause_of(scratch, t);
	struct literals *l = NULL;

	if (c.alt.n && c.shortest >= PIECE) {
		strs_sort(&c.alt);
		strs_uniq(&c.alt);
		l = arena_alloc(a, sizeof(*l));
		l->n = c.alt.n;
		l->times = c.times;
		l->text = arena_alloc(a, l->n * sizeof(*l->text));
		l->pieces = arena_alloc(a, l->n * sizeof(*l->pieces));
		for (size_t i = 0; i < l->n; i++) {
			l->text[i] = str_dup(a, c.alt.v[i]);
			l->pieces[i] = pieces_of(a, l->text[i]);
		}
		if (l->times > 1)
			make_first(a, l);
	}
	arena_free(&scratch);
	return l;
}

struct str literals_text(struct arena *a, const struct literals *l)
{
	struct strs list = { 0 };

	for (size_t i = 0; l && i < l->n; i++)
		strs_add(a, &list, l->text[i]);
	return strs_join(a, &list, STR("|"));
}

static uint8_t lower[256];

static void __attribute__((constructor)) make_lower(void)
{
	for (int c = 0; c < 256; c++)
		lower[c] = (uint8_t)latin1_fold(c);
}

void pieces_add(struct pieces *all, struct few_pieces *one, struct str text)
{
	const unsigned char *t = (const unsigned char *)text.p;

	for (size_t i = 0; i + PIECE <= text.n; i++) {
		unsigned p = piece_of(lower[t[i]], lower[t[i + 1]],
				      lower[t[i + 2]]);

		all->bits[p / 64] |= (uint64_t)1 << (p % 64);
		p /= 16;
		one->bits[p / 64] |= (uint64_t)1 << (p % 64);
	}
}

/* Is there a literal all of whose pieces occur? `share` pieces have one bit. */
static bool allow(const uint64_t *bits, unsigned share,
		  const struct literals *l)
{
	for (size_t i = 0; l && i < l->n; i++) {
		size_t n = l->text[i].n - (PIECE - 1), k = 0;

		for (; k < n; k++) {
			unsigned p = l->pieces[i][k] / share;

			if (!(bits[p / 64] >> (p % 64) & 1))
				break;
		}
		if (k == n)
			return true;
	}
	return !l;
}

bool pieces_allow(const struct pieces *all, const struct literals *l)
{
	return allow(all->bits, 1, l);
}

bool few_pieces_allow(const struct few_pieces *one, const struct literals *l)
{
	return allow(one->bits, 16, l);
}

bool literals_enough(const struct literals *l, struct str text)
{
	const unsigned char *t = (const unsigned char *)text.p;
	long found = 0;

	if (!l || l->times < 2)
		return true;
	for (size_t i = 0; i + PIECE <= text.n; i++) {
		unsigned p = piece_of(lower[t[i]], lower[t[i + 1]],
				      lower[t[i + 2]]);

		found += l->first[p / 64] >> (p % 64) & 1;
		if (found >= l->times)
			return true;
	}
	return false;
}
