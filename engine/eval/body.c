/*
 * Eval tests about the text of a message (SpamAssassin's BodyEval plugin):
 * sizes, blank lines, signatures, the labels of stock spam. How the two sides
 * of a multipart/alternative differ is in body_alternative.c.
 */
#include "eval/body.h"

#include <math.h>

#include "base/arena.h"
#include "base/limits.h"
#include "eval/eval.h"
#include "mail/message.h"
#include "mail/part.h"

struct body_facts *body_facts(struct eval_ctx *c)
{
	struct body_facts *f = c->msg->memo[MEMO_BODY];

	if (!f) {
		f = arena_alloc(c->msg->arena, sizeof(*f));
		c->msg->memo[MEMO_BODY] = f;
	}
	return f;
}

static int check_body_length(struct eval_ctx *c, const struct strs *args)
{
	return (double)c->msg->pristine_body.n <= eval_arg_num(args, 0, 0);
}

static bool is_blank(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (!is_space((unsigned char)line.p[i]))
			return false;
	return true;
}

static int check_blank_line_ratio(struct eval_ctx *c, const struct strs *args)
{
	double min = eval_arg_num(args, 0, 0), max = eval_arg_num(args, 1, 0);
	double minlines = eval_arg_num(args, 2, 1), ratio;
	const struct strs *chunks = message_rawbody(c->msg);
	size_t blank = 0, lines = 0;

	for (size_t i = 0; i < chunks->n; i++) {
		struct str rest = chunks->v[i], line;

		while (str_next_line(&rest, &line)) {
			lines++;
			blank += is_blank(line);
		}
	}
	if (minlines < 1)
		minlines = 1;
	ratio = (double)lines < minlines ? -1
		: 100 * (double)blank / (double)lines;
	return (min == 0 || ratio > min) && ratio <= max;
}

/* Blanks for each hundred of other bytes, at most 100. */
static int blank_percent(struct str line)
{
	size_t spaces = 0;

	for (size_t i = 0; i < line.n; i++)
		spaces += line.p[i] == ' ';
	if (spaces >= line.n - spaces)
		return 100;
	return (int)(100 * spaces / (line.n - spaces));
}

static int tvd_vertical_words(struct eval_ctx *c, const struct strs *args)
{
	double min = eval_arg_num(args, 0, 0), max = eval_arg_num(args, 1, 0);
	const struct strs *body = message_body(c->msg);
	int most = -1;

	for (size_t i = 0; i < body->n; i++) {
		int p = body->v[i].n > 5 ? blank_percent(body->v[i]) : -1;

		if (p > most)
			most = p;
	}
	if (max >= 100)
		max = 101;
	return most >= min && most < max;
}

/* The first part whose type is text/plain. */
static struct part *first_plain(struct message *m)
{
	for (size_t i = 0; i < m->nleaves; i++)
		if (str_eq(m->leaves[i]->declared_type, STR("text/plain")))
			return m->leaves[i];
	return NULL;
}

/* Labels of stock spam, at the end of what stands before a colon; '?' is any
 * letter or none, '^' wants nothing before. */
static const char *const stock_labels[] = {
	"^tradedate", "^tradingdate", "company", "companyname",
	"s?t?o?c?k", "s?y?m", "s?y?m?b?o?l", "target", "ticker",
	"openingp", "openingprice", "currentp", "currentprice",
	"projected", "position", "expectations", "weekhigh", "weekshigh",
	"marketperformance", "sector", "recommendation", "rating",
	"yeartarget", "yearestimate", "yearestimates",
	"weektarget", "weekestimate", "weekestimates",
	"monthtarget", "monthestimate", "monthestimates",
	"daytarget", "dayestimate", "dayestimates",
	"pricetarget", "priceestimate", "priceestimates",
};

/* All of s matches the pattern. Few '?' a pattern bound the recursion. */
static bool label_matches(const char *pattern, struct str s)
{
	for (; *pattern; pattern++) {
		if (*pattern == '?') {
			if (s.n && label_matches(pattern + 1, str_from(s, 1)))
				return true;
			continue;
		}
		if (s.n == 0 || s.p[0] != *pattern)
			return false;
		s = str_from(s, 1);
	}
	return s.n == 0;
}

/* The longest end of `letters` that is a label of stock spam; or STR_NONE. */
static struct str stock_label(struct str letters)
{
	for (size_t at = 0; at < letters.n; at++) {
		struct str tail = str_from(letters, at);

		for (size_t i = 0; i < sizeof(stock_labels) /
		     sizeof(stock_labels[0]); i++) {
			const char *p = stock_labels[i];

			if (*p == '^' && at)
				continue;
			if (label_matches(p + (*p == '^'), tail))
				return tail;
		}
	}
	return STR_NONE;
}

/* A label of 3 to 30 characters at the front of s, with a colon and something
 * behind it; *end_r is the offset behind that. */
static bool label_at(struct str s, struct str *label_r, size_t *end_r)
{
	ssize_t colon = str_chr(s, ':'), newline;
	size_t n, i;

	if (colon < 3)
		return false;
	newline = str_chr(str_head(s, (size_t)colon), '\n');
	n = newline >= 0 ? (size_t)newline : (size_t)colon;
	if (n > 30)
		n = 30;
	if (n < 3 || !is_blank(str_head(str_from(s, n), (size_t)colon - n)))
		return false;
	for (i = (size_t)colon + 1; i < s.n &&
	     is_space((unsigned char)s.p[i]); )
		i++;
	if (i == s.n)
		return false;
	*label_r = str_head(s, n);
	*end_r = i + 1;
	return true;
}

/* Adds the label to hits if stock spam uses it. */
static void note_label(struct arena *a, struct strs *hits, struct str label)
{
	char letters[32];
	size_t n = 0;
	struct str hit;

	for (size_t i = 0; i < label.n; i++)
		if (is_alpha((unsigned char)label.p[i]))
			letters[n++] = (char)to_lower((unsigned char)label.p[i]);
	hit = stock_label(str_make(letters, n));
	if (hit.p && !strs_has(hits, hit))
		strs_add(a, hits, str_dup(a, hit));
}

/* All labels of a chunk, each at the start of a line. */
static void scan_labels(struct arena *a, struct strs *hits, struct str chunk)
{
	size_t at = 0;

	while (at < chunk.n) {
		struct str rest = str_from(chunk, at), s = str_ltrim(rest);
		struct str label;
		ssize_t nl;
		size_t end;

		if (s.n && s.p[0] != ':' && label_at(s, &label, &end)) {
			note_label(a, hits, label);
			at += rest.n - s.n + end;
			rest = str_from(chunk, at);
		}
		nl = str_chr(rest, '\n');
		if (nl < 0)
			return;
		at += (size_t)nl + 1;
	}
}

static size_t stock_labels_in(struct eval_ctx *c)
{
	struct part *p = first_plain(c->msg);
	struct strs chunks = { NULL, 0, 0 }, hits = { NULL, 0, 0 };

	if (!p)
		return 0;
	part_render(p);
	if (!p->rendered.p)
		return 0;
	/* Chunks bound the time that a text without newlines takes. */
	text_chunks(c->arena, p->rendered, &chunks);
	for (size_t i = 0; i < chunks.n; i++)
		scan_labels(c->arena, &hits, chunks.v[i]);
	return hits.n;
}

static int check_stock_info(struct eval_ctx *c, const struct strs *args)
{
	struct body_facts *f = body_facts(c);
	double min = eval_arg_num(args, 0, 0);

	if (!f->stock_made) {
		f->stock_made = true;
		f->stock_labels = stock_labels_in(c);
	}
	return min == 0 || (double)f->stock_labels >= min;
}

/* "--" or "-- ", perhaps with a CR. */
static bool is_signature_line(struct str line)
{
	if (str_ends(line, STR("\n")))
		line.n--;
	if (str_ends(line, STR("\r")))
		line.n--;
	return str_eq(line, STR("--")) || str_eq(line, STR("-- "));
}

/* Body and signature of the first plain part, in bytes; the last delimiter
 * counts that has more than four bytes behind it. */
static const struct body_facts *signature_facts(struct eval_ctx *c)
{
	struct body_facts *f = body_facts(c);
	struct part *p = first_plain(c->msg);
	struct str text, rest, line;

	if (f->signature_made)
		return f;
	f->signature_made = true;
	f->has_plain = p != NULL;
	if (!p)
		return f;
	text = rest = part_decoded(p);
	f->body_length = (double)text.n;
	while (str_next_line(&rest, &line)) {
		size_t left = rest.n + str_ends(line, STR("\n"));

		if (left <= 4 || !is_signature_line(line))
			continue;
		f->body_length = (double)(line.p - text.p);
		f->sig_length = (double)left;
	}
	f->sig_ratio = f->sig_length ? f->body_length / f->sig_length : 1e6;
	return f;
}

static int in_range(const struct body_facts *f, double value,
		    const struct strs *args, double max)
{
	return f->has_plain && value >= eval_arg_num(args, 0, 0) &&
	       value <= eval_arg_num(args, 1, max);
}

static int plaintext_body_length(struct eval_ctx *c, const struct strs *args)
{
	const struct body_facts *f = signature_facts(c);

	return in_range(f, f->body_length, args, INFINITY);
}

static int plaintext_sig_length(struct eval_ctx *c, const struct strs *args)
{
	const struct body_facts *f = signature_facts(c);

	return in_range(f, f->sig_length, args, INFINITY);
}

static int plaintext_body_sig_ratio(struct eval_ctx *c,
				    const struct strs *args)
{
	const struct body_facts *f = signature_facts(c);

	return in_range(f, f->sig_ratio, args, 1e6);
}

#define TEST(name, what) { #name, EVAL_BODY, name, NULL, what }

const struct eval_test eval_body_tests[] = {
	TEST(check_body_length, "the body has at most so many bytes"),
	TEST(check_blank_line_ratio, "the share of blank lines is in a range"),
	TEST(tvd_vertical_words, "the most blanks of a paragraph in percent"),
	TEST(check_stock_info, "at least so many labels of stock spam"),
	TEST(multipart_alternative_difference,
	     "the share of HTML's words that the text lacks is in a range"),
	TEST(multipart_alternative_difference_count,
	     "the text has more than so many words for each of the HTML's"),
	TEST(plaintext_body_length, "bytes before the signature"),
	TEST(plaintext_sig_length, "bytes of the signature"),
	TEST(plaintext_body_sig_ratio, "body to signature"),
	{ NULL, 0, NULL, NULL, NULL }
};
