/*
 * A pattern as a tree, read for one purpose: to know what its matches must
 * contain. It may describe more texts than the pattern matches (assertions
 * match nothing in particular, a back-reference any text, case is folded),
 * never fewer. Prefilters are made from it; PCRE2 decides.
 */
#ifndef MEKIKI_MATCH_TREE_H
#define MEKIKI_MATCH_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;

/* A set of octets, closed under Latin-1 case. */
struct octet_set {
	uint64_t w[4];
};

enum tree_kind {
	TREE_EMPTY,		/* no octets: assertions */
	TREE_SET,		/* one octet of a set */
	TREE_SEQUENCE,
	TREE_ALTERNATIVES,
	TREE_REPEAT,		/* child[0], min to max times */
	TREE_ANY,		/* any text: back-references */
};

#define TREE_NO_MAX (-1L)

struct tree {
	enum tree_kind kind;
	struct octet_set set;
	struct tree **child;
	size_t n, cap;
	long min, max;
};

/* Reads a pattern in PCRE2's syntax (enum regex_option bits in options) into
 * the arena. NULL if it has a construct that is not read here. */
struct tree *tree_parse(struct arena *a, struct str pattern, unsigned options);

static inline bool octet_set_has(const struct octet_set *s, int c)
{
	return s->w[c >> 6 & 3] >> (c & 63) & 1;
}

/* Lower case by Latin-1's pairs. */
int latin1_fold(int c);

#endif
