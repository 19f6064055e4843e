/*
 * Results: what rules found so far, and what a script adds to it. All rules
 * are symbols here, SpamAssassin's as well; subrules (names that begin with
 * "__") are left out of lists, as they are of reports.
 *
 * rspamd's actions are wider than a verdict. The mapping: below the required
 * score "no action", from it on "add header"; what set_pre_result forces is
 * kept in rspamd's words and decides the verdict, but for "greylist" and
 * "soft reject", which are advice to the mail server and leave it alone.
 */
#include "lua/task.h"


#include "conf/ruleset.h"
#include "lua/symbols.h"

/* ---- adding ---- */

static void add_text_option(lua_State *L, struct lua_run *run, int idx,
			    struct strs *options)
{
	struct str s = lua_str_arg(L, idx);

	lua_spend_output(L, s.n + 1);
	strs_add(run->arena, options, str_dup(run->arena, s));
}

static bool is_option(lua_State *L, int idx)
{
	return lua_type(L, idx) == LUA_TSTRING || lua_is_text(L, idx);
}

/* An option of insert_result: text, a list of texts, or nil. */
static void add_option(lua_State *L, struct lua_run *run, int idx,
		       struct str symbol, struct strs *options)
{
	if (is_option(L, idx)) {
		add_text_option(L, run, idx, options);
		return;
	}
	if (lua_isnil(L, idx))
		return;
	if (!lua_istable(L, idx)) {
		luaL_error(L, "not a string/table option when adding symbol "
			   "%s: %s type",
			   str_dup(run->arena, str_head(symbol, 100)).p,
			   luaL_typename(L, idx));
		return;
	}
	for (lua_Integer i = 1; ; i++) {
		lua_spend(L, 10);
		lua_rawgeti(L, idx, i);
		if (lua_isnil(L, -1))
			break;
		if (is_option(L, -1))
			add_text_option(L, run, lua_gettop(L), options);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* task:insert_result([true,] symbol, weight [, option ...])
 * Adds a result: the symbol hits, its score counts weight times. Options are
 * texts, lists of texts, or nil, which is skipped; they stand in the report. A
 * symbol that was not registered is logged and nothing more (rspamd would
 * invent one when the first argument is true).
 * > task:insert_result("UNKNOWN_TO_ALL", 1.0, "why", {"and", "why"}, nil)
 * > assert(not task:has_symbol("UNKNOWN_TO_ALL"))
 * > assert(not pcall(task.insert_result, task, "X", 1.0, true))
 */
int task_insert_result(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct strs options = { 0 };
	struct str symbol;
	double weight;
	int at = lua_isboolean(L, 2) ? 3 : 2, top;

	symbol = lua_str_arg(L, at);
	weight = luaL_checknumber(L, at + 1);
	top = lua_gettop(L);
	for (int i = at + 2; i <= top; i++)
		add_option(L, run, i, symbol, &options);
	lua_insert_result(L, symbol, weight, options.n ? &options : NULL);
	return 0;
}

/* ---- asking ---- */

/* What is known of the rule called name: false if it did not hit. */
static bool result_of(struct lua_run *run, struct str name,
		      struct lua_result *out_r)
{
	const struct rule *r = ruleset_find(run->host.rules, name);

	memset(out_r, 0, sizeof(*out_r));
	return r && run->host.result(run->host.ctx, r, out_r) && out_r->hit;
}

static struct str group_of(struct lua_run *run, struct str name)
{
	const struct lua_symbol *s = lua_symbol_find(run->vm, name);

	return s && s->group.n ? s->group : STR("ungrouped");
}

/* Pushes the entry of one result. */
static void push_result(lua_State *L, struct lua_run *run, struct str name,
			const struct lua_result *res)
{
	lua_createtable(L, 0, 4);
	lua_field_str(L, "name", name);
	lua_field_num(L, "score", res->score);
	lua_field_str(L, "group", group_of(run, name));
	if (res->options && res->options->n) {
		lua_push_strs(L, res->options);
		lua_setfield(L, -2, "options");
	}
}

/* Calls ask for the name, or for each one of the list, at argument 2 until it
 * says true. */
static bool any_name(lua_State *L, struct lua_run *run,
		     bool (*ask)(lua_State *L, struct lua_run *run,
				 struct str name))
{
	if (!lua_istable(L, 2))
		return ask(L, run, lua_str_arg(L, 2));
	for (lua_Integer i = 1; lua_rawgeti(L, 2, i) != LUA_TNIL; i++) {
		lua_spend(L, 20);
		if (ask(L, run, lua_str_arg(L, -1)))
			return true;
		lua_remove(L, -1);
	}
	lua_pop(L, 1);
	return false;
}

static bool has_one(lua_State *L, struct lua_run *run, struct str name)
{
	struct lua_result res;

	(void)L;
	return result_of(run, name, &res);
}

/* task:has_symbol(name or {names}) -> boolean
 * Whether the rule (or one of the rules) has hit by now. A rule whose answer
 * is asked for in an ordinary callback should be registered as a dependency.
 * Any rule's name will do, a subrule's or a meta's too.
 * > assert(task:has_symbol("X_NONE") == false)
 * > assert(task:has_symbol({"X_NONE", "X_NOBODY"}) == false)
 */
int task_has_symbol(lua_State *L)
{
	struct lua_run *run = task_arg(L);

	lua_pushboolean(L, any_name(L, run, has_one));
	return 1;
}

/* Pushes the list of one entry that get_symbol gives, or nothing. */
static bool push_symbol(lua_State *L, struct lua_run *run, struct str name)
{
	struct lua_result res;

	if (!result_of(run, name, &res))
		return false;
	lua_createtable(L, 1, 0);
	push_result(L, run, name, &res);
	lua_rawseti(L, -2, 1);
	return true;
}

/* task:get_symbol(name or {names}) -> list or nil
 * The result of a rule that has hit: a list with one table of `name`, `score`,
 * `group` and `options` (a list, or nil). With a list of names: a table of
 * these by name, of those that have hit.
 * > assert(task:get_symbol("X_NONE") == nil)
 * > assert(next(task:get_symbol({"X_NONE"})) == nil)
 */
int task_get_symbol(lua_State *L)
{
	struct lua_run *run = task_arg(L);

	if (!lua_istable(L, 2))
		return push_symbol(L, run, lua_str_arg(L, 2));
	lua_newtable(L);
	for (lua_Integer i = 1; lua_rawgeti(L, 2, i) != LUA_TNIL; i++) {
		lua_spend(L, 50);
		if (push_symbol(L, run, lua_str_arg(L, -1)))
			lua_rawset(L, -3);
		else
			lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return 1;
}

/* ---- lists ---- */

struct gathered {
	struct arena *a;
	const struct rule **v;
	size_t n, cap;
	bool subrules;		/* these, or the others */
};

static void gather_one(void *ctx, const struct rule *r)
{
	struct gathered *g = ctx;

	if (rule_is_sub(r) != g->subrules)
		return;
	g->v = arena_grow(g->a, g->v, g->n, &g->cap, sizeof(*g->v));
	g->v[g->n++] = r;
}

static struct gathered gather(lua_State *L, struct lua_run *run, bool subrules)
{
	struct gathered g = { .a = run->arena, .subrules = subrules };

	run->host.each_hit(run->host.ctx, gather_one, &g);
	lua_spend(L, g.n * 100 + 100);
	return g;
}

/* The names of a gathered list, as the result. */
static int push_names(lua_State *L, const struct gathered *g)
{
	lua_createtable(L, (int)g->n, 0);
	for (size_t i = 0; i < g->n; i++) {
		lua_push_str(L, g->v[i]->name);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* task:get_hits() -> list
 * The names of all rules that have hit by now, without subrules.
 * > for _, name in ipairs(task:get_hits()) do assert(task:has_rule(name)) end
 */
int task_get_hits(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct gathered g = gather(L, run, false);

	return push_names(L, &g);
}

/* task:get_subrules() -> list
 * The names of all subrules ("__NAME") that have hit by now.
 * > for _, name in ipairs(task:get_subrules()) do
 * >   assert(name:sub(1, 2) == "__")
 * > end
 */
int task_get_subrules(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct gathered g = gather(L, run, true);

	return push_names(L, &g);
}

static double score_of(struct lua_run *run, const struct rule *r)
{
	struct lua_result res = { 0 };

	run->host.result(run->host.ctx, r, &res);
	return res.score;
}

static void push_scores(lua_State *L, struct lua_run *run,
			const struct gathered *g)
{
	lua_createtable(L, (int)g->n, 0);
	for (size_t i = 0; i < g->n; i++) {
		lua_pushnumber(L, score_of(run, g->v[i]));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

/* task:get_symbols() -> list, list
 * The names of all rules that have hit by now, and their scores in the same
 * order.
 * > local names, scores = task:get_symbols()
 * > assert(#names == #scores)
 */
int task_get_symbols(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct gathered g = gather(L, run, false);

	push_names(L, &g);
	push_scores(L, run, &g);
	return 2;
}

/* task:get_symbols_numeric() -> list, list
 * The same with the numbers of the rules instead of their names: those that
 * register_symbol gave for symbols of scripts, -1 for other rules.
 * > local ids, scores = task:get_symbols_numeric()
 * > assert(#ids == #scores)
 */
int task_get_symbols_numeric(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct gathered g = gather(L, run, false);

	lua_createtable(L, (int)g.n, 0);
	for (size_t i = 0; i < g.n; i++) {
		const struct lua_symbol *s =
			lua_symbol_find(run->vm, g.v[i]->name);

		lua_pushinteger(L, s ? (lua_Integer)s->index + 1 : -1);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	push_scores(L, run, &g);
	return 2;
}

/* task:get_symbols_all() -> list
 * The results of all rules that have hit by now: tables of `name`, `score`,
 * `group` and `options`.
 * > for _, s in ipairs(task:get_symbols_all()) do
 * >   assert(task:has_symbol(s.name) and s.group)
 * > end
 */
int task_get_symbols_all(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct gathered g = gather(L, run, false);

	lua_createtable(L, (int)g.n, 0);
	for (size_t i = 0; i < g.n; i++) {
		struct lua_result res = { 0 };

		run->host.result(run->host.ctx, g.v[i], &res);
		push_result(L, run, g.v[i]->name, &res);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* task:get_groups() -> table
 * The scores of the results that have hit by now, summed by the groups of
 * their symbols; symbols without a group are left out.
 * > assert(type(task:get_groups()) == "table")
 */
int task_get_groups(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct gathered g = gather(L, run, false);

	lua_newtable(L);
	for (size_t i = 0; i < g.n; i++) {
		const struct lua_symbol *s =
			lua_symbol_find(run->vm, g.v[i]->name);
		double before;

		if (!s || !s->group.n)
			continue;
		lua_push_str(L, s->group);
		lua_pushvalue(L, -1);
		lua_rawget(L, -3);
		before = lua_tonumber(L, -1);
		lua_pop(L, 1);
		lua_pushnumber(L, before + score_of(run, g.v[i]));
		lua_rawset(L, -3);
	}
	return 1;
}

/* ---- rules, in SpamAssassin's terms ---- */

/* task:has_rule(name) -> boolean
 * Whether the rule has hit by now: any rule, be it of .cf files or Lua,
 * subrule or meta.
 * > assert(not task:has_rule("__X_NONE"))
 */
int task_has_rule(lua_State *L)
{
	return task_has_symbol(L);
}

/* task:get_rule(name) -> table or nil
 * What is known of a rule by now: `hit` (boolean), `value` (what metas count
 * with), `score` (that it added), `done` (false if it did not run yet),
 * `description`; nil if no rule has this name.
 * > assert(task:get_rule("X_NONE") == nil)
 * > for _, name in ipairs(task:get_hits()) do
 * >   assert(task:get_rule(name).hit and task:get_rule(name).value ~= 0)
 * > end
 */
int task_get_rule(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	const struct rule *r = ruleset_find(run->host.rules,
					    lua_str_arg(L, 2));
	struct lua_result res = { 0 };
	bool done;

	if (!r)
		return 0;
	done = run->host.result(run->host.ctx, r, &res);
	lua_createtable(L, 0, 5);
	lua_field_bool(L, "hit", res.hit);
	lua_field_bool(L, "done", done);
	lua_field_num(L, "value", res.value);
	lua_field_num(L, "score", res.score);
	lua_field_str(L, "description",
		      settings_describe(run->host.settings, r->name));
	return 1;
}
