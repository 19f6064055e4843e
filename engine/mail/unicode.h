/*
 * White space and length of text that is either octets or UTF-8 characters,
 * as Perl sees the two.
 */
#ifndef MEKIKI_MAIL_UNICODE_H
#define MEKIKI_MAIL_UNICODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* The length in bytes of the white space character at the front of s, 0 if it
 * is none. utf8: s is UTF-8 and Unicode's white space counts too (NEL, NBSP,
 * the spaces of U+2000 and kin). */
size_t space_at(struct str s, bool utf8);

/* The bytes that the first n characters of s take (all if it has fewer). */
size_t utf8_bytes(struct str s, size_t n);

/* True if s holds a word character: an ASCII letter, digit or '_', and with
 * utf8 any letter, mark or digit of Unicode. */
bool text_has_word(struct str s, bool utf8);

/* Latin-1 octets to UTF-8. */
struct arena;
struct str latin1_to_utf8(struct arena *a, struct str s);

#endif
