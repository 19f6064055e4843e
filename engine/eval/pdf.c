/*
 * Eval tests about attached PDF files (SpamAssassin's PDFInfo plugin), and the
 * look at each message that they and the template tags PDF... live off. A
 * part is looked at if its type says PDF, or octets and a name in .pdf or
 * .fdf; it counts as one even where no PDF is found in it.
 */
#include "eval/pdf.h"

#include <math.h>

#include "base/arena.h"
#include "conf/regex_text.h"
#include "eval/eval.h"
#include "eval/plugin.h"
#include "mail/message.h"
#include "mail/part.h"
#include "match/regex.h"

static bool is_pdf(const struct part *p)
{
	struct str type = p->declared_type;

	if (str_starts(type, STR("image/")))
		type = str_from(type, 6);
	else if (str_starts(type, STR("application/")))
		type = str_from(type, 12);
	else
		return false;
	if (str_eq(type, STR("pdf")))
		return true;
	return str_eq(type, STR("octet-stream")) &&
	       (str_iends(p->name, STR(".pdf")) ||
		str_iends(p->name, STR(".fdf")));
}

static struct pdf_facts *look(struct message *m, struct map *tags)
{
	struct pdf_facts *f = arena_alloc(m->arena, sizeof(*f));

	pdf_facts_init(f, m->arena, tags);
	for (size_t i = 0; i < m->nleaves; i++) {
		struct part *p = m->leaves[i];

		if (!is_pdf(p))
			continue;
		pdf_read(f, p->name, part_decoded(p));
		f->count++;
	}
	pdf_set_tag(f, "PDFCOUNT", str_printf(m->arena, "%zu", f->count));
	pdf_set_tag(f, "PDFIMGCOUNT", str_printf(m->arena, "%zu", f->images));
	m->memo[MEMO_PDF] = f;
	return f;
}

static void look_at(struct eval_ctx *c, void *data)
{
	struct pdf_facts *f = look(c->msg, c->tags);

	(void)data;
	for (size_t i = 0; i < f->uris.n; i++)
		message_add_uri(c->msg, f->uris.v[i]);
}

const struct eval_plugin eval_plugin_pdf = { "PDFInfo", NULL, look_at };

static const struct pdf_facts *facts(struct eval_ctx *c)
{
	const struct pdf_facts *f = c->msg->memo[MEMO_PDF];

	return f ? f : look(c->msg, NULL);
}

/* At least argument 0, at most argument 1 if there is one. */
static bool in_range(const struct strs *args, double v)
{
	return args->n > 0 && v >= eval_arg_num(args, 0, 0) &&
	       (args->n < 2 || v <= eval_arg_num(args, 1, 0));
}

/* pdf_count(min, [max]) */
static int pdf_count(struct eval_ctx *c, const struct strs *args)
{
	return in_range(args, (double)facts(c)->count);
}

/* pdf_image_count(min, [max]) */
static int pdf_image_count(struct eval_ctx *c, const struct strs *args)
{
	return in_range(args, (double)facts(c)->images);
}

/* pdf_pixel_coverage(min, [max]); nothing where no picture was seen. */
static int pdf_pixel_coverage(struct eval_ctx *c, const struct strs *args)
{
	const struct pdf_facts *f = facts(c);

	return f->has_area && in_range(args, f->area);
}

/* pdf_image_to_text_ratio(min, max): bytes of text per pixel, max excluded. */
static int pdf_image_to_text_ratio(struct eval_ctx *c, const struct strs *args)
{
	const struct pdf_facts *f = facts(c);
	const struct strs *text;
	double n = 0;

	if (args->n < 2 || !f->has_area)
		return 0;
	text = message_body(c->msg);
	for (size_t i = 0; i < text->n; i++)
		n += (double)text->v[i].n;
	if (n <= 0)
		return 0;
	n /= f->area;
	return in_range(args, n) && n != eval_arg_num(args, 1, 0);
}

static bool is_blank(struct str s)
{
	return str_ltrim(s).n == 0;
}

/* pdf_is_empty_body([bytes]): there is a PDF, and hardly any text but for the
 * subject. */
static int pdf_is_empty_body(struct eval_ctx *c, const struct strs *args)
{
	const struct strs *text;
	double n = 0;

	if (!facts(c)->count)
		return 0;
	text = message_body(c->msg);
	for (size_t i = 1; i < text->n; i++)
		if (!is_blank(text->v[i]))
			n += (double)text->v[i].n;
	return n <= eval_arg_num(args, 0, 0) || n <= 0;
}

static int pdf_is_encrypted(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return facts(c)->encrypted;
}

/* pdf_image_size_exact(height, width), compared as text. */
static int pdf_image_size_exact(struct eval_ctx *c, const struct strs *args)
{
	if (args->n < 2)
		return 0;
	return map_has(&facts(c)->sizes,
		       str_printf(c->arena, "%.*sx%.*s",
				  STR_ARG(eval_arg(args, 0)),
				  STR_ARG(eval_arg(args, 1))));
}

/* pdf_image_size_range(min height, min width, [max height, [max width]]); the
 * sum over all pictures of a file is a size, too. */
static int pdf_image_size_range(struct eval_ctx *c, const struct strs *args)
{
	double max_height = args->n > 2 ? eval_arg_num(args, 2, 0) : INFINITY;
	double max_width = args->n > 3 ? eval_arg_num(args, 3, 0) : INFINITY;
	const struct map *sizes = &facts(c)->sizes;
	const struct map_entry *e;
	size_t i = 0;

	if (args->n < 2)
		return 0;
	while ((e = map_next(sizes, &i))) {
		double height = 0, width = 0;
		ssize_t x = str_chr(e->key, 'x');

		str_to_double(str_head(e->key, (size_t)x), &height);
		str_to_double(str_from(e->key, (size_t)x + 1), &width);
		if (height >= eval_arg_num(args, 0, 0) &&
		    width >= eval_arg_num(args, 1, 0) &&
		    height <= max_height && width <= max_width)
			return 1;
	}
	return 0;
}

static int pdf_named(struct eval_ctx *c, const struct strs *args)
{
	return args->n > 0 && map_has(&facts(c)->names, eval_arg(args, 0));
}

/* Of regex arguments: re is NULL where Perl refuses it, which SpamAssassin
 * notices when a message has something to compare, and only warns of then. */
struct pdf_regex {
	struct regex *re;
};

static void *prepare(struct arena *a, const struct strs *args, size_t which)
{
	struct pdf_regex *r = arena_alloc(a, sizeof(*r));
	struct regex_text t = { .pattern = eval_arg(args, which) };
	struct str s = t.pattern, rest = s;
	struct err err;

	if (which >= args->n)
		return r;
	/* The delimiters may be left out. */
	if (str_starts(s, STR("qr")))
		rest = str_from(s, 2);
	else if (str_starts(s, STR("m")))
		rest = str_from(s, 1);
	if (str_starts(s, STR("/")) ||
	    (rest.n && rest.n < s.n && !is_word((unsigned char)rest.p[0])))
		if (regex_text_split(a, s, &t, &err))
			return r;
	r->re = regex_compile(a, t.pattern, t.mods, &err);
	return r;
}

static void *prepare_name(struct arena *a, const struct strs *args,
			  struct err *err)
{
	(void)err;
	return prepare(a, args, 0);
}

static void *prepare_detail(struct arena *a, const struct strs *args,
			    struct err *err)
{
	(void)err;
	return prepare(a, args, 1);
}

static int one_matches(const struct pdf_regex *r, const struct map *texts)
{
	const struct map_entry *e;
	size_t i = 0;

	while (r->re && (e = map_next(texts, &i)))
		if (regex_hits(r->re, e->key))
			return 1;
	return 0;
}

static int pdf_name_regex(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return one_matches(c->prepared, &facts(c)->names);
}

/* pdf_match_details(detail, regex) */
static int pdf_match_details(struct eval_ctx *c, const struct strs *args)
{
	for (int i = 0; i < PDF_DETAILS; i++)
		if (str_eq(eval_arg(args, 0), str_cstr(pdf_detail_names[i])))
			return one_matches(c->prepared, &facts(c)->details[i]);
	return 0;
}

static int pdf_match_md5(struct eval_ctx *c, const struct strs *args)
{
	return args->n > 0 &&
	       map_has(&facts(c)->md5, str_upper(c->arena, eval_arg(args, 0)));
}

static int pdf_match_fuzzy_md5(struct eval_ctx *c, const struct strs *args)
{
	return args->n > 0 &&
	       map_has(&facts(c)->fuzzy_md5,
		       str_upper(c->arena, eval_arg(args, 0)));
}

#define TEST(name, prepare, what) { #name, EVAL_BODY, name, prepare, what }

const struct eval_test eval_pdf_tests[] = {
	TEST(pdf_count, NULL, "so many PDF files are attached"),
	TEST(pdf_image_count, NULL, "so many pictures are seen in PDF files"),
	TEST(pdf_pixel_coverage, NULL,
	     "the area of the pictures in a PDF file lies in a range"),
	TEST(pdf_image_to_text_ratio, NULL,
	     "bytes of text per pixel in a PDF file lie in a range"),
	TEST(pdf_image_size_exact, NULL,
	     "a picture in a PDF file has exactly that size"),
	TEST(pdf_image_size_range, NULL,
	     "the size of a picture in a PDF file lies in a range"),
	TEST(pdf_named, NULL, "a PDF file has that name"),
	TEST(pdf_name_regex, prepare_name,
	     "a PDF file's name matches a regex"),
	TEST(pdf_match_md5, NULL, "a PDF file has that MD5 checksum"),
	TEST(pdf_match_fuzzy_md5, NULL,
	     "a PDF file's first lines or keywords have that MD5 checksum"),
	TEST(pdf_match_details, prepare_detail,
	     "what a PDF file says of itself matches a regex"),
	TEST(pdf_is_encrypted, NULL, "a PDF file is encrypted"),
	TEST(pdf_is_empty_body, NULL,
	     "a PDF file is attached and there is hardly any text"),
	{ NULL, 0, NULL, NULL, NULL }
};
