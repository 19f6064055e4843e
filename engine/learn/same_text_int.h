/*
 * What the two files of same_text.h share: the words of a message's text that
 * are about its sender and its recipients.
 */
#ifndef MEKIKI_LEARN_SAME_TEXT_INT_H
#define MEKIKI_LEARN_SAME_TEXT_INT_H

#include <stdint.h>

#include "base/map.h"
#include "base/str.h"

struct message;

struct people_words {
	struct map words;	/* lower case -> non-NULL */
	uint64_t begins[4];	/* a bit for each octet one begins with, */
	uint64_t lengths;	/* ... and for each length, the last for all
				 * longer ones: most words are none of these */
	struct strs wide;	/* those beyond ASCII, which may stand inside
				 * of other words: Japanese has no blanks */
};

/* The words of names and addresses in From, To, Cc and the envelope. */
void same_text_people(struct arena *a, struct message *m,
		      struct people_words *out);

/* s in lower case, beyond ASCII, too. */
struct str same_text_lower(struct arena *a, struct str s);

#endif
