/*
 * UTF-7 as Perl's Encode reads it, which never fails: "+" begins UTF-16 in base64
 * that lasts as long as its digits do (and takes a "-" behind them along), "+-" is
 * a plus sign, and everything else is itself, octets of eight bits as Latin-1.
 */
#include "mail/charset.h"

#include "base/arena.h"
#include "base/buf.h"
#include "mail/decode.h"

static bool is_digit64(char c)
{
	return is_alnum((unsigned char)c) || c == '+' || c == '/';
}

static unsigned unit_at(struct str s, size_t i)
{
	return (unsigned)(unsigned char)s.p[i] << 8 | (unsigned char)s.p[i + 1];
}

/* UTF-16, high octet first; what is no character becomes U+FFFD, an octet that
 * is left over nothing. */
static void put_utf16(struct str s, struct buf *out)
{
	for (size_t i = 0; i + 1 < s.n; i += 2) {
		unsigned long c = unit_at(s, i);
		unsigned low = i + 3 < s.n ? unit_at(s, i + 2) : 0;

		if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = 0xfffd;
		}
		if ((c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
			c = 0xfffd;
		utf8_put(out, c);
	}
}

void utf7_decode(struct arena *a, struct str s, struct buf *out)
{
	while (s.n) {
		size_t n = 1;

		if (s.p[0] != '+') {
			utf8_put(out, (unsigned char)s.p[0]);
			s = str_from(s, 1);
			continue;
		}
		while (n < s.n && is_digit64(s.p[n]))
			n++;
		if (n == 1)
			buf_addc(out, '+');
		else
			put_utf16(decode_base64(a, str_make(s.p + 1, n - 1)),
				  out);
		if (n < s.n && s.p[n] == '-')
			n++;
		s = str_from(s, n);
	}
}
