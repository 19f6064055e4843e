/*
 * HTML's tree: text, styles and structure, against what rspamd makes of the
 * same HTML.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "mail/dom.h"
#include "mail/link.h"

static const struct {
	const char *html, *text, *hidden;
} texts[] = {
	{ "a<br>b<br><br>c<p>d</p><p>e</p>f<div>g<div>h</div></div>i",
	  "a\nb\n\nc\nd\ne\nf\ng\nh\ni", "" },
	{ "<p>x&nbsp;</p>a <br>b<br> c&nbsp;&nbsp; d <p> e </p> f",
	  "x\na \nb\nc   d \ne\nf", "" },
	{ "<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>z",
	  "a b\nc\nz", "" },
	{ "<title>t</title><style>p{}</style><script>s</script>x", "x", "" },
	{ "<div style='display:none'>disp none <span>nested</span></div>x",
	  "nestedx", "disp none " },
	{ "<style>.h{display:none}#i{visibility:hidden}</style>"
	  "<p class=h>a</p><p id=i>b</p>c", "c", "ab" },
	{ "<font color=white>hid  den</font>y", "       y", "" },
	{ "<span style='font-size:0px'>z<b>y</b></span>x", "x", "zy" },
	{ "<img src=x alt='alt  text'>x", "alt text x", "" },
	{ "no tags &amp; no &lt; trouble", "no tags & no < trouble", "" },
	{ "", "", "" },
};

static void texts_are_as_shown(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct dom *d = dom_parse(a, str_cstr(texts[i].html));

		if (!str_eq(d->text, str_cstr(texts[i].text)) ||
		    !str_eq(d->hidden, str_cstr(texts[i].hidden)))
			fail_msg("%s: [%.*s] [%.*s]", texts[i].html,
				 STR_ARG(d->text), STR_ARG(d->hidden));
	}
	arena_free(&a);
}

static const struct {
	const char *style;
	bool visible, transparent;
	int size;		/* -1000: none */
} styles[] = {
	{ "color:#f7f7f7", false, true, -1000 },
	{ "color:#f6f6f6", true, false, -1000 },
	{ "color:#fefefe;background:#fdfdfd", false, true, -1000 },
	{ "color:white;background-color:black", true, false, -1000 },
	{ "background:#000", false, true, -1000 },
	{ "background:#fff url(x)", true, false, -1000 },
	{ "color:rgba(255,0,0,0.03)", false, true, -1000 },
	{ "color:rgba(255,0,0,0.05)", true, false, -1000 },
	{ "color:transparent", false, true, -1000 },
	{ "font-size:0", false, false, 0 },
	{ "font:0px arial", false, false, 0 },
	{ "font-size:.9px", false, false, 0 },
	{ "font-size:1.5px", true, false, 1 },
	{ "font-size:12pt", true, false, 16 },
	{ "font-size:0.4em", true, false, 6 },
	{ "font-size:50%", true, false, -50 },
	{ "font-size:small", true, false, -1000 },
	{ "DISPLAY : NONE !important", false, false, -1000 },
	{ "visibility:hidden", false, false, -1000 },
	{ "visibility:collapse", true, false, -1000 },
	{ "mso-hide:all", true, false, -1000 },
};

static void styles_are_in_force(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
		struct str html = str_printf(a, "<div style='%s'>x</div>",
					     styles[i].style);
		struct dom_style st = dom_parse(a, html)->nodes[0]->style;
		int size = st.has_size ? st.font_size : -1000;

		if (st.visible != styles[i].visible ||
		    st.transparent != styles[i].transparent ||
		    size != styles[i].size)
			fail_msg("%s: visible %d, transparent %d, size %d",
				 styles[i].style, st.visible, st.transparent,
				 size);
	}
	arena_free(&a);
}

static void elements_and_their_text(void **state)
{
	struct arena *a = arena_new();
	struct dom *d = dom_parse(a, STR("<html><body><p>one <a "
		"href='http://x.com/'>two</a></p></b><img "
		"src='cid:logo' width=20px height=10></body></html>"));

	(void)state;
	assert_int_equal(d->n, 5);
	assert_true(str_eq(dom_content(d->nodes[3]), STR("two")));
	assert_true(str_eq(d->nodes[3]->parent->name, STR("p")));
	assert_true(d->nodes[3]->leaf && !d->nodes[2]->leaf);
	assert_true(str_eq(d->nodes[3]->link->host, STR("x.com")));
	assert_true(str_eq(dom_attribute(d->nodes[3], STR("HREF")),
			   STR("http://x.com/")));
	assert_int_equal(d->nimages, 1);
	assert_true(d->images[0]->embedded);
	assert_int_equal(d->images[0]->width, 20);
	assert_true(str_eq(d->images[0]->src, STR("logo")));
	assert_true(d->flags & DOM_UNBALANCED);
	assert_false(d->flags & (DOM_DATA_URLS | DOM_NO_HTML));
	d = dom_parse(a, STR("<base href='http://b.org/d/'><a href=p.html>"
			     "<img src='data:image/png;base64,AA'>"));
	assert_true(str_eq(d->nodes[1]->link->text,
			   STR("http://b.org/d/p.html")));
	assert_true(d->flags & DOM_DATA_URLS);
	arena_free(&a);
}

/* A quadratic reader needs minutes for these. */
static void hostile_html_is_linear(void **state)
{
	static const char *const units[] = { "<div>", "<b>x</i>",
		"<a href=http://x.com/>", "<td>", "&amp;", "<p style=color:#fff>",
		"</div>", "<style>.a{color:red}</style>", "<img src=x alt=y>" };

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct arena *a = arena_new();
		struct buf b;
		int64_t start;

		buf_init(&b, 4 << 20);
		while (b.n < 2 << 20)
			buf_adds(&b, str_cstr(units[i]));
		start = clock_cpu_us();
		dom_parse(a, buf_str(&b));
		if (clock_cpu_us() - start > 10000000)
			fail_msg("%s, again and again, takes too long",
				 units[i]);
		buf_free(&b);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_as_shown),
		cmocka_unit_test(styles_are_in_force),
		cmocka_unit_test(elements_and_their_text),
		cmocka_unit_test(hostile_html_is_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
