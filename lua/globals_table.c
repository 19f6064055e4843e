/*
 * The table library, and unpack. As in LuaJIT it works on tables as they are,
 * without __index, __newindex and __len: so no metamethod makes a table look
 * a thousand million entries long, and each loop is over entries that exist
 * and were paid for.
 */
#include "lua/sandbox.h"

#include <limits.h>

/* Values that one call may return: more than a script needs, and few enough
 * not to fill a stack. */
#define UNPACK_MAX 100000
/* What one step of a loop here costs, in octets. */
#define STEP 32

/* The length of the table at 1, which must be a writable one. */
static lua_Integer own_length(lua_State *L, bool write)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	if (lua_table_behind(L, 1)) {
		if (write)
			luaL_error(L, "a read-only table cannot be changed");
		lua_replace(L, 1);
	}
	return (lua_Integer)lua_rawlen(L, 1);
}

/* A position of the table at 1. */
static lua_Integer position(lua_State *L, int idx, lua_Integer def)
{
	lua_Number v;

	if (lua_isnoneornil(L, idx))
		return def;
	v = luaL_checknumber(L, idx);
	luaL_argcheck(L, v >= -1e15 && v <= 1e15, idx, "out of range");
	return (lua_Integer)v;
}

/* table.insert(t, [pos,] value) */
static int insert(lua_State *L)
{
	lua_Integer n = own_length(L, true), pos = n + 1;

	if (lua_gettop(L) < 2 || lua_gettop(L) > 3)
		return luaL_error(L, "wrong number of arguments to 'insert'");
	if (lua_gettop(L) == 3) {
		pos = position(L, 2, 0);
		luaL_argcheck(L, pos >= 1 && pos <= n + 1, 2,
			      "position out of bounds");
		lua_spend(L, (size_t)(n + 1 - pos) * STEP);
	}
	for (lua_Integer i = n; i >= pos; i--) {
		lua_rawgeti(L, 1, i);
		lua_rawseti(L, 1, i + 1);
	}
	lua_rawseti(L, 1, pos);
	return 0;
}

/* table.remove(t [, pos]) */
static int remove_at(lua_State *L)
{
	lua_Integer n = own_length(L, true), pos = position(L, 2, n);

	if (n == 0 && lua_isnoneornil(L, 2))
		return 0;
	if (pos != n)
		luaL_argcheck(L, pos >= 1 && pos <= n + 1, 2,
			      "position out of bounds");
	lua_rawgeti(L, 1, pos);
	if (pos < n)
		lua_spend(L, (size_t)(n - pos) * STEP);
	for (; pos < n; pos++) {
		lua_rawgeti(L, 1, pos + 1);
		lua_rawseti(L, 1, pos);
	}
	lua_pushnil(L);
	lua_rawseti(L, 1, pos);
	return 1;
}

/* table.concat(t [, sep [, i [, j]]]) */
static int concat(lua_State *L)
{
	lua_Integer n = own_length(L, false);
	struct str sep = STR("");
	lua_Integer i = position(L, 3, 1), j = position(L, 4, n);
	luaL_Buffer b;

	if (!lua_isnoneornil(L, 2))
		sep.p = luaL_checklstring(L, 2, &sep.n);
	lua_settop(L, 4);
	luaL_buffinit(L, &b);
	for (; i <= j; i++) {
		int type = lua_rawgeti(L, 1, i);

		if (type != LUA_TSTRING && type != LUA_TNUMBER)
			return luaL_error(L, "invalid value (%s) at index %I "
					  "in table for 'concat'",
					  luaL_typename(L, -1),
					  (LUAI_UACINT)i);
		if (type == LUA_TNUMBER) {
			lua_tostring_plain(L, -1);
			lua_remove(L, -2);
		}
		lua_spend(L, STEP + lua_rawlen(L, -1));
		luaL_addvalue(&b);
		if (i < j)
			luaL_addlstring(&b, sep.p, sep.n);
	}
	luaL_pushresult(&b);
	return 1;
}

/* table.unpack(t [, i [, j]]) */
static int unpack(lua_State *L)
{
	lua_Integer n = own_length(L, false);
	lua_Integer i = position(L, 2, 1), j = position(L, 3, n);
	lua_Integer count = j - i + 1;

	if (count <= 0)
		return 0;
	if (count > UNPACK_MAX || !lua_checkstack(L, (int)count))
		return luaL_error(L, "too many results to unpack");
	lua_spend(L, (size_t)count * STEP);
	for (; i <= j; i++)
		lua_rawgeti(L, 1, i);
	return (int)count;
}

/* table.pack(...) */
static int pack(lua_State *L)
{
	int n = lua_gettop(L);

	lua_createtable(L, n, 1);
	lua_insert(L, 1);
	for (int i = n; i >= 1; i--)
		lua_rawseti(L, 1, i);
	lua_pushinteger(L, n);
	lua_setfield(L, 1, "n");
	return 1;
}

/* table.move(from, first, last, pos [, to]) */
static int move(lua_State *L)
{
	lua_Integer first, last, pos, count, back;
	int to = lua_isnoneornil(L, 5) ? 1 : 5;

	own_length(L, to == 1);
	luaL_checktype(L, to, LUA_TTABLE);
	if (to != 1 && lua_table_behind(L, to))
		return luaL_error(L, "a read-only table cannot be changed");
	first = position(L, 2, 1);
	last = position(L, 3, 0);
	pos = position(L, 4, 1);
	count = last - first + 1;
	/* Overlapping moves upwards begin at the end. */
	back = pos > first && pos <= last;
	for (lua_Integer k = 0; k < count; k++) {
		lua_Integer at = back ? count - 1 - k : k;

		lua_spend(L, STEP);
		lua_rawgeti(L, 1, first + at);
		lua_rawseti(L, to, pos + at);
	}
	lua_pushvalue(L, to);
	return 1;
}

/* table.maxn(t): the largest positive number among the keys. */
static int maxn(lua_State *L)
{
	lua_Number max = 0;

	own_length(L, false);
	lua_settop(L, 1);
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		lua_pop(L, 1);
		lua_spend(L, STEP);
		if (lua_type(L, -1) == LUA_TNUMBER &&
		    lua_tonumber(L, -1) > max)
			max = lua_tonumber(L, -1);
	}
	if (max == (lua_Number)(lua_Integer)max && max < 1e15)
		lua_pushinteger(L, (lua_Integer)max);
	else
		lua_pushnumber(L, max);
	return 1;
}

/* table.getn(t) */
static int getn(lua_State *L)
{
	lua_pushinteger(L, own_length(L, false));
	return 1;
}

/* table.foreach(t, f), table.foreachi(t, f): the first result of f that is
 * not nil ends them. */
static int foreach(lua_State *L)
{
	own_length(L, false);
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	lua_pushnil(L);
	while (lua_next(L, 1)) {
		lua_pushvalue(L, 2);
		lua_pushvalue(L, 3);
		lua_rotate(L, 4, 2);
		lua_call(L, 2, 1);
		if (!lua_isnil(L, -1))
			return 1;
		lua_pop(L, 1);
	}
	return 0;
}

static int foreachi(lua_State *L)
{
	lua_Integer n = own_length(L, false);

	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_spend(L, STEP);
		lua_pushvalue(L, 2);
		lua_pushinteger(L, i);
		lua_rawgeti(L, 1, i);
		lua_call(L, 2, 1);
		if (!lua_isnil(L, -1))
			return 1;
		lua_pop(L, 1);
	}
	return 0;
}

/* ---- sort ----
 * A heap sort: its time does not depend on what the comparison says, which
 * may be anything. */

/* Is t[i] < t[j]? The table is at 1, the script's function (or nil) at 2. */
static bool less(lua_State *L, lua_Integer i, lua_Integer j)
{
	bool is;

	lua_spend(L, STEP);
	if (lua_isnil(L, 2)) {
		lua_rawgeti(L, 1, i);
		lua_rawgeti(L, 1, j);
		is = lua_compare(L, -2, -1, LUA_OPLT);
		lua_pop(L, 2);
		return is;
	}
	lua_pushvalue(L, 2);
	lua_rawgeti(L, 1, i);
	lua_rawgeti(L, 1, j);
	lua_call(L, 2, 1);
	is = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return is;
}

static void swap(lua_State *L, lua_Integer i, lua_Integer j)
{
	lua_rawgeti(L, 1, i);
	lua_rawgeti(L, 1, j);
	lua_rawseti(L, 1, i);
	lua_rawseti(L, 1, j);
}

/* Lets t[i] sink to its place in the heap of the first n. */
static void sink(lua_State *L, lua_Integer i, lua_Integer n)
{
	for (lua_Integer child = 2 * i; child <= n; child = 2 * i) {
		if (child < n && less(L, child, child + 1))
			child++;
		if (!less(L, i, child))
			return;
		swap(L, i, child);
		i = child;
	}
}

/* table.sort(t [, less]) */
static int sort(lua_State *L)
{
	lua_Integer n = own_length(L, true);

	lua_settop(L, 2);
	if (!lua_isnil(L, 2))
		luaL_checktype(L, 2, LUA_TFUNCTION);
	luaL_argcheck(L, n < INT_MAX / 2, 1, "array too big");
	for (lua_Integer i = n / 2; i >= 1; i--)
		sink(L, i, n);
	for (lua_Integer i = n; i > 1; i--) {
		swap(L, 1, i);
		sink(L, 1, i - 1);
	}
	return 0;
}

void lua_open_table(lua_State *L)
{
	static const struct luaL_Reg rows[] = {
		{ "insert", insert }, { "remove", remove_at },
		{ "concat", concat }, { "unpack", unpack }, { "pack", pack },
		{ "move", move }, { "maxn", maxn }, { "getn", getn },
		{ "foreach", foreach }, { "foreachi", foreachi },
		{ "sort", sort }, { NULL, NULL },
	};

	lua_newtable(L);
	luaL_setfuncs(L, rows, 0);
}
