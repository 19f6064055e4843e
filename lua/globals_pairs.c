/*
 * The order of pairs(). Lua promises none, but LuaJIT's is such that small
 * tables with numbers for keys, { [1] = "ONE", [5] = "FIVE", [12] = "TWELVE" },
 * come in ascending order, and rspamd's own rules count on it. Lua 5.4 gives
 * them in the order of its hash. So a table whose whole numbers do not come in
 * ascending order by themselves is gone through by a list of its keys: the
 * numbers first, sorted, then the others in Lua's order.
 */
#include "lua/sandbox.h"

#include <stdlib.h>

/* Larger tables are left as they are: nobody writes them down by hand. */
#define KEYS_MAX 64

/* How many pairs the table at idx has, and how many keys that are whole
 * numbers; *ordered_r tells whether those came in order. False if the table is
 * too large to be looked at. */
static bool look_at_keys(lua_State *L, int idx, int *nints_r, bool *ordered_r)
{
	lua_Integer last = LUA_MININTEGER;
	int n = 0;

	*nints_r = 0;
	*ordered_r = true;
	lua_pushnil(L);
	while (lua_next(L, idx)) {
		lua_pop(L, 1);
		if (++n > KEYS_MAX) {
			lua_pop(L, 1);
			return false;
		}
		if (!lua_isinteger(L, -1))
			continue;
		if (lua_tointeger(L, -1) < last)
			*ordered_r = false;
		last = lua_tointeger(L, -1);
		++*nints_r;
	}
	return true;
}

static int by_value(const void *x, const void *y)
{
	lua_Integer a = *(const lua_Integer *)x, b = *(const lua_Integer *)y;

	return a < b ? -1 : a > b;
}

/* Pushes the list of keys. */
static void push_keys(lua_State *L, int idx)
{
	lua_Integer ints[KEYS_MAX];
	int nints = 0, n = 0;

	lua_createtable(L, KEYS_MAX, 0);
	lua_pushnil(L);
	while (lua_next(L, idx)) {
		lua_pop(L, 1);
		if (lua_isinteger(L, -1) && nints < KEYS_MAX)
			ints[nints++] = lua_tointeger(L, -1);
	}
	qsort(ints, (size_t)nints, sizeof(ints[0]), by_value);
	while (n < nints) {
		lua_pushinteger(L, ints[n]);
		lua_rawseti(L, -2, ++n);
	}
	lua_pushnil(L);
	while (lua_next(L, idx)) {
		lua_pop(L, 1);
		if (lua_isinteger(L, -1))
			continue;
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, ++n);
	}
}

/* The iterator: upvalues are the keys, the table and where it is. What was
 * set to nil meanwhile is passed over, as by next(). */
static int next_listed(lua_State *L)
{
	lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));

	lua_spend(L, 64);
	for (;;) {
		lua_settop(L, 0);
		if (lua_rawgeti(L, lua_upvalueindex(1), ++i) == LUA_TNIL)
			return 1;
		lua_pushvalue(L, -1);
		if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL)
			break;
	}
	lua_pushinteger(L, i);
	lua_replace(L, lua_upvalueindex(3));
	return 2;
}

bool lua_pairs_listed(lua_State *L, int idx)
{
	bool ordered;
	int nints;

	lua_spend(L, 64);
	if (!look_at_keys(L, idx, &nints, &ordered) || ordered || nints < 2)
		return false;
	push_keys(L, idx);
	lua_pushvalue(L, idx);
	lua_pushinteger(L, 0);
	lua_pushcclosure(L, next_listed, 3);
	return true;
}
