/*
 * The little of Unicode that the body view needs; see unicode.h.
 */
#include "mail/unicode.h"

#include <glib.h>

#include "base/arena.h"

static bool is_lead(int c)
{
	return (c & 0xc0) != 0x80;
}

/* The space characters above U+00FF, all of three bytes. */
static bool is_wide_space(const unsigned char *p)
{
	if (p[0] == 0xe1)
		return p[1] == 0x9a && p[2] == 0x80;	/* U+1680 */
	if (p[0] == 0xe3)
		return p[1] == 0x80 && p[2] == 0x80;	/* U+3000 */
	if (p[0] != 0xe2)
		return false;
	if (p[1] == 0x81)
		return p[2] == 0x9f;			/* U+205F */
	/* U+2000 to U+200A, U+2028, U+2029, U+202F */
	return p[1] == 0x80 && ((p[2] >= 0x80 && p[2] <= 0x8a) ||
				p[2] == 0xa8 || p[2] == 0xa9 || p[2] == 0xaf);
}

size_t space_at(struct str s, bool utf8)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.n == 0)
		return 0;
	if (p[0] < 0x80)
		return is_space(p[0]);
	if (!utf8)
		return 0;
	if (p[0] == 0xc2)
		return s.n > 1 && (p[1] == 0x85 || p[1] == 0xa0) ? 2 : 0;
	return s.n > 2 && is_wide_space(p) ? 3 : 0;
}

size_t utf8_bytes(struct str s, size_t n)
{
	size_t i = 0;

	for (; i < s.n; i++) {
		if (is_lead((unsigned char)s.p[i]) && n-- == 0)
			break;
	}
	return i;
}

static bool is_wide_word(gunichar c)
{
	switch (g_unichar_type(c)) {
	case G_UNICODE_UPPERCASE_LETTER:
	case G_UNICODE_LOWERCASE_LETTER:
	case G_UNICODE_TITLECASE_LETTER:
	case G_UNICODE_MODIFIER_LETTER:
	case G_UNICODE_OTHER_LETTER:
	case G_UNICODE_NON_SPACING_MARK:
	case G_UNICODE_SPACING_MARK:
	case G_UNICODE_ENCLOSING_MARK:
	case G_UNICODE_DECIMAL_NUMBER:
	case G_UNICODE_LETTER_NUMBER:
	case G_UNICODE_CONNECT_PUNCTUATION:
		return true;
	default:
		return c == 0x200c || c == 0x200d;
	}
}

bool text_has_word(struct str s, bool utf8)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		gunichar wide;

		if (is_word(c))
			return true;
		if (!utf8 || c < 0xc0)
			continue;
		wide = g_utf8_get_char_validated(s.p + i,
						 (gssize)(s.n - i));
		if (wide < 0x110000 && is_wide_word(wide))
			return true;
	}
	return false;
}

struct str latin1_to_utf8(struct arena *a, struct str s)
{
	size_t high = 0, n = 0;
	char *out;

	for (size_t i = 0; i < s.n; i++)
		high += (unsigned char)s.p[i] >> 7;
	if (!high)
		return s;
	out = arena_text(a, s.n + high);
	for (size_t i = 0; i < s.n; i++) {
		unsigned c = (unsigned char)s.p[i];

		if (c < 0x80) {
			out[n++] = (char)c;
		} else {
			out[n++] = (char)(0xc0 | c >> 6);
			out[n++] = (char)(0x80 | (c & 0x3f));
		}
	}
	return str_make(out, n);
}
