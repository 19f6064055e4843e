/*
 * What is known of a key, for people or as JSON. Times are told in both ways
 * that a person wants: when, and how long ago.
 */
#include "cli/reputation_int.h"

#include <math.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "conf/settings.h"
#include "learn/reputation.h"
#include "redis/same_text.h"
#include "redis/upkeep.h"

#define ASK_SECONDS 10.0

int reputation_ask(const struct reputation_cli *c, struct store_batch *b,
		   struct memory_answer *out_r, struct err *err)
{
	struct memory_ask ask = {
		.word = MEMORY_READ, .home = HOME_MAIN, .batch = *b,
		.timeout = ASK_SECONDS,
	};

	if (!memory_ask(c->client, &ask, c->arena, out_r, err))
		return -1;
	if (out_r->n < b->n)
		return err_set(err, "the store answers too little");
	for (size_t i = 0; i < out_r->n; i++)
		if (out_r->replies[i].kind == REPLY_ERROR) {
			struct str why = store_explain(c->arena,
						out_r->replies[i].text);

			return err_set(err, "%.*s", STR_ARG(why));
		}
	return 0;
}

/* ---- times ---- */

/* "3 days", "2 hours". */
static struct str span(struct arena *a, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *word;
	} units[] = {
		{ 86400, "day" }, { 3600, "hour" }, { 60, "minute" },
		{ 1, "second" },
	};
	size_t i = 0;
	int64_t n;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	n = seconds < 0 ? 0 : seconds / units[i].seconds;
	return str_printf(a, "%lld %s%s", (long long)n, units[i].word,
			  n == 1 ? "" : "s");
}

static void show_time(struct reputation_cli *c, const char *what,
		      int64_t seconds)
{
	if (seconds > 0)
		printf("  %-10s %.*s (%.*s ago)\n", what,
		       STR_ARG(clock_text(c->arena, seconds)),
		       STR_ARG(span(c->arena, c->now - seconds)));
}

static void show_lifetime(struct reputation_cli *c, int64_t ttl)
{
	if (ttl >= 0)
		printf("  %-10s %.*s (in %.*s)\n", "forgotten",
		       STR_ARG(clock_text(c->arena, c->now + ttl)),
		       STR_ARG(span(c->arena, ttl)));
	else
		printf("  %-10s never\n", "forgotten");
}

/* ---- evidence ---- */

static const char *meaning(double score)
{
	return score >= 0.3 ? "very bad" : score >= 0.06 ? "bad" :
	       score < -0.6 ? "very good" : score < -0.2 ? "good" :
	       "nothing to speak of";
}

static void show_evidence(struct reputation_cli *c, const struct target *t,
			  const struct evidence *e, int64_t ttl)
{
	printf("%.*s\n", STR_ARG(t->key));
	printf("  %-10s %+.3f (%s)\n", "score", e->score, meaning(e->score));
	printf("  %-10s %lld: %lld spam, %lld ham", "messages",
	       (long long)e->seen, (long long)e->spam, (long long)e->ham);
	if (e->authenticated)
		printf("; %lld authenticated", (long long)e->authenticated);
	printf("\n");
	if (e->people_spam + e->people_ham > 0)
		printf("  %-10s %lld spam, %lld ham\n", "people",
		       (long long)e->people_spam, (long long)e->people_ham);
	show_time(c, "first", e->first);
	show_time(c, "last", e->last);
	show_lifetime(c, ttl);
	for (size_t i = 0; i < e->verdicts.n; i++)
		printf("  %-10s %.*s\n", i ? "" : "verdicts",
		       STR_ARG(e->verdicts.v[i]));
}

static void json_evidence(struct reputation_cli *c, const struct evidence *e,
			  int64_t ttl)
{
	struct json *j = c->json;
	const struct {
		const char *name;
		int64_t v;
	} counts[] = {
		{ "seen", e->seen }, { "spam", e->spam }, { "ham", e->ham },
		{ "people_spam", e->people_spam },
		{ "people_ham", e->people_ham },
		{ "authenticated", e->authenticated }, { "first", e->first },
		{ "last", e->last }, { "seconds_left", ttl },
	};

	json_name(j, "kind");
	json_text(j, str_cstr(evidence_word(e->key.kind)));
	json_name(j, "name");
	json_text(j, e->key.name);
	json_name(j, "score");
	json_number(j, e->score);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		json_name(j, counts[i].name);
		json_int(j, counts[i].v);
	}
	json_name(j, "first_time");
	json_text(j, clock_text(c->arena, e->first));
	json_name(j, "last_time");
	json_text(j, clock_text(c->arena, e->last));
	json_name(j, "recent_spam");
	json_number(j, e->recent_spam);
	json_name(j, "recent_ham");
	json_number(j, e->recent_ham);
	json_name(j, "verdicts");
	json_open(j, '[');
	for (size_t i = 0; i < e->verdicts.n; i++)
		json_text(j, e->verdicts.v[i]);
	json_close(j, ']');
}

static bool read_evidence(struct reputation_cli *c, const struct target *t,
			  const struct store_reply *replies)
{
	struct evidence e;
	int64_t ttl = (int64_t)store_reply_number(&replies[1], -1);

	reputation_parse_key(c->arena, &t->who, &replies[0], &e);
	reputation_rate(&e, c->now, c->settings);
	if (!e.known)
		return false;
	if (c->json)
		json_evidence(c, &e, ttl);
	else
		show_evidence(c, t, &e, ttl);
	return true;
}

/* ---- texts and messages ---- */

static bool read_text(struct reputation_cli *c, const struct target *t,
		      const struct store_reply *replies)
{
	const struct store_reply *r = &replies[0];
	struct same_text text;
	int64_t ttl = (int64_t)store_reply_number(&replies[1], -1);
	const struct {
		const char *name;
		int64_t v;
	} counts[] = {
		{ "domains", 0 }, { "recipients", 0 }, { "messages", 0 },
	};
	int64_t values[3];

	same_text_parse_key(r, &text);
	values[0] = text.domains;
	values[1] = text.recipients;
	values[2] = text.messages;
	if (r->kind != REPLY_LIST || !r->n)
		return false;
	if (!c->json)
		printf("%.*s\n", STR_ARG(t->key));
	for (size_t i = 0; i < 3; i++) {
		if (c->json) {
			json_name(c->json, counts[i].name);
			json_int(c->json, values[i]);
		} else {
			printf("  %-10s %lld\n", counts[i].name,
			       (long long)values[i]);
		}
	}
	if (c->json) {
		json_name(c->json, "seconds_left");
		json_int(c->json, ttl);
	} else {
		show_lifetime(c, ttl);
	}
	return true;
}

static bool read_message(struct reputation_cli *c, const struct target *t,
			 const struct store_reply *replies)
{
	int64_t ttl = (int64_t)store_reply_number(&replies[1], -1);

	if (replies[0].kind != REPLY_TEXT)
		return false;
	if (c->json) {
		json_name(c->json, "verdict");
		json_text(c->json, replies[0].text);
		json_name(c->json, "seconds_left");
		json_int(c->json, ttl);
		return true;
	}
	printf("%.*s\n  %-10s %.*s\n", STR_ARG(t->key), "counted",
	       STR_ARG(replies[0].text));
	show_lifetime(c, ttl);
	return true;
}

/* ---- all of them ---- */

static void compose(struct reputation_cli *c, const struct target *t,
		    struct store_batch *b)
{
	struct arena *a = c->arena;

	switch (t->type) {
	case TARGET_EVIDENCE:
		reputation_compose_show(a, &t->who, b);
		return;
	case TARGET_TEXT:
		store_add(a, b, "ZREVRANGE", t->key);
		store_add_int(a, b, 0);
		store_add_int(a, b, -1);
		store_add_arg(a, b, STR("WITHSCORES"));
		break;
	case TARGET_MESSAGE:
		store_add(a, b, "GET", t->key);
		break;
	}
	store_add(a, b, "TTL", t->key);
}

int reputation_show(struct reputation_cli *c, const struct target *t,
		    struct err *err)
{
	static bool (*const read[])(struct reputation_cli *,
				    const struct target *,
				    const struct store_reply *) = {
		[TARGET_EVIDENCE] = read_evidence, [TARGET_TEXT] = read_text,
		[TARGET_MESSAGE] = read_message,
	};
	struct store_batch b = { 0 };
	struct memory_answer answer;
	bool known;

	compose(c, t, &b);
	if (reputation_ask(c, &b, &answer, err) < 0)
		return -1;
	if (c->json) {
		json_open(c->json, '{');
		json_name(c->json, "key");
		json_text(c->json, t->key);
	}
	known = read[t->type](c, t, answer.replies);
	if (c->json) {
		json_name(c->json, "known");
		json_bool(c->json, known);
		json_close(c->json, '}');
	} else if (!known && !t->guessed) {
		printf("%.*s\n  nothing is known\n", STR_ARG(t->key));
	}
	c->shown += known;
	return 0;
}

/* ---- lists of the day ---- */

int reputation_show_top(struct reputation_cli *c, enum evidence_kind kind,
			struct str day, int most, bool best, struct err *err)
{
	struct str key = upkeep_top_key(c->arena, kind, day);
	struct store_batch b = { 0 };
	struct memory_answer answer;
	const struct store_reply *r;
	bool any = false;

	store_add(c->arena, &b, best ? "ZRANGE" : "ZREVRANGE", key);
	store_add_int(c->arena, &b, 0);
	store_add_int(c->arena, &b, most - 1);
	store_add_arg(c->arena, &b, STR("WITHSCORES"));
	if (reputation_ask(c, &b, &answer, err) < 0)
		return -1;
	r = &answer.replies[0];
	for (size_t i = 0; r->kind == REPLY_LIST && i + 1 < r->n; i += 2) {
		double v = store_reply_number(&r->items[i + 1], 0);

		/* The other end of the list is no answer. */
		if (best ? v >= 0 : v <= 0)
			continue;
		c->shown++;
		if (!c->json && !any)
			printf("%.*s\n", STR_ARG(key));
		any = true;
		if (!c->json) {
			printf("  %+8.1f %.*s\n", v,
			       STR_ARG(r->items[i].text));
			continue;
		}
		json_open(c->json, '{');
		json_name(c->json, "kind");
		json_text(c->json, str_cstr(evidence_word(kind)));
		json_name(c->json, "name");
		json_text(c->json, r->items[i].text);
		json_name(c->json, "balance");
		json_number(c->json, v);
		json_close(c->json, '}');
	}
	return 0;
}
