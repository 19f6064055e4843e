/*
 * Character strings as Perl has them, which is what SpamAssassin's HTML
 * rendering works on: either octets, each a Latin-1 character, or UTF-8
 * ("wide"). The two kinds hold the same characters but answer differently
 * when asked what is a space or a word character: Latin-1 octets above 0x7F
 * are neither, while a wide string asks Unicode. Joining the two kinds makes
 * a wide string of all characters (surprises 7 and 11 come from this).
 */
#ifndef MEKIKI_MAIL_HTML_CHAR_H
#define MEKIKI_MAIL_HTML_CHAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

struct arena;

struct chars {
	struct str s;
	bool wide;
};

static inline struct chars chars_of(struct str s, bool wide)
{
	return (struct chars){ s, wide };
}

/* The character that begins at offset `at`, which must be inside; *len_r is
 * the number of its bytes. A byte that begins no UTF-8 sequence is taken as a
 * character of its own. */
static inline uint32_t char_at(struct chars c, size_t at, size_t *len_r);

/* The same where a byte above 0x7F of a wide string is. */
uint32_t char_beyond_ascii(struct str s, size_t at, size_t *len_r);

static inline uint32_t char_at(struct chars c, size_t at, size_t *len_r)
{
	unsigned char byte = (unsigned char)c.s.p[at];

	*len_r = 1;
	if (byte < 0x80 || !c.wide)
		return byte;
	return char_beyond_ascii(c.s, at, len_r);
}

/* The character that ends before offset `at` (> 0). */
uint32_t char_before(struct chars c, size_t at, size_t *len_r);

/* Perl's \s and \w of a character in a string of that kind. */
bool char_is_space(uint32_t ch, bool wide);
bool char_is_word(uint32_t ch, bool wide);

/* Writes ch as UTF-8 to p (4 bytes of room); returns the number of bytes. */
size_t char_put(char *p, uint32_t ch);

/* The number of characters. */
size_t chars_count(struct chars c);

/* The number of characters that Perl counts as white space when it measures
 * rendered text: \s if wide, else " \t\n\r\v". */
size_t chars_count_spaces(struct chars c);

/* Without leading and trailing \s (and U+00A0 too, if nbsp). */
struct chars chars_trim(struct chars c, bool nbsp);

/* At most max characters of c. *cut_r is set to true if it was longer. */
struct chars chars_head(struct chars c, size_t max, bool *cut_r);

/* Is any octet of s beyond ASCII? */
bool str_has_8bit(struct str s);

/* The same characters as UTF-8; c.s itself if it already is (or is ASCII),
 * else a copy in the arena. */
struct str chars_utf8(struct arena *a, struct chars c);

/* The octets that Perl prints of c: Latin-1 if all characters fit, else UTF-8.
 * c.s itself or a copy in the arena. */
struct str chars_octets(struct arena *a, struct chars c);

/* A character string that grows. */
struct chars_buf {
	struct buf b;
	bool wide;
};

void chars_buf_init(struct chars_buf *cb);	/* on the heap */
void chars_buf_free(struct chars_buf *cb);

/* Empties it, keeping the memory; it is not wide then. */
void chars_buf_clear(struct chars_buf *cb);

void chars_buf_add(struct chars_buf *cb, struct chars c);

/* Adds one character by its code point, making the string wide if it does not
 * fit into Latin-1. */
void chars_buf_put(struct chars_buf *cb, uint32_t ch);

/* Makes the string wide. */
void chars_buf_widen(struct chars_buf *cb);

static inline struct chars chars_buf_get(const struct chars_buf *cb)
{
	return chars_of(buf_str(&cb->b), cb->wide);
}

#endif
