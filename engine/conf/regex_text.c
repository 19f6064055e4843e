/*
 * Regular expressions as rule files write them, on the way from a line to
 * match/, which compiles them. SpamAssassin takes the delimiters off by hand
 * (so that a stray delimiter inside is an error, although Perl's own parser
 * would never see it), refuses embedded Perl code, and then lets Perl reject
 * the rest, warnings included: that is why /g and /o, "useless" inside a
 * pattern, cost a rule its life.
 *
 * A pattern is compiled as octets with /aa, so the modifiers that choose a
 * character set (a, p) say nothing and are dropped; those that would choose
 * another one (u, l, d) are refused by name.
 */
#include "conf/regex_text.h"

#include "base/arena.h"

/* The closing delimiter that belongs to an opening one. */
static char closing_of(char c)
{
	switch (c) {
	case '{': return '}';
	case '(': return ')';
	case '<': return '>';
	case '[': return ']';
	default: return c;
	}
}

/* Takes the opening delimiter (with m or qr) off *text. Returns the closing
 * one, or -1 and err. */
static int take_opening(struct str *text, struct err *err)
{
	struct str s = *text;

	if (s.n && s.p[0] == '/') {
		*text = str_from(s, 1);
		return '/';
	}
	if (str_starts(s, STR("qr")))
		s = str_from(s, 2);
	else if (str_starts(s, STR("m")))
		s = str_from(s, 1);
	else
		return err_set(err, "the delimiters are missing: expected "
			       "/pattern/ or m{pattern}");
	if (s.n == 0 || is_word((unsigned char)s.p[0]))
		return err_set(err, "the delimiters are missing: expected "
			       "/pattern/ or m{pattern}");
	if (s.p[0] == '\\')
		return err_set(err, "a backslash cannot be a delimiter");
	*text = str_from(s, 1);
	return (unsigned char)closing_of(s.p[0]);
}

/* True if delim occurs without a backslash before it. */
static bool has_bare(struct str pattern, int delim)
{
	for (size_t i = 0; i < pattern.n; i++) {
		if (pattern.p[i] == '\\')
			i++;
		else if ((unsigned char)pattern.p[i] == delim)
			return true;
	}
	return false;
}

/* Keeps the modifiers that matter; -1 and err for those that cannot be. */
static int filter_mods(struct arena *a, struct str mods, struct str *mods_r,
		       struct err *err)
{
	size_t kept = 0;
	char *out;

	for (size_t i = 0; i < mods.n; i++) {
		char c = mods.p[i];

		if (c == 'g' || c == 'o' || c == 'c')
			return err_set(err, "the modifier '%c' is useless "
				       "here, and an error: expected some of "
				       "i, m, s, x, n", c);
		if (!strchr("imsxnap", c))
			return err_set(err, "the modifier '%c' is unknown: "
				       "expected some of i, m, s, x, n", c);
		if (strchr("imsxn", c))
			kept++;
	}
	*mods_r = mods;
	if (kept == mods.n)
		return 0;
	out = arena_text(a, kept + 1);
	kept = 0;
	for (size_t i = 0; i < mods.n; i++)
		if (strchr("imsxn", mods.p[i]))
			out[kept++] = mods.p[i];
	*mods_r = str_make(out, kept);
	return 0;
}

int regex_text_split(struct arena *a, struct str text,
		     struct regex_text *re_r, struct err *err)
{
	struct str mods;
	ssize_t end;
	int delim;

	delim = take_opening(&text, err);
	if (delim < 0)
		return -1;
	end = str_rchr(text, delim);
	if (end < 0)
		return err_set(err, "the closing delimiter '%c' is missing",
			       delim);
	mods = str_from(text, (size_t)end + 1);
	for (size_t i = 0; i < mods.n; i++)
		if (!is_lower((unsigned char)mods.p[i]) || mods.p[i] == 'e')
			return err_set(err, "the closing delimiter '%c' must "
				       "end the pattern, with nothing but "
				       "modifiers after it", delim);
	text = str_head(text, (size_t)end);
	if (str_find(text, STR("(?{")) >= 0 || str_find(text, STR("(??{")) >= 0)
		return err_set(err, "the pattern has Perl code in it: "
			       "(?{...}) is never run");
	if (delim != '}' && delim != ')' && delim != ']' &&
	    has_bare(text, delim))
		return err_set(err, "the delimiter '%c' stands inside the "
			       "pattern: expected a backslash before it",
			       delim);
	re_r->pattern = text;
	return filter_mods(a, mods, &re_r->mods, err);
}

const char *regex_text_always_matches(struct str pattern)
{
	size_t n = pattern.n;

	if (n == 0)
		return "is empty";
	for (size_t i = 0; i + 1 < n; i++)
		if (pattern.p[i] == '|' && pattern.p[i + 1] == '|' &&
		    (i == 0 || pattern.p[i - 1] != '\\'))
			return "contains '||'";
	if (pattern.p[0] == '|')
		return "starts with '|'";
	if (pattern.p[n - 1] == '|' && (n < 2 || pattern.p[n - 2] != '\\'))
		return "ends with '|'";
	return NULL;
}

/* The name [A-Z][A-Z0-9]*(_[A-Z0-9]+)* that s begins with, maybe empty. */
static struct str tag_name(struct str s)
{
	size_t n = 0;

	if (s.n == 0 || !is_upper((unsigned char)s.p[0]))
		return str_head(s, 0);
	while (n < s.n) {
		int c = (unsigned char)s.p[n];
		bool tail = n + 1 < s.n && (is_upper(s.p[n + 1]) ||
					    is_digit(s.p[n + 1]));

		if (!is_upper(c) && !is_digit(c) && !(c == '_' && tail))
			break;
		n++;
	}
	return str_head(s, n);
}

/* If s begins with %{NAME} or %{NAME(arg)}: the text between the braces. */
static struct str template_at(struct str s)
{
	struct str name, rest;
	ssize_t close;

	if (!str_starts(s, STR("%{")))
		return STR_NONE;
	s = str_from(s, 2);
	name = tag_name(s);
	if (name.n == 0)
		return STR_NONE;
	rest = str_from(s, name.n);
	if (rest.n && rest.p[0] == '(') {
		close = str_chr(rest, ')');
		if (close < 0 || str_chr(str_head(rest, (size_t)close), '}') >= 0)
			return STR_NONE;
		name = str_head(s, name.n + (size_t)close + 1);
		rest = str_from(s, name.n);
	}
	return rest.n && rest.p[0] == '}' ? name : STR_NONE;
}

/* If s begins a named group, (?<N (?P<N (?'N: what follows the quote. */
static struct str named_group_at(struct str s)
{
	if (!str_starts(s, STR("(?")))
		return STR_NONE;
	s = str_from(s, 2);
	if (s.n && s.p[0] == 'P')
		s = str_from(s, 1);
	if (s.n < 2 || (s.p[0] != '<' && s.p[0] != '\'') ||
	    !is_upper((unsigned char)s.p[1]))
		return STR_NONE;
	return str_from(s, 1);
}

bool regex_text_names(struct arena *a, struct str pattern,
		      struct strs *captures, struct strs *templates)
{
	bool first = false;

	for (size_t i = 0; i < pattern.n; i++) {
		struct str s = str_from(pattern, i), name;

		if (s.p[0] == '%' && (i == 0 || pattern.p[i - 1] != '\\')) {
			name = template_at(s);
			/* SpamAssassin notes only the last one; others
			 * stay text. */
			if (name.p) {
				templates->n = 0;
				strs_add(a, templates, name);
			}
		} else if (s.p[0] == '(') {
			name = named_group_at(s);
			if (!name.p)
				continue;
			first = true;
			name = tag_name(name);
			if (!strs_has(captures, name))
				strs_add(a, captures, name);
		}
	}
	return first;
}
