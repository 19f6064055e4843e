/*
 * Loading: rule files to a ruleset, regexes compiled, tests bound. Everything
 * is done before the first fork, so that workers share it.
 */
#include "scan/engine.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/kept_lists.h"
#include "eval/plugin.h"
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
	e->shortcircuits = ruleset_has_plugin(e->rules, "Shortcircuit");
	e->plugins = eval_plugins_load(e->arena, e->rules);
	e->plan = plan_new(e->rules, e->vm);
	check_memory(e);
	senders_check(e);
	e->nlists = kept_lists(e->arena, e->rules, &e->lists);
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
	arena_free(&e->lists_arena);
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

/* Several sets may fill one list. */
static void fill(struct engine *e, struct arena *a, size_t first,
		 const struct store_reply *sets)
{
	const struct kept_list *list = &e->lists[first];
	struct strs members = { 0 };
	size_t refused;

	for (size_t i = first; i < e->nlists; i++) {
		if (!str_eq(e->lists[i].list, list->list))
			continue;
		for (size_t k = 0; k < sets[i].n; k++)
			strs_add(a, &members,
				 str_dup(a, sets[i].items[k].text));
	}
	refused = kept_list_refill(e->rules, a, list, &members);
	if (refused)
		log_warn("store_list %.*s: %zu members are no entries",
			 STR_ARG(list->list), refused);
}

static bool is_first(const struct engine *e, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(e->lists[k].list, e->lists[i].list))
			return false;
	return true;
}

void engine_fill_lists(struct engine *e, struct memory_client *memory)
{
	struct memory_ask q = { .word = MEMORY_SETS, .timeout = 1 };
	struct memory_answer sets;
	struct arena *a;
	struct err err;

	if (!e->nlists || !memory)
		return;
	a = arena_new();
	if (!memory_ask(memory, &q, a, &sets, &err) || sets.n != e->nlists) {
		log_warn("store_list: %s; lists are as they were", err.text);
		arena_free(&a);
		return;
	}
	if (memory_client_epoch(memory) == e->lists_epoch) {
		arena_free(&a);
		return;
	}
	e->lists_epoch = memory_client_epoch(memory);
	for (size_t i = 0; i < e->nlists; i++)
		if (is_first(e, i))
			fill(e, a, i, sets.replies);
	arena_free(&e->lists_arena);
	e->lists_arena = a;
}

bool engine_lists_changed(const struct engine *e,
			  const struct memory_client *memory)
{
	uint32_t now = memory_client_epoch(memory);

	return e->nlists && now && now != e->lists_epoch;
}
