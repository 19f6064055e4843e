/*
 * The pass over one message: tier by tier, in each tier kind by kind in
 * SpamAssassin's order (reference 6.9), metas after each tier and at the end.
 * This is the one place that knows the order and the clock.
 */
#include "scan/engine.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "eval/eval.h"
#include "eval/plugin.h"
#include "mail/message.h"
#include "match/matcher.h"
#include "match/selector.h"
#include "scan/extract.h"
#include "scan/scan_int.h"
#include "scan/scripts.h"

/* What runs inside a tier, in order. SpamAssassin's tests of MIME headers and
 * of details of links are body evals, so these three are one stage. */
static const struct {
	enum rule_kind kind;
	bool joined;		/* to the stage of the kind before */
} order[] = {
	{ RULE_HEADER, false },
	{ RULE_HEADER_EVAL, false },
	{ RULE_BODY, false },
	{ RULE_URI, false },
	{ RULE_MIMEHEADER, false },
	{ RULE_URI_DETAIL, true },
	{ RULE_BODY_EVAL, true },
	{ RULE_RAWBODY, false },
	{ RULE_RAWBODY_EVAL, false },
	{ RULE_FULL, false },
	{ RULE_FULL_EVAL, false },
	{ RULE_TEXTS, false },
};

static void note(struct scan *s, enum scan_stage stage, uint32_t rule)
{
	struct scan_progress *p = s->options->progress;

	if (p) {
		p->stage = stage;
		p->rule = rule;
	}
}

bool scan_time_is_up(struct scan *s)
{
	if (!s->timed_out && s->deadline_us &&
	    clock_mono_us() > s->deadline_us)
		s->timed_out = true;
	return s->timed_out;
}

/* The callbacks that a match run gets. */

static void on_hit(void *ctx, const struct rule *r, struct str matched)
{
	struct scan *s = ctx;

	if (log_debugs("rules"))
		log_debug("rules", "ran %s rule %.*s ======> got hit: \"%.*s\"",
			  rule_kind_name(r->kind), STR_ARG(r->name),
			  STR_ARG(str_head(matched, 200)));
	scan_hit(s, r, 1);
}

static void on_gave_up(void *ctx, const struct rule *r)
{
	struct scan *s = ctx;
	struct str id = scan_message_id(s);

	if (s->gave_up[r->id])
		return;
	s->gave_up[r->id] = true;
	if (id.n == 0)
		id = STR("(without Message-ID)");
	log_warn("rule %.*s (%s:%d) met its match limit on message %.*s: "
		 "counted as not hit", STR_ARG(r->name), r->file, r->line,
		 STR_ARG(id));
}

static bool on_stop(void *ctx)
{
	return scan_time_is_up(ctx);
}

/* The rules of `all` that count in this scan: those with a score. */
static struct rule_bits scored(struct scan *s, const struct rule_bits *all)
{
	struct rule_bits bits = { .n = all->n };

	bits.words = arena_alloc(s->arena, all->n * sizeof(*bits.words));
	for (size_t w = 0; w < all->n; w++)
		for (uint64_t rest = all->words[w]; rest; rest &= rest - 1) {
			unsigned id = (unsigned)(w * 64) +
				      (unsigned)__builtin_ctzll(rest);

			if (settings_score(s->settings, id, s->score_set) != 0)
				rule_bits_set(&bits, id);
		}
	return bits;
}

/* All asked rules without a hit are answered with 0. */
static void answer_regexes(struct scan *s, const struct rule_bits *asked)
{
	for (size_t w = 0; w < asked->n; w++)
		for (uint64_t rest = asked->words[w]; rest; rest &= rest - 1)
			scan_ready(s, (unsigned)(w * 64) +
					      (unsigned)__builtin_ctzll(rest));
}

/* A user's own rules are asked by themselves, and the site's without those that
 * they stand for. */
static void run_user_rules(struct scan *s, struct match_run *run,
			   const struct rule_bits *all, enum rule_kind kind)
{
	const struct rule_bits *users = &s->engine->user_rules;
	struct rule_bits part = { .n = all->n };

	part.words = arena_alloc(s->arena, part.n * sizeof(*part.words));
	run->wanted = &part;
	for (size_t w = 0; w < part.n; w++)
		part.words[w] = all->words[w] & ~users->words[w];
	matcher_run(run, kind);
	for (size_t w = 0; w < part.n; w++)
		part.words[w] = all->words[w] & users->words[w];
	run->matcher = s->engine->user_matcher;
	if (!s->timed_out)
		matcher_run(run, kind);
}

static void run_regexes(struct scan *s, struct tier *t, enum rule_kind kind)
{
	struct rule_bits wanted = scored(s, &t->regexes[kind]);
	struct match_run run = {
		.matcher = s->engine->matcher,
		.msg = s->msg,
		.arena = s->arena,
		.wanted = &wanted,
		.captures = &s->captures,
		.hit = on_hit,
		.gave_up = on_gave_up,
		.stop = on_stop,
		.ctx = s,
		.at = s->options->progress ? &s->options->progress->rule : NULL,
	};

	note(s, STAGE_RULES, (uint32_t)-1);
	if (s->engine->user_matcher)
		run_user_rules(s, &run, &wanted, kind);
	else
		matcher_run(&run, kind);
	if (!s->timed_out)
		answer_regexes(s, &wanted);
}

/* Network and learning tests are skipped in score sets without them. */
static bool eval_is_asked(const struct scan *s, const struct rule *r)
{
	if ((r->tflags & TF_NET) && !(s->score_set & 1))
		return false;
	if ((r->tflags & TF_LEARN) && !(s->score_set & 2))
		return false;
	return scan_rule_score(s, r) != 0;
}

static struct eval_ctx context(struct scan *s, struct strs *log)
{
	return (struct eval_ctx){
		.msg = s->msg,
		.arena = s->arena,
		.settings = s->settings,
		.rules = s->engine->rules,
		.plugins = s->engine->plugins,
		.memory = &s->memory,
		.tags = &s->tags,
		.log = log,
	};
}

static void let_plugins_look(struct scan *s)
{
	struct strs log = { 0 };
	struct eval_ctx ctx = context(s, &log);

	eval_plugins_look(s->engine->plugins, &ctx);
}

static void run_eval(struct scan *s, const struct bound_eval *b)
{
	struct strs log = { 0 };
	struct eval_ctx ctx = context(s, &log);
	int v;

	ctx.rule = b->rule;
	ctx.prepared = b->prepared;

	note(s, STAGE_RULES, b->rule->id);
	if (b->test->kinds & EVAL_SENDERS)
		senders_run(s, b->rule);
	v = b->test->fn(&ctx, &b->rule->eval.args);
	scan_keep_log(s, b->rule, &log);
	if (v > 0)
		scan_hit(s, b->rule, v);
	else if (v != EVAL_PENDING)
		scan_ready(s, b->rule->id);
}

static void run_kind(struct scan *s, struct tier *t, enum rule_kind kind)
{
	const struct eval_list *evals = &t->evals[kind];

	if (t->nregexes[kind])
		run_regexes(s, t, kind);
	for (size_t i = 0; i < evals->n && !s->timed_out; i++) {
		if (eval_is_asked(s, evals->v[i].rule))
			run_eval(s, &evals->v[i]);
		scan_time_is_up(s);
	}
}

static void run_tier(struct scan *s, struct tier *t)
{
	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		if (s->shortcircuited && !order[k].joined)
			return;
		if (!scan_time_is_up(s))
			run_kind(s, t, order[k].kind);
	}
	if (!s->shortcircuited)
		scripts_tier(s, t);
}

static void run_tiers(struct scan *s)
{
	struct plan *p = s->engine->plan;

	scripts_prefilter(s);
	for (size_t i = 0; i < p->ntiers && !s->shortcircuited &&
			   !scan_time_is_up(s); i++) {
		run_tier(s, &p->tiers[i]);
		note(s, STAGE_METAS, (uint32_t)-1);
		metas_run(s, false);
	}
	scripts_wait(s);
	if (s->timed_out)
		scan_hit_named(s, STR("TIME_LIMIT_EXCEEDED"), 0.001);
	metas_run(s, true);
	scripts_postfilter(s);
	metas_late(s);
}

/* What "%.3f" and back gives: SpamAssassin rounds before it compares. */
static double round3(double v)
{
	char text[64];

	snprintf(text, sizeof(text), "%.3f", v);
	return strtod(text, NULL);
}

void scan_settle_verdict(struct scan *s)
{
	s->score = round3(s->score);
	s->is_spam = s->score >= s->required;
	scripts_force(s);
	strs_sort(&s->tests);
	strs_sort(&s->subtests);
}

static void finish(struct scan *s)
{
	scan_settle_verdict(s);
	scripts_end(s);
	note(s, STAGE_REPORT, (uint32_t)-1);
}

static struct scan *scan_new(const struct engine *e, struct arena *a,
			     const struct scan_options *opt)
{
	struct scan *s = arena_alloc(a, sizeof(*s));
	size_t n = e->rules->nrules + 1;
	double limit;

	s->arena = a;
	s->engine = e;
	s->options = opt;
	s->settings = opt->settings ? opt->settings : e->rules->site;
	/* Until the network tests come, scores are those of local tests; memory
	 * adds Bayes if it is trained. */
	s->score_set = 0;
	s->value = arena_alloc(a, n * sizeof(*s->value));
	s->ready = arena_alloc(a, n * sizeof(*s->ready));
	s->missing = arena_alloc(a, n * sizeof(*s->missing));
	s->meta_done = arena_alloc(a, n * sizeof(*s->meta_done));
	s->gave_up = arena_alloc(a, n * sizeof(*s->gave_up));
	s->logs = MAP_IN(a);
	s->captures = MAP_IN(a);
	s->tags = MAP_IN(a);
	s->subjprefix = STR("");
	s->required = s->settings->required_score;
	shortcircuit_begin(s);
	limit = settings_number(s->settings, STR("time_limit"));
	if (opt->time_limit > 0 && (limit <= 0 || opt->time_limit < limit))
		limit = opt->time_limit;
	if (limit > 0)
		s->deadline_us = clock_mono_us() + (int64_t)(limit * 1e6);
	return s;
}

struct scan *scan_message(const struct engine *e, struct arena *a,
			  struct str raw, const struct scan_options *opt)
{
	struct scan *s = scan_new(e, a, opt);

	note(s, STAGE_PARSE, (uint32_t)-1);
	s->msg = message_parse(a, &s->settings->mail, raw);
	note(s, STAGE_VIEWS, (uint32_t)-1);
	extract_text(e, s->msg, opt->runner, s->deadline_us, &s->tags);
	let_plugins_look(s);
	message_body(s->msg);
	memory_recall(s);
	metas_begin(s);
	scripts_begin(s);
	memory_settle(s);
	run_tiers(s);
	finish(s);
	memory_teach_verdict(s);
	phishtag_run(s);
	scan_debug(s);
	return s;
}

bool scan_is_spam(const struct scan *s)
{
	return s->is_spam;
}

double scan_score(const struct scan *s)
{
	return s->score;
}

double scan_required(const struct scan *s)
{
	return s->required;
}

struct str scan_required_text(const struct scan *s)
{
	return str_printf(s->arena, "%2.1f", s->required);
}

struct str scan_score_text(const struct scan *s)
{
	struct str score = str_printf(s->arena, "%2.1f", s->score);
	struct str required = scan_required_text(s);

	/* A ham must not look like a spam because of rounding; Perl prints
	 * the difference with up to 15 digits. */
	if (s->is_spam || strtod(score.p, NULL) < strtod(required.p, NULL))
		return score;
	return str_printf(s->arena, "%.15g", strtod(required.p, NULL) - 0.1);
}

const struct strs *scan_tests(const struct scan *s)
{
	return &s->tests;
}

const struct strs *scan_subtests(const struct scan *s)
{
	return &s->subtests;
}

struct str scan_message_id(const struct scan *s)
{
	return str_trim(selector_get(s->msg, STR("Message-Id"), NULL));
}

struct str scan_resent_message_id(const struct scan *s)
{
	return str_trim(selector_get(s->msg, STR("Resent-Message-Id"), NULL));
}
