/*
 * Trees of UCL as Lua values, for the module `ucl` and for the options.
 */
#ifndef MEKIKI_LUA_UCL_H
#define MEKIKI_LUA_UCL_H

#include "lua/ucl_parse.h"
#include "lua/vm.h"

extern const struct lua_class lua_ucl_parser_class;
extern const struct lua_module lua_ucl_module;

/* Pushes the tree: tables, texts, numbers (whole ones as integers), booleans,
 * ucl.null. */
void lua_ucl_push(lua_State *L, const struct ucl_value *v);

/* ucl.null */
void lua_ucl_push_null(lua_State *L);

/* ucl_emit.c: the value at idx as text, into the arena; raises an error if it
 * is nested too deeply or too large. */
enum ucl_style { UCL_STYLE_JSON, UCL_STYLE_COMPACT, UCL_STYLE_CONFIG };
struct str lua_ucl_text(lua_State *L, int idx, enum ucl_style style,
			struct arena *a);

#endif
