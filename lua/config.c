/*
 * rspamd_config: where scripts register their rules. Both of rspamd's ways
 * work, `rspamd_config.NAME = function or table` and register_symbol{...}; so
 * does changing an older symbol by rspamd_config.NAME.score = x. What is said
 * here is a default: a .cf line about the same name wins.
 */
#include "lua/config.h"

#include <math.h>

#include "conf/script.h"
#include "lua/map.h"
#include "lua/options.h"
#include "lua/symbols.h"

/* rspamd's words for what a symbol is. */
static const struct {
	const char *name;
	enum lua_stage stage;
} types[] = {
	{ "normal", LUA_FILTER }, { "callback", LUA_FILTER },
	{ "filter", LUA_FILTER }, { "mime", LUA_FILTER },
	{ "prefilter", LUA_PREFILTER }, { "connfilter", LUA_PREFILTER },
	{ "connect", LUA_PREFILTER }, { "postfilter", LUA_POSTFILTER },
	{ "idempotent", LUA_IDEMPOTENT }, { "virtual", LUA_PASSIVE },
	{ "composite", LUA_PASSIVE }, { "classifier", LUA_FILTER },
};

static bool has_word(struct str text, const char *word)
{
	size_t at = 0, n = strlen(word);
	ssize_t i;

	while ((i = str_ifind(str_from(text, at), str_make(word, n))) >= 0) {
		size_t from = at + (size_t)i;

		if ((from == 0 || !is_alnum((unsigned char)text.p[from - 1])) &&
		    (from + n == text.n ||
		     !is_alnum((unsigned char)text.p[from + n])))
			return true;
		at = from + n;
	}
	return false;
}

/* The stage that a type's text names; `otherwise` if it names none. */
static enum lua_stage stage_of(struct str type, enum lua_stage otherwise)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (has_word(type, types[i].name))
			return types[i].stage;
	return otherwise;
}

/* A field as text: a string, or a list of strings joined by commas. */
static struct str field_text(lua_State *L, int idx, const char *key)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct strs list = { 0 };
	struct str out = STR_NONE;

	lua_getfield(L, idx, key);
	if (lua_type(L, -1) == LUA_TTABLE) {
		for (lua_Integer i = 1; i <= 100; i++) {
			if (lua_rawgeti(L, -1, i) == LUA_TSTRING)
				strs_add(vm->arena, &list, str_dup(vm->arena,
					 lua_str_arg(L, -1)));
			lua_pop(L, 1);
		}
		out = strs_join(vm->arena, &list, STR(","));
	} else if (lua_type(L, -1) == LUA_TSTRING) {
		out = str_dup(vm->arena, lua_str_arg(L, -1));
	}
	lua_pop(L, 1);
	return out;
}

static bool field_number(lua_State *L, int idx, const char *key, double *out_r)
{
	int ok = 0;
	double v;

	lua_getfield(L, idx, key);
	v = lua_tonumberx(L, -1, &ok);
	lua_pop(L, 1);
	if (ok && !isfinite(v))
		luaL_error(L, "%s must be a finite number", key);
	if (ok)
		*out_r = v;
	return ok;
}

static bool field_true(lua_State *L, int idx, const char *key)
{
	bool v;

	lua_getfield(L, idx, key);
	v = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return v;
}

static void apply_flags(struct loader *ld, struct lua_symbol *s,
			struct str flags)
{
	if (has_word(flags, "one_shot"))
		s->one_shot = true;
	if (has_word(flags, "nice"))
		script_tflags(ld, s->id, STR("nice"));
}

void lua_config_fields(lua_State *L, int idx, struct lua_symbol *s)
{
	struct loader *ld = lua_loading(L, "changing a symbol");
	struct str text;
	double v;

	if (field_number(L, idx, "score", &v) ||
	    field_number(L, idx, "metric_score", &v))
		script_score(ld, s->id, v);
	text = field_text(L, idx, "description");
	if (text.p)
		script_describe(ld, s->id, text);
	text = field_text(L, idx, "tflags");
	if (text.p)
		script_tflags(ld, s->id, text);
	text = field_text(L, idx, "group");
	if (text.p)
		s->group = text;
	text = field_text(L, idx, "flags");
	if (text.p)
		apply_flags(ld, s, text);
	if (field_number(L, idx, "priority", &v))
		s->order = (int)fmax(-100000, fmin(100000, v));
	if (field_number(L, idx, "max_shots", &v) && v >= 1)
		s->max_shots = (int)fmin(v, 1000);
	if (field_true(L, idx, "one_shot"))
		s->one_shot = true;
}

static void add_condition(lua_State *L, struct lua_symbol *s, int idx)
{
	struct lua_vm *vm = lua_vm_of(L);

	luaL_checktype(L, idx, LUA_TFUNCTION);
	s->conditions = arena_grow(vm->arena, s->conditions, s->nconditions,
				   &s->conditions_cap, sizeof(int));
	lua_pushvalue(L, idx);
	s->conditions[s->nconditions++] = luaL_ref(L, LUA_REGISTRYINDEX);
}

static void set_callback(lua_State *L, struct lua_symbol *s, int idx,
			 enum lua_stage stage)
{
	lua_pushvalue(L, idx);
	s->callback = luaL_ref(L, LUA_REGISTRYINDEX);
	s->stage = stage;
}

/* The symbol that a parent's id or name stands for, or NULL. */
static struct lua_symbol *symbol_arg(lua_State *L, int idx)
{
	struct lua_vm *vm = lua_vm_of(L);

	if (lua_type(L, idx) == LUA_TNUMBER) {
		lua_Integer id = lua_tointeger(L, idx);

		return id >= 1 && (size_t)id <= vm->nsymbols ?
			vm->symbols[id - 1] : NULL;
	}
	return lua_type(L, idx) == LUA_TSTRING ?
		lua_symbol_find(vm, lua_str_arg(L, idx)) : NULL;
}

static void set_parent(lua_State *L, int idx, struct lua_symbol *s)
{
	lua_getfield(L, idx, "parent");
	if (!lua_isnil(L, -1)) {
		s->parent = symbol_arg(L, -1);
		if (!s->parent)
			luaL_error(L, "the parent of %s is not registered",
				   s->name.p);
		if (s->parent == s)
			s->parent = NULL;
	}
	lua_pop(L, 1);
}

/* All that a table at idx says of a symbol called name. */
static struct lua_symbol *from_table(lua_State *L, int idx, struct str name)
{
	struct str type = field_text(L, idx, "type");
	struct lua_symbol *s;

	s = lua_symbol_add(L, name);
	if (lua_getfield(L, idx, "callback") == LUA_TFUNCTION)
		set_callback(L, s, lua_gettop(L), stage_of(type, LUA_FILTER));
	else if (stage_of(type, LUA_PASSIVE) != LUA_PASSIVE &&
		 !has_word(type, "virtual"))
		luaL_error(L, "the symbol %s has no callback", s->name.p);
	lua_pop(L, 1);
	s->reports_others = has_word(type, "callback");
	set_parent(L, idx, s);
	lua_config_fields(L, idx, s);
	if (lua_getfield(L, idx, "condition") == LUA_TFUNCTION)
		add_condition(L, s, lua_gettop(L));
	lua_pop(L, 1);
	lua_getfield(L, idx, "weight");
	if (lua_isnumber(L, -1))
		s->virtual_weight = lua_tonumber(L, -1);
	lua_pop(L, 1);
	return s;
}

/* Extra names of one callback: `augmentations` no, `depends` yes. */
static void add_needs(lua_State *L, int idx, struct lua_symbol *s)
{
	struct lua_vm *vm = lua_vm_of(L);

	if (lua_getfield(L, idx, "depends_on") == LUA_TTABLE)
		for (lua_Integer i = 1; i <= 100; i++) {
			if (lua_rawgeti(L, -1, i) == LUA_TSTRING)
				strs_add(vm->arena, &s->needs, str_dup(
					 vm->arena, lua_str_arg(L, -1)));
			lua_pop(L, 1);
		}
	lua_pop(L, 1);
}

/* rspamd_config:register_symbol{name=, callback=, ...} -> number
 * Registers a rule. The table's fields: name; callback, a function that gets
 * the task; type: normal (the default), callback, virtual, prefilter,
 * postfilter, idempotent; parent, the number of the rule that inserts a
 * virtual symbol; score, description, group, flags, priority, one_shot,
 * condition, depends_on (a list of rules, of .cf files too, whose answers the
 * callback asks for). The number is what parent wants.
 * > local id = rspamd_config:register_symbol{
 * >   name = "EXAMPLE", score = 1.5, description = "An example",
 * >   callback = function(task)
 * >     task:insert_result("EXAMPLE_CHILD", 1.0, "an option")
 * >     return task:has_header("X-Test")
 * >   end }
 * > rspamd_config:register_symbol{ name = "EXAMPLE_CHILD", type = "virtual",
 * >   parent = id, score = 0.5 }
 */
static int config_register_symbol(lua_State *L)
{
	struct lua_symbol *s;
	struct str name;

	lua_loading(L, "register_symbol");
	if (lua_type(L, 2) != LUA_TTABLE) {
		/* The older form: name, weight, callback. */
		name = lua_str_arg(L, 2);
		s = lua_symbol_add(L, name);
		for (int i = 3; i <= lua_gettop(L); i++)
			if (lua_type(L, i) == LUA_TFUNCTION)
				set_callback(L, s, i, LUA_FILTER);
		if (lua_type(L, 3) == LUA_TNUMBER)
			s->virtual_weight = lua_tonumber(L, 3);
		lua_pushinteger(L, (lua_Integer)s->index + 1);
		return 1;
	}
	lua_getfield(L, 2, "name");
	if (lua_type(L, -1) != LUA_TSTRING)
		return luaL_error(L, "register_symbol: the table has no name");
	s = from_table(L, 2, lua_str_arg(L, -1));
	add_needs(L, 2, s);
	lua_pushinteger(L, (lua_Integer)s->index + 1);
	return 1;
}

/* rspamd_config:register_virtual_symbol(name [, weight [, parent]]) -> number
 * A symbol that other callbacks insert. register_symbol with type "virtual"
 * does the same.
 * > assert(rspamd_config:register_virtual_symbol("EXAMPLE_OLD_CHILD", 1.0) > 0)
 */
static int config_register_virtual_symbol(lua_State *L)
{
	struct lua_symbol *s = lua_symbol_add(L, lua_str_arg(L, 2));

	if (lua_type(L, 3) == LUA_TNUMBER)
		s->virtual_weight = lua_tonumber(L, 3);
	s->parent = symbol_arg(L, 4);
	lua_pushinteger(L, (lua_Integer)s->index + 1);
	return 1;
}

/* The names of older calls: register_callback_symbol(name, weight, callback),
 * register_pre_filter(callback) and register_post_filter(callback). */
static int register_stage(lua_State *L, enum lua_stage stage, const char *kind)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct lua_symbol *s;

	luaL_checktype(L, 2, LUA_TFUNCTION);
	s = lua_symbol_add(L, str_printf(vm->arena, "LUA_%s_%zu", kind,
					 vm->nsymbols + 1));
	set_callback(L, s, 2, stage);
	lua_pushinteger(L, (lua_Integer)s->index + 1);
	return 1;
}

/* rspamd_config:register_pre_filter(callback) -> number
 * A nameless callback that runs before every rule.
 * > assert(rspamd_config.register_pre_filter)
 */
static int config_register_pre_filter(lua_State *L)
{
	return register_stage(L, LUA_PREFILTER, "PRE_FILTER");
}

/* rspamd_config:register_post_filter(callback) -> number
 * A nameless callback that runs after every rule.
 * > assert(rspamd_config.register_post_filter)
 */
static int config_register_post_filter(lua_State *L)
{
	return register_stage(L, LUA_POSTFILTER, "POST_FILTER");
}

/* rspamd_config:register_dependency(symbol, needed)
 * The callback of symbol (a name or a number) runs after the rule called
 * needed has been answered, be it a script's or a .cf file's.
 * > rspamd_config.EXAMPLE_LATER = function(task) return task:has_symbol("EXAMPLE") end
 * > rspamd_config:register_dependency("EXAMPLE_LATER", "EXAMPLE")
 */
static int config_register_dependency(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct str needed = str_dup(vm->arena, lua_str_arg(L, 3));
	struct lua_symbol *s = symbol_arg(L, 2);

	lua_loading(L, "register_dependency");
	if (s) {
		strs_add(vm->arena, &s->needs, needed);
	} else if (lua_type(L, 2) == LUA_TSTRING) {
		/* It may be registered later. */
		struct late_need *late;

		vm->late_needs = arena_grow(vm->arena, vm->late_needs,
					    vm->nlate_needs,
					    &vm->late_needs_cap,
					    sizeof(*vm->late_needs));
		late = &vm->late_needs[vm->nlate_needs++];
		late->name = str_dup(vm->arena, lua_str_arg(L, 2));
		late->needed = needed;
		lua_where(L, &late->file, &late->line);
	}
	return 0;
}

/* rspamd_config:add_condition(symbol, function)
 * The callback of symbol only runs where the function, called with the task,
 * returns true.
 * > assert(rspamd_config:add_condition("EXAMPLE", function(task) return true end))
 */
static int config_add_condition(lua_State *L)
{
	struct lua_symbol *s = symbol_arg(L, 2);

	lua_loading(L, "add_condition");
	if (s)
		add_condition(L, s, 3);
	lua_pushboolean(L, s != NULL);
	return 1;
}

/* rspamd_config:set_metric_symbol{name=, score=, description=, group=, ...}
 * Score, description and so on of a symbol that is or will be registered; the
 * positional form is (name, score, description).
 * > rspamd_config:set_metric_symbol{ name = "EXAMPLE_SCORED", score = 2.5,
 * >   description = "Its rule may be registered later" }
 */
static int config_set_metric_symbol(lua_State *L)
{
	struct loader *ld = lua_loading(L, "set_metric_symbol");
	struct lua_symbol *s;

	if (lua_type(L, 2) == LUA_TTABLE) {
		lua_getfield(L, 2, "name");
		if (lua_type(L, -1) != LUA_TSTRING)
			lua_getfield(L, 2, "symbol");
		s = lua_symbol_add(L, lua_str_arg(L, -1));
		lua_config_fields(L, 2, s);
		return 0;
	}
	s = lua_symbol_add(L, lua_str_arg(L, 2));
	if (lua_type(L, 3) == LUA_TNUMBER)
		script_score(ld, s->id, lua_tonumber(L, 3));
	if (lua_type(L, 4) == LUA_TSTRING)
		script_describe(ld, s->id, lua_str_arg(L, 4));
	return 0;
}

/* rspamd_config:get_symbol_callback(name) -> function or nil
 * The callback that is registered under a name.
 * > assert(rspamd_config:get_symbol_callback("NO_SUCH_SYMBOL") == nil)
 */
static int config_get_symbol_callback(lua_State *L)
{
	struct lua_symbol *s = symbol_arg(L, 2);

	if (!s || s->callback == LUA_NOREF)
		lua_pushnil(L);
	else
		lua_rawgeti(L, LUA_REGISTRYINDEX, s->callback);
	return 1;
}

/* rspamd_config:get_mempool() -> mempool
 * Something to give to functions that want a memory pool; nothing else.
 * > assert(rspamd_config:get_mempool())
 */
static int config_get_mempool(lua_State *L)
{
	lua_settop(L, 1);
	return 1;
}

/* rspamd_config:add_on_load(function)
 * Calls function(rspamd_config, nil, nil) once all files are loaded.
 * > assert(rspamd_config.add_on_load)
 */
static int config_add_on_load(lua_State *L)
{
	lua_loading(L, "add_on_load");
	luaL_checktype(L, 2, LUA_TFUNCTION);
	luaL_getsubtable(L, LUA_REGISTRYINDEX, "mekiki.on_load");
	lua_pushvalue(L, 2);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
	return 0;
}

/* rspamd_config:add_periodic(ev_base, seconds, function [, jitter])
 * Takes the function and never calls it: workers do nothing between messages.
 * lint says so. It is here so that files which register one load.
 * > assert(rspamd_config.add_periodic)
 */
static int config_add_periodic(lua_State *L)
{
	const char *file;
	int line;

	lua_where(L, &file, &line);
	script_fault(lua_loading(L, "add_periodic"), DIAG_WARN, file, line,
		     "add_periodic: the function will not be called");
	return 0;
}

static const struct lua_row methods[] = {
	{ "register_symbol", config_register_symbol },
	{ "register_virtual_symbol", config_register_virtual_symbol },
	{ "register_callback_symbol", config_register_symbol },
	{ "register_pre_filter", config_register_pre_filter },
	{ "register_post_filter", config_register_post_filter },
	{ "register_dependency", config_register_dependency },
	{ "register_regexp", config_register_regexp },
	{ "add_condition", config_add_condition },
	{ "set_metric_symbol", config_set_metric_symbol },
	{ "get_symbol_callback", config_get_symbol_callback },
	{ "get_mempool", config_get_mempool },
	{ "add_on_load", config_add_on_load },
	{ "add_periodic", config_add_periodic },
	{ "get_all_opt", lua_config_get_all_opt },
	{ "add_map", lua_config_add_map },
	{ "add_radix_map", lua_config_add_radix_map },
	{ "add_hash_map", lua_config_add_hash_map },
	{ "add_kv_map", lua_config_add_kv_map },
	{ "add_regexp_map", lua_config_add_regexp_map },
	{ "radix_from_ucl", lua_config_radix_from_ucl },
	{ "get_module_opt", lua_config_get_module_opt },
	{ "get_key", lua_config_get_key },
	{ "get_ucl", lua_config_get_ucl },
	{ 0 },
};

/* rspamd_config.NAME = function or table. */
static int config_newindex(lua_State *L)
{
	struct lua_symbol *s;

	lua_loading(L, "registering a symbol");
	switch (lua_type(L, 3)) {
	case LUA_TFUNCTION:
		s = lua_symbol_add(L, lua_str_arg(L, 2));
		set_callback(L, s, 3, LUA_FILTER);
		return 0;
	case LUA_TTABLE:
		from_table(L, 3, lua_str_arg(L, 2));
		return 0;
	default:
		return luaL_error(L, "rspamd_config.%s: expected a function or "
				  "a table, got %s", luaL_tolstring(L, 2, NULL),
				  luaL_typename(L, 3));
	}
}

/* rspamd_config.NAME.field = value */
static int config_edit(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct lua_symbol *s = lua_symbol_find(vm,
		lua_str_arg(L, lua_upvalueindex(1)));

	lua_settop(L, 3);
	if (s && lua_type(L, 2) == LUA_TSTRING &&
	    strcmp(lua_tostring(L, 2), "callback") == 0 &&
	    lua_type(L, 3) == LUA_TFUNCTION) {
		set_callback(L, s, 3, s->stage == LUA_PASSIVE ? LUA_FILTER :
			     s->stage);
		return 0;
	}
	lua_newtable(L);
	lua_pushvalue(L, 2);
	lua_pushvalue(L, 3);
	lua_rawset(L, -3);
	if (s)
		lua_config_fields(L, lua_gettop(L), s);
	return 0;
}

/* rspamd_config.NAME of a symbol: something whose fields can be set. */
static int config_index(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);

	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
		return 1;
	if (lua_type(L, 2) != LUA_TSTRING || !vm->loader ||
	    !lua_symbol_find(vm, lua_str_arg(L, 2)))
		return 0;
	lua_newtable(L);
	lua_createtable(L, 0, 2);
	lua_pushvalue(L, 2);
	lua_pushcclosure(L, config_edit, 1);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);
	return 1;
}

static const struct lua_row meta[] = {
	{ "__index", config_index },
	{ "__newindex", config_newindex },
	{ 0 },
};

const struct lua_class lua_config_class = {
	.name = "rspamd{config}",
	.methods = methods,
	.meta = meta,
};
