/*
 * See html_expr.h. Sums and one comparison are read; Perl would take a little
 * more (shifts, ++, a second comparison joined by ==), which no rule uses.
 */
#include "eval/html_expr.h"

#include "base/arena.h"

enum op { OP_NONE, OP_LT, OP_LE, OP_GT, OP_GE, OP_EQ, OP_NE, OP_CMP };

struct html_expr {
	bool valid;
	double add;		/* added to the number */
	enum op op;
	double other;		/* compared with that */
};

static void skip_blanks(struct str *s)
{
	while (s->n > 0 && s->p[0] == ' ')
		*s = str_from(*s, 1);
}

/* A number with signs before it. Perl reads one that begins with 0 as octal. */
static bool read_number(struct str *s, double *num_r)
{
	double sign = 1;
	int base;

	for (skip_blanks(s); s->n > 0 && (s->p[0] == '-' || s->p[0] == '+');
	     skip_blanks(s)) {
		if (s->p[0] == '-')
			sign = -sign;
		/* "--" and "++" are other operators. */
		if (s->n > 1 && s->p[1] == s->p[0])
			return false;
		*s = str_from(*s, 1);
	}
	if (s->n == 0 || !is_digit(s->p[0]))
		return false;
	base = s->p[0] == '0' ? 8 : 10;
	*num_r = 0;
	while (s->n > 0 && is_digit(s->p[0])) {
		if (s->p[0] - '0' >= base)
			return false;
		*num_r = *num_r * base + (s->p[0] - '0');
		*s = str_from(*s, 1);
	}
	*num_r *= sign;
	return true;
}

/* "+ n - m ..." as one number. */
static bool read_sum(struct str *s, double *sum_r)
{
	double num;

	for (skip_blanks(s); s->n > 0 && (s->p[0] == '+' || s->p[0] == '-');
	     skip_blanks(s)) {
		bool minus = s->p[0] == '-';

		if (s->n > 1 && s->p[1] == s->p[0])
			return false;
		*s = str_from(*s, 1);
		if (!read_number(s, &num))
			return false;
		*sum_r += minus ? -num : num;
	}
	return true;
}

static enum op read_op(struct str *s)
{
	/* Longer ones first. */
	static const struct {
		struct str text;
		enum op op;
	} ops[] = {
		{ STR("<=>"), OP_CMP }, { STR("<="), OP_LE },
		{ STR(">="), OP_GE }, { STR("=="), OP_EQ },
		{ STR("!="), OP_NE }, { STR("<"), OP_LT }, { STR(">"), OP_GT },
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		if (str_starts(*s, ops[i].text)) {
			*s = str_from(*s, ops[i].text.n);
			return ops[i].op;
		}
	}
	return OP_NONE;
}

struct html_expr *html_expr_parse(struct arena *a, struct str text)
{
	struct html_expr *e = arena_alloc(a, sizeof(*e));

	if (text.n == 0 || !read_sum(&text, &e->add))
		return e;
	e->op = read_op(&text);
	if (e->op != OP_NONE && (!read_number(&text, &e->other) ||
				 !read_sum(&text, &e->other)))
		return e;
	skip_blanks(&text);
	e->valid = text.n == 0;
	return e;
}

bool html_expr_true(const struct html_expr *e, double v)
{
	v += e->add;
	if (!e->valid)
		return false;
	switch (e->op) {
	case OP_LT:
		return v < e->other;
	case OP_LE:
		return v <= e->other;
	case OP_GT:
		return v > e->other;
	case OP_GE:
		return v >= e->other;
	case OP_EQ:
		return v == e->other;
	case OP_NE:
	case OP_CMP:
		return v != e->other;
	case OP_NONE:
		break;
	}
	return v != 0;
}
