/*
 * The compiler and matcher of Lua's patterns; see pattern.h. What is matched
 * is paid with lua_spend, an octet a step, in batches.
 */
#include "lua/pattern.h"

#define BATCH 16384

enum op {
	OP_CHAR,	/* one octet, arg */
	OP_ANY,
	OP_SET,		/* one octet of set number arg */
	OP_OPEN,	/* capture number arg begins */
	OP_POSITION,	/* capture number arg is this position */
	OP_CLOSE,	/* capture number arg ends */
	OP_BACK,	/* what capture number arg matched */
	OP_BALANCE,	/* %b with arg and arg2 */
	OP_FRONTIER,	/* %f with set number arg */
	OP_END,		/* '$' */
	OP_FAULT,	/* fault number arg */
	OP_MATCH,	/* the end of the pattern */
};

enum repeat { ONCE, OPTIONAL, MANY, MANY_LAZY };

struct item {
	uint8_t op, repeat, arg2;
	uint32_t arg;
};

struct set { uint32_t bits[8]; };

/* A repetition that can still give up an octet (or, lazy, take one more). */
struct choice {
	const char *base;
	size_t n;		/* octets taken */
	uint32_t item;
};

struct pattern {
	struct item *items;
	struct set *sets;
	struct choice *choices;
	size_t nitems, nsets;
	int ncaptures;
};

enum fault { FAULT_BRACKET, FAULT_ESCAPE, FAULT_BALANCE, FAULT_FRONTIER,
	     FAULT_CLOSE, FAULT_CAPTURES, FAULT_INDEX };

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

/* ---- compiling ---- */

struct compiler {
	struct pattern *out;
	const char *p, *end;
	bool failed;
	int open[PATTERN_CAPTURES];	/* captures not closed yet */
	int nopen;
	bool closed[PATTERN_CAPTURES];
};

static void set_add(struct set *s, unsigned char c)
{
	s->bits[c >> 5] |= UINT32_C(1) << (c & 31);
}

static bool set_has(const struct set *s, unsigned char c)
{
	return s->bits[c >> 5] >> (c & 31) & 1;
}

static void set_invert(struct set *s)
{
	for (int i = 0; i < 8; i++)
		s->bits[i] = ~s->bits[i];
}

static bool in_class(int c, int letter)
{
	switch (letter) {
	case 'a':
		return is_alpha(c);
	case 'c':
		return c < 32 || c == 127;
	case 'd':
		return is_digit(c);
	case 'g':
		return c > 32 && c < 127;
	case 'l':
		return is_lower(c);
	case 'p':
		return c > 32 && c < 127 && !is_alnum(c);
	case 's':
		return is_space(c);
	case 'u':
		return is_upper(c);
	case 'w':
		return is_alnum(c);
	case 'z':
		return c == 0;
	default:
		return is_xdigit(c);
	}
}

/* Adds what %letter means; a letter that names no class stands for itself. */
static void set_add_class(struct set *s, unsigned char letter)
{
	int low = to_lower(letter);

	if (!is_alpha(letter) || !strchr("acdglpsuwxz", low)) {
		set_add(s, letter);
		return;
	}
	for (int c = 0; c < 256; c++)
		if (in_class(c, low) != is_upper(letter))
			set_add(s, (unsigned char)c);
}

static void emit(struct compiler *c, enum op op, uint32_t arg)
{
	c->out->items[c->out->nitems++] =
		(struct item){ .op = (uint8_t)op, .arg = arg };
}

static void fail(struct compiler *c, enum fault f, int arg)
{
	emit(c, OP_FAULT, f);
	c->out->items[c->out->nitems - 1].arg2 = (uint8_t)arg;
	c->failed = true;
}

/* Reads the set that begins behind '[' into a new set; false: no ']'. */
static bool read_set(struct compiler *c)
{
	struct set *s = &c->out->sets[c->out->nsets++];
	bool negated = false, first = true;

	memset(s, 0, sizeof(*s));
	if (c->p < c->end && *c->p == '^') {
		negated = true;
		c->p++;
	}
	for (; c->p < c->end && (first || *c->p != ']'); first = false) {
		unsigned char from = (unsigned char)*c->p++;

		if (from == '%') {
			if (c->p >= c->end)
				return false;
			set_add_class(s, (unsigned char)*c->p++);
		} else if (c->end - c->p >= 2 && c->p[0] == '-' &&
			   c->p[1] != ']') {
			for (int i = from; i <= (unsigned char)c->p[1]; i++)
				set_add(s, (unsigned char)i);
			c->p += 2;
		} else {
			set_add(s, from);
		}
	}
	if (c->p >= c->end)
		return false;
	c->p++;
	if (negated)
		set_invert(s);
	return true;
}

static void read_repeat(struct compiler *c)
{
	struct item *last = &c->out->items[c->out->nitems - 1];

	if (c->failed || c->p >= c->end)
		return;
	switch (*c->p++) {
	case '?':
		last->repeat = OPTIONAL;
		break;
	case '*':
		last->repeat = MANY;
		break;
	case '-':
		last->repeat = MANY_LAZY;
		break;
	case '+':
		/* x+ is xx* */
		c->out->items[c->out->nitems] = *last;
		c->out->items[c->out->nitems++].repeat = MANY;
		break;
	default:
		c->p--;
	}
}

static void read_bracket(struct compiler *c, enum op op)
{
	uint32_t number = (uint32_t)c->out->nsets;

	if (read_set(c))
		emit(c, op, number);
	else
		fail(c, FAULT_BRACKET, 0);
}

/* What follows a '%'. */
static void read_escape(struct compiler *c)
{
	unsigned char letter;
	struct set *s;

	if (c->p >= c->end) {
		fail(c, FAULT_ESCAPE, 0);
		return;
	}
	letter = (unsigned char)*c->p++;
	if (letter == 'b') {
		if (c->end - c->p < 2) {
			fail(c, FAULT_BALANCE, 0);
			return;
		}
		emit(c, OP_BALANCE, (unsigned char)c->p[0]);
		c->out->items[c->out->nitems - 1].arg2 = (uint8_t)c->p[1];
		c->p += 2;
	} else if (letter == 'f') {
		if (c->p >= c->end || *c->p != '[') {
			fail(c, FAULT_FRONTIER, 0);
			return;
		}
		c->p++;
		read_bracket(c, OP_FRONTIER);
	} else if (is_digit(letter)) {
		int n = letter - '1';

		if (n < 0 || n >= c->out->ncaptures || !c->closed[n])
			fail(c, FAULT_INDEX, n + 1);
		else
			emit(c, OP_BACK, (uint32_t)n);
	} else {
		s = &c->out->sets[c->out->nsets];
		memset(s, 0, sizeof(*s));
		set_add_class(s, letter);
		emit(c, OP_SET, (uint32_t)c->out->nsets++);
		read_repeat(c);
	}
}

static void read_open(struct compiler *c)
{
	int n = c->out->ncaptures;

	if (n >= PATTERN_CAPTURES) {
		fail(c, FAULT_CAPTURES, 0);
		return;
	}
	c->out->ncaptures++;
	if (c->p < c->end && *c->p == ')') {
		c->p++;
		c->closed[n] = true;
		emit(c, OP_POSITION, (uint32_t)n);
		return;
	}
	c->open[c->nopen++] = n;
	emit(c, OP_OPEN, (uint32_t)n);
}

static void read_item(struct compiler *c)
{
	char ch = *c->p++;

	switch (ch) {
	case '(':
		read_open(c);
		return;
	case ')':
		if (c->nopen == 0) {
			fail(c, FAULT_CLOSE, 0);
			return;
		}
		c->closed[c->open[--c->nopen]] = true;
		emit(c, OP_CLOSE, (uint32_t)c->open[c->nopen]);
		return;
	case '$':
		if (c->p == c->end) {
			emit(c, OP_END, 0);
			return;
		}
		break;
	case '%':
		read_escape(c);
		return;
	case '[':
		read_bracket(c, OP_SET);
		read_repeat(c);
		return;
	case '.':
		emit(c, OP_ANY, 0);
		read_repeat(c);
		return;
	default:
		break;
	}
	emit(c, OP_CHAR, (unsigned char)ch);
	read_repeat(c);
}

/* How many sets the text can have at most: each takes '[' or '%'. */
static size_t count_sets(struct str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '[' || text.p[i] == '%';
	return n;
}

struct pattern *pattern_compile(lua_State *L, struct str text)
{
	/* Each octet gives one item at most ("x+" gives two), and there is
	 * the end. */
	size_t nitems = text.n + 1, nsets = count_sets(text);
	struct compiler c = { .p = text.p, .end = text.p + text.n };
	struct pattern *out;

	lua_spend(L, text.n * 4);
	out = lua_newuserdatauv(L, sizeof(*out) +
				nitems * (sizeof(*out->items) +
					  sizeof(*out->choices)) +
				nsets * sizeof(*out->sets), 0);
	memset(out, 0, sizeof(*out));
	out->choices = (struct choice *)(out + 1);
	out->items = (struct item *)(out->choices + nitems);
	out->sets = (struct set *)(out->items + nitems);
	c.out = out;
	while (c.p < c.end && !c.failed)
		read_item(&c);
	if (!c.failed)
		emit(&c, OP_MATCH, 0);
	return out;
}

/* ---- matching ---- */

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
		}
		found = match_here(&x, at);
	}
	lua_spend(L, x.steps);
	return found;
}
