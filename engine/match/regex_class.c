/*
 * Bracketed classes on the way from Perl to PCRE2, and characters given by
 * number. What must change in a class: characters above 0xff, which octets
 * never equal (a range that crosses 0xff is cut there), \N{U+..}, and under
 * (?u) the classes whose Latin-1 members Unicode knows.
 */
#include "match/regex_int.h"

#include <stdlib.h>

#include "base/buf.h"

/* One thing between brackets. */
struct item {
	long value;		/* the character, or -1: a set such as \w */
	struct str text;	/* as written */
	struct str posix;	/* "alpha" of [:alpha:], "word" of \w, or none */
	bool negated;		/* [:^alpha:], \W */
};

static bool latin1_letter(int c)
{
	return c == 0xaa || c == 0xb5 || c == 0xba ||
		(c >= 0xc0 && c != 0xd7 && c != 0xf7);
}

static bool latin1_upper(int c)
{
	return c >= 0xc0 && c <= 0xde && c != 0xd7;
}

static bool ascii_is(struct str name, int c)
{
	bool graph = c > 0x20 && c < 0x7f;

	if (str_eq(name, STR("alpha")))
		return is_alpha(c);
	if (str_eq(name, STR("digit")))
		return is_digit(c);
	if (str_eq(name, STR("alnum")))
		return is_alnum(c);
	if (str_eq(name, STR("word")))
		return is_word(c);
	if (str_eq(name, STR("upper")))
		return is_upper(c);
	if (str_eq(name, STR("lower")))
		return is_lower(c);
	if (str_eq(name, STR("space")))
		return is_space(c);
	if (str_eq(name, STR("blank")))
		return c == ' ' || c == '\t';
	if (str_eq(name, STR("cntrl")))
		return c < 0x20 || c == 0x7f;
	if (str_eq(name, STR("print")))
		return graph || c == ' ';
	if (str_eq(name, STR("graph")))
		return graph;
	if (str_eq(name, STR("punct")))
		return graph && !is_alnum(c);
	if (str_eq(name, STR("xdigit")))
		return is_xdigit(c);
	return str_eq(name, STR("ascii"));
}

bool latin1_is(struct str name, int c)
{
	if (c < 0x80)
		return ascii_is(name, c);
	if (str_eq(name, STR("alpha")) || str_eq(name, STR("alnum")) ||
	    str_eq(name, STR("word")))
		return latin1_letter(c);
	if (str_eq(name, STR("upper")))
		return latin1_upper(c);
	if (str_eq(name, STR("lower")))
		return latin1_letter(c) && !latin1_upper(c);
	if (str_eq(name, STR("space")))
		return c == 0x85 || c == 0xa0;
	if (str_eq(name, STR("blank")))
		return c == 0xa0;
	if (str_eq(name, STR("cntrl")))
		return c < 0xa0;
	if (str_eq(name, STR("print")))
		return c >= 0xa0;
	if (str_eq(name, STR("graph")))
		return c > 0xa0;
	if (str_eq(name, STR("punct")))
		return strchr("\xa1\xa7\xab\xb6\xb7\xbb\xbf", c) != NULL;
	return false;
}

void latin1_ranges(struct str name, bool negated, struct buf *out)
{
	for (int c = 0; c < 256; c++) {
		int from = c;

		while (c < 256 && latin1_is(name, c) != negated)
			c++;
		if (c == from + 1)
			buf_addf(out, "\\x{%02x}", from);
		else if (c > from)
			buf_addf(out, "\\x{%02x}-\\x{%02x}", from, c - 1);
	}
}

int perl_fold_to_octet(long c)
{
	switch (c) {
	case 0x178:		/* Y with diaeresis */
		return 0xff;
	case 0x39c: case 0x3bc:	/* mu */
		return 0xb5;
	case 0x212b:		/* Angstrom */
		return 0xe5;
	case 0x1e9e:		/* capital sharp s */
		return 0xdf;
	}
	return -1;
}

/* The digits inside braces, in a base; -2 and err if there is no brace pair
 * or something else in it. */
static long braced_number(struct str s, size_t *pos_r, int base,
			  struct err *err)
{
	struct str rest = str_from(s, *pos_r);
	ssize_t end = str_chr(rest, '}');
	struct str digits;
	long v = 0;

	if (rest.n == 0 || rest.p[0] != '{' || end < 0)
		return err_set(err, "missing braces on an escape"), -2;
	digits = str_trim(str_make(rest.p + 1, (size_t)end - 1));
	for (size_t i = 0; i < digits.n; i++) {
		int d = hex_value((unsigned char)digits.p[i]);

		if (digits.p[i] == '_')
			continue;
		if (d < 0 || d >= base || v > 0x10ffff)
			return err_set(err, "bad character number '%.*s'",
				       STR_ARG(digits)), -2;
		v = v * base + d;
	}
	*pos_r += (size_t)end + 1;
	return v;
}

long perl_code_point(struct str s, size_t *pos_r, struct err *err)
{
	size_t at = *pos_r + 1;
	int c = at <= s.n ? (unsigned char)s.p[*pos_r] : -1;
	int next = at < s.n ? (unsigned char)s.p[at] : -1;
	long v = -1;

	if (c >= '4' && c <= '7' && at + 1 < s.n && next >= '0' &&
	    next <= '7' && s.p[at + 1] >= '0' && s.p[at + 1] <= '7') {
		/* Too many for a group's number. */
		v = (c - '0') * 64 + (next - '0') * 8 + (s.p[at + 1] - '0');
		at += 2;
	} else if (c == 'x' && next != '{') {
		v = 0;
		for (int i = 0; i < 2 && at < s.n && is_xdigit(s.p[at]); i++)
			v = v * 16 + hex_value((unsigned char)s.p[at++]);
	} else if (c == '0') {
		v = 0;
		for (int i = 0; i < 2 && at < s.n && s.p[at] >= '0' &&
		     s.p[at] <= '7'; i++)
			v = v * 8 + (s.p[at++] - '0');
	} else if (c == 'x') {
		v = braced_number(s, &at, 16, err);
	} else if (c == 'o') {
		v = braced_number(s, &at, 8, err);
	} else if (c == 'N' && str_starts(str_from(s, at), STR("{U+"))) {
		struct str rest = str_from(s, at + 3);
		size_t n = 0;

		while (n < rest.n && is_xdigit((unsigned char)rest.p[n]))
			n++;
		if (n == 0 || n > 6 || n == rest.n || rest.p[n] != '}')
			return err_set(err, "malformed \\N{U+...}"), -2;
		v = strtol(rest.p, NULL, 16);
		at += 3 + n + 1;
	}
	if (v >= 0)
		*pos_r = at;
	return v;
}

static bool set_escape(int c, struct item *it)
{
	static const char sets[] = "wWsSdDhHvVNRpPX";

	if (c <= 0 || !strchr(sets, c))
		return false;
	it->value = -1;
	if (c == 'w' || c == 'W')
		it->posix = STR("word");
	else if (c == 's' || c == 'S')
		it->posix = STR("space");
	it->negated = is_upper(c);
	return true;
}

static long simple_escape(int c)
{
	static const char from[] = "nrtfaeb", to[] = "\n\r\t\f\a\x1b\b";
	const char *p = c > 0 ? strchr(from, c) : NULL;

	return p ? (unsigned char)to[p - from] : c;
}

/* An escape in a class, at s.p[*pos] == '\\'. */
static int read_escape(struct str s, size_t *pos, struct item *it,
		       struct err *err)
{
	size_t at = *pos + 1;
	int c = at < s.n ? (unsigned char)s.p[at] : -1;
	long point;

	if (c < 0)
		return err_set(err, "unmatched [");
	if (is_alpha(c) && !strchr("wWsSdDhHvVNpPnrtfaebxoc", c))
		return err_set(err, "unrecognized escape \\%c in a class", c);
	point = perl_code_point(s, &at, err);
	if (point == -2)
		return -1;
	if (point >= 0) {
		it->value = point;
	} else if (set_escape(c, it)) {
		at++;
		if ((c == 'p' || c == 'P') && at < s.n && s.p[at] == '{') {
			ssize_t end = str_chr(str_from(s, at), '}');

			at += end < 0 ? 1 : (size_t)end + 1;
		} else if (c == 'p' || c == 'P') {
			at++;
		}
	} else if (c >= '0' && c <= '7') {
		it->value = 0;
		for (int i = 0; i < 3 && at < s.n && s.p[at] >= '0' &&
		     s.p[at] <= '7'; i++)
			it->value = it->value * 8 + (s.p[at++] - '0');
	} else if (c == 'c' && at + 1 < s.n) {
		it->value = to_upper((unsigned char)s.p[at + 1]) ^ 64;
		at += 2;
	} else {
		it->value = simple_escape(c);
		at++;
	}
	if (at > s.n)
		at = s.n;
	*pos = at;
	return 0;
}

/* "[:alpha:]" at *pos inside a class; false if it is none. */
static bool read_posix(struct str s, size_t *pos, struct item *it)
{
	struct str rest = str_from(s, *pos);
	ssize_t end;
	struct str name;

	if (rest.n < 4 || rest.p[0] != '[' || rest.p[1] != ':')
		return false;
	end = str_find(rest, STR(":]"));
	if (end < 2)
		return false;
	name = str_make(rest.p + 2, (size_t)end - 2);
	it->negated = name.n && name.p[0] == '^';
	name = str_from(name, it->negated);
	for (size_t i = 0; i < name.n; i++) {
		if (!is_alpha((unsigned char)name.p[i]))
			return false;
	}
	it->value = -1;
	it->posix = name;
	*pos += (size_t)end + 2;
	return true;
}

static int read_item(struct str s, size_t *pos, struct item *it,
		     struct err *err)
{
	size_t from = *pos;

	*it = (struct item){ .value = (unsigned char)s.p[from] };
	if (s.p[from] == '\\') {
		if (read_escape(s, pos, it, err))
			return -1;
	} else if (!read_posix(s, pos, it)) {
		++*pos;
	}
	it->text = str_make(s.p + from, *pos - from);
	return 0;
}

static void put_char(long c, unsigned flags, struct buf *out)
{
	if (c > 0xff)
		c = flags & PF_I ? perl_fold_to_octet(c) : -1;
	if (c >= 0)
		buf_addf(out, "\\x{%02lx}", c);
}

/* A single character goes as it was written, for whoever reads the result,
 * unless PCRE2 would read that differently. */
static void put_single(const struct item *it, unsigned flags, struct buf *out)
{
	if (it->value > 0xff || it->text.n > 4)
		put_char(it->value, flags, out);
	else if (strchr("[]^-", it->text.p[0]) && it->text.p[0])
		buf_addf(out, "\\%c", it->text.p[0]);
	else
		buf_adds(out, it->text);
}

/* The octets that lie in lo-hi, and those that fold into it from above. */
static void put_range(const struct item *lo, const struct item *hi,
		      unsigned flags, struct buf *out)
{
	static const long folding[] = { 0x178, 0x39c, 0x3bc, 0x212b, 0x1e9e };

	if (lo->value <= 0xff) {
		put_single(lo, flags, out);
		buf_addc(out, '-');
		if (hi->value > 0xff)
			buf_adds(out, STR("\\xff"));
		else
			put_single(hi, flags, out);
	}
	for (size_t i = 0; (flags & PF_I) && i < 5; i++) {
		if (folding[i] >= lo->value && folding[i] <= hi->value)
			put_char(folding[i], flags, out);
	}
}

static void put_set(const struct item *it, unsigned flags, struct buf *out)
{
	if ((flags & PF_U) && it->posix.n)
		latin1_ranges(it->posix, it->negated, out);
	else
		buf_adds(out, it->text);
}

/* One item, or a range of two. */
static int rewrite_item(struct str s, size_t *pos, unsigned flags,
			struct buf *out, struct err *err)
{
	struct item lo, hi;
	bool more;

	if (read_item(s, pos, &lo, err))
		return -1;
	more = *pos + 1 < s.n && s.p[*pos] == '-' && s.p[*pos + 1] != ']';
	if (!more) {
		if (lo.value >= 0)
			put_single(&lo, flags, out);
		else
			put_set(&lo, flags, out);
		return 0;
	}
	++*pos;
	if (read_item(s, pos, &hi, err))
		return -1;
	if (lo.value < 0 || hi.value < 0)
		return err_set(err, "false [] range \"%.*s-%.*s\"",
			       STR_ARG(lo.text), STR_ARG(hi.text));
	if (hi.value < lo.value)
		return err_set(err, "invalid [] range \"%.*s-%.*s\"",
			       STR_ARG(lo.text), STR_ARG(hi.text));
	put_range(&lo, &hi, flags, out);
	return 0;
}

int regex_class_from_perl(struct str pattern, size_t *pos_r, unsigned flags,
			  struct buf *out, struct err *err)
{
	size_t pos = *pos_r + 1;
	size_t start = out->n;
	bool negated;
	size_t body;

	while ((flags & PF_XX) && pos < pattern.n &&
	       (pattern.p[pos] == ' ' || pattern.p[pos] == '\t'))
		pos++;
	negated = pos < pattern.n && pattern.p[pos] == '^';
	pos += negated;
	buf_adds(out, negated ? STR("[^") : STR("["));
	body = out->n;
	for (size_t first = pos;; ) {
		int c = pos < pattern.n ? (unsigned char)pattern.p[pos] : -1;

		if (c < 0)
			return err_set(err, "unmatched [");
		if (c == ']' && pos > first)
			break;
		if ((flags & PF_XX) && (c == ' ' || c == '\t')) {
			pos++;
			first += pos - 1 == first;
			continue;
		}
		if (rewrite_item(pattern, &pos, flags, out, err))
			return -1;
	}
	*pos_r = pos + 1;
	if (out->n > body) {
		buf_addc(out, ']');
		return 0;
	}
	/* Nothing but characters that no octet equals was in it. */
	out->n = start;
	buf_adds(out, negated ? STR("(?s:.)") : STR("(?:(?!))"));
	return 0;
}
