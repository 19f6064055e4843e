/*
 * Symbols: what scripts register becomes rules of the configuration, and what
 * callbacks return becomes hits. rspamd's terms stay (stages, virtual symbols
 * of a parent, one_shot, weight); what is kept is what a rule needs.
 */
#include "lua/symbols.h"

#include <math.h>

#include "conf/script.h"
#include "lua/sandbox.h"

#define MAX_SHOTS 100		/* rspamd's default */
#define MAX_OPTIONS 100		/* of one result that are kept */

struct lua_symbol *lua_symbol_find(const struct lua_vm *vm, struct str name)
{
	return map_get(&vm->by_name, name);
}

struct lua_symbol *lua_symbol_of(const struct lua_vm *vm,
				 const struct rule *r)
{
	if (vm->by_rule)
		return vm->by_rule[r->id];
	return r->kind == RULE_LUA ? lua_symbol_find(vm, r->name) : NULL;
}

/* rspamd_config.NAME = function, or a table with callback =, score =, ...
 * Registers a rule, as register_symbol does. What is registered can be changed
 * afterwards.
 * > rspamd_config.EXAMPLE_SHORT = function(task) return task:has_header("X-Test") end
 * > rspamd_config.EXAMPLE_LONG = {
 * >   callback = function(task) return true, 0.5, "an option" end,
 * >   score = 2.0, description = "An example", group = "examples",
 * > }
 * > rspamd_config.EXAMPLE_LONG.score = 1.0
 */
struct lua_symbol *lua_symbol_add(lua_State *L, struct str name)
{
	const char *file;
	int line;

	lua_where(L, &file, &line);
	return lua_symbol_add_at(L, name, file, line);
}

struct lua_symbol *lua_symbol_add_at(lua_State *L, struct str name,
				     const char *file, int line)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct loader *ld = lua_loading(L, "registering a symbol");
	struct lua_symbol *s = lua_symbol_find(vm, name);
	long id;

	if (s) {
		s->file = file;
		s->line = line;
		return s;
	}
	id = script_define(ld, name, file, line);
	if (id < 0)
		luaL_error(L, "the symbol name '%.*s' will not do", STR_ARG(
			   str_head(name, 100)));
	s = arena_alloc(vm->arena, sizeof(*s));
	s->name = ld->rs->rules[id].name;
	s->id = (unsigned)id;
	s->index = vm->nsymbols;
	s->stage = LUA_PASSIVE;
	s->callback = LUA_NOREF;
	s->max_shots = MAX_SHOTS;
	s->virtual_weight = 1;
	s->file = file;
	s->line = line;
	vm->symbols = arena_grow(vm->arena, vm->symbols, vm->nsymbols,
				 &vm->symbols_cap, sizeof(struct lua_symbol *));
	vm->symbols[vm->nsymbols++] = s;
	map_set(&vm->by_name, s->name, s);
	return s;
}

/* Dependencies that were registered before their symbols. */
static void take_late_needs(struct lua_vm *vm)
{
	for (size_t i = 0; i < vm->nlate_needs; i++) {
		const struct late_need *late = &vm->late_needs[i];
		struct lua_symbol *s = lua_symbol_find(vm, late->name);

		if (s)
			strs_add(vm->arena, &s->needs, late->needed);
		else
			script_fault(vm->loader, DIAG_WARN, late->file,
				     late->line, "register_dependency: no "
				     "symbol is called %.*s",
				     STR_ARG(late->name));
	}
}

static int call_on_load(lua_State *L)
{
	luaL_getsubtable(L, LUA_REGISTRYINDEX, "mekiki.on_load");
	for (lua_Integer i = 1; lua_rawgeti(L, 1, i) == LUA_TFUNCTION; i++) {
		lua_getglobal(L, "rspamd_config");
		lua_call(L, 1, 0);
	}
	return 0;
}

void lua_symbols_finish(struct lua_vm *vm)
{
	lua_State *L = vm->L;

	lua_meter_begin(vm, L, NULL);
	lua_pushcfunction(L, call_on_load);
	if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
		script_fault(vm->loader, DIAG_ERROR, "", 0, "a function of "
			     "add_on_load failed: %s",
			     lua_type(L, -1) == LUA_TSTRING ?
			     lua_tostring(L, -1) : "(no text)");
		lua_pop(L, 1);
	}
	lua_meter_end(vm);
	lua_regexp_rules_load(vm);
	take_late_needs(vm);
}

/* ---- once the ruleset is complete ---- */

static void add_child(struct lua_vm *vm, struct lua_symbol *parent,
		      unsigned id)
{
	parent->children = arena_grow(vm->arena, parent->children,
				      parent->nchildren,
				      &parent->children_cap, sizeof(unsigned));
	parent->children[parent->nchildren++] = id;
}

static void bind_needs(struct lua_vm *vm, struct ruleset *rs,
		       struct lua_symbol *s)
{
	s->need_ids = arena_alloc(vm->arena,
				  (s->needs.n + 1) * sizeof(unsigned));
	for (size_t i = 0; i < s->needs.n; i++) {
		const struct rule *r = ruleset_find(rs, s->needs.v[i]);

		if (r && r->id != s->id)
			s->need_ids[s->nneeds++] = r->id;
		else if (!r && !strs_has(&vm->told_needs, s->needs.v[i]))
			diag_add(&rs->diags, DIAG_WARN, s->file, s->line,
				 "%.*s depends on %.*s, which is no rule",
				 STR_ARG(s->name), STR_ARG(s->needs.v[i]));
	}
}

void lua_scripts_bind(struct lua_vm *vm, struct ruleset *rs)
{
	if (!vm)
		return;
	vm->rules = rs;
	vm->by_rule = arena_alloc(vm->arena, (rs->nrules + 1) *
				  sizeof(struct lua_symbol *));
	vm->callbacks = arena_alloc(vm->arena,
				    (vm->nsymbols + 1) * sizeof(unsigned));
	for (size_t i = 0; i < vm->nsymbols; i++) {
		struct lua_symbol *s = vm->symbols[i];

		vm->by_rule[s->id] = s;
		bind_needs(vm, rs, s);
		if (s->parent)
			add_child(vm, s->parent, s->id);
		if (s->stage != LUA_PASSIVE)
			vm->callbacks[vm->ncallbacks++] = s->id;
	}
	if (!vm->tallies)
		vm->tallies = arena_alloc(vm->arena, (rs->nrules + 1) *
					  sizeof(*vm->tallies));
}

enum lua_stage lua_rule_stage(const struct lua_vm *vm, const struct rule *r)
{
	const struct lua_symbol *s = lua_symbol_of(vm, r);

	return s ? s->stage : LUA_PASSIVE;
}

bool lua_rule_is_late(const struct lua_vm *vm, const struct rule *r)
{
	const struct lua_symbol *s = lua_symbol_of(vm, r);

	if (s && s->parent)
		s = s->parent;
	return s && s->stage == LUA_POSTFILTER;
}

int lua_rule_order(const struct lua_vm *vm, const struct rule *r)
{
	const struct lua_symbol *s = lua_symbol_of(vm, r);

	return s ? s->order : 0;
}

const unsigned *lua_rule_needs(const struct lua_vm *vm, const struct rule *r,
			       size_t *n_r)
{
	const struct lua_symbol *s = lua_symbol_of(vm, r);

	*n_r = s ? s->nneeds : 0;
	return s ? s->need_ids : NULL;
}

const unsigned *lua_rule_children(const struct lua_vm *vm,
				  const struct rule *r, size_t *n_r)
{
	const struct lua_symbol *s = lua_symbol_of(vm, r);

	*n_r = s ? s->nchildren : 0;
	return s ? s->children : NULL;
}

/* ---- results ---- */

/* Options that this symbol has already do not count again. */
static struct strs fresh_options(struct lua_run *run, struct str name,
				 const struct strs *options)
{
	struct str key = str_cat(run->arena, STR("options:"), name);
	struct map *seen = map_get(&run->memo, key);
	struct strs fresh = { 0 };

	if (!seen) {
		seen = arena_alloc(run->arena, sizeof(*seen));
		*seen = MAP_IN(run->arena);
		map_set(&run->memo, key, seen);
	}
	for (size_t i = 0; i < options->n; i++) {
		struct str o = options->v[i];

		if (map_has(seen, o) || seen->n >= MAX_OPTIONS)
			continue;
		o = str_dup(run->arena, o);
		map_set(seen, o, (void *)o.p);
		strs_add(run->arena, &fresh, o);
	}
	return fresh;
}

static size_t octets_of(const struct strs *options)
{
	size_t n = 0;

	for (size_t i = 0; options && i < options->n; i++)
		n += options->v[i].n;
	return n;
}

void lua_insert_result(lua_State *L, struct str name, double weight,
		       const struct strs *options)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct lua_run *run = lua_run_of(L);
	struct lua_symbol *s = lua_symbol_find(vm, name);
	const struct rule *r;
	struct lua_account *account;
	struct strs fresh = { 0 };
	bool again;

	if (!s) {
		lua_unknown_symbol(run, name);
		return;
	}
	r = &vm->rules->rules[s->id];
	if (run->verdict_is_final) {
		lua_run_log(run, "%.*s: a result after the verdict counts "
			    "nothing", STR_ARG(name));
		return;
	}
	lua_spend_output(L, name.n + octets_of(options));
	lua_spend_result(L);
	if (!isfinite(weight))
		weight = 0;
	account = lua_account_of(run, s);
	again = account->shots > 0;
	if (options)
		fresh = fresh_options(run, name, options);
	/* A repeated hit counts again if it brings something new. */
	if (again && (s->one_shot || account->shots >= (unsigned)s->max_shots ||
		      (options && options->n && fresh.n == 0)))
		weight = 0;
	else
		account->shots++;
	run->host.hit(run->host.ctx, r, weight * s->virtual_weight, &fresh);
	if (vm->watch && run->current)
		vm->watch->inserted(vm->watch->ctx,
				    &vm->rules->rules[run->current->id], r,
				    weight * s->virtual_weight, options);
	if (vm->tallies)
		__atomic_fetch_add(&vm->tallies[r->id].hits, !again,
				   __ATOMIC_RELAXED);
}
