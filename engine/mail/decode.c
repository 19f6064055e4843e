/*
 * Base64 and quoted-printable. Broken encodings are common in spam and decide
 * what text rules see, so the order of SpamAssassin's steps is kept: soft
 * line breaks are removed before =XX is looked at (a break inside "=4\n1"
 * does not hide the "A"), trailing white space only before a line's end, and
 * base64 treats a '=' in the middle in two ways.
 */
#include "mail/decode.h"

#include "base/arena.h"
#include "base/codec.h"

#define NOT_BASE64 0x40
#define PAD_BASE64 0x41

static const unsigned char *base64_table(void)
{
	static unsigned char table[256];
	static bool made;

	if (!made) {
		for (int c = 0; c < 256; c++) {
			int v = base64_value(c);

			table[c] = v >= 0 ? (unsigned char)v : NOT_BASE64;
		}
		table['='] = PAD_BASE64;
		made = true;
	}
	return table;
}

struct base64_census {
	size_t digits;		/* digits and '=' */
	size_t pads_at_end;	/* '=' after the last digit */
	bool foreign;		/* anything else but white space */
};

static struct base64_census base64_count(struct str s,
					 const unsigned char *table)
{
	struct base64_census c = { 0, 0, false };

	for (size_t i = 0; i < s.n; i++) {
		unsigned char b = (unsigned char)s.p[i];
		unsigned char v = table[b];

		if (v == NOT_BASE64) {
			c.foreign |= !is_space(b);
			continue;
		}
		c.digits++;
		c.pads_at_end = v == PAD_BASE64 ? c.pads_at_end + 1 : 0;
	}
	return c;
}

struct str decode_base64(struct arena *a, struct str s)
{
	const unsigned char *table = base64_table();
	struct base64_census c = base64_count(s, table);
	/* Clean text of full groups: an inner '=' counts as 'A'. */
	bool clean = c.digits % 4 == 0 && !c.foreign;
	size_t left = c.digits - c.pads_at_end, n = 0;
	unsigned acc = 0, have = 0;
	unsigned char *out;

	if (!clean && left % 4 == 1)
		left--;
	out = (unsigned char *)arena_text(a, left / 4 * 3 + 3);
	for (size_t i = 0; i < s.n && left; i++) {
		unsigned v = table[(unsigned char)s.p[i]];

		if (v == NOT_BASE64)
			continue;
		if (v == PAD_BASE64)
			v = clean ? 0 : 63;
		acc = acc << 6 | v;
		left--;
		if (++have < 4)
			continue;
		out[n++] = (unsigned char)(acc >> 16);
		out[n++] = (unsigned char)(acc >> 8);
		out[n++] = (unsigned char)acc;
		acc = have = 0;
	}
	if (have >= 2) {
		acc <<= 6 * (4 - have);
		out[n++] = (unsigned char)(acc >> 16);
		if (have == 3)
			out[n++] = (unsigned char)(acc >> 8);
	}
	return str_make((char *)out, n);
}

/* =XX in place; returns the new length. */
static size_t unhex(char *p, size_t n)
{
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '=' && i + 2 < n &&
		    is_xdigit((unsigned char)p[i + 1]) &&
		    is_xdigit((unsigned char)p[i + 2])) {
			p[out++] = (char)(hex_value((unsigned char)p[i + 1]) * 16 +
					  hex_value((unsigned char)p[i + 2]));
			i += 2;
		} else {
			p[out++] = p[i];
		}
	}
	return out;
}

/* The length of the line end at p: 0, 1 for LF, 2 for CRLF. */
static size_t line_end(const char *p, const char *end)
{
	if (p < end && *p == '\n')
		return 1;
	if (p + 1 < end && *p == '\r' && p[1] == '\n')
		return 2;
	return 0;
}

/* Copies s to out without the white space before line ends. */
static size_t drop_trailing_space(struct str s, char *out)
{
	const char *p = s.p, *end = s.p + s.n;
	size_t n = 0;

	while (p < end) {
		const char *q = p;

		while (q < end && (*q == ' ' || *q == '\t'))
			q++;
		if (q > p && line_end(q, end)) {
			p = q;
			continue;
		}
		while (p < q)
			out[n++] = *p++;
		if (p < end)
			out[n++] = *p++;
	}
	return n;
}

/* Removes "=\n" and "=\r\n" in place. What a removal brings together is not
 * looked at again. */
static size_t drop_soft_breaks(char *p, size_t n)
{
	const char *end = p + n;
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		size_t e = p[i] == '=' ? line_end(p + i + 1, end) : 0;

		if (e)
			i += e;
		else
			p[out++] = p[i];
	}
	return out;
}

struct str decode_qp(struct arena *a, struct str s)
{
	char *p = arena_text(a, s.n);
	size_t n = drop_trailing_space(s, p);

	n = drop_soft_breaks(p, n);
	return str_make(p, unhex(p, n));
}

struct str decode_qp_words(struct arena *a, struct str s)
{
	char *p = arena_text(a, s.n);

	if (s.n)
		memcpy(p, s.p, s.n);
	return str_make(p, unhex(p, s.n));
}

struct str crlf_to_lf(struct arena *a, struct str s)
{
	char *out;
	size_t n = 0;

	if (str_find(s, STR("\r\n")) < 0)
		return s;
	out = arena_text(a, s.n);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' || i + 1 >= s.n || s.p[i + 1] != '\n')
			out[n++] = s.p[i];
	return str_make(out, n);
}
