/*
 * What bayes.c and bayes_all.c share: names of keys.
 */
#ifndef MEKIKI_REDIS_BAYES_INT_H
#define MEKIKI_REDIS_BAYES_INT_H

#include "redis/bayes.h"

/* Tags of a token, and the one of the totals. */
enum { TAG_TOTALS = -1, TAGS = 64 };

enum total { TOTAL_NSPAM, TOTAL_NHAM, TOTAL_VERSION, TOTAL_FORMAT, TOTALS };

#define BAYES_TTL_MAX 1e10	/* seconds; Redis counts milliseconds in 63
				 * bits */

static inline int bayes_tag_of(const struct bayes_home *home,
			       const uint8_t *token)
{
	return home->layout == BAYES_TAGGED ? token[0] & (TAGS - 1) : 0;
}

void bayes_total_keys(struct arena *a, const struct bayes_home *home,
		      struct str keys_r[TOTALS]);
struct str bayes_seen_key(struct arena *a, const struct bayes_home *home,
			  int tag, struct str id);
struct str bayes_token_head(struct arena *a, const struct bayes_home *home,
			    int tag);

/* A total as a number of messages: not below 0. */
int64_t bayes_count_of(const struct store_reply *r);

#endif
