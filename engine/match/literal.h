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

/* Of one pattern; opaque. */
struct literals;

/* The best clause of a pattern in PCRE2's syntax (enum regex_option bits in
 * options), in the arena; NULL if there is none or the pattern has a construct
 * that this does not read. */
const struct literals *literals_of(struct arena *a, struct str pattern,
				   unsigned options);

/* The clause as text, "abc|def", for tests and debugging; "" for NULL. */
struct str literals_text(struct arena *a, const struct literals *l);

/* The pieces that occur in some texts. 8 KB. */
struct pieces {
	uint64_t bits[1024];
};

/* Adds the pieces of text; start with all zero. */
void pieces_add(struct pieces *set, struct str text);

/* False if no text of the set can match a pattern with this clause. */
bool pieces_allow(const struct pieces *set, const struct literals *l);

#endif
