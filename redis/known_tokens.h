/*
 * Which tokens a Bayes database has at all: a third and more of a message's
 * tokens are its own, stand in no database, and would be asked for only to
 * hear that. A set that can only grow; a few tokens more than there are do no
 * harm, since they are asked for, and tokens that were learned behind its back
 * show in the totals of the database, which whoever uses it has to compare.
 *
 * It is filled by walking through the database (memory_known.c), and is of use
 * until the first total that differs.
 */
#ifndef MEKIKI_REDIS_KNOWN_TOKENS_H
#define MEKIKI_REDIS_KNOWN_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Messages that a database learned. */
struct known_totals {
	int64_t nspam, nham;
};

struct known_tokens;

/* max: tokens that it holds at most; 8 to 16 octets of memory for each. */
struct known_tokens *known_tokens_new(size_t max);
void known_tokens_free(struct known_tokens **k);

/* Empties it, to be filled from a database with these totals. */
void known_tokens_begin(struct known_tokens *k,
			const struct known_totals *totals);
/* Tokens are BAYES_TOKEN octets each. False if there is no room: it cannot
 * become complete any more. */
bool known_tokens_add(struct known_tokens *k, const uint8_t *tokens, size_t n);
/* It was filled, and is complete if the totals are what they were at begin,
 * but for what was counted since. */
bool known_tokens_end(struct known_tokens *k,
		      const struct known_totals *totals);

/* What the database said now: from the first difference on the set is not
 * complete. */
void known_tokens_check(struct known_tokens *k,
			const struct known_totals *totals);
/* This process added to the totals, and gave the tokens to _add before. */
void known_tokens_count(struct known_tokens *k, int64_t spam, int64_t ham);
/* Something was changed in a way that cannot be followed. */
void known_tokens_doubt(struct known_tokens *k);

bool known_tokens_is_complete(const struct known_tokens *k);
/* False only if it is complete and the token is not in the database. */
bool known_tokens_may_have(const struct known_tokens *k,
			   const uint8_t *token);
size_t known_tokens_n(const struct known_tokens *k);

#endif
