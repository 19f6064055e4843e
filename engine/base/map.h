/*
 * A map from text to a pointer, in the order of first insertion. Keys are
 * hashed with SipHash under a random key of the process, because mail chooses
 * the keys. The map lives in an arena; keys are not copied (str_dup them
 * first if they do not live as long). Start with MAP_IN(arena).
 */
#ifndef MEKIKI_BASE_MAP_H
#define MEKIKI_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;

struct map_entry {
	struct str key;
	void *value;
	uint32_t hash;
	bool dead;		/* deleted; skip it when iterating */
};

struct map {
	struct arena *arena;
	struct map_entry *entries;	/* in order of insertion */
	size_t n;			/* of entries, dead ones included */
	size_t cap;
	uint32_t *slots;		/* index + 1 into entries, 0 free */
	size_t nslots;
};

#define MAP_IN(a) ((struct map){ .arena = (a) })

/* The value of key, or NULL. A NULL or all-zero map is empty. */
void *map_get(const struct map *m, struct str key);

bool map_has(const struct map *m, struct str key);

/* Sets the value of key, replacing any (its place in the order stays). */
void map_set(struct map *m, struct str key, void *value);

/* Removes key; true if it was there. */
bool map_del(struct map *m, struct str key);

/* Where the value of key is kept, made NULL first if it was not there. Valid
 * until the next insertion. */
void **map_slot(struct map *m, struct str key);

/* The next living entry from index *i on, which is advanced past it; NULL at
 * the end. Start with size_t i = 0. */
struct map_entry *map_next(const struct map *m, size_t *i);

/* A 64-bit hash of s under the process's random key. */
uint64_t str_hash(struct str s);

#endif
