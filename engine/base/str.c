/*
 * Operations on pointer-and-length text; see str.h.
 */
#include "base/str.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

int hex_value(int c)
{
	if (is_digit(c))
		return c - '0';
	c = to_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int icmp_bytes(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int d = to_lower((unsigned char)a[i]) -
			to_lower((unsigned char)b[i]);

		if (d)
			return d;
	}
	return 0;
}

bool str_ieq(struct str a, struct str b)
{
	return a.n == b.n && icmp_bytes(a.p, b.p, a.n) == 0;
}

static int cmp_lengths(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int d = n ? memcmp(a.p, b.p, n) : 0;

	return d ? d : cmp_lengths(a.n, b.n);
}

int str_icmp(struct str a, struct str b)
{
	int d = icmp_bytes(a.p, b.p, a.n < b.n ? a.n : b.n);

	return d ? d : cmp_lengths(a.n, b.n);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_head(s, prefix.n), prefix);
}

bool str_istarts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_ieq(str_head(s, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

bool str_iends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_ieq(str_from(s, s.n - suffix.n), suffix);
}

ssize_t str_chr(struct str s, int c)
{
	const char *q = s.n ? memchr(s.p, c, s.n) : NULL;

	return q ? q - s.p : -1;
}

ssize_t str_rchr(struct str s, int c)
{
	const char *q = s.n ? memrchr(s.p, c, s.n) : NULL;

	return q ? q - s.p : -1;
}

ssize_t str_find(struct str s, struct str needle)
{
	const char *q;

	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return -1;
	q = memmem(s.p, s.n, needle.p, needle.n);
	return q ? q - s.p : -1;
}

ssize_t str_ifind(struct str s, struct str needle)
{
	if (needle.n == 0)
		return 0;
	for (size_t i = 0; i + needle.n <= s.n; i++)
		if (to_lower((unsigned char)s.p[i]) ==
			    to_lower((unsigned char)needle.p[0]) &&
		    icmp_bytes(s.p + i, needle.p, needle.n) == 0)
			return (ssize_t)i;
	return -1;
}

struct str str_ltrim(struct str s)
{
	while (s.n && is_space((unsigned char)s.p[0]))
		s = str_from(s, 1);
	return s;
}

struct str str_rtrim(struct str s)
{
	while (s.n && is_space((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_trim(struct str s)
{
	return str_ltrim(str_rtrim(s));
}

bool str_next(struct str *rest, int sep, struct str *piece_r)
{
	ssize_t at;

	if (!rest->p)
		return false;
	at = str_chr(*rest, sep);
	if (at < 0) {
		*piece_r = *rest;
		*rest = STR_NONE;
	} else {
		*piece_r = str_head(*rest, (size_t)at);
		*rest = str_from(*rest, (size_t)at + 1);
	}
	return true;
}

bool str_next_line(struct str *rest, struct str *line_r)
{
	ssize_t at;

	if (rest->n == 0)
		return false;
	at = str_chr(*rest, '\n');
	*line_r = at < 0 ? *rest : str_head(*rest, (size_t)at + 1);
	*rest = str_from(*rest, line_r->n);
	return true;
}

bool str_next_word(struct str *rest, struct str *word_r)
{
	struct str s = str_ltrim(*rest);
	size_t n = 0;

	while (n < s.n && !is_space((unsigned char)s.p[n]))
		n++;
	*word_r = str_head(s, n);
	*rest = str_from(s, n);
	return n > 0;
}

struct str str_dup(struct arena *a, struct str s)
{
	return str_make(arena_strndup(a, s.p, s.n), s.n);
}

static struct str map_bytes(struct arena *a, struct str s, int (*fn)(int))
{
	char *p = arena_strndup(a, s.p, s.n);

	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)fn((unsigned char)p[i]);
	return str_make(p, s.n);
}

struct str str_lower(struct arena *a, struct str s)
{
	return map_bytes(a, s, to_lower);
}

struct str str_upper(struct arena *a, struct str s)
{
	return map_bytes(a, s, to_upper);
}

struct str str_cat(struct arena *a, struct str x, struct str y)
{
	char *p = arena_text(a, x.n + y.n + 1);

	if (x.n)
		memcpy(p, x.p, x.n);
	if (y.n)
		memcpy(p + x.n, y.p, y.n);
	p[x.n + y.n] = '\0';
	return str_make(p, x.n + y.n);
}

struct str str_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	int n;
	char *p;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return STR("");
	p = arena_text(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return str_make(p, (size_t)n);
}

bool str_to_long(struct str s, long *value_r)
{
	bool minus = s.n && s.p[0] == '-';
	unsigned long v = 0;

	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = str_from(s, 1);
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned)(s.p[i] - '0');

		if (!is_digit((unsigned char)s.p[i]) ||
		    v > ((unsigned long)LONG_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*value_r = minus ? -(long)v : (long)v;
	return true;
}

bool str_to_double(struct str s, double *value_r)
{
	char text[64];
	char *end;

	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit((unsigned char)s.p[i]) &&
		    !memchr("+-.eE", s.p[i], 5))
			return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	errno = 0;
	*value_r = strtod(text, &end);
	return errno == 0 && *end == '\0';
}

double str_to_octets(struct str s)
{
	static const char units[] = "kmg";
	double value, factor = 1;
	const char *unit = s.n ? strchr(units, to_lower(s.p[s.n - 1])) : NULL;

	if (unit && *unit) {
		for (const char *u = units; u <= unit; u++)
			factor *= 1024;
		s.n--;
	}
	return str_to_double(str_trim(s), &value) ? value * factor : -1;
}

void strs_add(struct arena *a, struct strs *list, struct str s)
{
	list->v = arena_grow(a, list->v, list->n, &list->cap, sizeof(s));
	list->v[list->n++] = s;
}

bool strs_has(const struct strs *list, struct str s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i], s))
			return true;
	return false;
}

bool strs_ihas(const struct strs *list, struct str s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_ieq(list->v[i], s))
			return true;
	return false;
}

static int cmp_strs(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void strs_sort(struct strs *list)
{
	if (list->n > 1)
		qsort(list->v, list->n, sizeof(*list->v), cmp_strs);
}

void strs_uniq(struct strs *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++)
		if (kept == 0 || !str_eq(list->v[i], list->v[kept - 1]))
			list->v[kept++] = list->v[i];
	list->n = kept;
}

struct str strs_join(struct arena *a, const struct strs *list, struct str sep)
{
	size_t n = list->n ? sep.n * (list->n - 1) : 0;
	char *p, *q;

	for (size_t i = 0; i < list->n; i++)
		n += list->v[i].n;
	p = q = arena_text(a, n + 1);
	for (size_t i = 0; i < list->n; i++) {
		if (i && sep.n)
			q = mempcpy(q, sep.p, sep.n);
		if (list->v[i].n)
			q = mempcpy(q, list->v[i].p, list->v[i].n);
	}
	*q = '\0';
	return str_make(p, n);
}
