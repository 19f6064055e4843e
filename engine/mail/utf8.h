/*
 * What rules in Lua ask of UTF-8 text: letters' case, scripts, characters
 * that hide, names that look alike. Nothing here changes what SpamAssassin's
 * rules see; that is in unicode.h.
 *
 * Functions that make text write it to memory of the caller.
 */
#ifndef MEKIKI_MAIL_UTF8_H
#define MEKIKI_MAIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Octets that the lower-case or folded form of n octets takes at most. */
#define UTF8_LOWER_SIZE(n) ((n) * 2 + 4)
#define UTF8_FOLD_SIZE(n) ((n) * 3 + 4)

/* Each character in lower case; octets that are no UTF-8 stay. */
size_t utf8_lower(struct str s, char *out);

/* The form that is the same for texts which differ in case only ("ß" and
 * "SS"); room is what out holds, UTF8_FOLD_SIZE at least. */
size_t utf8_fold(struct str s, char *out, size_t room);

/* Characters; a bad sequence counts as one. */
size_t utf8_count(struct str s);

/* The offset of the first bad sequence, -1 if there is none. */
ssize_t utf8_bad(struct str s);

/* There are capitals and no small letters, and s is UTF-8. */
bool utf8_is_upper(struct str s);

/* Letters of more than one script. */
bool utf8_is_mixed(struct str s);

/* The first character that is not seen or turns the text around; where it is
 * and which. False if there is none. */
bool utf8_obscured(struct str s, size_t *at_r, long *character_r);

/* A character is below low or above high. */
bool utf8_is_outside(struct str s, long low, long high);

/* How two names can be confused. */
enum utf8_alike { UTF8_DIFFERENT, UTF8_ALIKE_ONE_SCRIPT, UTF8_ALIKE_MIXED,
		  UTF8_ALIKE_WHOLE };

/* Longest names that are compared; longer ones are different. */
#define UTF8_ALIKE_MAX 1024

enum utf8_alike utf8_alike(struct str a, struct str b);

/* s alone is suspicious: its digits are of several scripts or it has
 * characters that are not seen. */
bool utf8_is_odd(struct str s);

/* Loads what these need, so that no message pays for it. */
void utf8_preload(void);

#endif
