/*
 * What a callback returned becomes a result of its rule.
 */
#include "lua/vm.h"

#include "lua/symbols.h"

static void add_option(lua_State *co, int idx, struct lua_run *run,
		       struct strs *options)
{
	int type = lua_type(co, idx);

	if (type == LUA_TSTRING || type == LUA_TNUMBER ||
	    type == LUA_TUSERDATA) {
		struct str s;

		if (type == LUA_TUSERDATA && !lua_is_text(co, idx))
			return;
		s = lua_str_arg(co, idx);
		strs_add(run->arena, options, str_dup(run->arena, s));
		return;
	}
	if (type != LUA_TTABLE || options->n > 1000)
		return;
	for (lua_Integer i = 1; i <= 1000; i++) {
		int kind = lua_rawgeti(co, idx, i);

		if (kind == LUA_TSTRING || kind == LUA_TNUMBER)
			strs_add(run->arena, options,
				 str_dup(run->arena, lua_str_arg(co, -1)));
		lua_pop(co, 1);
		if (kind == LUA_TNIL)
			break;
	}
}

/* rspamd's reading of what a callback returns: true or a number other than 0
 * (cut to an integer) is a hit; a number behind it is the weight; whatever
 * follows are options. Runs on the callback's thread, in its budget. */
static void take_results(struct lua_run *run, lua_State *co, int first)
{
	struct lua_symbol *s = run->current;
	int n = lua_gettop(co), next = first + 1;
	struct strs options = { 0 };
	double weight;

	if (n < first)
		return;
	if (lua_type(co, first) == LUA_TBOOLEAN)
		weight = lua_toboolean(co, first);
	else
		weight = (double)(long long)lua_tonumber(co, first);
	if (weight == 0)
		return;
	if (n >= next && lua_type(co, next) == LUA_TNUMBER)
		weight = lua_tonumber(co, next++);
	for (; next <= n; next++)
		add_option(co, next, run, &options);
	lua_insert_result(co, s->name, weight, options.n ? &options : NULL);
}

int lua_callback_results(lua_State *L)
{
	take_results(lua_run_of(L), L, 1);
	return 0;
}
