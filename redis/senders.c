/*
 * Records of AWL and TxRep: names, batches, replies; see senders.h. The script
 * senders_change does the arithmetic on what a record holds at that moment, so
 * that workers that learn of the same sender at once lose nothing.
 */
#include "redis/senders.h"

#include <math.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/codec.h"

static const char *const fields[] = { "count", "total", "epoch" };
#define FIELDS (sizeof(fields) / sizeof(*fields))

static const char *const steps[] = {
	[SCORE_ADD] = "add",
	[SCORE_LEARN] = "learn",
	[SCORE_LEARN_MESSAGE] = "learn_message",
	[SCORE_REMOVE] = "remove",
	[SCORE_UNLEARN] = "unlearn",
	[SCORE_SET] = "set",
	[SCORE_CLEAR] = "clear",
	[SCORE_DELETE] = "delete",
};

/* ---- names ---- */

/* Blanks and what cannot be seen; and braces, which on a cluster would choose
 * the slot of the record, but another one of its marker. */
static bool is_encoded(unsigned char c)
{
	return c <= ' ' || c == 127 || c == '%' || c == '{' || c == '}';
}

struct str senders_store_key(struct arena *a, const char *word,
			     struct str identity)
{
	char *p = arena_alloc(a, 3 * identity.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < identity.n; i++) {
		unsigned char c = (unsigned char)identity.p[i];

		if (is_encoded(c))
			n += (size_t)snprintf(p + n, 4, "%%%02X", c);
		else
			p[n++] = (char)c;
	}
	return str_printf(a, "mekiki:%s:%.*s", word, (int)n, p);
}

static bool is_record_of(const char *word, struct str name, struct str *rest_r)
{
	struct str piece;

	*rest_r = name;
	return str_next(rest_r, ':', &piece) &&
	       str_eq(piece, STR("mekiki")) &&
	       str_next(rest_r, ':', &piece) &&
	       str_eq(piece, str_cstr(word));
}

bool senders_key_named(struct arena *a, const char *word, struct str name,
		       struct str *identity_r)
{
	struct str rest;
	char *p;
	size_t n = 0;

	if (!is_record_of(word, name, &rest))
		return false;
	p = arena_alloc(a, rest.n + 1);
	for (size_t i = 0; i < rest.n; i++) {
		int high = -1, low = -1;

		if (rest.p[i] == '%' && i + 2 < rest.n) {
			high = hex_value(rest.p[i + 1]);
			low = hex_value(rest.p[i + 2]);
		}
		p[n++] = high < 0 || low < 0 ? rest.p[i] :
					       (char)(high * 16 + low);
		if (high >= 0 && low >= 0)
			i += 2;
	}
	*identity_r = str_make(p, n);
	return str_find(*identity_r, STR("|ip=")) >= 0;
}

/* ---- reading ---- */

void senders_compose_recall(struct arena *a, const char *word,
			    const struct score_record *records, size_t n,
			    struct store_batch *batch)
{
	for (size_t i = 0; i < n; i++) {
		store_add(a, batch, "HMGET",
			  senders_store_key(a, word, records[i].key));
		for (size_t f = 0; f < FIELDS; f++)
			store_add_arg(a, batch, str_cstr(fields[f]));
	}
}

/* Whatever a hand wrote there, it is a number afterwards. */
static double number(const struct store_reply *r)
{
	double v = store_reply_number(r, 0);

	return isfinite(v) && fabs(v) < 1e15 ? v : 0;
}

static bool read_record(struct score_record *r, const struct store_reply *reply)
{
	if (reply->kind != REPLY_LIST || reply->n != FIELDS)
		return false;
	r->known = reply->items[0].kind != REPLY_NIL;
	r->count = number(&reply->items[0]);
	r->total = number(&reply->items[1]);
	r->epoch = (int64_t)number(&reply->items[2]);
	return true;
}

bool senders_parse_recall(struct score_record *records, size_t n,
			  const struct store_reply *replies, size_t nreplies,
			  struct str *error_r)
{
	struct str error = STR("too few replies");
	bool fine = nreplies >= n;

	for (size_t i = 0; i < n && fine; i++) {
		fine = read_record(&records[i], &replies[i]);
		if (!fine)
			error = replies[i].kind == REPLY_ERROR ?
				replies[i].text : STR("not a record");
	}
	for (size_t i = 0; i < n && !fine; i++)
		records[i] = (struct score_record){ .key = records[i].key };
	if (!fine && error_r)
		*error_r = error;
	return fine;
}

/* ---- writing ---- */

static void add_change(struct arena *a, const char *word,
		       const struct score_change *c, struct str event,
		       const struct senders_write *w, struct store_batch *batch)
{
	struct str key = senders_store_key(a, word, c->key);

	store_add_script(a, batch, "senders_change");
	store_add_key(a, batch, key);
	if (w->lesson)
		store_add_key(a, batch,
			      str_printf(a, "mekiki:done:{%.*s}:%.*s",
					 STR_ARG(key), STR_ARG(event)));
	store_add_int(a, batch, w->now);
	store_add_arg(a, batch, clock_text(a, w->now));
	store_add_number(a, batch, w->lifetime);
	store_add_arg(a, batch, event);
	store_add_arg(a, batch, str_cstr(steps[c->step]));
	store_add_number(a, batch, c->value);
	store_add_number(a, batch, c->count);
	store_add_int(a, batch, c->epoch);
	store_add_number(a, batch, w->dilution);
}

void senders_compose_change(struct arena *a, const char *word,
			    const struct score_changes *changes,
			    const struct senders_write *w,
			    struct store_batch *batch)
{
	/* One record may change twice; each change is an event. */
	for (size_t i = 0; i < changes->n; i++)
		add_change(a, word, &changes->v[i],
			   str_printf(a, "%.*s.%zu", STR_ARG(w->event), i + 1),
			   w, batch);
}
