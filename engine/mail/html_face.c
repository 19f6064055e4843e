/*
 * Whether the face of a <font> looks like a list of font names: letters, blanks
 * and dashes, perhaps a digit at the end, perhaps in quotes, parted by commas.
 * SpamAssassin says it with one regular expression; each item is taken apart
 * from its end here, which needs no going back.
 */
#include "mail/html_int.h"

static bool is_quote(int c)
{
	return c == '"' || c == '\'';
}

static bool is_rest(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_alpha(s.p[i]) && s.p[i] != ' ' && s.p[i] != '-')
			return false;
	return true;
}

/* Takes the closing quote, a digit before it and the last letter off an item.
 * False if there is no such letter. */
static bool drop_tail(struct str *s)
{
	if (s->n > 0 && is_quote(s->p[s->n - 1]))
		s->n--;
	if (s->n > 0 && is_digit(s->p[s->n - 1]))
		s->n--;
	return s->n > 0 && is_alpha(s->p[--s->n]);
}

/* White space, an opening quote (the first item may have a dot instead), a
 * letter, and more: what drop_tail left of an item. In the first item a blank
 * may stand for the letter. */
static bool is_head(struct chars c, bool first)
{
	struct str s = c.s;
	size_t i = 0, len;
	bool blank = false;

	for (; i < s.n; i += len) {
		uint32_t ch = char_at(c, i, &len);

		if (!char_is_space(ch, c.wide))
			break;
		blank = ch == ' ';
	}
	if (i < s.n && (is_quote(s.p[i]) || (first && s.p[i] == '.'))) {
		i++;
		blank = false;
	}
	if (!first)
		blank = false;
	if (!blank && !(i < s.n && (is_alpha(s.p[i]) ||
				    (first && s.p[i] == ' '))))
		return false;
	return is_rest(str_from(s, i));
}

bool html_face_is_bad(struct chars face)
{
	struct str rest = face.s, item;
	bool first = true;

	if (rest.n > 0 && rest.p[rest.n - 1] == '\n')
		rest.n--;
	if (rest.n > 0 && rest.p[rest.n - 1] == ';')
		rest.n--;
	if (rest.n == 0)
		return true;
	for (; str_next(&rest, ',', &item); first = false) {
		if (!drop_tail(&item))
			return true;
		if (!is_head(chars_of(item, face.wide), first))
			return true;
	}
	return false;
}
