/*
 * AWL and TxRep in a scan. Their rules score what they reckon, not what a
 * `score` line says, and they need the score so far; so the scan answers them
 * itself (eval tests with EVAL_SENDERS): learn/senders.h reckons from the
 * records that memory.c had recalled, and what is to be written waits until
 * the verdict is made.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "conf/rule.h"
#include "learn/senders.h"
#include "learn/tokens.h"
#include "redis/senders.h"
#include "scan/recall.h"

#define DAY 86400.0

/* Until SPF and DKIM are asked, nobody proves anything. */
static const struct senders_proof no_proof;

/* What one scan or lesson is called: the message, and when. Base 36 keeps it
 * short enough for a small hash in Redis. */
static struct str event_name(struct arena *a, struct str message, int64_t ms)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	static unsigned serial;
	char text[16];
	size_t n = sizeof(text);
	uint64_t v = (uint64_t)ms * 1000 + serial++ % 1000;

	while (n > 0 && v) {
		text[--n] = digits[v % 36];
		v /= 36;
	}
	return str_printf(a, "%.*s-%.*s", STR_ARG(str_head(message, 10)),
			  (int)(sizeof(text) - n), text + n);
}

static double lifetime_of(const struct settings *s, enum senders_plugin plugin)
{
	return plugin == SENDERS_TXREP ?
		settings_number(s, STR("txrep_expiry_days")) * DAY :
		settings_number(s, STR("awl_expiry_days")) * DAY;
}

/* SpamAssassin 4.0 documents txrep_dilution_factor and never applies it. */
static double dilution_of(const struct settings *s, enum senders_plugin plugin)
{
	return plugin == SENDERS_TXREP &&
	       settings_bool(s, STR("txrep_dilution")) ?
		settings_number(s, STR("txrep_dilution_factor")) : 1;
}

/* ---- recall ---- */

static void compose(struct scan *s, struct store_batch *batch)
{
	struct memory_facts *f = &s->memory;
	enum senders_plugin plugin = senders_plugin(s->settings);

	if (plugin == SENDERS_NONE)
		return;
	f->nrecords = senders_keys(s->arena, s->msg, s->settings, plugin,
				   &no_proof, &f->records);
	senders_compose_recall(s->arena, senders_word(plugin), f->records,
			       f->nrecords, batch);
}

static bool take(struct scan *s, const struct store_reply *replies, size_t n,
		 struct str *error_r)
{
	return senders_parse_recall(s->memory.records, s->memory.nrecords,
				    replies, n, error_r);
}

/* ---- the rules ---- */

/* The score that AWL averages: of the rules that may teach it. False if one of
 * them says that this message is not its business. */
static bool awl_points(const struct scan *s, double *points_r)
{
	*points_r = 0;
	for (size_t i = 0; i < s->nhits; i++) {
		const struct rule *r = s->hits[i].rule;

		if (!r || s->hits[i].score == 0 ||
		    (r->tflags & TF_NOAUTOLEARN))
			continue;
		if (r->tflags & TF_NOAWL)
			return false;
		*points_r += s->hits[i].score;
	}
	return true;
}

static void set_tags(struct scan *s, const struct senders_answer *answer)
{
	for (size_t i = 0; i < answer->tags.n; i++) {
		struct str *value = arena_alloc(s->arena, sizeof(*value));

		*value = answer->values.v[i];
		map_set(&s->tags, answer->tags.v[i], value);
	}
}

void senders_run(struct scan *s, const struct rule *r)
{
	struct senders_ask ask = {
		.plugin = senders_plugin(s->settings),
		.records = s->memory.records,
		.n = s->memory.nrecords,
		.score_so_far = s->score,
		.teach = s->options->teach,
		.now_ms = clock_now_ms(),
	};
	struct senders_answer *answer;
	enum senders_plugin asked =
		str_eq(r->eval.function, STR("check_senders_reputation")) ?
		SENDERS_TXREP : SENDERS_AWL;

	if (s->memory.state != MEMORY_KNOWN || ask.plugin != asked || s->senders)
		return;
	if (ask.plugin == SENDERS_TXREP)
		ask.points = scan_autolearn_freeze(s);
	else if (!awl_points(s, &ask.points))
		return;
	answer = arena_alloc(s->arena, sizeof(*answer));
	senders_judge(s->arena, s->msg, s->settings, &ask, answer);
	s->senders = answer;
	set_tags(s, answer);
	if (answer->hits)
		scan_hit_scored(s, senders_rule(asked), answer->delta,
				&answer->log);
}

/* ---- what is written ---- */

static void write_changes(struct arena *a, const struct settings *s,
			  enum senders_plugin plugin,
			  const struct score_changes *changes,
			  struct str message, bool lesson, int64_t now,
			  struct store_batch *batch)
{
	struct senders_write w = {
		.event = event_name(a, message, clock_now_ms()),
		.lesson = lesson,
		.now = now,
		.dilution = dilution_of(s, plugin),
		.lifetime = lifetime_of(s, plugin),
	};

	senders_compose_change(a, senders_word(plugin), changes, &w, batch);
}

/* Autolearn teaches TxRep on top of what the scan did, if it may. */
static void autolearn(struct scan *s, struct score_changes *changes)
{
	struct senders_ask ask = {
		.plugin = senders_plugin(s->settings),
		.records = s->memory.records,
		.n = s->memory.nrecords,
	};
	struct score_changes more = { 0 };
	int class = scan_autolearn_class(s);

	if (class < 0 || bayes_is_ignored(s->msg, s->settings))
		return;
	senders_learn(s->arena, s->msg, s->settings, &ask,
		      class == 1 ? SENDERS_AUTO_SPAM : SENDERS_AUTO_HAM, &more);
	for (size_t i = 0; i < more.n; i++) {
		changes->v = arena_grow(s->arena, changes->v, changes->n,
					&changes->cap, sizeof(*changes->v));
		changes->v[changes->n++] = more.v[i];
	}
}

static void teach(struct scan *s, struct store_batch *batch)
{
	struct score_changes changes = { 0 };

	if (s->senders)
		changes = s->senders->changes;
	if (senders_plugin(s->settings) != SENDERS_NONE)
		autolearn(s, &changes);
	write_changes(s->arena, s->settings, senders_plugin(s->settings),
		      &changes, s->memory.message, false, memory_now(s),
		      batch);
}

const struct recall_part recall_senders = { compose, take, teach };

/* ---- what a person says ---- */

size_t senders_lesson_recall(struct arena *a, struct message *m,
			     const struct settings *s,
			     struct score_record **records_r,
			     struct store_batch *batch)
{
	enum senders_plugin plugin = senders_plugin(s);
	size_t n;

	/* AWL learns nothing. */
	*records_r = NULL;
	if (plugin != SENDERS_TXREP)
		return 0;
	n = senders_keys(a, m, s, plugin, &no_proof, records_r);
	senders_compose_recall(a, senders_word(plugin), *records_r, n, batch);
	return n;
}

void senders_lesson(struct arena *a, struct message *m,
		    const struct settings *s, enum scan_told told,
		    const struct score_record *records, size_t n,
		    struct str message, struct store_batch *batch)
{
	static const enum senders_lesson lessons[] = {
		[SCAN_TOLD_SPAM] = SENDERS_SPAM,
		[SCAN_TOLD_HAM] = SENDERS_HAM,
		[SCAN_TOLD_FORGET] = SENDERS_FORGET,
	};
	struct score_changes changes = { 0 };
	struct senders_ask ask = {
		.plugin = senders_plugin(s),
		.records = records,
		.n = n,
	};

	senders_learn(a, m, s, &ask, lessons[told], &changes);
	write_changes(a, s, ask.plugin, &changes, message, true, clock_now(),
		      batch);
}

void senders_compose_list(struct arena *a, const struct settings *s,
			  const struct score_changes *changes,
			  struct store_batch *batch)
{
	write_changes(a, s, senders_plugin(s), changes, STR("list"), true,
		      clock_now(), batch);
}
