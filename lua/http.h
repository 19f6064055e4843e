/*
 * Modules of scripts that ask the world.
 */
#ifndef MEKIKI_LUA_HTTP_H
#define MEKIKI_LUA_HTTP_H

#include "lua/vm.h"

extern const struct lua_module lua_http_module;

#endif
