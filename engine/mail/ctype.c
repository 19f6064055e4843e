/*
 * The parameters of a Content-Type: name=value or name="value", joined where
 * RFC 2231 let a mailer cut them (name*0=, name*1*=), and with that RFC's
 * charset and percent signs undone. Whatever does not fit is skipped up to the
 * next semicolon.
 */
#include "mail/ctype.h"

#include "base/arena.h"
#include "base/buf.h"
#include "mail/charset.h"

#define PARAMS_MAX 64

static bool is_token(unsigned char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

/* The token at the front of *s, which is moved behind it. */
static struct str take_token(struct str *s)
{
	size_t n = 0;

	while (n < s->n && is_token((unsigned char)s->p[n]))
		n++;
	struct str token = str_head(*s, n);
	*s = str_from(*s, n);
	return token;
}

static struct str take_quoted(struct arena *a, struct str *s)
{
	char *out = arena_text(a, s->n);
	size_t n = 0, i = 1;

	for (; i < s->n && s->p[i] != '"'; i++) {
		if (s->p[i] == '\\' && i + 1 < s->n)
			i++;
		out[n++] = s->p[i];
	}
	*s = str_from(*s, i + 1);
	return str_make(out, n);
}

static struct str take_value(struct arena *a, struct str *s)
{
	size_t n = 0;
	struct str value;

	if (s->n && s->p[0] == '"')
		return take_quoted(a, s);
	while (n < s->n && s->p[n] != ';')
		n++;
	value = str_trim(str_head(*s, n));
	*s = str_from(*s, n);
	return value;
}

static struct str percent_decoded(struct arena *a, struct str s)
{
	char *out = arena_text(a, s.n);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int hi = i + 2 < s.n && s.p[i] == '%' ?
			hex_value(s.p[i + 1]) : -1;
		int lo = hi >= 0 ? hex_value(s.p[i + 2]) : -1;

		if (lo >= 0) {
			out[n++] = (char)(hi * 16 + lo);
			i += 2;
		} else {
			out[n++] = s.p[i];
		}
	}
	return str_make(out, n);
}

/* charset'language'text */
static struct str extended_value(struct arena *a, struct str s, bool first)
{
	struct str charset = STR("utf-8");
	ssize_t one = first ? str_chr(s, '\'') : -1, two;

	if (one >= 0) {
		two = str_chr(str_from(s, (size_t)one + 1), '\'');
		if (two >= 0) {
			charset = str_head(s, (size_t)one);
			s = str_from(s, (size_t)(one + two) + 2);
		}
	}
	return charset_decode(a, percent_decoded(a, s), charset,
			      CHARSET_WORD, NULL);
}

static void add_param(struct arena *a, struct ctype *ct, struct str name,
		      struct str value)
{
	ssize_t star = str_chr(name, '*');
	bool first = true, extended = str_ends(name, STR("*"));

	if (star >= 0) {
		first = !is_digit(name.p[name.n - 1 - extended]) ||
			str_starts(str_from(name, (size_t)star), STR("*0"));
		name = str_head(name, (size_t)star);
	}
	name = str_lower(a, name);
	if (extended)
		value = extended_value(a, value, first);
	for (size_t i = 0; i < ct->n; i++) {
		if (!str_eq(ct->params[i].name, name))
			continue;
		if (star >= 0)
			ct->params[i].value = str_cat(a, ct->params[i].value,
						      value);
		return;
	}
	ct->params = arena_grow(a, ct->params, ct->n, &ct->cap,
				sizeof(*ct->params));
	ct->params[ct->n++] = (struct ctype_param){ name, value };
}

static struct str skip_blanks(struct str s)
{
	while (s.n && (is_space((unsigned char)s.p[0]) || s.p[0] == ';'))
		s = str_from(s, 1);
	return s;
}

static void take_params(struct arena *a, struct ctype *ct, struct str s)
{
	for (size_t i = 0; i < PARAMS_MAX; i++) {
		struct str name;
		ssize_t next;

		s = skip_blanks(s);
		if (s.n == 0)
			return;
		name = take_token(&s);
		s = str_ltrim(s);
		if (name.n && s.n && s.p[0] == '=') {
			s = str_ltrim(str_from(s, 1));
			add_param(a, ct, name, take_value(a, &s));
		}
		next = str_chr(s, ';');
		if (next < 0)
			return;
		s = str_from(s, (size_t)next);
	}
}

struct ctype ctype_parse(struct arena *a, struct str value)
{
	struct ctype ct = { .type = STR("text"), .subtype = STR("plain") };
	struct str s = str_trim(value), type = take_token(&s), subtype;

	if (type.n == 0)
		return ct;
	s = str_ltrim(s);
	if (s.n && s.p[0] == '/') {
		s = str_ltrim(str_from(s, 1));
		subtype = take_token(&s);
	} else {
		subtype = STR("");
	}
	ct.type = str_lower(a, type);
	ct.subtype = str_lower(a, subtype);
	ct.broken = subtype.n == 0;
	take_params(a, &ct, s);
	return ct;
}

struct str ctype_param(const struct ctype *ct, struct str name)
{
	for (size_t i = 0; i < ct->n; i++)
		if (str_eq(ct->params[i].name, name))
			return ct->params[i].value;
	return STR_NONE;
}
