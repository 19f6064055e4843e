/*
 * The operators of rspamd's expressions: ! and & && | || with the words not,
 * and, or; + - * over the values of their operands; < <= > >= == != between
 * sums; parentheses. Precedence, from loose to tight: or, and, comparisons,
 * sums, products, not.
 *
 * As measured on rspamd 3.4: `&` and `!` and comparisons yield 1 or 0; `|`
 * yields the value of its first operand if that is not 0, else 1 or 0.
 */
#include "lua/expression.h"

#include <math.h>

#include "base/arena.h"

/* Parentheses and negations inside each other, and nodes of one expression. */
#define MAX_DEPTH 100
#define MAX_NODES 10000

enum op { OP_ATOM, OP_NUMBER, OP_NOT, OP_OR, OP_AND, OP_LT, OP_LE, OP_GT,
	  OP_GE, OP_EQ, OP_NE, OP_ADD, OP_SUB, OP_MUL };

struct node {
	enum op op;
	double number;
	struct expr_atom *atom;
	/* The operands, in a list: long chains do not recurse. */
	struct node *first, *next;
};

struct expr {
	struct node *root;
	struct expr_atom **atoms;
	size_t natoms, atoms_cap;
};

struct parser {
	struct arena *a;
	struct str s;
	size_t pos;
	unsigned depth, nodes;
	struct expr *e;
	struct err *err;
};

static const struct {
	const char *text;
	enum op op;
	int level;		/* 0 binds loosest */
} operators[] = {
	{ "||", OP_OR, 0 },  { "|", OP_OR, 0 },	 { "or", OP_OR, 0 },
	{ "&&", OP_AND, 1 }, { "&", OP_AND, 1 }, { "and", OP_AND, 1 },
	{ "<=", OP_LE, 2 },  { ">=", OP_GE, 2 }, { "==", OP_EQ, 2 },
	{ "!=", OP_NE, 2 },  { "<", OP_LT, 2 },	 { ">", OP_GT, 2 },
	{ "=", OP_EQ, 2 },   { "+", OP_ADD, 3 }, { "-", OP_SUB, 3 },
	{ "*", OP_MUL, 4 },
};
#define LEVELS 5

static void skip_spaces(struct parser *p)
{
	while (p->pos < p->s.n && is_space((unsigned char)p->s.p[p->pos]))
		p->pos++;
}

/* Does the text go on with this word, as a word of its own? */
static bool at_word(const struct parser *p, struct str word)
{
	struct str rest = str_from(p->s, p->pos);

	if (!str_istarts(rest, word))
		return false;
	return !is_alpha((unsigned char)word.p[0]) || rest.n == word.n ||
	       is_space((unsigned char)rest.p[word.n]) ||
	       rest.p[word.n] == '(' || rest.p[word.n] == '!';
}

static int operator_at(struct parser *p, int level, size_t *n_r)
{
	skip_spaces(p);
	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++) {
		struct str word = str_cstr(operators[i].text);

		if (!at_word(p, word))
			continue;
		*n_r = word.n;
		return operators[i].level == level ? (int)operators[i].op : -1;
	}
	return -1;
}

static struct node *node_new(struct parser *p, enum op op)
{
	struct node *n;

	if (++p->nodes > MAX_NODES) {
		err_set(p->err, "more than %d operands", MAX_NODES);
		return NULL;
	}
	n = arena_alloc(p->a, sizeof(*n));
	n->op = op;
	return n;
}

static struct node *parse_level(struct parser *p, int level);

static struct node *parse_nested(struct parser *p, bool negated)
{
	struct node *inner, *n;

	if (++p->depth > MAX_DEPTH) {
		err_set(p->err, "nested more than %d deep", MAX_DEPTH);
		return NULL;
	}
	if (negated) {
		inner = parse_level(p, LEVELS);
		n = inner ? node_new(p, OP_NOT) : NULL;
		if (n)
			n->first = inner;
	} else {
		n = parse_level(p, 0);
		skip_spaces(p);
		if (n && (p->pos >= p->s.n || p->s.p[p->pos] != ')')) {
			err_set(p->err, "expected ')' at offset %zu", p->pos);
			return NULL;
		}
		p->pos++;
	}
	p->depth--;
	return n;
}

static struct node *parse_number(struct parser *p)
{
	size_t end = p->pos;
	struct node *n = node_new(p, OP_NUMBER);

	while (end < p->s.n && (is_digit((unsigned char)p->s.p[end]) ||
				p->s.p[end] == '.'))
		end++;
	if (n && !str_to_double(str_make(p->s.p + p->pos, end - p->pos),
				&n->number)) {
		err_set(p->err, "no number at offset %zu", p->pos);
		return NULL;
	}
	p->pos = end;
	return n;
}

static struct node *parse_atom(struct parser *p)
{
	struct node *n = node_new(p, OP_ATOM);

	if (!n)
		return NULL;
	n->atom = expr_read_atom(p->a, p->s, &p->pos, p->err);
	if (!n->atom)
		return NULL;
	p->e->atoms = arena_grow(p->a, p->e->atoms, p->e->natoms,
				 &p->e->atoms_cap, sizeof(*p->e->atoms));
	p->e->atoms[p->e->natoms++] = n->atom;
	return n;
}

static struct node *parse_operand(struct parser *p)
{
	int c;

	skip_spaces(p);
	if (p->pos >= p->s.n) {
		err_set(p->err, "expected an operand at the end");
		return NULL;
	}
	c = (unsigned char)p->s.p[p->pos];
	if (c == '!' || at_word(p, STR("not"))) {
		p->pos += c == '!' ? 1 : 3;
		return parse_nested(p, true);
	}
	if (c == '(') {
		p->pos++;
		return parse_nested(p, false);
	}
	return is_digit(c) ? parse_number(p) : parse_atom(p);
}

/* Operands of one level; equal operators become one node. */
static struct node *parse_level(struct parser *p, int level)
{
	struct node *left, *right, *last, *n;
	size_t len;
	int op;

	if (level == LEVELS)
		return parse_operand(p);
	left = last = parse_level(p, level + 1);
	for (n = NULL; left && (op = operator_at(p, level, &len)) >= 0; ) {
		p->pos += len;
		right = parse_level(p, level + 1);
		if (!right)
			return NULL;
		if (!n || (int)n->op != op || level == 2) {
			n = node_new(p, (enum op)op);
			if (!n)
				return NULL;
			n->first = left;
			last = left;
			left = n;
		}
		last->next = right;
		last = right;
	}
	return left;
}

struct expr *expr_parse(struct arena *a, struct str text, struct err *err)
{
	struct expr *e = arena_alloc(a, sizeof(*e));
	struct parser p = { .a = a, .s = text, .e = e, .err = err };

	e->root = parse_level(&p, 0);
	if (!e->root)
		return NULL;
	skip_spaces(&p);
	if (p.pos < text.n) {
		err_set(err, "expected an operator at offset %zu, before "
			"'%.*s'", p.pos, STR_ARG(str_head(
			str_from(text, p.pos), 40)));
		return NULL;
	}
	return e;
}

struct expr_atom *const *expr_atoms(const struct expr *e, size_t *n_r)
{
	*n_r = e->natoms;
	return e->atoms;
}

/* ---- values ---- */

struct evaluation {
	double (*atom)(void *ctx, const struct expr_atom *at);
	void *ctx;
};

static double value(const struct evaluation *v, const struct node *n);

static double any_of(const struct evaluation *v, const struct node *n)
{
	double x = value(v, n->first);

	if (x != 0)
		return x;
	for (const struct node *c = n->first->next; c; c = c->next)
		if (value(v, c) != 0)
			return 1;
	return 0;
}

static double all_of(const struct evaluation *v, const struct node *n)
{
	for (const struct node *c = n->first; c; c = c->next)
		if (value(v, c) == 0)
			return 0;
	return 1;
}

static double fold(const struct evaluation *v, const struct node *n)
{
	double x = value(v, n->first);

	for (const struct node *c = n->first->next; c; c = c->next) {
		double y = value(v, c);

		x = n->op == OP_ADD ? x + y : n->op == OP_SUB ? x - y : x * y;
	}
	return x;
}

static double compare(const struct evaluation *v, const struct node *n)
{
	double x = value(v, n->first), y = value(v, n->first->next);

	switch (n->op) {
	case OP_LT:
		return x < y;
	case OP_LE:
		return x <= y;
	case OP_GT:
		return x > y;
	case OP_GE:
		return x >= y;
	case OP_EQ:
		return x == y;
	default:
		return x != y;
	}
}

/* Recursion is bounded by MAX_DEPTH of the parser and the levels between. */
static double value(const struct evaluation *v, const struct node *n)
{
	switch (n->op) {
	case OP_ATOM:
		return v->atom(v->ctx, n->atom);
	case OP_NUMBER:
		return n->number;
	case OP_NOT:
		return value(v, n->first) == 0;
	case OP_OR:
		return any_of(v, n);
	case OP_AND:
		return all_of(v, n);
	case OP_ADD:
	case OP_SUB:
	case OP_MUL:
		return fold(v, n);
	default:
		return compare(v, n);
	}
}

double expr_value(const struct expr *e,
		  double (*atom)(void *ctx, const struct expr_atom *at),
		  void *ctx)
{
	const struct evaluation v = { atom, ctx };
	double x = value(&v, e->root);

	return isfinite(x) ? x : 0;
}
