/*
 * The task: the message being scanned, as scripts see it.
 */
#ifndef MEKIKI_LUA_TASK_H
#define MEKIKI_LUA_TASK_H

#include "lua/vm.h"

extern const struct lua_class lua_task_class;

/* Pushes the task of the message that is being scanned. */
void lua_task_push(lua_State *L, struct lua_run *run);

#endif
