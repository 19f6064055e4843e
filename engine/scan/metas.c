/*
 * Metas, with SpamAssassin's notion of when one can be told (reference 6.8,
 * surprises 2 and 3): as soon as every rule it names has an answer, in
 * whatever tier; at the end, rules that never ran answer 0, but metas that
 * never ran do not. A zero-score meta is told early like any other, yet a
 * true one leaves no answer, so whoever names it is never told.
 */
#include "scan/scan_int.h"

#include "base/arena.h"
#include "conf/meta.h"

static double rule_value(void *ctx, unsigned id)
{
	const struct scan *s = ctx;

	return id == META_UNDEFINED ? 0 : s->value[id];
}

/* Undefined names have no answer before the end either. A meta of a cycle
 * waits for nothing. */
static bool waits_for_end(const struct rule *r)
{
	return r->meta->empty ||
	       (r->meta->undefined.n > 0 && !r->meta->cyclic);
}

static bool is_meta(const struct rule *r)
{
	return r->kind == RULE_META && r->meta;
}

void metas_begin(struct scan *s)
{
	const struct ruleset *rs = s->engine->rules;

	s->meta_queue.v = arena_alloc(s->arena, (rs->nrules + 1) *
						2 * sizeof(unsigned));
	for (size_t i = 0; i < rs->nrules; i++) {
		const struct rule *r = &rs->rules[i];

		if (!is_meta(r))
			continue;
		s->missing[i] = r->meta->cyclic ? 0 : r->meta->ndeps;
		/* One step that only the end takes. */
		if (waits_for_end(r))
			s->missing[i]++;
		if (s->missing[i] == 0)
			s->meta_queue.v[s->meta_queue.n++] = (unsigned)i;
	}
}

static void tell(struct scan *s, const struct rule *r)
{
	double v;

	if (s->meta_done[r->id])
		return;
	v = meta_eval(r->meta, s->engine->rules->local_only, rule_value, s);
	if (v != 0) {
		scan_hit(s, r, v);
		/* Without a score it stays unanswered for its dependents. */
		if (scan_rule_score(s, r) != 0)
			s->meta_done[r->id] = true;
		return;
	}
	s->meta_done[r->id] = true;
	scan_ready(s, r->id);
}

/* Postfilters run after everything else; their answers come yet. */
static bool comes_late(const struct scan *s, unsigned id)
{
	const struct rule *r = &s->engine->rules->rules[id];

	return s->run && r->kind == RULE_LUA &&
	       lua_rule_is_late(s->engine->vm, r);
}

/* Whatever the scored metas name and never ran answers 0 now. */
static void answer_unrun(struct scan *s)
{
	const struct ruleset *rs = s->engine->rules;

	for (size_t i = 0; i < rs->nrules; i++) {
		const struct rule *r = &rs->rules[i];

		if (!is_meta(r) || s->meta_done[i] ||
		    scan_rule_score(s, r) == 0)
			continue;
		for (size_t k = 0; k < r->meta->ndeps; k++)
			if (!is_meta(&rs->rules[r->meta->deps[k]]) &&
			    !comes_late(s, r->meta->deps[k]))
				scan_ready(s, r->meta->deps[k]);
		if (waits_for_end(r) && --s->missing[i] == 0)
			s->meta_queue.v[s->meta_queue.n++] = (unsigned)i;
	}
}

static void tell_queued(struct scan *s, bool finish)
{
	while (s->meta_next < s->meta_queue.n) {
		unsigned id = s->meta_queue.v[s->meta_next++];
		const struct rule *r = &s->engine->rules->rules[id];

		/* At the end only scored metas are still told. */
		if (!finish || scan_rule_score(s, r) != 0)
			tell(s, r);
	}
}

void metas_run(struct scan *s, bool finish)
{
	if (s->timed_out || s->shortcircuited)
		return;
	if (finish)
		answer_unrun(s);
	tell_queued(s, finish);
}

void metas_late(struct scan *s)
{
	const struct ruleset *rs = s->engine->rules;

	if (s->timed_out || s->shortcircuited || !s->run)
		return;
	for (size_t i = 0; i < rs->nrules; i++)
		if (rs->rules[i].kind == RULE_LUA)
			scan_ready(s, (unsigned)i);
	tell_queued(s, true);
}
