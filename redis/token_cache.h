/*
 * Counts of Bayes tokens that the memory process has read a moment ago. Most
 * tokens of a message are those of the messages before it; asking the store
 * for all of them again would cost more than everything else about a message.
 * An entry is believed for a few seconds: spamd may learn into the same
 * database. What goes through this process is forgotten at once.
 *
 * It also knows which tokens were touched (their lifetime begun anew) within
 * the last hour, and need not be again.
 */
#ifndef MEKIKI_REDIS_TOKEN_CACHE_H
#define MEKIKI_REDIS_TOKEN_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/str.h"

struct token_cache;

/* seconds: how long an entry is believed; 0: not at all. */
struct token_cache *token_cache_new(double seconds);
void token_cache_free(struct token_cache **c);

/* Tokens are BAYES_TOKEN octets each; prefix names their database. The counts
 * of n tokens, one behind the other, into counts; known[i] says which were
 * there. All at once, because what it costs is waiting for memory, which one
 * token can do beside the next. */
void token_cache_get(struct token_cache *c, struct str prefix,
		     const uint8_t *tokens, size_t n,
		     struct bayes_count *counts, bool *known);
void token_cache_put(struct token_cache *c, struct str prefix,
		     const uint8_t *tokens, size_t n,
		     const struct bayes_count *counts);
void token_cache_forget(struct token_cache *c, struct str prefix,
			const uint8_t *tokens, size_t n);

/* due[i]: true once an hour for each token, which should be touched. */
void token_cache_touch(struct token_cache *c, struct str prefix,
		       const uint8_t *tokens, size_t n, bool *due);

#endif
