/*
 * What config.c takes from the files beside it: rows of rspamd_config that
 * belong to something else than symbols.
 */
#ifndef MEKIKI_LUA_CONFIG_H
#define MEKIKI_LUA_CONFIG_H

#include "lua/vm.h"

/* The class of rspamd_config. Its first argument is the object itself. */
extern const struct lua_class lua_config_class;

/* Registers from a table at idx with the fields that register_symbol knows
 * (score, description, group, flags, ...) what they say of s. */
void lua_config_fields(lua_State *L, int idx, struct lua_symbol *s);

/* regexp_rules.c */
int config_register_regexp(lua_State *L);

#endif
