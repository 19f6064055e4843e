/*
 * HTML against a table of SpamAssassin's own answers
 * (tests/data/html_snippets.txt, made by sa_html.pl -t), the ceilings, and the
 * time that hostile HTML takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "../../parity/html_print.h"
#include "base/clock.h"
#include "base/limits.h"

#define TABLE "tests/data/html_snippets.txt"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct str read_file(const char *name)
{
	FILE *f = fopen(name, "rb");
	char chunk[65536];
	struct buf b;
	size_t n;

	if (!f)
		fail_msg("cannot read %s", name);
	buf_in(&b, arena, (size_t)16 << 20);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, n);
	fclose(f);
	return buf_str(&b);
}

/* \xNN as the table writes bytes. */
static struct str unescaped(struct str s)
{
	struct buf b;

	buf_in(&b, arena, s.n + 1);
	while (s.n) {
		if (s.n >= 4 && s.p[0] == '\\') {
			buf_addc(&b, hex_value(s.p[2]) << 4 | hex_value(s.p[3]));
			s = str_from(s, 4);
		} else {
			buf_addc(&b, s.p[0]);
			s = str_from(s, 1);
		}
	}
	return buf_str(&b);
}

/* The lines up to an empty one, cut off *rest. */
static struct str read_answer(struct str *rest)
{
	ssize_t end = str_find(*rest, STR("\n\n"));
	struct str answer = end < 0 ? *rest : str_head(*rest, (size_t)end + 1);

	*rest = str_from(*rest, answer.n + 1);
	return answer;
}

/* Returns false and prints the two answers if ours is another. */
static bool answers_right(struct str question, struct str expected)
{
	struct str html = unescaped(str_from(question, 5));
	struct buf out;

	buf_in(&out, arena, (size_t)16 << 20);
	html_print(&out, arena, html_parse(arena, html,
			str_starts(question, STR("utf8")) ? HTML_DECODED :
			str_starts(question, STR("octs")) ? HTML_UTF8_OCTETS :
			HTML_LATIN1), true);
	if (str_eq(buf_str(&out), expected))
		return true;
	print_error("%.*s\nexpected:\n%.*sis:\n%.*s\n", STR_ARG(question),
		    STR_ARG(expected), STR_ARG(buf_str(&out)));
	return false;
}

static void answers_like_spamassassin(void **state)
{
	struct str rest = read_file(TABLE), question;
	size_t asked = 0, wrong = 0;

	(void)state;
	while (str_next_line(&rest, &question)) {
		question = str_head(question, question.n - 1);
		asked++;
		wrong += !answers_right(question, read_answer(&rest));
	}
	assert_true(asked > 500);
	assert_int_equal(wrong, 0);
}

static double number(const struct html_result *h, const char *key)
{
	double v = -1;

	html_value(h, str_cstr(key), &v);
	return v;
}

static void lengths_are_characters(void **state)
{
	struct html_result *h = html_parse(arena,
		STR("<p>caf\xc3\xa9\xc2\xa0&hellip; x</p>"), HTML_DECODED);

	(void)state;
	assert_int_equal(number(h, "length"), 22);
	assert_int_equal(number(h, "html_length"), 12);
	assert_int_equal(number(h, "non_space_len"), 6);
	html_set_octets(h, 24);
	assert_true(number(h, "ratio") == 0.5);
	h = html_parse(arena, STR("<p>caf\xe9\xa0 x\f</p>"), HTML_LATIN1);
	assert_int_equal(number(h, "length"), 15);
	assert_int_equal(number(h, "non_space_len"), 6);
	assert_int_equal(h->longest_title, 0);
}

static void ratio_is_absent_without_text(void **state)
{
	struct html_result *h = html_parse(arena, STR(""), HTML_LATIN1);

	(void)state;
	assert_int_equal(number(h, "ratio"), -1);
	assert_int_equal(number(h, "html"), 1);
	assert_int_equal(h->text.n, 0);
}

static void texts_may_differ_in_kind(void **state)
{
	struct html_result *h = html_parse(arena,
		STR("\xe9<font color=white>&hellip;</font>"), HTML_LATIN1);

	(void)state;
	assert_true(h->wide && !h->visible_wide && h->invisible_wide);
	assert_true(str_eq(h->text, STR("\xc3\xa9\xe2\x80\xa6")));
	assert_true(str_eq(h->visible, STR("\xe9")));
	assert_true(str_eq(h->invisible, STR("\xe2\x80\xa6")));
}

static void titles_are_measured(void **state)
{
	struct html_result *h = html_parse(arena,
		STR("<title>&#1071;&#1071;&#1071;</title><title>ab</title>"
		    "<title>0</title>"), HTML_LATIN1);

	(void)state;
	assert_int_equal(h->longest_title, 3);
	h = html_parse(arena, STR("<title>0</title>"), HTML_LATIN1);
	assert_int_equal(h->longest_title, 0);
	assert_int_equal(h->titles.n, 1);
}

static struct str repeated(const char *piece, size_t n)
{
	struct buf b;

	buf_in(&b, arena, 2 * n);
	while (b.n < n)
		buf_adds(&b, str_cstr(piece));
	return buf_str(&b);
}

static void ceilings_are_recorded(void **state)
{
	struct html_result *h;
	struct buf b;

	(void)state;
	h = html_parse(arena, repeated("<div>", 6 * LIMIT_HTML_DEPTH),
		       HTML_LATIN1);
	assert_true(h->deep && !h->cut);
	h = html_parse(arena, repeated("<div></div>", 22 * LIMIT_HTML_DEPTH),
		       HTML_LATIN1);
	assert_true(!h->deep);
	h = html_parse(arena, repeated("<!>", 3 * LIMIT_HTML_ITEMS + 30),
		       HTML_LATIN1);
	assert_true(h->cut);
	assert_int_equal(h->comments.n, LIMIT_HTML_ITEMS);
	buf_in(&b, arena, (size_t)1 << 24);
	for (int i = 0; i < LIMIT_URIS + 5; i++)
		buf_addf(&b, "<a href=/%d>x</a>", i);
	h = html_parse(arena, buf_str(&b), HTML_LATIN1);
	assert_true(h->cut);
	assert_int_equal(h->nuris, LIMIT_URIS);
	assert_int_equal(h->anchors.n, LIMIT_URIS + 5);
	h = html_parse(arena, str_cat(arena, STR("<a href="),
				      repeated("x", LIMIT_URI + 1)),
		       HTML_LATIN1);
	assert_false(h->uri_truncated);
	h = html_parse(arena, str_cat(arena, str_cat(arena, STR("<a href="),
				repeated("x", LIMIT_URI + 1)), STR(">")),
		       HTML_LATIN1);
	assert_true(h->uri_truncated);
	assert_int_equal(h->uris[0].uri.n, LIMIT_URI);
}

/* CPU time of reading s, the best of two. */
static int64_t time_to_read(struct str s)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < 2; i++) {
		struct arena *a = arena_new();
		int64_t t = clock_cpu_us();

		html_parse(a, s, HTML_LATIN1);
		t = clock_cpu_us() - t;
		arena_free(&a);
		if (t < best)
			best = t;
	}
	return best;
}

static void hostile_html_takes_linear_time(void **state)
{
	static const char *const pieces[] = {
		"<div>", "<p>", "</div>", "<td>x<tr>y", "<", "<1", "<a ",
		"<a b=\"", "</a \"", "</", "<!", "<!--", "<!-- -", "<!doctype \"",
		"<!doctype '>' -", "<![include[", "<![ignore[", "<![cdata[",
		"<![cdata[x]]>", "<![--x ", "]]", "<title>", "<style>",
		"<script>", "<xmp>", "<title><style>x", "</title ", "&", "&#",
		"&lt;", "&#8364;", "&aaaa", "a", "&#xD83D;", " ", "\n", "\xe9",
		"<a href=x>y", "<font color=rgb(1,>x", "<x/href=", "<br/>",
		"<br ", "<a/", "<base href=http://a/b/>", "<p style=';;'>",
		"<b>\xe9&hellip;", "- ", "<meta http-equiv=refresh content=url",
		"<?", "\xc2\xa0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		int64_t small = time_to_read(repeated(pieces[i], 1 << 15));
		int64_t large = time_to_read(repeated(pieces[i], 1 << 19));

		/* 16 times the text; quadratic would be 256 times. */
		if (large > 60 * small + 20000)
			fail_msg("%s: %d us, then %d us", pieces[i],
				 (int)small, (int)large);
	}
}

/* The same inside one attribute, which is read in ways of its own. */
static void hostile_attributes_take_linear_time(void **state)
{
	static const struct {
		const char *before, *piece;
	} cases[] = {
		{ "<p style=\"", "background:x," },
		{ "<p style=\"background:", "(\\'" },
		{ "<p style=\"", "color:red;" },
		{ "<p style=\"color:", " " },
		{ "<font color=\"", "rgb(" },
		{ "<font color=\"", "rgb(1," },
		{ "<font face=\"", "A, " },
		{ "<meta http-equiv=refresh content=\"", "url " },
		{ "<meta http-equiv=refresh content=\"", "url=" },
		{ "<meta http-equiv=refresh content=\"url=", " ;" },
		{ "<a href=\"", "../" },
		{ "<a href=\"/", "a/../" },
		{ "<a href=\"", "\xef\xbb\xbf" },
		{ "<a href=\"", "&#8364;" },
		{ "<a ", "x/href" },
		{ "<a ", "b=c " },
		{ "<a ", "b" },
		{ "<base href=\"http://a/", "b." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str before = str_cstr(cases[i].before);
		struct str end = STR("\">x");
		int64_t small = time_to_read(str_cat(arena,
			str_cat(arena, before,
				repeated(cases[i].piece, 1 << 15)), end));
		int64_t large = time_to_read(str_cat(arena,
			str_cat(arena, before,
				repeated(cases[i].piece, 1 << 19)), end));

		if (large > 60 * small + 20000)
			fail_msg("%s%s: %d us, then %d us", cases[i].before,
				 cases[i].piece, (int)small, (int)large);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_like_spamassassin),
		cmocka_unit_test(lengths_are_characters),
		cmocka_unit_test(ratio_is_absent_without_text),
		cmocka_unit_test(texts_may_differ_in_kind),
		cmocka_unit_test(titles_are_measured),
		cmocka_unit_test(ceilings_are_recorded),
		cmocka_unit_test(hostile_html_takes_linear_time),
		cmocka_unit_test(hostile_attributes_take_linear_time),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
