/*
 * Replies and arguments of the embedded store's commands: numbers read and
 * written as Redis does, errors in its words, glob patterns.
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "redis/embedded_int.h"

/* ---- replies ---- */

void reply_nil(struct call *c)
{
	*c->reply = (struct store_reply){ .kind = REPLY_NIL };
}

void reply_status(struct call *c, const char *text)
{
	*c->reply = (struct store_reply){ .kind = REPLY_STATUS,
					  .text = str_cstr(text) };
}

void reply_ok(struct call *c)
{
	reply_status(c, "OK");
}

void item_int(struct store_reply *item, int64_t v)
{
	*item = (struct store_reply){ .kind = REPLY_INT, .number = v };
}

void reply_int(struct call *c, int64_t v)
{
	item_int(c->reply, v);
}

void item_text(struct call *c, struct store_reply *item, struct str text)
{
	*item = (struct store_reply){ .kind = REPLY_TEXT,
				      .text = str_dup(c->out, text) };
}

void reply_text(struct call *c, struct str text)
{
	item_text(c, c->reply, text);
}

void item_double(struct call *c, struct store_reply *item, double v)
{
	char text[64];

	if (isinf(v))
		snprintf(text, sizeof(text), "%s", v > 0 ? "inf" : "-inf");
	else
		snprintf(text, sizeof(text), "%.17g", v);
	item_text(c, item, str_cstr(text));
}

void reply_double(struct call *c, double v)
{
	item_double(c, c->reply, v);
}

struct store_reply *reply_list(struct call *c, size_t n)
{
	*c->reply = (struct store_reply){
		.kind = REPLY_LIST, .n = n,
		.items = arena_alloc(c->out, n * sizeof(struct store_reply)),
	};
	for (size_t i = 0; i < n; i++)
		c->reply->items[i].kind = REPLY_NIL;
	return c->reply->items;
}

void reply_error(struct call *c, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	*c->reply = (struct store_reply){
		.kind = REPLY_ERROR,
		.text = str_dup(c->out, str_cstr(text)),
	};
}

void reply_wrong_type(struct call *c)
{
	reply_error(c, "WRONGTYPE Operation against a key holding the wrong "
		    "kind of value");
}

void reply_syntax(struct call *c)
{
	reply_error(c, "ERR syntax error");
}

/* ---- numbers ---- */

bool parse_int(struct str s, int64_t *v_r)
{
	bool minus = s.n && s.p[0] == '-';
	uint64_t v = 0, most = (uint64_t)INT64_MAX + minus;

	if (str_eq(s, STR("0"))) {
		*v_r = 0;
		return true;
	}
	s = str_from(s, minus);
	if (!s.n || s.n > 19 || s.p[0] == '0')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	if (v > most)
		return false;
	*v_r = (int64_t)(minus ? -v : v);
	return true;
}

bool parse_float(struct str s, long double *v_r)
{
	char buf[256], *end;

	if (!s.n || s.n >= sizeof(buf) || is_space((unsigned char)s.p[0]))
		return false;
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	errno = 0;
	*v_r = strtold(buf, &end);
	return end == buf + s.n && !isnan(*v_r) &&
		!(errno == ERANGE && (isinf(*v_r) || *v_r == 0));
}

bool parse_double(struct str s, double *v_r)
{
	char buf[256], *end;

	if (!s.n || s.n >= sizeof(buf) || is_space((unsigned char)s.p[0]))
		return false;
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	errno = 0;
	*v_r = strtod(buf, &end);
	return end == buf + s.n && !isnan(*v_r) &&
		!(errno == ERANGE && (isinf(*v_r) || *v_r == 0));
}

bool arg_int(struct call *c, size_t i, int64_t *v_r)
{
	if (parse_int(c->argv[i], v_r))
		return true;
	reply_error(c, "ERR value is not an integer or out of range");
	return false;
}

size_t print_float(char *buf, size_t size, long double v)
{
	size_t n = (size_t)snprintf(buf, size, "%.17Lf", v);

	if (n >= size)
		n = size - 1;
	if (memchr(buf, '.', n)) {
		while (buf[n - 1] == '0')
			n--;
		if (buf[n - 1] == '.')
			n--;
	}
	if (n == 2 && buf[0] == '-' && buf[1] == '0') {
		buf[0] = '0';
		n = 1;
	}
	return n;
}

bool arg_is(const struct call *c, size_t i, const char *word)
{
	return i < c->argc && str_ieq(c->argv[i], str_cstr(word));
}

/* ---- patterns ---- */

/* One [set] at the start of p, which is cut off. */
static bool set_has(struct str *p, unsigned char c)
{
	bool not = false, found = false;
	size_t i = 1;

	if (i < p->n && p->p[i] == '^') {
		not = true;
		i++;
	}
	while (i < p->n && p->p[i] != ']') {
		unsigned char from, to;

		if (p->p[i] == '\\' && i + 1 < p->n)
			i++;
		from = to = (unsigned char)p->p[i];
		if (i + 2 < p->n && p->p[i + 1] == '-') {
			to = (unsigned char)p->p[i + 2];
			i += 2;
		}
		if (from > to) {
			unsigned char swap = from;

			from = to;
			to = swap;
		}
		found |= c >= from && c <= to;
		i++;
	}
	*p = str_from(*p, i + 1);
	return found != not;
}

/* One element of p, not a star, against c. */
static bool one_matches(struct str *p, unsigned char c)
{
	if (p->p[0] == '[')
		return set_has(p, c);
	if (p->p[0] == '\\' && p->n > 1)
		*p = str_from(*p, 1);
	else if (p->p[0] == '?')
		c = '?';
	*p = str_from(*p, 1);
	return (unsigned char)p->p[-1] == c;
}

bool glob_matches(struct str p, struct str s)
{
	/* Where the last star can try again: what stands behind it, and the
	 * text that it has not eaten yet. An earlier star never has to. */
	struct str star = STR_NONE, rest = s;

	for (;;) {
		struct str next = p;

		if (p.n && p.p[0] == '*') {
			p = star = str_from(p, 1);
			rest = s;
			continue;
		}
		if (p.n && s.n && one_matches(&next, (unsigned char)s.p[0])) {
			p = next;
			s = str_from(s, 1);
			continue;
		}
		if (!p.n && !s.n)
			return true;
		if (!star.p || !rest.n)
			return false;
		rest = str_from(rest, 1);
		s = rest;
		p = star;
	}
}
