/*
 * Loading: rule files to a ruleset, regexes compiled, tests bound. Everything
 * is done before the first fork, so that workers share it.
 */
#include "scan/engine.h"

#include "base/arena.h"
#include "base/mem.h"
#include "match/matcher.h"
#include "redis/memory.h"
#include "scan/identity.h"
#include "scan/plan.h"
#include "scan/scan_int.h"

/* A `store` line that cannot be understood, and lines about Bayes that mean
 * nothing here, are faults of the configuration. */
static void check_memory(struct engine *e)
{
	const struct settings *s = e->rules->site;
	struct str file = settings_option(s, STR("store:file"));
	struct str module = settings_option(s, STR("bayes_store_module"));
	struct memory_settings ms;

	memory_settings_read(e->arena, s, NULL, &ms);
	if (ms.faults.n)
		diag_add(&e->rules->diags, DIAG_ERROR,
			 arena_strndup(e->arena, file.p ? file.p : "", file.n),
			 (int)settings_number(s, STR("store:line")), "%.*s",
			 STR_ARG(ms.faults));
	if (module.n && !str_ends(module, STR("::Redis")))
		diag_add(&e->rules->diags, DIAG_WARN, "", 0,
			 "bayes_store_module %.*s: its database is not read "
			 "here; Bayes is kept where the `store` line says",
			 STR_ARG(str_head(module, 200)));
}

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
	check_memory(e);
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
