/*
 * What asking and teaching Bayes need of a message: its database, the ids
 * under which it is remembered, its tokens. And the numbers of reputation's
 * formula as the store takes them.
 */
#ifndef MEKIKI_SCAN_BAYES_ASK_H
#define MEKIKI_SCAN_BAYES_ASK_H

#include "learn/tokens.h"
#include "redis/bayes.h"
#include "redis/reputation.h"
#include "scan/engine.h"

struct message;

struct bayes_ask {
	struct bayes_home home;
	struct strs ids;
	const struct bayes_tokens *tokens;	/* NULL: not cut yet */
	struct str token_ids;	/* the same, BAYES_TOKEN octets each */
};

/* Database and ids. */
void bayes_ask_begin(struct arena *a, struct message *m,
		     const struct settings *s, const struct scan_options *opt,
		     struct bayes_ask *b);

/* The tokens, cut when first asked for. */
void bayes_ask_tokens(struct arena *a, struct message *m,
		      const struct settings *s, enum bayes_purpose purpose,
		      struct bayes_ask *b);

void reputation_numbers_read(const struct settings *s,
			     struct reputation_numbers *out_r);

#endif
