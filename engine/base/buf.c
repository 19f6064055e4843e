/*
 * Growing buffers with a ceiling; see buf.h.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/mem.h"

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void buf_in(struct buf *b, struct arena *a, size_t max)
{
	*b = (struct buf){ .max = max, .arena = a };
}

void buf_free(struct buf *b)
{
	if (!b->arena)
		xfree(b->p);
	*b = (struct buf){ .max = b->max, .arena = b->arena };
}

static void grow(struct buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap : 256;

	while (cap < need)
		cap *= 2;
	if (b->arena) {
		char *p = arena_text(b->arena, cap);

		if (b->n)
			memcpy(p, b->p, b->n);
		b->p = p;
	} else {
		b->p = xreallocarray(b->p, cap, 1);
	}
	b->cap = cap;
}

char *buf_room(struct buf *b, size_t n)
{
	if (n > b->max || b->n > b->max - n) {
		b->full = true;
		return NULL;
	}
	if (b->n + n > b->cap || !b->p)
		grow(b, b->n + n);
	return b->p + b->n;
}

void buf_add(struct buf *b, const char *p, size_t n)
{
	char *q;

	if (b->n > b->max)
		return;
	if (n > b->max - b->n) {
		b->full = true;
		n = b->max - b->n;
	}
	if (n == 0)
		return;
	q = buf_room(b, n);
	memcpy(q, p, n);
	b->n += n;
}

void buf_adds(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void buf_addc(struct buf *b, int c)
{
	char byte = (char)c;

	if (b->n < b->cap && b->n < b->max)
		b->p[b->n++] = byte;
	else
		buf_add(b, &byte, 1);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n < sizeof(small)) {
		buf_add(b, small, (size_t)n);
		return;
	}
	char *big = xmalloc((size_t)n + 1);

	va_start(ap, fmt);
	vsnprintf(big, (size_t)n + 1, fmt, ap);
	va_end(ap);
	buf_add(b, big, (size_t)n);
	xfree(big);
}
