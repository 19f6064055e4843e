/*
 * What Bayes learns of a message: its tokens, by the rules of SpamAssassin's
 * tokenizer, octet for octet, so that both programs can share a database
 * (docs/bayes.md). A token is known by the last five octets of the SHA-1 of
 * its text; the text is kept for people.
 */
#ifndef MEKIKI_LEARN_TOKENS_H
#define MEKIKI_LEARN_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/str.h"

struct arena;
struct message;
struct settings;

struct bayes_token {
	uint8_t id[BAYES_TOKEN];
	struct str text;	/* octets, may hold anything but white space */
};

struct bayes_tokens {
	struct bayes_token *v;
	size_t n;
};

/* What the tokens are wanted for. SpamAssassin knows two things more of a
 * message that it scores (and then perhaps learns by itself) than of one that
 * a person tells it to learn: the domains of sender and author. */
enum bayes_purpose {
	BAYES_SCAN,		/* to score; autolearn takes the same tokens */
	BAYES_LEARN,		/* TELL, `mekiki learn`: learn or forget */
};

/* The distinct tokens of m, always in the same order: body, links, hidden
 * text, MIME parts, headers; words of Japanese and Chinese last. They live in
 * the arena. At most some 120,000 (SpamAssassin's ceilings by source). */
const struct bayes_tokens *bayes_tokenize(struct arena *a, struct message *m,
					  const struct settings *s,
					  enum bayes_purpose purpose);

/* The names under which a message is remembered as learned, added to *out:
 * one made of To, Date and the body ("...@sa_generated"), then the Message-Id
 * without its brackets if there is one. Both are asked for, in this order; the
 * first is what a learned message is remembered by. */
void bayes_message_ids(struct arena *a, struct message *m, struct strs *out);

/* The lists bayes_ignore_from and bayes_ignore_to say that Bayes has nothing
 * to say of m and learns nothing of it (when it learns by itself). */
bool bayes_is_ignored(struct message *m, const struct settings *s);

#endif
