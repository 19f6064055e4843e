/*
 * Necessary literals of a pattern; see literal.h. The reader goes once over
 * PCRE2's syntax and keeps, of each sequence, its best clause: a run of
 * literal characters, or a group of which every alternative has a clause.
 * Whatever it does not know makes the whole pattern "no clause".
 */
#include "match/literal.h"

#include "base/arena.h"
#include "match/regex_int.h"

#define PIECE 3
#define MAX_RUN 64
#define MAX_ALTERNATIVES 400
#define MAX_DEPTH 60

struct literals {
	size_t n;
	struct str *text;		/* folded */
	uint16_t **pieces;		/* of text[i]: text[i].n - 2 of them */
};

/* One of these must occur; n == 0: nothing is known. */
struct clause {
	struct str *alt;
	size_t n;
	size_t shortest;
};

struct reader {
	struct arena *a;
	struct str s;
	size_t pos;
	int depth;
	bool unknown;		/* met a construct that it does not read */
};

enum atom_kind { ATOM_LITERAL, ATOM_ZERO_WIDTH, ATOM_OPAQUE, ATOM_GROUP };

struct atom {
	enum atom_kind kind;
	int c;			/* ATOM_LITERAL */
	struct clause clause;	/* ATOM_GROUP */
	bool exact;		/* ATOM_GROUP: is just this text */
	struct str text;
};

struct quantifier {
	bool once;
	bool may_be_absent;
};

/* What is known of one sequence while it is read. */
struct sequence {
	char run[MAX_RUN];
	size_t n;
	struct clause best;
	bool exact;		/* nothing but literals so far */
};

static int fold(int c)
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

static bool better(const struct clause *c, const struct clause *than)
{
	if (c->n == 0)
		return false;
	if (than->n == 0 || c->shortest != than->shortest)
		return c->shortest > than->shortest;
	return c->n < than->n;
}

/* Ends the current run of literals; if it is long enough it is a clause. */
static void flush(struct reader *r, struct sequence *q)
{
	struct clause c = { .n = 1, .shortest = q->n };

	if (q->n >= PIECE) {
		c.alt = arena_alloc(r->a, sizeof(*c.alt));
		c.alt[0] = str_dup(r->a, str_make(q->run, q->n));
		if (better(&c, &q->best))
			q->best = c;
	}
	q->n = 0;
}

static void append(struct reader *r, struct sequence *q, int c)
{
	if (q->n == MAX_RUN) {
		flush(r, q);
		q->exact = false;
	}
	q->run[q->n++] = (char)fold(c);
}

/* {n} {n,} {n,m} at the current position: its length, or 0. */
static size_t braces(const struct reader *r, long *min_r, bool *once_r)
{
	size_t i = 1;
	long min = 0;

	if (peek(r, 0) != '{' || !is_digit(peek(r, 1)))
		return 0;
	for (; is_digit(peek(r, i)); i++)
		min = min > 9999 ? min : min * 10 + (peek(r, i) - '0');
	*once_r = min == 1 && peek(r, i) == '}';
	if (peek(r, i) == ',')
		for (i++; is_digit(peek(r, i)); i++)
			;
	*min_r = min;
	return peek(r, i) == '}' ? i + 1 : 0;
}

static struct quantifier read_quantifier(struct reader *r)
{
	struct quantifier q = { .once = true };
	long min = 1;
	size_t n = braces(r, &min, &q.once);
	int c = peek(r, 0);

	if (n) {
		q.may_be_absent = min == 0;
	} else if (c == '*' || c == '?' || c == '+') {
		n = 1;
		q.once = false;
		q.may_be_absent = c != '+';
	} else {
		return q;
	}
	r->pos += n;
	if (peek(r, 0) == '?' || peek(r, 0) == '+')
		r->pos++;
	return q;
}

static int read_hex(struct reader *r)
{
	int v = 0, n = 0;

	if (peek(r, 0) == '{') {
		for (r->pos++; is_xdigit(peek(r, 0)) && v < 0x1000; r->pos++)
			v = v * 16 + hex_value(peek(r, 0));
		if (peek(r, 0) != '}' || v > 0xff)
			give_up(r);
		r->pos++;
		return v;
	}
	for (; n < 2 && is_xdigit(peek(r, 0)); n++, r->pos++)
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

static struct atom literal(int c)
{
	return (struct atom){ .kind = ATOM_LITERAL, .c = c };
}

static struct atom opaque(void)
{
	return (struct atom){ .kind = ATOM_OPAQUE };
}

static struct atom zero_width(void)
{
	return (struct atom){ .kind = ATOM_ZERO_WIDTH };
}

/* Behind a backslash. */
static struct atom read_escape(struct reader *r)
{
	static const char from[] = "tnrfea", to[] = "\t\n\r\f\x1b\x07";
	int c = peek(r, 0);
	const char *at;

	r->pos++;
	if (c < 0 || !is_alnum(c))
		return c < 0 ? (give_up(r), opaque()) : literal(c);
	at = strchr(from, c);
	if (at)
		return literal((unsigned char)to[at - from]);
	if (c == 'x')
		return literal(read_hex(r));
	if (c == '0') {
		r->pos--;
		return literal(read_octal(r));
	}
	if (is_digit(c)) {	/* a back-reference, or octal */
		while (is_digit(peek(r, 0)))
			r->pos++;
		return opaque();
	}
	if (strchr("dDwWsShHvVRX", c) || (c == 'N' && peek(r, 0) != '{'))
		return opaque();
	if (strchr("bBAzZGK", c))
		return zero_width();
	give_up(r);
	return opaque();
}

/* Behind '[': a class is a literal if it has one member, or the two cases of
 * one letter. */
static struct atom read_class(struct reader *r)
{
	int first = -1;
	bool single = true;

	if (peek(r, 0) == '^') {
		single = false;
		r->pos++;
	}
	for (bool start = true;; start = false) {
		int c = peek(r, 0);

		if (c < 0) {
			give_up(r);
			return opaque();
		}
		r->pos++;
		if (c == ']' && !start)
			break;
		if (c == '\\') {
			c = peek(r, 0);
			r->pos++;
			single = single && c >= 0 && !is_alnum(c) &&
				 (first < 0 || fold(c) == first);
		} else if (c == '[' && peek(r, 0) == ':') {
			ssize_t end = str_find(str_from(r->s, r->pos),
					       STR(":]"));

			single = false;
			r->pos += end < 0 ? 0 : (size_t)end + 2;
		} else if (first >= 0 && fold(c) != first) {
			single = false;
		}
		if (first < 0)
			first = fold(c);
	}
	return single ? literal(first) : opaque();
}

static struct atom read_alternatives(struct reader *r);

/* The name of a group, up to its end. */
static void skip_name(struct reader *r, int end)
{
	while (peek(r, 0) >= 0 && peek(r, 0) != end)
		r->pos++;
	r->pos++;
}

/* Behind "(?": what kind of group it is. 1: read its body as a group, 0: read
 * and forget its body, -1: it is done or given up. */
static int read_group_head(struct reader *r)
{
	int c = peek(r, 0), d = peek(r, 1);

	if (c == ':' || c == '>' || c == '|') {
		r->pos++;
		return 1;
	}
	if (c == '=' || c == '!') {
		r->pos++;
		return 0;
	}
	if (c == '<' && (d == '=' || d == '!')) {
		r->pos += 2;
		return 0;
	}
	if (c == '<' || c == '\'' || (c == 'P' && d == '<')) {
		r->pos += c == 'P' ? 2 : 1;
		skip_name(r, c == '\'' ? '\'' : '>');
		return 1;
	}
	if (c == '#') {
		skip_name(r, ')');
		return -1;
	}
	/* Flags: folding is assumed anyway, but x changes how text reads. */
	for (; c > 0 && strchr("imsn^-", c); c = peek(r, 0))
		r->pos++;
	if (c == ':') {
		r->pos++;
		return 1;
	}
	if (c == ')') {
		r->pos++;
		return -1;
	}
	give_up(r);
	return -1;
}

/* Behind '('. */
static struct atom read_group(struct reader *r)
{
	struct atom a;
	int head = 1;

	if (peek(r, 0) == '*' || r->depth >= MAX_DEPTH) {
		give_up(r);
		return opaque();
	}
	if (peek(r, 0) == '?') {
		r->pos++;
		head = read_group_head(r);
	}
	if (head < 0)
		return zero_width();
	r->depth++;
	a = read_alternatives(r);
	r->depth--;
	if (peek(r, 0) != ')')
		give_up(r);
	r->pos++;
	return head ? a : zero_width();
}

static struct atom read_atom(struct reader *r)
{
	int c = peek(r, 0);

	r->pos++;
	switch (c) {
	case '\\':
		return read_escape(r);
	case '[':
		return read_class(r);
	case '(':
		return read_group(r);
	case '.':
		return opaque();
	case '^':
	case '$':
		return zero_width();
	default:
		return literal(c);
	}
}

static void add_literal(struct reader *r, struct sequence *q, int c,
			struct quantifier n)
{
	if (n.once) {
		append(r, q, c);
		return;
	}
	q->exact = false;
	if (!n.may_be_absent)
		append(r, q, c);
	flush(r, q);
	/* The last of several is followed by what comes next. */
	if (!n.may_be_absent)
		append(r, q, c);
}

static void add_group(struct reader *r, struct sequence *q,
		      const struct atom *a, struct quantifier n)
{
	if (n.once && a->exact) {
		for (size_t i = 0; i < a->text.n; i++)
			append(r, q, (unsigned char)a->text.p[i]);
		return;
	}
	q->exact = false;
	flush(r, q);
	if (!n.may_be_absent && better(&a->clause, &q->best))
		q->best = a->clause;
}

static void add_atom(struct reader *r, struct sequence *q,
		     const struct atom *a, struct quantifier n)
{
	switch (a->kind) {
	case ATOM_LITERAL:
		add_literal(r, q, a->c, n);
		break;
	case ATOM_ZERO_WIDTH:
		break;
	case ATOM_OPAQUE:
		q->exact = false;
		flush(r, q);
		break;
	case ATOM_GROUP:
		add_group(r, q, a, n);
		break;
	}
}

static struct sequence read_sequence(struct reader *r)
{
	struct sequence q = { .exact = true };

	while (peek(r, 0) >= 0 && peek(r, 0) != '|' && peek(r, 0) != ')') {
		struct atom a = read_atom(r);

		add_atom(r, &q, &a, read_quantifier(r));
	}
	return q;
}

/* Puts the clause of one more alternative into the group's. */
static void join(struct reader *r, struct clause *all, const struct clause *c,
		 bool first)
{
	struct clause sum = { .shortest = c->shortest };

	if (first) {
		*all = *c;
		return;
	}
	if (all->n == 0 || c->n == 0 || all->n + c->n > MAX_ALTERNATIVES) {
		*all = (struct clause){ .n = 0 };
		return;
	}
	sum.alt = arena_alloc(r->a, (all->n + c->n) * sizeof(*sum.alt));
	memcpy(sum.alt, all->alt, all->n * sizeof(*sum.alt));
	memcpy(sum.alt + all->n, c->alt, c->n * sizeof(*sum.alt));
	sum.n = all->n + c->n;
	if (all->shortest < sum.shortest)
		sum.shortest = all->shortest;
	*all = sum;
}

/* A group's body, up to its ')' or the end. */
static struct atom read_alternatives(struct reader *r)
{
	struct atom a = { .kind = ATOM_GROUP };

	for (bool first = true;; first = false) {
		struct sequence q = read_sequence(r);
		bool last = peek(r, 0) != '|';

		if (first && last && q.exact) {
			a.exact = true;
			a.text = str_dup(r->a, str_make(q.run, q.n));
		}
		flush(r, &q);
		join(r, &a.clause, &q.best, first);
		if (last)
			return a;
		r->pos++;
	}
}

static uint16_t piece_of(int a, int b, int c)
{
	uint32_t key = (uint32_t)a << 16 | (uint32_t)b << 8 | (uint32_t)c;

	return (uint16_t)(key * 0x9e3779b1u >> 16);
}

static uint16_t *pieces_of(struct arena *a, struct str text)
{
	uint16_t *p = arena_alloc(a, text.n * sizeof(*p));
	const unsigned char *t = (const unsigned char *)text.p;

	for (size_t i = 0; i + PIECE <= text.n; i++)
		p[i] = piece_of(t[i], t[i + 1], t[i + 2]);
	return p;
}

const struct literals *literals_of(struct arena *a, struct str pattern,
				   unsigned options)
{
	struct arena *scratch;
	struct reader r = { .s = pattern };
	struct literals *l = NULL;
	struct atom all;

	if (options & (RO_EXTENDED | RO_EXTENDED_MORE))
		return NULL;
	r.a = scratch = arena_new();
	all = read_alternatives(&r);
	if (!r.unknown && r.pos == pattern.n && all.clause.n) {
		l = arena_alloc(a, sizeof(*l));
		l->n = all.clause.n;
		l->text = arena_alloc(a, l->n * sizeof(*l->text));
		l->pieces = arena_alloc(a, l->n * sizeof(*l->pieces));
		for (size_t i = 0; i < l->n; i++) {
			l->text[i] = str_dup(a, all.clause.alt[i]);
			l->pieces[i] = pieces_of(a, l->text[i]);
		}
	}
	arena_free(&scratch);
	return l;
}

struct str literals_text(struct arena *a, const struct literals *l)
{
	struct strs list = { 0 };

	for (size_t i = 0; l && i < l->n; i++)
		strs_add(a, &list, l->text[i]);
	return strs_join(a, &list, STR("|"));
}

void pieces_add(struct pieces *set, struct str text)
{
	static uint8_t lower[256];
	const unsigned char *t = (const unsigned char *)text.p;

	if (!lower['a'])
		for (int c = 0; c < 256; c++)
			lower[c] = (uint8_t)fold(c);
	for (size_t i = 0; i + PIECE <= text.n; i++) {
		uint16_t p = piece_of(lower[t[i]], lower[t[i + 1]],
				      lower[t[i + 2]]);

		set->bits[p / 64] |= (uint64_t)1 << (p % 64);
	}
}

bool pieces_allow(const struct pieces *set, const struct literals *l)
{
	for (size_t i = 0; l && i < l->n; i++) {
		size_t n = l->text[i].n - (PIECE - 1), k = 0;

		while (k < n && set->bits[l->pieces[i][k] / 64] >>
					(l->pieces[i][k] % 64) & 1)
			k++;
		if (k == n)
			return true;
	}
	return !l;
}
