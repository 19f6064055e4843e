/*
 * Loading scripts: making the machine, running files, the objects that only
 * matter then (rspamd_config and the globals around it).
 */
#ifndef MEKIKI_LUA_LOAD_H
#define MEKIKI_LUA_LOAD_H

#include "lua/vm.h"

/* A machine for the configuration that ld reads. NULL (logged) if it cannot
 * be set up. */
struct lua_vm *lua_vm_new(struct loader *ld);

/* Loading is over: nothing can be registered any more. */
void lua_vm_seal(struct lua_vm *vm);

/* Pushes what require(name) gives; false (and nothing pushed) if there is no
 * such module. */
bool lua_module_push(lua_State *L, const char *name);

/* Reads path and pushes its function (text only), or an error text. False in
 * the second case. */
bool lua_file_push(lua_State *L, struct str path);

/* config.c: the globals rspamd_config, config, rspamd_paths, rspamd_plugins,
 * rspamd_maps, rspamd_classifiers. */
void lua_globals_rspamd(lua_State *L);

/* load.c: require, dofile, loadfile for globals.c to register. */
extern const struct lua_row lua_load_rows[];

#endif
