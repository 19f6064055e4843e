/*
 * Perl's two kinds of character strings; see html_char.h. UTF-8 here comes
 * from our own decoder and from entities, so it is well formed; what is not is
 * still read without going astray.
 */
#include "mail/html_char.h"

#include "base/arena.h"
#include "base/limits.h"
#include "mail/html_int.h"

/* Bytes that the lead byte c announces; 1 for a stray continuation byte. */
static size_t announced(unsigned char c)
{
	if (c < 0xc2)
		return 1;
	if (c < 0xe0)
		return 2;
	if (c < 0xf0)
		return 3;
	return c < 0xf5 ? 4 : 1;
}

static bool is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

uint32_t char_beyond_ascii(struct str s, size_t at, size_t *len_r)
{
	const unsigned char *p = (const unsigned char *)s.p + at;
	size_t n = announced(*p);
	uint32_t ch;

	*len_r = 1;
	if (n == 1 || n > s.n - at)
		return *p;
	ch = *p & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if (!is_tail((char)p[i]))
			return *p;
		ch = ch << 6 | (p[i] & 0x3f);
	}
	*len_r = n;
	return ch;
}

uint32_t char_before(struct chars c, size_t at, size_t *len_r)
{
	size_t back = 1;
	uint32_t ch;

	while (c.wide && back < 4 && back < at && is_tail(c.s.p[at - back]))
		back++;
	ch = char_at(c, at - back, len_r);
	if (*len_r == back)
		return ch;
	*len_r = 1;
	return (unsigned char)c.s.p[at - 1];
}

bool char_is_space(uint32_t ch, bool wide)
{
	if (ch < 0x80)
		return is_space((int)ch);
	if (!wide)
		return false;
	return ch == 0x85 || ch == 0xa0 || ch == 0x1680 ||
		(ch >= 0x2000 && ch <= 0x200a) || ch == 0x2028 ||
		ch == 0x2029 || ch == 0x202f || ch == 0x205f || ch == 0x3000;
}

bool char_is_word(uint32_t ch, bool wide)
{
	if (ch < 0x80)
		return is_word((int)ch);
	return wide && unicode_is_word(ch);
}

size_t char_put(char *p, uint32_t ch)
{
	if (ch < 0x80) {
		p[0] = (char)ch;
		return 1;
	}
	if (ch < 0x800) {
		p[0] = (char)(0xc0 | ch >> 6);
		p[1] = (char)(0x80 | (ch & 0x3f));
		return 2;
	}
	if (ch < 0x10000) {
		p[0] = (char)(0xe0 | ch >> 12);
		p[1] = (char)(0x80 | (ch >> 6 & 0x3f));
		p[2] = (char)(0x80 | (ch & 0x3f));
		return 3;
	}
	p[0] = (char)(0xf0 | ch >> 18);
	p[1] = (char)(0x80 | (ch >> 12 & 0x3f));
	p[2] = (char)(0x80 | (ch >> 6 & 0x3f));
	p[3] = (char)(0x80 | (ch & 0x3f));
	return 4;
}

size_t chars_count(struct chars c)
{
	size_t n = 0;

	if (!c.wide)
		return c.s.n;
	for (size_t i = 0, len; i < c.s.n; i += len, n++)
		char_at(c, i, &len);
	return n;
}

size_t chars_count_spaces(struct chars c)
{
	size_t n = 0;

	for (size_t i = 0, len; i < c.s.n; i += len) {
		uint32_t ch = char_at(c, i, &len);

		if (char_is_space(ch, c.wide) && (c.wide || ch != '\f'))
			n++;
	}
	return n;
}

struct chars chars_trim(struct chars c, bool nbsp)
{
	size_t from = 0, to = c.s.n, len;
	uint32_t ch;

	for (; from < to; from += len) {
		ch = char_at(c, from, &len);
		if (!char_is_space(ch, c.wide) && !(nbsp && ch == 0xa0))
			break;
	}
	for (; to > from; to -= len) {
		ch = char_before(c, to, &len);
		if (!char_is_space(ch, c.wide) && !(nbsp && ch == 0xa0))
			break;
	}
	return chars_of(str_from(str_head(c.s, to), from), c.wide);
}

struct chars chars_head(struct chars c, size_t max, bool *cut_r)
{
	size_t i = 0, len;

	if (c.s.n <= max)
		return c;
	for (; i < c.s.n && max > 0; i += len, max--)
		char_at(c, i, &len);
	if (i < c.s.n)
		*cut_r = true;
	return chars_of(str_head(c.s, i), c.wide);
}

static size_t count_high(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (unsigned char)s.p[i] >> 7;
	return n;
}

/* Writes the Latin-1 text s as UTF-8 so that it ends at p + n. Walking from
 * the end makes it work in place, when s.p == p. */
static void widen_to(char *p, size_t n, struct str s)
{
	for (size_t i = s.n; i-- > 0; ) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x80) {
			p[--n] = (char)c;
		} else {
			p[--n] = (char)(0x80 | (c & 0x3f));
			p[--n] = (char)(0xc0 | c >> 6);
		}
	}
}

bool str_has_8bit(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return true;
	return false;
}

struct str chars_utf8(struct arena *a, struct chars c)
{
	size_t high = c.wide ? 0 : count_high(c.s);
	char *p;

	if (!high)
		return c.s;
	p = arena_text(a, c.s.n + high);
	widen_to(p, c.s.n + high, c.s);
	return str_make(p, c.s.n + high);
}

struct str chars_octets(struct arena *a, struct chars c)
{
	size_t n = 0, len;
	char *p;

	if (!c.wide)
		return c.s;
	for (size_t i = 0; i < c.s.n; i += len, n++)
		if (char_at(c, i, &len) > 0xff)
			return c.s;
	if (n == c.s.n)
		return c.s;
	p = arena_text(a, n);
	n = 0;
	for (size_t i = 0; i < c.s.n; i += len)
		p[n++] = (char)char_at(c, i, &len);
	return str_make(p, n);
}

void chars_buf_init(struct chars_buf *cb)
{
	buf_init(&cb->b, LIMIT_PART_TEXT);
	cb->wide = false;
}

void chars_buf_free(struct chars_buf *cb)
{
	buf_free(&cb->b);
}

void chars_buf_clear(struct chars_buf *cb)
{
	cb->b.n = 0;
	cb->b.full = false;
	cb->wide = false;
}

void chars_buf_widen(struct chars_buf *cb)
{
	size_t high = cb->wide ? 0 : count_high(buf_str(&cb->b));

	cb->wide = true;
	if (!high)
		return;
	if (buf_room(&cb->b, high)) {
		widen_to(cb->b.p, cb->b.n + high, buf_str(&cb->b));
		cb->b.n += high;
	}
}

void chars_buf_add(struct chars_buf *cb, struct chars c)
{
	size_t high;
	char *p;

	if (c.wide && !cb->wide)
		chars_buf_widen(cb);
	high = cb->wide && !c.wide ? count_high(c.s) : 0;
	if (!high) {
		buf_adds(&cb->b, c.s);
		return;
	}
	p = buf_room(&cb->b, c.s.n + high);
	if (!p)
		return;
	widen_to(p, c.s.n + high, c.s);
	cb->b.n += c.s.n + high;
}

void chars_buf_put(struct chars_buf *cb, uint32_t ch)
{
	char tmp[4];

	if (ch > 0xff && !cb->wide)
		chars_buf_widen(cb);
	if (cb->wide)
		buf_add(&cb->b, tmp, char_put(tmp, ch));
	else
		buf_addc(&cb->b, (int)ch);
}
