/*
 * The globals of scripts.
 *
 * What a script calls _G is an empty table; everything that is read or
 * written goes through its metatable to three others, in this order:
 *
 *	machine		the standard functions, modules and objects that the
 *			machine made. No script can change them.
 *	overlay		what the running rule assigned while this message is
 *			scanned; nobody else sees it, and it is forgotten
 *			afterwards.
 *	store		what scripts assigned while they were loaded.
 *
 * So a rule that overwrites a global harms nobody but itself, and no message
 * sees what an earlier one left in a global. Since _G itself stays empty,
 * rawset, rawget and next know it and look behind it, as they do with the
 * read-only tables of the libraries.
 */
#include "lua/sandbox.h"

#include <lualib.h>

#include "lua/load.h"
#include "lua/symbols.h"

/* Keys of the registry, by address. */
static const char machine_key, store_key, overlays_key, meta_key;
/* The key under which a metatable keeps what it hides. */
static const char behind_key;

static void registry_get(lua_State *L, const char *key)
{
	lua_rawgetp(L, LUA_REGISTRYINDEX, key);
}

/* ---- read-only tables ---- */

bool lua_table_behind(lua_State *L, int idx)
{
	if (lua_type(L, idx) != LUA_TTABLE || !lua_getmetatable(L, idx))
		return false;
	if (lua_rawgetp(L, -1, &behind_key) == LUA_TTABLE) {
		lua_remove(L, -2);
		return true;
	}
	lua_pop(L, 2);
	return false;
}

/* The name of the global that is the table at idx; pushed. */
static const char *name_of_global(lua_State *L, int idx)
{
	registry_get(L, &machine_key);
	lua_pushnil(L);
	while (lua_next(L, -2)) {
		if (lua_rawequal(L, -1, idx) &&
		    lua_type(L, -2) == LUA_TSTRING) {
			lua_pop(L, 1);
			return lua_tostring(L, -1);
		}
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	lua_pushliteral(L, "a library");
	return lua_tostring(L, -1);
}

/* Is the value at -1 what t[key] is already (key and value at 2 and 3)?
 * `table.unpack = table.unpack or unpack` must not fail. */
static bool is_same(lua_State *L)
{
	bool same;

	lua_pushvalue(L, 2);
	lua_gettable(L, 1);
	same = lua_rawequal(L, -1, 3);
	lua_pop(L, 1);
	return same;
}

static int refuse_change(lua_State *L)
{
	if (is_same(L))
		return 0;
	return luaL_error(L, "%s is read-only: '%s' cannot be changed",
			  name_of_global(L, 1),
			  lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) :
			  luaL_typename(L, 2));
}

static int length_behind(lua_State *L)
{
	lua_pushinteger(L, lua_table_behind(L, 1) ?
			(lua_Integer)lua_rawlen(L, -1) : 0);
	return 1;
}

void lua_table_freeze(lua_State *L)
{
	lua_newtable(L);
	lua_createtable(L, 0, 5);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushvalue(L, -3);
	lua_rawsetp(L, -2, &behind_key);
	lua_pushcfunction(L, refuse_change);
	lua_setfield(L, -2, "__newindex");
	lua_pushcfunction(L, length_behind);
	lua_setfield(L, -2, "__len");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	/* Some modules are called: require "fun" (). */
	if (luaL_getmetafield(L, -3, "__call") != LUA_TNIL)
		lua_setfield(L, -2, "__call");
	lua_setmetatable(L, -2);
	lua_remove(L, -2);
}

/* ---- writing ---- */

/* The overlay of the running rule, made if there is none; pushed. */
static void push_overlay(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct lua_symbol *payer = vm->meter.payer;

	registry_get(L, &overlays_key);
	if (lua_rawgetp(L, -1, payer) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_createtable(L, 0, 1);
		registry_get(L, &store_key);
		lua_setfield(L, -2, "__index");
		lua_setmetatable(L, -2);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, -3, payer);
	}
	lua_remove(L, -2);
}

/* What the machine's names do not answer is asked of the table on the top,
 * which is popped. */
static void read_through(lua_State *L)
{
	registry_get(L, &machine_key);
	lua_getmetatable(L, -1);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pop(L, 3);
}

void lua_globals_switch(struct lua_vm *vm, struct lua_symbol *payer)
{
	lua_State *L = vm->L;

	if (!vm->globals_written || vm->globals_of == payer)
		return;
	registry_get(L, &overlays_key);
	if (lua_rawgetp(L, -1, payer) != LUA_TTABLE) {
		lua_pop(L, 1);
		registry_get(L, &store_key);
	}
	lua_remove(L, -2);
	read_through(L);
	vm->globals_of = payer;
}

void lua_globals_reset(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);

	if (!vm->globals_written)
		return;
	lua_newtable(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &overlays_key);
	registry_get(L, &store_key);
	read_through(L);
	vm->globals_written = false;
	vm->globals_of = NULL;
}

void lua_globals_set(lua_State *L, const char *name)
{
	registry_get(L, &store_key);
	lua_insert(L, -2);
	lua_setfield(L, -2, name);
	lua_pop(L, 1);
}

/* _G's __newindex (t, key, value). */
static int assign(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);

	lua_settop(L, 3);
	registry_get(L, &machine_key);
	if (vm->meter.on) {
		lua_pushvalue(L, 2);
		if (lua_rawget(L, -2) != LUA_TNIL) {
			if (lua_rawequal(L, -1, 3))
				return 0;
			return luaL_error(L, "the global '%s' cannot be "
					  "changed", lua_tostring(L, 2));
		}
		lua_pop(L, 2);
		if (!vm->sealed) {
			registry_get(L, &store_key);
		} else {
			push_overlay(L);
			lua_pushvalue(L, -1);
			read_through(L);
			vm->globals_written = true;
			vm->globals_of = vm->meter.payer;
		}
	}
	lua_pushvalue(L, 2);
	lua_pushvalue(L, 3);
	lua_rawset(L, -3);
	return 0;
}

/* ---- what knows of tables behind tables ---- */

static bool is_globals(lua_State *L, int idx)
{
	bool is;

	lua_pushglobaltable(L);
	is = lua_rawequal(L, -1, idx);
	lua_pop(L, 1);
	return is;
}

/* rawset(table, key, value) */
static int raw_set(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkany(L, 2);
	luaL_checkany(L, 3);
	lua_settop(L, 3);
	if (lua_table_behind(L, 1)) {
		lua_settop(L, 3);
		lua_pushvalue(L, 1);
		lua_insert(L, 1);
		lua_settable(L, 2);
	} else {
		lua_rawset(L, 1);
	}
	lua_settop(L, 1);
	return 1;
}

static int raw_get(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkany(L, 2);
	lua_settop(L, 2);
	if (is_globals(L, 1))
		lua_gettable(L, 1);
	else if (lua_table_behind(L, 1))
		(lua_insert(L, 2), lua_rawget(L, 2));
	else
		lua_rawget(L, 1);
	return 1;
}

static int raw_len(lua_State *L)
{
	luaL_argcheck(L, lua_istable(L, 1) || lua_type(L, 1) == LUA_TSTRING,
		      1, "table or string expected");
	if (!lua_table_behind(L, 1))
		lua_pushvalue(L, 1);
	lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
	return 1;
}

/* The pair after the key at 2 in the globals: the machine's names, then those
 * of scripts. */
static int next_global(lua_State *L)
{
	bool machine = true;

	registry_get(L, &machine_key);
	lua_insert(L, 1);
	registry_get(L, &store_key);
	lua_insert(L, 1);		/* store, machine, _G, key */
	if (!lua_isnil(L, 4)) {
		lua_pushvalue(L, 4);
		machine = lua_rawget(L, 2) != LUA_TNIL;
		lua_pop(L, 1);
	}
	if (machine) {
		if (lua_next(L, 2))
			return 2;
		lua_pushnil(L);
	}
	if (lua_next(L, 1))
		return 2;
	lua_pushnil(L);
	return 1;
}

/* next(table [, key]) */
static int next_pair(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 2);
	/* One step may pass over a million empty places. */
	lua_spend(L, 8192);
	if (is_globals(L, 1))
		return next_global(L);
	if (lua_table_behind(L, 1))
		lua_replace(L, 1);
	if (lua_next(L, 1))
		return 2;
	lua_pushnil(L);
	return 1;
}

static int pairs_called(lua_State *L, int status, lua_KContext ctx)
{
	(void)L, (void)status, (void)ctx;
	return 3;
}

/* pairs(t) */
static int pairs(lua_State *L)
{
	luaL_checkany(L, 1);
	if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
		lua_pushvalue(L, 1);
		lua_callk(L, 1, 3, 0, pairs_called);
		return 3;
	}
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	if (is_globals(L, 1) || !lua_pairs_listed(L, 1))
		lua_pushcfunction(L, next_pair);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

/* setmetatable(table, metatable or nil) */
static int set_metatable(lua_State *L)
{
	int type = lua_type(L, 2);

	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 2,
		      "nil or table expected");
	lua_settop(L, 2);
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		return luaL_error(L, "cannot change a protected metatable");
	if (type == LUA_TTABLE) {
		/* Finalizers run at any time, for anybody's account. */
		lua_pushliteral(L, "__gc");
		if (lua_rawget(L, 2) != LUA_TNIL)
			return luaL_error(L, "metatables with __gc are not "
					  "allowed");
		lua_pop(L, 1);
	}
	lua_setmetatable(L, 1);
	return 1;
}

static const struct luaL_Reg table_functions[] = {
	{ "rawset", raw_set }, { "rawget", raw_get }, { "rawlen", raw_len },
	{ "next", next_pair }, { "pairs", pairs },
	{ "setmetatable", set_metatable },
	{ NULL, NULL },
};

/* ---- opening and closing ---- */

/* One of the functions that are Lua's own but paid for. */
static int paid(lua_State *L)
{
	size_t n = 0;
	int top = lua_gettop(L);

	for (int i = 1; i <= top && i <= 4; i++)
		if (lua_type(L, i) == LUA_TSTRING)
			n += lua_rawlen(L, i);
	lua_spend(L, n);
	return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

void lua_take_paid(lua_State *L, lua_CFunction open, const char *const *names)
{
	lua_pushcfunction(L, open);
	lua_call(L, 0, 1);
	for (; *names; names++) {
		if (lua_getfield(L, -1, *names) == LUA_TFUNCTION)
			lua_pushcclosure(L, paid, 1);
		lua_setfield(L, -3, *names);
	}
	lua_pop(L, 1);
}

static void set_library(lua_State *L, const char *name,
			void (*open)(lua_State *L))
{
	open(L);
	lua_table_freeze(L);
	lua_setfield(L, -2, name);
}

/* Strings find their methods in our library, in the table behind. */
static void fix_strings(lua_State *L)
{
	lua_getfield(L, -1, "string");
	lua_pushliteral(L, "");
	lua_getmetatable(L, -1);
	lua_table_behind(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 3);
}

static void open_utf8(lua_State *L)
{
	static const char *const names[] = { "char", "codepoint", "codes",
					     "len", "offset", "charpattern",
					     NULL };

	lua_newtable(L);
	lua_take_paid(L, luaopen_utf8, names);
}

/* All the machine's own names into the table on the top. */
static void fill_machine(lua_State *L)
{
	static const char *const own[] = { "assert", "error", "ipairs",
					   "rawequal", "select", "tonumber",
					   "type", "getmetatable", NULL };

	lua_take_paid(L, luaopen_base, own);
	luaL_setfuncs(L, table_functions, 0);
	lua_open_calls(L);
	set_library(L, "coroutine", lua_open_coroutine);
	set_library(L, "table", lua_open_table);
	set_library(L, "string", lua_open_string);
	set_library(L, "math", lua_open_math);
	set_library(L, "bit", lua_open_bit);
	set_library(L, "os", lua_open_os);
	set_library(L, "io", lua_open_io);
	set_library(L, "utf8", open_utf8);
	fix_strings(L);
	for (const struct lua_row *r = lua_load_rows; r->name; r++) {
		lua_pushcfunction(L, r->fn);
		lua_setfield(L, -2, r->name);
	}
	lua_getfield(L, -1, "table");
	lua_getfield(L, -1, "unpack");
	lua_setfield(L, -3, "unpack");
	lua_pop(L, 1);
	lua_pushliteral(L, "Lua 5.4");
	lua_setfield(L, -2, "_VERSION");
}

/* A table into the registry; it stays on the top. */
static void new_table_at(lua_State *L, const char *key)
{
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

void lua_globals_open(lua_State *L)
{
	new_table_at(L, &overlays_key);
	new_table_at(L, &machine_key);
	fill_machine(L);
	/* machine -> store */
	lua_newtable(L);
	new_table_at(L, &store_key);
	lua_setfield(L, -2, "__index");
	lua_setmetatable(L, -2);
	/* _G, which is empty -> machine */
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, "_G");
	new_table_at(L, &meta_key);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "__index");
	lua_pushvalue(L, -3);
	lua_rawsetp(L, -2, &behind_key);
	lua_pushcfunction(L, assign);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	lua_pop(L, 2);
}

void lua_globals_seal(lua_State *L)
{
	/* Rules assign to overlays from now on. */
	lua_vm_of(L)->sealed = true;
}
