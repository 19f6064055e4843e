/*
 * The expression parser behind metas and conditions.
 *
 * The tokens are SpamAssassin's: a run of digits, signs and dots is one
 * ("A -1" is therefore an error in a meta, "A - 1" is not), bytes that start
 * no token are dropped without a word. Perl's own rules follow: `!` and the
 * signs bind tightest, then * /, + -, the comparisons (which chain: a < b < c
 * is a < b && b < c), == !=, ^, &&, ||, ?:.
 *
 * All operands have values but no side effects, so && and || need no jumps:
 * both sides are computed and one is chosen. Only a division by zero would
 * tell the difference, and it yields NaN, which is dropped with the side that
 * is not chosen.
 */
#include "conf/expr.h"

#include <math.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/limits.h"

#define EXPR_NESTING 200
#define EXPR_STACK 512

static int add_token(struct expr *e, int kind, struct str text)
{
	if (e->ntokens >= LIMIT_META_STEPS)
		return err_set(e->err, "the expression has more than %d parts",
			       LIMIT_META_STEPS);
	e->tokens = arena_grow(e->a, e->tokens, e->ntokens, &e->tokens_cap,
			       sizeof(e->tokens[0]));
	e->tokens[e->ntokens].kind = kind;
	e->tokens[e->ntokens++].text = text;
	return 0;
}

/* digits, maybe ".digits" */
static bool is_number(struct str s)
{
	size_t i = 0;

	while (i < s.n && is_digit((unsigned char)s.p[i]))
		i++;
	if (i == 0 || i == s.n)
		return i > 0;
	if (s.p[i] != '.' || i + 1 == s.n)
		return false;
	for (i++; i < s.n; i++)
		if (!is_digit((unsigned char)s.p[i]))
			return false;
	return true;
}

/* A run of [-+0-9.]: a number, or one or two signs. */
static int lex_run(struct expr *e, struct str run)
{
	bool sign = run.p[0] == '+' || run.p[0] == '-';

	if (is_number(run))
		return add_token(e, EXPR_NUMBER, run);
	if (sign && e->hooks->signed_numbers && is_number(str_from(run, 1))) {
		if (add_token(e, EXPR_OP, str_head(run, 1)) < 0)
			return -1;
		return add_token(e, EXPR_NUMBER, str_from(run, 1));
	}
	if (sign && run.n == 1)
		return add_token(e, EXPR_OP, run);
	if (run.n == 2 && sign && run.p[0] != run.p[1] && run.p[1] != '.' &&
	    !is_digit((unsigned char)run.p[1])) {
		if (add_token(e, EXPR_OP, str_head(run, 1)) < 0)
			return -1;
		return add_token(e, EXPR_OP, str_from(run, 1));
	}
	e->bad_token = true;
	return err_set(e->err, "'%.*s' is no number: expected digits, maybe "
		       "with a fraction, and spaces around + and -",
		       STR_ARG(run));
}

/* "Name" or "Module::name" with at most ten "::". */
static bool is_class_name(struct str s)
{
	struct str rest = s, part;
	size_t n = 0;

	while (str_find(rest, STR("::")) >= 0) {
		size_t at = (size_t)str_find(rest, STR("::"));

		part = str_head(rest, at);
		if (!part.n || str_chr(part, ':') >= 0 || ++n > 10)
			return false;
		rest = str_from(rest, at + 2);
	}
	return s.n > 1 && rest.n && str_chr(rest, ':') < 0;
}

static int lex_word(struct expr *e, struct str word)
{
	if (!e->hooks->class_names || is_class_name(word))
		return add_token(e, EXPR_WORD, word);
	e->bad_token = true;
	return err_set(e->err, "'%.*s' means nothing here: expected version, "
		       "perl_version, local_tests_only, plugin(), can() or "
		       "has()", STR_ARG(word));
}

/* "rules_matching(GLOB)" at the start of s: its length, and the glob. */
static size_t matching_at(struct str s, struct str *glob_r)
{
	static const struct str head = { "rules_matching(", 15 };
	struct str in, glob;
	ssize_t close;

	if (!str_starts(s, head))
		return 0;
	in = str_from(s, head.n);
	close = str_chr(in, ')');
	if (close < 0)
		return 0;
	glob = str_trim(str_head(in, (size_t)close));
	if (glob.n == 0 || glob.n > 128 || is_digit((unsigned char)glob.p[0]))
		return 0;
	for (size_t i = 0; i < glob.n; i++)
		if (!is_word((unsigned char)glob.p[i]) &&
		    glob.p[i] != '*' && glob.p[i] != '?')
			return 0;
	*glob_r = glob;
	return head.n + (size_t)close + 1;
}

/* The operator that s begins with: its length, 0 if none. */
static size_t op_at(struct str s)
{
	static const char *const ops[] = {
		"||", "&&", ">=", "<=", "==", "!=",
		"(", ")", "^", "!", ">", "<", "*", "/", "?", ":",
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (str_starts(s, str_cstr(ops[i])))
			return strlen(ops[i]);
	return 0;
}

static int lex(struct expr *e, struct str text)
{
	while (text.n) {
		struct str glob;
		size_t n = 0;
		int rc = 0;

		while (n < text.n && strchr("-+.0123456789", text.p[n]) &&
		       text.p[n])
			n++;
		if (n)
			rc = lex_run(e, str_head(text, n));
		else if (e->hooks->matching &&
			 (n = matching_at(text, &glob)) > 0)
			rc = add_token(e, EXPR_MATCHING, glob);
		else if (is_word((unsigned char)text.p[0])) {
			while (n < text.n && (is_word((unsigned char)text.p[n])
					      || text.p[n] == ':'))
				n++;
			rc = lex_word(e, str_head(text, n));
		} else if ((n = op_at(text)) > 0)
			rc = add_token(e, EXPR_OP, str_head(text, n));
		else
			n = 1;
		if (rc < 0)
			return -1;
		text = str_from(text, n);
	}
	return 0;
}

/* How many operands an operator takes. */
static size_t arity(enum meta_op op)
{
	switch (op) {
	case META_NUMBER:
	case META_RULE:
	case META_LOCAL_TESTS_ONLY:
		return 0;
	case META_NOT:
	case META_NEG:
		return 1;
	case META_TERNARY:
		return 3;
	default:
		return 2;
	}
}

int expr_emit(struct expr *e, enum meta_op op, unsigned id, double number)
{
	struct meta_step *s;

	e->depth = e->depth - arity(op) + 1;
	if (e->nsteps >= LIMIT_META_STEPS || e->depth > EXPR_STACK)
		return err_set(e->err, "the expression is too long or nested "
			       "too deeply");
	e->steps = arena_grow(e->a, e->steps, e->nsteps, &e->steps_cap,
			      sizeof(e->steps[0]));
	s = &e->steps[e->nsteps++];
	s->op = op;
	s->id = id;
	s->number = number;
	return 0;
}

static const struct expr_token *peek(const struct expr *e)
{
	return e->pos < e->ntokens ? &e->tokens[e->pos] : NULL;
}

/* Steps over the operator if it is the next token. */
static bool take_op(struct expr *e, const char *op)
{
	const struct expr_token *t = peek(e);

	if (!t || t->kind != EXPR_OP || !str_eq(t->text, str_cstr(op)))
		return false;
	e->pos++;
	return true;
}

static int fail_at(struct expr *e, const char *expected)
{
	const struct expr_token *t = peek(e);

	if (!t)
		return err_set(e->err, "the expression ends where %s was "
			       "expected", expected);
	return err_set(e->err, "expected %s before '%.*s'", expected,
		       STR_ARG(t->text));
}

static int parse_expr(struct expr *e);

/* A number; with a leading zero it is octal, as in Perl. */
static int parse_number(struct expr *e, struct str s)
{
	double v = 0;

	if (s.n > 1 && s.p[0] == '0' && is_digit((unsigned char)s.p[1])) {
		for (size_t i = 0; i < s.n; i++) {
			if (s.p[i] < '0' || s.p[i] > '7')
				return err_set(e->err, "'%.*s' begins with 0 "
					       "and is no octal number",
					       STR_ARG(s));
			v = v * 8 + (s.p[i] - '0');
		}
	} else if (!str_to_double(s, &v)) {
		return err_set(e->err, "'%.*s' is no number", STR_ARG(s));
	}
	return expr_emit(e, META_NUMBER, 0, v);
}

/* A word in brackets behind a function's name. */
static int parse_call(struct expr *e, struct str function)
{
	struct str arg = STR_NONE;
	const struct expr_token *t;

	e->pos++;
	t = peek(e);
	if (t && t->kind == EXPR_WORD) {
		arg = t->text;
		e->pos++;
	}
	if (!take_op(e, ")"))
		return fail_at(e, "')'");
	return e->hooks->call(e, function, arg);
}

static int parse_word(struct expr *e, struct str word)
{
	const struct expr_token *t = peek(e);

	if (!e->hooks->class_names && str_chr(word, ':') >= 0)
		return err_set(e->err, "'%.*s' is no rule name: expected "
			       "letters, digits and underscores",
			       STR_ARG(word));
	if (e->hooks->call && t && t->kind == EXPR_OP &&
	    str_eq(t->text, STR("(")))
		return parse_call(e, word);
	return e->hooks->word(e, word);
}

static int parse_primary(struct expr *e)
{
	const struct expr_token *t = peek(e);

	if (!t)
		return fail_at(e, "an operand");
	if (take_op(e, "(")) {
		if (parse_expr(e) < 0)
			return -1;
		return take_op(e, ")") ? 0 : fail_at(e, "')'");
	}
	if (t->kind == EXPR_OP)
		return fail_at(e, "an operand");
	e->pos++;
	switch (t->kind) {
	case EXPR_NUMBER:
		return parse_number(e, t->text);
	case EXPR_MATCHING:
		return e->hooks->matching(e, t->text);
	default:
		return parse_word(e, t->text);
	}
}

static int parse_unary(struct expr *e)
{
	enum meta_op op;
	int rc;

	if (take_op(e, "!"))
		op = META_NOT;
	else if (take_op(e, "-"))
		op = META_NEG;
	else if (take_op(e, "+"))
		op = META_NUMBER;	/* no step */
	else
		return parse_primary(e);
	if (++e->nesting > EXPR_NESTING)
		return err_set(e->err, "more than %d operators and brackets "
			       "are nested", EXPR_NESTING);
	rc = parse_unary(e);
	e->nesting--;
	if (rc < 0 || op == META_NUMBER)
		return rc;
	return expr_emit(e, op, 0, 0);
}

/* The binary operators from loosest to tightest. */
static const struct {
	int level;
	const char *text;
	enum meta_op op;
} binary[] = {
	{ 0, "||", META_OR }, { 1, "&&", META_AND }, { 2, "^", META_BITXOR },
	{ 3, "==", META_EQ }, { 3, "!=", META_NE },
	{ 4, "<", META_LT }, { 4, "<=", META_LE },
	{ 4, ">", META_GT }, { 4, ">=", META_GE },
	{ 5, "+", META_ADD }, { 5, "-", META_SUB },
	{ 6, "*", META_MUL }, { 6, "/", META_DIV },
};
#define TIGHTEST 6

static bool take_binary(struct expr *e, int level, enum meta_op *op_r)
{
	for (size_t i = 0; i < sizeof(binary) / sizeof(binary[0]); i++)
		if (binary[i].level == level && take_op(e, binary[i].text)) {
			*op_r = binary[i].op;
			return true;
		}
	return false;
}

/* Repeats steps [from, to): the middle operand of a chain of comparisons. */
static int repeat(struct expr *e, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		struct meta_step s = e->steps[i];

		if (expr_emit(e, s.op, s.id, s.number) < 0)
			return -1;
	}
	return 0;
}

static int parse_binary(struct expr *e, int level)
{
	bool compares = level == 3 || level == 4;
	size_t from = 0, to = 0;
	enum meta_op op;

	if (level > TIGHTEST)
		return parse_unary(e);
	if (parse_binary(e, level + 1) < 0)
		return -1;
	for (int n = 0; take_binary(e, level, &op); n++) {
		if (compares && n && repeat(e, from, to) < 0)
			return -1;
		from = e->nsteps;
		if (parse_binary(e, level + 1) < 0)
			return -1;
		to = e->nsteps;
		if (expr_emit(e, op, 0, 0) < 0)
			return -1;
		if (compares && n && expr_emit(e, META_AND, 0, 0) < 0)
			return -1;
	}
	return 0;
}

static int parse_expr(struct expr *e)
{
	int rc;

	if (++e->nesting > EXPR_NESTING)
		return err_set(e->err, "more than %d operators and brackets "
			       "are nested", EXPR_NESTING);
	rc = parse_binary(e, 0);
	if (rc == 0 && take_op(e, "?")) {
		rc = parse_expr(e);
		if (rc == 0 && !take_op(e, ":"))
			rc = fail_at(e, "':'");
		if (rc == 0)
			rc = parse_expr(e);
		if (rc == 0)
			rc = expr_emit(e, META_TERNARY, 0, 0);
	}
	e->nesting--;
	return rc;
}

int expr_compile(struct expr *e, struct str text)
{
	if (lex(e, text) < 0)
		return -1;
	if (e->ntokens == 2 && str_eq(e->tokens[0].text, STR("(")) &&
	    str_eq(e->tokens[1].text, STR(")"))) {
		e->empty = true;
		return expr_emit(e, META_NUMBER, 0, 0);
	}
	if (parse_expr(e) < 0)
		return -1;
	return e->pos == e->ntokens ? 0 : fail_at(e, "an operator");
}

/* Perl's ^ on numbers: unsigned integers. */
static double bitxor(double a, double b)
{
	uint64_t x = a < 0 ? (uint64_t)(int64_t)a : (uint64_t)a;
	uint64_t y = b < 0 ? (uint64_t)(int64_t)b : (uint64_t)b;

	return (double)(x ^ y);
}

static double compute(enum meta_op op, double a, double b)
{
	if (isnan(a))
		return a;
	if (op == META_AND)
		return a != 0 ? b : a;
	if (op == META_OR)
		return a != 0 ? a : b;
	if (isnan(b))
		return b;
	switch (op) {
	case META_MUL: return a * b;
	case META_DIV: return b != 0 ? a / b : (double)NAN;
	case META_ADD: return a + b;
	case META_SUB: return a - b;
	case META_LT: return a < b;
	case META_LE: return a <= b;
	case META_GT: return a > b;
	case META_GE: return a >= b;
	case META_EQ: return a == b;
	case META_NE: return a != b;
	default: return bitxor(a, b);
	}
}

double expr_run(const struct meta_step *steps, size_t n, bool local_only,
		double (*value)(void *ctx, unsigned id), void *ctx)
{
	double stack[EXPR_STACK + 1], *top = stack;

	for (const struct meta_step *s = steps; s < steps + n; s++) {
		switch (s->op) {
		case META_NUMBER:
			*top++ = s->number;
			break;
		case META_RULE:
			*top++ = value(ctx, s->id);
			break;
		case META_LOCAL_TESTS_ONLY:
			*top++ = local_only;
			break;
		case META_NOT:
			if (!isnan(top[-1]))
				top[-1] = top[-1] == 0;
			break;
		case META_NEG:
			top[-1] = -top[-1];
			break;
		case META_TERNARY:
			top -= 2;
			if (!isnan(top[-1]))
				top[-1] = top[-1] != 0 ? top[0] : top[1];
			break;
		default:
			top--;
			top[-1] = compute(s->op, top[-1], top[0]);
			break;
		}
	}
	return top > stack ? top[-1] : 0;
}
