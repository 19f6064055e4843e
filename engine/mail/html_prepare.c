/*
 * What SpamAssassin changes in HTML before it is parsed: "&nbsp;" is a blank,
 * curly quotes are straight (U+201C, U+201D: the same bytes in either kind of
 * string), and <br/> is <br>.
 */
#include "base/arena.h"
#include "mail/html_int.h"

/* "&nbsp;" and curly quotes, into out. */
static struct str replace_words(char *out, struct str html)
{
	size_t n = 0;

	for (size_t i = 0; i < html.n; n++) {
		struct str rest = str_from(html, i);

		out[n] = html.p[i++];
		if (out[n] == '&' && str_starts(rest, STR("&nbsp;"))) {
			out[n] = ' ';
			i += 5;
		} else if (out[n] == '\xe2' &&
			   (str_starts(rest, STR("\xe2\x80\x9c")) ||
			    str_starts(rest, STR("\xe2\x80\x9d")))) {
			out[n] = '"';
			i += 2;
		}
	}
	return str_make(out, n);
}

/* The length of word characters, white space and "/>" at offset i, or 0;
 * *name_r is the length of the word alone. */
static size_t short_tag(struct chars html, size_t i, size_t *name_r)
{
	size_t k = i, len;

	while (k < html.s.n &&
	       char_is_word(char_at(html, k, &len), html.wide))
		k += len;
	*name_r = k - i;
	if (k == i)
		return 0;
	while (k < html.s.n &&
	       char_is_space(char_at(html, k, &len), html.wide))
		k += len;
	return str_starts(str_from(html.s, k), STR("/>")) ? k + 2 - i : 0;
}

/* Makes <x> of <x/>, in place. */
static struct str replace_short_tags(struct str html, bool wide)
{
	char *p = (char *)html.p;
	size_t n = 0, name, len;

	for (size_t i = 0; i < html.n; ) {
		p[n++] = p[i++];
		if (p[n - 1] != '<')
			continue;
		len = short_tag(chars_of(html, wide), i, &name);
		if (!len)
			continue;
		memmove(p + n, p + i, name);
		n += name;
		p[n++] = '>';
		i += len;
	}
	return str_make(p, n);
}

struct str html_prepare(struct arena *a, struct chars html)
{
	struct str s = replace_words(arena_text(a, html.s.n), html.s);

	return replace_short_tags(s, html.wide);
}
