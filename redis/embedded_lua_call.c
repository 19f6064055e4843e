/*
 * What a script sees: the globals of Lua that harm nobody, and `redis`. Errors
 * have Redis's words, and replies become values as Redis makes them.
 */
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/log.h"
#include "redis/embedded_lua.h"

void embedded_lua_sha1(struct str s, char hex[SHA1_HEX + 1])
{
	uint8_t out[DIGEST_MAX];
	struct digest d;

	digest_begin(&d, DIGEST_SHA1, STR_NONE);
	digest_add(&d, s);
	digest_end(&d, out);
	for (size_t i = 0; i < SHA1_OCTETS; i++)
		snprintf(hex + 2 * i, 3, "%02x", out[i]);
}

/* ---- replies to Lua ---- */

static void push_one_field(lua_State *L, const char *name, struct str text)
{
	lua_createtable(L, 0, 1);
	lua_pushlstring(L, text.p ? text.p : "", text.n);
	lua_setfield(L, -2, name);
}

static void push_reply(lua_State *L, const struct store_reply *r)
{
	luaL_checkstack(L, 4, "reply");
	switch (r->kind) {
	case REPLY_NIL:
		lua_pushboolean(L, 0);
		break;
	case REPLY_STATUS:
		push_one_field(L, "ok", r->text);
		break;
	case REPLY_ERROR:
		push_one_field(L, "err", r->text);
		break;
	case REPLY_INT:
		lua_pushinteger(L, r->number);
		break;
	case REPLY_TEXT:
		lua_pushlstring(L, r->text.p ? r->text.p : "", r->text.n);
		break;
	case REPLY_LIST:
		lua_createtable(L, (int)r->n, 0);
		for (size_t i = 0; i < r->n; i++) {
			push_reply(L, &r->items[i]);
			lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		break;
	}
}

/* ---- redis.call ---- */

static void check_call(lua_State *L, int n)
{
	if (n == 0)
		luaL_error(L, "Please specify at least one argument for this "
			   "redis lib call");
	for (int i = 1; i <= n; i++)
		if (lua_type(L, i) != LUA_TSTRING &&
		    lua_type(L, i) != LUA_TNUMBER)
			luaL_error(L, "Lua redis lib command arguments must "
				   "be strings or integers");
}

/* The arguments, as texts that live as long as they are on the stack. */
static struct str *read_args(lua_State *L, int n)
{
	struct str *argv = arena_alloc(embedded_lua_of(L)->e->scratch,
				       (size_t)n * sizeof(*argv));
	char text[64];

	for (int i = 1; i <= n; i++) {
		if (lua_type(L, i) == LUA_TNUMBER && !lua_isinteger(L, i)) {
			snprintf(text, sizeof(text), "%.17g",
				 lua_tonumber(L, i));
			lua_pushstring(L, text);
			lua_replace(L, i);
		}
		argv[i - 1].p = lua_tolstring(L, i, &argv[i - 1].n);
	}
	return argv;
}

static void execute(struct embedded_lua *lua, struct call *c)
{
	const struct command_row *row = command_find(c->argv[0]);

	if (row && row->flags & CMD_NO_SCRIPT) {
		reply_error(c, "ERR This Redis command is not allowed from "
			    "script");
		return;
	}
	if (!row) {
		reply_error(c, "ERR Unknown Redis command called from script");
		return;
	}
	if (!command_takes(row, c->argc)) {
		reply_error(c, "ERR Wrong number of args calling Redis "
			    "command from script");
		return;
	}
	if (row->flags & CMD_WRITE)
		lua->running->writes = true;
	command_execute(c);
	if (c->e->must_write)
		embedded_lua_stop(lua, "the script writes");
	else if (c->e->kv->failed)
		embedded_lua_stop(lua, "the store failed");
}

/* Pushes the reply. */
static void call_command(lua_State *L)
{
	struct embedded_lua *lua = embedded_lua_of(L);
	struct store_reply reply = { .kind = REPLY_NIL };
	int n = lua_gettop(L);
	struct call c = { .e = lua->e, .argc = (size_t)n, .out = lua->out,
			  .reply = &reply };

	check_call(L, n);
	c.argv = read_args(L, n);
	execute(lua, &c);
	if (lua->stopped)
		luaL_error(L, "%s", lua->why);
	push_reply(L, &reply);
	if (reply.kind == REPLY_LIST || arena_used(lua->out) > 65536)
		arena_reset(lua->out);
	arena_reset(lua->e->scratch);
}

static int l_call(lua_State *L)
{
	call_command(L);
	if (lua_type(L, -1) != LUA_TTABLE)
		return 1;
	lua_getfield(L, -1, "err");
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		return 1;
	}
	lua_pop(L, 1);
	return lua_error(L);
}

static int protected_call(lua_State *L)
{
	call_command(L);
	return 1;
}

static void error_table(lua_State *L);

static int l_pcall(lua_State *L)
{
	lua_pushcfunction(L, protected_call);
	lua_insert(L, 1);
	if (lua_pcall(L, lua_gettop(L) - 1, 1, 0) == LUA_OK)
		return 1;
	if (embedded_lua_of(L)->stopped)
		return lua_error(L);
	error_table(L);
	return 1;
}

/* Whatever error value is on top becomes a table with err. */
static void error_table(lua_State *L)
{
	const char *text;

	if (lua_type(L, -1) == LUA_TTABLE)
		return;
	text = lua_tostring(L, -1);
	lua_pushfstring(L, "ERR %s", text ? text : "error");
	lua_createtable(L, 0, 1);
	lua_insert(L, -2);
	lua_setfield(L, -2, "err");
	lua_remove(L, -2);
}

/* ---- the rest of the library ---- */

static int one_field(lua_State *L, const char *name, int skip)
{
	const char *text;

	if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING) {
		lua_pushliteral(L, "ERR wrong number or type of arguments");
		name = "err";
	} else if (text = lua_tostring(L, 1), text[0] == skip && skip) {
		lua_pushstring(L, text + 1);
	}
	lua_createtable(L, 0, 1);
	lua_pushvalue(L, -2);
	lua_setfield(L, -2, name);
	return 1;
}

static int l_error_reply(lua_State *L)
{
	return one_field(L, "err", '-');
}

static int l_status_reply(lua_State *L)
{
	return one_field(L, "ok", 0);
}

static int l_sha1hex(lua_State *L)
{
	char hex[SHA1_HEX + 1];
	struct str s;

	if (lua_gettop(L) != 1)
		return luaL_error(L, "wrong number of arguments");
	s.p = luaL_tolstring(L, 1, &s.n);
	embedded_lua_sha1(s, hex);
	lua_pushstring(L, hex);
	return 1;
}

static int l_log(lua_State *L)
{
	log_debug("store", "script: %s", luaL_optstring(L, 2, ""));
	return 0;
}

/* 3.0 is "3", as in Lua 5.1. */
static int l_tostring(lua_State *L)
{
	char text[64];

	luaL_checkany(L, 1);
	if (lua_type(L, 1) == LUA_TNUMBER && !lua_isinteger(L, 1)) {
		snprintf(text, sizeof(text), "%.14g", lua_tonumber(L, 1));
		lua_pushstring(L, text);
	} else {
		luaL_tolstring(L, 1, NULL);
	}
	return 1;
}

static int l_no_global(lua_State *L)
{
	return luaL_error(L, "Script attempted to access nonexistent global "
			  "variable '%s'", lua_tostring(L, 2));
}

static int l_no_new_global(lua_State *L)
{
	return luaL_error(L, "Attempt to modify a readonly table");
}

static const luaL_Reg redis_functions[] = {
	{ "call", l_call },
	{ "pcall", l_pcall },
	{ "error_reply", l_error_reply },
	{ "status_reply", l_status_reply },
	{ "sha1hex", l_sha1hex },
	{ "log", l_log },
	{ NULL, NULL }
};

static void set_integer(lua_State *L, const char *name, int v)
{
	lua_pushinteger(L, v);
	lua_setfield(L, -2, name);
}

/* ---- the environment ---- */

static void copy_globals(lua_State *L, int env)
{
	static const char *const names[] = {
		"assert", "error", "getmetatable", "ipairs", "math", "next",
		"pairs", "pcall", "rawequal", "rawget", "rawset", "rawlen",
		"select", "setmetatable", "string", "table", "tonumber",
		"type", "xpcall", "_VERSION", NULL
	};

	for (size_t i = 0; names[i]; i++) {
		lua_getglobal(L, names[i]);
		lua_setfield(L, env, names[i]);
	}
	lua_pushcfunction(L, l_tostring);
	lua_setfield(L, env, "tostring");
	lua_getglobal(L, "table");
	lua_getfield(L, -1, "unpack");
	lua_setfield(L, env, "unpack");
	lua_pop(L, 1);
	lua_getglobal(L, "string");
	lua_pushnil(L);
	lua_setfield(L, -2, "dump");
	lua_pop(L, 1);
	lua_pushvalue(L, env);
	lua_setfield(L, env, "_G");
}

static void seal(lua_State *L, int env)
{
	lua_createtable(L, 0, 3);
	lua_pushcfunction(L, l_no_global);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, l_no_new_global);
	lua_setfield(L, -2, "__newindex");
	lua_pushboolean(L, 0);
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, env);
}

int embedded_lua_set_up(lua_State *L)
{
	struct embedded_lua *lua = embedded_lua_of(L);
	int env;

	luaL_requiref(L, "_G", luaopen_base, 1);
	luaL_requiref(L, "string", luaopen_string, 1);
	luaL_requiref(L, "table", luaopen_table, 1);
	luaL_requiref(L, "math", luaopen_math, 1);
	lua_settop(L, 0);
	lua_newtable(L);
	env = lua_gettop(L);
	copy_globals(L, env);
	luaL_newlib(L, redis_functions);
	set_integer(L, "LOG_DEBUG", 0);
	set_integer(L, "LOG_VERBOSE", 1);
	set_integer(L, "LOG_NOTICE", 2);
	set_integer(L, "LOG_WARNING", 3);
	lua_setfield(L, env, "redis");
	seal(L, env);
	lua_pushvalue(L, env);
	lua->env = luaL_ref(L, LUA_REGISTRYINDEX);
	return 0;
}
