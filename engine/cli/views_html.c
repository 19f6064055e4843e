/*
 * The [html N] sections of `mekiki views`.
 */
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "cli/views.h"
#include "mail/html.h"
#include "mail/html_char.h"
#include "mail/message.h"
#include "mail/part.h"

/* The keys of a map, sorted. */
static struct strs sorted_keys(struct arena *a, const struct map *map)
{
	struct strs keys = { NULL, 0, 0 };
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(map, &i)))
		strs_add(a, &keys, e->key);
	strs_sort(&keys);
	return keys;
}

static void show_values(struct arena *a, const struct html_result *h)
{
	struct strs keys = sorted_keys(a, &h->values);

	for (size_t i = 0; i < keys.n; i++) {
		double v = *(double *)map_get(&h->values, keys.v[i]);

		fputs("value\t", stdout);
		views_field(keys.v[i], '\t');
		if (v == (double)(int64_t)v)
			printf("%lld\n", (long long)v);
		else
			printf("%.6g\n", v);
	}
	/* A number too in SpamAssassin, and its name is the last one. */
	if (h->uri_truncated)
		puts("value\turi_truncated\t1");
	keys = sorted_keys(a, &h->inside);
	for (size_t i = 0; i < keys.n; i++) {
		fputs("inside\t", stdout);
		views_field(chars_octets(a, chars_of(keys.v[i], h->decoded)),
			    '\t');
		printf("%d\n", (int)(intptr_t)map_get(&h->inside, keys.v[i]));
	}
}

static void show_texts(const char *kind, const struct strs *list)
{
	for (size_t i = 0; i < list->n; i++) {
		printf("%s\t", kind);
		views_field(list->v[i], '\n');
	}
}

/* The names of the set bits, in alphabetical order. */
static void show_types(unsigned types)
{
	static const struct { unsigned bit; const char *name; } names[] = {
		{ HTML_URI_A, "a" }, { HTML_URI_AREA, "area" },
		{ HTML_URI_BASE, "base" }, { HTML_URI_BGSOUND, "bgsound" },
		{ HTML_URI_BODY, "body" }, { HTML_URI_EMBED, "embed" },
		{ HTML_URI_FORM, "form" }, { HTML_URI_FRAME, "frame" },
		{ HTML_URI_IFRAME, "iframe" }, { HTML_URI_IMG, "img" },
		{ HTML_URI_LINK, "link" }, { HTML_URI_META, "meta" },
		{ HTML_URI_SCRIPT, "script" }, { HTML_URI_TABLE, "table" },
		{ HTML_URI_TD, "td" }, { HTML_URI_TR, "tr" },
	};
	const char *comma = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(types & names[i].bit))
			continue;
		printf("%s%s", comma, names[i].name);
		comma = ",";
	}
	putchar('\n');
}

static void show_uris(struct arena *a, const struct html_result *h)
{
	struct strs keys = { NULL, 0, 0 };
	struct map by_uri = MAP_IN(a);

	for (size_t i = 0; i < h->nuris; i++) {
		struct str shown = chars_octets(a, chars_of(h->uris[i].uri,
							    h->uris[i].wide));

		strs_add(a, &keys, shown);
		map_set(&by_uri, shown, &h->uris[i]);
	}
	strs_sort(&keys);
	for (size_t i = 0; i < keys.n; i++) {
		struct html_uri *u = map_get(&by_uri, keys.v[i]);

		fputs("uri\t", stdout);
		views_field(keys.v[i], '\t');
		show_types(u->types);
		for (size_t k = 0; k < u->anchor_text.n; k++) {
			fputs("uri_anchor\t", stdout);
			views_field(keys.v[i], '\t');
			views_field(u->anchor_text.v[k], '\n');
		}
	}
}

void views_html(struct message *m)
{
	int n = 0;

	for (size_t i = 0; i < m->nleaves; i++) {
		struct part *p = m->leaves[i];

		part_render(p);
		if (!str_eq(p->rendered_type, STR("text/html")))
			continue;
		printf("[html %d]\n", n++);
		/* A part without text has no results. */
		if (!p->html)
			continue;
		show_values(m->arena, p->html);
		show_texts("anchor", &p->html->anchors);
		show_texts("comment", &p->html->comments);
		show_texts("title", &p->html->titles);
		show_texts("script", &p->html->scripts);
		show_uris(m->arena, p->html);
	}
}
