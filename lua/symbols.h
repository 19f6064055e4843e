/*
 * Symbols: what rspamd calls the rules that scripts register, with what is
 * known of them besides the struct rule.
 */
#ifndef MEKIKI_LUA_SYMBOLS_H
#define MEKIKI_LUA_SYMBOLS_H

#include "lua/vm.h"

struct lua_expression;

struct lua_symbol {
	struct str name;
	unsigned id;			/* of its rule */
	size_t index;			/* into vm->symbols; + 1 is what
					 * register_symbol returns */
	enum lua_stage stage;
	int callback;			/* registry reference, or LUA_NOREF */
	struct lua_expression *expression;	/* of config['regexp']; or
						 * NULL */
	struct lua_symbol *parent;	/* of a virtual one, or NULL */
	int order;			/* rspamd's priority inside a stage:
					 * higher first */
	bool one_shot;			/* options do not multiply its score */
	bool reports_others;		/* type "callback": lint expects no
					 * score */
	int max_shots;
	double virtual_weight;
	int *conditions;		/* references of add_condition */
	size_t nconditions, conditions_cap;
	struct strs needs;		/* names it depends on */
	unsigned *need_ids;		/* after binding */
	size_t nneeds;
	unsigned *children;		/* rule ids of virtual ones */
	size_t nchildren, children_cap;
	struct str group;
	const char *file;
	int line;
};

/* The symbol called name, or NULL. */
struct lua_symbol *lua_symbol_find(const struct lua_vm *vm, struct str name);

/* The symbol of a rule, or NULL. */
struct lua_symbol *lua_symbol_of(const struct lua_vm *vm,
				 const struct rule *r);

/* Registers name (or takes up an older registration of it). */
struct lua_symbol *lua_symbol_add(lua_State *L, struct str name);
/* The same for a registration that is known to stand at file:line. */
struct lua_symbol *lua_symbol_add_at(lua_State *L, struct str name,
				     const char *file, int line);

/* At the end of loading: what the scripts left becomes rules. */
void lua_symbols_finish(struct lua_vm *vm);

/* At the end of loading: the table config['regexp'] becomes symbols with
 * expressions (regexp_rules.c). */
void lua_regexp_rules_load(struct lua_vm *vm);

/* Makes the table on the top (the global config) one whose field regexp
 * notes where its entries are assigned (regexp_rules.c). */
void lua_regexp_watch(lua_State *L);

/* Evaluates one: its value, 0 if it does not hold (regexp_rules.c). */
double lua_expression_value(struct lua_run *run,
			    const struct lua_expression *e);

/* Does it call no function of a script? Then it may be evaluated outside of a
 * callback. */
bool lua_expression_is_plain(const struct lua_expression *e);

/* Inserts a result for the running rule as task:insert_result does:
 * weight times the symbol's score; options may be NULL. */
void lua_insert_result(lua_State *L, struct str name, double weight,
		       const struct strs *options);

#endif
