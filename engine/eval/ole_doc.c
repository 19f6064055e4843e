/*
 * Documents that are ZIP archives (docx, xlsm, ...): the names of members tell
 * about macros and embedded objects, [Content_Types].xml about macros, the
 * relations about links that are followed when the document is opened.
 */
#include "eval/ole.h"

#include "base/arena.h"

/* Kept of one message. */
#define REDIRECTS_MAX 10
#define MHTML_MAX 5

bool ole_is_zip(struct str name, struct str data)
{
	/* Perl's $: a newline may follow. */
	if (str_ends(name, STR("\n")))
		name.n--;
	return str_starts(data, STR("PK")) || str_iends(name, STR(".zip"));
}

/* ---- Names ---- */

static bool is_project(struct str name)
{
	static const struct str names[] = {
		STR("word/vbaproject.bin"), STR("macros/vba/_vba_project"),
		STR("xl/vbaproject.bin"),
		STR("_vba_project_cur/vba/_vba_project"),
		STR("ppt/vbaproject.bin"),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_ieq(name, names[i]))
			return true;
	return false;
}

/* Is ".rtf" at i in s, and a word's end behind it? */
static bool is_rtf_at(struct str s, size_t i)
{
	return str_istarts(str_from(s, i), STR(".rtf")) &&
	       (i + 4 == s.n || !is_word((unsigned char)s.p[i + 4]));
}

/* word/, 1 to 50 characters, .rtf */
static bool is_rtf(const struct zip_member *m)
{
	struct str s = m->name;
	size_t chars = 0;

	if (!str_istarts(s, STR("word/")))
		return false;
	s = str_from(s, 5);
	for (size_t i = 0; i < s.n && chars <= 50; i++) {
		if (m->characters && (s.p[i] & 0xc0) == 0x80)
			continue;
		if (chars && is_rtf_at(s, i))
			return true;
		if (s.p[i] == '\n')
			return false;
		chars++;
	}
	return false;
}

/* ---- Contents ---- */

static bool types_tell_macro(struct str data)
{
	static const struct str marks[] = {
		STR("ContentType=\"application/vnd.ms-office.vbaProject"),
		STR("ContentType='application/vnd.ms-office.vbaProject"),
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		struct str rest = data;
		ssize_t at;

		while ((at = str_ifind(rest, marks[i])) >= 0) {
			rest = str_from(rest, (size_t)at + marks[i].n);
			if (rest.n && (rest.p[0] == '"' || rest.p[0] == '\''))
				return true;
		}
	}
	return str_ifind(data, STR("macroEnabled")) >= 0 ||
	       str_ifind(data, STR("application/vnd.ms-excel.macrosheet")) >= 0 ||
	       str_ifind(data,
			 STR("application/vnd.ms-excel.intlmacrosheet")) >= 0;
}

static void keep_uri(struct ole_look *k, struct strs *list, size_t max,
		     struct str uri)
{
	if (list->n < max && !strs_has(list, uri))
		strs_add(k->arena, list, str_dup(k->arena, uri));
}

static bool is_web(struct str s)
{
	return str_istarts(s, STR("http://")) ||
	       str_istarts(s, STR("https://"));
}

/* One relation: its target, if that lies outside of the document. */
static void look_at_relation(struct ole_look *k, struct str s)
{
	struct str target;
	ssize_t at = str_ifind(s, STR("Target=\"")), end;

	if (at < 0)
		return;
	s = str_from(s, (size_t)at + 8);
	end = str_chr(s, '"');
	if (end < 0)
		return;
	target = str_head(s, (size_t)end);
	s = str_from(s, (size_t)end + 1);
	if (str_ifind(s, STR("TargetMode=\"External\"")) < 0)
		return;
	if (str_istarts(target, STR("mhtml:&#x48;&#x54;&#x50;&#x3a;"
				    "&#x5c;&#x5c;&#x31;&")) ||
	    (str_istarts(target, STR("mhtml:")) &&
	     is_web(str_from(target, 6))))
		keep_uri(k, &k->f->mhtml_uris, MHTML_MAX, target);
	if (str_istarts(target, STR("mhtml:")))
		target = str_from(target, 6);
	if (is_web(target))
		keep_uri(k, &k->f->redirect_uris, REDIRECTS_MAX, target);
}

/* Where the next "Relationship " is, and a blank of any kind behind it. */
static ssize_t next_relation(struct str s)
{
	struct str word = STR("Relationship");
	size_t from = 0;
	ssize_t at;

	while ((at = str_find(str_from(s, from), word)) >= 0) {
		from += (size_t)at;
		if (from + word.n < s.n &&
		    is_space((unsigned char)s.p[from + word.n]))
			return (ssize_t)from;
		from += word.n;
	}
	return -1;
}

/* True if there is anything but the word itself. */
static bool look_at_relations(struct ole_look *k, struct str data)
{
	bool some = false;

	while (data.n) {
		ssize_t at = next_relation(data);
		struct str one = at < 0 ? data : str_head(data, (size_t)at);

		some |= one.n > 0;
		look_at_relation(k, one);
		if (at < 0)
			break;
		data = str_from(data, (size_t)at + 13);
	}
	return some;
}

/* ---- The document ---- */

static bool look_at_names(struct ole_look *k, struct zip *z, bool *project_r)
{
	bool document = false;

	for (size_t i = 0; i < z->n; i++) {
		struct zip_member *m = &z->v[i];
		bool project = is_project(m->name);
		bool object = str_istarts(m->name, STR("xl/embeddings/"));
		bool rtf = is_rtf(m);

		*project_r |= project;
		k->f->macro |= project;
		k->f->object |= object;
		k->f->rtf_object |= rtf;
		document |= project || object || rtf;
	}
	return document;
}

static bool look_at_types(struct ole_look *k, struct zip *z)
{
	struct str data;

	for (size_t i = 0; i < z->n; i++) {
		if (!str_eq(z->v[i].name, STR("[Content_Types].xml")))
			continue;
		if (!k->f->macro && zip_contents(z, &z->v[i], &data))
			k->f->macro = types_tell_macro(data);
		return true;
	}
	return false;
}

static bool look_at_rels(struct ole_look *k, struct zip *z)
{
	bool document = false;
	struct str data;

	for (size_t i = 0; i < z->n; i++)
		if (str_find(z->v[i].name, STR(".rels")) >= 0 &&
		    zip_contents(z, &z->v[i], &data))
			document |= look_at_relations(k, data);
	return document;
}

static bool bins_have_malice(struct zip *z)
{
	struct str data;

	for (size_t i = 0; i < z->n; i++)
		if (str_find(z->v[i].name, STR(".bin")) >= 0 &&
		    zip_contents(z, &z->v[i], &data) && ole_has_malice(data))
			return true;
	return false;
}

bool ole_look_in_document(struct ole_look *k, struct str name,
			  struct str data)
{
	bool document, project = false;
	struct zip z;

	if (!data.n || !ole_is_zip(name, data) ||
	    !zip_open(&z, data, &k->budget))
		return false;
	document = look_at_names(k, &z, &project);
	document |= look_at_types(k, &z);
	document |= look_at_rels(k, &z);
	if (project && bins_have_malice(&z))
		k->f->malice = true;
	zip_close(&z);
	return document;
}
