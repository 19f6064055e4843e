/*
 * Insertion-ordered hash maps: an array of entries and an open-addressed
 * table of indexes into it. The hash is SipHash-1-3 (Aumasson and Bernstein,
 * 2012), keyed at random once a process. See map.h.
 */
#include "base/map.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/arena.h"

static uint64_t hash_key[2];

static void choose_key(void) __attribute__((constructor));

static void choose_key(void)
{
	if (getrandom(hash_key, sizeof(hash_key), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(hash_key)) {
		/* Too early at boot: the address is at least not constant. */
		hash_key[0] = (uint64_t)(uintptr_t)&hash_key;
		hash_key[1] = ~hash_key[0] * 0x9e3779b97f4a7c15u;
	}
}

static uint64_t rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

uint64_t str_hash(struct str s)
{
	uint64_t v[4] = { hash_key[0] ^ 0x736f6d6570736575u,
			  hash_key[1] ^ 0x646f72616e646f6du,
			  hash_key[0] ^ 0x6c7967656e657261u,
			  hash_key[1] ^ 0x7465646279746573u };
	uint64_t last = (uint64_t)s.n << 56;
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8) {
		uint64_t m;

		memcpy(&m, s.p + i, 8);
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	for (size_t k = 0; i + k < s.n; k++)
		last |= (uint64_t)(unsigned char)s.p[i + k] << (8 * k);
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int k = 0; k < 3; k++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct map_entry *find(const struct map *m, struct str key,
			      uint32_t hash)
{
	size_t mask = m->nslots - 1;

	for (size_t i = hash & mask; m->slots[i]; i = (i + 1) & mask) {
		struct map_entry *e = &m->entries[m->slots[i] - 1];

		if (e->hash == hash && !e->dead && str_eq(e->key, key))
			return e;
	}
	return NULL;
}

static struct map_entry *lookup(const struct map *m, struct str key)
{
	if (!m || m->nslots == 0)
		return NULL;
	return find(m, key, (uint32_t)str_hash(key));
}

static void place(struct map *m, size_t index)
{
	size_t mask = m->nslots - 1;
	size_t i = m->entries[index].hash & mask;

	while (m->slots[i])
		i = (i + 1) & mask;
	m->slots[i] = (uint32_t)index + 1;
}

/* Twice the slots, and every entry placed anew (dead ones too: an index, once
 * given to an iterator, keeps its meaning). */
static void rehash(struct map *m)
{
	m->nslots = m->nslots ? m->nslots * 2 : 16;
	m->slots = arena_alloc(m->arena, m->nslots * sizeof(*m->slots));
	for (size_t i = 0; i < m->n; i++)
		if (!m->entries[i].dead)
			place(m, i);
}

void **map_slot(struct map *m, struct str key)
{
	uint32_t hash = (uint32_t)str_hash(key);
	struct map_entry *e = m->nslots ? find(m, key, hash) : NULL;

	if (e)
		return &e->value;
	if ((m->n + 1) * 2 > m->nslots)
		rehash(m);
	m->entries = arena_grow(m->arena, m->entries, m->n, &m->cap,
				sizeof(*m->entries));
	e = &m->entries[m->n];
	*e = (struct map_entry){ .key = key, .hash = hash };
	place(m, m->n++);
	return &e->value;
}

void *map_get(const struct map *m, struct str key)
{
	struct map_entry *e = lookup(m, key);

	return e ? e->value : NULL;
}

bool map_has(const struct map *m, struct str key)
{
	return lookup(m, key) != NULL;
}

void map_set(struct map *m, struct str key, void *value)
{
	*map_slot(m, key) = value;
}

bool map_del(struct map *m, struct str key)
{
	struct map_entry *e = lookup(m, key);

	if (!e)
		return false;
	e->dead = true;
	e->value = NULL;
	return true;
}

struct map_entry *map_next(const struct map *m, size_t *i)
{
	while (m && *i < m->n) {
		struct map_entry *e = &m->entries[(*i)++];

		if (!e->dead)
			return e;
	}
	return NULL;
}
