/*
 * Heap memory that never fails to the caller: when there is none left the
 * process says so and exits, which is the only sane answer of a worker whose
 * messages are handed to another one. Nothing outside base/ calls malloc.
 */
#ifndef MEKIKI_BASE_MEM_H
#define MEKIKI_BASE_MEM_H

#include <stddef.h>

/* n bytes, uninitialised; never NULL (n == 0 gives a unique pointer). */
void *xmalloc(size_t n) __attribute__((malloc, returns_nonnull));

/* count objects of size bytes, all zero; overflow of the product exits. */
void *xcalloc(size_t count, size_t size)
	__attribute__((malloc, returns_nonnull));

/* Resizes p (may be NULL) to count objects of size bytes; overflow exits. */
void *xreallocarray(void *p, size_t count, size_t size)
	__attribute__((returns_nonnull));


/* Releases p; NULL is fine. */
void xfree(void *p);

#endif
