/*
 * Reading a pattern into a tree; see tree.h. One pass over PCRE2's syntax.
 * Whatever it does not know makes it give up: no tree, no prefilter.
 */
#include "match/tree.h"

#include "base/arena.h"
#include "match/regex_int.h"

#define MAX_DEPTH 60
#define MAX_COUNT 9999

struct reader {
	struct arena *a;
	struct str s;
	size_t pos;
	int depth;
	bool unknown;		/* met a construct that it does not read */
};

int latin1_fold(int c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7))
		return c + 32;
	return c;
}

static int peek(const struct reader *r, size_t ahead)
{
	size_t i = r->pos + ahead;

	return i < r->s.n ? (unsigned char)r->s.p[i] : -1;
}

static void give_up(struct reader *r)
{
	r->unknown = true;
	r->pos = r->s.n;
}

static void set_add(struct octet_set *s, int c)
{
	s->w[c >> 6 & 3] |= (uint64_t)1 << (c & 63);
}

/* Closes a set under case, so that flags need not be followed. The two cases
 * of a letter lie 32 apart in one word: A-Z in the second, C0-DE (but for the
 * sign D7) in the last. */
static void set_close(struct octet_set *s)
{
	static const struct { int word; uint64_t upper; } letters[] = {
		{ 1, 0x07fffffe }, { 3, 0x7fffffff & ~(1u << 23) },
	};

	for (size_t i = 0; i < 2; i++) {
		uint64_t *w = &s->w[letters[i].word], upper = letters[i].upper;

		*w |= (*w & upper) << 32 | (*w >> 32 & upper);
	}
}

static struct tree *node(struct reader *r, enum tree_kind kind)
{
	struct tree *t = arena_alloc(r->a, sizeof(*t));

	t->kind = kind;
	return t;
}

static void add_child(struct reader *r, struct tree *t, struct tree *child)
{
	t->child = arena_grow(r->a, t->child, t->n, &t->cap,
			      sizeof(*t->child));
	t->child[t->n++] = child;
}

static struct tree *one_octet(struct reader *r, int c)
{
	struct tree *t = node(r, TREE_SET);

	set_add(&t->set, c);
	set_close(&t->set);
	return t;
}

/* The octets of \d \w \s \h \v and, in capitals, all others. False if `c` is
 * no such class. */
static bool class_of(int c, struct octet_set *out)
{
	int lower = to_lower(c);

	if (!c || !strchr("dwshvn", lower) || c == 'n')
		return false;
	for (int i = 0; i < 256; i++) {
		bool in = lower == 'd'	 ? is_digit(i)
			  : lower == 'w' ? is_word(i)
			  : lower == 's' ? is_space(i)
			  : lower == 'h' ? i == ' ' || i == '\t' || i == 0xa0
			  : lower == 'v' ? (i >= '\n' && i <= '\r') || i == 0x85
					 : i == '\n';

		if (in == (c == lower))
			set_add(out, i);
	}
	return true;
}

static int read_hex(struct reader *r)
{
	int v = 0;

	if (peek(r, 0) == '{') {
		for (r->pos++; is_xdigit(peek(r, 0)) && v < 0x1000; r->pos++)
			v = v * 16 + hex_value(peek(r, 0));
		if (peek(r, 0) != '}' || v > 0xff)
			give_up(r);
		r->pos++;
		return v & 0xff;
	}
	for (int n = 0; n < 2 && is_xdigit(peek(r, 0)); n++, r->pos++)
		v = v * 16 + hex_value(peek(r, 0));
	return v;
}

static int read_octal(struct reader *r)
{
	int v = 0;

	for (int n = 0; n < 3 && peek(r, 0) >= '0' && peek(r, 0) <= '7'; n++)
		v = v * 8 + (r->s.p[r->pos++] - '0');
	return v & 0xff;
}

/* The octet that an escape names (r->pos is behind the backslash and its
 * letter c), or -1 if it names none. */
static int escaped_octet(struct reader *r, int c)
{
	static const char from[] = "tnrfea", to[] = "\t\n\r\f\x1b\x07";
	const char *at;

	if (!is_alnum(c))
		return c;
	at = strchr(from, c);
	if (at)
		return (unsigned char)to[at - from];
	if (c == 'x')
		return read_hex(r);
	if (c == '0') {
		r->pos--;
		return read_octal(r);
	}
	return -1;
}

static struct tree *read_escape(struct reader *r)
{
	struct tree *t;
	int c = peek(r, 0), octet;

	r->pos++;
	if (c < 0) {
		give_up(r);
		return node(r, TREE_EMPTY);
	}
	octet = escaped_octet(r, c);
	if (octet >= 0)
		return one_octet(r, octet);
	if (is_digit(c)) {	/* a back-reference, or octal */
		while (is_digit(peek(r, 0)))
			r->pos++;
		return node(r, TREE_ANY);
	}
	t = node(r, TREE_SET);
	if (!(c == 'N' && peek(r, 0) == '{') && class_of(c, &t->set)) {
		set_close(&t->set);
		return t;
	}
	if (c == 'R' || c == 'X')
		return node(r, TREE_ANY);
	if (!strchr("bBAzZGK", c))
		give_up(r);
	return node(r, TREE_EMPTY);
}

/* One member of a class: its octet, or -1 after adding a whole set. */
static int read_member(struct reader *r, struct octet_set *set)
{
	int c = peek(r, 0), octet;

	r->pos++;
	if (c == '[' && peek(r, 0) == ':') {
		ssize_t end = str_find(str_from(r->s, r->pos), STR(":]"));

		/* A POSIX class: which octets does not matter that much. */
		if (end >= 0) {
			memset(set, 0xff, sizeof(*set));
			r->pos += (size_t)end + 2;
			return -1;
		}
	}
	if (c != '\\')
		return c;
	c = peek(r, 0);
	r->pos++;
	if (c < 0)
		return -1;
	if (c == 'b')
		return '\b';
	if (c >= '1' && c <= '7') {
		r->pos--;
		return read_octal(r);
	}
	octet = escaped_octet(r, c);
	if (octet < 0 && !class_of(c, set))
		give_up(r);
	return octet;
}

/* Behind '['. */
static struct tree *read_class(struct reader *r)
{
	struct tree *t = node(r, TREE_SET);
	bool negated = peek(r, 0) == '^';

	r->pos += negated;
	for (bool first = true; first || peek(r, 0) != ']'; first = false) {
		int from, to;

		if (peek(r, 0) < 0) {
			give_up(r);
			return t;
		}
		from = to = read_member(r, &t->set);
		if (from >= 0 && peek(r, 0) == '-' && peek(r, 1) != ']' &&
		    peek(r, 1) >= 0) {
			r->pos++;
			to = read_member(r, &t->set);
			if (to < 0) {	/* [a-\d]: the hyphen is one too */
				set_add(&t->set, '-');
				to = from;
			}
		}
		for (int c = from; c >= 0 && c <= to; c++)
			set_add(&t->set, c);
	}
	r->pos++;
	if (negated)
		for (size_t i = 0; i < 4; i++)
			t->set.w[i] = ~t->set.w[i];
	set_close(&t->set);
	return t;
}

static struct tree *read_alternatives(struct reader *r);

/* The name of a group, up to its end. */
static void skip_to(struct reader *r, int end)
{
	while (peek(r, 0) >= 0 && peek(r, 0) != end)
		r->pos++;
	r->pos++;
}

enum group_head { GROUP_BODY, GROUP_FORGET, GROUP_DONE };

/* Behind "(?": what is to be done with the body. */
static enum group_head read_group_head(struct reader *r)
{
	int c = peek(r, 0), d = peek(r, 1);

	if (c == ':' || c == '>' || c == '|') {
		r->pos++;
		return GROUP_BODY;
	}
	if (c == '=' || c == '!') {
		r->pos++;
		return GROUP_FORGET;
	}
	if (c == '<' && (d == '=' || d == '!')) {
		r->pos += 2;
		return GROUP_FORGET;
	}
	if (c == '<' || c == '\'' || (c == 'P' && d == '<')) {
		r->pos += c == 'P' ? 2 : 1;
		skip_to(r, c == '\'' ? '\'' : '>');
		return GROUP_BODY;
	}
	if (c == '#') {
		skip_to(r, ')');
		return GROUP_DONE;
	}
	/* Flags: case is folded anyway, but x changes how text reads. */
	for (; c > 0 && strchr("imsn^-", c); c = peek(r, 0))
		r->pos++;
	if (c != ':' && c != ')')
		give_up(r);
	r->pos++;
	return c == ':' ? GROUP_BODY : GROUP_DONE;
}

/* Behind '('. */
static struct tree *read_group(struct reader *r)
{
	enum group_head head = GROUP_BODY;
	struct tree *body;

	if (peek(r, 0) == '*' || r->depth >= MAX_DEPTH) {
		give_up(r);
		return node(r, TREE_EMPTY);
	}
	if (peek(r, 0) == '?') {
		r->pos++;
		head = read_group_head(r);
	}
	if (head == GROUP_DONE)
		return node(r, TREE_EMPTY);
	r->depth++;
	body = read_alternatives(r);
	r->depth--;
	if (peek(r, 0) != ')')
		give_up(r);
	r->pos++;
	return head == GROUP_BODY ? body : node(r, TREE_EMPTY);
}

static struct tree *read_atom(struct reader *r)
{
	int c = peek(r, 0);
	struct tree *t;

	r->pos++;
	switch (c) {
	case '\\':
		return read_escape(r);
	case '[':
		return read_class(r);
	case '(':
		return read_group(r);
	case '.':
		t = node(r, TREE_SET);
		memset(&t->set, 0xff, sizeof(t->set));
		return t;
	case '^':
	case '$':
		return node(r, TREE_EMPTY);
	default:
		return one_octet(r, c);
	}
}

/* {n} {n,} {n,m} at the current position: its length, or 0. */
static size_t braces(const struct reader *r, long *min_r, long *max_r)
{
	size_t i = 1;
	long v[2] = { 0, TREE_NO_MAX };

	if (peek(r, 0) != '{' || !is_digit(peek(r, 1)))
		return 0;
	for (; is_digit(peek(r, i)); i++)
		v[0] = v[0] > MAX_COUNT ? v[0]
					: v[0] * 10 + (peek(r, i) - '0');
	if (peek(r, i) != ',') {
		v[1] = v[0];
	} else if (is_digit(peek(r, ++i))) {
		for (v[1] = 0; is_digit(peek(r, i)); i++)
			v[1] = v[1] > MAX_COUNT
				       ? v[1]
				       : v[1] * 10 + (peek(r, i) - '0');
	}
	*min_r = v[0];
	*max_r = v[1];
	return peek(r, i) == '}' ? i + 1 : 0;
}

/* An atom with the quantifiers behind it. */
static struct tree *read_quantified(struct reader *r)
{
	struct tree *t = read_atom(r), *repeat;
	long min = 0, max = TREE_NO_MAX;
	size_t n = braces(r, &min, &max);
	int c = peek(r, 0);

	if (!n && c != '*' && c != '+' && c != '?')
		return t;
	if (!n) {
		n = 1;
		min = c == '+';
		max = c == '?' ? 1 : TREE_NO_MAX;
	}
	r->pos += n;
	if (peek(r, 0) == '?' || peek(r, 0) == '+')
		r->pos++;
	repeat = node(r, TREE_REPEAT);
	repeat->min = min;
	repeat->max = max;
	add_child(r, repeat, t);
	return repeat;
}

static struct tree *read_sequence(struct reader *r)
{
	struct tree *t = node(r, TREE_SEQUENCE);

	while (peek(r, 0) >= 0 && peek(r, 0) != '|' && peek(r, 0) != ')')
		add_child(r, t, read_quantified(r));
	return t;
}

static struct tree *read_alternatives(struct reader *r)
{
	struct tree *t = node(r, TREE_ALTERNATIVES);

	add_child(r, t, read_sequence(r));
	while (peek(r, 0) == '|') {
		r->pos++;
		add_child(r, t, read_sequence(r));
	}
	return t->n == 1 ? t->child[0] : t;
}

struct tree *tree_parse(struct arena *a, struct str pattern, unsigned options)
{
	struct reader r = { .a = a, .s = pattern };
	struct tree *t;

	if (options & (RO_EXTENDED | RO_EXTENDED_MORE))
		return NULL;
	t = read_alternatives(&r);
	return r.unknown || r.pos != pattern.n ? NULL : t;
}
