/*
 * Hits: what becomes of a rule that matched. Values of hits are what metas
 * compute with; scored hits count and are listed, `__` ones are only listed.
 * A scored rule with `tflags multiple` counts once per hit (surprise 1).
 */
#include "scan/scan_int.h"

#include "base/arena.h"

double scan_rule_score(const struct scan *s, const struct rule *r)
{
	return settings_score(s->settings, r->id, s->score_set);
}

/* A rule has its answer: metas that wait for it come one step nearer. */
static void mark_ready(struct scan *s, unsigned id)
{
	const struct id_list *w = &s->engine->plan->waiting[id];

	if (s->ready[id])
		return;
	s->ready[id] = true;
	for (size_t i = 0; i < w->n; i++) {
		unsigned meta = w->v[i];

		if (--s->missing[meta] == 0)
			s->meta_queue.v[s->meta_queue.n++] = meta;
	}
}

void scan_ready(struct scan *s, unsigned id)
{
	mark_ready(s, id);
}

static void list_hit(struct scan *s, struct str name, const struct rule *r,
		     double score)
{
	s->hits = arena_grow(s->arena, s->hits, s->nhits, &s->hits_cap,
			     sizeof(*s->hits));
	s->hits[s->nhits++] = (struct hit){ name, r, score, false };
	strs_add(s->arena, &s->tests, name);
	s->score += score;
}

/* rewrite_header Subject makes the prefixes of the hit rules visible. */
static void add_subjprefix(struct scan *s, struct str name)
{
	const struct str *prefix = NULL;

	if (!map_get(&s->settings->rewrite_header, STR("Subject")))
		return;
	for (const struct settings *set = s->settings; set && !prefix;
	     set = set->base)
		prefix = map_get(&set->subjprefix, name);
	if (!prefix || str_find(s->subjprefix, *prefix) >= 0)
		return;
	s->subjprefix = str_printf(s->arena, "%.*s%.*s ",
				   STR_ARG(s->subjprefix), STR_ARG(*prefix));
}

void scan_hit(struct scan *s, const struct rule *r, double value)
{
	double score = scan_rule_score(s, r);

	if (score == 0)
		return;
	if (value <= 0)
		value = 1;
	if (s->value[r->id] > 0 && !(r->tflags & TF_MULTIPLE))
		return;
	mark_ready(s, r->id);
	s->value[r->id] += value;
	add_subjprefix(s, r->name);
	if (r->hidden)
		return;
	shortcircuit_hit(s, r->name, score);
	if (rule_is_sub(r))
		strs_add(s->arena, &s->subtests, r->name);
	else
		list_hit(s, r->name, r, score);
}

static struct hit *hit_of(struct scan *s, const struct rule *r)
{
	for (size_t i = s->nhits; i > 0; i--)
		if (s->hits[i - 1].rule == r)
			return &s->hits[i - 1];
	return NULL;
}

static void keep_log(struct scan *s, struct str name, const struct strs *log)
{
	struct strs *kept;

	if (!log || log->n == 0)
		return;
	kept = map_get(&s->logs, name);
	if (!kept) {
		kept = arena_alloc(s->arena, sizeof(*kept));
		map_set(&s->logs, name, kept);
	}
	for (size_t i = 0; i < log->n; i++)
		strs_add(s->arena, kept, log->v[i]);
}

void scan_keep_log(struct scan *s, const struct rule *r,
		   const struct strs *log)
{
	keep_log(s, r->name, log);
}

void scan_hit_weighted(struct scan *s, const struct rule *r, double weight,
		       const struct strs *options)
{
	double score = scan_rule_score(s, r);
	bool first = s->value[r->id] == 0;
	struct hit *hit = first ? NULL : hit_of(s, r);

	if (score == 0)
		return;
	scan_keep_log(s, r, options);
	if (!first && !hit)
		return;
	if (first || (r->tflags & TF_MULTIPLE))
		s->value[r->id]++;
	if (hit) {
		hit->score += score * weight;
		s->score += score * weight;
		return;
	}
	add_subjprefix(s, r->name);
	shortcircuit_hit(s, r->name, score * weight);
	if (rule_is_sub(r) || settings_informational(s->settings, r->id))
		strs_add(s->arena, &s->subtests, r->name);
	else
		list_hit(s, r->name, r, score * weight);
}

void scan_hit_named(struct scan *s, struct str name, double score)
{
	const struct rule *r = ruleset_find(s->engine->rules, name);

	if (r && scan_rule_score(s, r) != 0)
		scan_hit(s, r, 1);
	else
		list_hit(s, name, NULL, score);
}

void scan_hit_scored(struct scan *s, struct str name, double score,
		     const struct strs *log)
{
	const struct rule *r = ruleset_find(s->engine->rules, name);

	if (r && s->value[r->id] > 0)
		return;
	if (r) {
		mark_ready(s, r->id);
		s->value[r->id] = 1;
	}
	add_subjprefix(s, name);
	keep_log(s, name, log);
	shortcircuit_hit(s, name, score);
	list_hit(s, name, r, score);
	s->hits[s->nhits - 1].own_score = true;
}
