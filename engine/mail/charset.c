/*
 * Charsets of bodies and headers (reference 6.5). SpamAssassin trusts UTF-8
 * that is well-formed whatever is declared, then the declaration if the text
 * obeys it, then takes the text for Windows-1252. ISO-8859-1 always means
 * Windows-1252. The conversions are the C library's iconv, told to answer for
 * bad bytes as Perl's Encode does: one U+FFFD for the first byte of what is no
 * character, and on with the next byte; an unfinished character at the end is
 * dropped, also where text must be well-formed. UTF-8 and UTF-16 are done by hand, because there the strictness
 * of Encode (no surrogates, no non-characters) is the whole point.
 */
#include "mail/charset.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/unicode.h"

static const char replacement[] = "\xef\xbf\xbd";

size_t count_8bit(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (unsigned char)s.p[i] >> 7;
	return n;
}

/* The length of the strict UTF-8 character at p, 0 if there is none. */
static size_t utf8_char(const unsigned char *p, size_t n)
{
	size_t len = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 :
		p[0] < 0xf5 ? 4 : 0;
	unsigned long c;

	if (p[0] < 0x80)
		return 1;
	if (len == 0 || len > n)
		return 0;
	c = p[0] & (0x7f >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (len == 2)
		return 2;
	if ((len == 3 && c < 0x800) || (len == 4 && c < 0x10000) ||
	    (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff ||
	    (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe)
		return 0;
	return len;
}

bool utf8_is_strict(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n; ) {
		size_t len = utf8_char(p + i, s.n - i);

		if (!len)
			return false;
		i += len;
	}
	return true;
}

/* How many bytes Encode takes for one bad character at p: its first byte and
 * the continuation bytes that this one announces. */
static size_t utf8_bad(const unsigned char *p, size_t n)
{
	size_t want = p[0] < 0xc0 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 :
		p[0] < 0xf8 ? 4 : p[0] < 0xfc ? 5 : p[0] < 0xfe ? 6 :
		p[0] == 0xfe ? 7 : 13;
	size_t i = 1;

	while (i < n && i < want && (p[i] & 0xc0) == 0x80)
		i++;
	return i;
}

/* Behind a bad octet that begins nothing Encode's automaton is not where it was
 * at the start: it takes what follows for a character of another length, and
 * forgets it. How many octets that are; 0 if it reads on as it should. */
static size_t utf8_forgotten(const unsigned char *p, size_t n)
{
	unsigned char second = n > 1 ? p[1] : 0, third = n > 2 ? p[2] : 0;
	size_t tails = 0, want = 0;

	while (tails < 3 && 1 + tails < n && (p[1 + tails] & 0xc0) == 0x80)
		tails++;
	if (p[0] == 0xc0 || p[0] == 0xc1 || p[0] > 0xf4)
		want = 1;
	else if (p[0] == 0xed)
		want = second < 0xa0 ? 1 : 0;
	else if (p[0] == 0xe0)
		want = second >= 0x90 ? 3 : 0;
	else if (p[0] == 0xef)
		want = second < 0x90 ? 3 : 0;
	else if (p[0] >= 0xe1 && p[0] < 0xf0)
		want = (second == 0xb7 && third >= 0x90 && third < 0xb0) ||
		       (second == 0xbf && third >= 0xbe) ? 0 : 2;
	else if (p[0] >= 0xf1)
		want = p[0] == 0xf4 ? 3 : second >= 0xa0 ? 2 : 0;
	else if (p[0] >= 0xc2 && p[0] < 0xe0)
		want = 2;
	return want && tails >= want ? want + 1 : 0;
}

static void utf8_lax(struct str s, struct buf *out)
{
	const unsigned char *p = (const unsigned char *)s.p;
	bool astray = false;

	for (size_t i = 0; i < s.n; ) {
		size_t len = astray ? utf8_forgotten(p + i, s.n - i) : 0;

		astray = false;
		if (len) {
			i += len;
			continue;
		}
		len = utf8_char(p + i, s.n - i);
		if (len) {
			buf_add(out, s.p + i, len);
			i += len;
			continue;
		}
		buf_add(out, replacement, 3);
		len = utf8_bad(p + i, s.n - i);
		astray = len == 1 && (p[i] < 0xc2 || p[i] > 0xf4 ||
				      p[i] == 0xed);
		i += len;
	}
}

void utf8_put(struct buf *b, unsigned long c)
{
	if (c < 0x80) {
		buf_addc(b, (int)c);
		return;
	}
	if (c < 0x800) {
		buf_addc(b, (int)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_addc(b, (int)(0xe0 | c >> 12));
		} else {
			buf_addc(b, (int)(0xf0 | c >> 18));
			buf_addc(b, (int)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_addc(b, (int)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_addc(b, (int)(0x80 | (c & 0x3f)));
}

/* Windows-1252 from 0x80 to 0x9f; 0 is undefined. */
static const unsigned short w1252[32] = {
	0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
	0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
};

/* False if strict and s has a byte that is undefined. */
static bool from_w1252(struct str s, bool strict, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned c = (unsigned char)s.p[i];

		if (c >= 0x80 && c < 0xa0) {
			c = w1252[c - 0x80];
			if (!c && strict)
				return false;
			if (!c)
				c = 0xfffd;
		}
		utf8_put(out, c);
	}
	return true;
}

static bool from_ascii(struct str s, bool strict, struct buf *out)
{
	if (strict && count_8bit(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		utf8_put(out, (unsigned char)s.p[i] < 0x80 ?
			 (unsigned char)s.p[i] : 0xfffd);
	return true;
}

static unsigned utf16_unit(struct str s, size_t i, bool big)
{
	unsigned a = (unsigned char)s.p[i], b = (unsigned char)s.p[i + 1];

	return big ? a << 8 | b : b << 8 | a;
}

static bool from_utf16(struct str s, bool big, struct buf *out)
{
	if (s.n % 2)
		return false;
	for (size_t i = 0; i < s.n; i += 2) {
		unsigned long c = utf16_unit(s, i, big), d;

		if (c >= 0xd800 && c <= 0xdbff && i + 3 < s.n) {
			d = utf16_unit(s, i + 2, big);
			if (d < 0xdc00 || d > 0xdfff)
				return false;
			c = 0x10000 + ((c - 0xd800) << 10) + (d - 0xdc00);
			i += 2;
		}
		if ((c >= 0xd800 && c <= 0xdfff) || (c & 0xfffe) == 0xfffe ||
		    (c >= 0xfdd0 && c <= 0xfdef))
			return false;
		utf8_put(out, c);
	}
	return true;
}

enum endian { ENDIAN_UNKNOWN, ENDIAN_LITTLE, ENDIAN_BIG };

/* Which UTF-16 this is, by its spaces and by how much is in even and odd
 * bytes. A byte order mark makes it "unknown", which leaves text with a mark
 * to be taken for Windows-1252: SpamAssassin's answer. */
static enum endian utf16_guess(struct str s)
{
	unsigned long little = 0, big = 0, even = 0, odd = 0;

	if (str_starts(s, STR("\xff\xfe")) || str_starts(s, STR("\xfe\xff")))
		return ENDIAN_UNKNOWN;
	for (size_t i = 0; i < s.n; i += 2) {
		unsigned a = (unsigned char)s.p[i];
		unsigned b = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;

		even += (a >> 4) + (a & 15);
		odd += (b >> 4) + (b & 15);
		little += a == 0x20 && b == 0;
		big += a == 0 && b == 0x20;
	}
	little += even > odd * 4;
	big += odd * 4 > even;
	return little > big ? ENDIAN_LITTLE :
		big > little ? ENDIAN_BIG : ENDIAN_UNKNOWN;
}

static bool is_one_of(struct str s, const char *const *names)
{
	for (; *names; names++)
		if (str_ieq(s, str_cstr(*names)))
			return true;
	return false;
}

/* Digits at the end of s, after prefix (any case). */
static bool is_prefix_digits(struct str s, const char *prefix, size_t min,
			     size_t max)
{
	struct str p = str_cstr(prefix), d = str_from(s, p.n);

	if (!str_istarts(s, p) || d.n < min || d.n > max)
		return false;
	for (size_t i = 0; i < d.n; i++)
		if (!is_digit((unsigned char)d.p[i]))
			return false;
	return true;
}

static bool is_ascii_label(struct str s)
{
	static const char *const names[] = { "ascii", "us-ascii", NULL };

	return is_one_of(s, names);
}

/* Labels under which all-ASCII text is plain ASCII. Others (ISO-2022, UTF-7,
 * unknown ones) are looked at further. */
static bool extends_ascii(struct str s)
{
	static const char *const names[] = {
		"ANSI X3.4-1986", "ANSI X3.4-1968", "ANSI_X3.4-1986",
		"ANSI_X3.4-1968", "ANSIX3.4-1986", "ANSIX3.4-1968",
		"ISO646-US", "ISO8859", "ISO-8859", "ISO 8859", "UTF8",
		"UTF-8", "Big5", "GBK", "GB18030", "GB-18030", "GB 18030",
		NULL
	};
	struct str tail;

	if (is_ascii_label(s) || is_one_of(s, names) ||
	    is_prefix_digits(s, "ISO8859-", 1, 2) ||
	    is_prefix_digits(s, "ISO-8859-", 1, 2) ||
	    is_prefix_digits(s, "ISO 8859-", 1, 2) ||
	    is_prefix_digits(s, "Windows-", 4, 4) ||
	    is_prefix_digits(s, "GB18030-20", 2, 2))
		return true;
	tail = str_from(s, str_istarts(s, STR("KOI8-")) ? 5 : 4);
	return (str_istarts(s, STR("KOI8-")) || str_istarts(s, STR("EUC-"))) &&
	       tail.n >= 1 && tail.n <= 2 && is_alpha((unsigned char)tail.p[0]) &&
	       (tail.n == 1 || is_alpha((unsigned char)tail.p[1]));
}

static bool is_w1252_label(struct str s)
{
	static const char *const names[] = {
		"ISO8859-1", "ISO-8859-1", "Windows-1252", "CP1252", NULL
	};

	return is_one_of(s, names);
}

/* Decodes by the declaration alone. */
static bool from_declared(struct arena *a, struct str s, struct str declared,
			  bool strict, struct buf *out)
{
	const char *name;

	if (is_w1252_label(declared))
		return from_w1252(s, strict, out);
	name = charset_iconv_name(declared);
	if (!name && str_ifind(declared, STR("18030")) >= 0 &&
	    str_istarts(declared, STR("GB")))
		name = charset_iconv_name(STR("GBK"));
	if (!name)
		return false;
	if (strcmp(name, "UTF-8") == 0) {
		if (strict && !utf8_is_strict(s))
			return false;
		utf8_lax(s, out);
		return true;
	}
	if (strcmp(name, "US-ASCII") == 0)
		return from_ascii(s, strict, out);
	if (strcmp(name, "UTF-7") == 0) {
		utf7_decode(a, s, out);
		return true;
	}
	return charset_from_iconv(a, name, s, strict, out);
}

static bool is_utf16_label(struct str s)
{
	return str_istarts(s, STR("UTF16")) || str_istarts(s, STR("UTF-16")) ||
	       str_istarts(s, STR("UTF 16"));
}

/* The declared charset, if it explains s; out holds the result. *as_is says
 * that the octets shall stay. */
static bool try_declared(struct arena *a, struct str s, struct str declared,
			 enum charset_how how, struct buf *out, bool *as_is)
{
	const char *name;
	enum endian e;

	if (is_ascii_label(declared) && how != CHARSET_WORD)
		return false;
	/* UTF-7 without a shift is octets to Encode. */
	name = charset_iconv_name(declared);
	*as_is = name && strcmp(name, "UTF-7") == 0 && str_chr(s, '+') < 0;
	if (*as_is)
		return true;
	if (!is_utf16_label(declared))
		return from_declared(a, s, declared, how != CHARSET_WORD, out);
	e = utf16_guess(s);
	if (e == ENDIAN_UNKNOWN || !from_utf16(s, e == ENDIAN_BIG, out))
		return false;
	*as_is = how != CHARSET_BODY;
	return true;
}

struct str charset_decode(struct arena *a, struct str s, struct str declared,
			  enum charset_how how, bool *decoded_r)
{
	size_t high = count_8bit(s);
	bool as_is = false;
	struct buf out;

	if (decoded_r)
		*decoded_r = false;
	if (!high && extends_ascii(declared))
		return s;
	if (high && how != CHARSET_WORD && utf8_is_strict(s)) {
		if (decoded_r)
			*decoded_r = true;
		return s;
	}
	buf_in(&out, a, LIMIT_PART_TEXT);
	/* UTF-16 of nothing but ASCII bytes decodes too; but no charset that
	 * fails leaves a trace. */
	if (!try_declared(a, s, declared, how, &out, &as_is)) {
		if (!high)
			return s;
		out.n = 0;
		from_w1252(s, false, &out);
	}
	if (as_is)
		return how == CHARSET_WORD && !is_utf16_label(declared) ?
			latin1_to_utf8(a, s) : s;
	if (decoded_r)
		*decoded_r = true;
	return buf_str(&out);
}
