/*
 * libFuzzer target: any bytes as HTML, in each of the three kinds of input
 * (chosen by the first byte). Beside crashes it looks for broken promises: the
 * rendered text is no longer than its source could make it, its visible and
 * hidden parts add up to it, what claims to be decoded text is UTF-8, and lists
 * keep to their ceilings.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "mail/html.h"
#include "mail/html_char.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The length as UTF-8. */
static size_t as_utf8(struct arena *a, struct str s, bool wide)
{
	return chars_utf8(a, chars_of(s, wide)).n;
}

static void check_texts(struct arena *a, const struct html_result *h, size_t n)
{
	/* The most that a byte makes are two newlines of "<p>", or two bytes
	 * of UTF-8; script and style are dropped. */
	must(h->text.n <= 2 * n + 2);
	must(h->wide == (h->visible_wide || h->invisible_wide));
	must(as_utf8(a, h->text, h->wide) ==
	     as_utf8(a, h->visible, h->visible_wide) +
	     as_utf8(a, h->invisible, h->invisible_wide));
}

static void check_numbers(const struct html_result *h, size_t n)
{
	double length, spaces_not, v;

	must(html_value(h, STR("html"), &v) && v == 1);
	must(html_value(h, STR("html_length"), &length));
	must(html_value(h, STR("non_space_len"), &spaces_not));
	must(spaces_not >= 0 && spaces_not <= length);
	must(length <= (double)h->text.n);
	if (html_value(h, STR("length"), &v))
		must(v <= (double)n);
	if (html_value(h, STR("bad_tag_ratio"), &v))
		must(v >= 0 && v <= 1);
	if (html_value(h, STR("non_element_ratio"), &v))
		must(v >= 0 && v <= 1);
	if (html_value(h, STR("closed_extra_ratio"), &v))
		must(v >= 0 && v <= 1);
}

static void check_lists(const struct html_result *h)
{
	must(h->nuris <= LIMIT_URIS);
	must(h->anchors.n <= LIMIT_HTML_ITEMS);
	must(h->comments.n <= LIMIT_HTML_ITEMS);
	for (size_t i = 0; i < h->nuris; i++)
		must(h->uris[i].types || h->uris[i].anchor_text.n);
}

static void check_inside(const struct html_result *h)
{
	struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&h->inside, &i)))
		must((intptr_t)e->value >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *a;
	struct html_result *h;
	struct str html;

	if (!size)
		return 0;
	if (!a)
		a = arena_new();
	html = str_make((const char *)data + 1, size - 1);
	h = html_parse(a, html, (enum html_input)(data[0] % 3));
	check_texts(a, h, html.n);
	check_numbers(h, html.n);
	check_lists(h);
	check_inside(h);
	arena_reset(a);
	return 0;
}
