/*
 * The results of html_parse as text, line by line as sa_html.pl prints those of
 * SpamAssassin. Included by html_dump.c and by the unit test of HTML.
 */
#ifndef MEKIKI_TESTS_HTML_PRINT_H
#define MEKIKI_TESTS_HTML_PRINT_H

#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mail/html.h"

/* The brief form leaves out what is not brief or has the usual value. */
static const struct {
	const char *name;
	bool brief;
	double usual;
} html_numbers[] = {
	{ "backhair_count", true, -1 },
	{ "bad_tag_ratio", true, 0 },
	{ "closed_extra_ratio", true, 0 },
	{ "embeds", true, -1 },
	{ "font_face_bad", true, -1 },
	{ "font_invalid_color", true, -1 },
	{ "font_low_contrast", true, -1 },
	{ "form_action_mailto", true, -1 },
	{ "html", true, 1 },
	{ "html_length", false, 0 },
	{ "image_area", true, 0 },
	{ "length", false, 0 },
	{ "max_size", true, 3 },
	{ "min_size", true, 3 },
	{ "non_element_ratio", true, 0 },
	{ "non_space_len", false, 0 },
	{ "obfuscation_ratio", true, -1 },
	{ "ratio", false, 0 },
};

/* In the order of sa_html.pl, which sorts the names. */
static const struct {
	const char *name;
	unsigned bit;
} html_types[] = {
	{ "a", HTML_URI_A }, { "area", HTML_URI_AREA },
	{ "base", HTML_URI_BASE }, { "bgsound", HTML_URI_BGSOUND },
	{ "body", HTML_URI_BODY }, { "embed", HTML_URI_EMBED },
	{ "form", HTML_URI_FORM }, { "frame", HTML_URI_FRAME },
	{ "iframe", HTML_URI_IFRAME }, { "img", HTML_URI_IMG },
	{ "link", HTML_URI_LINK }, { "meta", HTML_URI_META },
	{ "script", HTML_URI_SCRIPT }, { "table", HTML_URI_TABLE },
	{ "td", HTML_URI_TD }, { "tr", HTML_URI_TR },
};

static struct str html_escaped(struct arena *a, struct str s)
{
	struct buf b;

	buf_in(&b, a, (size_t)1 << 30);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= ' ' && c < 0x7f && c != '\\')
			buf_addc(&b, c);
		else
			buf_addf(&b, "\\x%02x", c);
	}
	return buf_str(&b);
}

static void html_print_list(struct buf *out, struct arena *a, const char *key,
			    const struct strs *l)
{
	for (size_t i = 0; i < l->n; i++) {
		buf_addf(out, "%s ", key);
		buf_adds(out, html_escaped(a, l->v[i]));
		buf_addc(out, '\n');
	}
}

static void html_print_text(struct buf *out, struct arena *a, const char *key,
			    bool wide, struct str s)
{
	buf_addf(out, "%s %s ", key, wide ? "wide" : "octets");
	buf_adds(out, html_escaped(a, s));
	buf_addc(out, '\n');
}

static void html_print_inside(struct buf *out, struct arena *a,
			      const struct map *inside)
{
	struct strs counts = { .n = 0 };
	struct map_entry *e;
	struct str line;
	size_t i = 0;

	while ((e = map_next(inside, &i))) {
		long n = (long)(intptr_t)e->value;

		strs_add(a, &counts, str_cat(a, html_escaped(a, e->key),
					     str_printf(a, "=%ld", n)));
	}
	if (!counts.n)
		return;
	strs_sort(&counts);
	line = strs_join(a, &counts, STR(" "));
	buf_adds(out, STR("inside "));
	buf_adds(out, line);
	buf_addc(out, '\n');
}

static int html_by_uri(const void *x, const void *y)
{
	const struct html_uri *u = x, *v = y;

	return str_cmp(u->uri, v->uri);
}

static void html_print_uris(struct buf *out, struct arena *a,
			    struct html_result *r)
{
	const size_t ntypes = sizeof(html_types) / sizeof(*html_types);

	for (size_t i = 0; i < r->nuris; i++)
		r->uris[i].uri = html_escaped(a, r->uris[i].uri);
	if (r->nuris)
		qsort(r->uris, r->nuris, sizeof(*r->uris), html_by_uri);
	for (size_t i = 0; i < r->nuris; i++) {
		const char *comma = "";

		buf_adds(out, STR("uri "));
		buf_adds(out, r->uris[i].uri);
		buf_addc(out, ' ');
		for (size_t k = 0; k < ntypes; k++) {
			if (!(r->uris[i].types & html_types[k].bit))
				continue;
			buf_addf(out, "%s%s", comma, html_types[k].name);
			comma = ",";
		}
		buf_addc(out, '\n');
		html_print_list(out, a, "  text", &r->uris[i].anchor_text);
	}
}

/* Adds all results to out, or the brief form. Changes r. */
static void html_print(struct buf *out, struct arena *a, struct html_result *r,
		       bool brief)
{
	double v;

	html_print_text(out, a, "text", r->wide, r->text);
	if (!brief || !str_eq(r->text, r->visible))
		html_print_text(out, a, "visible", r->visible_wide, r->visible);
	if (!brief || r->invisible.n)
		html_print_text(out, a, "invisible", r->invisible_wide,
				r->invisible);
	for (size_t i = 0; i < sizeof(html_numbers) / sizeof(*html_numbers); i++) {
		if (!html_value(r, str_cstr(html_numbers[i].name), &v))
			continue;
		if (brief && (!html_numbers[i].brief ||
			      v == html_numbers[i].usual))
			continue;
		buf_addf(out, "%s %.9g\n", html_numbers[i].name, v);
	}
	if (r->uri_truncated)
		buf_adds(out, STR("uri_truncated\n"));
	html_print_inside(out, a, &r->inside);
	html_print_list(out, a, "comment", &r->comments);
	html_print_list(out, a, "title", &r->titles);
	html_print_list(out, a, "script", &r->scripts);
	html_print_list(out, a, "anchor", &r->anchors);
	html_print_uris(out, a, r);
}

#endif
