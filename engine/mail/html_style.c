/*
 * The style in force where text stands: a stack of what <font>, <span
 * style=...> and a dozen other tags set, copied from the tag around. It decides
 * whether text is seen: text in nearly its background's colour, in an invalid
 * colour, of size 1 or less, or of display:none or visibility:hidden is not
 * (reference 6.6).
 *
 * SpamAssassin's ways that look like faults and are kept: a bgcolor attribute
 * changes nothing; "display" and "visibility" must be in lower case; the size
 * of a tag counts for max_size and min_size when the tag has any attribute
 * that it heeds; an empty CSS background stops the reading of the document.
 */
#include "mail/html_int.h"

#include <math.h>

#include "base/limits.h"
#include "base/mem.h"

struct frame {
	double size;
	int fg, bg;
	uint8_t tag;
	bool display_none, hidden;
};

struct html_style {
	struct frame *v;
	size_t n, cap;
	size_t beyond;			/* open tags that were not pushed */
	size_t open[STYLE_TAGS];	/* frames of each tag */
	double basefont;
	double max_size, min_size;
	bool deep;
};

#define BIT(id) (1u << (id))

/* The attributes that each tag heeds. */
static const unsigned heeded[STYLE_TAGS] = {
	[STYLE_A] = BIT(ATTR_STYLE),
	[STYLE_BASEFONT] = BIT(ATTR_COLOR) | BIT(ATTR_FACE) | BIT(ATTR_SIZE),
	[STYLE_BODY] = BIT(ATTR_TEXT) | BIT(ATTR_BGCOLOR) | BIT(ATTR_LINK) |
		BIT(ATTR_ALINK) | BIT(ATTR_VLINK) | BIT(ATTR_BACKGROUND),
	[STYLE_DIV] = BIT(ATTR_STYLE),
	[STYLE_FONT] = BIT(ATTR_COLOR) | BIT(ATTR_FACE) | BIT(ATTR_SIZE),
	[STYLE_P] = BIT(ATTR_STYLE),
	[STYLE_SPAN] = BIT(ATTR_STYLE),
	[STYLE_TABLE] = BIT(ATTR_BGCOLOR) | BIT(ATTR_STYLE),
	[STYLE_TD] = BIT(ATTR_BGCOLOR) | BIT(ATTR_STYLE),
	[STYLE_TR] = BIT(ATTR_BGCOLOR) | BIT(ATTR_STYLE),
};

struct html_style *html_style_new(void)
{
	struct html_style *st = xcalloc(1, sizeof(*st));

	st->cap = 64;
	st->v = xreallocarray(NULL, st->cap, sizeof(*st->v));
	st->v[st->n++] = (struct frame){ .size = 3, .bg = 0xffffff };
	st->basefont = st->max_size = st->min_size = 3;
	return st;
}

void html_style_free(struct html_style **stp)
{
	struct html_style *st = stp ? *stp : NULL;

	if (!st)
		return;
	*stp = NULL;
	xfree(st->v);
	xfree(st);
}

double html_style_max_size(const struct html_style *st)
{
	return st->max_size;
}

double html_style_min_size(const struct html_style *st)
{
	return st->min_size;
}

bool html_style_deep(const struct html_style *st)
{
	return st->deep;
}

static struct frame *top(const struct html_style *st)
{
	return &st->v[st->n - 1];
}

static void push(struct html_style *st, const struct frame *f)
{
	if (st->n >= LIMIT_HTML_DEPTH) {
		st->deep = true;
		st->beyond++;
		return;
	}
	if (st->n == st->cap) {
		st->cap *= 2;
		st->v = xreallocarray(st->v, st->cap, sizeof(*st->v));
	}
	st->v[st->n++] = *f;
	st->open[f->tag]++;
}

static void pop(struct html_style *st)
{
	st->open[top(st)->tag]--;
	st->n--;
}

/* A new cell or row ends the fonts and cells (and row) right around it, if
 * there is one of its kind at all. */
static void close_table_tag(struct html_style *st, enum html_style_tag tag)
{
	if (!st->open[tag])
		return;
	for (;;) {
		uint8_t t = top(st)->tag;

		if (t != STYLE_FONT && t != STYLE_TD &&
		    !(t == STYLE_TR && tag == STYLE_TR))
			return;
		pop(st);
	}
}

void html_style_close(struct html_style *st, enum html_style_tag tag)
{
	uint8_t t;

	/* Text behind </body> still looks like the body's. */
	if (tag == STYLE_BODY)
		return;
	if (st->beyond) {
		st->beyond--;
		return;
	}
	if (!st->open[tag])
		return;
	do {
		t = top(st)->tag;
		pop(st);
	} while (t != tag);
}

static size_t skip_space(struct chars c, size_t i)
{
	size_t len;

	while (i < c.s.n && char_is_space(char_at(c, i, &len), c.wide))
		i += len;
	return i;
}

/* A number at the begin of c, after white space; *sign_r is '+', '-' or 0.
 * False if there is none. */
static bool leading_number(struct chars c, int *sign_r, double *num_r)
{
	size_t i = skip_space(c, 0), from;

	*sign_r = 0;
	*num_r = 0;
	if (i < c.s.n && (c.s.p[i] == '+' || c.s.p[i] == '-'))
		*sign_r = c.s.p[i++];
	for (from = i; i < c.s.n && is_digit(c.s.p[i]); i++)
		*num_r = *num_r * 10 + (c.s.p[i] - '0');
	if (*sign_r == '-')
		*num_r = -*num_r;
	return i > from;
}

/* The value of "name: value" whose blanks and value begin at i of part:
 * trimmed, at least one character, without a newline inside. A blank value is
 * the last blank, as a regular expression finds it, if `blank` allows that. */
static bool css_value(struct chars part, size_t i, bool blank,
		      struct chars *value_r)
{
	struct chars rest = chars_of(str_from(part.s, i), part.wide);
	struct chars v = chars_trim(rest, false);
	size_t at = part.s.n, len;

	if (v.s.n > 0) {
		*value_r = v;
		return str_chr(v.s, '\n') < 0;
	}
	for (; blank && at > i; at -= len) {
		if (char_before(part, at, &len) == '\n')
			continue;
		*value_r = chars_of(str_from(str_head(part.s, at), at - len),
				    part.wide);
		return true;
	}
	return false;
}

/* "rgb" in a value: its digits are three numbers between commas. */
static int css_rgb(struct str value)
{
	double rgb[3] = { 0, 0, 0 };
	int color = 0;
	size_t k = 0;

	for (size_t i = 0; i < value.n && k < 3; i++) {
		if (value.p[i] == ',')
			k++;
		else if (is_digit(value.p[i]))
			rgb[k] = rgb[k] * 10 + (value.p[i] - '0');
	}
	for (k = 0; k < 3; k++)
		color = color << 8 | (rgb[k] > 255 ? 255 : (int)rgb[k]);
	return color;
}

/* Without an ending "! important". */
static struct chars drop_important(struct chars v)
{
	struct str s = v.s;

	if (!str_iends(s, STR("important")))
		return v;
	v.s = str_head(s, s.n - 9);
	v = chars_trim(chars_of(v.s, v.wide), false);
	/* Only the end may be trimmed, and only if the '!' is there. */
	v.s = str_make(s.p, (size_t)(v.s.p + v.s.n - s.p));
	if (v.s.n == 0 || v.s.p[v.s.n - 1] != '!')
		return chars_of(s, v.wide);
	v.s.n--;
	while (v.s.n > 0) {
		size_t len;

		if (!char_is_space(char_before(v, v.s.n, &len), v.wide))
			break;
		v.s.n -= len;
	}
	return v;
}

/* "color: value" and "background-color: value". */
static void css_color(struct chars value, int *color)
{
	value = drop_important(value);
	if (str_ifind(value.s, STR("rgb")) >= 0)
		*color = css_rgb(value.s);
	else if (str_ieq(value.s, STR("transparent")))
		*color = COLOR_TRANSPARENT;
	else if (!str_ieq(value.s, STR("inherit")))
		*color = html_color(value);
}

/* What is known of the layers of a CSS background so far. */
struct layers {
	size_t words;		/* of the present layer */
	int color;		/* its first valid colour */
	bool any;		/* a layer was finished */
	int last_color;		/* of the last one finished */
};

static void end_word(struct layers *l, struct chars word)
{
	if (word.s.n == 0)
		return;
	l->words++;
	if (l->color == COLOR_INVALID)
		l->color = html_color(word);
}

static void end_layer(struct layers *l)
{
	l->any = true;
	l->last_color = l->color;
	l->words = 0;
	l->color = COLOR_INVALID;
}

/* "background: value": the first colour of the bottom layer, that is the last
 * one. Layers are parted by ',', their words by ' '; brackets and quotes hold
 * both. False if there is no layer, on which SpamAssassin's code dies. */
static bool css_background(struct chars value, int *bg)
{
	struct layers l = { .color = COLOR_INVALID,
			    .last_color = COLOR_INVALID };
	struct str s = value.s;
	size_t from = 0;
	bool bracket = false;
	int quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		int c = s.p[i];
		struct chars word = chars_of(str_from(str_head(s, i), from),
					     value.wide);

		if (quote) {
			if (c == quote)
				quote = 0;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (bracket && c == ')') {
			word.s.n++;
			end_word(&l, word);
			from = i + 1;
			bracket = false;
		} else if (!bracket && c == '(') {
			bracket = true;
		} else if (!bracket && (c == ' ' || c == ',')) {
			end_word(&l, word);
			from = i + 1;
			if (c == ',')
				end_layer(&l);
		}
	}
	end_word(&l, chars_of(str_from(s, from), value.wide));
	if (l.words > 0)
		end_layer(&l);
	if (l.last_color != COLOR_INVALID)
		*bg = l.last_color;
	return l.any;
}

/* A property that is neither a colour nor a background. */
static void css_property(struct chars part, size_t i, struct frame *f)
{
	struct chars value;
	size_t from = i;
	struct str name;

	while (i < part.s.n && (is_alpha(part.s.p[i]) || part.s.p[i] == '_' ||
				part.s.p[i] == '-'))
		i++;
	name = str_from(str_head(part.s, i), from);
	i = skip_space(part, i);
	if (i >= part.s.n || part.s.p[i] != ':' ||
	    !css_value(part, i + 1, false, &value))
		return;
	if (str_eq(name, STR("display")))
		f->display_none = str_ieq(value.s, STR("none"));
	else if (str_eq(name, STR("visibility")))
		f->hidden = str_ieq(value.s, STR("hidden"));
}

/* One "name: value" of a style attribute. False: see css_background. */
static bool css_part(struct chars part, struct frame *f)
{
	size_t i = skip_space(part, 0), k = i;
	bool back = str_istarts(str_from(part.s, i), STR("background-"));
	struct chars value;

	if (back)
		k += 11;
	if (str_istarts(str_from(part.s, k), STR("color:")) &&
	    css_value(part, k + 6, true, &value)) {
		css_color(value, back ? &f->bg : &f->fg);
		return true;
	}
	if (str_starts(str_from(part.s, i), STR("background:")) &&
	    css_value(part, i + 11, true, &value))
		return css_background(value, &f->bg);
	css_property(part, i, f);
	return true;
}

/* A style attribute. False: see css_background. */
static bool read_css(struct html_style *st, struct chars css, struct frame *f)
{
	struct str rest = css.s, part;

	while (str_next(&rest, ';', &part))
		if (!css_part(chars_of(part, css.wide), f))
			return false;
	if (f->bg == COLOR_TRANSPARENT)
		f->bg = top(st)->bg;
	if (f->fg == COLOR_TRANSPARENT)
		f->fg = f->bg;
	return true;
}

/* A size attribute: "+1" and "-1" are relative to the base font. */
static void read_size(const struct html_style *st, struct chars size,
		      struct frame *f)
{
	double num;
	int sign;

	if (leading_number(size, &sign, &num))
		f->size = sign ? st->basefont + num : num;
}

/* Takes the attributes of a tag into its frame. */
static bool read_attrs(struct html_style *st, const struct html_attrs *at,
		       struct frame *f)
{
	for (size_t i = 0; i < at->n; i++) {
		enum html_attr_id id = at->order[i];

		if (!(heeded[f->tag] & BIT(id)))
			continue;
		if (id == ATTR_TEXT || id == ATTR_COLOR)
			f->fg = html_color(at->v[id]);
		else if (id == ATTR_SIZE)
			read_size(st, at->v[id], f);
		else if (id == ATTR_STYLE && !read_css(st, at->v[id], f))
			return false;
		if (f->size > st->max_size)
			st->max_size = f->size;
		else if (f->size < st->min_size)
			st->min_size = f->size;
	}
	return true;
}

bool html_style_open(struct html_style *st, enum html_style_tag tag,
		     const struct html_attrs *at)
{
	struct frame f;
	double num;
	int sign;

	if (tag == STYLE_BASEFONT && attr_has(at, ATTR_SIZE) &&
	    leading_number(at->v[ATTR_SIZE], &sign, &num) && !sign) {
		st->basefont = num;
		return true;
	}
	if (tag == STYLE_TD || tag == STYLE_TR)
		close_table_tag(st, tag);
	f = *top(st);
	f.tag = (uint8_t)tag;
	if (tag == STYLE_BIG)
		f.size++;
	else if (tag == STYLE_SMALL)
		f.size--;
	else if (!read_attrs(st, at, &f))
		return false;
	push(st, &f);
	return true;
}

/* How far apart two colours look, weighted by brightness. */
static double color_distance(int x, int y)
{
	static const double weight[3] = { 0.0722, 0.7152, 0.2126 };
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		double d = (x >> (8 * i) & 255) - (y >> (8 * i) & 255);

		sum += weight[i] * d * (weight[i] * d);
	}
	return sqrt(sum);
}

int html_style_hides(const struct html_style *st)
{
	const struct frame *f = top(st);

	if (f->fg == f->bg ||
	    (f->fg >= 0 && f->bg >= 0 && color_distance(f->fg, f->bg) < 12))
		return HIDDEN | LOW_CONTRAST;
	if (f->fg == COLOR_INVALID || f->bg == COLOR_INVALID)
		return HIDDEN | BAD_COLOR;
	if (f->size <= 1 || f->display_none || f->hidden)
		return HIDDEN;
	return 0;
}
