/*
 * A growing buffer of bytes with a ceiling. It lives on the heap (released by
 * buf_free) or, when given an arena, in that arena (never released singly).
 * Adding past the ceiling adds what fits and sets `full`, which the owner
 * records as a fact about the message; it is not an error.
 */
#ifndef MEKIKI_BASE_BUF_H
#define MEKIKI_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

struct buf {
	char *p;
	size_t n;
	size_t cap;
	size_t max;		/* ceiling in bytes */
	struct arena *arena;	/* NULL: heap */
	bool full;		/* something did not fit */
};

/* Empties *b for use on the heap (buf_init) or in an arena (buf_in). */
void buf_init(struct buf *b, size_t max);
void buf_in(struct buf *b, struct arena *a, size_t max);

/* Releases a heap buffer and empties it; harmless for one in an arena. */
void buf_free(struct buf *b);

/* Makes room for n more bytes and returns where they go, or NULL if the
 * ceiling forbids it (full is set). Add them with b->n += n. */
char *buf_room(struct buf *b, size_t n);

/* Append bytes, a str, one byte, printed text, n times the byte c. */
void buf_add(struct buf *b, const char *p, size_t n);
void buf_adds(struct buf *b, struct str s);
void buf_addc(struct buf *b, int c);
void buf_addf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What is in the buffer; valid until the next change. */
static inline struct str buf_str(const struct buf *b)
{
	return str_make(b->p ? b->p : "", b->n);
}

#endif
