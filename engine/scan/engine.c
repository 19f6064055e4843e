/*
 * Loading: rule files to a ruleset, regexes compiled, tests bound. Everything
 * is done before the first fork, so that workers share it.
 */
#include "scan/engine.h"

#include "base/arena.h"
#include "base/mem.h"
#include "match/matcher.h"
#include "scan/identity.h"
#include "scan/plan.h"
#include "scan/scan_int.h"

struct engine *engine_load(const struct load_options *opt)
{
	struct engine *e = xcalloc(1, sizeof(*e));

	e->arena = arena_new();
	e->rules = ruleset_load(e->arena, opt);
	e->matcher = matcher_new(e->rules);
	e->plan = plan_new(e->rules);
	identity_hostname();
	return e;
}

void engine_free(struct engine **ep)
{
	struct engine *e = ep ? *ep : NULL;

	if (!e)
		return;
	*ep = NULL;
	arena_free(&e->arena);
	xfree(e);
}

const struct diags *engine_diags(const struct engine *e)
{
	return &e->rules->diags;
}

const struct ruleset *engine_rules(const struct engine *e)
{
	return e->rules;
}
