/*
 * rspamd{cryptobox_hash} and the module rspamd_cryptobox_hash.
 */
#ifndef MEKIKI_LUA_HASH_H
#define MEKIKI_LUA_HASH_H

#include "lua/vm.h"

extern const struct lua_class lua_hash_class;
extern const struct lua_module lua_hash_module;

#endif
