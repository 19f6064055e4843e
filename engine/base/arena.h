/*
 * An arena: memory that is given out piece by piece and released all at once.
 * Each message has one, and so has each ruleset. There is no way to give a
 * single piece back, on purpose: hostile mail then has no leak to find.
 * Foreign objects (a GMime tree, a compiled regex) can be tied to an arena
 * and are released with it.
 */
#ifndef MEKIKI_BASE_ARENA_H
#define MEKIKI_BASE_ARENA_H

#include <stddef.h>

struct arena;

/* A new, empty arena. */
struct arena *arena_new(void) __attribute__((returns_nonnull));

/* Releases everything that was allocated from *a, runs the clean-ups tied to
 * it (last first) and sets *a to NULL. NULL and *a == NULL are fine. */
void arena_free(struct arena **a);

/* As arena_free, but the arena stays usable and keeps one block of memory
 * for the next round: what a worker does between two messages. */
void arena_reset(struct arena *a);

/* n bytes, aligned for any type, all zero. Never NULL. */
void *arena_alloc(struct arena *a, size_t n) __attribute__((returns_nonnull));

/* n bytes without alignment or zeroing: for text. Never NULL. */
char *arena_text(struct arena *a, size_t n) __attribute__((returns_nonnull));

/* A NUL-ended copy of n bytes at p. */
char *arena_strndup(struct arena *a, const char *p, size_t n)
	__attribute__((returns_nonnull));

/* An array grown to hold at least one element more: returns p itself when
 * count < *cap, else a copy of double capacity (*cap is updated). The old
 * copy stays in the arena. size is that of one element. */
void *arena_grow(struct arena *a, void *p, size_t count, size_t *cap,
		 size_t size) __attribute__((returns_nonnull));

/* Calls fn(obj) when the arena is freed or reset. */
void arena_on_free(struct arena *a, void (*fn)(void *obj), void *obj);

/* Bytes that were asked for since the arena was made or reset. */
size_t arena_used(const struct arena *a);

#endif
