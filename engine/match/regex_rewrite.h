/*
 * The walk over a Perl pattern that regex_perl.c and regex_group.c share: where
 * it stands, what it has written, which flags and groups are open.
 */
#ifndef MEKIKI_MATCH_REGEX_REWRITE_H
#define MEKIKI_MATCH_REGEX_REWRITE_H

#include "base/buf.h"
#include "match/regex_int.h"

#define MAX_DEPTH 250
#define NOT_BARE ((size_t)-1)

/* What stands before the current position, for quantifiers. */
enum prev { PREV_NOTHING, PREV_ATOM, PREV_ZERO_WIDTH, PREV_QUANTIFIER };

struct group {
	unsigned flags;
	bool lookbehind;
	bool zero_width;
	size_t body;		/* offset of its body in out */
};

struct rewrite {
	struct arena *a;
	struct str s;
	size_t pos;
	struct buf out;
	struct err *err;
	unsigned flags;		/* enum perl_flag */
	bool expand;
	enum prev prev;
	size_t bare;		/* of a PREV_ZERO_WIDTH: where in out it
				 * starts, or NOT_BARE */
	struct group stack[MAX_DEPTH];
	size_t depth;
};

/* The octet `ahead` of the position, -1 behind the end. */
static inline int rewrite_peek(const struct rewrite *r, size_t ahead)
{
	size_t i = r->pos + ahead;

	return i < r->s.n ? (unsigned char)r->s.p[i] : -1;
}

/* Copies n octets to the output and steps over them. */
static inline void rewrite_copy(struct rewrite *r, size_t n)
{
	buf_add(&r->out, r->s.p + r->pos, n);
	r->pos += n;
}

/* Rewrites what opens a group (flags, verbs and references too), or closes
 * one. 0, or -1 and r->err. */
int rewrite_open(struct rewrite *r);
int rewrite_close(struct rewrite *r);

/* Applies a modifier letter to *flags; those that PCRE2 has too are appended
 * to kept. False if Perl knows no such modifier. */
bool rewrite_flag(unsigned *flags, int c, bool on, struct buf *kept);

#endif
