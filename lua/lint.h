/*
 * Lint of Lua files: what can be seen without running them. The files have
 * been loaded (so that every global and symbol is known) and compile; faults
 * are noted with file and line. Better to miss a fault than to name one that
 * is none: whatever is not certain is passed over.
 *
 * A line that ends in the comment `-- lint: ok` has no faults.
 */
#ifndef MEKIKI_LUA_LINT_H
#define MEKIKI_LUA_LINT_H

#include "lua/vm.h"

struct loader;

/* Checks files: their paths and texts, in the order of loading. partial:
 * one did not run to its end. */
void lua_lint(struct lua_vm *vm, struct loader *ld, const struct strs *paths,
	      const struct strs *texts, bool partial);

#endif
