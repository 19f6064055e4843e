/*
 * Lua's tokens, for lint. The text has been compiled before, so that what is
 * wrong with it need not be told here; where this reader does not understand
 * it gives up, and the file is not checked.
 */
#include "lua/lint_int.h"


static const char *const words[] = {
	"and", "break", "do", "else", "elseif", "end", "false", "for",
	"function", "goto", "if", "in", "local", "nil", "not", "or", "repeat",
	"return", "then", "true", "until", "while", NULL,
};

/* Longer ones first. */
static const char *const signs[] = {
	"...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>", "+", "-",
	"*", "/", "%", "^", "#", "&", "~", "|", "<", ">", "=", "(", ")", "{",
	"}", "[", "]", ";", ":", ",", ".", NULL,
};

struct reader {
	struct lint *p;
	struct str rest;
	int line;
	size_t cap;
};

static bool is_keyword(struct str s)
{
	for (size_t i = 0; words[i]; i++)
		if (str_eq(s, str_cstr(words[i])))
			return true;
	return false;
}

/* Moves on by n octets and counts the lines among them. */
static void skip(struct reader *r, size_t n)
{
	for (size_t i = 0; i < n && i < r->rest.n; i++)
		r->line += r->rest.p[i] == '\n';
	r->rest = str_from(r->rest, n);
}

static void add(struct reader *r, enum lint_token_kind kind, struct str text,
		int line, bool plain)
{
	struct lint *p = r->p;
	struct lint_token *t;

	p->tokens = arena_grow(p->arena, p->tokens, p->ntokens, &r->cap,
			       sizeof(*p->tokens));
	t = &p->tokens[p->ntokens++];
	t->kind = kind;
	t->plain = plain;
	t->text = text;
	t->line = line;
}

/* The length of a long bracket's opening "[==[", or 0. */
static size_t long_opening(struct str s)
{
	size_t n = 1;

	if (!s.n || s.p[0] != '[')
		return 0;
	while (n < s.n && s.p[n] == '=')
		n++;
	return n < s.n && s.p[n] == '[' ? n + 1 : 0;
}

/* The length of all that a long bracket is, or 0 if it has no end. */
static size_t long_bracket(struct str s, struct str *inner_r)
{
	size_t open = long_opening(s);

	if (!open)
		return 0;
	for (size_t i = open; i + open <= s.n; i++) {
		if (s.p[i] != ']' || s.p[i + open - 1] != ']')
			continue;
		if (memcmp(s.p + i + 1, s.p + 1, open - 2) != 0)
			continue;
		*inner_r = str_make(s.p + open, i - open);
		return i + open;
	}
	return 0;
}

static void be_quiet(struct reader *r)
{
	struct lint *p = r->p;

	p->quiet = arena_grow(p->arena, p->quiet, p->nquiet, &p->quiet_cap,
			      sizeof(*p->quiet));
	p->quiet[p->nquiet++] = r->line;
}

static bool read_comment(struct reader *r)
{
	struct str inner, after = str_from(r->rest, 2);
	size_t n = long_bracket(after, &inner);

	if (long_opening(after)) {
		skip(r, n + 2);
		return n != 0;
	}
	if (!str_next_line(&after, &inner))
		inner = STR("");
	if (str_eq(str_trim(inner), STR("lint: ok")))
		be_quiet(r);
	r->rest = str_from(r->rest, 2 + str_rtrim(inner).n);
	return true;
}

static bool read_string(struct reader *r)
{
	char quote = r->rest.p[0];
	bool plain = true;
	size_t i = 1;
	int line = r->line;

	while (i < r->rest.n && r->rest.p[i] != quote) {
		if (r->rest.p[i] == '\\') {
			plain = false;
			i++;
		}
		i++;
	}
	if (i >= r->rest.n)
		return false;
	add(r, TOKEN_STRING, str_make(r->rest.p + 1, i - 1), line, plain);
	skip(r, i + 1);
	return true;
}

static void read_number(struct reader *r)
{
	struct str s = r->rest;
	bool hex = s.n > 1 && s.p[0] == '0' && to_lower(s.p[1]) == 'x';
	size_t i = 0;

	while (i < s.n) {
		char c = s.p[i];
		char exp = hex ? 'p' : 'e';

		if (to_lower(c) == exp && i + 1 < s.n &&
		    (s.p[i + 1] == '+' || s.p[i + 1] == '-'))
			i++;
		else if (!is_word((unsigned char)c) && c != '.')
			break;
		i++;
	}
	/* "1..x" is a number and a concatenation only with a space. */
	add(r, TOKEN_NUMBER, str_head(s, i), r->line, true);
	r->rest = str_from(s, i);
}

static bool read_sign(struct reader *r)
{
	for (size_t i = 0; signs[i]; i++) {
		struct str sign = str_cstr(signs[i]);

		if (!str_starts(r->rest, sign))
			continue;
		add(r, TOKEN_SIGN, sign, r->line, true);
		r->rest = str_from(r->rest, sign.n);
		return true;
	}
	return false;
}

static void read_name(struct reader *r)
{
	size_t n = 0;
	struct str name;

	while (n < r->rest.n && is_word((unsigned char)r->rest.p[n]))
		n++;
	name = str_head(r->rest, n);
	add(r, is_keyword(name) ? TOKEN_WORD : TOKEN_NAME, name, r->line,
	    true);
	r->rest = str_from(r->rest, n);
}

static bool read_token(struct reader *r)
{
	int c = (unsigned char)r->rest.p[0];
	struct str inner;
	size_t n;

	if (is_space(c)) {
		skip(r, 1);
		return true;
	}
	if (str_starts(r->rest, STR("--")))
		return read_comment(r);
	if (c == '"' || c == '\'')
		return read_string(r);
	n = long_bracket(r->rest, &inner);
	if (n) {
		add(r, TOKEN_STRING, inner, r->line, true);
		skip(r, n);
		return true;
	}
	if (is_digit(c) || (c == '.' && r->rest.n > 1 &&
			    is_digit((unsigned char)r->rest.p[1]))) {
		read_number(r);
		return true;
	}
	if (is_word(c)) {
		read_name(r);
		return true;
	}
	return read_sign(r);
}

bool lint_tokens(struct lint *p, struct str text)
{
	struct reader r = { .p = p, .rest = text, .line = 1 };

	p->tokens = NULL;
	p->ntokens = 0;
	if (str_starts(text, STR("#")))
		while (r.rest.n && r.rest.p[0] != '\n')
			r.rest = str_from(r.rest, 1);
	while (r.rest.n)
		if (!read_token(&r))
			return false;
	/* Two, so that one token ahead can be looked at everywhere. */
	add(&r, TOKEN_END, STR(""), r.line, true);
	add(&r, TOKEN_END, STR(""), r.line, true);
	p->ntokens--;
	return true;
}
