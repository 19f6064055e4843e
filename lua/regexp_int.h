/*
 * Between the module rspamd_regexp (regexp.c), which makes the objects, and
 * their methods (regexp_object.c).
 */
#ifndef MEKIKI_LUA_REGEXP_INT_H
#define MEKIKI_LUA_REGEXP_INT_H

#include "lua/regexp.h"

/* What searching costs besides the octets of the text, and a search that met
 * its limit. */
#define SEARCH_COST 100
#define GIVE_UP_COST ((size_t)1 << 20)

/* Where the compiled form of an object lives. */
enum home { HOME_CONFIG, HOME_CACHE, HOME_MESSAGE };

struct regexp {
	const struct regex *re;
	enum home home;
	uint64_t epoch;		/* of what it was compiled in */
	unsigned flags;
	bool destroyed;
	size_t limit;		/* octets that are looked at; 0: all */
	lua_Integer max_hits, hits;
	size_t n;
	char pattern[];
};

/* The compiled form of o, made again if its home is gone. */
const struct regex *regexp_compiled(lua_State *L, struct regexp *o);

#endif
