/*
 * A second cheap test, for patterns without literals ("v[i1!|]a[gq]ra" with
 * every letter in disguise): for each pattern a window of a few octet sets,
 * "somewhere in the text eight neighbours lie in these eight sets". The
 * windows of many patterns are asked together, a bit each, in one pass over
 * the text. Like the literals, windows may only rule out.
 */
#ifndef MEKIKI_MATCH_WINDOW_H
#define MEKIKI_MATCH_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "match/tree.h"

struct arena;

#define WINDOW 8		/* octets */
#define WINDOW_LANES 4		/* words of 64 patterns each, in one set */
#define WINDOW_PATTERNS (64 * WINDOW_LANES)

/* What the octets are; a full set says "anything, or the text ends". */
struct window {
	struct octet_set at[WINDOW];
};

/* The most telling window of a pattern, in the arena; NULL if none would rule
 * out much. */
const struct window *window_of(struct arena *a, const struct tree *t);

/* The windows of up to WINDOW_PATTERNS patterns. */
struct window_set;

struct window_set *window_set_new(struct arena *a);

/* Adds a window; returns its number in the set, or -1 if it is full. */
int window_set_add(struct window_set *s, const struct window *w);

/* Which windows of the set were seen in some texts. */
struct window_seen {
	uint64_t bits[WINDOW_LANES];
};

/* Looks through text; adds to seen. */
void window_set_look(const struct window_set *s, struct str text,
		     struct window_seen *seen);

static inline bool window_seen_has(const struct window_seen *seen, int n)
{
	return seen->bits[n / 64] >> (n % 64) & 1;
}

#endif
