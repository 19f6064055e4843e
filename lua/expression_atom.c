/*
 * Atoms of an expression: `Header=/re/flags{type}`, `/re/{type}flags`,
 * `name(args)`, `lua:name`. Letters and long names of types are rspamd's.
 */
#include "lua/expression.h"

#include "base/arena.h"
#include "lua/regexp.h"

#define MAX_ARGS 16
#define MAX_WORD 64

/* SpamAssassin's inputs are shared with .cf rules: body paragraphs, rawbody
 * chunks, the whole message. */
static const struct {
	char letter;
	const char *names[3];
	struct atom_input input;
} inputs[] = {
	{ 'H', { "header" }, { RULE_TEXTS, { TEXT_HEADER, { 0 }, 0 } } },
	{ 'X', { "raw_header", "header_raw" },
	  { RULE_TEXTS, { TEXT_RAW_HEADER, { 0 }, 0 } } },
	{ 'R', { "all_header", "header_all", "all_headers" },
	  { RULE_TEXTS, { TEXT_ALL_HEADERS, { 0 }, 0 } } },
	{ 'B', { "mime_header", "header_mime" },
	  { RULE_TEXTS, { TEXT_MIME_HEADER, { 0 }, 0 } } },
	{ 'C', { "sa_body" }, { RULE_BODY, { 0 } } },
	{ 'D', { "sa_raw_body", "sa_body_raw" }, { RULE_RAWBODY, { 0 } } },
	{ 'M', { "body", "message" }, { RULE_FULL, { 0 } } },
	{ 'P', { "mime", "part" },
	  { RULE_TEXTS, { TEXT_PART, { 0 }, 0 } } },
	{ 'Q', { "raw_mime", "mime_raw", "raw_part" },
	  { RULE_TEXTS, { TEXT_RAW_PART, { 0 }, 0 } } },
	{ 'U', { "url" }, { RULE_TEXTS, { TEXT_URL, { 0 }, 0 } } },
	{ 0, { "email" }, { RULE_TEXTS, { TEXT_EMAIL, { 0 }, 0 } } },
	{ 0, { "words" }, { RULE_TEXTS, { TEXT_WORDS, { 0 }, 0 } } },
	{ 0, { "raw_words" }, { RULE_TEXTS, { TEXT_RAW_WORDS, { 0 }, 0 } } },
	{ 0, { "stem_words" },
	  { RULE_TEXTS, { TEXT_STEM_WORDS, { 0 }, 0 } } },
};
#define INPUTS (sizeof(inputs) / sizeof(*inputs))

bool atom_input_named(struct str name, struct atom_input *out)
{
	char squeezed[32];
	size_t n = 0;

	/* "sabody" and "rawmime" are names of process_regexp. */
	for (size_t i = 0; i < name.n && n < sizeof(squeezed); i++)
		if (name.p[i] != '_')
			squeezed[n++] = (char)to_lower((unsigned char)
						       name.p[i]);
	for (size_t i = 0; i < INPUTS; i++)
		for (size_t k = 0; k < 3 && inputs[i].names[k]; k++) {
			const char *w = inputs[i].names[k];
			size_t m = 0;

			for (; *w && m <= n; w++)
				if (*w != '_' && (m >= n ||
						  squeezed[m++] != *w))
					break;
			if (!*w && m == n) {
				*out = inputs[i].input;
				return true;
			}
		}
	return false;
}

bool atom_input_letter(int c, struct atom_input *out)
{
	for (size_t i = 0; c && i < INPUTS; i++)
		if (inputs[i].letter == c) {
			*out = inputs[i].input;
			return true;
		}
	return false;
}

/* ---- the nearest word ---- */

static size_t edits(struct str a, struct str b)
{
	size_t row[MAX_WORD + 1];

	for (size_t k = 0; k <= b.n; k++)
		row[k] = k;
	for (size_t i = 1; i <= a.n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= b.n; k++) {
			size_t best = diagonal + (a.p[i - 1] != b.p[k - 1]);

			diagonal = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
		}
	}
	return row[b.n];
}

struct str nearest_word(struct str name, const char *const *words)
{
	struct str best = STR_NONE;
	size_t least = name.n / 2 + 1;

	if (name.n > MAX_WORD)
		return best;
	for (; *words; words++) {
		struct str w = str_cstr(*words);
		size_t n = w.n <= MAX_WORD ? edits(name, w) : least;

		if (n < least) {
			least = n;
			best = w;
		}
	}
	return best;
}

/* ---- regexes ---- */

struct cursor {
	struct arena *a;
	struct str s;
	size_t pos;
	struct err *err;
};

static int peek(const struct cursor *c)
{
	return c->pos < c->s.n ? (unsigned char)c->s.p[c->pos] : -1;
}

/* Behind a '/': the text up to the next one that no backslash precedes. */
static bool read_slashed(struct cursor *c, struct str *out)
{
	size_t from = c->pos;

	for (; c->pos < c->s.n && c->s.p[c->pos] != '/'; c->pos++)
		if (c->s.p[c->pos] == '\\')
			c->pos++;
	if (c->pos >= c->s.n) {
		err_set(c->err, "no '/' ends the regex at offset %zu",
			from - 1);
		return false;
	}
	*out = str_make(c->s.p + from, c->pos - from);
	c->pos++;
	return true;
}

static bool set_type(struct cursor *c, struct expr_atom *at, bool known,
		     const struct atom_input *in, struct str name)
{
	struct str header = at->input.texts.header;
	bool exact = at->input.texts.exact;

	if (str_ieq(name, STR("selector")) || str_eq(name, STR("$"))) {
		err_set(c->err, "type '%.*s': selectors cannot be asked here",
			STR_ARG(name));
		return false;
	}
	if (!known) {
		err_set(c->err, "unknown type or flag '%.*s' of a regex",
			STR_ARG(name));
		return false;
	}
	at->input = *in;
	at->input.texts.header = header;
	at->input.texts.exact = exact;
	return true;
}

static bool read_type(struct cursor *c, struct expr_atom *at)
{
	struct str rest = str_from(c->s, c->pos + 1);
	ssize_t end = str_chr(rest, '}');
	struct str name = str_head(rest, end < 0 ? 0 : (size_t)end);
	struct atom_input in;

	if (end < 0) {
		err_set(c->err, "no '}' ends the type at offset %zu", c->pos);
		return false;
	}
	c->pos += (size_t)end + 2;
	return set_type(c, at, atom_input_named(name, &in), &in, name);
}

/* A letter behind a regex: PCRE2's, a type's, or rspamd's A, S, T. */
static bool read_letter(struct cursor *c, struct expr_atom *at)
{
	struct str letter = str_make(c->s.p + c->pos, 1), rest;
	struct atom_input in;

	c->pos++;
	at->flags |= re_flags(letter, &rest);
	if (rest.n == 0)
		return true;
	switch (letter.p[0]) {
	case 'A':
		at->all = true;
		return true;
	case 'S':
		at->input.texts.exact = true;
		return true;
	case 'T':
		return true;
	}
	return set_type(c, at, atom_input_letter(letter.p[0], &in), &in,
			letter);
}

static bool read_regex(struct cursor *c, struct expr_atom *at)
{
	bool takes_header;

	at->kind = ATOM_REGEX;
	c->pos++;
	if (!read_slashed(c, &at->pattern))
		return false;
	for (int ch = peek(c); is_alnum(ch) || ch == '$' || ch == '{';
	     ch = peek(c))
		if (!(ch == '{' ? read_type(c, at) : read_letter(c, at)))
			return false;
	if (at->input.kind == RULE_EMPTY && at->input.texts.header.p)
		at->input.kind = RULE_TEXTS;	/* TEXT_HEADER */
	if (at->input.kind == RULE_EMPTY) {
		err_set(c->err, "the regex /%.*s/ has no type",
			STR_ARG(str_head(at->pattern, 60)));
		return false;
	}
	takes_header = at->input.kind == RULE_TEXTS &&
		(at->input.texts.input == TEXT_HEADER ||
		 at->input.texts.input == TEXT_RAW_HEADER ||
		 at->input.texts.input == TEXT_MIME_HEADER);
	if (!takes_header) {
		at->input.texts.header = STR_NONE;
	} else if (!at->input.texts.header.p) {
		err_set(c->err, "the regex /%.*s/ of a header has no name: "
			"write Name=/%.*s/", STR_ARG(str_head(at->pattern, 60)),
			STR_ARG(str_head(at->pattern, 60)));
		return false;
	}
	return true;
}

/* ---- functions ---- */

static void add_arg(struct cursor *c, struct expr_atom *at,
		    struct expr_arg arg)
{
	at->args = arena_grow(c->a, at->args, at->nargs, &at->args_cap,
			      sizeof(*at->args));
	at->args[at->nargs++] = arg;
}

static bool read_arg(struct cursor *c, struct expr_arg *arg)
{
	int quote = peek(c);
	size_t from = c->pos;
	struct str rest;

	*arg = (struct expr_arg){ .text = STR("") };
	if (quote == '/') {
		arg->is_regex = true;
		c->pos++;
		if (!read_slashed(c, &arg->text))
			return false;
		from = c->pos;
		while (is_alpha(peek(c)))
			c->pos++;
		arg->flags = re_flags(str_make(c->s.p + from, c->pos - from),
				      &rest);
		return true;
	}
	if (quote == '\'' || quote == '"') {
		ssize_t end = str_chr(str_from(c->s, from + 1), quote);

		if (end < 0) {
			err_set(c->err, "no %c ends the argument at offset "
				"%zu", quote, from);
			return false;
		}
		arg->text = str_make(c->s.p + from + 1, (size_t)end);
		c->pos = from + (size_t)end + 2;
		return true;
	}
	while (peek(c) >= 0 && peek(c) != ',' && peek(c) != ')')
		c->pos++;
	arg->text = str_trim(str_make(c->s.p + from, c->pos - from));
	return true;
}

static void skip_spaces(struct cursor *c)
{
	while (peek(c) >= 0 && is_space(peek(c)))
		c->pos++;
}

/* Behind '(': the arguments and the ')'. */
static bool read_args(struct cursor *c, struct expr_atom *at)
{
	struct expr_arg arg;

	skip_spaces(c);
	while (peek(c) >= 0 && peek(c) != ')') {
		if (at->nargs == MAX_ARGS) {
			err_set(c->err, "%.*s: more than %d arguments",
				STR_ARG(at->name), MAX_ARGS);
			return false;
		}
		if (!read_arg(c, &arg))
			return false;
		add_arg(c, at, arg);
		skip_spaces(c);
		if (peek(c) == ',') {
			c->pos++;
			skip_spaces(c);
		} else if (peek(c) != ')') {
			break;
		}
	}
	if (peek(c) != ')') {
		err_set(c->err, "expected ')' at offset %zu", c->pos);
		return false;
	}
	c->pos++;
	return true;
}

static bool ends_name(int c)
{
	return c < 0 || is_space(c) || strchr("()&|!<>/+*,={}", c);
}

static bool read_word(struct cursor *c, struct expr_atom *at)
{
	size_t from = c->pos;

	while (!ends_name(peek(c)))
		c->pos++;
	at->name = str_make(c->s.p + from, c->pos - from);
	if (peek(c) == '=' && c->pos + 1 < c->s.n &&
	    c->s.p[c->pos + 1] == '/' && at->name.n) {
		at->input.texts.header = at->name;
		c->pos++;
		return read_regex(c, at);
	}
	if (str_starts(at->name, STR("lua:"))) {
		at->kind = ATOM_LUA;
		at->name = str_from(at->name, 4);
		return true;
	}
	at->kind = ATOM_FUNCTION;
	if (peek(c) == '(') {
		c->pos++;
		return read_args(c, at);
	}
	if (at->name.n == 0)
		err_set(c->err, "expected an operand at offset %zu, before "
			"'%.*s'", from, STR_ARG(str_head(str_from(c->s, from),
							 40)));
	else
		err_set(c->err, "'%.*s' is no operand: a regex needs slashes, "
			"a function parentheses, and a symbol is asked by "
			"has_symbol(%.*s)", STR_ARG(str_head(at->name, 60)),
			STR_ARG(str_head(at->name, 60)));
	return false;
}

struct expr_atom *expr_read_atom(struct arena *a, struct str text,
				 size_t *pos, struct err *err)
{
	struct expr_atom *at = arena_alloc(a, sizeof(*at));
	struct cursor c = { .a = a, .s = text, .pos = *pos, .err = err };
	bool ok = peek(&c) == '/' ? read_regex(&c, at) : read_word(&c, at);

	at->text = str_make(text.p + *pos, c.pos - *pos);
	*pos = c.pos;
	return ok ? at : NULL;
}
