/*
 * What to run in which order, worked out once a ruleset: rules by tier
 * (priority) and kind, eval rules bound to their functions, and which metas
 * wait for which rule.
 */
#ifndef MEKIKI_SCAN_PLAN_H
#define MEKIKI_SCAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/rule.h"
#include "match/matcher.h"

struct arena;
struct eval_test;
struct ruleset;

/* An eval rule bound to its function. */
struct bound_eval {
	const struct rule *rule;
	const struct eval_test *test;
	void *prepared;
};

struct eval_list {
	struct bound_eval *v;
	size_t n, cap;
};

struct id_list {
	unsigned *v;
	size_t n, cap;
};

/* All rules of one priority. */
struct tier {
	int priority;
	struct rule_bits regexes[RULE_KINDS];	/* empty where there are none */
	size_t nregexes[RULE_KINDS];
	struct eval_list evals[RULE_KINDS];
	struct id_list scripts;		/* callbacks in Lua, in order */
};

struct lua_vm;

struct plan {
	struct tier *tiers;		/* ascending priority */
	size_t ntiers, cap;
	struct id_list *waiting;	/* by rule id: metas that name it */
	size_t nrules;
	struct id_list prefilters, postfilters, idempotents;
	size_t nscripts;		/* callbacks in Lua, of all stages */
	struct rule_bits remembers;	/* rules that rest on what is
					 * remembered: evals that read it, and
					 * metas over them */
};

/* Makes the plan of rs in its arena. Eval rules without a function, or whose
 * arguments are refused, get rule->unlive and (refused ones) a diag. vm may
 * be NULL: no scripts. */
struct plan *plan_new(struct ruleset *rs, const struct lua_vm *vm);

#endif
