/*
 * SHA-1 (FIPS 180-4) of many short texts, eight at a time, one in each lane of
 * a vector. A mail has some thousand tokens of a few octets each; one by one
 * their digests would cost more than all else that is done to find them.
 *
 * Only texts that fill no more than one block with their padding are done so;
 * the others are OpenSSL's.
 */
#include "base/digest.h"

#include <endian.h>
#include <string.h>

#define LANES 8
#define BLOCK_WORDS 16
/* Octets whose padding and length fit into the same block. */
#define ONE_BLOCK 55

typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

/* Lane by lane the texts of one block each, as big-endian words. */
struct blocks {
	union {
		lanes v[BLOCK_WORDS];
		uint32_t lane[BLOCK_WORDS][LANES];
	};
	uint32_t last[LANES];	/* word of each that is not 0, but for the
				 * length in the very last */
};

/* GCC makes one version for each of these and chooses at the start. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
	!defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FOR_EACH_CPU __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_CPU
#endif

#define ROTATE(x, n) ((x) << (n) | (x) >> (32 - (n)))

#define STEP(f, k) do {							\
	lanes t = ROTATE(a, 5) + (f) + e + (k) + w[i & 15];		\
									\
	e = d;								\
	d = c;								\
	c = ROTATE(b, 30);						\
	b = a;								\
	a = t;								\
} while (0)

/* The words of round i from the sixteen before. */
#define NEXT_WORD() do {						\
	lanes x = w[(i + 13) & 15] ^ w[(i + 8) & 15] ^			\
		w[(i + 2) & 15] ^ w[i & 15];				\
									\
	w[i & 15] = ROTATE(x, 1);					\
} while (0)

/* The digests of the eight texts. */
FOR_EACH_CPU
static void compress(const struct blocks *blocks, uint32_t out[5][LANES])
{
	static const uint32_t start[5] = { 0x67452301, 0xefcdab89, 0x98badcfe,
					   0x10325476, 0xc3d2e1f0 };
	lanes a = start[0] - (lanes){ 0 }, b = start[1] - (lanes){ 0 };
	lanes c = start[2] - (lanes){ 0 }, d = start[3] - (lanes){ 0 };
	lanes e = start[4] - (lanes){ 0 };
	lanes w[BLOCK_WORDS], sums[5];
	int i = 0;

	memcpy(w, blocks->v, sizeof(w));
#pragma GCC unroll 16
	for (; i < 16; i++)
		STEP((b & c) | (~b & d), 0x5a827999);
#pragma GCC unroll 20
	for (; i < 20; i++) {
		NEXT_WORD();
		STEP((b & c) | (~b & d), 0x5a827999);
	}
#pragma GCC unroll 20
	for (; i < 40; i++) {
		NEXT_WORD();
		STEP(b ^ c ^ d, 0x6ed9eba1);
	}
#pragma GCC unroll 20
	for (; i < 60; i++) {
		NEXT_WORD();
		STEP((b & c) | (d & (b | c)), 0x8f1bbcdc);
	}
#pragma GCC unroll 20
	for (; i < 80; i++) {
		NEXT_WORD();
		STEP(b ^ c ^ d, 0xca62c1d6);
	}
	sums[0] = a + start[0];
	sums[1] = b + start[1];
	sums[2] = c + start[2];
	sums[3] = d + start[3];
	sums[4] = e + start[4];
	memcpy(out, sums, sizeof(sums));
}

/* What a text leaves of the one that was in its lane before is cleared. */
static void set_lane(struct blocks *b, size_t lane, struct str s)
{
	size_t i = 0;
	uint32_t word;

	for (; i < s.n / 4; i++) {
		memcpy(&word, s.p + i * 4, 4);
		b->lane[i][lane] = be32toh(word);
	}
	word = 0x80;
	for (size_t k = i * 4 + s.n % 4; k > i * 4; k--)
		word = word << 8 | (uint8_t)s.p[k - 1];
	b->lane[i][lane] = be32toh(word);
	for (i++; i <= b->last[lane]; i++)
		b->lane[i][lane] = 0;
	b->last[lane] = (uint32_t)s.n / 4;
	b->lane[BLOCK_WORDS - 1][lane] = (uint32_t)s.n * 8;
}

static void flush(const struct blocks *b, const size_t *which, size_t n,
		  uint8_t (*out)[DIGEST_SHA1_SIZE])
{
	uint32_t sums[5][LANES], words[5];

	compress(b, sums);
	for (size_t k = 0; k < n; k++) {
		for (int i = 0; i < 5; i++)
			words[i] = htobe32(sums[i][k]);
		memcpy(out[which[k]], words, DIGEST_SHA1_SIZE);
	}
}

void digest_sha1_many(const struct str *texts, size_t n,
		      uint8_t (*out)[DIGEST_SHA1_SIZE])
{
	struct blocks b = { 0 };
	size_t which[LANES], lane = 0;

	for (size_t i = 0; i < n; i++) {
		if (texts[i].n > ONE_BLOCK) {
			digest_sha1(texts[i], out[i]);
			continue;
		}
		set_lane(&b, lane, texts[i]);
		which[lane++] = i;
		if (lane == LANES) {
			flush(&b, which, lane, out);
			lane = 0;
		}
	}
	if (lane)
		flush(&b, which, lane, out);
}
