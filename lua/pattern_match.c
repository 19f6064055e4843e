/*
 * The matcher of Lua's patterns; see pattern.h. What is matched is paid with
 * lua_spend, an octet a step, in batches.
 */
#include "lua/pattern_int.h"

#define BATCH 16384

static int raise_fault(lua_State *L, enum fault f, int arg)
{
	static const char *const texts[] = {
		[FAULT_BRACKET] = "malformed pattern (missing ']')",
		[FAULT_ESCAPE] = "malformed pattern (ends with '%')",
		[FAULT_BALANCE] = "malformed pattern (missing arguments to "
				  "'%b')",
		[FAULT_FRONTIER] = "missing '[' after '%f' in pattern",
		[FAULT_CLOSE] = "invalid pattern capture",
		[FAULT_CAPTURES] = "too many captures",
	};

	if (f == FAULT_INDEX)
		return luaL_error(L, "invalid capture index %%%d", arg);
	return luaL_error(L, "%s", texts[f]);
}

struct matcher {
	lua_State *L;
	const struct pattern *pattern;
	const char *begin, *end;	/* of the subject */
	struct pattern_match *m;
	size_t nchoices;
	size_t steps;
};

static void pay(struct matcher *x, size_t steps)
{
	x->steps += steps;
	if (x->steps >= BATCH) {
		size_t n = x->steps;

		x->steps = 0;
		lua_spend(x->L, n);
	}
}

/* Does the octet at s (which exists) suit the item? */
static inline bool suits(const struct pattern *p, const struct item *i,
			 const char *s)
{
	if (i->op == OP_CHAR)
		return (unsigned char)*s == i->arg;
	return i->op == OP_ANY ||
	       set_has(&p->sets[i->arg], (unsigned char)*s);
}

static void choose(struct matcher *x, uint32_t item, const char *base,
		   size_t n)
{
	x->pattern->choices[x->nchoices++] =
		(struct choice){ .base = base, .n = n, .item = item };
}

/* How many octets from s on suit the item. */
static size_t run_length(struct matcher *x, const struct item *i,
			 const char *s)
{
	const char *at = s;

	if (i->op == OP_ANY)
		return (size_t)(x->end - s);
	while (at < x->end && suits(x->pattern, i, at))
		at++;
	pay(x, (size_t)(at - s));
	return (size_t)(at - s);
}

/* A single-octet item with its repetition. Where to go on; NULL: no. */
static const char *match_single(struct matcher *x, uint32_t number,
				const char *s)
{
	const struct item *i = &x->pattern->items[number];
	bool fits = s < x->end && suits(x->pattern, i, s);
	size_t n;

	switch (i->repeat) {
	case OPTIONAL:
		if (fits)
			choose(x, number, s, 1);
		return fits ? s + 1 : s;
	case MANY:
		n = fits ? run_length(x, i, s) : 0;
		if (n)
			choose(x, number, s, n);
		return s + n;
	case MANY_LAZY:
		if (fits)
			choose(x, number, s, 0);
		return s;
	default:
		return fits ? s + 1 : NULL;
	}
}

static const char *match_balance(struct matcher *x, const struct item *i,
				 const char *s)
{
	const char *at;
	size_t depth = 1;

	if (s >= x->end || (unsigned char)*s != i->arg)
		return NULL;
	for (at = s + 1; at < x->end && depth; at++) {
		if ((unsigned char)*at == i->arg2)
			depth--;
		else if ((unsigned char)*at == i->arg)
			depth++;
	}
	pay(x, (size_t)(at - s));
	return depth ? NULL : at;
}

static const char *match_back(struct matcher *x, const struct item *i,
			      const char *s)
{
	ssize_t n = x->m->capture[i->arg].n;

	/* A position is no text, and equals none. */
	if (n < 0 || x->end - s < n)
		return NULL;
	pay(x, (size_t)n);
	return memcmp(s, x->m->capture[i->arg].p, (size_t)n) == 0 ?
		s + n : NULL;
}

static bool match_frontier(struct matcher *x, const struct item *i,
			   const char *s)
{
	const struct set *set = &x->pattern->sets[i->arg];

	return !set_has(set, s > x->begin ? (unsigned char)s[-1] : 0) &&
	       set_has(set, s < x->end ? (unsigned char)*s : 0);
}

/* One item that is not a single octet. */
static const char *match_other(struct matcher *x, const struct item *i,
			       const char *s)
{
	struct pattern_match *m = x->m;

	switch ((enum op)i->op) {
	case OP_OPEN:
	case OP_POSITION:
		m->capture[i->arg].p = s;
		m->capture[i->arg].n = i->op == OP_OPEN ? CAPTURE_OPEN :
			CAPTURE_POSITION;
		return s;
	case OP_CLOSE:
		m->capture[i->arg].n = s - m->capture[i->arg].p;
		return s;
	case OP_BACK:
		return match_back(x, i, s);
	case OP_BALANCE:
		return match_balance(x, i, s);
	case OP_FRONTIER:
		return match_frontier(x, i, s) ? s : NULL;
	case OP_END:
		return s == x->end ? s : NULL;
	default:
		raise_fault(x->L, (enum fault)i->arg, i->arg2);
		return NULL;
	}
}

/* Takes the last choice another way; NULL: there is none left. */
static const char *go_back(struct matcher *x, uint32_t *item_r)
{
	while (x->nchoices > 0) {
		struct choice *c = &x->pattern->choices[x->nchoices - 1];
		const struct item *i = &x->pattern->items[c->item];
		const char *s = c->base;

		pay(x, 1);
		*item_r = c->item + 1;
		if (i->repeat == MANY_LAZY) {
			if (s < x->end && suits(x->pattern, i, s)) {
				c->base++;
				return s + 1;
			}
		} else if (c->n > 0) {
			c->n--;
			if (c->n == 0)
				x->nchoices--;
			return s + c->n;
		}
		x->nchoices--;
	}
	return NULL;
}

static bool match_here(struct matcher *x, const char *s)
{
	uint32_t number = 0;

	x->nchoices = 0;
	x->m->start = s;
	for (;;) {
		const struct item *i = &x->pattern->items[number];

		if (i->op == OP_MATCH)
			break;
		pay(x, 1);
		s = i->op <= OP_SET ? match_single(x, number, s) :
			match_other(x, i, s);
		number++;
		if (!s)
			s = go_back(x, &number);
		if (!s)
			return false;
	}
	x->m->end = s;
	x->m->ncaptures = x->pattern->ncaptures;
	return true;
}

static struct matcher matcher_for(lua_State *L, const struct pattern *p,
				  struct str subject, struct pattern_match *m)
{
	return (struct matcher){
		.L = L, .pattern = p, .begin = subject.p,
		.end = subject.p + subject.n, .m = m,
	};
}

bool pattern_at(lua_State *L, const struct pattern *p, struct str subject,
		const char *at, struct pattern_match *m_r)
{
	struct matcher x = matcher_for(L, p, subject, m_r);
	bool found = match_here(&x, at);

	lua_spend(L, x.steps);
	return found;
}

/* The item that every match begins with by taking an octet, or NULL. */
static const struct item *first_octet(const struct pattern *p)
{
	const struct item *i = p->items;

	while (i->op == OP_OPEN || i->op == OP_POSITION)
		i++;
	return i->repeat == ONCE && (i->op == OP_CHAR || i->op == OP_SET) ?
		i : NULL;
}

/* The next place from `at` on where first suits; NULL: none. */
static const char *skip_to(const struct matcher *x, const struct item *first,
			   const char *at)
{
	const struct set *set = &x->pattern->sets[first->arg];

	if (at >= x->end)
		return NULL;
	if (first->op == OP_CHAR)
		return memchr(at, (int)first->arg, (size_t)(x->end - at));
	while (at < x->end && !set_has(set, (unsigned char)*at))
		at++;
	return at < x->end ? at : NULL;
}

/* A pattern of one class, x or x+, which most are, needs no machinery: its
 * match at `at`, where x suits. False if the pattern is not one of these. */
static bool match_class(struct matcher *x, const char *at)
{
	const struct item *next = &x->pattern->items[1];
	const char *end = at + 1;

	if (x->pattern->ncaptures)
		return false;
	if (next->op <= OP_SET && next->repeat == MANY &&
	    next[1].op == OP_MATCH)
		end += run_length(x, next, end);
	else if (next->op != OP_MATCH)
		return false;
	pay(x, 1);
	x->m->start = at;
	x->m->end = end;
	x->m->ncaptures = 0;
	return true;
}

bool pattern_from(lua_State *L, const struct pattern *p, struct str subject,
		  const char *at, struct pattern_match *m_r)
{
	struct matcher x = matcher_for(L, p, subject, m_r);
	const struct item *first = first_octet(p);
	bool found = false;

	for (; !found && at <= x.end; at++) {
		if (first) {
			const char *next = skip_to(&x, first, at);

			pay(&x, (size_t)((next ? next : x.end) - at) / 8);
			if (!next)
				break;
			at = next;
			found = match_class(&x, at);
		}
		if (!found)
			found = match_here(&x, at);
	}
	lua_spend(L, x.steps);
	return found;
}
