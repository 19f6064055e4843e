/*
 * BLAKE2b by RFC 7693: blocks of 128 octets, twelve rounds of eight mixing
 * steps on a state of sixteen words. Only whole texts are hashed, so there is
 * no state to carry between calls.
 */
#include "base/blake2b.h"

#define BLOCK 128
#define ROUNDS 12

/* The square roots of the first primes, as SHA-512 begins with. */
static const uint64_t initial[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b,
	0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
	0x510e527fade682d1, 0x9b05688c2b3e6c1f,
	0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/* Which words of the block each round mixes in; rounds 10 and 11 begin
 * again. */
static const uint8_t order[10][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

/* The columns, then the diagonals, of the state. */
static const uint8_t lanes[8][4] = {
	{ 0, 4, 8, 12 }, { 1, 5, 9, 13 }, { 2, 6, 10, 14 }, { 3, 7, 11, 15 },
	{ 0, 5, 10, 15 }, { 1, 6, 11, 12 }, { 2, 7, 8, 13 }, { 3, 4, 9, 14 },
};

static uint64_t rotate(uint64_t v, unsigned by)
{
	return v >> by | v << (64 - by);
}

static void mix(uint64_t v[16], const uint8_t lane[4], uint64_t x, uint64_t y)
{
	uint64_t *a = &v[lane[0]], *b = &v[lane[1]];
	uint64_t *c = &v[lane[2]], *d = &v[lane[3]];

	*a += *b + x;
	*d = rotate(*d ^ *a, 32);
	*c += *d;
	*b = rotate(*b ^ *c, 24);
	*a += *b + y;
	*d = rotate(*d ^ *a, 16);
	*c += *d;
	*b = rotate(*b ^ *c, 63);
}

static uint64_t word_at(const uint8_t *p)
{
	uint64_t w = 0;

	for (unsigned i = 8; i-- > 0; )
		w = w << 8 | p[i];
	return w;
}

/* Takes one block in; `count` octets have been hashed with it. */
static void compress(uint64_t h[8], const uint8_t block[BLOCK],
		     uint64_t count, int last)
{
	uint64_t v[16], m[16];

	for (unsigned i = 0; i < 16; i++)
		m[i] = word_at(block + 8 * i);
	memcpy(v, h, 8 * sizeof(*v));
	memcpy(v + 8, initial, sizeof(initial));
	v[12] ^= count;
	if (last)
		v[14] = ~v[14];
	for (unsigned r = 0; r < ROUNDS; r++)
		for (unsigned i = 0; i < 8; i++)
			mix(v, lanes[i], m[order[r % 10][2 * i]],
			    m[order[r % 10][2 * i + 1]]);
	for (unsigned i = 0; i < 8; i++)
		h[i] ^= v[i] ^ v[i + 8];
}

void blake2b(uint8_t *out, size_t n, struct str s)
{
	uint64_t h[8], count = 0;
	uint8_t block[BLOCK];

	memcpy(h, initial, sizeof(h));
	h[0] ^= 0x01010000 ^ n;
	while (s.n > BLOCK) {
		count += BLOCK;
		compress(h, (const uint8_t *)s.p, count, 0);
		s = str_from(s, BLOCK);
	}
	memset(block, 0, sizeof(block));
	if (s.n)
		memcpy(block, s.p, s.n);
	compress(h, block, count + s.n, 1);
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(h[i / 8] >> (8 * (i % 8)));
}
