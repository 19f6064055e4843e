/*
 * The compiler of Lua's patterns; see pattern.h. A fault becomes an item, too:
 * it is raised when matching gets there.
 */
#include "lua/pattern_int.h"

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
	static struct set known[128];	/* empty: not made yet */
	static const struct set empty;
	struct set *class = &known[letter & 127];
	int low = to_lower(letter);

	if (!is_alpha(letter) || !strchr("acdglpsuwxz", low)) {
		set_add(s, letter);
		return;
	}
	if (memcmp(class, &empty, sizeof(empty)) == 0)
		for (int c = 0; c < 256; c++)
			if (in_class(c, low) != is_upper(letter))
				set_add(class, (unsigned char)c);
	for (int i = 0; i < 8; i++)
		s->bits[i] |= class->bits[i];
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

/* Where the set ends whose first member is at p: at a ']' that is neither the
 * first nor behind a '%', even if that '%' is the end of a range. NULL: it does
 * not end. */
static const char *set_end(const char *p, const char *end)
{
	bool first = true;

	for (; p < end; p++, first = false) {
		if (*p == ']' && !first)
			return p;
		if (*p == '%')
			p++;
	}
	return NULL;
}

/* Reads the set that begins behind '[' into a new set; false: no ']'. */
static bool read_set(struct compiler *c)
{
	struct set *s = &c->out->sets[c->out->nsets++];
	bool negated = c->p < c->end && *c->p == '^';
	const char *p = c->p + negated, *end = set_end(p, c->end);

	memset(s, 0, sizeof(*s));
	if (!end)
		return false;
	while (p < end) {
		unsigned char from = (unsigned char)*p++;

		/* As in Lua, a '%' behind a range that ends with one escapes
		 * even the ']' of the set. */
		if (from == '%') {
			set_add_class(s, (unsigned char)*p++);
		} else if (end - p >= 2 && p[0] == '-') {
			for (int i = from; i <= (unsigned char)p[1]; i++)
				set_add(s, (unsigned char)i);
			p += 2;
		} else {
			set_add(s, from);
		}
	}
	c->p = end + 1;
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
