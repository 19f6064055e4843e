/*
 * From octets in some declared charset to UTF-8, by SpamAssassin's rules
 * (reference 6.5) and with the answers of Perl's Encode.
 */
#ifndef MEKIKI_MAIL_CHARSET_H
#define MEKIKI_MAIL_CHARSET_H

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct buf;

enum charset_how {
	/* A body: UTF-8 is tried before the declared charset. */
	CHARSET_BODY,
	/* 8-bit text in a header: as a body, but UTF-16 that was recognized
	 * stays as it is. */
	CHARSET_HEADER,
	/* An encoded word: the declared charset, bad bytes become U+FFFD. */
	CHARSET_WORD,
};

/* Converts s. *decoded_r (may be NULL) tells if a charset was decoded, that
 * is, if Perl would hold characters; otherwise s itself is returned, which is
 * all ASCII but for CHARSET_HEADER and CHARSET_WORD. Never fails: what no
 * charset explains is taken for Windows-1252. */
struct str charset_decode(struct arena *a, struct str s, struct str declared,
			  enum charset_how how, bool *decoded_r);

/* True if s is well-formed UTF-8 by Encode's strict rules: neither surrogates
 * nor non-characters, nothing above U+10FFFF. */
bool utf8_is_strict(struct str s);

/* ISO-2022-JP text as EUC-JP, up to what is neither. */
struct str jis_to_euc(struct arena *a, struct str s);

/* Appends UTF-7 text to out. */
void utf7_decode(struct arena *a, struct str s, struct buf *out);

/* The number of bytes above 127. */
size_t count_8bit(struct str s);

/* The name by which iconv knows the charset that Encode knows as `declared`,
 * or NULL if Encode does not know it. */
const char *charset_iconv_name(struct str declared);

/* Appends s to out, converted from the charset that iconv calls `name`; bad
 * bytes become U+FFFD. False if there are any and strict is set, or if the C
 * library has no such charset. */
bool charset_from_iconv(struct arena *a, const char *name, struct str s,
			bool strict, struct buf *out);

/* iconv's name of the i-th charset that Encode knows; NULL behind the last. */
const char *charset_iconv_nth(size_t i);

/* Opens all converters. */
void charset_preload(void);

/* Appends a character as UTF-8. */
void utf8_put(struct buf *b, unsigned long c);

#endif
