/*
 * One header value as rspamd's rules see it: raw, that is on one line and
 * without white space at its front, or decoded to UTF-8 whatever came.
 * SpamAssassin's reading is in header.c.
 */
#include "mail/header.h"

#include <glib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

struct str header_plain(struct arena *a, struct str raw)
{
	char *out;
	size_t n = 0;

	raw = str_ltrim(raw);
	while (raw.n && (raw.p[raw.n - 1] == '\n' || raw.p[raw.n - 1] == '\r'))
		raw.n--;
	if (str_chr(raw, '\n') < 0 && str_chr(raw, '\r') < 0)
		return raw;
	out = arena_text(a, raw.n);
	for (size_t i = 0; i < raw.n; i++) {
		if (raw.p[i] != '\n' && raw.p[i] != '\r') {
			out[n++] = raw.p[i];
			continue;
		}
		out[n++] = ' ';
		while (i + 1 < raw.n && is_space((unsigned char)raw.p[i + 1]))
			i++;
	}
	return str_make(out, n);
}

static bool is_plain_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || (unsigned char)s.p[i] > '~')
			return false;
	return true;
}

/* Octets that are no UTF-8 become U+FFFD, tabs and line ends (of encoded
 * words) a space, other control characters '?'. */
static struct str enforce_utf8(struct arena *a, struct str s)
{
	struct buf out;

	if (is_plain_ascii(s))
		return s;
	buf_in(&out, a, LIMIT_PART_TEXT);
	for (size_t i = 0; i < s.n; ) {
		gunichar c = g_utf8_get_char_validated(s.p + i,
						       (gssize)(s.n - i));
		size_t n = 1;

		if (s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r')
			buf_addc(&out, ' ');
		else if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			buf_addc(&out, '?');
		else if (c == (gunichar)-1 || c == (gunichar)-2)
			buf_adds(&out, STR("\xef\xbf\xbd"));
		else
			buf_add(&out, s.p + i, n = (size_t)g_unichar_to_utf8(c,
								NULL));
		i += n;
	}
	return buf_str(&out);
}

struct str header_shown(struct arena *a, const struct mail_settings *ms,
			struct str raw)
{
	struct str s = header_plain(a, raw), trimmed = str_trim(s);

	if (str_ends(trimmed, STR("?=")))
		s = trimmed;
	if (str_find(s, STR("=?")) >= 0)
		s = header_decode(a, ms, s);
	return enforce_utf8(a, s);
}
