/*
 * What an administrator asks and says of one key of reputation: all that is
 * kept, that it be forgotten, or that it be something else.
 */
#ifndef MEKIKI_REDIS_REPUTATION_ADMIN_H
#define MEKIKI_REDIS_REPUTATION_ADMIN_H

#include "base/memory.h"
#include "redis/reputation.h"
#include "redis/store.h"

/* All of an evidence's fields, and its lifetime (two commands). */
void reputation_compose_show(struct arena *a, const struct evidence_key *key,
			     struct store_batch *b);

/* The key goes, and its line in the index. The first reply is 1 if it was
 * there. */
void reputation_compose_forget(struct arena *a, struct str store_key,
			       struct store_batch *b);

/* The evidence becomes that of so much spam and ham, as if it had been seen
 * just now; they need not be whole. counts: the numbers of messages become
 * that, too. What people told, and the last verdicts, stay. */
struct reputation_word {
	double spam, ham;
	bool counts;
	int64_t now;
	struct reputation_numbers numbers;
};

void reputation_compose_set(struct arena *a, const struct evidence_key *key,
			    const struct reputation_word *w,
			    struct store_batch *b);

#endif
