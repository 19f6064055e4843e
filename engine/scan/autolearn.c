/*
 * Would this message be learned from by itself? SpamAssassin's reckoning
 * (reference 6.9): points of the hits that may teach, split into header and
 * body ones, against two thresholds. Whether it then was learned is known to
 * memory.c; where there is nothing to learn into, or it was learned before, the
 * word is "unavailable".
 */
#include "scan/scan_int.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf/meta.h"

struct points {
	double all, header, body, learned;
	struct strs forced;	/* names of the rules that force learning */
};

enum side { SIDE_NONE, SIDE_HEADER, SIDE_BODY, SIDE_META };

static enum side side_of(const struct rule *r)
{
	switch (r->kind) {
	case RULE_HEADER:
	case RULE_HEADER_EVAL:
		return SIDE_HEADER;
	case RULE_BODY:
	case RULE_BODY_EVAL:
	case RULE_RAWBODY:
	case RULE_RAWBODY_EVAL:
	case RULE_URI:
		return SIDE_BODY;
	case RULE_META:
		return SIDE_META;
	default:
		return SIDE_NONE;
	}
}

/* Numbers go through "%.3f" on their way, as there. */
static double rounded(double v)
{
	char text[64];

	snprintf(text, sizeof(text), "%.3f", v);
	return strtod(text, NULL);
}

/* A meta's points are shared out by the kinds of the rules it names. */
static void add_meta(const struct scan *s, const struct rule *r, double score,
		     struct points *p)
{
	double header = 0, body = 0;

	for (size_t i = 0; i < r->meta->ndeps; i++) {
		unsigned dep = r->meta->deps[i];
		enum side side = side_of(&s->engine->rules->rules[dep]);

		header += side == SIDE_HEADER;
		body += side == SIDE_BODY;
	}
	if (header + body == 0)
		return;
	p->header += rounded(score * (header / (header + body)));
	p->body += rounded(score * (body / (header + body)));
}

/* What a hit counts where nothing is learned: scores of the set without Bayes,
 * so that learning does not shift what is learned. */
static double unlearned_score(const struct scan *s, const struct hit *h)
{
	double with, without;

	if (!(s->score_set & 2))
		return h->score;
	with = settings_score(s->settings, h->rule->id, s->score_set);
	without = settings_score(s->settings, h->rule->id, s->score_set & ~2);
	return with == without || with == 0 ? h->score :
					      h->score * (without / with);
}

static void add_hit(const struct scan *s, const struct hit *h,
		    struct points *p)
{
	const struct rule *r = h->rule;
	enum side side;
	double score;

	if (!r || (r->tflags & (TF_NOAUTOLEARN | TF_USERCONF)))
		return;
	if (r->tflags & TF_LEARN) {
		p->learned += h->score;
		return;
	}
	if (r->tflags & TF_AUTOLEARN_FORCE)
		strs_add(s->arena, &p->forced, r->name);
	side = r->tflags & TF_AUTOLEARN_HEADER ? SIDE_HEADER
	       : r->tflags & TF_AUTOLEARN_BODY ? SIDE_BODY
					       : side_of(r);
	score = unlearned_score(s, h);
	if (side == SIDE_HEADER)
		p->header += score;
	else if (side == SIDE_BODY)
		p->body += score;
	else if (side == SIDE_META && score != 0)
		add_meta(s, r, score, p);
	p->all += score;
}

static bool teaches_spam(const struct scan *s, const struct points *p)
{
	double required = p->forced.n ? -99 : 3;

	return p->body >= required && p->header >= required &&
	       p->learned >= -1 && s->is_spam;
}

static bool teaches_ham(const struct scan *s, const struct points *p)
{
	return p->learned <= 1 && !s->is_spam;
}

static struct points reckon(const struct scan *s)
{
	struct points p = { 0 };
	size_t n = s->points_frozen ? s->nfrozen : s->nhits;

	for (size_t i = 0; i < n; i++)
		add_hit(s, &s->hits[i], &p);
	p.all = rounded(p.all);
	return p;
}

double scan_autolearn_points(const struct scan *s)
{
	return reckon(s).all;
}

double scan_autolearn_freeze(struct scan *s)
{
	if (!s->points_frozen)
		s->nfrozen = s->nhits;
	s->points_frozen = true;
	return reckon(s).all;
}

static bool is_on(const struct scan *s)
{
	return !s->shortcircuited &&
	       settings_bool(s->settings, STR("bayes_auto_learn")) &&
	       settings_bool(s->settings, STR("use_bayes"));
}

static int class_of(const struct scan *s, const struct points *p)
{
	const struct settings *set = s->settings;

	if (p->all < settings_number(set,
			STR("bayes_auto_learn_threshold_nonspam")))
		return teaches_ham(s, p) ? 0 : -1;
	if (p->all >= settings_number(set,
			STR("bayes_auto_learn_threshold_spam")))
		return teaches_spam(s, p) ? 1 : -1;
	return -1;
}

int scan_autolearn_class(const struct scan *s)
{
	struct points p;

	if (s->timed_out || !is_on(s))
		return -1;
	p = reckon(s);
	return class_of(s, &p);
}

struct str scan_autolearn(const struct scan *s)
{
	struct points p;
	const char *word;

	if (s->autolearn_said.p)
		return s->autolearn_said;
	if (s->timed_out)
		return STR("unavailable");
	if (!is_on(s))
		return STR("disabled");
	p = reckon(s);
	if (class_of(s, &p) < 0)
		return STR("no autolearn_force=no");
	word = s->learned ? s->learned : "unavailable";
	if (!p.forced.n)
		return str_printf(s->arena, "%s autolearn_force=no", word);
	return str_printf(s->arena, "%s autolearn_force=yes (%.*s)", word,
			  STR_ARG(strs_join(s->arena, &p.forced, STR(","))));
}
