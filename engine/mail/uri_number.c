/*
 * Hosts that are IP addresses in the notations that browsers understand and
 * people do not: http://0x7f.0.0.01/, http://2130706433/. The results have
 * SpamAssassin's oddities (a number zero vanishes, of a number that is too
 * large the leading digits count), since rules see them.
 */
#include "mail/uri_find.h"

#include <inttypes.h>

#include "base/arena.h"

/* One of the four numbers of an address, dot included, as a decimal number
 * (0x.. and 0.. are understood). A zero vanishes, as in SpamAssassin. */
static struct str octet(struct arena *a, struct str s)
{
	struct str dot = STR("");
	uint64_t value = 0;
	size_t zeros = 0;

	if (s.n && s.p[s.n - 1] == '.') {
		dot = STR(".");
		s.n--;
	}
	if (str_istarts(s, STR("0x"))) {
		bool over = false;

		for (size_t i = 2; i < s.n; i++) {
			over |= value >> 60 != 0;
			value = value << 4 |
				(uint64_t)hex_value((unsigned char)s.p[i]);
		}
		s = str_printf(a, "%" PRId64, over ? -1 : (int64_t)value);
	}
	while (zeros < s.n && s.p[zeros] == '0')
		zeros++;
	if (zeros) {
		bool octal = false;

		s = str_from(s, zeros);
		octal = s.n && s.n <= (s.p[0] <= '3' ? 3u : 2u);
		value = 0;
		for (size_t i = 0; i < s.n && octal; i++) {
			octal = s.p[i] <= '7';
			value = value * 8 + (uint64_t)(s.p[i] - '0');
		}
		if (octal)
			s = str_printf(a, "%" PRIu64, value);
	}
	return str_cat(a, s, dot);
}

/* Cuts "0x1f" or "123" with the dot behind it off *s. False if there is no
 * such thing; `last` must reach the end and has no dot. */
static bool next_octet(struct str *s, bool last, struct str *octet_r)
{
	size_t n = 0;

	if (str_istarts(*s, STR("0x")) && s->n > 2 &&
	    is_xdigit((unsigned char)s->p[2]))
		for (n = 2; n < s->n && is_xdigit((unsigned char)s->p[n]);)
			n++;
	else
		while (n < s->n && is_digit((unsigned char)s->p[n]))
			n++;
	if (!n || (last ? n != s->n : n == s->n || s->p[n] != '.'))
		return false;
	*octet_r = str_head(*s, n + !last);
	*s = str_from(*s, n + !last);
	return true;
}

bool uri_dotted_host(struct arena *a, struct str host, struct str *dotted_r)
{
	struct str rest = host, piece[4];

	for (int i = 0; i < 4; i++)
		if (!next_octet(&rest, i == 3, &piece[i]))
			return false;
	*dotted_r = STR("");
	for (int i = 0; i < 4; i++)
		*dotted_r = str_cat(a, *dotted_r, octet(a, piece[i]));
	return true;
}

bool uri_number_host(struct arena *a, struct str s, struct str *dotted_r)
{
	bool hex = str_istarts(s, STR("0x")) && s.n > 2, over = false;
	uint64_t v = 0;

	for (size_t i = hex ? 2 : 0; i < s.n; i++)
		if (hex ? !is_xdigit((unsigned char)s.p[i]) :
		    !is_digit((unsigned char)s.p[i]))
			return false;
	if (!s.n)
		return false;
	if (hex)
		s = str_from(s, s.n > 10 ? s.n - 8 : 2);
	for (size_t i = 0; i < s.n; i++) {
		uint64_t digit = (uint64_t)hex_value((unsigned char)s.p[i]);

		if (hex)
			v = v << 4 | digit;
		else if (__builtin_mul_overflow(v, 10, &v) ||
			 __builtin_add_overflow(v, digit, &v))
			over = true;
	}
	if (over)
		v = UINT64_MAX;
	/* Of a number of more than 32 bits the leading ones count. */
	while (v > UINT32_MAX)
		v >>= 4;
	*dotted_r = str_printf(a, "%u.%u.%u.%u", (unsigned)(v >> 24),
			       (unsigned)(v >> 16) & 255,
			       (unsigned)(v >> 8) & 255, (unsigned)v & 255);
	return true;
}
