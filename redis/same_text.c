/*
 * Batches that count who got the same text, and what their replies say; see
 * same_text.h. The window slides by itself: a member is worth what its score,
 * a time, says when it is read.
 */
#include "redis/same_text.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/codec.h"
#include "base/digest.h"

#define PREFIX STR("mekiki:text:")
#define DIGEST_DIGITS 24
#define SHORT_DIGITS 12		/* of recipients and messages */
#define NAME_MAX_OCTETS 255	/* of a domain */

enum kind { DOMAIN, RECIPIENT, MESSAGE, KINDS };

static const struct str words[KINDS] = {
	[DOMAIN] = { "domain:", 7 }, [RECIPIENT] = { "recipient:", 10 },
	[MESSAGE] = { "message:", 8 },
};

struct str same_text_store_key(struct arena *a, struct str digest)
{
	return str_cat(a, PREFIX, digest);
}

bool same_text_key_named(struct str name, struct str *digest_r)
{
	struct str digest = str_from(name, PREFIX.n);

	if (!str_starts(name, PREFIX) || digest.n != DIGEST_DIGITS)
		return false;
	for (size_t i = 0; i < digest.n; i++)
		if (!is_xdigit((unsigned char)digest.p[i]))
			return false;
	*digest_r = digest;
	return true;
}

/* ---- members ---- */

static struct str recipient_member(struct arena *a, struct str address)
{
	uint8_t octets[DIGEST_MAX];
	char digits[2 * DIGEST_MAX];
	struct digest d;

	digest_begin(&d, DIGEST_BLAKE2B, STR_NONE);
	digest_add(&d, address);
	digest_end(&d, octets);
	hex_encode(str_make((const char *)octets, SHORT_DIGITS / 2), digits);
	return str_cat(a, words[RECIPIENT], str_make(digits, SHORT_DIGITS));
}

/* What this message adds, the domains first. */
static void members(struct arena *a, const struct text_arrival *t,
		    struct strs *out)
{
	for (size_t i = 0; i < t->domains->n; i++)
		if (t->domains->v[i].n <= NAME_MAX_OCTETS)
			strs_add(a, out, str_cat(a, words[DOMAIN],
						 t->domains->v[i]));
	for (size_t i = 0; i < t->recipients->n; i++)
		strs_add(a, out, recipient_member(a, t->recipients->v[i]));
	strs_add(a, out, str_cat(a, words[MESSAGE],
				 str_head(t->message, SHORT_DIGITS)));
}

static unsigned *count_of(struct same_text *t, struct str member)
{
	unsigned *counts[KINDS] = {
		[DOMAIN] = &t->domains, [RECIPIENT] = &t->recipients,
		[MESSAGE] = &t->messages,
	};

	for (int k = 0; k < KINDS; k++)
		if (str_starts(member, words[k]))
			return counts[k];
	return NULL;
}

static void count(struct same_text *t, struct str member)
{
	unsigned *n = count_of(t, member);

	if (n)
		++*n;
}

/* ---- reading ---- */

void same_text_compose_recall(struct arena *a, const struct text_arrival *t,
			      struct store_batch *batch)
{
	store_add(a, batch, "ZREVRANGEBYSCORE",
		  same_text_store_key(a, t->digest));
	store_add_arg(a, batch, STR("+inf"));
	store_add_arg(a, batch, str_printf(a, "(%lld", (long long)t->now -
					   (long long)t->window));
	store_add_arg(a, batch, STR("LIMIT"));
	store_add_int(a, batch, 0);
	store_add_int(a, batch, 2 * KINDS * SAME_TEXT_MEMBERS);
}

bool same_text_parse_recall(struct arena *a, const struct text_arrival *t,
			    const struct store_reply *reply,
			    struct same_text *out, struct str *error_r)
{
	struct strs own = { 0 };

	*out = (struct same_text){ .digest = t->digest, .window = t->window };
	if (reply->kind == REPLY_ERROR) {
		if (error_r)
			*error_r = reply->text;
		return false;
	}
	members(a, t, &own);
	for (size_t i = 0; i < own.n; i++)
		count(out, own.v[i]);
	for (size_t i = 0; reply->kind == REPLY_LIST && i < reply->n; i++)
		if (reply->items[i].kind == REPLY_TEXT &&
		    !strs_has(&own, reply->items[i].text))
			count(out, reply->items[i].text);
	return true;
}

void same_text_parse_key(const struct store_reply *reply,
			 struct same_text *out)
{
	*out = (struct same_text){ 0 };
	for (size_t i = 0; reply->kind == REPLY_LIST && i < reply->n; i += 2)
		if (reply->items[i].kind == REPLY_TEXT)
			count(out, reply->items[i].text);
}

/* ---- writing ---- */

void same_text_compose_count(struct arena *a, const struct text_arrival *t,
			     struct store_batch *batch)
{
	struct strs own = { 0 };

	members(a, t, &own);
	store_add_script(a, batch, "same_text_count");
	store_add_key(a, batch, same_text_store_key(a, t->digest));
	store_add_int(a, batch, t->now);
	store_add_int(a, batch, (int64_t)t->window);
	store_add_int(a, batch, SAME_TEXT_MEMBERS);
	for (size_t i = 0; i < own.n; i++)
		store_add_arg(a, batch, own.v[i]);
}
