/*
 * The module rspamd_logger.
 */
#ifndef MEKIKI_LUA_LOGGER_H
#define MEKIKI_LUA_LOGGER_H

#include "lua/vm.h"

extern const struct lua_module lua_logger_module;

#endif
