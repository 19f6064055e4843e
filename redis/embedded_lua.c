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
#include <lualib.h>
#include <math.h>

#include "base/mem.h"
#include "redis/embedded_lua.h"

#define HOOK_STEPS 10000
#define RUN_STEPS ((uint64_t)20 * 1000 * 1000)
#define MEMORY_MAX ((size_t)64 << 20)

/* ---- bounds ---- */

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
	struct embedded_lua *lua = embedded_lua_of(L);

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

void embedded_lua_stop(struct embedded_lua *lua, const char *why)
{
	lua->stopped = true;
	lua->why = why;
	lua->steps = 0;
	lua_sethook(lua->L, on_count, LUA_MASKCOUNT, 1);
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
	lua->cache = xcalloc(EMBEDDED_LUA_CACHE, sizeof(*lua->cache));
	lua->L = lua_newstate(allocate, lua);
	must(lua->L);
	*(struct embedded_lua **)lua_getextraspace(lua->L) = lua;
	lua_pushcfunction(lua->L, embedded_lua_set_up);
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

/* In protected mode: everything here may be out of memory. */
static int run_protected(lua_State *L)
{
	struct lua_script_run *run = lua_touserdata(L, 1);

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

void embedded_lua_start(struct call *c, struct lua_script_run *run, const char *name)
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

bool embedded_lua_compile(struct call *c, struct embedded_lua *lua, struct str text,
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
	struct lua_script_run r = { .lua = lua, .compiled = &lua->named[cmd->script],
			 .keys = cmd->argv.v, .nkeys = cmd->nkeys };

	if (cmd->nkeys > cmd->argv.n) {
		reply_error(c, "ERR Number of keys can't be greater than "
			    "number of args");
		return;
	}
	r.argv = cmd->argv.v + cmd->nkeys;
	r.nargv = cmd->argv.n - cmd->nkeys;
	if (embedded_lua_compile(c, lua, str_make(s->text, s->length), r.compiled))
		embedded_lua_start(c, &r, s->name);
}
