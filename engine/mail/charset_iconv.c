/*
 * The charsets that the C library's iconv converts, told to answer for bad
 * bytes as Perl's Encode does: one U+FFFD for the first byte of what is no
 * character, and on with the next byte; an unfinished character at the end is
 * dropped, also where text must be well-formed. The tables of the two differ
 * in a few places, which are mended here. This file alone knows iconv.
 */
#include <errno.h>
#include <iconv.h>

#include "base/buf.h"
#include "base/err.h"
#include "mail/charset.h"

/* More than charset_names.c has. */
#define MAX_CHARSETS 128

/* A charset with its converter. */
struct converter {
	const char *name;
	iconv_t cd;
	bool leads_made;
	bool lead[256];		/* begins some character of two bytes or more */
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
}

/* 0 if the bytes are whole characters, else iconv's error. */
static int try_bytes(iconv_t cd, const char *p, size_t n)
{
	char *in = (char *)p, scratch[32], *out = scratch;
	size_t room = sizeof(scratch);

	iconv(cd, NULL, NULL, NULL, NULL);
	return iconv(cd, &in, &n, &out, &room) == (size_t)-1 ? errno : 0;
}

/* Encode knows which bytes begin a character; iconv takes some for such that
 * begin none. Asked once a charset, and only when a text ends in one. */
static bool is_lead(struct converter *c, unsigned char byte)
{
	for (int b = 0x80; b < 256 && !c->leads_made; b++) {
		char pair[2] = { (char)b, 0x21 };

		if (try_bytes(c->cd, pair, 1) != EINVAL)
			continue;
		for (int t = 0x21; t < 256 && !c->lead[b]; t++) {
			pair[1] = (char)t;
			c->lead[b] = try_bytes(c->cd, pair, 2) != EILSEQ;
		}
	}
	c->leads_made = true;
	return c->lead[byte];
}

/* What the converter still holds back (half a composed character). */
static void flush_converter(iconv_t cd, struct buf *out)
{
	char chunk[64], *dst = chunk;
	size_t room = sizeof(chunk);

	iconv(cd, NULL, NULL, &dst, &room);
	buf_add(out, chunk, sizeof(chunk) - room);
}

/* Single bytes that Encode maps where iconv has nothing; 0 for none. */
static unsigned lone_byte(const char *name, unsigned char byte)
{
	static const struct { const char *name; unsigned byte, c; } lone[] = {
		{ "CP932", 0x80, 0x80 }, { "CP932", 0xa0, 0xf8f0 },
		{ "CP932", 0xfd, 0xf8f1 }, { "CP932", 0xfe, 0xf8f2 },
		{ "CP932", 0xff, 0xf8f3 }, { "CP936", 0xff, 0xf8f5 },
		{ "UHC", 0x80, 0x80 },
	};

	for (size_t i = 0; i < sizeof(lone) / sizeof(lone[0]); i++)
		if (lone[i].byte == byte && strcmp(lone[i].name, name) == 0)
			return lone[i].c;
	return 0;
}

/* What becomes of a bad byte: the text is refused, U+FFFD, or "\xE4". */
enum bad { BAD_REFUSE, BAD_REPLACE, BAD_QUOTE };

static bool put_bad(enum bad bad, char byte, struct buf *out)
{
	if (bad == BAD_QUOTE)
		buf_addf(out, "\\x%02X", (unsigned char)byte);
	else if (bad == BAD_REPLACE)
		utf8_put(out, 0xfffd);
	return bad != BAD_REFUSE;
}

/* False if s is malformed and so refused (or no converter opens). `more`: text
 * follows, so that an unfinished character is a bad one. */
static bool from_iconv(const char *name, struct str s, enum bad bad, bool more,
		       struct buf *out)
{
	struct converter *c = converter(name);
	char *in = (char *)s.p, chunk[4096];
	size_t left = s.n;
	bool stateful = strcmp(name, "ISO-2022-KR") == 0;

	if (!c)
		return false;
	while (left && !out->full) {
		char *dst = chunk;
		size_t room = sizeof(chunk);
		size_t rc = iconv(c->cd, &in, &left, &dst, &room);
		int e = errno;
		unsigned lone;

		buf_add(out, chunk, sizeof(chunk) - room);
		if (rc != (size_t)-1 || e == E2BIG)
			continue;
		if (e == EINVAL && !more && (stateful || left > 1 ||
				    is_lead(c, (unsigned char)*in)))
			break;
		lone = lone_byte(name, (unsigned char)*in);
		/* Encode's own decoder of ISO-2022-KR never fails. */
		if (lone)
			utf8_put(out, lone);
		else if (!put_bad(stateful ? BAD_REPLACE : bad, *in, out))
			return false;
		in++;
		left--;
	}
	flush_converter(c->cd, out);
	return true;
}

/* True for bytes that iconv passes through and Encode refuses. */
static bool is_foreign(const char *name, unsigned char c)
{
	if (strncmp(name, "EUC-", 4) == 0)
		return c >= 0x80 && c < 0xa0 &&
		       (strcmp(name, "EUC-JP") != 0 || (c != 0x8e && c != 0x8f));
	return c == 0x80 && strcmp(name, "BIG5") == 0;
}

/* The stretches between foreign bytes. */
static bool from_multibyte(const char *name, struct str s, enum bad bad,
			   struct buf *out)
{
	for (size_t i = 0, n; i < s.n; i += n + 1) {
		for (n = 0; i + n < s.n &&
		     !is_foreign(name, (unsigned char)s.p[i + n]); )
			n++;
		if (!from_iconv(name, str_make(s.p + i, n), bad,
				i + n < s.n, out))
			return false;
		if (i + n == s.n)
			return true;
		if (!put_bad(bad, s.p[i + n], out))
			return false;
	}
	return true;
}

/* Charsets in which iconv joins letters and marks, as Encode does not: byte by
 * byte. */
static bool from_composing(const char *name, struct str s, enum bad bad,
			   struct buf *out)
{
	for (size_t i = 0; i < s.n; i++)
		if (!from_iconv(name, str_make(s.p + i, 1), bad, false, out))
			return false;
	return true;
}

/* SJIS of the C library has the yen sign and the overline where Encode's has
 * the backslash and the tilde. */
static void fix_sjis(struct buf *b, size_t from)
{
	size_t n = from;

	for (size_t i = from; i < b->n; ) {
		if (i + 1 < b->n && memcmp(b->p + i, "\xc2\xa5", 2) == 0) {
			b->p[n++] = '\\';
			i += 2;
		} else if (i + 2 < b->n &&
			   memcmp(b->p + i, "\xe2\x80\xbe", 3) == 0) {
			b->p[n++] = '~';
			i += 3;
		} else {
			b->p[n++] = b->p[i++];
		}
	}
	b->n = n;
}

/* Charsets of two or four bytes a character want whole ones, and UTF-32 a byte
 * order mark unless the label says the order. */
static bool has_whole_units(const char *name, struct str s)
{
	if (strncmp(name, "UCS-2", 5) == 0)
		return s.n % 2 == 0;
	if (strncmp(name, "UTF-32", 6) != 0)
		return true;
	return s.n % 4 == 0 && (strlen(name) > 6 ||
				str_starts(s, str_make("\0\0\xfe\xff", 4)) ||
				str_starts(s, str_make("\xff\xfe\0\0", 4)));
}

bool charset_from_iconv(struct arena *a, const char *name, struct str s,
			bool strict, struct buf *out)
{
	enum bad bad = strict ? BAD_REFUSE : BAD_REPLACE;

	if (strcmp(name, "CP1255") == 0 || strcmp(name, "CP1258") == 0)
		return from_composing(name, s, bad, out);
	if (!has_whole_units(name, s))
		return false;
	if (strcmp(name, "ISO-2022-JP") == 0)
		return from_multibyte("EUC-JP", jis_to_euc(a, s), BAD_QUOTE,
				      out);
	if (!from_multibyte(name, s, bad, out))
		return false;
	if (strcmp(name, "SJIS") == 0)
		fix_sjis(out, 0);
	return true;
}
