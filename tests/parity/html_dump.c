/*
 * What html_parse makes of HTML, in the form of sa_html.pl, to be compared
 * with diff. Arguments as there:
 *
 *   html_dump [-u] FILE...     or "-" for names of files on stdin
 *
 * Build it against the library: see html_compare.sh.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mail/html.h"

static const char *const numbers[] = {
	"backhair_count", "bad_tag_ratio", "closed_extra_ratio", "embeds",
	"font_face_bad", "font_invalid_color", "font_low_contrast",
	"form_action_mailto", "html", "html_length", "image_area", "length",
	"max_size", "min_size", "non_element_ratio", "non_space_len",
	"obfuscation_ratio", "ratio",
};

/* In the order of sa_html.pl, which sorts the names. */
static const struct {
	const char *name;
	unsigned bit;
} types[] = {
	{ "a", HTML_URI_A }, { "area", HTML_URI_AREA },
	{ "base", HTML_URI_BASE }, { "bgsound", HTML_URI_BGSOUND },
	{ "body", HTML_URI_BODY }, { "embed", HTML_URI_EMBED },
	{ "form", HTML_URI_FORM }, { "frame", HTML_URI_FRAME },
	{ "iframe", HTML_URI_IFRAME }, { "img", HTML_URI_IMG },
	{ "link", HTML_URI_LINK }, { "meta", HTML_URI_META },
	{ "script", HTML_URI_SCRIPT }, { "table", HTML_URI_TABLE },
	{ "td", HTML_URI_TD }, { "tr", HTML_URI_TR },
};

static struct str escaped(struct arena *a, struct str s)
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

static void line(struct arena *a, const char *key, struct str s)
{
	s = escaped(a, s);
	printf("%s ", key);
	fwrite(s.p, 1, s.n, stdout);
	printf("\n");
}

static void list(struct arena *a, const char *key, const struct strs *l)
{
	for (size_t i = 0; i < l->n; i++)
		line(a, key, l->v[i]);
}

static void text(struct arena *a, const char *key, bool wide, struct str s)
{
	char head[64];

	snprintf(head, sizeof(head), "%s %s", key, wide ? "wide" : "octets");
	line(a, head, s);
}

static void dump_inside(struct arena *a, const struct map *inside)
{
	struct strs names = { .n = 0 };
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(inside, &i)))
		strs_add(a, &names, str_printf(a, "%.*s %ld",
			 STR_ARG(escaped(a, e->key)),
			 (long)(intptr_t)e->value));
	strs_sort(&names);
	for (i = 0; i < names.n; i++)
		printf("inside %.*s\n", STR_ARG(names.v[i]));
}

static int by_uri(const void *x, const void *y)
{
	const struct html_uri *u = x, *v = y;

	return str_cmp(u->uri, v->uri);
}

static void dump_uris(struct arena *a, struct html_result *r)
{
	for (size_t i = 0; i < r->nuris; i++)
		r->uris[i].uri = escaped(a, r->uris[i].uri);
	if (r->nuris)
		qsort(r->uris, r->nuris, sizeof(*r->uris), by_uri);
	for (size_t i = 0; i < r->nuris; i++) {
		const char *comma = "";

		printf("uri ");
		fwrite(r->uris[i].uri.p, 1, r->uris[i].uri.n, stdout);
		printf(" ");
		for (size_t k = 0; k < sizeof(types) / sizeof(*types); k++) {
			if (!(r->uris[i].types & types[k].bit))
				continue;
			printf("%s%s", comma, types[k].name);
			comma = ",";
		}
		printf("\n");
		list(a, "  text", &r->uris[i].anchor_text);
	}
}

static void dump(struct arena *a, const char *name, struct html_result *r)
{
	double v;

	printf("FILE %s\n", name);
	text(a, "text", r->wide, r->text);
	text(a, "visible", r->visible_wide, r->visible);
	text(a, "invisible", r->invisible_wide, r->invisible);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (html_value(r, str_cstr(numbers[i]), &v))
			printf("%s %.9g\n", numbers[i], v);
	if (r->uri_truncated)
		printf("uri_truncated\n");
	dump_inside(a, &r->inside);
	list(a, "comment", &r->comments);
	list(a, "title", &r->titles);
	list(a, "script", &r->scripts);
	list(a, "anchor", &r->anchors);
	dump_uris(a, r);
}

static void dump_file(struct arena *a, const char *name, bool utf8)
{
	FILE *f = fopen(name, "rb");
	char chunk[65536];
	struct buf b;
	size_t n;

	if (!f) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		exit(1);
	}
	buf_in(&b, a, (size_t)1 << 30);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, n);
	fclose(f);
	dump(a, name, html_parse(a, buf_str(&b), utf8));
	arena_reset(a);
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	char name[4096];
	bool utf8 = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-u")) {
			utf8 = true;
		} else if (strcmp(argv[i], "-") != 0) {
			dump_file(a, argv[i], utf8);
		} else {
			while (fgets(name, sizeof(name), stdin)) {
				name[strcspn(name, "\n")] = 0;
				dump_file(a, name, utf8);
			}
		}
	}
	arena_free(&a);
	return 0;
}
