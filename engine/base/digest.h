/*
 * Cryptographic digests of octets that come piece by piece, with or without a
 * key. A state is plain memory: it may be copied, kept anywhere and forgotten
 * without being released.
 */
#ifndef MEKIKI_BASE_DIGEST_H
#define MEKIKI_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256, DIGEST_SHA384,
		   DIGEST_SHA512, DIGEST_BLAKE2B };

/* Octets of the longest result, and of the longest key that is not itself
 * digested first. */
#define DIGEST_MAX 64
#define DIGEST_BLOCK_MAX 128

struct digest {
	enum digest_kind kind;
	bool keyed;		/* with HMAC */
	uint64_t state[32];	/* of the kind's own form */
	uint8_t key[DIGEST_BLOCK_MAX];
};

/* The kind called name, any case: "md5", "sha1", "sha256", "sha384",
 * "sha512", "blake2". False if there is none. */
bool digest_named(struct str name, enum digest_kind *kind_r);

/* Begins. With a key (not STR_NONE) the result is BLAKE2b's own keyed form or
 * the HMAC of the others. */
void digest_begin(struct digest *d, enum digest_kind kind, struct str key);

void digest_add(struct digest *d, struct str s);

/* Writes the result and returns its length; d must be begun anew then. */
size_t digest_end(struct digest *d, uint8_t out[DIGEST_MAX]);

/* The SHA-1 of one text. */
#define DIGEST_SHA1_SIZE 20
void digest_sha1(struct str s, uint8_t out[DIGEST_SHA1_SIZE]);

/* digest_many.c: the same of n texts; several times quicker for short ones. */
void digest_sha1_many(const struct str *texts, size_t n,
		      uint8_t (*out)[DIGEST_SHA1_SIZE]);

#endif
