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
	struct load_options with_scripts = *opt;

	e->arena = arena_new();
	with_scripts.scripts = lua_scripts_load;
	with_scripts.scripts_ctx = &e->vm;
	e->rules = ruleset_load(e->arena, &with_scripts);
	lua_scripts_bind(e->vm, e->rules);
	e->matcher = matcher_new(e->rules);
	e->plan = plan_new(e->rules, e->vm);
	identity_hostname();
	return e;
}

void engine_free(struct engine **ep)
{
	struct engine *e = ep ? *ep : NULL;

	if (!e)
		return;
	*ep = NULL;
	lua_vm_free(&e->vm);
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

bool engine_has_scripts(const struct engine *e)
{
	return e->vm != NULL;
}

void engine_set_tallies(struct engine *e, struct lua_tally *tallies)
{
	if (e->vm)
		lua_vm_set_tallies(e->vm, tallies);
}

void engine_watch_scripts(struct engine *e, const struct lua_watch *w)
{
	if (e->vm)
		lua_vm_watch(e->vm, w);
}

double engine_script_limit(const struct engine *e)
{
	return e->vm ? lua_vm_time_limit(e->vm) : 0;
}

bool engine_is_tired(const struct engine *e)
{
	return e->vm && (lua_vm_tired(e->vm) || lua_maps_changed(e->vm));
}

void engine_refresh(struct engine *e)
{
	if (e->vm)
		lua_maps_refresh(e->vm);
}
