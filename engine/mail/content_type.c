/*
 * Content-Type and Content-Disposition as SpamAssassin reads them: by looking
 * for "boundary =", "charset =" and "name =" anywhere in the value instead of
 * parsing parameters in order. So a parameter inside a comment or inside
 * another one's quotes counts, white space around "=" is fine, and a closing
 * quote may be absent. The same answers decide where a message falls apart
 * into parts, so every oddity below is one of SpamAssassin's.
 */
#include "mail/content_type.h"

#include "base/arena.h"
#include "base/buf.h"

/* Pieces of a continued name (name*0=, name*1=...); Perl's array has no end,
 * a message must not choose how much memory is spent on it. */
#define NAME_PIECES 256
#define NAME_MAX_BYTES 8192

/* White space, '=' and white space from offset at on; the offset behind, or
 * -1 if there is no '='. */
static ssize_t skip_equals(struct str s, size_t at)
{
	while (at < s.n && is_space((unsigned char)s.p[at]))
		at++;
	if (at >= s.n || s.p[at] != '=')
		return -1;
	at++;
	while (at < s.n && is_space((unsigned char)s.p[at]))
		at++;
	return (ssize_t)at;
}

/* True if a word begins at offset at: Perl's \b before a letter. */
static bool word_starts(struct str s, size_t at)
{
	return at == 0 || !is_word((unsigned char)s.p[at - 1]);
}

/* The next place from *at on where a word begins with `word` (any case);
 * *at is moved behind it. */
static bool next_keyword(struct str s, struct str word, size_t *at)
{
	size_t from = *at;
	ssize_t i;

	while ((i = str_ifind(str_from(s, from), word)) >= 0) {
		size_t start = from + (size_t)i;

		*at = start + word.n;
		if (word_starts(s, start))
			return true;
		from = start + 1;
	}
	return false;
}

/* The same for "name" and "filename". */
static bool next_name(struct str s, size_t *at)
{
	size_t from = *at;
	ssize_t i;

	while ((i = str_ifind(str_from(s, from), STR("name"))) >= 0) {
		size_t start = from + (size_t)i;

		*at = start + 4;
		if (word_starts(s, start))
			return true;
		if (start >= 4 && start - 4 >= from &&
		    str_ieq(str_make(s.p + start - 4, 4), STR("file")) &&
		    word_starts(s, start - 4))
			return true;
		from = start + 1;
	}
	return false;
}

/* A value from offset at on: without one quote on either side, up to a ';' or
 * the end. False if a newline comes before, which no value spans. *end_r is
 * the offset behind it, or that of the newline: nothing that starts before it
 * can end well. */
static bool value_at(struct str s, size_t at, struct str *value_r,
		     size_t *end_r)
{
	size_t start, i;

	start = at < s.n && (s.p[at] == '"' || s.p[at] == '\'') ? at + 1 : at;
	for (i = start; ; i++) {
		bool quote = i < s.n && (s.p[i] == '"' || s.p[i] == '\'');
		size_t after = i + quote;

		if (after >= s.n || s.p[after] == ';' ||
		    (s.p[after] == '\n' && after + 1 == s.n)) {
			*value_r = str_make(s.p + start, i - start);
			*end_r = after;
			return true;
		}
		if (s.p[i] == '\n') {
			*end_r = i;
			return false;
		}
	}
}

static bool is_boundary_end(int c)
{
	return is_space(c) || c == ';';
}

/* boundary=: a quoted one runs to the next quote or the end, a bare one must
 * be followed by white space, ';' or the end. */
static struct str find_boundary(struct arena *a, struct str s)
{
	size_t at = 0, failed = 0;

	while (next_keyword(s, STR("boundary"), &at)) {
		ssize_t v = skip_equals(s, at);
		size_t i;

		if (v < 0 || (size_t)v >= s.n)
			continue;
		i = (size_t)v;
		if (s.p[i] == '"') {
			for (i++; i < s.n && s.p[i] != '"'; )
				i++;
			if (i > (size_t)v + 1)
				return str_dup(a, str_make(s.p + v + 1,
							   i - (size_t)v - 1));
			continue;
		}
		/* A run that failed once fails from any place within. */
		if (i < failed)
			continue;
		while (i < s.n && s.p[i] != '"' &&
		       !is_boundary_end((unsigned char)s.p[i]))
			i++;
		if (i > (size_t)v &&
		    (i == s.n || is_boundary_end((unsigned char)s.p[i])))
			return str_dup(a, str_make(s.p + v, i - (size_t)v));
		failed = i;
	}
	return STR_NONE;
}

static struct str find_charset(struct str s)
{
	struct str value;
	size_t at = 0, end;

	while (next_keyword(s, STR("charset"), &at)) {
		ssize_t v = skip_equals(s, at);

		if (v < 0)
			continue;
		if (value_at(s, (size_t)v, &value, &end))
			return value;
		at = end;
	}
	return STR_NONE;
}

static struct str find_plain_name(struct str s)
{
	struct str value;
	size_t at = 0, end;

	while (next_name(s, &at)) {
		ssize_t v = skip_equals(s, at);

		if (v < 0)
			continue;
		if (value_at(s, (size_t)v, &value, &end))
			return value;
		at = end;
	}
	return STR_NONE;
}

/* The number in "*12" at offset *at, which is moved behind it; -1 if there is
 * none. */
static long star_number(struct str s, size_t *at)
{
	size_t i = *at;
	long n = 0;

	if (i >= s.n || s.p[i] != '*')
		return -1;
	i++;
	if (i >= s.n || !is_digit((unsigned char)s.p[i]))
		return -1;
	for (; i < s.n && is_digit((unsigned char)s.p[i]); i++)
		if (n <= NAME_PIECES)
			n = n * 10 + (s.p[i] - '0');
	*at = i;
	return n;
}

/* True if s has "name*0 =". */
static bool has_first_piece(struct str s)
{
	size_t at = 0;

	while (next_name(s, &at))
		if (at + 1 < s.n && s.p[at] == '*' && s.p[at + 1] == '0' &&
		    skip_equals(s, at + 2) >= 0)
			return true;
	return false;
}

/* A file name in pieces (RFC 2231 continuations), joined in order. */
static struct str find_continued_name(struct arena *a, struct str s)
{
	struct str piece[NAME_PIECES] = { { NULL, 0 } };
	struct buf b;
	size_t at = 0;

	if (!has_first_piece(s))
		return STR_NONE;
	while (next_name(s, &at)) {
		size_t p = at, end;
		long n = star_number(s, &p);
		ssize_t v = n < 0 ? -1 : skip_equals(s, p);
		struct str value;

		if (v < 0)
			continue;
		if (value_at(s, (size_t)v, &value, &end) && n < NAME_PIECES)
			piece[n] = value;
		at = end;
	}
	buf_in(&b, a, NAME_MAX_BYTES);
	for (size_t i = 0; i < NAME_PIECES; i++)
		buf_adds(&b, piece[i]);
	return buf_str(&b);
}

/* Characters that are dropped from a type after everything else. */
static bool bad_in_type(int c)
{
	return c <= 32 || c >= 127 || strchr("\"(),:;<=>?@[\\]", c);
}

/* True for a text type that is taken for text/plain. */
static bool is_odd_text(struct str t)
{
	if (!str_starts(t, STR("text")) ||
	    (t.n > 4 && is_word((unsigned char)t.p[4])))
		return false;
	return !str_eq(t, STR("text/x-vcard")) &&
	       !str_eq(t, STR("text/calendar")) && !str_eq(t, STR("text/html"));
}

/* Perl's falsehood: empty or "0". */
static bool is_false(struct str s)
{
	return s.n == 0 || (s.n == 1 && s.p[0] == '0');
}

static struct str find_type(struct arena *a, struct str s, bool *missing)
{
	struct str t = str_ltrim(s);
	ssize_t cut = str_chr(t, ';');
	char *p;
	size_t n = 0, i;

	if (cut >= 0)
		t = str_head(t, (size_t)cut);
	/* "something/something": what follows white space is dropped. */
	cut = str_chr(t, '/');
	if (cut > 0) {
		for (i = (size_t)cut + 1; i < t.n && t.p[i] != '/' &&
		     !is_space((unsigned char)t.p[i]); )
			i++;
		t = str_head(t, i);
	}
	t = str_lower(a, t);
	if (is_false(t))
		*missing = true;
	if (is_false(t) || is_odd_text(t))
		return STR("text/plain");
	p = arena_text(a, t.n);
	for (i = 0; i < t.n; i++)
		if (!bad_in_type((unsigned char)t.p[i]))
			p[n++] = t.p[i];
	return str_make(p, n);
}

struct content_type content_type_parse(struct arena *a, struct str value)
{
	struct content_type ct = { .type = STR_NONE };

	if (is_false(value)) {
		ct.missing = true;
		value = STR("text/plain; charset=us-ascii");
	}
	ct.boundary = find_boundary(a, value);
	ct.charset = find_charset(value);
	ct.name = find_plain_name(value);
	if (is_false(ct.name))
		ct.name = find_continued_name(a, value);
	ct.type = find_type(a, value, &ct.missing);
	return ct;
}

struct str disposition_name(struct str value)
{
	struct str rest = value;
	ssize_t at;

	while ((at = str_ifind(rest, STR("name="))) >= 0) {
		size_t i = (size_t)at + 5, spaces, start;

		rest = str_from(rest, i);
		for (i = 0; i < rest.n && is_space((unsigned char)rest.p[i]); )
			i++;
		spaces = i;
		if (i < rest.n && rest.p[i] == '"')
			i++;
		for (start = i; i < rest.n && rest.p[i] != '"' &&
		     rest.p[i] != ';'; )
			i++;
		if (i > start)
			return str_make(rest.p + start, i - start);
		/* Nothing but white space is still a name: its last byte. */
		if (spaces)
			return str_make(rest.p + spaces - 1, 1);
	}
	return STR_NONE;
}
