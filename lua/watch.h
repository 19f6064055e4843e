/*
 * What run.c tells whoever watches over calls (lua_vm_watch).
 */
#ifndef MEKIKI_LUA_WATCH_H
#define MEKIKI_LUA_WATCH_H

#include "lua/vm.h"

/* The call on co came to its end with n values on its stack (-1: it did not):
 * what they are and what it cost go into *seen_r. `memory` is what was in use
 * before. */
void lua_watch_returned(struct lua_run *run, lua_State *co, int n,
			size_t memory, struct lua_called *seen_r);

/* Tells, if anybody watches; returns outcome. */
enum lua_outcome lua_watch_called(struct lua_run *run,
				  const struct lua_symbol *s,
				  struct lua_called *seen,
				  enum lua_outcome outcome);

#endif
