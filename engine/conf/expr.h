/*
 * Expressions of metas and of `if` lines: SpamAssassin cuts both into tokens
 * with one pattern and hands the rest to Perl's eval. Here a parser with
 * Perl's precedence compiles them to steps (conf/meta.h); what words mean is
 * the caller's.
 */
#ifndef MEKIKI_CONF_EXPR_H
#define MEKIKI_CONF_EXPR_H

#include "conf/meta.h"

struct expr;

struct expr_hooks {
	bool signed_numbers;	/* "-1" is a number (in `if`, not in metas) */
	bool class_names;	/* words may contain "::" */
	/* Each compiles an operand with expr_emit; 0, or -1 and e->err. */
	int (*word)(struct expr *e, struct str word);
	int (*call)(struct expr *e, struct str function, struct str arg);
	int (*matching)(struct expr *e, struct str glob);
};

struct expr_token {
	enum { EXPR_NUMBER, EXPR_WORD, EXPR_OP, EXPR_MATCHING } kind;
	struct str text;
};

struct expr {
	struct arena *a;
	const struct expr_hooks *hooks;
	void *ctx;		/* for the hooks */
	struct err *err;

	struct meta_step *steps;	/* the result */
	size_t nsteps, steps_cap;
	bool empty;			/* it was "()" */
	bool bad_token;			/* what failed was a token, not the
					 * grammar: a worse fault to
					 * SpamAssassin */

	struct expr_token *tokens;
	size_t ntokens, tokens_cap, pos;
	size_t depth, nesting;
};

/* Compiles text into e->steps; set a, hooks, ctx and err before. 0, or -1 and
 * err. */
int expr_compile(struct expr *e, struct str text);

/* Adds a step. 0, or -1 and err if the program gets too long or deep. */
int expr_emit(struct expr *e, enum meta_op op, unsigned id, double number);

/* Runs steps. NaN if it divided by zero where that mattered. */
double expr_run(const struct meta_step *steps, size_t n, bool local_only,
		double (*value)(void *ctx, unsigned id), void *ctx);

#endif
