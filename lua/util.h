/*
 * The module rspamd_util, whose functions stand in several files, and
 * rspamd_parsers, which has some of them.
 */
#ifndef MEKIKI_LUA_UTIL_H
#define MEKIKI_LUA_UTIL_H

#include "lua/vm.h"

extern const struct lua_module lua_util_module;
extern const struct lua_module lua_parsers_module;

/* Each file's functions; util.c puts them into one table. */
extern const struct lua_row lua_util_text_rows[];	/* util_text.c */
extern const struct lua_row lua_util_codec_rows[];	/* util_codec.c */
extern const struct lua_row lua_util_parse_rows[];	/* util_parse.c */
extern const struct lua_row lua_util_system_rows[];	/* util_system.c */

#endif
