/*
 * One PDF file, line by line, as PDFInfo reads it; see pdf.h. Empty lines do
 * not exist there, and a line ends in LF only.
 *
 * Two of its checksums are fuzzy: one of the first lines up to the first
 * stream, without those that differ from copy to copy (comments, sizes), one
 * of the keywords that lines begin with. A picture has a size where its
 * placing ("630 0 0 149 0 0 cm") or "/Width 630/Height 149" is on one line
 * somewhere behind "/Image"; where width and height have a line each it is not
 * seen, since PDFInfo forgets the one when it comes to the other.
 */
#include "eval/pdf.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/digest.h"

/* Lines that the first fuzzy checksum is made of, at most. */
#define FUZZY_LINES 70
/* A tag that is longer takes no further value. */
#define TAG_FULL 2048
/* Links kept of one file. */
#define URIS_MAX 20
/* How far into the file its mark may stand. */
#define MARK_WITHIN 1024

const char *const pdf_detail_names[PDF_DETAILS] = {
	"author", "creator", "created", "modified", "producer", "title"
};

/* A checksum of what comes bit by bit. Text that Perl takes for false ("" and
 * "0") has none. */
struct sum {
	struct digest digest;
	size_t n;
	char first;
};

struct reader {
	struct pdf_facts *f;
	struct sum fuzzy, keywords;
	bool no_more_fuzzy, got_image;
	int lines;
	struct pdf_number height, width, area;	/* sums over all pictures */
	struct map uris;
};

void pdf_facts_init(struct pdf_facts *f, struct arena *a, struct map *tags)
{
	*f = (struct pdf_facts){ .arena = a, .tags = tags,
		.sizes = MAP_IN(a), .names = MAP_IN(a), .md5 = MAP_IN(a),
		.fuzzy_md5 = MAP_IN(a) };
	for (int i = 0; i < PDF_DETAILS; i++)
		f->details[i] = MAP_IN(a);
}

/* Puts a copy of key in a map; false if it was there. */
static bool map_note(struct map *m, struct str key)
{
	if (map_has(m, key))
		return false;
	map_set(m, str_dup(m->arena, key), m);
	return true;
}

void pdf_set_tag(struct pdf_facts *f, const char *name, struct str value)
{
	struct str *tag;

	if (!f->tags || !value.n)
		return;
	tag = map_get(f->tags, str_cstr(name));
	if (!tag) {
		tag = arena_alloc(f->arena, sizeof(*tag));
		*tag = str_dup(f->arena, value);
		map_set(f->tags, str_cstr(name), tag);
	} else if (tag->n < TAG_FULL) {
		*tag = str_cat(f->arena, str_cat(f->arena, *tag, STR(" ")),
			       value);
	}
}

/* ---- Numbers ---- */

static struct pdf_number number(struct str digits)
{
	struct pdf_number v = { false, 0, 0 };

	for (size_t i = 0; i < digits.n; i++) {
		uint64_t digit = (uint64_t)(digits.p[i] - '0');

		v.d = v.d * 10 + (double)digit;
		if (!v.real && (__builtin_mul_overflow(v.u, 10, &v.u) ||
				__builtin_add_overflow(v.u, digit, &v.u)))
			v.real = true;
	}
	if (!v.real)
		v.d = (double)v.u;
	return v;
}

static struct pdf_number times(struct pdf_number a, struct pdf_number b)
{
	struct pdf_number v = { a.real || b.real, 0, a.d * b.d };

	if (!v.real && __builtin_mul_overflow(a.u, b.u, &v.u))
		v.real = true;
	if (!v.real)
		v.d = (double)v.u;
	return v;
}

static struct pdf_number plus(struct pdf_number a, struct pdf_number b)
{
	struct pdf_number v = { a.real || b.real, 0, a.d + b.d };

	if (!v.real && __builtin_add_overflow(a.u, b.u, &v.u))
		v.real = true;
	if (!v.real)
		v.d = (double)v.u;
	return v;
}

static struct str number_text(struct arena *a, struct pdf_number v)
{
	return v.real ? str_printf(a, "%.15g", v.d) :
		str_printf(a, "%llu", (unsigned long long)v.u);
}

/* ---- Checksums ---- */

static void sum_add(struct sum *s, struct str text)
{
	if (!text.n)
		return;
	if (!s->n) {
		digest_begin(&s->digest, DIGEST_MD5, STR_NONE);
		s->first = text.p[0];
	}
	s->n += text.n;
	digest_add(&s->digest, text);
}

/* In upper case; "" if there is none. */
static struct str sum_text(struct arena *a, struct sum *s)
{
	static const char hex[] = "0123456789ABCDEF";
	uint8_t out[DIGEST_MAX];
	size_t n;
	char *p;

	if (!s->n || (s->n == 1 && s->first == '0'))
		return STR("");
	n = digest_end(&s->digest, out);
	p = arena_text(a, 2 * n + 1);
	for (size_t i = 0; i < n; i++) {
		p[2 * i] = hex[out[i] >> 4];
		p[2 * i + 1] = hex[out[i] & 15];
	}
	return str_make(p, 2 * n);
}

/* ---- Lines ---- */

static struct str take_digits(struct str *s)
{
	size_t n = 0;
	struct str digits;

	while (n < s->n && is_digit((unsigned char)s->p[n]))
		n++;
	digits = str_head(*s, n);
	*s = str_from(*s, n);
	return digits;
}

/* "W x x H x x cm": where a picture is put, and how large. */
static bool placing(struct str line, struct str *width_r, struct str *height_r)
{
	for (int i = 0; i < 6; i++) {
		struct str digits = take_digits(&line);

		if (!digits.n || !line.n ||
		    !is_space((unsigned char)line.p[0]))
			return false;
		line = str_ltrim(line);
		if (i == 0)
			*width_r = digits;
		else if (i == 3)
			*height_r = digits;
	}
	return str_eq(line, STR("cm"));
}

/* The digits behind key and one blank that line begins with. */
static bool begins_with(struct str line, struct str key, struct str *digits_r,
			struct str *rest_r)
{
	if (!str_starts(line, key))
		return false;
	line = str_from(line, key.n);
	if (!line.n || !is_space((unsigned char)line.p[0]))
		return false;
	line = str_from(line, 1);
	*digits_r = take_digits(&line);
	*rest_r = line;
	return digits_r->n > 0;
}

/* "/Width W/Height H" somewhere. */
static bool both_sides(struct str line, struct str *width_r,
		       struct str *height_r)
{
	ssize_t at;

	while ((at = str_find(line, STR("/Width"))) >= 0) {
		struct str rest;

		line = str_from(line, (size_t)at);
		if (begins_with(line, STR("/Width"), width_r, &rest) &&
		    begins_with(rest, STR("/Height"), height_r, &rest))
			return true;
		line = str_from(line, 6);
	}
	return false;
}

/* Neither "" nor "0", which Perl takes for false. */
static bool is_true(struct str s)
{
	return s.n && !str_eq(s, STR("0"));
}

static void look_for_picture(struct reader *r, struct str line)
{
	struct str width = STR_NONE, height = STR_NONE, rest, size;
	struct arena *a = r->f->arena;

	if (!placing(line, &width, &height) &&
	    (begins_with(line, STR("/Width"), &width, &rest) ||
	     begins_with(line, STR("/Height"), &height, &rest) ||
	     !both_sides(line, &width, &height)))
		return;
	if (!is_true(width) || !is_true(height))
		return;
	r->no_more_fuzzy = true;
	r->got_image = false;
	r->area = plus(r->area, times(number(width), number(height)));
	r->height = plus(r->height, number(height));
	r->width = plus(r->width, number(width));
	size = str_cat(a, str_cat(a, height, STR("x")), width);
	map_note(&r->f->sizes, size);
	r->f->images++;
	pdf_set_tag(r->f, "PDFIMGDIM", size);
}

static bool is_constant(struct str line)
{
	struct str width, height;

	return !str_starts(line, STR("%")) &&
	       !str_starts(line, STR("/Height")) &&
	       !str_starts(line, STR("/Width")) &&
	       !str_starts(line, STR("/MediaBox")) &&
	       !str_starts(line, STR("/CropBox")) &&
	       !placing(line, &width, &height);
}

/* Returns the line as it is looked at afterwards. */
static struct str fuzzy_line(struct reader *r, struct str line)
{
	if (r->no_more_fuzzy || ++r->lines >= FUZZY_LINES)
		return line;
	if (is_constant(line)) {
		line = str_rtrim(line);
		sum_add(&r->fuzzy, line);
	}
	if (str_find(line, STR("stream")) >= 0)
		r->no_more_fuzzy = true;
	return line;
}

static void keyword(struct reader *r, struct str line)
{
	size_t n = 1;

	if (line.p[0] != '/')
		return;
	while (n < line.n && is_alpha((unsigned char)line.p[n]))
		n++;
	sum_add(&r->keywords, str_from(str_head(line, n), 1));
}

/* False: there is one, but of no use, and PDFInfo leaves the line there. */
static bool look_for_uri(struct reader *r, struct str line)
{
	struct str value, plain, uri;
	char text[PDF_TEXT_MAX];

	if (r->uris.n >= URIS_MAX || !pdf_find_uri(line, &value, &plain))
		return true;
	if (value.p && str_chr(value, '.') <= 0)
		return false;
	uri = pdf_text(value.p ? value : plain, text);
	if (str_chr(uri, '.') <= 0 || str_chr(uri, '\0') >= 0)
		return false;
	if (map_note(&r->uris, uri))
		strs_add(r->f->arena, &r->f->uris,
			 str_dup(r->f->arena, uri));
	return true;
}

static void look_for_details(struct reader *r, struct str line)
{
	static const struct {
		enum pdf_detail detail;
		bool date;
		struct str key;
		const char *tag;
	} rows[] = {
		{ PDF_AUTHOR, false, STR("/Author"), "PDFAUTHOR" },
		{ PDF_CREATOR, false, STR("/Creator"), "PDFCREATOR" },
		{ PDF_CREATED, true, STR("/CreationDate"), NULL },
		{ PDF_MODIFIED, true, STR("/ModDate"), NULL },
		{ PDF_PRODUCER, false, STR("/Producer"), "PDFPRODUCER" },
		{ PDF_TITLE, false, STR("/Title"), "PDFTITLE" },
	};
	char out[PDF_TEXT_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct str text;

		if (!(rows[i].date ? pdf_find_date : pdf_find_value)
		    (line, rows[i].key, &text))
			continue;
		text = pdf_text(text, out);
		map_note(&r->f->details[rows[i].detail], text);
		if (rows[i].tag)
			pdf_set_tag(r->f, rows[i].tag, text);
	}
}

static void read_line(struct reader *r, struct str line)
{
	line = fuzzy_line(r, line);
	if (!line.n)
		return;
	if (str_find(line, STR("/Image")) >= 0)
		r->got_image = true;
	if (str_starts(line, STR("/Encrypt")))
		r->f->encrypted = true;
	if (r->got_image)
		look_for_picture(r, line);
	if (str_chr(line, '/') < 0)
		return;
	keyword(r, line);
	if (look_for_uri(r, line))
		look_for_details(r, line);
}

/* ---- The file ---- */

/* "%PDF-1.4": the last one that stands near the beginning. */
static bool find_version(struct str data, struct str *version_r)
{
	struct str head = str_head(data, MARK_WITHIN + 8);

	for (size_t i = head.n; i-- > 0; ) {
		struct str s = str_from(head, i);

		if (s.n >= 8 && str_starts(s, STR("%PDF-")) &&
		    is_digit((unsigned char)s.p[5]) && s.p[6] == '.' &&
		    is_digit((unsigned char)s.p[7])) {
			*version_r = str_head(str_from(s, 5), 3);
			return true;
		}
	}
	return false;
}

static void keep_sums(struct reader *r, struct str data)
{
	struct pdf_facts *f = r->f;
	struct sum all = { .n = 0 };
	struct str fuzzy = sum_text(f->arena, &r->fuzzy);
	struct str keywords = sum_text(f->arena, &r->keywords);

	sum_add(&all, data);
	map_note(&f->md5, sum_text(f->arena, &all));
	/* PDFInfo's own slip: the tag for the one holds the other. */
	pdf_set_tag(f, "PDFMD5", fuzzy);
	pdf_set_tag(f, "PDFMD5FUZZY1", fuzzy);
	pdf_set_tag(f, "PDFMD5FUZZY2", keywords);
	if (fuzzy.n)
		map_note(&f->fuzzy_md5, fuzzy);
	if (keywords.n)
		map_note(&f->fuzzy_md5, keywords);
}

void pdf_read(struct pdf_facts *f, struct str name, struct str data)
{
	struct reader r = { .f = f, .uris = MAP_IN(f->arena) };
	struct str rest, line, version;
	struct arena *a = f->arena;

	if (str_starts(data, STR("\xef\xbb\xbf")))
		data = str_from(data, 3);
	if (!find_version(data, &version))
		return;
	pdf_set_tag(f, "PDFVERSION", version);
	pdf_set_tag(f, "PDFNAME", name);
	if (is_true(name))
		map_note(&f->names, name);
	rest = data;
	while (str_next(&rest, '\n', &line))
		if (line.n)
			read_line(&r, line);
	if (r.height.d != 0 && r.width.d != 0)
		map_note(&f->sizes, str_cat(a, str_cat(a,
			number_text(a, r.height), STR("x")),
			number_text(a, r.width)));
	if (r.area.d != 0) {
		f->has_area = true;
		f->area = r.area.d;
		pdf_set_tag(f, "PDFIMGAREA", number_text(a, r.area));
	}
	keep_sums(&r, data);
}
