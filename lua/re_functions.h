/*
 * The functions of config['regexp'] expressions: has_html_tag(body) and kin.
 */
#ifndef MEKIKI_LUA_RE_FUNCTIONS_H
#define MEKIKI_LUA_RE_FUNCTIONS_H

#include "lua/expression.h"
#include "lua/vm.h"

struct re_function {
	const char *name;
	size_t min_args, max_args;
	double (*fn)(struct lua_run *run, const struct expr_arg *args,
		     size_t n);
};

/* The function called name, or NULL. */
const struct re_function *re_function_find(struct str name);

/* The names of all, ended by NULL. */
const char *const *re_function_names(void);

#endif
