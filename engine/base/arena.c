/*
 * Arenas are chains of blocks; a request that does not fit opens a new block,
 * one larger than a block gets a block of its own. See arena.h.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

/* Small enough that an idle arena costs little, large enough that a common
 * message (20 KB) needs only a few. */
#define BLOCK_SIZE ((size_t)64 * 1024)

struct block {
	struct block *next;
	size_t size;		/* of data */
	size_t used;
	alignas(max_align_t) char data[];
};

struct cleanup {
	struct cleanup *next;
	void (*fn)(void *obj);
	void *obj;
};

struct arena {
	struct block *blocks;	/* the current one first */
	struct cleanup *cleanups;
	size_t asked;
};

static struct block *block_new(size_t size)
{
	struct block *b = xmalloc(sizeof(*b) + size);

	b->next = NULL;
	b->size = size;
	b->used = 0;
	return b;
}

struct arena *arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

static void run_cleanups(struct arena *a)
{
	while (a->cleanups) {
		struct cleanup *c = a->cleanups;

		a->cleanups = c->next;
		c->fn(c->obj);
	}
}

/* Frees all blocks, but for one of the standard size if keep is set. */
static void free_blocks(struct arena *a, int keep)
{
	struct block *kept = NULL;

	while (a->blocks) {
		struct block *b = a->blocks;

		a->blocks = b->next;
		if (keep && !kept && b->size == BLOCK_SIZE)
			kept = b;
		else
			xfree(b);
	}
	if (kept) {
		kept->next = NULL;
		kept->used = 0;
		a->blocks = kept;
	}
	a->asked = 0;
}

void arena_free(struct arena **ap)
{
	struct arena *a = ap ? *ap : NULL;

	if (!a)
		return;
	*ap = NULL;
	run_cleanups(a);
	free_blocks(a, 0);
	xfree(a);
}

void arena_reset(struct arena *a)
{
	run_cleanups(a);
	free_blocks(a, 1);
}

static char *take(struct arena *a, size_t n, size_t align)
{
	struct block *b = a->blocks;
	size_t at = b ? (b->used + align - 1) & ~(align - 1) : 0;

	a->asked += n;
	if (b && at <= b->size && n <= b->size - at) {
		b->used = at + n;
		return b->data + at;
	}
	if (n > BLOCK_SIZE / 4) {
		/* A block of its own, behind the current one, so that the
		 * rest of the current one is not lost. */
		struct block *own = block_new(n);

		own->used = n;
		if (b) {
			own->next = b->next;
			b->next = own;
		} else {
			a->blocks = own;
		}
		return own->data;
	}
	b = block_new(BLOCK_SIZE);
	b->next = a->blocks;
	b->used = n;
	a->blocks = b;
	return b->data;
}

void *arena_alloc(struct arena *a, size_t n)
{
	void *p = take(a, n, alignof(max_align_t));

	memset(p, 0, n);
	return p;
}

char *arena_text(struct arena *a, size_t n)
{
	return take(a, n, 1);
}

char *arena_strndup(struct arena *a, const char *p, size_t n)
{
	char *copy = arena_text(a, n + 1);

	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

void *arena_grow(struct arena *a, void *p, size_t count, size_t *cap,
		 size_t size)
{
	size_t want;
	void *q;

	if (p && count < *cap)
		return p;
	want = *cap ? *cap * 2 : 8;
	q = arena_alloc(a, want * size);
	if (count)
		memcpy(q, p, count * size);
	*cap = want;
	return q;
}

void arena_on_free(struct arena *a, void (*fn)(void *obj), void *obj)
{
	struct cleanup *c = arena_alloc(a, sizeof(*c));

	c->fn = fn;
	c->obj = obj;
	c->next = a->cleanups;
	a->cleanups = c;
}

size_t arena_used(const struct arena *a)
{
	return a->asked;
}
