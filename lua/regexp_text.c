/*
 * How scripts write a regex: the text between delimiters and the letters
 * behind it. rspamd's reading, so "/a/b" is the pattern "a" with the unknown
 * flag "b", and "m{...}" must match the whole text.
 */
#include "lua/regexp.h"

unsigned re_flags(struct str letters, struct str *rest_r)
{
	static const struct { char letter; unsigned flag; } table[] = {
		{ 'i', REGEX_CASELESS }, { 'm', REGEX_MULTILINE },
		{ 's', REGEX_DOTALL }, { 'x', REGEX_EXTENDED },
		{ 'u', REGEX_UTF }, { 'r', 0 }, { 'O', 0 }, { 'L', 0 },
	};
	unsigned flags = 0;

	for (; letters.n; letters = str_from(letters, 1)) {
		size_t i = 0;

		while (i < sizeof(table) / sizeof(*table) &&
		       table[i].letter != letters.p[0])
			i++;
		if (i == sizeof(table) / sizeof(*table))
			break;
		flags |= table[i].flag;
	}
	*rest_r = letters;
	return flags;
}

bool re_text_split(struct str text, struct re_text *out)
{
	bool whole = text.n > 1 && text.p[0] == 'm' && !is_word(text.p[1]);
	struct str body = str_from(text, whole ? 2 : 1);
	ssize_t end;

	*out = (struct re_text){ .pattern = text };
	if (!whole && (text.n < 2 || text.p[0] != '/'))
		return true;
	end = str_rchr(body, !whole ? '/' :
		       text.p[1] == '{' ? '}' : text.p[1]);
	if (end < 0)
		return false;
	out->pattern = str_head(body, (size_t)end);
	out->flags = re_flags(str_from(body, (size_t)end + 1), &out->rest) |
		(whole ? REGEX_WHOLE : 0);
	return true;
}
