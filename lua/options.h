/*
 * Options that scripts ask for by section (rspamd_config:get_all_opt): files
 * local.d/SECTION.conf and override.d/SECTION.conf beside an rspamd folder
 * lua.local.d, and lua_option lines, of which each wins over those before.
 */
#ifndef MEKIKI_LUA_OPTIONS_H
#define MEKIKI_LUA_OPTIONS_H

#include "lua/vm.h"

/* Reads them all into vm->options, before any script runs. Faults go to the
 * loader's diags. */
void lua_options_load(struct lua_vm *vm);

/* Methods of rspamd_config. */
int lua_config_get_all_opt(lua_State *L);
int lua_config_get_module_opt(lua_State *L);
int lua_config_get_key(lua_State *L);
int lua_config_get_ucl(lua_State *L);

#endif
