/*
 * What is remembered of a message, and what it teaches: the one place where
 * learn/ (which keys, which tokens, what they amount to), redis/ (how they are
 * asked) and the scan meet.
 *
 * A message has two round trips at most: all questions leave together once it
 * is parsed, and their answers are waited for once, before the first rule; what
 * its verdict teaches leaves together at the end, and only something that is
 * learned is waited for. If answers do not come in time the scan goes on
 * without them, and a rule says so.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "learn/bayes.h"
#include "learn/reputation.h"
#include "mail/date.h"
#include "mail/message.h"
#include "match/selector.h"
#include "redis/memory.h"
#include "scan/recall.h"

/* Questions of one message, by number. */
enum { ASK_FACTS = 1, ASK_BAYES, ASK_TOKENS };

const struct recall_part *const recall_parts[] = {
	&recall_reputation,
	&recall_same_text,
	&recall_senders,
	NULL,
};

/* When the message came, as its newest Received line says: senders write what
 * they like into Date. */
static bool came_at(struct message *m, time_t *time_r)
{
	struct headers *hs = &m->headers;

	for (size_t i = headers_find(hs, STR("Received"), 0); i < hs->n;
	     i = headers_find(hs, STR("Received"), i + 1)) {
		struct str line = header_text(m->arena, m->settings, &hs->v[i]);
		ssize_t at = str_rchr(line, ';');

		if (at >= 0 && date_parse(str_trim(str_from(line, (size_t)at +
							    1)), time_r))
			return true;
	}
	return date_parse(selector_get(m, STR("Date"), NULL), time_r);
}

/* Now, or the message's own now. */
time_t memory_now(struct scan *s)
{
	time_t date;

	if (s->options->by_date && came_at(s->msg, &date))
		return date;
	return clock_now();
}

/* ---- asking ---- */

static bool uses_bayes(const struct scan *s)
{
	return settings_bool(s->settings, STR("use_bayes")) &&
	       memory_has(s->options->memory_settings, HOME_BAYES);
}

static void missing(struct scan *s, struct str why)
{
	if (s->memory.state == MEMORY_MISSING)
		return;
	s->memory.state = MEMORY_MISSING;
	s->memory.why = str_dup(s->arena, why);
	log_debug("memory", "verdict without memory: %.*s", STR_ARG(why));
}

static bool ask(struct scan *s, const struct memory_ask *q)
{
	struct err err;

	if (memory_send(s->options->memory, q, &err))
		return true;
	missing(s, str_cstr(err.text));
	return false;
}

static void ask_facts(struct scan *s)
{
	struct recall *r = s->recall;
	struct memory_ask q = { .id = ASK_FACTS, .home = HOME_MAIN };

	if (!memory_has(s->options->memory_settings, HOME_MAIN))
		return;
	s->memory.message = reputation_message_key(s->arena, s->msg);
	for (size_t i = 0; recall_parts[i]; i++) {
		size_t before = q.batch.n;

		recall_parts[i]->compose(s, &q.batch);
		r->ncommands[i] = q.batch.n - before;
	}
	if (q.batch.n && ask(s, &q))
		r->open++;
}

static void ask_bayes(struct scan *s)
{
	struct recall *r = s->recall;
	struct bayes_ask *b = &r->bayes;
	struct memory_ask q = { .id = ASK_BAYES, .home = HOME_BAYES };

	bayes_ask_begin(s->arena, s->msg, s->settings, s->options, b);
	bayes_compose_state(s->arena, &b->home, &b->ids, &q.batch);
	if (memory_client_is_trained(s->options->memory, b->home.prefix) &&
	    settings_bool(s->settings, STR("use_bayes_rules")) &&
	    !bayes_is_ignored(s->msg, s->settings))
		bayes_ask_tokens(s->arena, s->msg, s->settings, BAYES_SCAN, b);
	q.prefix = b->home.prefix;
	q.tokens = b->token_ids;
	if (ask(s, &q))
		r->open++;
}

void memory_recall(struct scan *s)
{
	s->memory.message = STR("");
	if (!s->options->memory)
		return;
	s->recall = arena_alloc(s->arena, sizeof(*s->recall));
	s->memory.state = MEMORY_KNOWN;
	memory_begin(s->options->memory);
	ask_facts(s);
	if (uses_bayes(s) && s->memory.state == MEMORY_KNOWN)
		ask_bayes(s);
}

/* ---- the answers ---- */

static void take_facts(struct scan *s, const struct memory_answer *a)
{
	struct recall *r = s->recall;
	struct str why = STR("");
	size_t at = 0;

	for (size_t i = 0; recall_parts[i]; i++) {
		size_t n = r->ncommands[i];

		if (at + n > a->n ||
		    (n && !recall_parts[i]->take(s, a->replies + at, n,
						 &why))) {
			missing(s, store_explain(s->arena, why));
			return;
		}
		at += n;
	}
}

static void combine(struct scan *s, const struct bayes_tokens *t,
		    const struct memory_answer *a)
{
	const struct bayes_state *state = &s->recall->state;

	if (!t || a->ncounts == t->n)
		bayes_combine(s->arena, s->settings, t, a->counts,
			      (uint32_t)state->nspam, (uint32_t)state->nham,
			      &s->memory.bayes);
}

/* Nobody knew that the database is trained by now: asked once more, for this
 * message only. */
static void ask_tokens(struct scan *s)
{
	struct recall *r = s->recall;
	struct memory_ask q = {
		.id = ASK_TOKENS,
		.home = HOME_BAYES,
		.prefix = r->bayes.home.prefix,
	};

	bayes_ask_tokens(s->arena, s->msg, s->settings, BAYES_SCAN, &r->bayes);
	q.tokens = r->bayes.token_ids;
	if (q.tokens.n && ask(s, &q))
		r->open++;
}

static void take_bayes(struct scan *s, const struct memory_answer *a)
{
	struct recall *r = s->recall;
	bool trained;

	r->has_state = bayes_parse_state(s->arena, a->replies, a->n,
					 &r->state);
	if (!r->has_state || !r->state.usable) {
		missing(s, r->has_state ? r->state.why :
			STR("the state of Bayes cannot be read"));
		return;
	}
	trained = bayes_is_ready(s->settings, (uint32_t)r->state.nspam,
				 (uint32_t)r->state.nham);
	memory_client_trained(s->options->memory, r->bayes.home.prefix,
			      trained);
	if (!trained || !settings_bool(s->settings, STR("use_bayes_rules")))
		return;
	s->score_set |= 2;
	if (r->bayes.tokens)
		combine(s, r->bayes.tokens, a);
	else if (bayes_is_ignored(s->msg, s->settings))
		combine(s, NULL, a);
	else
		ask_tokens(s);
}

static void take(struct scan *s, const struct memory_answer *a)
{
	s->recall->open--;
	if (a->status != STORE_OK)
		missing(s, a->error);
	else if (a->id == ASK_FACTS)
		take_facts(s, a);
	else if (a->id == ASK_BAYES)
		take_bayes(s, a);
	else if (a->id == ASK_TOKENS)
		combine(s, s->recall->bayes.tokens, a);
}

void memory_settle(struct scan *s)
{
	int64_t until;
	int rc = 1;

	if (!s->recall)
		return;
	until = clock_mono_us() +
		(int64_t)(s->options->memory_settings->timeout * 1e6);
	if (s->deadline_us && s->deadline_us < until)
		until = s->deadline_us;
	while (s->recall->open && rc > 0) {
		struct memory_answer a;

		rc = memory_wait(s->options->memory, until, s->arena, &a);
		if (rc > 0)
			take(s, &a);
	}
	if (rc <= 0)
		missing(s, rc < 0 ? STR("the memory process is gone") :
			STR("no answer in time"));
}

/* ---- what the verdict teaches ---- */

/* A replay of the past is to be the same each time: there the next message
 * waits until what this one did is known. (Tokens that live on change no
 * verdict.) */
static void teach(struct scan *s, struct memory_ask *q)
{
	struct memory_answer a;
	struct err err;
	bool wait = s->options->by_date && !q->tokens.n;

	if (!q->batch.n && !q->tokens.n)
		return;
	q->word = wait ? MEMORY_LEARN : MEMORY_TEACH;
	if (wait)
		memory_ask(s->options->memory, q, s->arena, &a, &err);
	else
		memory_send(s->options->memory, q, &err);
}

static void teach_facts(struct scan *s)
{
	struct memory_ask q = { .home = HOME_MAIN };

	if (!memory_has(s->options->memory_settings, HOME_MAIN))
		return;
	for (size_t i = 0; recall_parts[i]; i++)
		recall_parts[i]->teach(s, &q.batch);
	teach(s, &q);
}

/* Tokens that the verdict rested on live on. */
static void touch(struct scan *s)
{
	struct recall *r = s->recall;
	struct memory_ask q = { .home = HOME_BAYES, .prefix = r->bayes.home.prefix };

	if (!s->memory.bayes.has)
		return;
	q.tokens = s->memory.bayes.used;
	teach(s, &q);
}

static void autolearn(struct scan *s)
{
	struct recall *r = s->recall;
	struct memory_ask q = { .word = MEMORY_LEARN, .home = HOME_BAYES };
	int class = scan_autolearn_class(s);
	struct memory_answer a;
	struct str why;
	struct err err;

	if (class < 0 || !r->has_state || !r->state.usable || r->state.seen ||
	    bayes_is_ignored(s->msg, s->settings))
		return;
	bayes_ask_tokens(s->arena, s->msg, s->settings, BAYES_SCAN,
			 &r->bayes);
	q.prefix = r->bayes.home.prefix;
	q.tokens = r->bayes.token_ids;
	q.timeout = s->options->memory_settings->timeout;
	bayes_compose_learn(s->arena, &r->bayes.home, class == 1, false,
			    (const uint8_t *)q.tokens.p, r->bayes.tokens->n,
			    &r->bayes.ids, &q.batch);
	/* Not longer than a scan may wait. */
	if (!memory_ask_until(s->options->memory, &q, clock_mono_us() +
			      (int64_t)(2e6 * q.timeout), s->arena, &a,
			      &err)) {
		log_warn("bayes: not learned: %s", err.text);
		s->learned = "failed";
		return;
	}
	if (a.journaled ||
	    bayes_parse_learn(s->arena, a.replies, a.n, &why) == BAYES_LEARNED)
		s->learned = class == 1 ? "spam" : "ham";
}

void memory_teach_verdict(struct scan *s)
{
	/* The score of a scan that ended early is no evidence. */
	if (!s->recall || !s->options->teach || s->timed_out ||
	    s->shortcircuited)
		return;
	if (s->memory.state == MEMORY_KNOWN) {
		teach_facts(s);
		touch(s);
	}
	if (uses_bayes(s))
		autolearn(s);
}

/* ---- commands of scripts ---- */

/* Scripts number their questions; ours have the low numbers. */
#define SCRIPT_ID 0x10000u

bool memory_ask_command(struct scan *s, const struct ask *ask, struct err *err)
{
	struct memory_ask q = {
		.id = SCRIPT_ID + ask->id,
		.home = HOME_MAIN,
		.timeout = ask->timeout,
	};

	if (!s->options->memory ||
	    !memory_has(s->options->memory_settings, HOME_MAIN)) {
		err_set(err, "redis is not configured");
		return false;
	}
	for (size_t i = 0; i < ask->ncommands; i++)
		store_append(s->arena, &q.batch, &(struct store_command){
			.script = -1, .argv = ask->commands[i] });
	if (!memory_send(s->options->memory, &q, err))
		return false;
	s->store_asks++;
	return true;
}

int memory_fd(const struct scan *s)
{
	return memory_client_fd(s->options->memory);
}

int memory_take_command(struct scan *s, struct ask_answer *out_r)
{
	struct memory_answer a;
	struct store_reply *all;

	if (memory_wait(s->options->memory, 0, s->arena, &a) <= 0 ||
	    a.id < SCRIPT_ID || a.id >= MEMORY_ASK_IDS)
		return 0;
	s->store_asks--;
	all = arena_alloc(s->arena, sizeof(*all));
	*all = (struct store_reply){ .kind = REPLY_LIST, .items = a.replies,
				     .n = a.n };
	*out_r = (struct ask_answer){
		.id = a.id - SCRIPT_ID,
		.status = a.status == STORE_OK ? ASK_OK :
			  a.status == STORE_LATE ? ASK_TIMEOUT : ASK_ERROR,
		.error = a.error,
		.reply = all,
	};
	return 1;
}
