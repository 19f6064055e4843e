/*
 * Templates: the headers that a scanned mail gets, the reports, the tags of
 * rewrite_header. The headers are one list in order of declaration, each for
 * ham, spam or both; naming one anew takes the old one out and adds the new
 * one at the end.
 */
#include "conf/loader.h"
#include "conf/setters.h"

static const struct str checker_version = { "Checker-Version", 15 };

/* Takes name away for spam and/or ham. */
static void drop_header(struct settings *s, struct str name, bool spam,
			bool ham)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->nheaders; i++) {
		struct header_template h = s->headers[i];

		if (str_ieq(h.name, name)) {
			h.spam &= !spam;
			h.ham &= !ham;
		}
		if (h.spam || h.ham)
			s->headers[kept++] = h;
	}
	s->nheaders = kept;
}

static void add_header(struct loader *ld, struct str name, struct str text,
		       bool spam, bool ham)
{
	struct settings *s = ld->set;

	s->headers = arena_grow(ld->a, s->headers, s->nheaders,
				&s->headers_cap, sizeof(s->headers[0]));
	s->headers[s->nheaders++] = (struct header_template){
		.spam = spam, .ham = ham,
		.name = str_dup(ld->a, name), .text = str_dup(ld->a, text),
	};
}

void templates_init(struct loader *ld)
{
	add_header(ld, checker_version,
		   STR("SpamAssassin _VERSION_ (_SUBVERSION_) on _HOSTNAME_"),
		   true, true);
}

/* Takes "ham|spam|all NAME" off *value. */
static bool take_target(struct str *value, bool *spam_r, bool *ham_r,
			struct str *name_r)
{
	struct str type;

	if (!str_next_word(value, &type) || !str_next_word(value, name_r))
		return false;
	*spam_r = str_eq(type, STR("spam")) || str_eq(type, STR("all"));
	*ham_r = str_eq(type, STR("ham")) || str_eq(type, STR("all"));
	for (size_t i = 0; i < name_r->n; i++)
		if (!is_word((unsigned char)name_r->p[i]) &&
		    name_r->p[i] != '-')
			return false;
	return *spam_r || *ham_r;
}

/* \t, \n and \\ are expanded, other escapes removed with what they escape. */
static struct str unescape(struct arena *a, struct str s)
{
	char *out = arena_text(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\') {
			out[n++] = s.p[i];
			continue;
		}
		if (++i == s.n)
			out[n++] = '\\';
		else if (s.p[i] == 't')
			out[n++] = '\t';
		else if (s.p[i] == 'n')
			out[n++] = '\n';
		else if (s.p[i] == '\\')
			out[n++] = '\\';
	}
	return str_make(out, n);
}

enum kw_result set_add_header(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	struct str name, text = value;
	bool spam, ham;

	(void)kw;
	if (!take_target(&text, &spam, &ham, &name) ||
	    name.p + name.n == value.p + value.n)
		return load_expected(ld, "ham, spam or all, a header name of "
				     "letters, digits, - and _, and a text");
	text = str_trim(text);
	if (text.n >= 2 && text.p[0] == '"' && text.p[text.n - 1] == '"')
		text = str_head(str_from(text, 1), text.n - 2);
	drop_header(ld->set, name, spam, ham);
	add_header(ld, name, unescape(ld->a, text), spam, ham);
	return KW_OK;
}

enum kw_result set_remove_header(struct loader *ld, const struct keyword *kw,
				 struct str value)
{
	struct str name;
	bool spam, ham;

	(void)kw;
	if (!take_target(&value, &spam, &ham, &name) || str_trim(value).n)
		return load_expected(ld, "ham, spam or all, and a header "
				     "name");
	/* This one header cannot be removed, in this spelling. */
	if (!str_eq(name, checker_version))
		drop_header(ld->set, name, spam, ham);
	return KW_OK;
}

enum kw_result set_clear_headers(struct loader *ld, const struct keyword *kw,
				 struct str value)
{
	struct settings *s = ld->set;
	size_t kept = 0;

	(void)kw;
	if (value.n)
		return load_expected(ld, "nothing behind it");
	for (size_t i = 0; i < s->nheaders && !kept; i++)
		if (s->headers[i].ham &&
		    str_ieq(s->headers[i].name, checker_version)) {
			s->headers[kept] = s->headers[i];
			s->headers[kept++].spam = true;
		}
	s->nheaders = kept;
	return KW_OK;
}

/* report_safe 0 also puts the report into a header, from here on. */
enum kw_result set_report_safe(struct loader *ld, const struct keyword *kw,
			       struct str value)
{
	struct settings *s = ld->set;

	if (!value.n)
		return KW_MISSING;
	if (value.n != 1 || value.p[0] < '0' || value.p[0] > '2')
		return load_expected(ld, "0, 1 or 2");
	option_set(ld, kw->name, value);
	if (value.p[0] != '0')
		return KW_OK;
	for (size_t i = 0; i < s->nheaders; i++)
		if (s->headers[i].spam &&
		    str_ieq(s->headers[i].name, STR("report")))
			return KW_OK;
	add_header(ld, STR("Report"), STR("_REPORT_"), true, false);
	return KW_OK;
}

enum kw_result clear_template(struct loader *ld, const struct keyword *kw,
			      struct str value)
{
	if (value.n)
		return load_expected(ld, "nothing behind it");
	if (kw->arg[0] == 'r')
		ld->report.n = 0;
	else
		ld->unsafe_report.n = 0;
	return KW_OK;
}

/* Subject, From or To; a tag of spaces takes the old one away. */
enum kw_result set_rewrite_header(struct loader *ld, const struct keyword *kw,
				  struct str value)
{
	static const char *const names[] = { "Subject", "From", "To" };
	struct str name, tag, *copy;
	const char *canonical = NULL;

	(void)kw;
	if (!str_next_word(&value, &name))
		return KW_MISSING;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_ieq(name, str_cstr(names[i])))
			canonical = names[i];
	if (!canonical)
		return load_expected(ld, "Subject, From or To");
	tag = str_dup(ld->a, str_trim(value));
	if (canonical[0] != 'S')
		for (size_t i = 0; i < tag.n; i++) {
			char *c = (char *)&tag.p[i];

			*c = *c == '(' ? '[' : *c == ')' ? ']' : *c;
		}
	copy = arena_alloc(ld->a, sizeof(*copy));
	*copy = tag;
	map_set(&ld->set->rewrite_header, str_cstr(canonical),
		tag.n ? copy : NULL);
	return KW_OK;
}
