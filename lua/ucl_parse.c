/*
 * UCL as administrators write it, read in one pass. What libucl refuses
 * because of its own state machine (a block's brace right behind the key, an
 * empty here-document) is taken here; what it takes by mistake ("1x" as 0) is
 * text. The tree is built in an arena; nesting, size and number of values are
 * bounded, since a script may parse what a message holds.
 */
#include "lua/ucl_parse.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"

struct reader {
	struct arena *a;
	struct str text;
	size_t at;
	unsigned line, depth;
	size_t values;
	struct strs *skipped;
	struct err *err;
};

static struct ucl_value *read_value(struct reader *r);
static bool read_pairs(struct reader *r, struct ucl_value *object, int end);

static bool fail(struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static bool fail(struct reader *r, const char *fmt, ...)
{
	char why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	err_set(r->err, "line %u: %s", r->line, why);
	return false;
}

/* The octet `ahead` of the place, or -1 at the end. */
static int peek(const struct reader *r, size_t ahead)
{
	size_t i = r->at + ahead;

	return i < r->text.n ? (unsigned char)r->text.p[i] : -1;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool skip_comment(struct reader *r)
{
	unsigned depth = 0;

	/* Comments nest, as in libucl. */
	do {
		int c = peek(r, 0), next = peek(r, 1);

		if (c < 0)
			return fail(r, "a comment is not closed");
		if (c == '/' && next == '*') {
			depth++;
			r->at++;
		} else if (c == '*' && next == '/') {
			depth--;
			r->at++;
		} else if (c == '\n') {
			r->line++;
		}
		r->at++;
	} while (depth);
	return true;
}

/* White space and comments; over the ends of lines too if `lines`. */
static bool skip_space(struct reader *r, bool lines)
{
	for (;;) {
		int c = peek(r, 0);

		if (c == '\n' && lines) {
			r->line++;
			r->at++;
		} else if (is_blank(c)) {
			r->at++;
		} else if (c == '#') {
			while (peek(r, 0) >= 0 && peek(r, 0) != '\n')
				r->at++;
		} else if (c == '/' && peek(r, 1) == '*') {
			if (!skip_comment(r))
				return false;
		} else {
			return true;
		}
	}
}

static struct ucl_value *new_value(struct reader *r, enum ucl_type type)
{
	struct ucl_value *v;

	if (++r->values > UCL_VALUES_MAX) {
		fail(r, "more than %d values", UCL_VALUES_MAX);
		return NULL;
	}
	v = arena_alloc(r->a, sizeof(*v));
	v->type = type;
	if (type == UCL_OBJECT) {
		v->map = arena_alloc(r->a, sizeof(*v->map));
		*v->map = MAP_IN(r->a);
	}
	return v;
}

static struct ucl_value *new_text(struct reader *r, struct str s)
{
	struct ucl_value *v = new_value(r, UCL_TEXT);

	if (v)
		v->s = s;
	return v;
}

/* ---- words ---- */

static bool resolve(struct reader *r, struct str s, struct str *out_r)
{
	return ucl_unescape(r->a, s, out_r) ||
	       fail(r, "\\u needs four hexadecimal digits");
}

/* A text in quotes; the place is on the first one. In single quotes only \'
 * means something else than itself. */
static bool read_quoted(struct reader *r, struct str *out_r)
{
	int quote = peek(r, 0);
	size_t from = ++r->at;
	struct str raw;
	struct buf b;

	for (int c = peek(r, 0); c != quote; c = peek(r, 0)) {
		if (c < 0 || (c == '\n' && quote == '"'))
			return fail(r, "a quote is not closed");
		if (c == '\n')
			r->line++;
		r->at += c == '\\' && peek(r, 1) >= 0 &&
			peek(r, 1) != '\n' ? 2 : 1;
	}
	raw = str_make(r->text.p + from, r->at - from);
	r->at++;
	if (quote == '"')
		return resolve(r, raw, out_r);
	buf_in(&b, r->a, raw.n + 1);
	for (size_t i = 0; i < raw.n; i++)
		if (raw.p[i] != '\\' || i + 1 == raw.n || raw.p[i + 1] != '\'')
			buf_addc(&b, raw.p[i]);
	*out_r = buf_str(&b);
	return true;
}

static bool in_key(int c)
{
	return c >= 0 && (is_alnum(c) || c >= 0x80 || strchr("_-./*+@%$", c)) &&
		c != '\0';
}

/* A key or a block's name. False without a fault if there is none. */
static bool read_word(struct reader *r, struct str *word_r)
{
	size_t from = r->at;
	int c = peek(r, 0);

	if (c == '"' || c == '\'')
		return read_quoted(r, word_r);
	while (in_key(peek(r, 0)) &&
	       !(peek(r, 0) == '/' && peek(r, 1) == '*'))
		r->at++;
	*word_r = str_make(r->text.p + from, r->at - from);
	return word_r->n > 0;
}

/* ---- values ---- */

static struct ucl_value *word_value(struct reader *r, struct str s)
{
	static const struct {
		const char *word;
		bool value;
	} truths[] = {
		{ "true", true }, { "yes", true }, { "on", true },
		{ "false", false }, { "no", false }, { "off", false },
	};
	struct ucl_value *v;

	if (str_eq(s, STR("null")))
		return new_value(r, UCL_NULL);
	for (size_t i = 0; i < sizeof(truths) / sizeof(*truths); i++) {
		if (!str_ieq(s, str_cstr(truths[i].word)))
			continue;
		v = new_value(r, UCL_BOOL);
		if (v)
			v->b = truths[i].value;
		return v;
	}
	v = ucl_number(r->a, s);
	if (v && ++r->values <= UCL_VALUES_MAX)
		return v;
	return new_text(r, s);
}

/* A bare text goes on to the end of the line, a separator, or a bracket that
 * it did not open. */
static struct ucl_value *read_bare(struct reader *r)
{
	size_t from = r->at, open = 0;
	struct str raw, text;

	for (int c = peek(r, 0); c >= 0 && c != '\n'; c = peek(r, 0)) {
		bool closing = c == '}' || c == ']';

		if (c == '#' || (open == 0 && (closing || c == ';' || c == ',')))
			break;
		if (c == '/' && peek(r, 1) == '*' && r->at > from &&
		    is_blank((unsigned char)r->text.p[r->at - 1]))
			break;
		open += c == '{' || c == '[';
		open -= closing;
		r->at += c == '\\' && peek(r, 1) >= 0 &&
			peek(r, 1) != '\n' ? 2 : 1;
	}
	raw = str_trim(str_make(r->text.p + from, r->at - from));
	if (raw.n == 0) {
		fail(r, "a value is missing");
		return NULL;
	}
	if (str_chr(raw, '\\') < 0)
		return word_value(r, raw);
	return resolve(r, raw, &text) ? new_text(r, text) : NULL;
}

/* Is this line of a here-document its end? */
static bool is_end_line(struct str line, struct str tag)
{
	struct str rest;

	if (!str_starts(line, tag))
		return false;
	rest = str_trim(str_from(line, tag.n));
	return rest.n == 0 || rest.p[0] == ';' || rest.p[0] == ',';
}

/* <<TAG, lines, TAG; the place is on the first <. */
static struct ucl_value *read_here(struct reader *r, size_t taglen)
{
	struct str tag = str_make(r->text.p + r->at + 2, taglen);
	struct str rest = str_from(r->text, r->at + 2 + taglen + 1), line;
	const char *from = rest.p;
	unsigned lines = 1;

	while (str_next_line(&rest, &line)) {
		if (is_end_line(line, tag)) {
			size_t n = (size_t)(line.p - from);

			r->at = (size_t)(line.p - r->text.p) + tag.n;
			r->line += lines;
			return new_text(r, str_make(from, n ? n - 1 : 0));
		}
		lines++;
	}
	fail(r, "<<%.*s is not closed", STR_ARG(tag));
	return NULL;
}

/* The length of a here-document's tag at the place; 0 if none begins there. */
static size_t here_tag(const struct reader *r)
{
	size_t n = 0;

	if (peek(r, 0) != '<' || peek(r, 1) != '<')
		return 0;
	while (is_upper(peek(r, 2 + n)))
		n++;
	return peek(r, 2 + n) == '\n' ? n : 0;
}

static bool is_graph(int c)
{
	return c > 32 && c < 127;
}

static bool is_separator(int c)
{
	return c == ';' || c == ',' || c == '\n';
}

static struct ucl_value *read_list(struct reader *r)
{
	struct ucl_value *list = new_value(r, UCL_LIST), *v;

	r->at++;
	while (list) {
		if (!skip_space(r, true))
			return NULL;
		if (peek(r, 0) == ']') {
			r->at++;
			return list;
		}
		if (peek(r, 0) < 0) {
			fail(r, "a [ is not closed");
			return NULL;
		}
		if (is_separator(peek(r, 0)) && list->list.n > 0) {
			r->at++;
			continue;
		}
		v = read_value(r);
		if (!v)
			return NULL;
		list->list.v = arena_grow(r->a, list->list.v, list->list.n,
					  &list->list.cap, sizeof(*list->list.v));
		list->list.v[list->list.n++] = v;
	}
	return NULL;
}

/* Behind a quoted text only a separator, a bracket or a comment may stand. */
static bool check_end(struct reader *r)
{
	int c;

	if (!skip_space(r, false))
		return false;
	c = peek(r, 0);
	if (c < 0 || is_separator(c) || c == '}' || c == ']')
		return true;
	return fail(r, "unexpected text behind a value");
}

static struct ucl_value *read_value(struct reader *r)
{
	struct ucl_value *v = NULL;
	struct str text;
	int c = peek(r, 0);
	size_t tag = here_tag(r);

	if (++r->depth > UCL_DEPTH_MAX) {
		fail(r, "values are nested deeper than %d", UCL_DEPTH_MAX);
		return NULL;
	}
	if (c == '{') {
		r->at++;
		v = new_value(r, UCL_OBJECT);
		if (v && !read_pairs(r, v, '}'))
			v = NULL;
	} else if (c == '[') {
		v = read_list(r);
	} else if (c == '"' || c == '\'') {
		if (read_quoted(r, &text))
			v = new_text(r, text);
	} else if (tag) {
		v = read_here(r, tag);
	} else {
		v = read_bare(r);
	}
	if (v && c != '{' && c != '[' && !check_end(r))
		v = NULL;
	r->depth--;
	return v;
}

/* ---- pairs ---- */

/* `key name name {`: the names, if a brace ends the line's words. */
static bool read_names(struct reader *r, struct strs *names)
{
	size_t from = r->at;
	unsigned line = r->line;
	struct str word;

	for (;;) {
		if (!skip_space(r, false))
			break;
		if (peek(r, 0) == '{')
			return true;
		if (names->n >= UCL_DEPTH_MAX || !read_word(r, &word))
			break;
		strs_add(r->a, names, word);
	}
	r->at = from;
	r->line = line;
	return false;
}

/* The value behind a key and, for a block with names, the objects around it. */
static struct ucl_value *read_named(struct reader *r)
{
	struct strs names = { 0 };
	struct ucl_value *v, *outer;

	if (!read_names(r, &names))
		return skip_space(r, false) ? read_value(r) : NULL;
	r->depth += (unsigned)names.n;
	v = read_value(r);
	r->depth -= (unsigned)names.n;
	for (size_t i = names.n; v && i-- > 0;) {
		outer = new_value(r, UCL_OBJECT);
		if (outer)
			ucl_add(r->a, outer, names.v[i], v);
		v = outer;
	}
	return v;
}

static bool read_macro(struct reader *r)
{
	struct str line = str_from(r->text, r->at), name = line;
	size_t n = 1;

	while (n < line.n && is_word((unsigned char)line.p[n]))
		n++;
	name.n = n;
	if (!r->skipped || !str_eq(name, STR(".include")))
		return fail(r, "%.*s is not supported", STR_ARG(name));
	while (peek(r, 0) >= 0 && peek(r, 0) != '\n')
		r->at++;
	line.n = r->at - (size_t)(line.p - r->text.p);
	strs_add(r->a, r->skipped, str_trim(line));
	return true;
}

/* The value of a pair, with what stands before it. */
static struct ucl_value *read_assigned(struct reader *r, struct str key)
{
	size_t from = r->at;
	int c;

	if (!skip_space(r, false))
		return NULL;
	c = peek(r, 0);
	if (c == '=' || c == ':') {
		r->at++;
		if (!skip_space(r, true))
			return NULL;
		if (peek(r, 0) != '=')
			return read_value(r);
		fail(r, "unexpected '='");
	} else if (c < 0 || is_separator(c) || c == '}' || c == ']') {
		fail(r, "%.*s has no value", STR_ARG(str_head(key, 80)));
	} else if (r->at > from || strchr("{[\"'", c)) {
		return read_named(r);
	} else {
		fail(r, "unexpected '%c' behind a key", is_graph(c) ? c : '?');
	}
	return NULL;
}

static bool read_pair(struct reader *r, struct ucl_value *object)
{
	struct ucl_value *v;
	struct str key;
	int c = peek(r, 0);

	err_set(r->err, "%s", "");
	if (!read_word(r, &key)) {
		if (r->err && r->err->text[0])
			return false;
		return fail(r, "unexpected '%c'", is_graph(c) ? c : '?');
	}
	if (key.n == 0)
		return fail(r, "a key is empty");
	v = read_assigned(r, key);
	if (!v)
		return false;
	ucl_add(r->a, object, key, v);
	return true;
}

/* Pairs up to the octet `end` (0: the end of the text), which is consumed. */
static bool read_pairs(struct reader *r, struct ucl_value *object, int end)
{
	for (;;) {
		int c;

		if (!skip_space(r, true))
			return false;
		c = peek(r, 0);
		if (c == end && end) {
			r->at++;
			return true;
		}
		if (c < 0)
			return end == 0 || fail(r, "a { is not closed");
		if (is_separator(c)) {
			r->at++;
		} else if (c == '.' && is_alpha(peek(r, 1))) {
			if (!read_macro(r))
				return false;
		} else if (!read_pair(r, object)) {
			return false;
		}
	}
}

static struct ucl_value *read_text(struct reader *r)
{
	struct ucl_value *v;
	int c;

	if (str_starts(r->text, STR("\xef\xbb\xbf")))
		r->at = 3;
	if (!skip_space(r, true))
		return NULL;
	c = peek(r, 0);
	if (c != '{' && c != '[') {
		v = new_value(r, UCL_OBJECT);
		return read_pairs(r, v, 0) ? v : NULL;
	}
	v = read_value(r);
	if (!v || !skip_space(r, true))
		return NULL;
	if (peek(r, 0) >= 0) {
		fail(r, "unexpected text behind the end");
		return NULL;
	}
	return v;
}

struct ucl_value *ucl_parse(struct arena *a, struct str text,
			    struct strs *skipped, struct err *err)
{
	struct reader r = { .a = a, .text = text, .line = 1, .err = err,
			    .skipped = skipped };

	if (text.n > UCL_TEXT_MAX) {
		err_set(err, "line 0: larger than %zu MB", UCL_TEXT_MAX >> 20);
		return NULL;
	}
	return read_text(&r);
}

struct ucl_value *ucl_parse_value(struct arena *a, struct str text,
				  struct err *err)
{
	struct reader r = { .a = a, .text = text, .line = 1, .err = err };
	struct ucl_value *v = skip_space(&r, true) ? read_value(&r) : NULL;

	if (!v || !skip_space(&r, true))
		return NULL;
	if (peek(&r, 0) == ';')
		r.at++;
	if (skip_space(&r, true) && peek(&r, 0) < 0)
		return v;
	fail(&r, "unexpected text behind the value");
	return NULL;
}
