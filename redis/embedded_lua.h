/*
 * What the three files of scripts share: embedded_lua.c runs them,
 * embedded_lua_call.c is what they see of the world, embedded_lua_eval.c has
 * the commands that bring texts. Nobody else includes this.
 */
#ifndef MEKIKI_REDIS_EMBEDDED_LUA_H
#define MEKIKI_REDIS_EMBEDDED_LUA_H

#include <lua.h>

#include "redis/embedded_int.h"

#define SHA1_OCTETS 20
#define SHA1_HEX (2 * SHA1_OCTETS)

struct compiled {
	int ref;		/* of the function; LUA_NOREF: not yet */
	bool writes;		/* it was seen to */
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
	int env;		/* a reference: the scripts' globals */
	struct compiled *running;
};

static inline struct embedded_lua *embedded_lua_of(lua_State *L)
{
	return *(struct embedded_lua **)lua_getextraspace(L);
}

/* One run of a script, its keys and arguments. */
struct lua_script_run {
	struct embedded_lua *lua;
	struct compiled *compiled;
	const struct str *keys, *argv;
	size_t nkeys, nargv;
};

/* Runs it; c->reply is its reply. name stands in errors. */
void embedded_lua_start(struct call *c, struct lua_script_run *run,
			const char *name);
/* False: it does not compile, and the reply says so. */
bool embedded_lua_compile(struct call *c, struct embedded_lua *lua,
			  struct str text, struct compiled *to);
/* From now on each instruction raises an error. */
void embedded_lua_stop(struct embedded_lua *lua, const char *why);

/* Makes the scripts' globals; to be called in protected mode. */
int embedded_lua_set_up(lua_State *L);

void embedded_lua_sha1(struct str s, char hex[SHA1_HEX + 1]);
struct cached *embedded_lua_cached(const struct embedded_lua *lua,
				   struct str sha);

/* Texts of EVAL that are kept compiled; more, and all are forgotten. */
#define EMBEDDED_LUA_CACHE 500

#endif
