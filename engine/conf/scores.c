/*
 * The final scores, when every line was read: a rule without a score line
 * has 1 (0.01 if its name begins with T_), negated with `tflags nice`. An
 * overlay begins with the site's scores and takes its own numbers only when
 * a line in it changes one.
 */
#include "conf/loader.h"

static void default_score(struct loader *ld, const struct rule *r,
			  struct score *s)
{
	const struct script_defaults *d = map_get(&ld->script_defaults,
						  r->name);
	double v = str_starts(r->name, STR("T_")) ? 0.01 : 1;

	if (r->kind == RULE_LUA && !rule_is_sub(r)) {
		/* Scripts count as rspamd's do: without a score, nothing. */
		s->informational = !d || !d->has_score || d->score == 0;
		v = s->informational ? 1 : d->score;
	} else if (r->tflags & TF_NICE) {
		v = -v;
	}
	for (int i = 0; i < 4; i++)
		s->set[i] = v;
}

static struct score as_given(const struct raw_score *raw)
{
	struct score s = { .informational = false };

	memcpy(s.set, raw->set, sizeof(s.set));
	return s;
}

static void site_scores(struct loader *ld)
{
	struct ruleset *rs = ld->rs;

	ld->set->scores = arena_alloc(ld->a, (rs->nrules + 1) *
				      sizeof(ld->set->scores[0]));
	for (size_t i = 0; i < rs->nrules; i++) {
		const struct raw_score *raw = map_get(&ld->scores,
						      rs->rules[i].name);
		struct score *s = &ld->set->scores[i];

		if (raw)
			*s = as_given(raw);
		else
			default_score(ld, &rs->rules[i], s);
	}
}

static void user_scores(struct loader *ld)
{
	const struct ruleset *rs = ld->rs;
	size_t nsite = ld->site->nrules, i = 0;
	struct score *copy;
	struct map_entry *e;

	if (ld->scores.n == 0 && rs->nrules == nsite)
		return;
	copy = arena_alloc(ld->a, (rs->nrules + 1) * sizeof(*copy));
	memcpy(copy, ld->set->scores, nsite * sizeof(*copy));
	for (size_t k = nsite; k < rs->nrules; k++)
		default_score(ld, &rs->rules[k], &copy[k]);
	ld->set->scores = copy;
	while ((e = map_next(&ld->scores, &i))) {
		const struct raw_score *raw = e->value;
		const struct rule *r = rs == ld->site ?
			ruleset_find(rs, e->key) : rule_of(ld, e->key);

		if (r)
			copy[r->id] = as_given(raw);
	}
}

void scores_finish(struct loader *ld)
{
	if (ld->user)
		user_scores(ld);
	else
		site_scores(ld);
}
