/*
 * Modules of scripts that ask the store.
 */
#ifndef MEKIKI_LUA_REDIS_H
#define MEKIKI_LUA_REDIS_H

#include "lua/vm.h"

extern const struct lua_module lua_redis_module;
extern const struct lua_class lua_redis_class;

#endif
