/*
 * Eval tests about attached images (SpamAssassin's ImageInfo plugin): how many
 * GIF, PNG and JPEG there are, how large, what they are called. One pass over
 * the base64 image parts reads their headers at the first question. An image
 * whose header does not say a size counts, but has no area and no name.
 */
#include <math.h>

#include "base/arena.h"
#include "conf/rule.h"
#include "eval/eval.h"
#include "mail/message.h"
#include "mail/part.h"
#include "match/regex.h"

enum image_type { IMAGE_ALL, IMAGE_GIF, IMAGE_PNG, IMAGE_JPEG, IMAGE_TYPES };

struct image_size {
	enum image_type type;
	uint32_t height, width;
};

struct images {
	double count[IMAGE_TYPES];
	double area[IMAGE_TYPES];
	struct image_size *sizes;	/* of those that have one */
	size_t nsizes, sizes_cap;
	struct strs names;
};

static uint32_t byte_at(struct str s, size_t i)
{
	return (unsigned char)s.p[i];
}

/*
 * Reads numbers of so many bytes each ("22111") from s into v, in network
 * order. As in Perl's unpack, one that is cut off is left out, but a shorter
 * one behind it may still be read in its place.
 */
static void unpack(struct str s, const char *sizes, uint32_t *v)
{
	for (; *sizes; sizes++) {
		size_t n = (size_t)(*sizes - '0');

		if (n > s.n)
			continue;
		for (*v = 0; n > 0; n--) {
			*v = *v << 8 | byte_at(s, 0);
			s = str_from(s, 1);
		}
		v++;
	}
}

/* The readers set height and width, which are 0 before. */
static void read_gif(struct str data, struct image_size *size)
{
	uint32_t v[5] = { 0 };

	if (!str_starts(data, STR("GIF87a")) &&
	    !str_starts(data, STR("GIF89a")))
		return;
	data = str_head(str_from(data, 6), 7);
	unpack(data, "22111", v);
	/* Little endian, where there are two bytes. */
	size->width = data.n < 2 ? v[0] : (v[0] & 255) << 8 | v[0] >> 8;
	size->height = data.n < 4 ? v[1] : (v[1] & 255) << 8 | v[1] >> 8;
}

/* The chunk that tells the size is looked for in steps of 8 bytes: ImageInfo
 * never skips a chunk's content. */
static void read_png(struct str data, struct image_size *size)
{
	uint32_t v[7] = { 0 };

	if (!str_starts(data, STR("\x89PNG\r\n\x1a\n")))
		return;
	for (size_t i = 8; i + 8 <= data.n; i += 8) {
		struct str type = str_head(str_from(data, i + 4), 4);

		if (str_eq(type, STR("IEND")))
			return;
		unpack(str_from(data, i), "4", v);
		if (!str_eq(type, STR("IHDR")) || v[0] != 13)
			continue;
		/* 13 bytes and a checksum of 4, which is taken off the end of
		 * what is there. */
		data = str_head(str_from(data, i + 8), 17);
		v[0] = 0;
		if (data.n >= 4)
			unpack(str_head(data, data.n - 4), "4411111", v);
		size->width = v[0];
		size->height = v[1];
		return;
	}
}

static bool is_jpeg_frame(uint32_t mark)
{
	return mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 &&
	       mark != 0xcc;
}

static void read_jpeg(struct str data, struct image_size *size)
{
	size_t i = 2;

	if (!str_starts(data, STR("\xff\xd8")))
		return;
	while (i + 4 <= data.n) {
		uint32_t v[4] = { 0 }, frame[4] = { 0 };

		unpack(str_from(data, i), "112", v);
		if (v[0] != 0xff || v[1] == 0xda || v[1] == 0xd9 || v[2] < 2)
			return;
		i += 4;
		if (is_jpeg_frame(v[1])) {
			data = str_head(str_from(data, i), v[2] - 2);
			unpack(str_head(data, 6), "1221", frame);
			size->height = frame[1];
			size->width = frame[2];
			return;
		}
		i += v[2] - 2;
	}
}

static enum image_type type_by_name(struct str name)
{
	static const struct str names[IMAGE_TYPES] = {
		[IMAGE_ALL] = STR("all"), [IMAGE_GIF] = STR("gif"),
		[IMAGE_PNG] = STR("png"), [IMAGE_JPEG] = STR("jpeg"),
	};
	int i = IMAGE_ALL;

	while (i < IMAGE_TYPES && !str_eq(name, names[i]))
		i++;
	return i;
}

/* The type of an image part; IMAGE_TYPES if it is none or not base64. */
static enum image_type part_type(struct part *p)
{
	struct str type = p->declared_type;
	enum image_type found;

	if (!str_starts(type, STR("image/")))
		return IMAGE_TYPES;
	type = str_from(type, 6);
	found = str_eq(type, STR("jpg")) ? IMAGE_JPEG : type_by_name(type);
	if (found == IMAGE_ALL ||
	    !str_ieq(part_header(p, STR("content-transfer-encoding")),
		     STR("base64")))
		return IMAGE_TYPES;
	return found;
}

static void read_image(struct arena *a, struct images *im, struct part *p,
		       enum image_type type)
{
	struct image_size size = { .type = type };
	double area;

	im->count[type]++;
	im->count[IMAGE_ALL]++;
	if (type == IMAGE_GIF)
		read_gif(part_decoded(p), &size);
	else if (type == IMAGE_PNG)
		read_png(part_decoded(p), &size);
	else
		read_jpeg(part_decoded(p), &size);
	if (!size.height || !size.width)
		return;
	area = (double)size.height * size.width;
	im->area[type] += area;
	im->area[IMAGE_ALL] += area;
	im->sizes = arena_grow(a, im->sizes, im->nsizes, &im->sizes_cap,
			       sizeof(*im->sizes));
	im->sizes[im->nsizes++] = size;
	if (p->name.n && !str_eq(p->name, STR("0")))
		strs_add(a, &im->names, p->name);
}

static const struct images *images(struct eval_ctx *c)
{
	struct message *m = c->msg;
	struct images *im = m->memo[MEMO_IMAGE];

	if (im)
		return im;
	im = arena_alloc(m->arena, sizeof(*im));
	for (size_t i = 0; i < m->nleaves; i++) {
		enum image_type type = part_type(m->leaves[i]);

		if (type != IMAGE_TYPES)
			read_image(m->arena, im, m->leaves[i], type);
	}
	m->memo[MEMO_IMAGE] = im;
	return im;
}

/* At least argument 1, at most argument 2 if there is one. */
static bool in_range(const struct strs *args, double v)
{
	return v >= eval_arg_num(args, 1, 0) &&
	       (args->n < 3 || v <= eval_arg_num(args, 2, 0));
}

/* image_count(TYPE, min, [max]) */
static int image_count(struct eval_ctx *c, const struct strs *args)
{
	enum image_type type = type_by_name(eval_arg(args, 0));

	return type != IMAGE_TYPES && args->n >= 2 &&
	       in_range(args, images(c)->count[type]);
}

/* pixel_coverage(TYPE, min, [max]) */
static int pixel_coverage(struct eval_ctx *c, const struct strs *args)
{
	enum image_type type = type_by_name(eval_arg(args, 0));

	return type != IMAGE_TYPES && args->n >= 2 &&
	       in_range(args, images(c)->area[type]);
}

/* image_to_text_ratio(TYPE, min, max): bytes of text per pixel, max excluded.
 * A rawbody rule counts the undecoded text. */
static int image_to_text_ratio(struct eval_ctx *c, const struct strs *args)
{
	enum image_type type = type_by_name(eval_arg(args, 0));
	const struct strs *text;
	double n = 0, ratio;

	if (type == IMAGE_TYPES || args->n < 3 || images(c)->area[type] <= 0)
		return 0;
	text = c->rule && c->rule->kind == RULE_RAWBODY_EVAL ?
		message_rawbody(c->msg) : message_body(c->msg);
	for (size_t i = 0; i < text->n; i++)
		n += (double)text->v[i].n;
	if (n <= 0)
		return 0;
	ratio = n / images(c)->area[type];
	return in_range(args, ratio) && ratio != eval_arg_num(args, 2, 0);
}

/* image_size_exact(TYPE, height, width), compared as text. */
static int image_size_exact(struct eval_ctx *c, const struct strs *args)
{
	enum image_type type = type_by_name(eval_arg(args, 0));
	const struct images *im = images(c);

	if (args->n < 3)
		return 0;
	for (size_t i = 0; i < im->nsizes; i++) {
		const struct image_size *s = &im->sizes[i];

		if ((type == IMAGE_ALL || type == s->type) &&
		    str_eq(str_printf(c->arena, "%u", s->height),
			   eval_arg(args, 1)) &&
		    str_eq(str_printf(c->arena, "%u", s->width),
			   eval_arg(args, 2)))
			return 1;
	}
	return 0;
}

/* image_size_range(TYPE, min height, min width, [max height, [max width]]) */
static int image_size_range(struct eval_ctx *c, const struct strs *args)
{
	enum image_type type = type_by_name(eval_arg(args, 0));
	double max_height = args->n > 3 ? eval_arg_num(args, 3, 0) : INFINITY;
	double max_width = args->n > 4 ? eval_arg_num(args, 4, 0) : INFINITY;
	const struct images *im = images(c);

	if (args->n < 3)
		return 0;
	for (size_t i = 0; i < im->nsizes; i++) {
		const struct image_size *s = &im->sizes[i];

		if ((type == IMAGE_ALL || type == s->type) &&
		    s->height >= eval_arg_num(args, 1, 0) &&
		    s->width >= eval_arg_num(args, 2, 0) &&
		    s->height <= max_height && s->width <= max_width)
			return 1;
	}
	return 0;
}

static int image_named(struct eval_ctx *c, const struct strs *args)
{
	return args->n > 0 && strs_has(&images(c)->names, eval_arg(args, 0));
}

/* The argument is a bare pattern: a rule that puts it between slashes asks for
 * slashes in the name, as in SpamAssassin. */
static int image_name_regex(struct eval_ctx *c, const struct strs *args)
{
	const struct images *im = images(c);

	(void)args;
	for (size_t i = 0; i < im->names.n; i++)
		if (regex_hits(c->prepared, im->names.v[i]))
			return 1;
	return 0;
}

static void *prepare_regex(struct arena *a, const struct strs *args,
			   struct err *err)
{
	return regex_compile(a, eval_arg(args, 0), STR(""), err);
}

#define TEST(name, prepare, what) { #name, EVAL_BODY, name, prepare, what }

const struct eval_test eval_image_tests[] = {
	TEST(image_count, NULL, "so many images of a type are attached"),
	TEST(pixel_coverage, NULL, "the images' area lies in a range"),
	TEST(image_to_text_ratio, NULL,
	     "bytes of text per pixel of the images lie in a range"),
	TEST(image_size_exact, NULL, "an image has exactly that size"),
	TEST(image_size_range, NULL, "an image's size lies in a range"),
	TEST(image_named, NULL, "an image has that file name"),
	TEST(image_name_regex, prepare_regex,
	     "an image's file name matches a regex"),
	{ NULL, 0, NULL, NULL, NULL }
};
