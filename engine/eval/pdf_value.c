/*
 * Values in the lines of a PDF file: "/Author (text)", "/Title<FEFF0041>",
 * "/CreationDate(D:2007...)", links. A line may be the whole file (where lines
 * end in CR), so nothing here looks at a part of it twice.
 */
#include "eval/pdf.h"

#include <string.h>

#include "base/limits.h"

/* s without the blanks (two at most) that it begins with. */
static struct str skip_two(struct str s)
{
	for (int i = 0; i < 2 && s.n && is_space((unsigned char)s.p[0]); i++)
		s = str_from(s, 1);
	return s;
}

/* Kinds of brackets that are closed nowhere in the rest of the line. */
struct unclosed {
	bool round, angle;
};

/* The length of the bracket that s begins with, or 0. */
static size_t bracket(struct str s, struct unclosed *u)
{
	if (s.n && s.p[0] == '<' && !u->angle) {
		ssize_t end = str_chr(s, '>');

		if (end > 0)
			return (size_t)end + 1;
		u->angle = true;
	}
	if (s.n && s.p[0] == '(' && !u->round) {
		for (size_t i = 1; i < s.n; i++)
			if (s.p[i] == ')' && s.p[i - 1] != '\\')
				return i + 1;
		u->round = true;
	}
	return 0;
}

bool pdf_find_value(struct str line, struct str key, struct str *value_r)
{
	struct unclosed u = { false, false };
	ssize_t at;

	while ((at = str_find(line, key)) >= 0) {
		struct str s = skip_two(str_from(line, (size_t)at + key.n));
		size_t n = bracket(s, &u);

		if (n) {
			*value_r = str_head(s, n);
			return true;
		}
		line = str_from(line, (size_t)at + key.n);
	}
	return false;
}

bool pdf_find_date(struct str line, struct str key, struct str *digits_r)
{
	ssize_t at;

	while ((at = str_find(line, key)) >= 0) {
		struct str s;
		size_t n = 0;

		line = str_from(line, (size_t)at + key.n);
		s = skip_two(line);
		if (!str_starts(s, STR("(D:")))
			continue;
		s = str_from(s, 3);
		while (n < s.n && is_digit((unsigned char)s.p[n]))
			n++;
		if (n) {
			*digits_r = str_head(s, n);
			return true;
		}
	}
	return false;
}

/* "/S /URI /URI (...)" anywhere: its offset, or -1. */
static ssize_t typed_uri(struct str line, struct str *value_r)
{
	struct unclosed u = { false, false };
	struct str rest = line;
	ssize_t at;

	while ((at = str_find(rest, STR("/S"))) >= 0) {
		struct str s = skip_two(str_from(rest, (size_t)at + 2));
		size_t from = (size_t)(rest.p - line.p) + (size_t)at, n;

		rest = str_from(rest, (size_t)at + 2);
		if (!str_starts(s, STR("/URI")))
			continue;
		s = skip_two(str_from(s, 4));
		if (!str_starts(s, STR("/URI")))
			continue;
		s = skip_two(str_from(s, 4));
		n = bracket(s, &u);
		if (n) {
			*value_r = str_head(s, n);
			return (ssize_t)from;
		}
	}
	return -1;
}

/* "(http://...)>>", the longest of 8 to 256 octets: its offset, or -1. */
static ssize_t plain_uri(struct str line, struct str *plain_r)
{
	size_t at = 0;
	ssize_t step;

	while ((step = str_find(str_from(line, at), STR("(http"))) >= 0) {
		struct str s = str_from(line, at + (size_t)step + 5);
		size_t scheme = 4, n;

		at += (size_t)step + 5;
		if (s.n && s.p[0] == 's') {
			s = str_from(s, 1);
			scheme++;
		}
		if (!str_starts(s, STR("://")) || s.n < 3 + 8 + 3)
			continue;
		s = str_from(s, 3);
		n = s.n - 3 < 256 ? s.n - 3 : 256;
		while (n >= 8 && (s.p[n] != ')' || s.p[n + 1] != '>' ||
				  s.p[n + 2] != '>'))
			n--;
		if (n < 8)
			continue;
		scheme += 3;
		*plain_r = str_make(s.p - scheme, n + scheme);
		return (ssize_t)at - 5;
	}
	return -1;
}

bool pdf_find_uri(struct str line, struct str *value_r, struct str *plain_r)
{
	struct unclosed u = { false, false };
	struct str s = str_ltrim(line), typed = STR_NONE, plain = STR_NONE;
	ssize_t typed_at, plain_at;
	size_t n;

	*value_r = *plain_r = STR_NONE;
	if (str_starts(s, STR("/URI"))) {
		s = skip_two(str_from(s, 4));
		n = bracket(s, &u);
		if (n) {
			*value_r = str_head(s, n);
			return true;
		}
	}
	typed_at = typed_uri(line, &typed);
	plain_at = plain_uri(line, &plain);
	if (typed_at < 0 && plain_at < 0)
		return false;
	if (typed_at >= 0 && (plain_at < 0 || typed_at < plain_at))
		*value_r = typed;
	else
		*plain_r = plain;
	return true;
}

/* What is decoded of a value: 256 octets of it are wanted in the end, and
 * each of them takes a dozen at most in files that are not hostile. */
struct scratch {
	char p[LIMIT_PDF_VALUE];
	size_t n;
};

static void decode_hex(struct str s, struct scratch *out)
{
	for (size_t i = 1; i + 1 < s.n; i++) {
		if (!is_xdigit((unsigned char)s.p[i]) ||
		    !is_xdigit((unsigned char)s.p[i + 1]))
			continue;
		out->p[out->n++] = (char)(hex_value(s.p[i]) << 4 |
					  hex_value(s.p[i + 1]));
		i++;
	}
}

static bool is_octal(int c, int max)
{
	return c >= '0' && c <= max;
}

/* \ooo where no other backslash stands before it. */
static void decode_octal(struct str s, struct scratch *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 3 < s.n &&
		    (i == 0 || s.p[i - 1] != '\\') &&
		    is_octal(s.p[i + 1], '3') && is_octal(s.p[i + 2], '7') &&
		    is_octal(s.p[i + 3], '7')) {
			out->p[out->n++] = (char)((s.p[i + 1] - '0') << 6 |
						  (s.p[i + 2] - '0') << 3 |
						  (s.p[i + 3] - '0'));
			i += 3;
		} else {
			out->p[out->n++] = s.p[i];
		}
	}
}

/* UTF-16 by its mark, read by leaving out all NULs. */
static void narrow(struct scratch *t)
{
	struct str s = str_make(t->p, t->n);
	size_t n = 0;

	if (!str_starts(s, STR("\xfe\xff")) && !str_starts(s, STR("\xff\xfe")))
		return;
	for (size_t i = 2; i < t->n; i++)
		if (t->p[i])
			t->p[n++] = t->p[i];
	t->n = n;
}

struct str pdf_text(struct str value, char out[PDF_TEXT_MAX])
{
	struct scratch t;
	bool hex = value.n && value.p[0] == '<';
	size_t n = 0;

	t.n = 0;
	if (!hex && value.n && value.p[0] == '(')
		value = str_from(value, 1);
	if (!hex && value.n && value.p[value.n - 1] == ')')
		value.n--;
	value = str_head(value, sizeof(t.p));
	if (hex)
		decode_hex(value, &t);
	else
		decode_octal(value, &t);
	narrow(&t);
	for (size_t i = 0; i < t.n && n < PDF_TEXT_MAX; i++) {
		if (!hex && t.p[i] == '\\' && i + 1 < t.n &&
		    strchr("()\\", t.p[i + 1]) && t.p[i + 1])
			i++;
		out[n++] = t.p[i];
	}
	return str_make(out, n);
}
