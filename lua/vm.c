/*
 * The virtual machine: made while the configuration is read, filled by the
 * scripts, sealed, and forked with the engine into every worker. One message
 * at a time runs in it; between messages it is as it was after loading.
 */
#include "lua/vm.h"

#include "base/mem.h"
#include "base/log.h"
#include "conf/loader.h"
#include "lua/load.h"
#include "lua/sandbox.h"

/* Per cent that the machine grows before its young objects are collected: a
 * message seldom makes so many, and budgets bound it anyway. */
#define MINOR_COLLECTION 100

/* An error outside every protected call: a mistake of ours. */
static int on_panic(lua_State *L)
{
	log_error("lua: %s", lua_tostring(L, -1));
	return 0;
}

static void set_rows(lua_State *L, const struct lua_row *rows)
{
	for (; rows && rows->name; rows++) {
		lua_pushcfunction(L, rows->fn);
		lua_setfield(L, -2, rows->name);
	}
}

static int no_such_method(lua_State *L)
{
	const struct lua_class *c = lua_class_at(L, 1);

	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL || !c)
		return 1;
	if (lua_type(L, 2) != LUA_TSTRING)
		return 0;
	return luaL_error(L, "%s has no method '%s'", c->name,
			  lua_tostring(L, 2));
}

/* The metatable of a class, kept in the registry under the class's address. A
 * class's own __index and __newindex get the table of methods as upvalue. */
static void make_class(lua_State *L, const struct lua_class *c)
{
	lua_newtable(L);
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pushstring(L, c->name);
	lua_setfield(L, -2, "__name");
	lua_pushcfunction(L, lua_handle_equal);
	lua_setfield(L, -2, "__eq");
	lua_pushcfunction(L, lua_userdata_name);
	lua_setfield(L, -2, "__tostring");
	lua_newtable(L);
	set_rows(L, c->methods);
	lua_pushvalue(L, -1);
	lua_pushcclosure(L, no_such_method, 1);
	lua_setfield(L, -3, "__index");
	for (const struct lua_row *r = c->meta; r && r->name; r++) {
		lua_pushvalue(L, -1);
		lua_pushcclosure(L, r->fn, 1);
		lua_setfield(L, -3, r->name);
	}
	lua_pop(L, 1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, c);
}

/* Is there a module of this name in C, in Lua? */
static const struct lua_module *find_module(const char *name)
{
	for (size_t i = 0; lua_modules[i]; i++)
		if (strcmp(lua_modules[i]->name, name) == 0)
			return lua_modules[i];
	return NULL;
}

static const struct lua_embedded *find_embedded(const char *name)
{
	for (size_t i = 0; lua_embedded[i].name; i++)
		if (strcmp(lua_embedded[i].name, name) == 0)
			return &lua_embedded[i];
	return NULL;
}

static void run_embedded(lua_State *L, const struct lua_embedded *e)
{
	const char *name = lua_pushfstring(L, "=%s", e->name);

	if (luaL_loadbufferx(L, e->text, e->n, name, "t") != LUA_OK)
		lua_error(L);
	lua_insert(L, -3);	/* the chunk below the C module's table */
	lua_pop(L, 1);		/* its name */
	lua_call(L, 1, 1);
}

/* The libraries that are globals can be required, too. */
static bool push_library(lua_State *L, const char *name)
{
	static const char *const libraries[] = { "bit", "coroutine", "io",
		"math", "os", "string", "table", "utf8" };

	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
		if (strcmp(libraries[i], name) == 0) {
			lua_getglobal(L, name);
			return true;
		}
	return false;
}

bool lua_module_push(lua_State *L, const char *name)
{
	const struct lua_module *m = find_module(name);
	const struct lua_embedded *e = find_embedded(name);

	luaL_getsubtable(L, LUA_REGISTRYINDEX, "mekiki.modules");
	if (lua_getfield(L, -1, name) != LUA_TNIL) {
		lua_remove(L, -2);
		return true;
	}
	lua_pop(L, 1);
	if (!m && !e) {
		lua_pop(L, 1);
		return push_library(L, name);
	}
	lua_newtable(L);
	if (m) {
		set_rows(L, m->functions);
		if (m->fill)
			m->fill(L);
	}
	if (e)
		run_embedded(L, e);
	if (lua_type(L, -1) == LUA_TTABLE)
		lua_table_freeze(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, name);
	lua_remove(L, -2);
	return true;
}

/* What can raise an error while the machine is built. */
static int open_all(lua_State *L)
{
	for (size_t i = 0; lua_classes[i]; i++)
		make_class(L, lua_classes[i]);
	lua_globals_open(L);
	lua_globals_rspamd(L);
	return 0;
}

struct lua_vm *lua_vm_new(struct loader *ld)
{
	struct lua_vm *vm = xcalloc(1, sizeof(*vm));

	vm->arena = ld->a;
	vm->settings = ld->set;
	vm->rules = ld->rs;
	vm->loader = ld;
	vm->epoch = 1;
	vm->by_name = MAP_IN(ld->a);
	vm->options = MAP_IN(ld->a);
	lua_budget_read(&vm->budget, ld->set);
	vm->L = lua_newstate(lua_alloc_metered, vm);
	must(vm->L != NULL);
	*(struct lua_vm **)lua_getextraspace(vm->L) = vm;
	lua_atpanic(vm->L, on_panic);
	lua_pushcfunction(vm->L, open_all);
	if (lua_pcall(vm->L, 0, 0, 0) != LUA_OK) {
		log_error("lua: the machine cannot be set up: %s",
			  lua_tostring(vm->L, -1));
		lua_vm_free(&vm);
	}
	return vm;
}

void lua_vm_seal(struct lua_vm *vm)
{
	lua_globals_seal(vm->L);
	vm->sealed = true;
	vm->loader = NULL;
	lua_gc(vm->L, LUA_GCCOLLECT);
	/* Pages of objects that live for good are then not written again. */
	lua_gc(vm->L, LUA_GCGEN, MINOR_COLLECTION, 0);
	vm->memory_base = vm->memory;
}

void lua_vm_free(struct lua_vm **vm)
{
	if (!*vm)
		return;
	if ((*vm)->L)
		lua_close((*vm)->L);
	xfree(*vm);
	*vm = NULL;
}

void lua_vm_set_tallies(struct lua_vm *vm, struct lua_tally *tallies)
{
	vm->tallies = tallies;
}

bool lua_tally_strike(struct lua_tally *t)
{
	uint32_t n = __atomic_add_fetch(&t->strikes, 1, __ATOMIC_RELAXED);

	if (n < LUA_STRIKES)
		return false;
	return __atomic_exchange_n(&t->disabled, 1, __ATOMIC_RELAXED) == 0;
}

const unsigned *lua_vm_rules(const struct lua_vm *vm, size_t *n_r)
{
	*n_r = vm->ncallbacks;
	return vm->callbacks;
}

double lua_vm_time_limit(const struct lua_vm *vm)
{
	return vm->budget.seconds;
}
