/*
 * Case, scripts and look-alikes of UTF-8 text, by ICU's tables; see utf8.h.
 *
 * ICU's data is part of its library: no file is opened, also not by a worker
 * that may open none. The checker of look-alikes is made once and only read
 * afterwards.
 */
#include "mail/utf8.h"

#include <stdint.h>
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/utf8.h>

#include "base/log.h"

/* The next character of s from *i on, negative for a bad sequence. */
static UChar32 next(struct str s, size_t *i)
{
	const uint8_t *p = (const uint8_t *)s.p;
	UChar32 c;

	U8_NEXT(p, *i, s.n, c);
	return c;
}

size_t utf8_lower(struct str s, char *out)
{
	uint8_t *p = (uint8_t *)out;
	size_t n = 0;

	for (size_t i = 0; i < s.n; ) {
		size_t start = i;
		UChar32 c = next(s, &i);

		if (c >= 0x80 && c != u_tolower(c)) {
			c = u_tolower(c);
			U8_APPEND_UNSAFE(p, n, c);
		} else if (c >= 0 && c < 0x80) {
			p[n++] = (uint8_t)to_lower(c);
		} else {
			while (start < i)
				p[n++] = (uint8_t)s.p[start++];
		}
	}
	return n;
}

static UCaseMap *folder(void)
{
	static UCaseMap *map;
	UErrorCode status = U_ZERO_ERROR;

	if (!map)
		map = ucasemap_open("", U_FOLD_CASE_DEFAULT, &status);
	return map;
}

size_t utf8_fold(struct str s, char *out, size_t room)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = 0;

	if (s.n > INT32_MAX || !folder())
		return 0;
	n = ucasemap_utf8FoldCase(folder(), out,
				  room > INT32_MAX ? INT32_MAX : (int32_t)room,
				  s.p, (int32_t)s.n, &status);
	return status == U_BUFFER_OVERFLOW_ERROR || n < 0 ? 0 : (size_t)n;
}

size_t utf8_count(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; n++)
		next(s, &i);
	return n;
}

ssize_t utf8_bad(struct str s)
{
	for (size_t i = 0; i < s.n; ) {
		size_t start = i;

		if (next(s, &i) < 0)
			return (ssize_t)start;
	}
	return -1;
}

bool utf8_is_upper(struct str s)
{
	bool upper = false;

	for (size_t i = 0; i < s.n; ) {
		UChar32 c = next(s, &i);

		if (c < 0 || u_islower(c))
			return false;
		upper = upper || u_isupper(c);
	}
	return upper;
}

bool utf8_is_mixed(struct str s)
{
	UScriptCode seen = USCRIPT_COMMON;

	for (size_t i = 0; i < s.n; ) {
		UErrorCode status = U_ZERO_ERROR;
		UChar32 c = next(s, &i);
		UScriptCode script = c < 0 ? USCRIPT_COMMON :
			uscript_getScript(c, &status);

		if (script == USCRIPT_COMMON || script == USCRIPT_INHERITED)
			continue;
		if (seen != USCRIPT_COMMON && script != seen)
			return true;
		seen = script;
	}
	return false;
}

/* Zero width, marks of direction, unseen separators and operators: what rspamd
 * takes for obscured. */
static bool is_hiding(UChar32 c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
	       (c >= 0x205f && c <= 0x206f) || c == 0xfeff;
}

bool utf8_obscured(struct str s, size_t *at_r, long *character_r)
{
	for (size_t i = 0; i < s.n; ) {
		size_t start = i;
		UChar32 c = next(s, &i);

		if (!is_hiding(c))
			continue;
		*at_r = start;
		*character_r = c;
		return true;
	}
	return false;
}

bool utf8_is_outside(struct str s, long low, long high)
{
	for (size_t i = 0; i < s.n; ) {
		UChar32 c = next(s, &i);

		if (c >= 0 && (c < low || c > high))
			return true;
	}
	return false;
}

static USpoofChecker *checker(bool alone)
{
	static USpoofChecker *both[2];
	UErrorCode status = U_ZERO_ERROR;

	if (both[alone])
		return both[alone];
	both[alone] = uspoof_open(&status);
	if (U_SUCCESS(status) && alone)
		uspoof_setChecks(both[alone], USPOOF_INVISIBLE |
				 USPOOF_MIXED_NUMBERS, &status);
	if (U_FAILURE(status)) {
		log_error("ICU cannot compare names: %s", u_errorName(status));
		both[alone] = NULL;
	}
	return both[alone];
}

enum utf8_alike utf8_alike(struct str a, struct str b)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t found;

	if (a.n == 0 || b.n == 0 || a.n > UTF8_ALIKE_MAX ||
	    b.n > UTF8_ALIKE_MAX || !checker(false))
		return UTF8_DIFFERENT;
	found = uspoof_areConfusableUTF8(checker(false), a.p, (int32_t)a.n,
					 b.p, (int32_t)b.n, &status);
	if (U_FAILURE(status))
		return UTF8_DIFFERENT;
	if (found & USPOOF_WHOLE_SCRIPT_CONFUSABLE)
		return UTF8_ALIKE_WHOLE;
	if (found & USPOOF_MIXED_SCRIPT_CONFUSABLE)
		return UTF8_ALIKE_MIXED;
	return found & USPOOF_SINGLE_SCRIPT_CONFUSABLE ?
		UTF8_ALIKE_ONE_SCRIPT : UTF8_DIFFERENT;
}

bool utf8_is_odd(struct str s)
{
	UErrorCode status = U_ZERO_ERROR;

	return s.n > 0 && s.n <= UTF8_ALIKE_MAX && checker(true) &&
	       uspoof_check2UTF8(checker(true), s.p, (int32_t)s.n, NULL,
				 &status) != 0 && U_SUCCESS(status);
}

void utf8_preload(void)
{
	char out[UTF8_FOLD_SIZE(1)];

	utf8_fold(STR("A"), out, sizeof(out));
	utf8_alike(STR("a"), STR("b"));
	utf8_is_odd(STR("a"));
	utf8_is_mixed(STR("a"));
}
