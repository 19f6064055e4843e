/*
 * Backslashes in texts of UCL and JSON. What a backslash does not make special
 * stands for itself; a text never gets longer.
 */
#include "base/buf.h"
#include "lua/ucl_parse.h"
#include "mail/charset.h"

/* Four hexadecimal digits of s, or -1. */
static long hex4(struct str s)
{
	long v = 0;

	for (size_t i = 0; i < 4; i++) {
		int digit = i < s.n ? hex_value((unsigned char)s.p[i]) : -1;

		if (digit < 0)
			return -1;
		v = v << 4 | digit;
	}
	return v;
}

/* \uXXXX, s behind the u; two of them may be one character. How many octets it
 * took; 0 if it is none. */
static size_t unescape_unicode(struct str s, struct buf *out)
{
	long c = hex4(s), low;

	if (c < 0)
		return 0;
	if (c >= 0xd800 && c < 0xdc00 && s.n >= 10 && s.p[4] == '\\' &&
	    s.p[5] == 'u') {
		low = hex4(str_from(s, 6));
		if (low >= 0xdc00 && low < 0xe000) {
			utf8_put(out, (unsigned long)(0x10000 + (low - 0xdc00) +
						      ((c - 0xd800) << 10)));
			return 10;
		}
	}
	/* Half of a pair is no character. */
	utf8_put(out, c >= 0xd800 && c < 0xe000 ? 0xfffd :
		 (unsigned long)c);
	return 4;
}

bool ucl_unescape(struct arena *a, struct str s, struct str *out_r)
{
	static const char from[] = "ntrbf", to[] = "\n\t\r\b\f";
	struct buf b;
	size_t took;

	if (str_chr(s, '\\') < 0) {
		*out_r = s;
		return true;
	}
	buf_in(&b, a, s.n + 1);
	buf_room(&b, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		const char *known;

		if (s.p[i] != '\\' || i + 1 == s.n) {
			buf_addc(&b, s.p[i]);
			continue;
		}
		i++;
		known = s.p[i] ? strchr(from, s.p[i]) : NULL;
		if (s.p[i] == 'u') {
			took = unescape_unicode(str_from(s, i + 1), &b);
			if (!took)
				return false;
			i += took;
		} else {
			buf_addc(&b, known ? to[known - from] : s.p[i]);
		}
	}
	*out_r = buf_str(&b);
	return true;
}
