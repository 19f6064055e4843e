/*
 * Regexes as scripts write them ("/re/flags", "re"), compiled once: shared by
 * the module rspamd_regexp and whatever takes a regex as an argument.
 */
#ifndef MEKIKI_LUA_REGEXP_H
#define MEKIKI_LUA_REGEXP_H

#include "lua/vm.h"
#include "match/regex.h"

extern const struct lua_class lua_regexp_class;
extern const struct lua_module lua_regexp_module;

/* A regex as text, taken apart. */
struct re_text {
	struct str pattern;
	unsigned flags;		/* enum regex_flag */
	struct str rest;	/* of the flags, from the first unknown one */
};

/* Takes "/re/flags" apart, or "m{re}flags", or takes all of text as the
 * pattern. False if a delimiter is missing at the end. */
bool re_text_split(struct str text, struct re_text *out);

/* The bits of flag letters, up to the first that is none of i m s x u and the
 * ones that change nothing here (r O L); *rest_r is from there on. */
unsigned re_flags(struct str letters, struct str *rest_r);

/* The compiled regex at idx, an rspamd_regexp; raises an error if it is none
 * or was destroyed. It is good until Lua runs again. */
const struct regex *lua_regexp_get(lua_State *L, int idx);

/* Searches, paid by the budget. 1, 0 (also where a limit was met). */
int lua_regexp_search(lua_State *L, const struct regex *re, struct str text);

#endif
