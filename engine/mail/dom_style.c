/*
 * As much of CSS as tells whether text can be seen: its colour, the colour
 * behind it, the size of its letters, and whether it is shown at all. Style
 * sheets are read for rules of one tag, one class or one id; whoever hides
 * text behind cleverer selectors is not found out, here as in rspamd. Colour
 * attributes win over style attributes, and these over style sheets.
 */
#include "mail/dom.h"

#include <math.h>

#include "base/arena.h"
#include "mail/html_int.h"

/* Rules kept of all style sheets of a document. */
#define RULES_MAX 2000
/* Text whose colour differs less from what is behind it is not seen. */
#define CONTRAST_MIN 0.1
/* The same for an opacity of up to 255. */
#define OPACITY_MIN 10
#define FONT_DEFAULT 16

/* ---- values ---- */

static bool hex_color(struct str s, uint8_t c[4])
{
	size_t per = s.n == 3 || s.n == 4 ? 1 : 2;

	if (s.n != 3 && s.n != 4 && s.n != 6 && s.n != 8)
		return false;
	for (size_t i = 0; i < s.n / per; i++) {
		int hi = hex_value(s.p[i * per]);
		int lo = hex_value(s.p[i * per + per - 1]);

		if (hi < 0 || lo < 0)
			return false;
		c[i] = (uint8_t)(hi * 16 + lo);
	}
	return true;
}

/* A decimal number at the front of *s, which is moved behind it. */
static bool take_number(struct str *s, double *value_r)
{
	double v = 0, unit = 1;
	bool minus = s->n && s->p[0] == '-', digits = false, point = false;
	size_t i = minus || (s->n && s->p[0] == '+');

	for (; i < s->n && (is_digit(s->p[i]) || (s->p[i] == '.' && !point));
	     i++) {
		if (s->p[i] == '.') {
			point = true;
			continue;
		}
		digits = true;
		if (point)
			unit /= 10;
		if (v < 1e9)
			v = point ? v + unit * (s->p[i] - '0') :
				v * 10 + (s->p[i] - '0');
	}
	*s = str_from(*s, i);
	*value_r = minus ? -v : v;
	return digits;
}

/* "255, 0, 0 / 50%)" behind "rgb(" or "rgba(". */
static bool rgb_color(struct str s, uint8_t c[4])
{
	double v;

	for (size_t i = 0; i < 4; i++) {
		while (s.n && (is_space(s.p[0]) || s.p[0] == ',' ||
			       s.p[0] == '/'))
			s = str_from(s, 1);
		if (!take_number(&s, &v))
			return i == 3;
		if (s.n && s.p[0] == '%') {
			v = v * 255 / 100;
			s = str_from(s, 1);
		} else if (i == 3) {
			v *= 255;
		}
		c[i] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
	}
	return true;
}

bool dom_color(struct str text, uint8_t rgba_r[4])
{
	struct str s = str_trim(text);
	uint8_t c[4] = { 0, 0, 0, 255 };
	int named;
	bool ok;

	if (str_starts(s, STR("#"))) {
		ok = hex_color(str_from(s, 1), c);
	} else if (str_istarts(s, STR("rgb"))) {
		ssize_t open = str_chr(s, '(');

		ok = open >= 0 && rgb_color(str_from(s, (size_t)open + 1), c);
	} else if (str_ieq(s, STR("transparent"))) {
		c[3] = 0;
		ok = true;
	} else {
		named = s.n && is_alpha(s.p[0]) && s.n <= 24 ?
			html_color(chars_of(s, true)) : COLOR_INVALID;
		ok = named >= 0;
		/* Six hexadecimal digits alone are a colour attribute's. */
		if (ok) {
			c[0] = (uint8_t)(named >> 16);
			c[1] = (uint8_t)(named >> 8);
			c[2] = (uint8_t)named;
		} else {
			ok = s.n == 6 && hex_color(s, c);
		}
	}
	if (ok)
		memcpy(rgba_r, c, 4);
	return ok;
}

/* "12px", "1.5em", "80%": pixels, or per cent below 0. */
static bool font_size(struct str s, int *size_r)
{
	static const struct {
		const char *unit;
		double factor;
	} units[] = {
		{ "px", 1 }, { "", 1 }, { "pt", 4.0 / 3 }, { "pc", 16 },
		{ "em", FONT_DEFAULT }, { "rem", FONT_DEFAULT },
		{ "ex", FONT_DEFAULT / 2.0 }, { "%", -1 }, { "in", 96 },
		{ "cm", 37.8 }, { "mm", 3.78 }, { "vw", 8 }, { "vh", 6 },
	};
	struct str unit;
	double v;

	s = str_trim(s);
	if (!take_number(&s, &v) || !str_next_word(&s, &unit))
		unit = STR("");
	else if (str_chr(unit, '/') >= 0)
		unit = str_head(unit, (size_t)str_chr(unit, '/'));
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!str_ieq(unit, str_cstr(units[i].unit)))
			continue;
		v *= units[i].factor;
		*size_r = v > 1e6 ? 1000000 : v < -1e6 ? -1000000 : (int)v;
		return true;
	}
	return false;
}

static bool has_number(struct str s)
{
	s = str_trim(s);
	return s.n && (is_digit(s.p[0]) ||
		       (s.n > 1 && strchr(".-+", s.p[0]) &&
			(is_digit(s.p[1]) || s.p[1] == '.')));
}

/* The word of a shorthand ("bold 0px/1 Arial") that is a size. */
static void font_shorthand(struct dom_style *st, struct str value)
{
	struct str rest = value, word;

	while (str_next_word(&rest, &word)) {
		if (has_number(word) && font_size(word, &st->font_size)) {
			st->has_size = true;
			return;
		}
	}
}

static void background_shorthand(struct dom_style *st, struct str value)
{
	struct str rest = value, word;

	if (str_istarts(value, STR("rgb"))) {
		st->has_background |= dom_color(value, st->background);
		return;
	}
	while (str_next_word(&rest, &word)) {
		if (!str_ieq(word, STR("transparent")) &&
		    dom_color(word, st->background)) {
			st->has_background = true;
			return;
		}
	}
}

/* ---- declarations ---- */

static void declare(struct dom_style *st, struct str name, struct str value)
{
	ssize_t bang = str_chr(value, '!');

	if (bang >= 0)
		value = str_head(value, (size_t)bang);
	value = str_trim(value);
	if (str_ieq(name, STR("color"))) {
		st->has_color |= dom_color(value, st->color);
	} else if (str_ieq(name, STR("background-color"))) {
		st->has_background |= dom_color(value, st->background);
	} else if (str_ieq(name, STR("background"))) {
		background_shorthand(st, value);
	} else if (str_ieq(name, STR("font-size"))) {
		st->has_size |= has_number(value) &&
			font_size(value, &st->font_size);
	} else if (str_ieq(name, STR("font"))) {
		font_shorthand(st, value);
	} else if (str_ieq(name, STR("display"))) {
		st->hidden = str_ieq(value, STR("none"));
	} else if (str_ieq(name, STR("visibility"))) {
		st->hidden |= str_ieq(value, STR("hidden"));
	}
}

void dom_style_declare(struct dom_style *st, struct str declarations)
{
	struct str rest = declarations, one;

	while (str_next(&rest, ';', &one)) {
		ssize_t colon = str_chr(one, ':');

		if (colon > 0)
			declare(st, str_trim(str_head(one, (size_t)colon)),
				str_from(one, (size_t)colon + 1));
	}
}

/* A selector of one word; nothing that depends on anything else. */
static bool is_simple(struct str s)
{
	size_t i = s.n && (s.p[0] == '.' || s.p[0] == '#');

	if (i >= s.n)
		return false;
	for (; i < s.n; i++)
		if (!is_word((unsigned char)s.p[i]) && s.p[i] != '-' &&
		    (unsigned char)s.p[i] < 0x80)
			return false;
	return true;
}

static void add_rule(struct dom_css *css, struct str selectors,
		     struct str body)
{
	struct str rest = selectors, one;

	while (str_next(&rest, ',', &one) && css->rules.n < RULES_MAX) {
		struct dom_style *st;
		struct str key;

		one = str_trim(one);
		if (!is_simple(one))
			continue;
		key = str_lower(css->arena, one);
		st = map_get(&css->rules, key);
		if (!st) {
			st = arena_alloc(css->arena, sizeof(*st));
			map_set(&css->rules, key, st);
		}
		dom_style_declare(st, body);
	}
}

/* text without its comments. */
static struct str without_comments(struct arena *a, struct str text)
{
	char *out;
	size_t n = 0;

	if (str_find(text, STR("/*")) < 0)
		return text;
	out = arena_text(a, text.n);
	while (text.n) {
		ssize_t open = str_find(text, STR("/*")), close;
		size_t keep = open < 0 ? text.n : (size_t)open;

		memcpy(out + n, text.p, keep);
		n += keep;
		if (open < 0)
			break;
		text = str_from(text, keep + 2);
		close = str_find(text, STR("*/"));
		if (close < 0)
			break;
		text = str_from(text, (size_t)close + 2);
	}
	return str_make(out, n);
}

void dom_css_read(struct dom_css *css, struct str text)
{
	struct str rest = without_comments(css->arena, text), one;

	/* "selectors { declarations" pieces. The rules inside of a medium are
	 * taken for rules of all: mail is read on all kinds of screens. */
	while (str_next(&rest, '}', &one)) {
		ssize_t open = str_rchr(one, '{'), outer;
		struct str selectors;

		if (open < 0)
			continue;
		selectors = str_head(one, (size_t)open);
		outer = str_rchr(selectors, '{');
		if (outer >= 0)
			selectors = str_from(selectors, (size_t)outer + 1);
		selectors = str_trim(selectors);
		if (str_starts(selectors, STR("<!--")))
			selectors = str_trim(str_from(selectors, 4));
		if (!str_starts(selectors, STR("@")))
			add_rule(css, selectors,
				 str_from(one, (size_t)open + 1));
	}
}

/* ---- what is in force ---- */

/* What `over` says replaces what *st says. */
static void overlay(struct dom_style *st, const struct dom_style *over)
{
	if (!over)
		return;
	if (over->has_color) {
		st->has_color = true;
		memcpy(st->color, over->color, sizeof(st->color));
	}
	if (over->has_background) {
		st->has_background = true;
		memcpy(st->background, over->background,
		       sizeof(st->background));
	}
	if (over->has_size) {
		st->has_size = true;
		st->font_size = over->font_size;
	}
	st->hidden |= over->hidden;
}

static void add_sheets(const struct dom_css *css, struct dom_node *node)
{
	struct arena *a = css->arena;
	struct str classes, class, id;

	if (css->rules.n == 0)
		return;
	overlay(&node->style, map_get(&css->rules, node->name));
	classes = str_head(dom_attribute(node, STR("class")), 1024);
	while (classes.p && str_next_word(&classes, &class))
		overlay(&node->style,
			map_get(&css->rules, str_cat(a, STR("."),
						     str_lower(a, class))));
	id = str_head(str_trim(dom_attribute(node, STR("id"))), 1024);
	if (id.n)
		overlay(&node->style,
			map_get(&css->rules, str_cat(a, STR("#"),
						     str_lower(a, id))));
}

static void add_attributes(struct dom_node *node)
{
	struct dom_style *st = &node->style;
	struct str s = dom_attribute(node, STR("style"));

	if (s.n)
		dom_style_declare(st, s);
	s = dom_attribute(node, STR("color"));
	if (s.n)
		st->has_color |= dom_color(s, st->color);
	s = dom_attribute(node, STR("bgcolor"));
	if (s.n)
		st->has_background |= dom_color(s, st->background);
	if (dom_attribute(node, STR("hidden")).p)
		st->hidden = true;
}

/* How far two colours are apart as the eye sees it, 0 to about 3: the well
 * known "redmean" approximation. */
static double contrast(const uint8_t a[4], const uint8_t b[4])
{
	double r = a[0] - b[0], g = a[1] - b[1], bl = a[2] - b[2];
	double mean = (a[0] + b[0]) / 2.0;

	return sqrt((2 + mean / 256) * r * r + 4 * g * g +
		    (2 + (255 - mean) / 256) * bl * bl) / 256;
}

static void judge(struct dom_style *st)
{
	static const uint8_t black[4] = { 0, 0, 0, 255 };
	static const uint8_t white[4] = { 255, 255, 255, 255 };

	st->visible = !st->hidden && !(st->has_size && st->font_size == 0);
	st->transparent = false;
	if (!st->visible || (!st->has_color && !st->has_background))
		return;
	if (st->has_color && st->color[3] < OPACITY_MIN)
		st->transparent = true;
	else if (!st->has_background || st->background[3] >= OPACITY_MIN)
		st->transparent = contrast(st->has_color ? st->color : black,
					   st->has_background ?
					   st->background : white) <
			CONTRAST_MIN;
	if (st->transparent)
		st->visible = false;
}

void dom_style_compute(const struct dom_css *css, struct dom_node *node)
{
	struct dom_style handed = node->parent->style;

	/* A hidden element does not hide what is inside of it (see dom.c). */
	handed.hidden = false;
	node->style = handed;
	add_sheets(css, node);
	add_attributes(node);
	judge(&node->style);
}
