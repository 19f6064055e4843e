/*
 * Server-side scripts in the embedded store: the named ones of redis/scripts,
 * and texts that come with EVAL. Lua 5.4 in place of Redis's 5.1, with the
 * same redis.call, the same KEYS and ARGV and the same conversions; what a
 * script may not touch (files, processes, loading, coroutines, the machine
 * itself) is not there.
 *
 * A script is compiled once and kept. What one run may use is bounded: after
 * RUN_STEPS instructions, or when it wants more memory than MEMORY_MAX, each
 * further instruction raises an error, so that pcall does not help. What it
 * wrote by then stays written, as in Redis.
 *
 * A transaction that reads, or a store that failed, end a script in the same
 * way: the batch is undone then (see embedded.c).
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "redis/embedded_int.h"

#define HOOK_STEPS 10000
#define RUN_STEPS ((uint64_t)100 * 1000 * 1000)
#define MEMORY_MAX ((size_t)64 << 20)
/* Texts of EVAL that are kept compiled; more, and all are forgotten. */
#define CACHE_MAX 500
#define SHA1_OCTETS 20
#define SHA1_HEX (2 * SHA1_OCTETS)

struct compiled {
	int ref;		/* of the function; LUA_NOREF: not yet */
	bool writes;
};

/* A text of EVAL. */
struct cached {
	char sha[SHA1_HEX + 1];
	struct compiled compiled;
};

struct embedded_lua {
	struct embedded *e;
	lua_State *L;
	size_t memory;
	uint64_t steps;		/* left of this run */
	bool stopped;		/* each instruction raises an error now */
	const char *why;	/* ... for this reason */
	struct compiled *named;	/* as many as store_scripts */
	struct cached *cache;
	size_t ncache;
	struct arena *out;	/* replies of redis.call */
	int env, keys, argv;	/* references */
	struct compiled *running;
};

/* ---- bounds ---- */

static struct embedded_lua *lua_of(lua_State *L)
{
	return *(struct embedded_lua **)lua_getextraspace(L);
}

static void *allocate(void *ctx, void *p, size_t old, size_t n)
{
	struct embedded_lua *lua = ctx;

	if (!p)
		old = 0;
	if (n == 0) {
		xfree(p);
		lua->memory -= old;
		return NULL;
	}
	if (n > old && lua->memory + (n - old) > MEMORY_MAX)
		return NULL;
	lua->memory += n - old;
	return xreallocarray(p, n, 1);
}

static void on_count(lua_State *L, lua_Debug *ar)
{
	struct embedded_lua *lua = lua_of(L);

	(void)ar;
	if (lua->steps > HOOK_STEPS) {
		lua->steps -= HOOK_STEPS;
		return;
	}
	if (!lua->stopped)
		lua->why = "the script used too many instructions";
	lua->stopped = true;
	lua->steps = 0;
	lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
	luaL_error(L, "%s", lua->why);
}

static void stop(struct embedded_lua *lua, const char *why)
{
	lua->stopped = true;
	lua->why = why;
	lua->steps = 0;
	lua_sethook(lua->L, on_count, LUA_MASKCOUNT, 1);
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
			   "redis.call() call");
	for (int i = 1; i <= n; i++)
		if (lua_type(L, i) != LUA_TSTRING &&
		    lua_type(L, i) != LUA_TNUMBER)
			luaL_error(L, "Lua redis lib command arguments must "
				   "be strings or integers");
}

/* The arguments, as texts that live as long as they are on the stack. */
static struct str *read_args(lua_State *L, int n)
{
	struct str *argv = arena_alloc(lua_of(L)->e->scratch,
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
	if (row->flags & CMD_WRITE)
		lua->running->writes = true;
	command_execute(c);
	if (c->e->must_write)
		stop(lua, "the script writes");
	else if (c->e->kv->failed)
		stop(lua, "the store failed");
}

/* Pushes the reply. */
static void call_command(lua_State *L)
{
	struct embedded_lua *lua = lua_of(L);
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
	if (lua_of(L)->stopped)
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

static void hex_of(struct str s, char hex[SHA1_HEX + 1])
{
	uint8_t out[DIGEST_MAX];
	struct digest d;

	digest_begin(&d, DIGEST_SHA1, STR_NONE);
	digest_add(&d, s);
	digest_end(&d, out);
	for (size_t i = 0; i < SHA1_OCTETS; i++)
		snprintf(hex + 2 * i, 3, "%02x", out[i]);
}

static int l_sha1hex(lua_State *L)
{
	char hex[SHA1_HEX + 1];
	struct str s;

	if (lua_gettop(L) != 1)
		return luaL_error(L, "wrong number of arguments");
	s.p = luaL_tolstring(L, 1, &s.n);
	hex_of(s, hex);
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

static int set_up(lua_State *L)
{
	struct embedded_lua *lua = lua_of(L);
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

static size_t count_scripts(void)
{
	size_t n = 0;

	while (store_scripts[n].name)
		n++;
	return n;
}

struct embedded_lua *embedded_lua_new(struct embedded *e)
{
	struct embedded_lua *lua = xcalloc(1, sizeof(*lua));
	size_t n = count_scripts();

	lua->e = e;
	lua->out = arena_new();
	lua->named = xcalloc(n + 1, sizeof(*lua->named));
	for (size_t i = 0; i < n; i++)
		lua->named[i].ref = LUA_NOREF;
	lua->cache = xcalloc(CACHE_MAX, sizeof(*lua->cache));
	lua->L = lua_newstate(allocate, lua);
	must(lua->L);
	*(struct embedded_lua **)lua_getextraspace(lua->L) = lua;
	lua_pushcfunction(lua->L, set_up);
	must(lua_pcall(lua->L, 0, 0, 0) == LUA_OK);
	return lua;
}

void embedded_lua_free(struct embedded_lua **lp)
{
	struct embedded_lua *lua = *lp;

	if (!lua)
		return;
	*lp = NULL;
	lua_close(lua->L);
	arena_free(&lua->out);
	xfree(lua->named);
	xfree(lua->cache);
	xfree(lua);
}

/* ---- replies from Lua ---- */

static void read_value(struct call *c, lua_State *L, int depth);

/* The text of a field of the table on top; false if it has none. Pops
 * nothing. */
static bool text_field(struct call *c, lua_State *L, const char *name,
		       struct str *text_r)
{
	struct str s;
	bool is;

	lua_pushstring(L, name);
	lua_rawget(L, -2);
	is = lua_type(L, -1) == LUA_TSTRING;
	if (is) {
		s.p = lua_tolstring(L, -1, &s.n);
		*text_r = str_dup(c->out, s);
	}
	lua_pop(L, 1);
	return is;
}

static void read_list(struct call *c, lua_State *L, int depth)
{
	struct store_reply *self = c->reply, *items;
	size_t n = 0;

	while (lua_rawgeti(L, -1, (lua_Integer)n + 1) != LUA_TNIL) {
		lua_pop(L, 1);
		n++;
	}
	lua_pop(L, 1);
	items = reply_list(c, n);
	for (size_t i = 0; i < n; i++) {
		lua_rawgeti(L, -1, (lua_Integer)i + 1);
		c->reply = &items[i];
		read_value(c, L, depth + 1);
		lua_pop(L, 1);
	}
	c->reply = self;
}

static void read_table(struct call *c, lua_State *L, int depth)
{
	struct str text;

	if (text_field(c, L, "err", &text))
		*c->reply = (struct store_reply){ .kind = REPLY_ERROR,
						  .text = text };
	else if (text_field(c, L, "ok", &text))
		*c->reply = (struct store_reply){ .kind = REPLY_STATUS,
						  .text = text };
	else if (depth >= STORE_REPLY_DEPTH || !lua_checkstack(L, 4))
		reply_error(c, "ERR reached lua stack limit");
	else
		read_list(c, L, depth);
}

static int64_t truncated(double v)
{
	if (isnan(v))
		return INT64_MIN;
	if (v >= 9223372036854775807.0 || v < -9223372036854775808.0)
		return INT64_MIN;
	return (int64_t)v;
}

/* The value on top as Redis would send it. */
static void read_value(struct call *c, lua_State *L, int depth)
{
	struct str s;

	switch (lua_type(L, -1)) {
	case LUA_TSTRING:
		s.p = lua_tolstring(L, -1, &s.n);
		reply_text(c, s);
		break;
	case LUA_TNUMBER:
		reply_int(c, lua_isinteger(L, -1) ? lua_tointeger(L, -1) :
			  truncated(lua_tonumber(L, -1)));
		break;
	case LUA_TBOOLEAN:
		if (lua_toboolean(L, -1))
			reply_int(c, 1);
		else
			reply_nil(c);
		break;
	case LUA_TTABLE:
		read_table(c, L, depth);
		break;
	default:
		reply_nil(c);
	}
}

/* ---- running ---- */

static void set_texts(lua_State *L, int env, const char *name,
		      const struct str *v, size_t n)
{
	lua_createtable(L, (int)n, 0);
	for (size_t i = 0; i < n; i++) {
		lua_pushlstring(L, v[i].p ? v[i].p : "", v[i].n);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_pushstring(L, name);
	lua_insert(L, -2);
	lua_rawset(L, env);
}

struct run {
	struct embedded_lua *lua;
	struct compiled *compiled;
	const struct str *keys, *argv;
	size_t nkeys, nargv;
};

/* In protected mode: everything here may be out of memory. */
static int run_protected(lua_State *L)
{
	struct run *run = lua_touserdata(L, 1);

	lua_rawgeti(L, LUA_REGISTRYINDEX, run->lua->env);
	set_texts(L, 2, "KEYS", run->keys, run->nkeys);
	set_texts(L, 2, "ARGV", run->argv, run->nargv);
	lua_settop(L, 0);
	lua_rawgeti(L, LUA_REGISTRYINDEX, run->compiled->ref);
	lua_call(L, 0, 1);
	return 1;
}

/* The error on top becomes the reply. */
static void read_error(struct call *c, lua_State *L, const char *name)
{
	struct str text = STR_NONE;

	if (lua_type(L, -1) == LUA_TTABLE)
		text_field(c, L, "err", &text);
	if (text.p) {
		reply_error(c, "%.*s script: %s, on @user_script.",
			    STR_ARG(text), name);
		return;
	}
	reply_error(c, "ERR %s script: %s, on @user_script.",
		    lua_tostring(L, -1) ? lua_tostring(L, -1) : "error", name);
}

static void run(struct call *c, struct run *run, const char *name)
{
	struct embedded_lua *lua = run->lua;
	lua_State *L = lua->L;
	int rc;

	lua->running = run->compiled;
	lua->steps = RUN_STEPS;
	lua->stopped = false;
	lua_sethook(L, on_count, LUA_MASKCOUNT, HOOK_STEPS);
	lua_settop(L, 0);
	lua_pushcfunction(L, run_protected);
	lua_pushlightuserdata(L, run);
	rc = lua_pcall(L, 1, 1, 0);
	lua_sethook(L, NULL, 0, 0);
	if (rc == LUA_OK && !lua->stopped)
		read_value(c, L, 0);
	else
		read_error(c, L, name);
	lua_settop(L, 0);
	arena_reset(lua->out);
	if (lua->memory > MEMORY_MAX / 2)
		lua_gc(L, LUA_GCCOLLECT, 0);
}

/* False: it does not compile, and the reply says so. */
static bool compile(struct call *c, struct embedded_lua *lua, struct str text,
		    struct compiled *to)
{
	lua_State *L = lua->L;

	if (to->ref != LUA_NOREF)
		return true;
	lua_settop(L, 0);
	if (luaL_loadbufferx(L, text.p, text.n, "@user_script", "t") !=
	    LUA_OK) {
		reply_error(c, "ERR Error compiling script (new function): %s",
			    lua_tostring(L, -1));
		lua_settop(L, 0);
		return false;
	}
	lua_rawgeti(L, LUA_REGISTRYINDEX, lua->env);
	lua_setupvalue(L, -2, 1);
	to->ref = luaL_ref(L, LUA_REGISTRYINDEX);
	return true;
}

void embedded_lua_run(struct call *c, const struct store_command *cmd)
{
	struct embedded_lua *lua = c->e->lua;
	const struct store_script *s = &store_scripts[cmd->script];
	struct run r = { .lua = lua, .compiled = &lua->named[cmd->script],
			 .keys = cmd->argv.v, .nkeys = cmd->nkeys };

	if (cmd->nkeys > cmd->argv.n) {
		reply_error(c, "ERR Number of keys can't be greater than "
			    "number of args");
		return;
	}
	r.argv = cmd->argv.v + cmd->nkeys;
	r.nargv = cmd->argv.n - cmd->nkeys;
	if (compile(c, lua, str_make(s->text, s->length), r.compiled))
		run(c, &r, s->name);
}

/* ---- EVAL ---- */

static struct cached *find_cached(const struct embedded_lua *lua,
				  struct str sha)
{
	for (size_t i = 0; i < lua->ncache; i++)
		if (str_ieq(sha, str_make(lua->cache[i].sha, SHA1_HEX)))
			return &lua->cache[i];
	return NULL;
}

static void forget_all(struct embedded_lua *lua)
{
	for (size_t i = 0; i < lua->ncache; i++)
		luaL_unref(lua->L, LUA_REGISTRYINDEX,
			   lua->cache[i].compiled.ref);
	lua->ncache = 0;
}

/* Compiled, new or kept; NULL: it does not compile, and the reply says so. */
static struct cached *load_text(struct call *c, struct str text)
{
	struct embedded_lua *lua = c->e->lua;
	char sha[SHA1_HEX + 1];
	struct cached *found;

	hex_of(text, sha);
	found = find_cached(lua, str_cstr(sha));
	if (found)
		return found;
	if (lua->ncache == CACHE_MAX)
		forget_all(lua);
	found = &lua->cache[lua->ncache];
	memcpy(found->sha, sha, sizeof(sha));
	found->compiled = (struct compiled){ .ref = LUA_NOREF };
	if (!compile(c, lua, text, &found->compiled))
		return NULL;
	lua->ncache++;
	return found;
}

static void run_text(struct call *c, struct cached *script)
{
	struct run r = { .lua = c->e->lua, .compiled = &script->compiled };
	int64_t nkeys;

	if (!arg_int(c, 2, &nkeys))
		return;
	if (nkeys < 0) {
		reply_error(c, "ERR Number of keys can't be negative");
		return;
	}
	if ((uint64_t)nkeys > c->argc - 3) {
		reply_error(c, "ERR Number of keys can't be greater than "
			    "number of args");
		return;
	}
	r.keys = c->argv + 3;
	r.nkeys = (size_t)nkeys;
	r.argv = r.keys + nkeys;
	r.nargv = c->argc - 3 - (size_t)nkeys;
	run(c, &r, script->sha);
}

static void cmd_eval(struct call *c)
{
	struct cached *script = load_text(c, c->argv[1]);

	if (script)
		run_text(c, script);
}

static void cmd_evalsha(struct call *c)
{
	struct cached *script = find_cached(c->e->lua, c->argv[1]);

	if (script)
		run_text(c, script);
	else
		reply_error(c, "NOSCRIPT No matching script. Please use "
			    "EVAL.");
}

static void cmd_script(struct call *c)
{
	struct store_reply *items;
	struct cached *script;

	if (arg_is(c, 1, "load") && c->argc == 3) {
		script = load_text(c, c->argv[2]);
		if (script)
			reply_text(c, str_cstr(script->sha));
	} else if (arg_is(c, 1, "exists") && c->argc > 2) {
		items = reply_list(c, c->argc - 2);
		for (size_t i = 2; i < c->argc; i++)
			item_int(&items[i - 2],
				 find_cached(c->e->lua, c->argv[i]) != NULL);
	} else if (arg_is(c, 1, "flush")) {
		forget_all(c->e->lua);
		reply_ok(c);
	} else {
		reply_error(c, "ERR unknown subcommand or wrong number of "
			    "arguments for 'script'");
	}
}

const struct command_row embedded_script_commands[] = {
	{ "eval", -3, CMD_SCRIPT | CMD_NO_SCRIPT, cmd_eval },
	{ "evalsha", -3, CMD_SCRIPT | CMD_NO_SCRIPT, cmd_evalsha },
	{ "script", -2, CMD_NO_SCRIPT, cmd_script },
	{ 0 },
};

bool embedded_lua_writes(const struct embedded_lua *lua,
			 const struct store_command *cmd)
{
	const struct cached *script = NULL;
	char sha[SHA1_HEX + 1];

	if (cmd->script >= 0)
		return lua->named[cmd->script].writes;
	if (cmd->argv.n < 2)
		return false;
	if (str_ieq(cmd->argv.v[0], STR("eval"))) {
		hex_of(cmd->argv.v[1], sha);
		script = find_cached(lua, str_cstr(sha));
	} else {
		script = find_cached(lua, cmd->argv.v[1]);
	}
	return script && script->compiled.writes;
}
