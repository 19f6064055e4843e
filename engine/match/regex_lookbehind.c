/*
 * Look-behinds of variable length. Perl 5.36 allows up to 255 characters,
 * PCRE2 10.42 wants every alternative of fixed length. A bounded body has
 * finitely many shapes, so it is unrolled: (?<=a{1,2}(?:b|cd)) becomes
 * (?<=ab|acd|aab|aacd). Order does not matter in a look-behind without
 * captures, because it only says yes or no.
 */
#include "match/regex_int.h"

#include "base/arena.h"
#include "base/buf.h"

#define MAX_SHAPES 2000
#define MAX_BYTES (256 * 1024)
#define MAX_NESTING 30

struct unroll {
	struct arena *a;
	struct str s;
	size_t pos;
	size_t bytes;		/* made so far, against explosion */
	struct err *err;
	int depth;
};

static int alternatives(struct unroll *u, struct strs *out);

static int add_shape(struct unroll *u, struct strs *out, struct str s)
{
	u->bytes += s.n + 16;
	if (out->n >= MAX_SHAPES || u->bytes > MAX_BYTES)
		return err_set(u->err, "look-behind has too many shapes");
	strs_add(u->a, out, s);
	return 0;
}

/* Every shape of x followed by every shape of y. */
static int product(struct unroll *u, const struct strs *x,
		   const struct strs *y, struct strs *out)
{
	for (size_t i = 0; i < x->n; i++) {
		for (size_t k = 0; k < y->n; k++) {
			if (add_shape(u, out, str_cat(u->a, x->v[i],
						      y->v[k])))
				return -1;
		}
	}
	return 0;
}

/* The shapes of min to max copies. */
static int repeat(struct unroll *u, const struct strs *atom, long min,
		  long max, struct strs *out)
{
	struct strs power = { 0 };

	if (max > 255)
		return err_set(u->err, "look-behind longer than 255");
	strs_add(u->a, &power, STR(""));
	for (long n = 0; n <= max; n++) {
		struct strs next = { 0 };

		for (size_t i = 0; n >= min && i < power.n; i++) {
			if (add_shape(u, out, power.v[i]))
				return -1;
		}
		if (n < max && product(u, &power, atom, &next))
			return -1;
		power = next;
	}
	return 0;
}

/* The counts of a quantifier at the position, {1,1} if there is none. The
 * text was normalised by regex_perl.c. */
static int quantifier(struct unroll *u, long *min_r, long *max_r)
{
	struct str rest = str_from(u->s, u->pos);
	int c = rest.n ? rest.p[0] : 0;
	ssize_t end;
	struct str lo, hi;

	*min_r = *max_r = 1;
	if (c == '*' || c == '+')
		return err_set(u->err, "look-behind without a bound");
	if (c == '?') {
		*min_r = 0;
		u->pos++;
	} else if (c == '{' && (end = str_chr(rest, '}')) > 0) {
		hi = str_make(rest.p + 1, (size_t)end - 1);
		str_next(&hi, ',', &lo);
		if (!str_to_long(lo, min_r))
			return err_set(u->err, "bad quantifier");
		*max_r = *min_r;
		if (hi.p && !str_to_long(hi, max_r))
			return err_set(u->err, "look-behind without a bound");
		u->pos += (size_t)end + 1;
	} else {
		return 0;
	}
	rest = str_from(u->s, u->pos);
	if (rest.n && (rest.p[0] == '?' || rest.p[0] == '+'))
		u->pos++;
	return 0;
}

/* How far the class or escape at the position goes. */
static size_t atom_length(struct str s)
{
	size_t i = 1;

	if (s.p[0] == '\\') {
		if (s.n > 2 && strchr("xopPN", s.p[1]) && s.p[2] == '{') {
			ssize_t end = str_chr(s, '}');

			return end < 0 ? s.n : (size_t)end + 1;
		}
		return s.n > 1 ? (s.p[1] == 'c' && s.n > 2 ? 3 : 2) : 1;
	}
	if (s.p[0] != '[')
		return 1;
	i += i < s.n && s.p[i] == '^';
	i += i < s.n && s.p[i] == ']';
	for (; i < s.n && s.p[i] != ']'; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == '[' && i + 1 < s.n && s.p[i + 1] == ':') {
			ssize_t end = str_find(str_from(s, i), STR(":]"));

			i += end < 0 ? 0 : (size_t)end + 1;
		}
	}
	return i < s.n ? i + 1 : s.n;
}

/* A group: its shapes, each wrapped in the group's own opening so that
 * inline flags stay where they were. */
static int group(struct unroll *u, struct strs *out)
{
	struct str rest = str_from(u->s, u->pos);
	ssize_t colon = str_chr(rest, ':');
	struct strs inner = { 0 };
	struct str open;

	if (rest.n < 3 || rest.p[1] != '?' || colon < 0)
		return err_set(u->err, "look-behind of variable length with a "
			       "group that captures or looks around");
	open = str_head(rest, (size_t)colon + 1);
	for (size_t i = 2; i + 1 < open.n; i++) {
		if (!is_lower(open.p[i]) && open.p[i] != '^' &&
		    open.p[i] != '-')
			return err_set(u->err, "look-behind of variable "
				       "length with a special group");
	}
	if (++u->depth > MAX_NESTING)
		return err_set(u->err, "look-behind nested too deep");
	u->pos += open.n;
	if (alternatives(u, &inner))
		return -1;
	u->depth--;
	if (u->pos >= u->s.n || u->s.p[u->pos] != ')')
		return err_set(u->err, "unmatched ( in a look-behind");
	u->pos++;
	for (size_t i = 0; i < inner.n; i++) {
		struct str s = str_cat(u->a, str_cat(u->a, open, inner.v[i]),
				       STR(")"));

		if (add_shape(u, out, s))
			return -1;
	}
	return 0;
}

/* One atom with its quantifier. */
static int piece(struct unroll *u, struct strs *out)
{
	struct strs atom = { 0 };
	long min, max;

	if (u->s.p[u->pos] == '(') {
		if (group(u, &atom))
			return -1;
	} else {
		struct str rest = str_from(u->s, u->pos);
		size_t n = atom_length(rest);

		if (rest.p[0] == '\\' && n > 1 && (is_digit(rest.p[1]) ||
		    strchr("gkRX", rest.p[1])) && rest.p[1] != '0')
			return err_set(u->err, "look-behind of unknown "
				       "length");
		strs_add(u->a, &atom, str_head(rest, n));
		u->pos += n;
	}
	if (quantifier(u, &min, &max))
		return -1;
	return repeat(u, &atom, min, max, out);
}

static int sequence(struct unroll *u, struct strs *out)
{
	struct strs sofar = { 0 };

	strs_add(u->a, &sofar, STR(""));
	while (u->pos < u->s.n && u->s.p[u->pos] != '|' &&
	       u->s.p[u->pos] != ')') {
		struct strs next = { 0 }, both = { 0 };

		if (piece(u, &next) || product(u, &sofar, &next, &both))
			return -1;
		sofar = both;
	}
	for (size_t i = 0; i < sofar.n; i++) {
		if (add_shape(u, out, sofar.v[i]))
			return -1;
	}
	return 0;
}

static int alternatives(struct unroll *u, struct strs *out)
{
	do {
		if (sequence(u, out))
			return -1;
	} while (u->pos < u->s.n && u->s.p[u->pos] == '|' && ++u->pos);
	return 0;
}

int regex_expand_lookbehind(struct arena *a, struct str body, struct buf *out,
			    struct err *err)
{
	struct unroll u = { .a = a, .s = body, .err = err };
	struct strs shapes = { 0 };

	if (alternatives(&u, &shapes))
		return -1;
	if (u.pos < body.n)
		return err_set(err, "unmatched ) in a look-behind");
	buf_adds(out, strs_join(a, &shapes, STR("|")));
	return 0;
}
