/*
 * Which parts of a message and which members of archives OLEVBMacro looks at.
 *
 * Parts with a Content-Type and a name, in base64 or quoted-printable only;
 * what is done depends on the name's ending: archive, document with macros,
 * other document, anything else (only with olemacro_extended_scan). Those that
 * something was done with count towards the limits; an encrypted member does
 * not.
 */
#include "eval/ole.h"

#include "base/arena.h"
#include "base/limits.h"
#include "eval/plugin.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/part.h"
#include "match/regex.h"

static bool is(const struct ole_look *k, enum ole_regex which, struct str name)
{
	return regex_hits(k->o->re[which], name);
}

/* A file that is looked at: a part's or a member's, unpacked when it is
 * needed. */
struct file {
	struct str name;
	struct str data;
	struct zip *zip;		/* or NULL: data is there */
	struct zip_member *member;
	int depth;			/* of archives around it */
};

static bool load(struct file *f)
{
	if (!f->zip)
		return true;
	if (!zip_contents(f->zip, f->member, &f->data))
		return false;
	f->zip = NULL;
	return true;
}

static void look_in_zip(struct ole_look *k, const struct file *f);

static void look_for_download(struct ole_look *k, struct str data)
{
	if (ole_has_download(data, k->o->re[OLE_DOWNLOAD_MARKER]))
		k->f->download_exe = true;
}

static bool look_for_encryption(struct ole_look *k, struct str data)
{
	bool found = ole_is_encrypted(data);

	k->f->encrypted |= found;
	return found;
}

static bool look_for_old_macro(struct ole_look *k, struct str data)
{
	if (!data.n || !ole_has_macro(data))
		return false;
	k->f->macro = true;
	k->f->malice |= ole_has_malice(data);
	return true;
}

static void look_at_document(struct ole_look *k, struct file *f, bool old)
{
	if (!load(f))
		return;
	look_for_encryption(k, f->data);
	if (old)
		look_for_old_macro(k, f->data);
	ole_look_in_document(k, f->name, f->data);
	look_for_download(k, f->data);
}

static void look_at_other(struct ole_look *k, struct file *f)
{
	bool renamed;

	if (!load(f))
		return;
	renamed = ole_is_office(f->data);
	renamed |= look_for_encryption(k, f->data);
	renamed |= look_for_old_macro(k, f->data);
	renamed |= ole_look_in_document(k, f->name, f->data);
	if (renamed) {
		k->f->renamed = true;
		look_for_download(k, f->data);
	}
	look_in_zip(k, f);
}

/* Perl's $: a newline may follow. */
static bool ends_in_csv(struct str name)
{
	if (str_ends(name, STR("\n")))
		name.n--;
	return str_iends(name, STR(".csv"));
}

/* False if nothing was to be done, which does not count. */
static bool look_at_file(struct ole_look *k, struct file *f)
{
	if (ends_in_csv(f->name) && load(f))
		k->f->csv |= ole_has_csv_command(f->data);
	if (is(k, OLE_ZIPS, f->name)) {
		if (load(f))
			look_in_zip(k, f);
	} else if (is(k, OLE_MACRO_EXTS, f->name)) {
		k->f->macro = true;
		look_at_document(k, f, false);
	} else if (is(k, OLE_EXTS, f->name)) {
		look_at_document(k, f, true);
	} else if (k->o->extended_scan) {
		look_at_other(k, f);
	} else {
		return false;
	}
	return true;
}

/* ---- Archives ---- */

static void look_at_members(struct ole_look *k, struct zip *z, int depth)
{
	double seen = 0;

	for (size_t i = 0; i < z->n; i++) {
		struct zip_member *m = &z->v[i];
		struct file f = { .name = m->name, .zip = z, .member = m,
				  .depth = depth };

		if (is(k, OLE_SKIP_EXTS, m->name))
			continue;
		if (m->encrypted) {
			k->f->macro |= is(k, OLE_MACRO_EXTS, m->name);
			k->f->zip_password = true;
			continue;
		}
		if (look_at_file(k, &f) && ++seen >= k->o->num_zip)
			return;
	}
}

static void look_in_zip(struct ole_look *k, const struct file *f)
{
	int depth = f->depth + 1;
	struct zip z;

	if (k->o->num_zip == 0 || depth > k->o->zip_depth)
		return;
	if (depth > LIMIT_OLE_DEPTH) {
		k->budget.cut = true;
		return;
	}
	if (!f->data.n || !ole_is_zip(f->name, f->data) ||
	    !zip_open(&z, f->data, &k->budget))
		return;
	look_at_members(k, &z, depth);
	zip_close(&z);
}

/* ---- Parts ---- */

/* Lower-case letters of an encoded word's charset and kind, as a pattern that
 * one header was decoded from a second time. */
static bool is_encoded_word(struct str s)
{
	size_t i = 2;

	if (!str_starts(s, STR("=?")))
		return false;
	while (i < s.n && (is_word((unsigned char)s.p[i]) || s.p[i] == '-'))
		i++;
	if (i == 2 || i + 2 >= s.n || s.p[i] != '?' ||
	    !strchr("bBqQ", s.p[i + 1]) || !s.p[i + 1] || s.p[i + 2] != '?')
		return false;
	for (i += 3; i < s.n; i++)
		if (s.p[i] == '?')
			return i + 1 < s.n && s.p[i + 1] == '=';
	return false;
}

static bool has_encoded_word(struct str s)
{
	ssize_t at;

	while ((at = str_find(s, STR("=?"))) >= 0) {
		s = str_from(s, (size_t)at);
		if (is_encoded_word(s))
			return true;
		s = str_from(s, 2);
	}
	return false;
}

/* The text without its line ends, white space behind one made a blank. */
static struct str flatten(struct arena *a, struct str s)
{
	char *p = arena_text(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\n') {
			p[n++] = s.p[i];
			continue;
		}
		if (n && p[n - 1] == '\r')
			n--;
		if (i + 1 < s.n && (s.p[i + 1] == ' ' || s.p[i + 1] == '\t')) {
			while (i + 1 < s.n && (s.p[i + 1] == ' ' ||
					       s.p[i + 1] == '\t'))
				i++;
			p[n++] = ' ';
		}
	}
	return str_make(p, n);
}

/* What follows "word =" in text, up to a quote or semicolon. */
static struct str value_of(struct str text, struct str word)
{
	ssize_t at;

	while ((at = str_ifind(text, word)) >= 0) {
		struct str s;
		size_t n = 0;

		text = str_from(text, (size_t)at + word.n);
		s = str_ltrim(text);
		if (!s.n || s.p[0] != '=')
			continue;
		s = str_ltrim(str_from(s, 1));
		if (s.n && (s.p[0] == '"' || s.p[0] == '\''))
			s = str_from(s, 1);
		while (n < s.n && s.p[n] != '"' && s.p[n] != '\'' &&
		       s.p[n] != ';')
			n++;
		return str_rtrim(str_head(s, n));
	}
	return STR("");
}

enum part_kind { PART_NONE, PART_FILE, PART_FATAL };

/* The name of a part's file. PART_FATAL: SpamAssassin calls a function that it
 * does not have where an encoded word was encoded twice, and the plugin looks
 * no further. */
static enum part_kind part_file(struct ole_look *k, struct part *p,
				struct str *name_r)
{
	struct str encoding, type, disposition, by_type, by_disposition;

	if (!headers_last(&p->headers, STR("content-type")))
		return PART_NONE;
	encoding = part_header(p, STR("content-transfer-encoding"));
	if (!str_ieq(encoding, STR("base64")) &&
	    !str_ieq(encoding, STR("quoted-printable")))
		return PART_NONE;
	type = flatten(k->arena, part_header(p, STR("content-type")));
	disposition = flatten(k->arena,
			      part_header(p, STR("content-disposition")));
	if (has_encoded_word(type) || has_encoded_word(disposition))
		return PART_FATAL;
	by_type = value_of(type, STR("name"));
	by_disposition = value_of(disposition, STR("filename"));
	if (by_type.n && by_disposition.n && !k->o->prefer_disposition &&
	    !str_ieq(by_type, by_disposition))
		*name_r = by_type;
	else
		*name_r = by_disposition.n ? by_disposition : by_type;
	return name_r->n ? PART_FILE : PART_NONE;
}

/* The octets that are looked at. (Without a limit of its own, 0, that of
 * SpamAssassin's is the text "0".) */
static struct str part_data(struct ole_look *k, struct part *p)
{
	struct str data = part_decoded(p);
	double max = k->o->max_file;

	if (max >= 1)
		return max < (double)data.n ? str_head(data, (size_t)max) : data;
	if (max > -1 || -max >= (double)data.n)
		return max > -1 ? STR("0") : STR("");
	return str_head(data, data.n - (size_t)-max);
}

void ole_look_at(struct ole_look *k, struct message *m)
{
	double seen = 0;

	k->budget = (struct zip_budget){ .left = LIMIT_OLE_BYTES };
	for (size_t i = 0; i < m->nleaves; i++) {
		struct part *p = m->leaves[i];
		enum part_kind kind;
		struct file f = { .depth = 0 };

		if (is(k, OLE_SKIP_CTYPES, p->declared_type))
			continue;
		kind = part_file(k, p, &f.name);
		if (kind == PART_FATAL)
			break;
		if (kind == PART_NONE || is(k, OLE_SKIP_EXTS, f.name))
			continue;
		f.data = part_data(k, p);
		if (f.data.n && look_at_file(k, &f) &&
		    ++seen >= k->o->num_mime)
			break;
	}
	if (k->budget.cut)
		m->flags |= MSG_FILES_CUT;
}
