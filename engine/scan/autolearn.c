/*
 * Would this message be learned from by itself? SpamAssassin's reckoning
 * (reference 6.9): points of the hits that may teach, split into header and
 * body ones, against two thresholds. What is to be learned goes to the
 * learner once there is one; until then the word for it is "unavailable".
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

static void add_hit(const struct scan *s, const struct hit *h,
		    struct points *p)
{
	const struct rule *r = h->rule;
	enum side side;

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
	if (side == SIDE_HEADER)
		p->header += h->score;
	else if (side == SIDE_BODY)
		p->body += h->score;
	else if (side == SIDE_META)
		add_meta(s, r, h->score, p);
	p->all += h->score;
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

	for (size_t i = 0; i < s->nhits; i++)
		add_hit(s, &s->hits[i], &p);
	p.all = rounded(p.all);
	return p;
}

double scan_autolearn_points(const struct scan *s)
{
	return reckon(s).all;
}

struct str scan_autolearn(const struct scan *s)
{
	const struct settings *set = s->settings;
	struct points p;
	bool learns = false;

	if (s->timed_out)
		return STR("unavailable");
	if (!settings_bool(set, STR("bayes_auto_learn")) ||
	    !settings_bool(set, STR("use_bayes")))
		return STR("disabled");
	p = reckon(s);
	if (p.all < settings_number(set,
			STR("bayes_auto_learn_threshold_nonspam")))
		learns = teaches_ham(s, &p);
	else if (p.all >= settings_number(set,
			STR("bayes_auto_learn_threshold_spam")))
		learns = teaches_spam(s, &p);
	if (!learns)
		return STR("no autolearn_force=no");
	if (!p.forced.n)
		return STR("unavailable autolearn_force=no");
	return str_printf(s->arena, "unavailable autolearn_force=yes (%.*s)",
			  STR_ARG(strs_join(s->arena, &p.forced, STR(","))));
}
