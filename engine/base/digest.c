/*
 * Digests; see digest.h.
 *
 * MD5 and the SHAs are OpenSSL's, by its old functions, because their states
 * are plain structs: the objects of Lua scripts that hold them are released
 * without a word. OpenSSL shows BLAKE2b only behind pointers to its heap, so
 * that one (RFC 7693) stands here.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/digest.h"

#include <endian.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <string.h>

/* ---- BLAKE2b ---- */

#define BLAKE_BLOCK 128

struct blake {
	uint64_t h[8];
	uint64_t count;		/* octets before the buffer */
	size_t have;		/* octets in the buffer */
	uint8_t buffer[BLAKE_BLOCK];
};

/* The fractions of the square roots of the first primes, as SHA-512's. */
static const uint64_t blake_iv[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
	0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
	0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/* Which words of the block each round mixes, in order. */
static const uint8_t blake_order[10][16] = {
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

static uint64_t rotate(uint64_t x, int n)
{
	return x >> n | x << (64 - n);
}

static void blake_mix(uint64_t v[16], int a, int b, int c, int d, uint64_t x,
		      uint64_t y)
{
	v[a] += v[b] + x;
	v[d] = rotate(v[d] ^ v[a], 32);
	v[c] += v[d];
	v[b] = rotate(v[b] ^ v[c], 24);
	v[a] += v[b] + y;
	v[d] = rotate(v[d] ^ v[a], 16);
	v[c] += v[d];
	v[b] = rotate(v[b] ^ v[c], 63);
}

static void blake_block(struct blake *b, bool last)
{
	uint64_t v[16], m[16];

	for (int i = 0; i < 16; i++) {
		memcpy(&m[i], b->buffer + i * 8, 8);
		m[i] = le64toh(m[i]);
		v[i] = i < 8 ? b->h[i] : blake_iv[i - 8];
	}
	v[12] ^= b->count;
	if (last)
		v[14] = ~v[14];
	for (int round = 0; round < 12; round++) {
		const uint8_t *o = blake_order[round % 10];

		for (int i = 0; i < 4; i++)
			blake_mix(v, i, i + 4, i + 8, i + 12, m[o[2 * i]],
				  m[o[2 * i + 1]]);
		for (int i = 0; i < 4; i++)
			blake_mix(v, i, (i + 1) % 4 + 4, (i + 2) % 4 + 8,
				  (i + 3) % 4 + 12, m[o[8 + 2 * i]],
				  m[o[9 + 2 * i]]);
	}
	for (int i = 0; i < 8; i++)
		b->h[i] ^= v[i] ^ v[i + 8];
}

static void blake_add(struct blake *b, struct str s)
{
	while (s.n > 0) {
		size_t n;

		/* A full buffer waits until more comes: the last block is
		 * marked, and it may be this one. */
		if (b->have == BLAKE_BLOCK) {
			b->count += BLAKE_BLOCK;
			blake_block(b, false);
			b->have = 0;
		}
		n = BLAKE_BLOCK - b->have;
		n = s.n < n ? s.n : n;
		memcpy(b->buffer + b->have, s.p, n);
		b->have += n;
		s = str_from(s, n);
	}
}

static void blake_begin(struct blake *b, struct str key)
{
	memset(b, 0, sizeof(*b));
	memcpy(b->h, blake_iv, sizeof(b->h));
	b->h[0] ^= 0x01010000 ^ (uint64_t)key.n << 8 ^ DIGEST_MAX;
	if (key.n > 0) {
		memcpy(b->buffer, key.p, key.n);
		b->have = BLAKE_BLOCK;
	}
}

static void blake_end(struct blake *b, uint8_t out[DIGEST_MAX])
{
	b->count += b->have;
	memset(b->buffer + b->have, 0, BLAKE_BLOCK - b->have);
	blake_block(b, true);
	for (int i = 0; i < 8; i++) {
		uint64_t word = htole64(b->h[i]);

		memcpy(out + i * 8, &word, 8);
	}
}

/* ---- all kinds ---- */

_Static_assert(sizeof(SHA512_CTX) <= sizeof((struct digest){ 0 }.state) &&
	       sizeof(struct blake) <= sizeof((struct digest){ 0 }.state),
	       "a digest's state has no room");

static const struct {
	struct str name;
	size_t length, block;
} kinds[] = {
	[DIGEST_MD5] = { { "md5", 3 }, MD5_DIGEST_LENGTH, 64 },
	[DIGEST_SHA1] = { { "sha1", 4 }, SHA_DIGEST_LENGTH, 64 },
	[DIGEST_SHA256] = { { "sha256", 6 }, SHA256_DIGEST_LENGTH, 64 },
	[DIGEST_SHA384] = { { "sha384", 6 }, SHA384_DIGEST_LENGTH, 128 },
	[DIGEST_SHA512] = { { "sha512", 6 }, SHA512_DIGEST_LENGTH, 128 },
	[DIGEST_BLAKE2B] = { { "blake2", 6 }, DIGEST_MAX, BLAKE_BLOCK },
};

bool digest_named(struct str name, enum digest_kind *kind_r)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (str_ieq(name, kinds[i].name)) {
			*kind_r = (enum digest_kind)i;
			return true;
		}
	}
	return false;
}

static void begin(struct digest *d, struct str key)
{
	switch (d->kind) {
	case DIGEST_MD5:
		MD5_Init((MD5_CTX *)d->state);
		break;
	case DIGEST_SHA1:
		SHA1_Init((SHA_CTX *)d->state);
		break;
	case DIGEST_SHA256:
		SHA256_Init((SHA256_CTX *)d->state);
		break;
	case DIGEST_SHA384:
		SHA384_Init((SHA512_CTX *)d->state);
		break;
	case DIGEST_SHA512:
		SHA512_Init((SHA512_CTX *)d->state);
		break;
	case DIGEST_BLAKE2B:
		blake_begin((struct blake *)d->state, key);
	}
}

void digest_add(struct digest *d, struct str s)
{
	if (s.n == 0)
		return;
	switch (d->kind) {
	case DIGEST_MD5:
		MD5_Update((MD5_CTX *)d->state, s.p, s.n);
		break;
	case DIGEST_SHA1:
		SHA1_Update((SHA_CTX *)d->state, s.p, s.n);
		break;
	case DIGEST_SHA256:
		SHA256_Update((SHA256_CTX *)d->state, s.p, s.n);
		break;
	case DIGEST_SHA384:
		SHA384_Update((SHA512_CTX *)d->state, s.p, s.n);
		break;
	case DIGEST_SHA512:
		SHA512_Update((SHA512_CTX *)d->state, s.p, s.n);
		break;
	case DIGEST_BLAKE2B:
		blake_add((struct blake *)d->state, s);
	}
}

static void end(struct digest *d, uint8_t out[DIGEST_MAX])
{
	switch (d->kind) {
	case DIGEST_MD5:
		MD5_Final(out, (MD5_CTX *)d->state);
		break;
	case DIGEST_SHA1:
		SHA1_Final(out, (SHA_CTX *)d->state);
		break;
	case DIGEST_SHA256:
		SHA256_Final(out, (SHA256_CTX *)d->state);
		break;
	case DIGEST_SHA384:
		SHA384_Final(out, (SHA512_CTX *)d->state);
		break;
	case DIGEST_SHA512:
		SHA512_Final(out, (SHA512_CTX *)d->state);
		break;
	case DIGEST_BLAKE2B:
		blake_end((struct blake *)d->state, out);
	}
}

/* The key as a block, each octet changed by pad, is what HMAC puts before the
 * text. */
static void add_padded_key(struct digest *d, uint8_t pad)
{
	char block[DIGEST_BLOCK_MAX];
	size_t n = kinds[d->kind].block;

	for (size_t i = 0; i < n; i++)
		block[i] = (char)(d->key[i] ^ pad);
	digest_add(d, str_make(block, n));
}

void digest_begin(struct digest *d, enum digest_kind kind, struct str key)
{
	size_t longest = kind == DIGEST_BLAKE2B ? DIGEST_MAX :
		kinds[kind].block;
	uint8_t digested[DIGEST_MAX];

	memset(d, 0, sizeof(*d));
	d->kind = kind;
	if (key.n > longest) {
		begin(d, STR_NONE);
		digest_add(d, key);
		end(d, digested);
		key = str_make((const char *)digested, kinds[kind].length);
	}
	d->keyed = key.p && kind != DIGEST_BLAKE2B;
	if (d->keyed && key.n > 0)
		memcpy(d->key, key.p, key.n);
	begin(d, key);
	if (d->keyed)
		add_padded_key(d, 0x36);
}

size_t digest_end(struct digest *d, uint8_t out[DIGEST_MAX])
{
	size_t n = kinds[d->kind].length;

	end(d, out);
	if (d->keyed) {
		begin(d, STR_NONE);
		add_padded_key(d, 0x5c);
		digest_add(d, str_make((const char *)out, n));
		end(d, out);
	}
	return n;
}

void digest_sha1(struct str s, uint8_t out[DIGEST_SHA1_SIZE])
{
	SHA_CTX c;

	/* Not SHA1(), which looks for an implementation each time. */
	SHA1_Init(&c);
	if (s.n)
		SHA1_Update(&c, s.p, s.n);
	SHA1_Final(out, &c);
}
