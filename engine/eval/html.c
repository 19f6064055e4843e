/*
 * Eval tests about HTML (SpamAssassin's HTMLEval plugin). Each asks all HTML
 * parts of the message in order and hits if one of them fits. What they ask
 * about is made by mail/html.c.
 */
#include <math.h>

#include "base/arena.h"
#include "eval/eval.h"
#include "eval/html_expr.h"
#include "mail/charset.h"
#include "mail/html.h"
#include "mail/html_char.h"
#include "mail/message.h"
#include "mail/part.h"
#include "match/regex.h"

/* The HTML parts of a message, and where one of the tests is among them. */
struct html_parts {
	const struct html_result **v;
	size_t n;
};

static const struct html_parts *html_parts(struct eval_ctx *c)
{
	struct message *m = c->msg;
	struct html_parts *all = m->memo[MEMO_HTML];

	if (all)
		return all;
	all = arena_alloc(m->arena, sizeof(*all));
	all->v = arena_alloc(m->arena, m->nleaves * sizeof(*all->v));
	for (size_t i = 0; i < m->nleaves; i++) {
		part_render(m->leaves[i]);
		if (m->leaves[i]->html)
			all->v[all->n++] = m->leaves[i]->html;
	}
	m->memo[MEMO_HTML] = all;
	return all;
}

/* The list of that name; NULL if there is none or if it is empty. */
static const struct strs *find_list(const struct html_result *h,
				    struct str name)
{
	const struct {
		struct str name;
		const struct strs *list;
	} lists[] = {
		{ STR("anchor"), &h->anchors },
		{ STR("comment"), &h->comments },
		{ STR("script"), &h->scripts },
		{ STR("title"), &h->titles },
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (str_eq(name, lists[i].name))
			return lists[i].list->n ? lists[i].list : NULL;
	return NULL;
}

/* A result as Perl sees it in a number's place. What is a list or a hash there
 * is an address, which is true and larger than anything it is compared with. */
static bool get_number(const struct html_result *h, struct str name,
		       double *v_r)
{
	if (html_value(h, name, v_r))
		return true;
	*v_r = 1;
	if (str_eq(name, STR("uri_truncated")))
		return h->uri_truncated;
	*v_r = 0x1p46;
	if (find_list(h, name))
		return true;
	if (str_eq(name, STR("uri_detail")))
		return h->nuris > 0;
	return !h->broken_off && (str_eq(name, STR("uri")) ||
				  str_eq(name, STR("inside")));
}

/* html_range(RESULT, min, max): it is above min and at most max. */
static int html_range(struct eval_ctx *c, const struct strs *args)
{
	const struct html_parts *all = html_parts(c);
	double min = eval_arg_num(args, 1, 0);
	double max = eval_arg_num(args, 2, args->n > 2 ? 0 : INFINITY), v;

	for (size_t i = 0; i < all->n; i++)
		if (get_number(all->v[i], eval_arg(args, 0), &v) && v > min &&
		    v <= max)
			return 1;
	return 0;
}

/* html_test(RESULT): it is there and not 0. */
static int html_test(struct eval_ctx *c, const struct strs *args)
{
	const struct html_parts *all = html_parts(c);
	double v;

	for (size_t i = 0; i < all->n; i++)
		if (get_number(all->v[i], eval_arg(args, 0), &v) && v != 0)
			return 1;
	return 0;
}

/* html_eval(RESULT, "< 512"): the comparison is true. */
static int html_eval(struct eval_ctx *c, const struct strs *args)
{
	const struct html_parts *all = html_parts(c);
	double v;

	for (size_t i = 0; i < all->n; i++)
		if (get_number(all->v[i], eval_arg(args, 0), &v) &&
		    html_expr_true(c->prepared, v))
			return 1;
	return 0;
}

/* html_tag_balance(TAG, "!= 0"): true of its opens minus its closes. */
static int html_tag_balance(struct eval_ctx *c, const struct strs *args)
{
	const struct html_parts *all = html_parts(c);
	struct str tag = eval_arg(args, 0);

	for (size_t i = 0; i < tag.n; i++)
		if (!is_alnum((unsigned char)tag.p[i]))
			return 0;
	for (size_t i = 0; i < all->n; i++) {
		const struct map *inside = &all->v[i]->inside;

		if (map_has(inside, tag) &&
		    html_expr_true(c->prepared, (double)(intptr_t)
				   map_get(inside, tag)))
			return 1;
	}
	return 0;
}

static void *prepare_expr(struct arena *a, const struct strs *args,
			  struct err *err)
{
	(void)err;
	return html_expr_parse(a, eval_arg(args, 1));
}

/* html_tag_exists(TAG): it was opened or closed. */
static int html_tag_exists(struct eval_ctx *c, const struct strs *args)
{
	const struct html_parts *all = html_parts(c);

	for (size_t i = 0; i < all->n; i++)
		if (map_has(&all->v[i]->inside, eval_arg(args, 0)))
			return 1;
	return 0;
}

/* html_image_only(min, max): an image, and HTML of a length in the range. */
static int html_image_only(struct eval_ctx *c, const struct strs *args)
{
	const struct html_parts *all = html_parts(c);
	double min = eval_arg_num(args, 0, 0), max = eval_arg_num(args, 1, 0);
	double length;

	for (size_t i = 0; i < all->n; i++)
		if (map_has(&all->v[i]->inside, STR("img")) &&
		    html_value(all->v[i], STR("length"), &length) &&
		    length > min && length <= max)
			return 1;
	return 0;
}

/* html_image_ratio(min, max): characters that are no space per pixel. */
static int html_image_ratio(struct eval_ctx *c, const struct strs *args)
{
	const struct html_parts *all = html_parts(c);
	double min = eval_arg_num(args, 0, 0), max = eval_arg_num(args, 1, 0);
	double length, area;

	for (size_t i = 0; i < all->n; i++) {
		if (!html_value(all->v[i], STR("non_space_len"), &length) ||
		    !html_value(all->v[i], STR("image_area"), &area) ||
		    area <= 0)
			continue;
		if (length / area > min && length / area <= max)
			return 1;
	}
	return 0;
}

/*
 * Text for a regex that counts characters: `.{120}` on a title means letters.
 * Text of Latin-1 comes one octet a character already (see mail/html.h); in
 * other text the characters above U+00FF, which no pattern of rule files can
 * name, become a byte that behaves like them: neither \w nor \s, outside of
 * ranges of high bytes.
 */
static struct str one_byte_each(struct arena *a, struct str s)
{
	struct chars c = chars_of(s, true);
	bool beyond = false;
	size_t n = 0, len;
	char *out;

	for (size_t i = 0; i < s.n; i++)
		beyond |= (unsigned char)s.p[i] > 0xc3;
	if (!beyond || !utf8_is_strict(s))
		return s;
	out = arena_text(a, s.n);
	for (size_t i = 0; i < s.n; i += len) {
		uint32_t ch = char_at(c, i, &len);

		out[n++] = ch > 0xff ? '\x02' : (char)ch;
	}
	return str_make(out, n);
}

/* The links of HTML as a list of texts, as "uri" is one. */
static void list_uris(struct arena *a, const struct html_result *h,
		      struct strs *out)
{
	for (size_t i = 0; i < h->nuris; i++)
		strs_add(a, out, h->uris[i].uri);
}

/* True if one text of the list that args name does (not) match. */
static int match_texts(struct eval_ctx *c, const struct strs *args, bool hits)
{
	const struct html_parts *all = html_parts(c);

	for (size_t i = 0; i < all->n; i++) {
		const struct html_result *h = all->v[i];
		const struct strs *list = find_list(h, eval_arg(args, 0));
		struct strs uris = { .n = 0 };

		if (str_eq(eval_arg(args, 0), STR("uri"))) {
			list_uris(c->arena, h, &uris);
			list = &uris;
		}
		for (size_t k = 0; list && k < list->n; k++) {
			struct str s = one_byte_each(c->arena, list->v[k]);

			if (regex_hits(c->prepared, s) == hits)
				return 1;
		}
	}
	return 0;
}

static int html_text_match(struct eval_ctx *c, const struct strs *args)
{
	return match_texts(c, args, true);
}

static int html_text_not_match(struct eval_ctx *c, const struct strs *args)
{
	return match_texts(c, args, false);
}

static void *prepare_regex(struct arena *a, const struct strs *args,
			   struct err *err)
{
	return regex_compile(a, eval_arg(args, 1), STR(""), err);
}

/* html_title_subject_ratio(n): a title is n times longer than the Subject. */
static int html_title_subject_ratio(struct eval_ctx *c,
				    const struct strs *args)
{
	const struct html_parts *all = html_parts(c);
	struct str subject = message_header(c->msg, STR("Subject"), false);
	double ratio = eval_arg_num(args, 0, 0);

	if (subject.n == 0)
		return 0;
	for (size_t i = 0; i < all->n; i++)
		if ((double)all->v[i]->longest_title / (double)subject.n >
		    ratio)
			return 1;
	return 0;
}

/* SpamAssassin never gives the HTML's charsets to this test (surprise 35). */
static int html_charset_faraway(struct eval_ctx *c, const struct strs *args)
{
	(void)c;
	(void)args;
	return 0;
}

static int check_iframe_src(struct eval_ctx *c, const struct strs *args)
{
	const struct html_parts *all = html_parts(c);

	(void)args;
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->v[i]->nuris; k++)
			if (all->v[i]->uris[k].types & HTML_URI_IFRAME)
				return 1;
	return 0;
}

#define TEST(name, prepare, what) { #name, EVAL_BODY, name, prepare, what }

const struct eval_test eval_html_tests[] = {
	TEST(html_range, NULL, "a number about HTML lies in a range"),
	TEST(html_test, NULL, "something was seen in HTML"),
	TEST(html_eval, prepare_expr,
	     "a comparison with a number about HTML is true"),
	TEST(html_tag_balance, prepare_expr,
	     "opened minus closed tags of a kind compare as said"),
	TEST(html_tag_exists, NULL, "HTML has a tag"),
	TEST(html_image_only, NULL,
	     "HTML with an image has a length in a range"),
	TEST(html_image_ratio, NULL,
	     "letters per pixel of HTML's images lie in a range"),
	TEST(html_text_match, prepare_regex,
	     "an anchor, comment, script or title matches a regex"),
	TEST(html_text_not_match, prepare_regex,
	     "an anchor, comment, script or title does not match a regex"),
	TEST(html_title_subject_ratio, NULL,
	     "a title of HTML is so many times longer than the Subject"),
	TEST(html_charset_faraway, NULL,
	     "never hits, as in SpamAssassin, which loses the charsets"),
	TEST(check_iframe_src, NULL, "an iframe loads something"),
	{ NULL, 0, NULL, NULL, NULL }
};
