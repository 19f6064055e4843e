/*
 * Charsets of one and two octets a character (EUC-JP: three behind 8F), read by
 * tables as Perl's Encode has them. See charset_pairs.c and charset_single.c.
 */
#ifndef MEKIKI_MAIL_CHARSET_PAIRS_H
#define MEKIKI_MAIL_CHARSET_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct buf;

/* CHARSET_NONE where an octet is nothing by itself, 0 in the other tables (no
 * pair is U+0000). Two characters in one are a bit, the second, the first. */
#define CHARSET_NONE 0xffffffffu
#define CHARSET_TWO 0x80000000u

struct charset_pairs {
	uint32_t single[256];
	uint32_t pair[128][256];	/* first octet less 80 */
	uint32_t (*triple)[256];	/* behind 8F; or NULL */
	bool lead[256];			/* begins some pair */
};

/* What becomes of a bad octet: the text is refused, U+FFFD, or "\\xE4". */
enum charset_bad { BAD_REFUSE, BAD_REPLACE, BAD_QUOTE };

/* False if bad is BAD_REFUSE. */
bool charset_put_bad(enum charset_bad bad, char octet, struct buf *out);

/* Is iconv's `name` such a charset? */
bool charset_is_pairs(const char *name);

/* Adds s as UTF-8; false if it is malformed and so refused. */
bool charset_from_pairs(const char *name, struct str s, enum charset_bad bad,
			struct buf *out);

/* The same for charsets of one octet, whose names here begin with '='. */
bool charset_from_single(const char *name, struct str s, enum charset_bad bad,
			 struct buf *out);

/* Puts in what differs from iconv. */
void charset_patch(struct charset_pairs *t, const char *name);

/* What iconv makes of these octets: one character or two joined, CHARSET_NONE
 * for anything else. */
uint32_t charset_iconv_one(const char *name, const char *octets, size_t n);

#endif
