/*
 * The two directives of ExtractText that no table row has, since SpamAssassin
 * reads them in a way of their own: what it cannot read is an unknown line,
 * and faults of a kind only warn; see extract_text.h.
 */
#include "conf/extract_text.h"

#include "conf/loader.h"
#include "conf/setters.h"

#define PLUGIN "ExtractText"

/* Both slashes of \\ were needed by an older version. */
static struct str single_backslashes(struct loader *ld, const char *key,
				     struct str value)
{
	struct buf b;

	if (str_find(value, STR("\\\\")) < 0)
		return value;
	load_fault(ld, DIAG_WARN, "%s: double backslashes are read as single "
		   "ones: write single ones", key);
	buf_in(&b, ld->a, value.n);
	for (size_t i = 0; i < value.n; i++) {
		buf_addc(&b, value.p[i]);
		if (value.p[i] == '\\' && i + 1 < value.n &&
		    value.p[i + 1] == '\\')
			i++;
	}
	return buf_str(&b);
}

/* A word that ends in "tohtml" or "2html" somewhere in the line. */
static bool wants_html(struct str value)
{
	ssize_t at;

	while ((at = str_find(value, STR("html"))) >= 0) {
		size_t i = (size_t)at;
		struct str before = str_head(value, i);
		struct str after = str_from(value, i + 4);

		if ((str_ends(before, STR("to")) ||
		     str_ends(before, STR("2"))) &&
		    (!after.n || !is_word((unsigned char)after.p[0])))
			return true;
		value = after;
	}
	return false;
}

/* True if the line is one that is left out. */
static bool is_refused(struct loader *ld, const char *key, struct str value)
{
	if (!wants_html(value))
		return false;
	load_fault(ld, DIAG_WARN, "%s: a tool that makes HTML is of no use, "
		   "plain text is needed: the line is left out", key);
	return true;
}

/* Each {...} with something in it becomes a blank; *last_r the last one's
 * inside. Returns how many there were. */
static size_t take_braces(struct loader *ld, struct str *value,
			  struct str *last_r)
{
	struct buf b;
	size_t n = 0;

	buf_in(&b, ld->a, value->n);
	for (size_t i = 0; i < value->n; i++) {
		struct str rest = str_from(*value, i + 2);
		ssize_t end = value->p[i] == '{' ? str_chr(rest, '}') : -1;

		if (end < 0) {
			buf_addc(&b, value->p[i]);
			continue;
		}
		*last_r = str_head(str_from(*value, i + 1), (size_t)end + 1);
		buf_addc(&b, ' ');
		i += (size_t)end + 2;
		n++;
	}
	*value = buf_str(&b);
	return n;
}

static void add_variable(struct loader *ld, struct program *p, struct str text)
{
	if (text.p[0] == '=' || memchr(text.p, '\0', text.n))
		return;
	if (str_chr(text, '=') < 0)
		text = str_cat(ld->a, text, STR("="));
	strs_add(ld->a, &p->env, text);
}

/* {NAME=value} anywhere in the line. SpamAssassin takes all of them away and
 * keeps the last. */
static struct str take_variables(struct loader *ld, struct program *p,
				 struct str value)
{
	struct str last = STR("");
	size_t n;

	while ((n = take_braces(ld, &value, &last))) {
		if (n > 1)
			load_fault(ld, DIAG_WARN, "extracttext_external: of "
				   "several {NAME=value} only the last counts");
		add_variable(ld, p, last);
	}
	return value;
}

bool extract_external(struct loader *ld, struct str value)
{
	struct program p = { .plugin = PLUGIN };
	struct str name, word;

	value = single_backslashes(ld, "extracttext_external", value);
	if (is_refused(ld, "extracttext_external", value))
		return true;
	value = take_variables(ld, &p, value);
	/* A line that begins with a blank by now has a name of nothing. */
	if (value.n && is_space((unsigned char)value.p[0]))
		name = STR("");
	else if (!str_next_word(&value, &name))
		return false;
	while (str_next_word(&value, &word))
		strs_add(ld->a, &p.argv, word);
	if (p.argv.n < 2)
		return false;
	p.name = str_lower(ld->a, name);
	if (programs_find(&ld->rs->programs, PLUGIN, p.name) >= 0) {
		load_fault(ld, DIAG_WARN, "extracttext_external: there is a "
			   "tool %.*s already", STR_ARG(p.name));
		return false;
	}
	return programs_add(ld, &p);
}

static void add_use(struct loader *ld, struct str tool, struct str what)
{
	struct extract_uses *uses = &ld->rs->extract;
	struct extract_use use = {
		.tool = tool,
		.by_type = str_chr(what, '/') >= 0,
		.file = ld->file,
		.line = ld->line,
	};
	size_t i = 1;

	while (i < what.n && is_alnum((unsigned char)what.p[i]))
		i++;
	/* ".pdf" is an ending. */
	if (!use.by_type && what.p[0] == '.' && i == what.n && i > 1)
		what = str_cat(ld->a, STR(".*\\"), what);
	use.pattern = str_dup(ld->a, what);
	uses->v = arena_grow(ld->a, uses->v, uses->n, &uses->cap,
			     sizeof(*uses->v));
	uses->v[uses->n++] = use;
}

bool extract_use(struct loader *ld, struct str value)
{
	struct str tool, what;

	value = single_backslashes(ld, "extracttext_use", value);
	if (is_refused(ld, "extracttext_use", value))
		return true;
	if (!str_next_word(&value, &tool) || !str_next_word(&value, &what))
		return false;
	tool = str_lower(ld->a, tool);
	do {
		add_use(ld, tool, what);
	} while (str_next_word(&value, &what));
	return true;
}

/* Digits, and maybe digits. */
enum kw_result set_extract_timeout(struct loader *ld, const struct keyword *kw,
				   struct str value)
{
	struct str rest = value, word;
	size_t n = 0;

	if (!value.n)
		return KW_MISSING;
	for (; str_next_word(&rest, &word); n++)
		for (size_t i = 0; i < word.n; i++)
			if (!is_digit((unsigned char)word.p[i]) || n > 1)
				return load_expected(ld, "seconds for one "
						     "part, and for all");
	option_set(ld, kw->name, value);
	return KW_OK;
}
