/*
 * EVAL and its kin: scripts whose text comes with the command, for rules that
 * administrators write in Lua. Texts are kept compiled under their SHA-1.
 */
#include <lauxlib.h>

#include "redis/embedded_lua.h"

struct cached *embedded_lua_cached(const struct embedded_lua *lua,
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

	embedded_lua_sha1(text, sha);
	found = embedded_lua_cached(lua, str_cstr(sha));
	if (found)
		return found;
	if (lua->ncache == EMBEDDED_LUA_CACHE)
		forget_all(lua);
	found = &lua->cache[lua->ncache];
	memcpy(found->sha, sha, sizeof(sha));
	found->compiled = (struct compiled){ .ref = LUA_NOREF };
	if (!embedded_lua_compile(c, lua, text, &found->compiled))
		return NULL;
	lua->ncache++;
	return found;
}

/* Keys and arguments of an EVAL. False: the reply says what is wrong. */
static bool read_counts(struct call *c, struct lua_script_run *r)
{
	int64_t nkeys;

	if (!arg_int(c, 2, &nkeys))
		return false;
	if (nkeys < 0) {
		reply_error(c, "ERR Number of keys can't be negative");
		return false;
	}
	if ((uint64_t)nkeys > c->argc - 3) {
		reply_error(c, "ERR Number of keys can't be greater than "
			    "number of args");
		return false;
	}
	*r = (struct lua_script_run){ .lua = c->e->lua, .keys = c->argv + 3,
				      .nkeys = (size_t)nkeys };
	r->argv = r->keys + nkeys;
	r->nargv = c->argc - 3 - (size_t)nkeys;
	return true;
}

static void run_text(struct call *c, struct cached *script,
		     struct lua_script_run *r)
{
	r->compiled = &script->compiled;
	embedded_lua_start(c, r, script->sha);
}

static void cmd_eval(struct call *c)
{
	struct lua_script_run r;
	struct cached *script = NULL;

	if (read_counts(c, &r))
		script = load_text(c, c->argv[1]);
	if (script)
		run_text(c, script, &r);
}

static void cmd_evalsha(struct call *c)
{
	struct lua_script_run r;
	struct cached *script;

	if (!read_counts(c, &r))
		return;
	script = embedded_lua_cached(c->e->lua, c->argv[1]);
	if (script)
		run_text(c, script, &r);
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
				 embedded_lua_cached(c->e->lua, c->argv[i]) != NULL);
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
		embedded_lua_sha1(cmd->argv.v[1], sha);
		script = embedded_lua_cached(lua, str_cstr(sha));
	} else {
		script = embedded_lua_cached(lua, cmd->argv.v[1]);
	}
	return script && script->compiled.writes;
}
