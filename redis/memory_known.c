/*
 * Which tokens the Bayes database has (known_tokens.h): walking through it
 * when that is not known, and following what this process learns. What others
 * learn shows in the totals, which are asked for with every message's tokens;
 * then all tokens are asked for until the next walk.
 *
 * Only the database of all users is walked through, and none that is spread
 * over a cluster, whose answers come in no order that could be followed.
 */
#include "redis/memory_int.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

/* A database that others keep changing is not walked through all the time:
 * that may take one part of this many. */
#define REST_SHARE 50
#define REST_LEAST_US 5000000
/* Without news, this often: what expired is forgotten. */
#define AGAIN_US ((int64_t)3600 * 1000000)
/* One that does not fit, or cannot be read, is left alone so long. */
#define REST_FAILED_US ((int64_t)600 * 1000000)

static const struct bayes_home all_users = { .layout = BAYES_PLAIN,
					     .prefix = { "", 0 } };

static bool follows(const struct question *q)
{
	return q->memory->knowing.set && q->ask.home == HOME_BAYES &&
	       q->ask.prefix.n == 0;
}

struct known_tokens *memory_known(struct question *q)
{
	struct knowing *k = &q->memory->knowing;

	if (!follows(q))
		return NULL;
	k->wanted = true;
	return known_tokens_is_complete(k->set) ? k->set : NULL;
}

/* ---- what is learned meanwhile ---- */

static bool read_totals(const struct store_reply *reply, size_t n,
			struct known_totals *out_r)
{
	struct arena *a = arena_new();
	struct bayes_state state;
	bool fine = bayes_parse_state(a, reply, n, &state);

	arena_free(&a);
	*out_r = (struct known_totals){ state.nspam, state.nham };
	return fine;
}

void memory_known_state(struct question *q, const struct store_reply *reply)
{
	struct known_totals now;

	if (read_totals(reply, 1, &now))
		known_tokens_check(q->memory->knowing.set, &now);
}

void memory_known_learned(struct question *q,
			  const struct store_reply *replies, size_t n)
{
	struct known_tokens *set = q->memory->knowing.set;
	enum bayes_learned what;
	struct str why;
	bool spam;

	if (!follows(q) || q->ask.tokens.n == 0)
		return;
	what = bayes_parse_learn(q->arena, replies, n, &why);
	if (what == BAYES_ALREADY || what == BAYES_UNKNOWN ||
	    what == BAYES_REFUSED)
		return;
	if (what != BAYES_LEARNED ||
	    !bayes_is_addition(&q->ask.batch.v[0], &spam)) {
		known_tokens_doubt(set);
		return;
	}
	known_tokens_add(set, (const uint8_t *)q->ask.tokens.p,
			 q->ask.tokens.n / BAYES_TOKEN);
	known_tokens_count(set, spam, !spam);
}

void memory_known_replayed(struct memory *m)
{
	if (m->knowing.set)
		known_tokens_doubt(m->knowing.set);
}

/* ---- the walk ---- */

static void end_walk(struct memory *m, int64_t rest_us)
{
	struct knowing *k = &m->knowing;
	int64_t now = clock_mono_us(), took = now - k->begun_us;

	xfree(k->cursor);
	k->cursor = NULL;
	k->ncursor = 0;
	k->walking = k->wanted = false;
	if (rest_us < took * REST_SHARE)
		rest_us = took * REST_SHARE;
	k->due_us = now + rest_us;
}

static void on_last_totals(void *ctx, enum store_status status,
			   const struct store_reply *replies, size_t n,
			   const struct err *err)
{
	struct memory *m = ctx;
	struct known_totals now;

	(void)err;
	if (status == STORE_OK && read_totals(replies, n, &now) &&
	    known_tokens_end(m->knowing.set, &now))
		log_debug("bayes", "%zu tokens are known to exist",
			  known_tokens_n(m->knowing.set));
	end_walk(m, REST_LEAST_US);
}

static void ask_totals(struct memory *m, store_done *done)
{
	struct arena *a = arena_new();
	struct store_batch b = { 0 };

	bayes_compose_state(a, &all_users, NULL, &b);
	memory_store_send(m, HOME_BAYES, &b, 0, done, m);
	arena_free(&a);
}

static void on_names(void *ctx, enum store_status status,
		     const struct store_reply *replies, size_t n,
		     const struct err *err)
{
	static const struct timeval soon = { .tv_usec = 1000 };
	struct memory *m = ctx;
	struct knowing *k = &m->knowing;
	const struct store_reply *names, *cursor;
	struct str token;

	(void)err;
	if (status != STORE_OK || n != 1 || replies->kind != REPLY_LIST ||
	    replies->n != 2) {
		end_walk(m, REST_FAILED_US);
		return;
	}
	cursor = &replies->items[0];
	names = &replies->items[1];
	for (size_t i = 0; i < names->n; i++) {
		if (!bayes_key_token(&all_users, names->items[i].text, &token))
			continue;
		if (!known_tokens_add(k->set, (const uint8_t *)token.p, 1)) {
			log_info("bayes: more than %zu tokens: all of a "
				 "message's are asked for (bayes_known_tokens)",
				 m->settings->known_tokens);
			end_walk(m, AGAIN_US);
			return;
		}
	}
	xfree(k->cursor);
	k->cursor = xmalloc(cursor->text.n + 1);
	memcpy(k->cursor, cursor->text.p ? cursor->text.p : "",
	       cursor->text.n);
	k->ncursor = cursor->text.n;
	if (k->ncursor)
		event_add(k->step, &soon);
	else
		ask_totals(m, on_last_totals);
}

/* Between two steps questions of clients have their turn. */
static void on_step(evutil_socket_t fd, short what, void *ctx)
{
	struct memory *m = ctx;
	struct store *s = m->stores[HOME_BAYES];
	struct arena *a = arena_new();
	struct str prefix = bayes_token_keys(a, &all_users);

	(void)fd;
	(void)what;
	s->ops->scan(s, prefix, str_dup(a, str_make(m->knowing.cursor,
						    m->knowing.ncursor)),
		     on_names, m);
	arena_free(&a);
}

static void on_first_totals(void *ctx, enum store_status status,
			    const struct store_reply *replies, size_t n,
			    const struct err *err)
{
	struct memory *m = ctx;
	struct known_totals now;

	(void)err;
	if (status != STORE_OK || !read_totals(replies, n, &now)) {
		end_walk(m, REST_LEAST_US);
		return;
	}
	known_tokens_begin(m->knowing.set, &now);
	on_step(-1, 0, m);
}

void memory_known_tick(struct memory *m)
{
	struct knowing *k = &m->knowing;
	int64_t now = clock_mono_us();

	if (!k->set || k->walking || !k->wanted || now < k->due_us)
		return;
	if (known_tokens_is_complete(k->set) && now < k->begun_us + AGAIN_US)
		return;
	k->walking = true;
	k->begun_us = now;
	ask_totals(m, on_first_totals);
}

void memory_known_init(struct memory *m)
{
	struct knowing *k = &m->knowing;

	if (!m->settings->known_tokens ||
	    m->settings->bayes_layout != BAYES_PLAIN ||
	    !memory_has(m->settings, HOME_BAYES))
		return;
	k->set = known_tokens_new(m->settings->known_tokens);
	k->step = event_new(m->base, -1, 0, on_step, m);
	must(k->step);
}
