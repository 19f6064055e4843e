/*
 * Meta expressions, compiled to a small stack program: operands are rule ids,
 * numbers, and operators with Perl's precedence and meaning. Rules that a
 * meta names but nobody defines have ids too (RULE_EMPTY is not created for
 * them: id META_UNDEFINED), since "unrun" is a value of its own (surprises 2
 * and 3).
 */
#ifndef MEKIKI_CONF_META_H
#define MEKIKI_CONF_META_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct arena;
struct ruleset;

#define META_UNDEFINED ((unsigned)-1)

enum meta_op {
	META_NUMBER,		/* push number */
	META_RULE,		/* push the value of rule `id` */
	META_LOCAL_TESTS_ONLY,	/* push 1 under -L */
	META_NOT, META_NEG,
	META_MUL, META_DIV, META_ADD, META_SUB,
	META_LT, META_LE, META_GT, META_GE, META_EQ, META_NE,
	META_BITXOR,
	META_AND, META_OR,	/* Perl's: the value of the deciding operand */
	META_TERNARY,		/* three operands: condition, yes, no */
};

struct meta_step {
	enum meta_op op;
	unsigned id;
	double number;
};

struct meta {
	struct meta_step *steps;
	size_t nsteps;
	unsigned *deps;		/* ids of all rules it names, without doubles,
				 * META_UNDEFINED left out */
	size_t ndeps;
	struct strs undefined;	/* names that nothing defines */
	/* Part of a cycle, or behind one. SpamAssassin then forgets what the
	 * meta waits for and evaluates it at once, as if it had no
	 * dependencies: with what has hit by then, mostly nothing. */
	bool cyclic;
	bool empty;		/* `meta X ()`: declared, 0 */
};

/* What a meta's value is given those of the rules. `value` is asked for each
 * operand, META_UNDEFINED included. An expression that divides by zero is
 * 0. */
double meta_eval(const struct meta *m, bool local_tests_only,
		 double (*value)(void *ctx, unsigned id), void *ctx);

#endif
