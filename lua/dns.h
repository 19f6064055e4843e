/*
 * The resolver of scripts, and the modules around it.
 */
#ifndef MEKIKI_LUA_DNS_H
#define MEKIKI_LUA_DNS_H

#include "lua/vm.h"

extern const struct lua_class lua_resolver_class;
extern const struct lua_module lua_resolver_module, lua_dns_module,
	lua_tcp_module;

/* Pushes the resolver: what task:get_resolver() returns. */
void lua_resolver_push(lua_State *L);

#endif
