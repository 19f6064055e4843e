/*
 * The module `ucl`: text in UCL or JSON to tables and back. A script may parse
 * what a message or a server sent, so a tree is built in memory that is given
 * back as soon as it has become Lua's (and is then counted there).
 */
#include "lua/ucl.h"

#include "base/arena.h"
#include "lua/files.h"

static const char null_key, results_key;

void lua_ucl_push_null(lua_State *L)
{
	lua_pushlightuserdata(L, (void *)&null_key);
}

static void push_object(lua_State *L, const struct ucl_value *v)
{
	struct map_entry *e;
	size_t i = 0;

	lua_createtable(L, 0, v->map->n < 1000 ? (int)v->map->n : 1000);
	while ((e = map_next(v->map, &i))) {
		lua_push_str(L, e->key);
		lua_ucl_push(L, e->value);
		lua_rawset(L, -3);
	}
}

/* Recurses as deep as the parser allowed. */
void lua_ucl_push(lua_State *L, const struct ucl_value *v)
{
	luaL_checkstack(L, 4, "values are nested too deeply");
	lua_spend(L, 32);
	switch (v->type) {
	case UCL_NULL:
		lua_ucl_push_null(L);
		break;
	case UCL_BOOL:
		lua_pushboolean(L, v->b);
		break;
	case UCL_INT:
		lua_pushinteger(L, v->i);
		break;
	case UCL_REAL:
		lua_pushnumber(L, v->d);
		break;
	case UCL_TEXT:
		lua_push_str(L, v->s.p ? v->s : STR(""));
		break;
	case UCL_LIST:
		lua_createtable(L, (int)v->list.n, 0);
		for (size_t i = 0; i < v->list.n; i++) {
			lua_ucl_push(L, v->list.v[i]);
			lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		break;
	case UCL_OBJECT:
		push_object(L, v);
		break;
	}
}

/* ---- work in memory of its own ---- */

struct job {
	struct arena *a;
	struct str text;
	enum ucl_style style;
};

/* Calls fn(job, values...) with the n values on the top; whatever happens, the
 * job's arena is released. */
static int with_arena(lua_State *L, lua_CFunction fn, struct job *job, int n)
{
	int status;

	luaL_checkstack(L, 4, NULL);
	lua_pushcfunction(L, fn);
	lua_insert(L, -n - 1);
	lua_pushlightuserdata(L, job);
	lua_insert(L, -n - 1);
	job->a = arena_new();
	status = lua_pcall(L, n + 1, 1, 0);
	arena_free(&job->a);
	return status == LUA_OK ? 1 : lua_error(L);
}

/* ---- parser ---- */

/* What a parser has parsed is kept beside it, as long as it lives itself. */
static void push_results(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &results_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "k");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &results_key);
}

/* (job): the table, or an error's text. */
static int parse_job(lua_State *L)
{
	struct job *job = lua_touserdata(L, 1);
	struct err err = { "" };
	struct ucl_value *v = ucl_parse(job->a, job->text, NULL, &err);

	if (v)
		lua_ucl_push(L, v);
	else
		lua_pushstring(L, err.text);
	return 1;
}

/* Keys that were parsed before stay, unless they come again. */
static void keep_result(lua_State *L, int parser, int table)
{
	push_results(L);
	lua_pushvalue(L, parser);
	if (lua_rawget(L, -2) == LUA_TTABLE) {
		for (lua_pushnil(L); lua_next(L, table);) {
			lua_pushvalue(L, -2);
			lua_insert(L, -2);
			lua_rawset(L, -4);
		}
		lua_pop(L, 2);
		return;
	}
	lua_pop(L, 1);
	lua_pushvalue(L, parser);
	lua_pushvalue(L, table);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

static int parse(lua_State *L, struct str text)
{
	struct job job = { .text = text };

	lua_object_get(L, 1, &lua_ucl_parser_class);
	/* A value of two octets costs a hundred on its way. */
	lua_spend(L, text.n * 8);
	with_arena(L, parse_job, &job, 0);
	if (lua_type(L, -1) == LUA_TTABLE) {
		keep_result(L, 1, lua_gettop(L));
		lua_pushboolean(L, 1);
		return 1;
	}
	lua_pushboolean(L, 0);
	lua_insert(L, -2);
	return 2;
}

/* parser:parse_string(text) -> boolean [, error]
 * Parses UCL or JSON; an error says the line.
 * > local parser = ucl.parser()
 * > assert(parser:parse_string('{"a": [1, 2]}'))
 * > assert(parser:get_object().a[2] == 2)
 * > local ok, err = ucl.parser():parse_string("a = {\n")
 * > assert(not ok and err:find("line 2"))
 */
static int parser_parse_string(lua_State *L)
{
	return parse(L, lua_str_arg(L, 2));
}

/* parser:parse_file(path) -> boolean [, error]
 * Parses a file; only while rules are loaded, and only below the folders of
 * the configuration.
 * > local ok, err = ucl.parser():parse_file("/etc/no-such-file")
 * > assert(not ok and type(err) == "string")
 */
static int parser_parse_file(lua_State *L)
{
	struct str path = lua_path(L, lua_str_arg(L, 2)), text;
	struct lua_vm *vm = lua_vm_of(L);
	struct err err;

	if (!lua_may_read(vm, path, &err) ||
	    !lua_file_read(vm->arena, path, UCL_TEXT_MAX, &text, NULL, &err)) {
		lua_pushboolean(L, 0);
		lua_pushstring(L, err.text);
		return 2;
	}
	return parse(L, text);
}

/* parser:get_object() -> table or nil
 * What was parsed: sections as tables, lists, texts, numbers, booleans,
 * ucl.null. A key that came twice has the list of its values.
 * > local parser = ucl.parser()
 * > parser:parse_string("limit = 2k; name = x; name = y")
 * > local t = parser:get_object()
 * > assert(t.limit == 2000 and t.name[2] == "y")
 */
static int parser_get_object(lua_State *L)
{
	lua_object_get(L, 1, &lua_ucl_parser_class);
	push_results(L);
	lua_pushvalue(L, 1);
	lua_rawget(L, -2);
	return 1;
}

static const struct lua_row methods[] = {
	{ "parse_string", parser_parse_string },
	{ "parse_text", parser_parse_string },
	{ "parse_file", parser_parse_file },
	{ "get_object", parser_get_object },
	{ 0 },
};

const struct lua_class lua_ucl_parser_class = {
	.name = "ucl{parser}",
	.methods = methods,
};

/* ---- module ---- */

/* ucl.parser() -> parser
 * A new parser of UCL and JSON.
 * > local parser = ucl.parser()
 * > assert(parser:parse_string("a = 1") and parser:get_object().a == 1)
 */
static int ucl_parser(lua_State *L)
{
	lua_object_new(L, &lua_ucl_parser_class, 1);
	return 1;
}

static int emit_job(lua_State *L)
{
	struct job *job = lua_touserdata(L, 1);

	lua_push_str(L, lua_ucl_text(L, 2, job->style, job->a));
	return 1;
}

/* ucl.to_format(value, format) -> string
 * A value as text: "json", "json-compact", or "config" (also "ucl"). Keys are
 * sorted.
 * > assert(ucl.to_format({ b = { 1, "x" }, a = true }, "json-compact") ==
 * >   '{"a":true,"b":[1,"x"]}')
 * > assert(ucl.to_format({ a = 1 }, "config") == "a = 1;\n")
 */
static int ucl_to_format(lua_State *L)
{
	struct str name = lua_str_opt(L, 2);
	struct job job = { .style = UCL_STYLE_JSON };

	if (str_eq(name, STR("json-compact")))
		job.style = UCL_STYLE_COMPACT;
	else if (str_eq(name, STR("config")) || str_eq(name, STR("ucl")))
		job.style = UCL_STYLE_CONFIG;
	luaL_checkany(L, 1);
	lua_settop(L, 1);
	return with_arena(L, emit_job, &job, 1);
}

/* ucl.to_json(value [, compact]) -> string
 * A value as JSON.
 * > assert(ucl.to_json({ 1, 2 }, true) == "[1,2]")
 */
static int ucl_to_json(lua_State *L)
{
	struct job job = { .style = lua_toboolean(L, 2) ?
			   UCL_STYLE_COMPACT : UCL_STYLE_JSON };

	luaL_checkany(L, 1);
	lua_settop(L, 1);
	return with_arena(L, emit_job, &job, 1);
}

/* ucl.to_config(value) -> string
 * A value in the form of a configuration file.
 * > assert(ucl.to_config({ a = "x y" }) == 'a = "x y";\n')
 */
static int ucl_to_config(lua_State *L)
{
	struct job job = { .style = UCL_STYLE_CONFIG };

	luaL_checkany(L, 1);
	lua_settop(L, 1);
	return with_arena(L, emit_job, &job, 1);
}

static const struct lua_row functions[] = {
	{ "parser", ucl_parser },
	{ "to_format", ucl_to_format },
	{ "to_json", ucl_to_json },
	{ "to_config", ucl_to_config },
	{ 0 },
};

/* ucl.null
 * What JSON's null becomes; a nil would not keep its place in a table.
 * > local parser = ucl.parser()
 * > parser:parse_string('{"a": null}')
 * > assert(parser:get_object().a == ucl.null)
 */
static void fill(lua_State *L)
{
	lua_ucl_push_null(L);
	lua_setfield(L, -2, "null");
}

const struct lua_module lua_ucl_module = {
	.name = "ucl",
	.functions = functions,
	.fill = fill,
};
