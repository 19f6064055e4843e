/*
 * BLAKE2b (RFC 7693) without a key: what rspamd's rules take for the digest
 * of a part.
 */
#ifndef MEKIKI_BASE_BLAKE2B_H
#define MEKIKI_BASE_BLAKE2B_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Hashes s to n octets, 1 to 64. */
void blake2b(uint8_t *out, size_t n, struct str s);

#endif
