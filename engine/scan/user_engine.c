/*
 * The engine of one user: the site's, under the user's settings. Only a user
 * with rules of his own gets another one, in which rules, regexes of his own
 * and the plan are new; everything that is large (the site's compiled regexes,
 * scripts, plug-ins' tables) is shared. It is made once for a version of the
 * user's file and kept by whoever scans.
 */
#include "scan/engine.h"

#include "base/arena.h"
#include "match/matcher.h"
#include "scan/scan_int.h"

static void mark_user_rules(struct engine *e)
{
	struct rule_bits *bits = &e->user_rules;

	bits->n = e->rules->nrules / 64 + 1;
	bits->words = arena_alloc(e->rules->arena,
				  bits->n * sizeof(*bits->words));
	for (size_t i = 0; i < e->rules->nrules; i++)
		if (e->rules->rules[i].users)
			rule_bits_set(bits, (unsigned)i);
}

/* What compiling found wrong with the user's own lines. */
static void take_diags(struct ruleset *rs, size_t from, struct diags *diags)
{
	for (size_t i = from; i < rs->diags.n; i++)
		diag_add(diags, rs->diags.v[i].level, rs->diags.v[i].file,
			 rs->diags.v[i].line, "%.*s",
			 STR_ARG(rs->diags.v[i].text));
}

struct user_engine engine_for_user(const struct engine *site, struct arena *a,
				   const struct overlay_text *texts, size_t n,
				   struct diags *diags)
{
	struct ruleset *rules;
	struct settings *settings = settings_overlay_texts(a, site->rules,
							   texts, n, diags,
							   &rules);
	struct engine *e;
	size_t known;

	if (!rules)
		return (struct user_engine){ site, settings };
	known = rules->diags.n;
	e = arena_alloc(a, sizeof(*e));
	*e = *site;
	e->arena = a;
	e->rules = rules;
	e->user_matcher = matcher_new_user(rules, &settings->mail);
	e->plan = plan_new(rules, site->vm);
	mark_user_rules(e);
	take_diags(rules, known, diags);
	return (struct user_engine){ e, settings };
}
