/*
 * The probability that a message is spam, by the counts of its tokens.
 *
 * Each token that was learned has a probability of its own (Robinson's f(w):
 * the share of spam, drawn towards FW_X by as much as FW_S messages would). Of
 * the BAYES_USED furthest from one half, those at least MIN_STRENGTH away are
 * combined by Fisher's method, once as evidence for spam and once for ham;
 * the difference of the two is the verdict. Products that would underflow
 * carry their exponent beside them, so that 150 strong tokens still tell 1
 * from almost 1. Constants and order of all steps are SpamAssassin's.
 */
#include "learn/bayes.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "conf/settings.h"
#include "learn/tokens.h"

#define FW_X 0.538
#define FW_S 0.030
#define MIN_STRENGTH 0.346

struct weighed {
	size_t token;		/* index */
	double probability;
	double strength;
};

bool bayes_is_ready(const struct settings *s, uint32_t nspam, uint32_t nham)
{
	return settings_bool(s, STR("use_bayes")) &&
		settings_bool(s, STR("use_learner")) &&
		nspam >= settings_number(s, STR("bayes_min_spam_num")) &&
		nham >= settings_number(s, STR("bayes_min_ham_num"));
}

/* Messages that a token must have been in at least. */
static double least_seen(const struct settings *s)
{
	return settings_bool(s, STR("bayes_use_hapaxes")) ? 1 : 2;
}

static double probability_of(double least, struct bayes_count c,
			     uint32_t nspam, uint32_t nham)
{
	double spam = c.spam, ham = c.ham, n = spam + ham, p;

	if (!nspam || !nham || n < least)
		return -1;
	p = spam * nham / (ham * nspam + spam * nham);
	return (FW_X * FW_S + n * p) / (FW_S + n);
}

double bayes_token_probability(const struct settings *s, struct bayes_count c,
			       uint32_t nspam, uint32_t nham)
{
	return probability_of(least_seen(s), c, nspam, nham);
}

/* Strongest first; equal ones stay in the order of the message, which in
 * SpamAssassin is any order. */
static int by_strength(const void *x, const void *y)
{
	const struct weighed *a = x, *b = y;

	if (a->strength != b->strength)
		return a->strength > b->strength ? -1 : 1;
	return (a->token > b->token) - (a->token < b->token);
}

/* The tokens that say enough, strongest first; *learned_r are all those that
 * were learned. */
static size_t weigh(const struct settings *s, const struct bayes_tokens *t,
		    const struct bayes_count *counts, uint32_t nspam,
		    uint32_t nham, struct weighed *out, size_t *learned_r)
{
	double least = least_seen(s);
	size_t n = 0;

	*learned_r = 0;
	for (size_t i = 0; i < t->n; i++) {
		double p;

		if (!counts[i].spam && !counts[i].ham)
			continue;
		p = probability_of(least, counts[i], nspam, nham);
		if (p < 0)
			continue;
		++*learned_r;
		if (fabs(p - 0.5) >= MIN_STRENGTH)
			out[n++] = (struct weighed){ i, p, fabs(p - 0.5) };
	}
	qsort(out, n, sizeof(*out), by_strength);
	return n;
}

/* A product of many factors: value * 2^exponent. */
struct product {
	double value;
	long exponent;
};

static void multiply(struct product *p, double factor)
{
	int e;

	p->value *= factor;
	if (p->value < 1e-200) {
		p->value = frexp(p->value, &e);
		p->exponent += e;
	}
}

/* How likely n probabilities of no meaning are to have a product as small:
 * the chi-square distribution with 2n degrees of freedom. */
static double chance(struct product p, size_t n)
{
	double m = -(log(p.value) + (double)p.exponent * log(2));
	double term = exp(-m), sum = term;

	for (size_t i = 1; i < n; i++) {
		term *= m / (double)i;
		sum += term;
	}
	return sum < 1 ? sum : 1;
}

static double combine(const struct weighed *w, size_t n, double nspam,
		      double nham)
{
	struct product spam = { nspam / (nspam + nham), 0 };
	struct product ham = { nham / (nspam + nham), 0 };

	for (size_t i = 0; i < n; i++) {
		multiply(&spam, 1 - w[i].probability);
		multiply(&ham, w[i].probability);
	}
	return ((1 - chance(spam, n)) - (1 - chance(ham, n)) + 1) / 2;
}

/* Those that weighed in, for the tags and to be touched. */
static void tell_used(struct arena *a, const struct bayes_tokens *t,
		      const struct bayes_count *counts,
		      const struct weighed *w, size_t n,
		      struct bayes_verdict *out)
{
	struct bayes_clue *spammy = arena_alloc(a, (n + 1) * sizeof(*spammy));
	struct bayes_clue *hammy = arena_alloc(a, (n + 1) * sizeof(*hammy));
	char *ids = arena_text(a, n * BAYES_TOKEN + 1);

	for (size_t i = 0; i < n; i++) {
		const struct bayes_token *token = &t->v[w[i].token];
		struct bayes_clue clue = { token->text, w[i].probability,
					   counts[w[i].token] };

		memcpy(ids + i * BAYES_TOKEN, token->id, BAYES_TOKEN);
		if (w[i].probability < 0.5)
			hammy[out->hammy++] = clue;
		else
			spammy[out->spammy++] = clue;
	}
	out->spammy_clues = spammy;
	out->hammy_clues = hammy;
	out->used = str_make(ids, n * BAYES_TOKEN);
}

void bayes_combine(struct arena *a, const struct settings *s,
		   const struct bayes_tokens *t,
		   const struct bayes_count *counts, uint32_t nspam,
		   uint32_t nham, struct bayes_verdict *out_r)
{
	struct weighed *w;
	size_t n, learned;

	*out_r = (struct bayes_verdict){ .asked = true, .nspam = nspam,
					 .nham = nham };
	if (!t || !nspam || !nham || !bayes_is_ready(s, nspam, nham))
		return;
	w = arena_alloc(a, (t->n + 1) * sizeof(*w));
	n = weigh(s, t, counts, nspam, nham, w, &learned);
	if (learned == 0)
		return;
	out_r->counted = true;
	out_r->tokens = t->n;
	out_r->learned = learned;
	if (n > BAYES_USED)
		n = BAYES_USED;
	if (n == 0)
		return;
	tell_used(a, t, counts, w, n, out_r);
	out_r->probability = combine(w, n, nspam, nham);
	out_r->has = !isnan(out_r->probability);
}

double bayes_distance(const struct settings *s, const struct bayes_clue *clue,
		      uint32_t nspam, uint32_t nham)
{
	bool spammy = clue->probability > 0.5;
	double mine = spammy ? clue->count.spam : clue->count.ham;
	double others = spammy ? clue->count.ham : clue->count.spam;
	double all_mine = spammy ? nspam : nham;
	double all_others = spammy ? nham : nspam;
	double edge = 0.5 - MIN_STRENGTH, a, b, c, root;

	if (bayes_token_probability(s, clue->count, nspam, nham) < 0 ||
	    fabs(clue->probability - 0.5) < MIN_STRENGTH)
		return 0;
	/* Where f(w), as a function of the others, meets the edge. */
	a = all_mine * (1 - edge);
	b = all_mine * (FW_X * FW_S + mine * (1 - edge) - edge * FW_S) -
		edge * all_others * mine;
	c = all_others * mine * (FW_X * FW_S - edge * (FW_S + mine));
	root = sqrt(fmax(b * b - 4 * a * c, 0));
	root = 1 - 1e-6 + (root - b) / (2 * a) - others;
	return root < 1 ? 1 : trunc(root);
}
