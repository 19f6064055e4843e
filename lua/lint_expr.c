/*
 * Lua's expressions, for lint: reads one and tells what kind of value it has,
 * as far as that is certain.
 */
#include "lua/lint_int.h"

#include "conf/ruleset.h"

#define ARGS 6			/* arguments that are looked at */
#define DEPTH_MAX 250

static const struct {
	const char *sign;
	int left, right;	/* how strongly it binds on each side */
} binary[] = {
	{ "or", 1, 1 }, { "and", 2, 2 },
	{ "<", 3, 3 }, { ">", 3, 3 }, { "<=", 3, 3 }, { ">=", 3, 3 },
	{ "~=", 3, 3 }, { "==", 3, 3 },
	{ "|", 4, 4 }, { "~", 5, 5 }, { "&", 6, 6 },
	{ "<<", 7, 7 }, { ">>", 7, 7 }, { "..", 9, 8 },
	{ "+", 10, 10 }, { "-", 10, 10 },
	{ "*", 11, 11 }, { "/", 11, 11 }, { "//", 11, 11 }, { "%", 11, 11 },
	{ "^", 14, 13 },
};

#define UNARY 12

static struct lint_value expression(struct lint *p, int limit);

static struct lint_value of_kind(enum lint_kind kind)
{
	return (struct lint_value){ .kind = kind };
}

/* ---- what an operator makes ---- */

/* Does the scripts' Lua print a whole value of v with ".0"? A literal is
 * plainly meant so. */
static bool prints_point(const struct lint_value *v)
{
	return v->kind == IS_FLOAT && !v->literal;
}

void lint_point(struct lint *p, const struct lint_value *v, int line)
{
	if (prints_point(v))
		lint_tell(p, DIAG_WARN, line, "a whole result of / or ^ reads "
			  "\"5.0\" as text, not \"5\" as in LuaJIT: use //, "
			  "math.floor or string.format");
}

static bool is_number(const struct lint_value *v)
{
	return v->kind == IS_NUMBER || v->kind == IS_FLOAT;
}

static struct lint_value arithmetic(const char *sign,
				    const struct lint_value *a,
				    const struct lint_value *b)
{
	bool whole = strcmp(sign, "//") == 0;

	if (strcmp(sign, "/") == 0 || strcmp(sign, "^") == 0)
		return of_kind(IS_FLOAT);
	/* a // b of what / made is still a float. */
	if (!whole && (prints_point(a) || prints_point(b)) &&
	    is_number(a) && is_number(b))
		return of_kind(IS_FLOAT);
	return of_kind(IS_UNKNOWN);
}

static struct lint_value operate(struct lint *p, const char *sign,
				 const struct lint_value *a,
				 const struct lint_value *b, int line)
{
	if (strcmp(sign, "..") == 0) {
		lint_point(p, a, line);
		lint_point(p, b, line);
		return of_kind(IS_STRING);
	}
	if (strchr("+-*/%^", sign[0]))
		return arithmetic(sign, a, b);
	if (strcmp(sign, "or") == 0 && a->kind == b->kind &&
	    a->class == b->class && a->kind != IS_FUNCTION &&
	    a->kind != IS_MODULE && a->kind != IS_TABLE) {
		struct lint_value v = *a;

		v.literal = false;
		v.local = 0;
		return v;
	}
	return of_kind(IS_UNKNOWN);
}

/* ---- simple values ---- */

static struct lint_value number(struct lint *p)
{
	const struct lint_token *t = lint_now(p);
	struct lint_value v = { .kind = IS_NUMBER, .line = t->line };

	p->at++;
	v.literal = str_to_double(t->text, &v.number);
	if (v.literal && (str_chr(t->text, '.') >= 0 ||
			  str_chr(t->text, 'e') >= 0))
		v.kind = IS_FLOAT;
	return v;
}

static struct lint_value string(struct lint *p)
{
	const struct lint_token *t = lint_now(p);
	struct lint_value v = { .kind = IS_STRING, .line = t->line };

	p->at++;
	v.literal = t->plain;
	v.text = t->plain ? t->text : STR_NONE;
	return v;
}

/* The fields of register_symbol and its kin that are called back. */
static bool is_callback_field(struct str name)
{
	return str_eq(name, STR("callback"));
}

static void named_field(struct lint *p, bool rule, struct lint_value *table)
{
	struct str name = lint_name(p);
	struct lint_value v;

	lint_expect(p, "=");
	p->expect_rule = rule && is_callback_field(name);
	v = lint_expression(p);
	if (rule && is_callback_field(name))
		lint_mark_callback(p, &v);
	if (str_eq(name, STR("name")) && v.kind == IS_STRING && v.literal) {
		table->text = v.text;
		table->line = v.line;
	}
}

static struct lint_value table(struct lint *p, bool rule)
{
	struct lint_value v = { .kind = IS_TABLE, .text = STR_NONE,
				.line = lint_now(p)->line };

	while (!p->lost && !lint_take(p, "}")) {
		const struct lint_token *next = lint_now(p) + 1;

		if (lint_take(p, "[")) {
			lint_expression(p);
			lint_expect(p, "]");
			lint_expect(p, "=");
			lint_expression(p);
		} else if (lint_now(p)->kind == TOKEN_NAME &&
			   next->kind == TOKEN_SIGN &&
			   str_eq(next->text, STR("="))) {
			named_field(p, rule, &v);
		} else {
			lint_expression(p);
		}
		if (!lint_take(p, ",") && !lint_take(p, ";") &&
		    !lint_is(p, "}"))
			p->lost = true;
	}
	return v;
}

/* ---- names, fields, calls ---- */

static bool has(const char *const *list, struct str s)
{
	for (size_t i = 0; list[i]; i++)
		if (str_eq(s, str_cstr(list[i])))
			return true;
	return false;
}

enum lint_guard lint_guard(struct lint *p, size_t from, size_t to)
{
	static const char *const before[] = { "if", "elseif", "not", "and",
		"or", "while", NULL };
	static const char *const after[] = { "then", "and", "or", "==", "~=",
		"do", NULL };
	const struct lint_token *first = &p->tokens[from];

	if (from > 1 && str_eq(first[-1].text, STR("(")) &&
	    str_eq(first[-2].text, STR("type")))
		return GUARD_TYPE;
	return from > 0 && has(before, first[-1].text) &&
	       has(after, p->tokens[to + 1].text) ? GUARD_CONDITION : GUARD_NONE;
}

static struct lint_value name(struct lint *p)
{
	const struct lint_token *t = lint_now(p);
	struct lint_local *l = lint_find_local(p, t->text);
	const struct lint_token *next = t + 1;
	bool head = p->at_head;
	struct lint_value v;

	p->at++;
	p->at_head = false;
	if (l) {
		v = l->value;
		v.local = (size_t)(l - p->locals) + 1;
		v.line = t->line;
		v.global = STR_NONE;
		return v;
	}
	/* What is assigned is not read. */
	if (head && next->kind == TOKEN_SIGN &&
	    (str_eq(next->text, STR("=")) || str_eq(next->text, STR(","))))
		v = (struct lint_value){ 0 };
	else
		v = lint_global(p, t);
	v.global = t->text;
	v.line = t->line;
	v.local = 0;
	return v;
}

static size_t arguments(struct lint *p, struct lint_value *args, bool rule)
{
	size_t n = 0;

	if (lint_now(p)->kind == TOKEN_STRING) {
		args[0] = string(p);
		return 1;
	}
	p->expect_rule = rule;
	if (lint_is(p, "{")) {
		args[0] = lint_expression(p);
		return 1;
	}
	lint_expect(p, "(");
	if (!lint_is(p, ")"))
		n = lint_expressions(p, args, ARGS);
	p->expect_rule = false;
	lint_expect(p, ")");
	return n;
}

static struct lint_value method_call(struct lint *p,
				     const struct lint_value *of)
{
	const struct lint_token *t = lint_now(p);
	struct lint_value args[ARGS] = { 0 }, v;
	bool rule;
	size_t n;

	lint_name(p);
	rule = str_eq(of->global, STR("rspamd_config")) &&
		str_eq(t->text, STR("register_symbol"));
	lint_method(p, of, t);
	n = arguments(p, args, rule);
	v = lint_method_call(p, of, t->text, args, n);
	v.call = true;
	v.line = t->line;
	return v;
}

static bool starts_arguments(struct lint *p)
{
	return lint_is(p, "(") || lint_is(p, "{") ||
	       lint_now(p)->kind == TOKEN_STRING;
}

static struct lint_value suffix(struct lint *p, const struct lint_value *of)
{
	struct lint_value args[ARGS] = { 0 }, v = { 0 };
	const struct lint_token *t;

	if (lint_take(p, ".")) {
		t = lint_now(p);
		lint_name(p);
		v = lint_field(p, of, t);
	} else if (lint_take(p, "[")) {
		lint_expression(p);
		lint_expect(p, "]");
		if (of->kind == IS_LIST) {
			v.kind = IS_OBJECT;
			v.class = of->class;
		}
	} else if (lint_take(p, ":")) {
		v = method_call(p, of);
	} else {
		size_t n = arguments(p, args, false);

		v = lint_call(p, of, args, n);
		v.call = true;
	}
	v.line = v.line ? v.line : of->line;
	v.local = 0;
	v.global = STR_NONE;
	return v;
}

struct lint_value lint_suffixed(struct lint *p)
{
	struct lint_value v;

	if (lint_take(p, "(")) {
		p->at_head = false;
		v = lint_expression(p);
		v.literal = false;
		v.call = false;
		lint_expect(p, ")");
	} else if (lint_now(p)->kind == TOKEN_NAME) {
		v = name(p);
	} else {
		p->lost = true;
		return of_kind(IS_UNKNOWN);
	}
	while (!p->lost && (lint_is(p, ".") || lint_is(p, "[") ||
			    lint_is(p, ":") || starts_arguments(p)))
		v = suffix(p, &v);
	return v;
}

static struct lint_value simple(struct lint *p, bool rule)
{
	const struct lint_token *t = lint_now(p);

	if (t->kind == TOKEN_NUMBER)
		return number(p);
	if (t->kind == TOKEN_STRING)
		return string(p);
	if (lint_take(p, "{"))
		return table(p, rule);
	if (lint_take(p, "function")) {
		lint_function_body(p, rule, false);
		return of_kind(IS_FUNCTION);
	}
	if (lint_take(p, "true"))
		return of_kind(IS_TRUE);
	if (lint_take(p, "nil") || lint_take(p, "false") ||
	    lint_take(p, "..."))
		return of_kind(IS_UNKNOWN);
	return lint_suffixed(p);
}

static struct lint_value unary(struct lint *p, bool rule)
{
	struct lint_value v;

	if (lint_take(p, "-")) {
		v = expression(p, UNARY);
		v.number = -v.number;
		if (!is_number(&v))
			v = of_kind(IS_UNKNOWN);
		v.local = 0;
		v.global = STR_NONE;
		return v;
	}
	if (lint_take(p, "not") || lint_take(p, "~")) {
		expression(p, UNARY);
		return of_kind(IS_UNKNOWN);
	}
	if (lint_take(p, "#")) {
		expression(p, UNARY);
		return of_kind(IS_NUMBER);
	}
	return simple(p, rule);
}

/* The operator ahead, as an index into binary, or -1. */
static int operator_ahead(struct lint *p)
{
	for (size_t i = 0; i < sizeof(binary) / sizeof(*binary); i++)
		if (lint_is(p, binary[i].sign))
			return (int)i;
	return -1;
}

static struct lint_value expression(struct lint *p, int limit)
{
	bool rule = p->expect_rule;
	struct lint_value v;
	int op;

	p->expect_rule = false;
	if (++p->depth > DEPTH_MAX) {
		p->lost = true;
		return of_kind(IS_UNKNOWN);
	}
	v = unary(p, rule);
	while (!p->lost && (op = operator_ahead(p)) >= 0 &&
	       binary[op].left > limit) {
		int line = lint_now(p)->line;
		struct lint_value right;

		p->at++;
		right = expression(p, binary[op].right);
		v = operate(p, binary[op].sign, &v, &right, line);
		v.line = line;
	}
	p->depth--;
	return v;
}

struct lint_value lint_expression(struct lint *p)
{
	return expression(p, 0);
}

size_t lint_expressions(struct lint *p, struct lint_value *v, size_t max)
{
	size_t n = 0;

	do {
		struct lint_value one = lint_expression(p);

		if (n < max)
			v[n++] = one;
	} while (!p->lost && lint_take(p, ","));
	return n;
}
