/*
 * The charsets that the C library's iconv converts, told to answer for bad
 * bytes as Perl's Encode does: one U+FFFD for the first byte of what is no
 * character, and on with the next byte; an unfinished character at the end is
 * dropped, also where text must be well-formed. The tables of the two differ
 * in a few places, which are mended here. This file alone knows iconv.
 */
#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "mail/charset.h"
#include "mail/charset_pairs.h"
#include "mail/html_char.h"

/* More than charset_names.c has. */
#define MAX_CHARSETS 128

/* A charset with its converter. */
struct converter {
	const char *name;
	iconv_t cd;
};

/* The converter from `name`, which is a string of charset_names.c; it stays
 * open for the life of the process. NULL if the C library has none. */
static struct converter *converter(const char *name)
{
	static struct converter open[MAX_CHARSETS];
	struct converter *c = open;

	while (c < open + MAX_CHARSETS && c->name &&
	       strcmp(c->name, name) != 0)
		c++;
	must(c < open + MAX_CHARSETS);
	if (c->name) {
		if (c->cd != (iconv_t)-1)
			iconv(c->cd, NULL, NULL, NULL, NULL);
	} else {
		*c = (struct converter){ .name = name,
					 .cd = iconv_open("UTF-8", name) };
	}
	return c->cd == (iconv_t)-1 ? NULL : c;
}

void charset_preload(void)
{
	const char *name;

	for (size_t i = 0; (name = charset_iconv_nth(i)); i++)
		converter(name);
	converter("EUC-JISX0213");
}

/* What the converter still holds back (half a composed character). */
static void flush_converter(iconv_t cd, struct buf *out)
{
	char chunk[64], *dst = chunk;
	size_t room = sizeof(chunk);

	iconv(cd, NULL, NULL, &dst, &room);
	buf_add(out, chunk, sizeof(chunk) - room);
}

uint32_t charset_iconv_one(const char *name, const char *octets, size_t n)
{
	struct converter *c = converter(name);
	char *in = (char *)octets, out[32], *to = out;
	size_t room = sizeof(out), len, second;
	struct chars text;
	uint32_t ch;

	if (!c)
		return CHARSET_NONE;
	iconv(c->cd, NULL, NULL, NULL, NULL);
	if (iconv(c->cd, &in, &n, &to, &room) == (size_t)-1 || n)
		return CHARSET_NONE;
	iconv(c->cd, NULL, NULL, &to, &room);
	text = chars_of(str_make(out, sizeof(out) - room), true);
	if (!text.s.n)
		return CHARSET_NONE;
	ch = char_at(text, 0, &len);
	if (len == text.s.n)
		return ch;
	text.s = str_from(text.s, len);
	ch |= CHARSET_TWO | char_at(text, 0, &second) << 16;
	return second == text.s.n ? ch : CHARSET_NONE;
}

/* False if s is malformed and so refused (or no converter opens). */
static bool from_iconv(const char *name, struct str s, enum charset_bad bad,
		       struct buf *out)
{
	struct converter *c = converter(name);
	char *in = (char *)s.p, chunk[4096];
	size_t left = s.n;

	if (!c)
		return false;
	while (left && !out->full) {
		char *dst = chunk;
		size_t room = sizeof(chunk);
		size_t rc = iconv(c->cd, &in, &left, &dst, &room);
		int e = errno;

		buf_add(out, chunk, sizeof(chunk) - room);
		if (rc != (size_t)-1 || e == E2BIG)
			continue;
		if (e == EINVAL)
			break;
		if (!charset_put_bad(bad, *in, out))
			return false;
		in++;
		left--;
	}
	flush_converter(c->cd, out);
	return true;
}

/* Charsets in which iconv joins letters and marks, as Encode does not: byte by
 * byte. */
static bool from_composing(const char *name, struct str s, enum charset_bad bad,
			   struct buf *out)
{
	for (size_t i = 0; i < s.n; i++)
		if (!from_iconv(name, str_make(s.p + i, 1), bad, out))
			return false;
	return true;
}

/* ISO-2022-KR without its designator, the stretches between SO and SI in EUC;
 * the first other escape ends the text. */
static struct str kr_to_euc(struct arena *a, struct str s)
{
	char *out = arena_text(a, s.n + 1);
	struct str designator = STR("\033$)C");
	size_t n = 0;

	while (s.n) {
		ssize_t end;

		if (str_starts(s, designator)) {
			s = str_from(s, designator.n);
			continue;
		}
		if (s.p[0] == '\033')
			break;
		end = s.p[0] == '\016' ? str_chr(s, '\017') : -1;
		if (end < 0) {
			out[n++] = s.p[0];
			s = str_from(s, 1);
			continue;
		}
		for (size_t i = 1; i < (size_t)end; i++) {
			bool graphic = s.p[i] > ' ' && s.p[i] < 0x7f;

			out[n++] = (char)(graphic ? s.p[i] | 0x80 : s.p[i]);
		}
		s = str_from(s, (size_t)end + 1);
	}
	return str_make(out, n);
}

/* HZ: Chinese in pairs of seven bits between "~{" and "~}"; "~~" is a tilde and a
 * tilde at the end of a line nothing. The text ends before what is neither. */
static bool from_hz(struct arena *a, struct str s, enum charset_bad bad,
		    struct buf *out)
{
	bool chinese = false;

	while (s.n && (unsigned char)s.p[0] < 0x80) {
		size_t n = 0;
		char *p;

		if (s.n > 1 && s.p[0] == '~' && (chinese ? s.p[1] == '}' :
						 strchr("~\n{", s.p[1]) != NULL)) {
			if (s.p[1] == '~')
				buf_addc(out, '~');
			chinese = s.p[1] == '{';
			s = str_from(s, 2);
			continue;
		}
		while (!chinese && n < s.n && s.p[n] != '~' &&
		       (unsigned char)s.p[n] < 0x80)
			n++;
		while (chinese && n + 1 < s.n && s.p[n] > ' ' && s.p[n] < 'x' &&
		       s.p[n + 1] > ' ' && s.p[n + 1] < 0x7f)
			n += 2;
		if (!n)
			break;
		p = arena_strndup(a, s.p, n);
		for (size_t i = 0; chinese && i < n; i++)
			p[i] = (char)(p[i] | 0x80);
		if (!charset_from_pairs("EUC-CN", str_make(p, n), bad, out))
			return false;
		s = str_from(s, n);
	}
	return true;
}

static uint32_t unit_at(struct str s, size_t size, bool big)
{
	uint32_t c = 0;

	for (size_t i = 0; i < size; i++)
		c |= (uint32_t)(unsigned char)s.p[i] <<
			8 * (big ? size - 1 - i : i);
	return c;
}

/* UCS-2 and UTF-32: big-endian unless the label says otherwise or, where it says
 * nothing, a mark. What is left of half a character is malformed. */
static bool from_units(const char *name, struct str s, enum charset_bad bad,
		       struct buf *out)
{
	size_t size = strncmp(name, "UCS-2", 5) == 0 ? 2 : 4, i = 0;
	bool big = !strstr(name, "LE");

	if (strcmp(name, "UTF-32") == 0 && s.n >= 4) {
		big = unit_at(s, 4, true) != 0xfffe0000;
		i = !big || unit_at(s, 4, true) == 0xfeff ? 4 : 0;
	}
	for (; i + size <= s.n && !out->full; i += size) {
		uint32_t c = unit_at(str_from(s, i), size, big);

		if (c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) &&
		    (c & 0xfffe) != 0xfffe && (c < 0xfdd0 || c > 0xfdef))
			utf8_put(out, c);
		else if (!charset_put_bad(bad, s.p[i], out))
			return false;
	}
	return i == s.n || bad != BAD_REFUSE;
}

bool charset_from_iconv(struct arena *a, const char *name, struct str s,
			bool strict, struct buf *out)
{
	enum charset_bad bad = strict ? BAD_REFUSE : BAD_REPLACE;

	if (strcmp(name, "CP1255") == 0 || strcmp(name, "CP1258") == 0)
		return from_composing(name, s, bad, out);
	if (strncmp(name, "UCS-2", 5) == 0 || strncmp(name, "UTF-32", 6) == 0)
		return from_units(name, s, bad, out);
	if (strcmp(name, "=hz") == 0)
		return from_hz(a, s, bad, out);
	if (*name == '=')
		return charset_from_single(name, s, bad, out);
	if (strcmp(name, "ISO-2022-KR") == 0)
		return charset_from_pairs("EUC-KR", kr_to_euc(a, s), BAD_QUOTE,
					  out);
	if (strcmp(name, "ISO-2022-JP") == 0)
		return charset_from_pairs("EUC-JP", jis_to_euc(a, s), BAD_QUOTE,
					  out);
	return charset_is_pairs(name) ? charset_from_pairs(name, s, bad, out) :
	       from_iconv(name, s, bad, out);
}
