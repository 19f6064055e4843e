/*
 * The inside of lint, shared by its files only. A file becomes tokens
 * (lint_lex.c). Two passes walk over them by Lua's grammar (lint_parse.c for
 * statements, lint_expr.c for expressions): the first learns which locals are
 * assigned to again and which functions are callbacks, the second knows that
 * and tells the faults. Of a value only its kind is known, and often not even
 * that. lint_names.c knows what exists.
 */
#ifndef MEKIKI_LUA_LINT_INT_H
#define MEKIKI_LUA_LINT_INT_H

#include "conf/script.h"
#include "lua/lint.h"

enum lint_token_kind { TOKEN_END, TOKEN_NAME, TOKEN_WORD, TOKEN_STRING,
		       TOKEN_NUMBER, TOKEN_SIGN };

struct lint_token {
	enum lint_token_kind kind;
	bool plain;		/* a string without escapes: text is its value */
	struct str text;
	int line;
};

/* What is known of a value. */
enum lint_kind {
	IS_UNKNOWN,
	IS_STRING,		/* text: its value, if it is a literal */
	IS_NUMBER,		/* an integer or not */
	IS_FLOAT,		/* made by / or ^, or a literal with a point */
	IS_TABLE,		/* a constructor; text: its field "name" */
	IS_FUNCTION,		/* text: "rspamd_util.get_tld"; local: of a
				 * local function */
	IS_MODULE,		/* text: of a module or a library */
	IS_OBJECT,		/* class */
	IS_LIST,		/* of objects of a class */
	IS_EACH,		/* ipairs of such a list */
	IS_CONFIG,		/* the field text of rspamd_config */
	IS_TRUE,
};

struct lint_value {
	enum lint_kind kind;
	const struct lua_class *class;
	struct str text;
	bool literal;
	double number;		/* of a numeric literal */
	struct str global;	/* a global's name by itself, or STR_NONE */
	size_t local;		/* index + 1 into locals: a local by itself */
	bool call;		/* a call: a statement by itself */
	int line;
};

struct lint_local {
	struct str name;
	size_t ordinal;		/* of its declaration in the file */
	struct lint_value value;
};

struct lint_function {
	struct lint_function *outer;	/* NULL: the file's own chunk */
	bool callback;		/* its returns are a rule's */
	bool scanning;		/* runs for a message: it, or one around it,
				 * has a task */
};

/* What the first pass learns of a local by the ordinal of its declaration. */
struct lint_fact {
	bool reassigned, callback;
};

struct lint {
	struct lua_vm *vm;
	struct loader *ld;
	struct arena *arena;
	const char *file;
	struct lint_token *tokens;
	size_t ntokens, at;
	bool telling;		/* the second pass */
	bool partial;		/* a file did not run to its end: what is not
				 * there may be what it would have defined */
	bool lost;		/* something is not as the grammar says */
	unsigned depth;
	/* The value that is read next is a rule's: its function a callback,
	 * its table one with the fields of register_symbol. */
	bool expect_rule;
	bool at_head;		/* the name ahead may be one that is assigned */
	struct lint_local *locals;
	size_t nlocals, locals_cap;
	struct lint_fact *facts;
	size_t nfacts, facts_cap, ordinal;
	struct lint_function *function;
	struct map assigned;	/* globals that the file assigns */
	struct map *uses;	/* name or string -> how often it stands in all
				 * files */
	struct map told;	/* faults already told: "line what" */
	struct map guarded;	/* names that the file asks for before use */
	int *quiet;		/* lines that are not to be told */
	size_t nquiet, quiet_cap;
};

/* lint_lex.c: false if the text is not Lua. */
bool lint_tokens(struct lint *p, struct str text);

/* lint_expr.c: reads an expression, a list of them (the first `max` are
 * kept), and what stands at the begin of a statement. */
struct lint_value lint_expression(struct lint *p);
size_t lint_expressions(struct lint *p, struct lint_value *v, size_t max);
struct lint_value lint_suffixed(struct lint *p);
/* Are the tokens from..to (a name, perhaps with a field) read only to see
 * whether they are there: type(x), or x alone in a condition? */
enum lint_guard { GUARD_NONE, GUARD_CONDITION, GUARD_TYPE };
enum lint_guard lint_guard(struct lint *p, size_t from, size_t to);

/* v is made text. */
void lint_point(struct lint *p, const struct lint_value *v, int line);

/* lint_parse.c */
void lint_block(struct lint *p);
/* From the parameters' bracket to the end. */
void lint_function_body(struct lint *p, bool callback, bool method);
const struct lint_token *lint_now(struct lint *p);
bool lint_is(struct lint *p, const char *text);	/* word or sign ahead */
bool lint_take(struct lint *p, const char *text);
void lint_expect(struct lint *p, const char *text);
struct str lint_name(struct lint *p);
/* A local by this name, or NULL. */
struct lint_local *lint_find_local(struct lint *p, struct str name);
void lint_mark_callback(struct lint *p, const struct lint_value *v);

/* The nearest of the known names. */
struct lint_near {
	struct str name, best;
	size_t far;		/* the distance of the best; what is as far
				 * is too far */
};

/* lint_names.c */
void lint_near_begin(struct lint_near *n, struct str name);
void lint_near_try(struct lint_near *n, struct str known);
/* "; did you mean X?", or nothing. */
const char *lint_near_text(struct lint *p, const struct lint_near *n);
void lint_tell(struct lint *p, enum diag_level level, int line,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The value that a global, a field of a module, the result of a call has;
 * faults are told. */
struct lint_value lint_global(struct lint *p, const struct lint_token *t);
/* Is it there after loading? */
bool lint_has_global(struct lint *p, struct str name);
struct lint_value lint_field(struct lint *p, const struct lint_value *of,
			     const struct lint_token *name);
void lint_method(struct lint *p, const struct lint_value *of,
		 const struct lint_token *name);
const struct lua_class *lint_class(const char *name);

/* lint_calls.c */
struct lint_value lint_call(struct lint *p, const struct lint_value *fn,
			    const struct lint_value *args, size_t nargs);
struct lint_value lint_method_call(struct lint *p, const struct lint_value *of,
				   struct str name,
				   const struct lint_value *args,
				   size_t nargs);
/* Symbols that have no score. */
void lint_scores(struct lua_vm *vm, struct loader *ld);

#endif
