/*
 * rspamd_redis: commands to the store where the site keeps what is remembered,
 * be it a Redis, a cluster or the embedded store. Hosts, ports and passwords
 * that a script names mean nothing here: a worker has no sockets, the memory
 * process has the connections. Commands and keys are looked at before they are
 * sent (redis_policy.h).
 *
 * Values arrive as in rspamd: texts and statuses as strings, integers as
 * numbers, lists as tables, "nothing" as a light userdata (rules ask
 * type(data) == "userdata"), errors as the callback's first argument.
 */
#include "lua/redis.h"

#include <math.h>

#include "base/arena.h"
#include "conf/settings.h"
#include "lua/redis_policy.h"
#include "lua/task.h"

#define ARGS_MAX 10000		/* of one command */
#define COMMAND_MAX ((size_t)1 << 20)
#define PIPELINE_MAX 100	/* commands of one exec() */
#define TIMEOUT_MAX 10.0
#define DEPTH_MAX 10		/* lists in lists */

#define OUTSIDE "rules ask the store only while a message is scanned"

/* A connection is no more than what was added to it. */
struct redis_conn {
	bool waits;		/* of connect_sync: exec() sends */
	double timeout;
	struct strs *v;		/* commands */
	size_t n, cap;
	struct err err;		/* of a command that may not be sent */
};

/* ---- values ---- */

static const char null_place;

static void push_null(lua_State *L)
{
	lua_pushlightuserdata(L, (void *)&null_place);
}

static void push_reply(lua_State *L, const struct store_reply *r, int depth)
{
	lua_spend(L, 20 + r->text.n);
	switch (r->kind) {
	case REPLY_STATUS:
	case REPLY_ERROR:
	case REPLY_TEXT:
		lua_push_str(L, r->text.p ? r->text : STR(""));
		break;
	case REPLY_INT:
		lua_pushinteger(L, r->number);
		break;
	case REPLY_LIST:
		if (depth == DEPTH_MAX || !lua_checkstack(L, 4))
			luaL_error(L, "the store's answer is nested too deep");
		lua_spend(L, r->n * 20);
		lua_createtable(L, (int)(r->n < 10000 ? r->n : 10000), 0);
		for (size_t i = 0; i < r->n; i++) {
			push_reply(L, &r->items[i], depth + 1);
			lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		break;
	default:
		push_null(L);
	}
}

/* The reply to command i, or NULL: *why_r says why there is none. */
static const struct store_reply *reply_of(const struct ask_answer *a, size_t i,
					  struct str *why_r)
{
	const struct store_reply *r = a->reply && i < a->reply->n ?
		&a->reply->items[i] : NULL;

	if (a->status == ASK_OK && r && r->kind != REPLY_ERROR)
		return r;
	*why_r = a->status == ASK_OK && r ? r->text :
		 a->error.n ? a->error :
		 a->status == ASK_TIMEOUT ? STR("timeout") :
		 STR("the store did not answer");
	return NULL;
}

/* For a callback: error, data. */
static int deliver(lua_State *L, const struct ask_answer *answer)
{
	struct str why;
	const struct store_reply *r = reply_of(answer, 0, &why);

	if (r) {
		lua_pushnil(L);
		push_reply(L, r, 0);
	} else {
		lua_push_str(L, why);
		lua_pushnil(L);
	}
	return 2;
}

/* For nobody's: the error, or nothing. */
static int deliver_error(lua_State *L, const struct ask_answer *answer)
{
	struct str why;

	if (reply_of(answer, 0, &why))
		return 0;
	lua_push_str(L, why);
	return 1;
}

/* For one who waited, for each command: whether it went well, and data or
 * error. */
static int deliver_results(lua_State *L, const struct ask_answer *answer)
{
	size_t n = answer->status == ASK_OK && answer->reply ?
		answer->reply->n : 1;

	if (n > PIPELINE_MAX || !lua_checkstack(L, 2 * PIPELINE_MAX + 10))
		return luaL_error(L, "too many results");
	for (size_t i = 0; i < n; i++) {
		struct str why;
		const struct store_reply *r = reply_of(answer, i, &why);

		lua_pushboolean(L, r != NULL);
		if (r)
			push_reply(L, r, 0);
		else
			lua_push_str(L, why);
	}
	return (int)(2 * n);
}

/* ---- commands ---- */

static void add_arg(lua_State *L, struct arena *a, struct strs *argv,
		    size_t *size, int idx)
{
	struct str s;

	if (lua_type(L, idx) == LUA_TBOOLEAN || lua_type(L, idx) == LUA_TTABLE)
		luaL_error(L, "an argument of %s is a %s: expected a string or "
			   "a number", argv->v[0].p, luaL_typename(L, idx));
	s = lua_str_arg(L, idx);
	*size += s.n + 10;
	lua_spend(L, s.n + 10);
	if (*size > COMMAND_MAX || argv->n > ARGS_MAX)
		luaL_error(L, "%s: the command is too large", argv->v[0].p);
	strs_add(a, argv, str_dup(a, s));
}

/* The command's name at idx, its arguments, a table or nil, behind it. */
static struct strs read_command(lua_State *L, struct arena *a, int idx)
{
	struct strs argv = { 0 };
	size_t size = 0;
	lua_Integer n;

	if (lua_type(L, idx) != LUA_TSTRING)
		luaL_error(L, "rspamd_redis: there is no command");
	strs_add(a, &argv, str_dup(a, str_head(lua_str_arg(L, idx), 100)));
	if (lua_isnoneornil(L, idx + 1))
		return argv;
	luaL_checktype(L, idx + 1, LUA_TTABLE);
	n = (lua_Integer)lua_rawlen(L, idx + 1);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(L, idx + 1, i);
		add_arg(L, a, &argv, &size, lua_gettop(L));
		lua_pop(L, 1);
	}
	return argv;
}

static bool may(struct lua_run *run, struct strs *argv, struct err *err)
{
	return lua_redis_may(run->arena, run->host.settings,
			     run->host.may_write, argv, err);
}

/* Asks one command; callback as in lua_ask. */
static int ask_one(lua_State *L, struct strs *argv, double timeout,
		   int callback,
		   int (*to)(lua_State *L, const struct ask_answer *answer))
{
	struct lua_run *run = lua_run_of(L);
	struct ask ask = { .kind = ASK_REDIS, .timeout = timeout,
			   .commands = argv, .ncommands = 1 };
	struct err err;

	if (may(run, argv, &err))
		return lua_ask(L, &ask, callback, to);
	lua_run_fault(run, err.text);
	return lua_ask_refused(L, callback, to, err.text);
}

static int log_error_of(lua_State *L)
{
	if (lua_type(L, 1) == LUA_TSTRING)
		lua_run_fault(lua_run_of(L), lua_tostring(L, 1));
	return 0;
}

/* The same with the function at idx, or without one if that is nil. */
static void ask_for(lua_State *L, struct strs *argv, double timeout, int idx)
{
	if (lua_type(L, idx) == LUA_TFUNCTION) {
		ask_one(L, argv, timeout, idx, deliver);
		return;
	}
	lua_pushcfunction(L, log_error_of);
	ask_one(L, argv, timeout, lua_gettop(L), deliver_error);
	lua_pop(L, 1);
}

/* ---- options ---- */

/* No time that a rule names makes a message wait longer than TIMEOUT_MAX; 0 is
 * store_timeout. */
static double read_timeout(lua_State *L)
{
	double v = 0;

	lua_getfield(L, 1, "timeout");
	if (lua_isnumber(L, -1))
		v = lua_tonumber(L, -1);
	lua_pop(L, 1);
	return isfinite(v) && v > 0 ? fmin(v, TIMEOUT_MAX) : 0;
}

/* Makes argument 1 the table of options (rspamd's older form is task, host,
 * callback, command, arguments), with callback, cmd and args behind it. False
 * if no message is being scanned: a callback was told so. */
static bool read_options(lua_State *L)
{
	if (lua_type(L, 1) == LUA_TUSERDATA) {
		lua_settop(L, 5);
		lua_newtable(L);
		lua_replace(L, 1);
		lua_remove(L, 2);
	} else {
		luaL_checktype(L, 1, LUA_TTABLE);
		lua_settop(L, 1);
		lua_getfield(L, 1, "callback");
		lua_getfield(L, 1, "cmd");
		lua_getfield(L, 1, "args");
	}
	if (lua_vm_of(L)->run)
		return true;
	if (lua_type(L, 2) == LUA_TFUNCTION) {
		lua_pushvalue(L, 2);
		lua_pushliteral(L, OUTSIDE);
		lua_pushnil(L);
		lua_call(L, 2, 0);
	}
	return false;
}

static int say_outside(lua_State *L)
{
	lua_pushboolean(L, 0);
	lua_pushliteral(L, OUTSIDE);
	return 2;
}

static struct redis_conn *push_conn(lua_State *L, bool waits, double timeout)
{
	struct redis_conn *c = arena_alloc(lua_run_of(L)->arena, sizeof(*c));

	c->waits = waits;
	c->timeout = timeout;
	lua_spend(L, sizeof(*c) + 100);
	lua_handle_push(L, &lua_redis_class, c);
	return c;
}

/* ---- functions ---- */

/* rspamd_redis.make_request{task=, cmd=, args=, callback=, timeout=} -> boolean, connection
 * Sends a command to the site's store; callback(err, data) gets the answer. An
 * error is a text, and data is nil then; else data is a string, a number, a
 * table, or a userdata that stands for "nothing there". Without a callback
 * nobody is told, but an error stands in the log. args is a list of strings
 * and numbers. timeout in seconds: `store_timeout` if there is none, 10 at
 * most. host, password, dbname and kin mean nothing: the store is the one of
 * the `store` line. Only commands and keys that `lua_redis_keys` allows are
 * sent.
 * > local key = "lua:seen:" .. task:get_from("mime")[1].domain
 * > rspamd_redis.make_request{ task = task, cmd = "INCR", args = { key },
 * >   callback = function(err, count)
 * >     assert(err or count >= 1)
 * >   end }
 * > rspamd_redis.make_request{ task = task, cmd = "EXPIRE", args = { key, 86400 } }
 */
static int redis_make_request(lua_State *L)
{
	struct strs *argv;
	double timeout;

	if (!read_options(L))
		return say_outside(L);
	timeout = read_timeout(L);
	argv = arena_alloc(lua_run_of(L)->arena, sizeof(*argv));
	*argv = read_command(L, lua_run_of(L)->arena, 3);
	ask_for(L, argv, timeout, 2);
	lua_pushboolean(L, 1);
	push_conn(L, false, timeout);
	return 2;
}

/* rspamd_redis.make_request_sync{task=, cmd=, args=, timeout=} -> boolean, data or error
 * The same, but the rule waits, as other rules go on: true and the data, or
 * false and an error.
 * > local ok, data = rspamd_redis.make_request_sync{ task = task, cmd = "HGETALL",
 * >   args = { "lua:partners" } }
 * > if ok then assert(type(data) == "table") else assert(type(data) == "string") end
 */
static int redis_make_request_sync(lua_State *L)
{
	struct strs *argv;

	if (!read_options(L))
		return say_outside(L);
	argv = arena_alloc(lua_run_of(L)->arena, sizeof(*argv));
	*argv = read_command(L, lua_run_of(L)->arena, 3);
	return ask_one(L, argv, read_timeout(L), 0, deliver_results);
}

static int connect(lua_State *L, bool waits)
{
	if (!read_options(L))
		return say_outside(L);
	lua_pushboolean(L, 1);
	push_conn(L, waits, read_timeout(L));
	return 2;
}

/* rspamd_redis.connect{task=, timeout=} -> boolean, connection
 * A connection whose add_cmd sends at once. (There is nothing to connect: it
 * cannot fail.)
 * > local ok, conn = rspamd_redis.connect{ task = task }
 * > assert(ok and conn.add_cmd)
 */
static int redis_connect(lua_State *L)
{
	return connect(L, false);
}

/* rspamd_redis.connect_sync{task=, timeout=} -> boolean, connection
 * A connection that gathers commands, which exec() sends together.
 * > local ok, conn = rspamd_redis.connect_sync{ task = task }
 * > conn:add_cmd("GET", { "lua:a" })
 * > conn:add_cmd("HLEN", { "lua:b" })
 * > local first_ok, first, second_ok, second = conn:exec()
 * > assert(not first_ok or second_ok)
 */
static int redis_connect_sync(lua_State *L)
{
	return connect(L, true);
}

/* rspamd_redis.is_configured() -> boolean
 * Whether the configuration has a store at all. It may still be out of reach
 * when a rule asks.
 * > assert(type(rspamd_redis.is_configured()) == "boolean")
 */
static int redis_is_configured(lua_State *L)
{
	struct str url = settings_option(lua_vm_of(L)->settings, STR("store"));

	lua_pushboolean(L, !str_ieq(url, STR("none")));
	return 1;
}

/* ---- connections ---- */

/* connection:add_cmd([callback,] command [, args]) -> boolean
 * With connect_sync: the command is kept until exec(). With connect and
 * make_request: it is sent, and callback(err, data) gets the answer.
 * > local ok, conn = rspamd_redis.connect{ task = task }
 * > assert(conn:add_cmd(function(err, data) assert(err or data) end, "GET", { "lua:a" }))
 */
static int conn_add_cmd(lua_State *L)
{
	struct redis_conn *c = lua_handle_get(L, 1, &lua_redis_class);
	struct arena *a = lua_run_of(L)->arena;
	struct strs *argv;

	if (lua_type(L, 2) != LUA_TFUNCTION) {
		lua_pushnil(L);
		lua_insert(L, 2);
	}
	lua_settop(L, 4);
	if (c->waits && c->n >= PIPELINE_MAX)
		return luaL_error(L, "add_cmd: more than %d commands",
				  PIPELINE_MAX);
	argv = arena_alloc(a, sizeof(*argv));
	*argv = read_command(L, a, 3);
	if (!c->waits) {
		ask_for(L, argv, c->timeout, 2);
	} else if (c->err.text[0] || may(lua_run_of(L), argv, &c->err)) {
		if (c->n)	/* one question, but each command counts */
			lua_spend_lookup(L);
		c->v = arena_grow(a, c->v, c->n, &c->cap, sizeof(*c->v));
		c->v[c->n++] = *argv;
	}
	lua_pushboolean(L, 1);
	return 1;
}

/* connection:exec() -> boolean, data or error, ...
 * Sends what was added to a connection of connect_sync and waits; for each
 * command whether it went well, and its data or error. If one of them is not
 * allowed none is sent: false and the reason.
 * > local ok, conn = rspamd_redis.connect_sync{ task = task }
 * > conn:add_cmd("FLUSHALL")
 * > local fine, why = conn:exec()
 * > assert(fine == false and why == "FLUSHALL is not a command for rules")
 */
static int conn_exec(lua_State *L)
{
	struct redis_conn *c = lua_handle_get(L, 1, &lua_redis_class);
	struct ask ask = { .kind = ASK_REDIS, .timeout = c->timeout,
			   .commands = c->v, .ncommands = c->n };
	struct err err = c->err;

	if (!c->waits)
		return luaL_error(L, "exec: this connection sends each command "
				  "at once (connect_sync gathers them)");
	c->v = NULL;
	c->n = c->cap = 0;
	c->err.text[0] = '\0';
	if (err.text[0]) {
		lua_run_fault(lua_run_of(L), err.text);
		return lua_ask_refused(L, 0, deliver_results, err.text);
	}
	if (!ask.ncommands)
		return luaL_error(L, "exec: there are no commands");
	return lua_ask(L, &ask, 0, deliver_results);
}

static const struct lua_row functions[] = {
	{ "make_request", redis_make_request },
	{ "make_request_sync", redis_make_request_sync },
	{ "connect", redis_connect },
	{ "connect_sync", redis_connect_sync },
	{ "is_configured", redis_is_configured },
	{ 0 },
};

static const struct lua_row methods[] = {
	{ "add_cmd", conn_add_cmd },
	{ "exec", conn_exec },
	{ 0 },
};

const struct lua_module lua_redis_module = {
	.name = "rspamd_redis",
	.functions = functions,
};

const struct lua_class lua_redis_class = {
	.name = "rspamd{redis}",
	.methods = methods,
};
