/*
 * East Asian charsets of two octets a character, read as Perl's Encode reads
 * them: octet by octet through a table; what has no way on is bad in its first
 * octet, and reading goes on with the next; what is unfinished at the end is
 * dropped, also where text must be well-formed.
 *
 * The tables are the C library's, asked pair by pair when the first text comes
 * (some milliseconds), with what Encode has otherwise (charset_patches.c). They
 * stay for the life of the process.
 */
#include "mail/charset_pairs.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "mail/charset.h"

static const char *const names[] = {
	"CP932", "CP936", "UHC", "CP950", "BIG5", "BIG5-HKSCS", "EUC-CN",
	"EUC-JP", "EUC-KR", "SJIS", "JOHAB",
};
#define NAMES (sizeof(names) / sizeof(*names))

static size_t number_of(const char *name)
{
	size_t i = 0;

	while (i < NAMES && strcmp(names[i], name) != 0)
		i++;
	return i;
}

bool charset_is_pairs(const char *name)
{
	return number_of(name) < NAMES;
}

/* Hong Kong's characters beyond the first 65,536 are of private use in Encode, by
 * their places. */
static uint32_t hong_kong(unsigned first, unsigned second)
{
	unsigned place = first * 157 + second - (second < 0x80 ? 0x40 : 0x62);
	unsigned octets = first << 8 | second;

	return place + (octets >= 0xfa40 ? 0x46ae :
			octets >= 0x8e40 ? 0x8bfb : 0x9f9b);
}

static uint32_t pair_of(const char *name, const char *octets, size_t n)
{
	bool kanji = strcmp(name, "EUC-JP") == 0;
	uint32_t c = charset_iconv_one(name, octets, n);

	/* Encode's EUC-JP has JIS X 0213 where there was room. */
	if (c == CHARSET_NONE && kanji) {
		c = charset_iconv_one("EUC-JISX0213", octets, n);
		if (c & CHARSET_TWO)
			return 0;
	}
	if (c == CHARSET_NONE)
		return 0;
	if (c > 0xffff && c < CHARSET_TWO && strcmp(name, "BIG5-HKSCS") == 0)
		return hong_kong((unsigned char)octets[0],
				 (unsigned char)octets[1]);
	return c;
}

static void fill(struct charset_pairs *t, const char *name)
{
	bool euc = strncmp(name, "EUC-", 4) == 0;

	for (unsigned i = 0; i < 256; i++) {
		char octets[3] = { (char)i, 0, 0 };

		t->single[i] = charset_iconv_one(name, octets, 1);
		if (i < 0x80 || (euc && i < 0xa1 && i != 0x8e))
			continue;
		for (unsigned k = 0x30; k < 255; k++) {
			octets[1] = (char)k;
			if (t->single[i] == CHARSET_NONE)
				t->pair[i - 0x80][k] = pair_of(name, octets, 2);
		}
	}
	for (unsigned i = 0xa1; t->triple && i < 255; i++)
		for (unsigned k = 0xa1; k < 255; k++) {
			char octets[3] = { (char)0x8f, (char)i, (char)k };

			t->triple[i][k] = pair_of(name, octets, 3);
		}
}

static struct charset_pairs *table_of(const char *name)
{
	static struct charset_pairs *made[NAMES];
	size_t at = number_of(name);
	struct charset_pairs *t = made[at];

	if (t)
		return t;
	t = made[at] = xcalloc(1, sizeof(*t));
	if (strcmp(name, "EUC-JP") == 0)
		t->triple = xcalloc(256, sizeof(*t->triple));
	fill(t, name);
	charset_patch(t, name);
	for (unsigned i = 0x80; i < 256; i++)
		for (unsigned k = 0; k < 256; k++)
			t->lead[i] |= t->pair[i - 0x80][k] != 0;
	t->lead[0x8f] |= t->triple != NULL;
	return t;
}

static void put(uint32_t c, struct buf *out)
{
	if (c & CHARSET_TWO) {
		utf8_put(out, c & 0xffff);
		c = c >> 16 & 0x7fff;
	}
	utf8_put(out, c);
}

bool charset_put_bad(enum charset_bad bad, char octet, struct buf *out)
{
	if (bad == BAD_QUOTE)
		buf_addf(out, "\\x%02X", (unsigned char)octet);
	else if (bad == BAD_REPLACE)
		utf8_put(out, 0xfffd);
	return bad != BAD_REFUSE;
}

/* The character of two or three octets at the start of s: its length, 0 if
 * there is none, s.n + 1 if s ends within it. */
static size_t longer(const struct charset_pairs *t, struct str s, uint32_t *c_r)
{
	const unsigned char *p = (const unsigned char *)s.p;
	const uint32_t *row;
	bool any = false;

	if (!t->lead[p[0]])
		return 0;
	if (s.n < 2)
		return s.n + 1;
	if (!t->triple || p[0] != 0x8f) {
		*c_r = t->pair[p[0] - 0x80][p[1]];
		return *c_r ? 2 : 0;
	}
	row = t->triple[p[1]];
	if (s.n > 2) {
		*c_r = row[p[2]];
		return *c_r ? 3 : 0;
	}
	for (unsigned k = 0; k < 256; k++)
		any |= row[k] != 0;
	return any ? s.n + 1 : 0;
}

bool charset_from_pairs(const char *name, struct str s, enum charset_bad bad,
			struct buf *out)
{
	const struct charset_pairs *t = table_of(name);
	size_t i = 0;

	while (i < s.n && !out->full) {
		unsigned char octet = (unsigned char)s.p[i];
		uint32_t c = t->single[octet];
		size_t n = 1;

		if (c == CHARSET_NONE) {
			n = longer(t, str_from(s, i), &c);
			if (n > s.n - i)
				break;
		}
		if (n)
			put(c, out);
		else if (!charset_put_bad(bad, s.p[i], out))
			return false;
		i += n ? n : 1;
	}
	return true;
}
