/*
 * The functions that call others: pcall, xpcall, load, the coroutines; and
 * tostring and print, which may call a __tostring. They are what a script
 * could catch the error of a spent budget with, so each looks at the meter
 * before it gives control back.
 *
 * Threads: a script sees only the coroutines that it made. The thread that a
 * callback runs on is ours: coroutine.running() gives nil there, as LuaJIT
 * does on its main thread, and it cannot be yielded by hand, for nobody would
 * resume it. After an error a coroutine is dead for good; its pending close
 * handlers are not run.
 */
#include "lua/sandbox.h"

#include <stdio.h>

#include "base/log.h"

/* Source text that a callback may compile, and what a file may. */
#define LOAD_MAX_CALL ((size_t)64 << 10)
#define LOAD_MAX ((size_t)16 << 20)
/* Calls inside of each other below which there may be a pcall: leaving one
 * costs Lua time in proportion to the depth of the stack. */
#define PROTECTED_DEPTH 200
/* coroutine.close inside of close handlers. */
#define CLOSING_MAX 16

/* ---- pcall ---- */

/* Results of a protected call: those above `kept`, or false and the error. */
static int protected_done(lua_State *L, int status, lua_KContext kept)
{
	lua_check_spent(L);
	if (status == LUA_OK || status == LUA_YIELD)
		return lua_gettop(L) - (int)kept;
	lua_pushboolean(L, 0);
	lua_insert(L, -2);
	return 2;
}

static void check_depth(lua_State *L)
{
	lua_Debug ar;

	if (lua_getstack(L, PROTECTED_DEPTH, &ar))
		luaL_error(L, "stack overflow (protected calls are nested too "
			   "deep)");
}

/* pcall(f, ...) */
static int protected_call(lua_State *L)
{
	int status;

	luaL_checkany(L, 1);
	check_depth(L);
	lua_pushboolean(L, 1);
	lua_insert(L, 1);
	status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0,
			    protected_done);
	return protected_done(L, status, 0);
}

/* Calls the script's handler, unless a budget is spent. */
static int handle_error(lua_State *L)
{
	const struct lua_meter *m = &lua_vm_of(L)->meter;

	lua_settop(L, 1);
	if (m->on && m->spent != SPENT_NOTHING)
		return 1;
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, 1, 1);
	return 1;
}

/* xpcall(f, handler, ...) */
static int handled_call(lua_State *L)
{
	int status;

	luaL_checktype(L, 2, LUA_TFUNCTION);
	check_depth(L);
	lua_pushvalue(L, 2);
	lua_pushcclosure(L, handle_error, 1);
	lua_replace(L, 2);
	/* f, handler, ... becomes handler, true, f, ... */
	lua_pushvalue(L, 1);
	lua_remove(L, 1);
	lua_insert(L, 2);
	lua_pushboolean(L, 1);
	lua_insert(L, 2);
	status = lua_pcallk(L, lua_gettop(L) - 3, LUA_MULTRET, 1, 1,
			    protected_done);
	return protected_done(L, status, 1);
}

/* ---- load ---- */

/* The pieces that the function at 1 gives, joined, into its place. */
static void gather_pieces(lua_State *L)
{
	luaL_Buffer b;

	lua_settop(L, 4);
	luaL_buffinit(L, &b);
	for (;;) {
		lua_pushvalue(L, 1);
		lua_call(L, 0, 1);
		if (lua_isnil(L, -1))
			break;
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "load: the function must give strings");
		if (lua_rawlen(L, -1) == 0)
			break;
		luaL_addvalue(&b);
	}
	lua_pop(L, 1);
	luaL_pushresult(&b);
	lua_replace(L, 1);
}

/* load(text or function [, name [, mode [, env]]]) */
static int load_text(lua_State *L)
{
	const struct lua_meter *m = &lua_vm_of(L)->meter;
	bool has_env = !lua_isnone(L, 4);
	bool was_function = lua_type(L, 1) == LUA_TFUNCTION;
	size_t n;
	const char *text, *name;

	if (was_function)
		gather_pieces(L);
	text = luaL_checklstring(L, 1, &n);
	name = luaL_optstring(L, 2, was_function ? "=(load)" : text);
	if (n > (m->on && m->payer ? LOAD_MAX_CALL : LOAD_MAX))
		return luaL_error(L, "load: %I octets are too many",
				  (LUAI_UACINT)n);
	/* Compiling costs a hundred times what copying does. */
	lua_spend(L, n * 64);
	if (luaL_loadbufferx(L, text, n, name, "t") != LUA_OK) {
		lua_check_spent(L);
		lua_pushnil(L);
		lua_insert(L, -2);
		return 2;
	}
	if (has_env) {
		lua_pushvalue(L, 4);
		if (!lua_setupvalue(L, -2, 1))
			lua_pop(L, 1);
	}
	return 1;
}

/* ---- text of values ---- */

struct str lua_tostring_plain(lua_State *L, int idx)
{
	char buf[64];
	size_t n;
	const char *p;
	double v;

	if (lua_type(L, idx) == LUA_TNUMBER && !lua_isinteger(L, idx)) {
		v = lua_tonumber(L, idx);
		if (v != v)
			lua_pushliteral(L, "nan");
		else
			lua_pushlstring(L, buf, (size_t)snprintf(buf,
						sizeof(buf), "%.14g", v));
	} else {
		luaL_tolstring(L, idx, NULL);
	}
	p = lua_tolstring(L, -1, &n);
	return str_make(p, n);
}

static int to_string(lua_State *L)
{
	luaL_checkany(L, 1);
	lua_tostring_plain(L, 1);
	return 1;
}

/* print(...): a line of the log. */
static int print(lua_State *L)
{
	int top = lua_gettop(L);
	luaL_Buffer b;
	const char *line;
	size_t n;

	luaL_buffinit(L, &b);
	for (int i = 1; i <= top; i++) {
		if (i > 1)
			luaL_addchar(&b, '\t');
		lua_tostring_plain(L, i);
		luaL_addvalue(&b);
	}
	luaL_pushresult(&b);
	line = lua_tolstring(L, -1, &n);
	lua_spend_output(L, n + 1);
	log_info("lua: %.*s", (int)n, line);
	return 0;
}

static int version(lua_State *L)
{
	lua_pushliteral(L, MEKIKI_VERSION);
	return 1;
}

/* collectgarbage([what]): only "count" does something. */
static int collect_garbage(lua_State *L)
{
	const char *what = luaL_optstring(L, 1, "collect");

	if (strcmp(what, "count") == 0)
		lua_pushnumber(L, (double)lua_vm_of(L)->memory / 1024);
	else
		lua_pushinteger(L, 0);
	return 1;
}

void lua_open_calls(lua_State *L)
{
	static const struct luaL_Reg rows[] = {
		{ "pcall", protected_call }, { "xpcall", handled_call },
		{ "load", load_text }, { "loadstring", load_text },
		{ "tostring", to_string }, { "print", print },
		{ "rspamd_version", version },
		{ "collectgarbage", collect_garbage },
		{ NULL, NULL },
	};

	luaL_setfuncs(L, rows, 0);
}

/* ---- coroutines ---- */

static lua_State *thread_arg(lua_State *L)
{
	lua_State *co = lua_tothread(L, 1);

	luaL_argcheck(L, co, 1, "coroutine expected");
	return co;
}

static int co_create(lua_State *L)
{
	lua_State *co;

	luaL_checktype(L, 1, LUA_TFUNCTION);
	co = lua_newthread(L);
	lua_pushvalue(L, 1);
	lua_xmove(L, co, 1);
	return 1;
}

/* Resumes co with the n values on L's top. Number of results, now on L's top;
 * -1 with an error there. */
static int resume(lua_State *L, lua_State *co, int n)
{
	lua_State *before;
	int status, results;

	if (!lua_checkstack(co, n)) {
		lua_pushliteral(L, "too many arguments to resume");
		return -1;
	}
	lua_xmove(L, co, n);
	before = lua_thread_enter(co);
	status = lua_resume(co, L, n, &results);
	lua_thread_leave(L, before);
	lua_check_spent(L);
	if (status != LUA_OK && status != LUA_YIELD) {
		lua_xmove(co, L, 1);
		return -1;
	}
	if (!lua_checkstack(L, results + 1)) {
		lua_pop(co, results);
		lua_pushliteral(L, "too many results to resume");
		return -1;
	}
	lua_xmove(co, L, results);
	return results;
}

static int co_resume(lua_State *L)
{
	lua_State *co = thread_arg(L);
	int n = resume(L, co, lua_gettop(L) - 1);

	lua_pushboolean(L, n >= 0);
	if (n < 0)
		n = 1;
	lua_insert(L, -(n + 1));
	return n + 1;
}

static int wrapped(lua_State *L)
{
	lua_State *co = lua_tothread(L, lua_upvalueindex(1));
	int n = resume(L, co, lua_gettop(L));

	return n < 0 ? lua_error(L) : n;
}

static int co_wrap(lua_State *L)
{
	co_create(L);
	lua_pushcclosure(L, wrapped, 1);
	return 1;
}

static bool is_root(lua_State *L)
{
	return L == lua_vm_of(L)->meter.root;
}

static int co_yield(lua_State *L)
{
	if (is_root(L))
		return luaL_error(L, "attempt to yield outside a coroutine");
	return lua_yield(L, lua_gettop(L));
}

static const char *status_of(lua_State *L, lua_State *co)
{
	lua_Debug ar;

	if (co == L)
		return "running";
	if (lua_status(co) == LUA_YIELD)
		return "suspended";
	if (lua_status(co) != LUA_OK)
		return "dead";
	if (lua_getstack(co, 0, &ar))
		return "normal";
	return lua_gettop(co) > 0 ? "suspended" : "dead";
}

static int co_status(lua_State *L)
{
	lua_pushstring(L, status_of(L, thread_arg(L)));
	return 1;
}

static int co_running(lua_State *L)
{
	if (is_root(L))
		lua_pushnil(L);
	else
		lua_pushthread(L);
	lua_pushboolean(L, is_root(L));
	return 2;
}

static int co_isyieldable(lua_State *L)
{
	lua_pushboolean(L, !is_root(L) && lua_isyieldable(L));
	return 1;
}

static int co_close(lua_State *L)
{
	struct lua_meter *m = &lua_vm_of(L)->meter;
	lua_State *co = thread_arg(L), *before;
	const char *status = status_of(L, co);
	int result;

	if (lua_status(co) != LUA_OK && lua_status(co) != LUA_YIELD) {
		lua_pushboolean(L, 0);
		lua_pushliteral(L, "the coroutine ended with an error");
		return 2;
	}
	if (*status == 'r' || *status == 'n')
		return luaL_error(L, "cannot close a %s coroutine", status);
	/* Lua 5.4.4 does not count C calls here. */
	if (m->closing >= CLOSING_MAX)
		return luaL_error(L, "coroutine.close is nested too deep");
	m->closing++;
	before = lua_thread_enter(co);
	result = lua_resetthread(co);
	lua_thread_leave(L, before);
	m->closing--;
	lua_check_spent(L);
	lua_pushboolean(L, result == LUA_OK);
	if (result == LUA_OK)
		return 1;
	lua_xmove(co, L, 1);
	return 2;
}

void lua_open_coroutine(lua_State *L)
{
	static const struct luaL_Reg rows[] = {
		{ "create", co_create }, { "resume", co_resume },
		{ "wrap", co_wrap }, { "yield", co_yield },
		{ "status", co_status }, { "running", co_running },
		{ "isyieldable", co_isyieldable }, { "close", co_close },
		{ NULL, NULL },
	};

	lua_newtable(L);
	luaL_setfuncs(L, rows, 0);
}
