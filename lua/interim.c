/*
 * Placeholders until the real files are there: whoever brings one deletes its
 * lines here. This file does not stay.
 */
#include "lua/sandbox.h"
#include "lua/symbols.h"
#include "lua/load.h"
#include "base/mem.h"

#include <lualib.h>
#include <stdlib.h>

/* ---- regexp_rules.c ---- */
void lua_regexp_rules_load(struct lua_vm *vm)
{
	(void)vm;
}
double lua_expression_value(struct lua_run *run,
			    const struct lua_expression *e)
{
	(void)run;
	(void)e;
	return 0;
}
