/*
 * Encoders and tolerant decoders; see codec.h.
 *
 * Nothing here allocates: callers are bindings of Lua whose memory is metered,
 * so they make room first and encode into it.
 */
#include "base/codec.h"

#include <stdint.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

size_t hex_encode(struct str s, char *out)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		out[2 * i] = hex_digits[c >> 4];
		out[2 * i + 1] = hex_digits[c & 15];
	}
	return s.n * 2;
}

static const char *const base32_alphabets[] = {
	[BASE32_ZOOKO] = "ybndrfg8ejkmcpqxot1uwisza345h769",
	[BASE32_RFC] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
	[BASE32_BECH] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l",
};

size_t base32_size(size_t n)
{
	return n / 5 * 8 + 8;
}

size_t base32_encode(struct str s, enum base32_kind kind, char *out)
{
	const char *alphabet = base32_alphabets[kind];
	bool low_first = kind == BASE32_ZOOKO;
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		uint32_t c = (unsigned char)s.p[i];

		bits = low_first ? bits | c << have : bits << 8 | c;
		for (have += 8; have >= 5; have -= 5) {
			if (low_first) {
				out[n++] = alphabet[bits & 31];
				bits >>= 5;
			} else {
				out[n++] = alphabet[bits >> (have - 5) & 31];
			}
		}
	}
	if (have > 0)
		out[n++] = alphabet[(low_first ? bits : bits << (5 - have)) &
				    31];
	return n;
}

ssize_t base32_decode(struct str s, enum base32_kind kind, char *out)
{
	const char *alphabet = base32_alphabets[kind];
	uint32_t bits = 0;
	unsigned have = 0;
	ssize_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(alphabet, s.p[i]) : NULL;
		uint32_t digit;

		if (!at)
			return -1;
		digit = (uint32_t)(at - alphabet);
		bits = kind == BASE32_ZOOKO ? bits | digit << have :
			bits << 5 | digit;
		have += 5;
		if (have < 8)
			continue;
		have -= 8;
		if (kind == BASE32_ZOOKO) {
			out[n++] = (char)bits;
			bits >>= 8;
		} else {
			out[n++] = (char)(bits >> have);
		}
	}
	/* The bits that are left are the padding of the last digit; but a lone
	 * digit of Zooko's is an octet to rspamd. */
	if (kind == BASE32_ZOOKO && s.n == 1)
		out[n++] = (char)bits;
	return n;
}

size_t base64_size(size_t n, const struct codec_lines *lines)
{
	size_t chars = (n + 2) / 3 * 4;

	return lines->width ?
		chars + (chars / lines->width + 1) * lines->end.n : chars;
}

/* Where an encoder writes, and how far it is in the line. */
struct writer {
	char *out;
	size_t n, column;
	const struct codec_lines *lines;
};

static void end_line(struct writer *w)
{
	memcpy(w->out + w->n, w->lines->end.p, w->lines->end.n);
	w->n += w->lines->end.n;
	w->column = 0;
}

static void put64(struct writer *w, char c)
{
	w->out[w->n++] = c;
	if (++w->column == w->lines->width)
		end_line(w);
}

static const char base64_alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_encode(struct str s, const struct codec_lines *lines,
		     char *out)
{
	struct writer w = { .out = out, .lines = lines };

	for (size_t i = 0; i < s.n; i += 3) {
		uint32_t bits = 0;
		size_t have = s.n - i < 3 ? s.n - i : 3;

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (j < have ?
					    (unsigned char)s.p[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			put64(&w, j > have ? '=' :
			      base64_alphabet[bits >> (18 - 6 * j) & 63]);
	}
	return w.n;
}

int base64_value(int c)
{
	if (is_upper(c))
		return c - 'A';
	if (is_lower(c))
		return c - 'a' + 26;
	if (is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t base64_decode(struct str s, char *out)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int value = base64_value(s.p[i]);

		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have);
		}
	}
	return n;
}

size_t qp_size(size_t n, const struct codec_lines *lines)
{
	size_t chars = n * 3, per_line = lines->width - 3;

	return lines->width < 4 ? chars :
		chars + (chars / per_line + 1) * (lines->end.n + 1);
}

/* A piece that must not be divided; the last column is kept for the "=" of a
 * soft break. */
static void put_qp(struct writer *w, const char *p, size_t n)
{
	if (w->lines->width >= 4 && w->column + n > w->lines->width - 1) {
		w->out[w->n++] = '=';
		end_line(w);
	}
	memcpy(w->out + w->n, p, n);
	w->n += n;
	w->column += n;
}

size_t qp_encode(struct str s, const struct codec_lines *lines, char *out)
{
	struct writer w = { .out = out, .lines = lines };

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool blank = c == ' ' || c == '\t';
		bool last = i + 1 == s.n || s.p[i + 1] == '\n' ||
			    s.p[i + 1] == '\r';
		char escape[3] = { '=', "0123456789ABCDEF"[c >> 4],
				   "0123456789ABCDEF"[c & 15] };

		if (c == '\n' || c == '\r') {
			out[w.n++] = (char)c;
			w.column = 0;
		} else if (blank ? !last : c > ' ' && c < 0x7f && c != '=') {
			put_qp(&w, s.p + i, 1);
		} else {
			put_qp(&w, escape, 3);
		}
	}
	return w.n;
}

/* Octets of s that the soft break, escape or stray '=' at its front takes;
 * what it stands for is appended to out. */
static size_t qp_escape(struct str s, char *out, size_t *n)
{
	int high, low;

	if (s.n > 1 && (s.p[1] == '\n' || s.p[1] == '\r'))
		return s.n > 2 && s.p[1] == '\r' && s.p[2] == '\n' ? 3 : 2;
	high = s.n > 1 ? hex_value(s.p[1]) : -1;
	low = s.n > 2 ? hex_value(s.p[2]) : -1;
	if (high >= 0 && s.n == 2)
		return 2;	/* cut off: dropped */
	if (high >= 0 && low >= 0) {
		out[(*n)++] = (char)(high << 4 | low);
		return 3;
	}
	s = str_head(s, high >= 0 ? 3 : 2);
	memcpy(out + *n, s.p, s.n);
	*n += s.n;
	return s.n;
}

size_t qp_decode(struct str s, char *out)
{
	size_t n = 0;

	while (s.n > 0) {
		if (s.p[0] == '=') {
			s = str_from(s, qp_escape(s, out, &n));
		} else {
			out[n++] = s.p[0];
			s = str_from(s, 1);
		}
	}
	return n;
}

size_t url_decode(struct str s, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int high, low;

		if (s.p[i] != '%') {
			out[n++] = s.p[i] == '+' ? ' ' : s.p[i];
			continue;
		}
		if (++i == s.n)
			break;
		high = hex_value(s.p[i]);
		if (high < 0) {
			out[n++] = s.p[i];
			continue;
		}
		if (++i == s.n)
			break;
		low = hex_value(s.p[i]);
		if (low >= 0)
			out[n++] = (char)(high << 4 | low);
	}
	return n;
}
