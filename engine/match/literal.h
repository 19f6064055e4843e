/*
 * What a regex cannot match without, and the cheap test made of it: most
 * rules' patterns contain some literal text, and most messages contain none
 * of it. For each pattern one clause is kept, "one of these literals occurs",
 * as the three-octet pieces of the literals; a text is a set of its
 * three-octet pieces. The test may only rule out: case is folded on both
 * sides, and pieces may collide.
 */
#ifndef MEKIKI_MATCH_LITERAL_H
#define MEKIKI_MATCH_LITERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct tree;

/* Of one pattern; opaque. */
struct literals;

/* The best clause of a pattern, in the arena; NULL if there is none. */
const struct literals *literals_of(struct arena *a, const struct tree *t);

/* The clause as text, "abc|def", for tests and debugging; "" for NULL. */
struct str literals_text(struct arena *a, const struct literals *l);

/* The pieces that occur in a text: 8 KB for all texts of an input together,
 * 512 octets for one of them, where more pieces share a bit. */
struct pieces {
	uint64_t bits[1024];
};
struct few_pieces {
	uint64_t bits[64];
};

/* Adds the pieces of one text to both sets, which start with all zero. */
void pieces_add(struct pieces *all, struct few_pieces *one, struct str text);

/* False if no text of the set can match a pattern with this clause (NULL:
 * any can). */
bool pieces_allow(const struct pieces *all, const struct literals *l);
bool few_pieces_allow(const struct few_pieces *one, const struct literals *l);

/* False if text has too few places where one of the literals may begin: a
 * pattern such as (?:name|address|...){3} needs three. */
bool literals_enough(const struct literals *l, struct str text);

#endif
