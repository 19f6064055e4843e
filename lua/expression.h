/*
 * Expressions of config['regexp'] as a tree: atoms (regexes, function calls,
 * "lua:name") under rspamd's operators. This part knows the grammar and the
 * arithmetic; what an atom is worth is told by whoever evaluates.
 */
#ifndef MEKIKI_LUA_EXPRESSION_H
#define MEKIKI_LUA_EXPRESSION_H

#include "base/err.h"
#include "base/str.h"
#include "conf/rule.h"

struct arena;

enum atom_kind {
	ATOM_REGEX,		/* Header=/re/flags{type} */
	ATOM_FUNCTION,		/* name(args) */
	ATOM_LUA,		/* lua:name */
};

/* What a regex is asked about. */
struct atom_input {
	enum rule_kind kind;	/* RULE_TEXTS, or one of SpamAssassin's */
	struct text_test texts;	/* RULE_TEXTS */
};

/* An argument of a function: text, or a regex between slashes. */
struct expr_arg {
	struct str text;	/* without quotes or slashes */
	bool is_regex;
	unsigned flags;		/* enum regex_flag */
	const void *bound;	/* whoever binds the expression: compiled */
};

struct expr_atom {
	enum atom_kind kind;
	struct str text;	/* as written */
	/* ATOM_REGEX */
	struct atom_input input;
	struct str pattern;
	unsigned flags;		/* enum regex_flag */
	bool all;		/* flag A: every match counts */
	/* ATOM_FUNCTION, ATOM_LUA */
	struct str name;
	struct expr_arg *args;
	size_t nargs, args_cap;
	/* Whoever binds it: a rule's id, a Lua reference, a function. */
	unsigned rule;
	int ref;
	const void *function;
	const void *search;	/* a compiled regex with a condition */
};

struct expr;

/* Reads an expression into the arena. NULL, and err says what is wrong and
 * where. */
struct expr *expr_parse(struct arena *a, struct str text, struct err *err);

/* Its atoms, as they stand in the text. */
struct expr_atom *const *expr_atoms(const struct expr *e, size_t *n_r);

/* Its value. An operand that cannot change it is not asked. */
double expr_value(const struct expr *e,
		  double (*atom)(void *ctx, const struct expr_atom *at),
		  void *ctx);

/* expression_atom.c: reads the atom at *pos of text, which is advanced behind
 * it. NULL and err if it is none. */
struct expr_atom *expr_read_atom(struct arena *a, struct str text,
				 size_t *pos, struct err *err);

/* The input that a long type name ("sa_body") or a letter ('C') stands for;
 * false if there is none. */
bool atom_input_named(struct str name, struct atom_input *out);
bool atom_input_letter(int c, struct atom_input *out);

/* The known word nearest to `name` by edits, or STR_NONE if all are far. */
struct str nearest_word(struct str name, const char *const *words);

#endif
