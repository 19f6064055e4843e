/*
 * Open addressing over 32 bits of a hash; see known_tokens.h. A token's place
 * is what the first of these bits say, so that a table which has become too
 * small can be spread over a larger one. The hash multiplies by a key of the
 * process, because mail chooses the tokens; two tokens with the same 32 bits
 * are one, which costs a question now and then.
 */
#include "redis/known_tokens.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/memory.h"

#define BITS_LEAST 12
#define BITS_MOST 31

#define UNKNOWN -1		/* a total that none is equal to */

struct known_tokens {
	size_t max;
	uint64_t key;		/* odd */
	uint32_t *slots;	/* 0: free */
	unsigned bits;		/* of their number */
	size_t n;
	bool complete;
	struct known_totals totals;
};

static void empty(struct known_tokens *k)
{
	xfree(k->slots);
	k->bits = BITS_LEAST;
	k->slots = xcalloc((size_t)1 << k->bits, sizeof(*k->slots));
	k->n = 0;
	known_tokens_doubt(k);
}

struct known_tokens *known_tokens_new(size_t max)
{
	struct known_tokens *k = xcalloc(1, sizeof(*k));

	k->max = max < ((size_t)1 << (BITS_MOST - 1)) ?
		 max : (size_t)1 << (BITS_MOST - 1);
	k->key = str_hash(STR("known tokens")) | 1;
	empty(k);
	return k;
}

void known_tokens_free(struct known_tokens **k)
{
	if (*k)
		xfree((*k)->slots);
	xfree(*k);
	*k = NULL;
}

void known_tokens_begin(struct known_tokens *k,
			const struct known_totals *totals)
{
	empty(k);
	k->totals = *totals;
}

static uint32_t mark_of(const struct known_tokens *k, const uint8_t *token)
{
	uint64_t number = 0;
	uint32_t mark;

	memcpy(&number, token, BAYES_TOKEN);
	mark = (uint32_t)(number * k->key >> 32);
	return mark ? mark : 1;
}

/* The slot where the mark is, or where it belongs. */
static size_t find(const struct known_tokens *k, uint32_t mark)
{
	size_t mask = ((size_t)1 << k->bits) - 1;
	size_t at = mark >> (32 - k->bits);

	while (k->slots[at] && k->slots[at] != mark)
		at = (at + 1) & mask;
	return at;
}

static void spread(struct known_tokens *k)
{
	size_t old_n = (size_t)1 << k->bits;
	uint32_t *old = k->slots;

	k->bits++;
	k->slots = xcalloc((size_t)1 << k->bits, sizeof(*k->slots));
	for (size_t i = 0; i < old_n; i++)
		if (old[i])
			k->slots[find(k, old[i])] = old[i];
	xfree(old);
}

static bool add(struct known_tokens *k, uint32_t mark)
{
	size_t at = find(k, mark);

	if (k->slots[at])
		return true;
	if (k->n >= k->max)
		return false;
	k->slots[at] = mark;
	k->n++;
	if (k->n > ((size_t)1 << k->bits) / 2)
		spread(k);
	return true;
}

bool known_tokens_add(struct known_tokens *k, const uint8_t *tokens, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (add(k, mark_of(k, tokens + i * BAYES_TOKEN)))
			continue;
		known_tokens_doubt(k);
		return false;
	}
	return true;
}

static bool agrees(const struct known_tokens *k,
		   const struct known_totals *totals)
{
	return totals->nspam == k->totals.nspam &&
	       totals->nham == k->totals.nham;
}

bool known_tokens_end(struct known_tokens *k,
		      const struct known_totals *totals)
{
	k->complete = agrees(k, totals);
	return k->complete;
}

void known_tokens_check(struct known_tokens *k,
			const struct known_totals *totals)
{
	k->complete = k->complete && agrees(k, totals);
}

void known_tokens_count(struct known_tokens *k, int64_t spam, int64_t ham)
{
	if (k->totals.nspam == UNKNOWN)
		return;
	k->totals.nspam += spam;
	k->totals.nham += ham;
}

void known_tokens_doubt(struct known_tokens *k)
{
	k->totals = (struct known_totals){ UNKNOWN, UNKNOWN };
	k->complete = false;
}

bool known_tokens_is_complete(const struct known_tokens *k)
{
	return k->complete;
}

bool known_tokens_may_have(const struct known_tokens *k,
			   const uint8_t *token)
{
	return !k->complete || k->slots[find(k, mark_of(k, token))];
}

size_t known_tokens_n(const struct known_tokens *k)
{
	return k->n;
}
