/*
 * Showing, saving and clearing a Bayes database; see learn_store.h. Keys are
 * found by the store's scan, which lets a server do other work between two
 * pieces (SpamAssassin asks for all keys at once), and may tell one twice.
 */
#include "cli/learn_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "cli/learn_store_int.h"
#include "conf/settings.h"
#include "learn/bayes.h"
#include "match/regex.h"

/* Keys that one question asks about. */
#define AT_ONCE 1000

int learn_store_ask(const struct learn_store *ls, struct arena *a,
		    struct store_batch *b, struct memory_answer *out_r,
		    struct err *err)
{
	struct memory_ask ask = {
		.word = MEMORY_READ,
		.home = HOME_BAYES,
		.batch = *b,
		.timeout = LEARN_STORE_TIMEOUT,
	};

	if (!memory_ask(ls->client, &ask, a, out_r, err))
		return -1;
	for (size_t i = 0; i < out_r->n; i++)
		if (out_r->replies[i].kind == REPLY_ERROR) {
			struct str why = store_explain(a,
						out_r->replies[i].text);

			return err_set(err, "%.*s", STR_ARG(why));
		}
	return 0;
}

/* ---- keys ---- */

static int find_keys(const struct learn_store *ls, struct str prefix,
		     struct strs *keys, struct err *err)
{
	return memory_find_keys(ls->client, ls->arena, HOME_BAYES,
				LEARN_STORE_TIMEOUT, prefix, keys, err) ?
		0 : -1;
}

/* ---- tokens ---- */

typedef void token_fn(void *ctx, struct str token, struct bayes_count c);

static int counts_of(const struct learn_store *ls, struct arena *a,
		     const uint8_t *ids, size_t n, struct bayes_count *counts,
		     struct err *err)
{
	struct store_batch b = { 0 };
	struct memory_answer answer;

	bayes_compose_counts(a, &ls->home, ids, n, &b);
	if (learn_store_ask(ls, a, &b, &answer, err) < 0)
		return -1;
	if (!bayes_parse_counts(&ls->home, ids, n, answer.replies, answer.n,
				counts))
		return err_set(err, "the store's counts make no sense");
	return 0;
}

/* Calls fn with each token that some message had. */
static int each_token(const struct learn_store *ls, token_fn *fn, void *ctx,
		      struct err *err)
{
	struct arena *a = arena_new();
	struct strs keys = { 0 };
	struct bayes_count counts[AT_ONCE];
	uint8_t ids[AT_ONCE * BAYES_TOKEN];
	struct str token;
	int rc = find_keys(ls, bayes_token_keys(ls->arena, &ls->home), &keys,
			   err);

	for (size_t i = 0; rc == 0 && i < keys.n;) {
		size_t n = 0;

		for (; i < keys.n && n < AT_ONCE; i++)
			if (bayes_key_token(&ls->home, keys.v[i], &token))
				memcpy(ids + n++ * BAYES_TOKEN, token.p,
				       BAYES_TOKEN);
		rc = counts_of(ls, a, ids, n, counts, err);
		for (size_t k = 0; rc == 0 && k < n; k++)
			if (counts[k].spam || counts[k].ham)
				fn(ctx, str_make((char *)ids + k * BAYES_TOKEN,
						 BAYES_TOKEN), counts[k]);
		arena_reset(a);
	}
	arena_free(&a);
	return rc;
}

static void put_hex(char out[2 * BAYES_TOKEN + 1], struct str token)
{
	for (size_t i = 0; i < BAYES_TOKEN; i++)
		snprintf(out + 2 * i, 3, "%02x", (unsigned char)token.p[i]);
}

static int read_state(const struct learn_store *ls, struct bayes_state *out_r,
		      struct err *err)
{
	struct store_batch b = { 0 };
	struct memory_answer answer;

	bayes_compose_state(ls->arena, &ls->home, NULL, &b);
	if (learn_store_ask(ls, ls->arena, &b, &answer, err) < 0)
		return -1;
	if (!bayes_parse_state(ls->arena, answer.replies, answer.n, out_r))
		return err_set(err, "the store's totals make no sense");
	if (!out_r->usable)
		return err_set(err, "%.*s", STR_ARG(out_r->why));
	return 0;
}

static int written(struct err *err)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return err_set(err, "standard output: %s", strerror(errno));
	return 0;
}

/* ---- dump ---- */

struct dump {
	const struct learn_store *ls;
	struct bayes_state state;
	const struct regex *re;
	unsigned now;
};

static void dump_line(double p, uint32_t spam, uint32_t ham, unsigned when,
		      const char *what)
{
	printf("%3.3f %10u %10u %10u  %s\n", p, spam, ham, when, what);
}

static void dump_token(void *ctx, struct str token, struct bayes_count c)
{
	const struct dump *d = ctx;
	double p = bayes_token_probability(d->ls->settings, c,
					   (uint32_t)d->state.nspam,
					   (uint32_t)d->state.nham);
	char hex[2 * BAYES_TOKEN + 1];

	put_hex(hex, token);
	if (d->re && regex_search(d->re, str_cstr(hex), 0, NULL) != 1)
		return;
	dump_line(p < 0 ? 0.5 : p, c.spam, c.ham, d->now, hex);
}

/* What this database has no notion of, because its keys expire by themselves,
 * is 0, as with SpamAssassin's Redis store. */
static void dump_state(const struct bayes_state *s)
{
	static const char *const none[] = {
		"ntokens", "oldest atime", "newest atime",
		"last journal sync atime", "last expiry atime",
		"last expire atime delta", "last expire reduction count",
	};
	char what[64];

	dump_line(0, 0, 3, 0, "non-token data: bayes db version");
	dump_line(0, 0, (uint32_t)s->nspam, 0, "non-token data: nspam");
	dump_line(0, 0, (uint32_t)s->nham, 0, "non-token data: nham");
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		snprintf(what, sizeof(what), "non-token data: %s", none[i]);
		dump_line(0, 0, 0, 0, what);
	}
}

int learn_dump(const struct learn_store *ls, bool magic, bool data,
	       const struct regex *re, struct err *err)
{
	struct dump d = { .ls = ls, .re = re, .now = (unsigned)clock_now() };

	if (read_state(ls, &d.state, err) < 0)
		return -1;
	if (magic)
		dump_state(&d.state);
	if (data && each_token(ls, dump_token, &d, err) < 0)
		return -1;
	return written(err);
}

/* ---- backup ---- */

static void backup_token(void *ctx, struct str token, struct bayes_count c)
{
	char hex[2 * BAYES_TOKEN + 1];

	put_hex(hex, token);
	printf("t\t%u\t%u\t%u\t%s\n", c.spam, c.ham, *(const unsigned *)ctx,
	       hex);
}

/* The form is lines: an id that would end one is left out (a Message-ID in a
 * header cannot hold such an octet). */
static bool fits_a_line(struct str id)
{
	return id.n && str_chr(id, '\n') < 0 && str_chr(id, '\0') < 0;
}

static void backup_seen(const struct strs *ids, const struct store_reply *kinds)
{
	for (size_t i = 0; i < ids->n && i < kinds->n; i++)
		if (kinds->items[i].kind == REPLY_TEXT &&
		    fits_a_line(ids->v[i]))
			printf("s\t%.*s\t%.*s\n",
			       STR_ARG(kinds->items[i].text),
			       STR_ARG(ids->v[i]));
}

static int each_seen(const struct learn_store *ls, struct err *err)
{
	struct arena *a = arena_new();
	struct strs keys = { 0 };
	int rc = find_keys(ls, bayes_seen_keys(ls->arena, &ls->home), &keys,
			   err);

	for (size_t i = 0; rc == 0 && i < keys.n;) {
		struct store_batch b = { 0 };
		struct memory_answer answer;
		struct strs ids = { 0 };
		struct str id;

		for (; i < keys.n && ids.n < AT_ONCE; i++) {
			if (!bayes_key_seen(&ls->home, keys.v[i], &id))
				continue;
			if (ids.n)
				store_add_arg(a, &b, keys.v[i]);
			else
				store_add(a, &b, "MGET", keys.v[i]);
			strs_add(a, &ids, id);
		}
		if (b.n)
			rc = learn_store_ask(ls, a, &b, &answer, err);
		if (b.n && rc == 0 && answer.n == 1 &&
		    answer.replies->kind == REPLY_LIST)
			backup_seen(&ids, answer.replies);
		arena_reset(a);
	}
	arena_free(&a);
	return rc;
}

int learn_backup(const struct learn_store *ls, struct err *err)
{
	unsigned now = (unsigned)clock_now();
	struct bayes_state s;

	if (read_state(ls, &s, err) < 0)
		return -1;
	printf("v\t3\tdb_version # this must be the first line!!!\n"
	       "v\t%lld\tnum_spam\nv\t%lld\tnum_nonspam\n",
	       (long long)s.nspam, (long long)s.nham);
	if (each_token(ls, backup_token, &now, err) < 0 ||
	    each_seen(ls, err) < 0)
		return -1;
	return written(err);
}

/* ---- clear ---- */

static int delete_keys(const struct learn_store *ls, struct str prefix,
		       struct err *err)
{
	struct arena *a = arena_new();
	struct strs keys = { 0 };
	int rc = find_keys(ls, prefix, &keys, err);

	for (size_t i = 0; rc == 0 && i < keys.n;) {
		struct store_batch b = { 0 };
		struct memory_answer answer;

		for (; i < keys.n && b.n < AT_ONCE; i++)
			store_add(a, &b, "DEL", keys.v[i]);
		rc = learn_store_ask(ls, a, &b, &answer, err);
		arena_reset(a);
	}
	arena_free(&a);
	return rc;
}

int learn_clear(const struct learn_store *ls, struct err *err)
{
	struct store_batch b = { 0 };
	struct memory_answer answer;

	bayes_compose_totals(ls->arena, &ls->home, -1, -1, &b);
	if (delete_keys(ls, bayes_token_keys(ls->arena, &ls->home), err) < 0 ||
	    delete_keys(ls, bayes_seen_keys(ls->arena, &ls->home), err) < 0)
		return -1;
	return learn_store_ask(ls, ls->arena, &b, &answer, err);
}
