/*
 * From counts to a probability: Robinson's f(w) for each token, the strongest
 * 150 of them, Fisher's chi-square combination; SpamAssassin's constants, and
 * its answers where there is none. docs/bayes.md has the formulas.
 */
#ifndef MEKIKI_LEARN_BAYES_H
#define MEKIKI_LEARN_BAYES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

struct arena;
struct bayes_tokens;
struct settings;

/* Most tokens that weigh in a verdict. */
#define BAYES_USED 150

/* May a probability be told at all: use_bayes and use_learner are on and the
 * database has learned bayes_min_spam_num and bayes_min_ham_num messages?
 * (With use_bayes_rules it is what chooses the score sets 2 and 3.) */
bool bayes_is_ready(const struct settings *s, uint32_t nspam, uint32_t nham);

/* How spammy a token of these counts is, 0 to 1; -1: they tell nothing (too
 * few, or the database has learned no spam or no ham). */
double bayes_token_probability(const struct settings *s, struct bayes_count c,
			       uint32_t nspam, uint32_t nham);

/* The verdict about a message of these tokens: counts[i] is what the database
 * knows of t->v[i] (0, 0: nothing). t is NULL for a message that is ignored
 * (bayes_is_ignored): then nothing is told but that it was tried. */
void bayes_combine(struct arena *a, const struct settings *s,
		   const struct bayes_tokens *t,
		   const struct bayes_count *counts, uint32_t nspam,
		   uint32_t nham, struct bayes_verdict *out_r);

/* In how many messages more of the other kind a clue would have had to be to
 * be none: SpamAssassin's declassification distance, 0 to large. */
double bayes_distance(const struct settings *s, const struct bayes_clue *clue,
		      uint32_t nspam, uint32_t nham);

#endif
