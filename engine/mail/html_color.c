/*
 * Colours as SpamAssassin reads them from HTML attributes and CSS: a name of
 * CSS 3, "#" with any number of hexadecimal digits, or rgb() with numbers or
 * percentages. Everything else is invalid, which makes text count as hidden.
 */
#include "mail/html_int.h"

#include <math.h>

struct named_color {
	char name[21];
	int rgb;
};

/* Sorted by name. */
static const struct named_color named[] = {
	{ "aliceblue", 0xf0f8ff }, { "antiquewhite", 0xfaebd7 },
	{ "aqua", 0x00ffff }, { "aquamarine", 0x7fffd4 },
	{ "azure", 0xf0ffff }, { "beige", 0xf5f5dc }, { "bisque", 0xffe4c4 },
	{ "black", 0x000000 }, { "blanchedalmond", 0xffebcd },
	{ "blue", 0x0000ff }, { "blueviolet", 0x8a2be2 },
	{ "brown", 0xa52a2a }, { "burlywood", 0xdeb887 },
	{ "cadetblue", 0x5f9ea0 }, { "chartreuse", 0x7fff00 },
	{ "chocolate", 0xd2691e }, { "coral", 0xff7f50 },
	{ "cornflowerblue", 0x6495ed }, { "cornsilk", 0xfff8dc },
	{ "crimson", 0xdc143c }, { "cyan", 0x00ffff },
	{ "darkblue", 0x00008b }, { "darkcyan", 0x008b8b },
	{ "darkgoldenrod", 0xb8860b }, { "darkgray", 0xa9a9a9 },
	{ "darkgreen", 0x006400 }, { "darkgrey", 0xa9a9a9 },
	{ "darkkhaki", 0xbdb76b }, { "darkmagenta", 0x8b008b },
	{ "darkolivegreen", 0x556b2f }, { "darkorange", 0xff8c00 },
	{ "darkorchid", 0x9932cc }, { "darkred", 0x8b0000 },
	{ "darksalmon", 0xe9967a }, { "darkseagreen", 0x8fbc8f },
	{ "darkslateblue", 0x483d8b }, { "darkslategray", 0x2f4f4f },
	{ "darkslategrey", 0x2f4f4f }, { "darkturquoise", 0x00ced1 },
	{ "darkviolet", 0x9400d3 }, { "deeppink", 0xff1493 },
	{ "deepskyblue", 0x00bfff }, { "dimgray", 0x696969 },
	{ "dimgrey", 0x696969 }, { "dodgerblue", 0x1e90ff },
	{ "firebrick", 0xb22222 }, { "floralwhite", 0xfffaf0 },
	{ "forestgreen", 0x228b22 }, { "fuchsia", 0xff00ff },
	{ "gainsboro", 0xdcdcdc }, { "ghostwhite", 0xf8f8ff },
	{ "gold", 0xffd700 }, { "goldenrod", 0xdaa520 }, { "gray", 0x808080 },
	{ "green", 0x008000 }, { "greenyellow", 0xadff2f },
	{ "grey", 0x808080 }, { "honeydew", 0xf0fff0 },
	{ "hotpink", 0xff69b4 }, { "indianred", 0xcd5c5c },
	{ "indigo", 0x4b0082 }, { "ivory", 0xfffff0 }, { "khaki", 0xf0e68c },
	{ "lavender", 0xe6e6fa }, { "lavenderblush", 0xfff0f5 },
	{ "lawngreen", 0x7cfc00 }, { "lemonchiffon", 0xfffacd },
	{ "lightblue", 0xadd8e6 }, { "lightcoral", 0xf08080 },
	{ "lightcyan", 0xe0ffff }, { "lightgoldenrodyellow", 0xfafad2 },
	{ "lightgray", 0xd3d3d3 }, { "lightgreen", 0x90ee90 },
	{ "lightgrey", 0xd3d3d3 }, { "lightpink", 0xffb6c1 },
	{ "lightsalmon", 0xffa07a }, { "lightseagreen", 0x20b2aa },
	{ "lightskyblue", 0x87cefa }, { "lightslategray", 0x778899 },
	{ "lightslategrey", 0x778899 }, { "lightsteelblue", 0xb0c4de },
	{ "lightyellow", 0xffffe0 }, { "lime", 0x00ff00 },
	{ "limegreen", 0x32cd32 }, { "linen", 0xfaf0e6 },
	{ "magenta", 0xff00ff }, { "maroon", 0x800000 },
	{ "mediumaquamarine", 0x66cdaa }, { "mediumblue", 0x0000cd },
	{ "mediumorchid", 0xba55d3 }, { "mediumpurple", 0x9370db },
	{ "mediumseagreen", 0x3cb371 }, { "mediumslateblue", 0x7b68ee },
	{ "mediumspringgreen", 0x00fa9a }, { "mediumturquoise", 0x48d1cc },
	{ "mediumvioletred", 0xc71585 }, { "midnightblue", 0x191970 },
	{ "mintcream", 0xf5fffa }, { "mistyrose", 0xffe4e1 },
	{ "moccasin", 0xffe4b5 }, { "navajowhite", 0xffdead },
	{ "navy", 0x000080 }, { "oldlace", 0xfdf5e6 }, { "olive", 0x808000 },
	{ "olivedrab", 0x6b8e23 }, { "orange", 0xffa500 },
	{ "orangered", 0xff4500 }, { "orchid", 0xda70d6 },
	{ "palegoldenrod", 0xeee8aa }, { "palegreen", 0x98fb98 },
	{ "paleturquoise", 0xafeeee }, { "palevioletred", 0xdb7093 },
	{ "papayawhip", 0xffefd5 }, { "peachpuff", 0xffdab9 },
	{ "peru", 0xcd853f }, { "pink", 0xffc0cb }, { "plum", 0xdda0dd },
	{ "powderblue", 0xb0e0e6 }, { "purple", 0x800080 },
	{ "red", 0xff0000 }, { "rosybrown", 0xbc8f8f },
	{ "royalblue", 0x4169e1 }, { "saddlebrown", 0x8b4513 },
	{ "salmon", 0xfa8072 }, { "sandybrown", 0xf4a460 },
	{ "seagreen", 0x2e8b57 }, { "seashell", 0xfff5ee },
	{ "sienna", 0xa0522d }, { "silver", 0xc0c0c0 },
	{ "skyblue", 0x87ceeb }, { "slateblue", 0x6a5acd },
	{ "slategray", 0x708090 }, { "slategrey", 0x708090 },
	{ "snow", 0xfffafa }, { "springgreen", 0x00ff7f },
	{ "steelblue", 0x4682b4 }, { "tan", 0xd2b48c }, { "teal", 0x008080 },
	{ "thistle", 0xd8bfd8 }, { "tomato", 0xff6347 },
	{ "turquoise", 0x40e0d0 }, { "violet", 0xee82ee },
	{ "wheat", 0xf5deb3 }, { "white", 0xffffff },
	{ "whitesmoke", 0xf5f5f5 }, { "yellow", 0xffff00 },
	{ "yellowgreen", 0x9acd32 },
};

#define LONGEST_NAME 20

/* The hexadecimal digits of what a colour is written as, after "#". Only the
 * first seven decide anything. */
struct digits {
	char v[8];
	size_t n;
};

static void add_digit(struct digits *d, int c)
{
	if (is_xdigit(c) && d->n < sizeof(d->v))
		d->v[d->n++] = (char)c;
}

/* Adds the number as at least two hexadecimal digits. */
static void add_number(struct digits *d, double num)
{
	unsigned long long v;
	int shift = 4;

	if (!(num < 18446744073709551615.0))
		v = ~0ull;
	else
		v = (unsigned long long)num;
	while (shift < 60 && v >> (shift + 4))
		shift += 4;
	for (; shift >= 0; shift -= 4)
		add_digit(d, "0123456789abcdef"[v >> shift & 15]);
}

static int find_name(struct str low)
{
	size_t from = 0, to = sizeof(named) / sizeof(*named);

	if (low.n > LONGEST_NAME)
		return COLOR_INVALID;
	while (from < to) {
		size_t mid = (from + to) / 2;
		int cmp = str_icmp(low, str_cstr(named[mid].name));

		if (cmp == 0)
			return named[mid].rgb;
		if (cmp < 0)
			to = mid;
		else
			from = mid + 1;
	}
	return COLOR_INVALID;
}

/* True if all of s is '#' and hexadecimal digits. */
static bool is_hex_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '#' && !is_xdigit((unsigned char)s.p[i]))
			return false;
	return true;
}

/* The next "rgb(" of s from *at on; false if there is none. *at is moved
 * behind it. */
static bool next_rgb(struct str s, size_t *at)
{
	ssize_t found = str_ifind(str_from(s, *at), STR("rgb("));

	if (found < 0)
		return false;
	*at += (size_t)found + 4;
	return true;
}

/* True if some rgb(...) of s holds only what belongs there. */
static bool has_rgb(struct str s)
{
	size_t i = 0;

	while (next_rgb(s, &i)) {
		while (i < s.n && (is_digit(s.p[i]) || s.p[i] == '%' ||
				   s.p[i] == ',' || s.p[i] == ' '))
			i++;
		if (i < s.n && s.p[i] == ')')
			return true;
	}
	return false;
}

/* A decimal number at *i, moved behind it; false if there is none. */
static bool read_number(struct str s, size_t *i, double *num_r)
{
	size_t from = *i;

	*num_r = 0;
	for (; *i < s.n && is_digit(s.p[*i]); ++*i)
		*num_r = *num_r * 10 + (s.p[*i] - '0');
	return *i > from;
}

static bool read_byte(struct str s, size_t *i, int c)
{
	if (*i >= s.n || s.p[*i] != c)
		return false;
	++*i;
	return true;
}

/* Three numbers behind "rgb(" at i, with '%' after each if `percent`. */
static bool read_rgb(struct str s, size_t i, bool percent, double rgb[3])
{
	for (int k = 0; k < 3; k++) {
		if (!read_number(s, &i, &rgb[k]) ||
		    (percent && !read_byte(s, &i, '%')) ||
		    (k < 2 && !read_byte(s, &i, ',')))
			return false;
		while (i < s.n && is_space((unsigned char)s.p[i]))
			i++;
	}
	return read_byte(s, &i, ')');
}

/* The first rgb(a, b, c) of s as digits; false if it has none. */
static bool rgb_digits(struct str s, bool percent, struct digits *d)
{
	double rgb[3];
	size_t i = 0;

	while (next_rgb(s, &i)) {
		if (!read_rgb(s, i, percent, rgb))
			continue;
		for (int k = 0; k < 3; k++)
			add_number(d, percent ? floor(rgb[k] / 100 * 255) :
				   rgb[k]);
		return true;
	}
	return false;
}

/* The colour of n digits: six as they are, three doubled; more are cut, four
 * and five count as three, one and two are filled with zeros. */
static int digits_color(struct digits *d)
{
	char hex[6];
	int rgb = 0;

	if (d->n == 0)
		return COLOR_NONE;
	if (d->n >= 6) {
		memcpy(hex, d->v, 6);
	} else {
		while (d->n < 3)
			d->v[d->n++] = '0';
		for (int i = 0; i < 6; i++)
			hex[i] = d->v[i / 2];
	}
	for (int i = 0; i < 6; i++)
		rgb = rgb << 4 | hex_value((unsigned char)hex[i]);
	return rgb;
}

int html_color(struct chars text)
{
	struct str s = chars_trim(text, false).s;
	struct digits d = { .n = 0 };
	int rgb = find_name(s);

	if (rgb != COLOR_INVALID)
		return rgb;
	if (!is_hex_word(s) && !has_rgb(s))
		return COLOR_INVALID;
	if (!rgb_digits(s, true, &d) && !rgb_digits(s, false, &d)) {
		if (s.n == 0 || s.p[0] != '#')
			return COLOR_INVALID;
		for (size_t i = 0; i < s.n; i++)
			add_digit(&d, (unsigned char)s.p[i]);
	}
	return digits_color(&d);
}
