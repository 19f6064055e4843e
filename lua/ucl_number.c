/*
 * Bare words of UCL that are more than text: numbers with their suffixes,
 * truth values, null. A whole number stays one as far as 64 bits reach.
 */
#include "lua/ucl_parse.h"

#include <math.h>

#include "base/arena.h"

/* Sizes by thousands, with a b by 1024; times in seconds. */
static const struct {
	const char *suffix;
	double factor;
} units[] = {
	{ "k", 1e3 }, { "m", 1e6 }, { "g", 1e9 },
	{ "kb", 1024 }, { "mb", 1048576 }, { "gb", 1073741824 },
	{ "ms", 0.001 }, { "s", 1 }, { "min", 60 }, { "h", 3600 },
	{ "d", 86400 }, { "w", 604800 }, { "y", 31536000 },
};

static bool factor_of(struct str suffix, double *factor_r)
{
	*factor_r = 1;
	if (suffix.n == 0)
		return true;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (str_ieq(suffix, str_cstr(units[i].suffix))) {
			*factor_r = units[i].factor;
			return true;
		}
	return false;
}

static size_t count_digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_digit((unsigned char)s.p[n]))
		n++;
	return n;
}

/* How many octets of s are a decimal number: -? digits (. digits*)?
 * (e [+-]? digits)? */
static size_t decimal_length(struct str s)
{
	size_t n = s.n > 0 && s.p[0] == '-', m;
	size_t digits = count_digits(str_from(s, n));

	if (digits == 0)
		return 0;
	n += digits;
	if (n < s.n && s.p[n] == '.')
		n += 1 + count_digits(str_from(s, n + 1));
	if (n < s.n && to_lower((unsigned char)s.p[n]) == 'e') {
		m = n + 1;
		m += m < s.n && (s.p[m] == '+' || s.p[m] == '-');
		digits = count_digits(str_from(s, m));
		if (digits)
			n = m + digits;
	}
	return n;
}

static bool hex_number(struct str s, double *value_r, size_t *n_r)
{
	size_t n = 2;

	if (s.n < 3 || s.p[0] != '0' || to_lower((unsigned char)s.p[1]) != 'x')
		return false;
	*value_r = 0;
	while (n < s.n && hex_value((unsigned char)s.p[n]) >= 0)
		*value_r = *value_r * 16 + hex_value((unsigned char)s.p[n++]);
	*n_r = n;
	return n > 2;
}

static struct ucl_value *number(struct arena *a, double d)
{
	struct ucl_value *v = arena_alloc(a, sizeof(*v));

	/* Whole values below 2^53 are exact. */
	if (floor(d) == d && fabs(d) < 9007199254740992.0) {
		v->type = UCL_INT;
		v->i = (int64_t)d;
	} else {
		v->type = UCL_REAL;
		v->d = d;
	}
	return v;
}

struct ucl_value *ucl_number(struct arena *a, struct str text)
{
	struct ucl_value *v;
	struct str digits;
	double d, factor;
	size_t n;
	long whole;

	if (text.n > 64)
		return NULL;
	if (hex_number(text, &d, &n))
		return factor_of(str_from(text, n), &factor) ?
			number(a, d * factor) : NULL;
	n = decimal_length(text);
	digits = str_head(text, n);
	if (n == 0 || !factor_of(str_from(text, n), &factor))
		return NULL;
	if (n == text.n && str_to_long(text, &whole)) {
		v = arena_alloc(a, sizeof(*v));
		v->type = UCL_INT;
		v->i = whole;
		return v;
	}
	if (str_ends(digits, STR(".")))
		digits.n--;
	if (!str_to_double(digits, &d) || !isfinite(d * factor))
		return NULL;
	/* 5ms is 5 / 1000: the nearest number, which 5 * 0.001 may miss. */
	return number(a, factor == 0.001 ? d / 1000 : d * factor);
}
