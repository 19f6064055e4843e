/*
 * Objects of addresses, for bindings that give or take one.
 */
#ifndef MEKIKI_LUA_IP_H
#define MEKIKI_LUA_IP_H

#include "lua/vm.h"
#include "mail/network.h"

extern const struct lua_class lua_ip_class;
extern const struct lua_module lua_ip_module;

/* Pushes an rspamd{ip}; nil if text is no address (brackets around it and a
 * port behind it are fine). */
void lua_ip_push(lua_State *L, struct str text);

/* The address at idx: of an rspamd{ip}, or text that is one. False if it is
 * neither. */
bool lua_ip_at(lua_State *L, int idx, struct ip_addr *ip_r);

#endif
