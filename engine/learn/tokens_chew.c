/*
 * Values of headers whose usual form would give tokens that never come again
 * (numbers of messages, dates, boundaries) are made ready first: what is
 * worthless goes, what tells something stands alone. These are the forms of
 * SpamAssassin, as readers of a text: each says how many octets it takes at
 * one place, 0 for none.
 */
#include "learn/tokens_int.h"

#include "base/arena.h"
#include "base/buf.h"
#include "mail/address.h"

/* Longest text that chewing makes; far more than a header's 8 KB ever give
 * but for endings of a name made of dots. */
#define CHEWED_MAX ((size_t)4 << 20)

/* The octet at i, -1 behind the end. */
static int at(struct str s, size_t i)
{
	return i < s.n ? (unsigned char)s.p[i] : -1;
}

/* Perl's \b: a word begins or ends here. */
static bool edge(struct str s, size_t i)
{
	bool before = i > 0 && is_word((unsigned char)s.p[i - 1]);

	return before != (i < s.n && is_word((unsigned char)s.p[i]));
}

/* Reads lit at *i. */
static bool lit(struct str s, size_t *i, const char *text)
{
	struct str l = str_cstr(text);

	if (!str_starts(str_from(s, *i), l))
		return false;
	*i += l.n;
	return true;
}

static bool space(struct str s, size_t *i)
{
	return *i < s.n && is_space((unsigned char)s.p[*i]) ? ++*i : 0;
}

/* Octets from i on, at most max, of which fn is true. */
static size_t run(struct str s, size_t i, size_t max, bool (*fn)(int c))
{
	size_t n = 0;

	while (n < max && i + n < s.n && fn((unsigned char)s.p[i + n]))
		n++;
	return n;
}

static bool upper_alnum(int c)
{
	return is_digit(c) || is_upper(c);
}

static bool upper_hex(int c)
{
	return is_digit(c) || (c >= 'A' && c <= 'F');
}

static bool lower_hex(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* Exactly n octets of which fn is true. */
static bool exactly(struct str s, size_t *i, size_t n, bool (*fn)(int c))
{
	if (run(s, *i, n, fn) != n)
		return false;
	*i += n;
	return true;
}

/* What begins with one of these octets (NULL: with any) and is as long as fn
 * says, if it says so. */
typedef size_t reader(struct str s, size_t i);

#define BLANKS " \t\n\v\f\r"

/* Replaces what fn reads, wherever it does, by text. */
static struct str replaced(struct arena *a, struct str s, const char *begins,
			   reader *fn, struct str text, bool once)
{
	bool may[256] = { false };
	struct buf out;
	size_t from = 0, i = 0;

	for (; begins && *begins; begins++)
		may[(unsigned char)*begins] = true;
	buf_in(&out, a, CHEWED_MAX);
	while (i < s.n) {
		size_t n = !begins || may[(unsigned char)s.p[i]] ? fn(s, i) : 0;

		if (n == 0) {
			i++;
			continue;
		}
		buf_add(&out, s.p + from, i - from);
		buf_adds(&out, text);
		from = i += n;
		if (once)
			break;
	}
	if (from == 0)
		return s;
	buf_add(&out, s.p + from, s.n - from);
	return buf_str(&out);
}

/* ---- Message-ID ---- */

/* Exim's: "<1ABcde-0001Ab-0C@" */
static bool exim_number(struct str s, size_t *i)
{
	return exactly(s, i, 7, is_alnum) && lit(s, i, "-") &&
		exactly(s, i, 6, is_alnum) && lit(s, i, "-0") &&
		exactly(s, i, 1, is_alnum);
}

static size_t exim_id(struct str s, size_t from)
{
	size_t i = from;

	return lit(s, &i, "<") && exim_number(s, &i) && lit(s, &i, "@")
		? i - from : 0;
}

/* Sendmail's: "<200211181633.gAIGX0123456@": when, and a number. */
static size_t sendmail_id(struct str s, size_t from)
{
	/* The highest digit of each place of year, month, day and time. */
	static const char highest[] = "991939295959";
	size_t i = from, n;

	if (!lit(s, &i, "<20"))
		return 0;
	for (size_t k = 0; k < sizeof(highest) - 1; k++, i++)
		if (!is_digit(at(s, i)) || at(s, i) > highest[k])
			return 0;
	if (!lit(s, &i, "."))
		return 0;
	n = run(s, i, 12, upper_hex);
	return n >= 10 && at(s, i + n) == '@' ? i + n + 1 - from : 0;
}

/* Outlook Express's at s.p[i]: "<000d01c28f1c$5e1d2b40$0200a8c0@host>". The
 * first four, the next four and the last eight digits are tokens, and what
 * stands up to the last '>' of the word. Adds them, and returns the octets of
 * the whole; 0 if it is none. */
static size_t outlook_id(struct str s, size_t from, struct buf *out)
{
	size_t i = from, end, first, second, third, host;

	first = i + 1;
	if (!lit(s, &i, "<") || !exactly(s, &i, 12, lower_hex) ||
	    !lit(s, &i, "$"))
		return 0;
	second = i;
	if (!exactly(s, &i, 8, lower_hex) || !lit(s, &i, "$"))
		return 0;
	third = i;
	if (!exactly(s, &i, 8, lower_hex) || !lit(s, &i, "@"))
		return 0;
	host = end = i;
	while (end < s.n && !is_space((unsigned char)s.p[end]))
		end++;
	while (end > host && s.p[end - 1] != '>')
		end--;
	if (end < host + 2)
		return 0;
	buf_addf(out, " OEA%.4s OEB%.4s OEC%.8s ", s.p + first, s.p + second,
		 s.p + third);
	buf_add(out, s.p + host, end - 1 - host);
	buf_addc(out, ' ');
	return end - from;
}

struct str chew_message_id(struct arena *a, struct str value)
{
	struct buf out;
	struct str s;
	char *p;

	buf_in(&out, a, CHEWED_MAX);
	for (size_t i = 0, n; i < value.n; i += n) {
		n = value.p[i] == '<' ? outlook_id(value, i, &out) : 0;
		if (n)
			continue;
		n = 1;
		buf_addc(&out, value.p[i]);
	}
	s = replaced(a, buf_str(&out), NULL, exim_id, STR(""), true);
	s = replaced(a, s, NULL, sendmail_id, STR(""), false);
	p = arena_text(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		p[i] = is_word((unsigned char)s.p[i]) ? s.p[i] : ' ';
	return str_make(p, s.n);
}

/* ---- addresses ---- */

static void add_part(void *ctx, const char *mark, struct str s)
{
	struct buf *out = ctx;

	if (out->n)
		buf_addc(out, ' ');
	buf_adds(out, str_cstr(mark));
	buf_adds(out, s);
}

struct str chew_addresses(struct arena *a, struct str value)
{
	struct addresses found = { 0 };
	struct buf out;

	buf_in(&out, a, CHEWED_MAX);
	addresses_parse(a, value, &found);
	for (size_t i = 0; i < found.n; i++) {
		struct str name = found.v[i].name, word;

		while (str_next_word(&name, &word))
			add_part(&out, "N*", word);
		if (found.v[i].addr.p)
			tokens_of_address(found.v[i].addr, add_part, &out);
	}
	return buf_str(&out);
}

/* ---- Received ---- */

/* As lit(), but each blank of text is any one white space. */
static bool phrase(struct str s, size_t *i, const char *text)
{
	for (; *text; text++) {
		if (*text == ' ' ? !space(s, i) : at(s, *i) != *text)
			return false;
		*i += *text != ' ';
	}
	return true;
}

/* Sendmail's number behind words and before a white space. */
static size_t sendmail_with(struct str s, size_t from, const char *words,
			    bool (*fn)(int c))
{
	size_t i = from, n;

	if (!phrase(s, &i, words))
		return 0;
	n = run(s, i, 12, fn);
	i += n;
	return n >= 10 && space(s, &i) ? i - from : 0;
}

static size_t sendmail_smtp(struct str s, size_t from)
{
	return sendmail_with(s, from, " with SMTP id g", upper_alnum);
}

static size_t sendmail_esmtp(struct str s, size_t from)
{
	return sendmail_with(s, from, " with ESMTP id ", upper_hex);
}

static bool id_word(struct str s, size_t *i)
{
	return edge(s, *i) && phrase(s, i, "id ");
}

static size_t sendmail_number(struct str s, size_t from)
{
	size_t i = from, n;

	if (!id_word(s, &i))
		return 0;
	/* More than 20 end in no word's edge. */
	n = run(s, i, 20, is_alnum);
	return n >= 7 && edge(s, i + n) ? i + n - from : 0;
}

static size_t exim_with(struct str s, size_t from)
{
	size_t i = from;

	return id_word(s, &i) && exim_number(s, &i) ? i - from : 0;
}

static bool one_of(struct str s, size_t *i, const char *words, size_t n)
{
	for (; *words; words += n) {
		if (str_starts(str_from(s, *i), str_make(words, n))) {
			*i += n;
			return true;
		}
	}
	return false;
}

/* "16:33", "16:33:07" */
static bool time_of_day(struct str s, size_t *i)
{
	if (at(s, *i) < '0' || at(s, *i) > '2' || !is_digit(at(s, *i + 1)))
		return false;
	*i += 2;
	for (int k = 0; k < 2; k++) {
		if (at(s, *i) != ':' || !is_digit(at(s, *i + 1)) ||
		    at(s, *i + 1) > '5' || !is_digit(at(s, *i + 2)))
			return k > 0;
		*i += 3;
	}
	return true;
}

/* Of " +0100", " (CET)", "UT" and the like, as many as there are. */
static size_t zones(struct str s, size_t i)
{
	for (;;) {
		size_t k = i, n;

		if (at(s, i) == ')') {
			i++;
			continue;
		}
		while (space(s, &k))
			;
		if (at(s, k) == '(') {
			i = k + 1;
			continue;
		}
		if ((at(s, k) == '+' || at(s, k) == '-') &&
		    run(s, k + 1, 4, is_digit) == 4) {
			i = k + 5;
			continue;
		}
		n = run(s, k, 4, is_upper);
		if (n >= 2 && s.p[k] == 'U' && s.p[k + 1] == 'T')
			i = k + 2;
		else if (n == 4 && s.p[k + 3] == 'T')
			i = k + 4;
		else if (n >= 3 && s.p[k + 2] == 'T')
			i = k + 3;
		else
			return i;
	}
}

/* From the day of the month on; the end, or 0. */
static size_t rest_of_date(struct str s, size_t i)
{
	bool year;

	if (!is_digit(at(s, i)) || !is_space(at(s, i + 1)))
		return 0;
	i += 2;
	if (!one_of(s, &i, "JanFebMarMayAprJunJulAugSepOctNovDec", 3) ||
	    !space(s, &i))
		return 0;
	year = (lit(s, &i, "19") || lit(s, &i, "20")) &&
		run(s, i, 2, is_digit) == 2;
	/* "20 " is a year of two digits. */
	if (!year && i >= 2 && is_space(at(s, i)))
		i -= 2;
	if (!exactly(s, &i, 2, is_digit) || !space(s, &i) ||
	    !time_of_day(s, &i) || !space(s, &i))
		return 0;
	return zones(s, i);
}

/* "Mon, 18 Nov 2002 16:33:07 +0100 (CET)" */
static size_t date(struct str s, size_t from)
{
	size_t i = from, end = 0;
	int c;

	if (one_of(s, &i, "MonTueWedThuFriSatSun", 3) &&
	    !(lit(s, &i, ",") && space(s, &i)))
		return 0;
	c = at(s, i);
	if ((c >= '0' && c <= '3') || is_space(c))
		end = rest_of_date(s, i + 1);
	if (!end)
		end = rest_of_date(s, i);
	return end ? end - from : 0;
}

/* Words that stand in nearly every one. */
static size_t usual_word(struct str s, size_t from)
{
	static const char *const words[] = { "with", "from", "for", "SMTP",
					     "ESMTP" };

	if (!edge(s, from))
		return 0;
	for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++) {
		size_t i = from;

		if (lit(s, &i, words[k]) && edge(s, i))
			return i - from;
	}
	return 0;
}

/* "192.0.2.1": where its last part begins, 0 if it is none. */
static size_t address_at(struct str s, size_t from, size_t *last_r)
{
	size_t i = from, n = 0;

	if (!edge(s, i))
		return 0;
	for (int part = 0; part < 4; part++) {
		if (part) {
			*last_r = i;
			if (at(s, i++) != '.')
				return 0;
		}
		n = run(s, i, 3, is_digit);
		if (n == 0)
			return 0;
		i += n;
	}
	return edge(s, i) ? i - from : 0;
}

/* Each address becomes its network, and the whole address marked "ip*". */
static struct str split_addresses(struct arena *a, struct str s)
{
	struct buf out;

	buf_in(&out, a, CHEWED_MAX);
	for (size_t i = 0; i < s.n; ) {
		size_t last = 0, n = is_digit((unsigned char)s.p[i])
			? address_at(s, i, &last) : 0;

		if (n == 0) {
			buf_addc(&out, s.p[i++]);
			continue;
		}
		buf_add(&out, s.p + i, last - i);
		buf_adds(&out, STR(" ip*"));
		buf_add(&out, s.p + i, n);
		buf_addc(&out, ' ');
		i += n;
	}
	return buf_str(&out);
}

struct str chew_received(struct arena *a, struct str value)
{
	value = replaced(a, value, BLANKS, sendmail_smtp, STR(" "), false);
	value = replaced(a, value, BLANKS, sendmail_esmtp, STR(" "), false);
	value = replaced(a, value, "i", sendmail_number, STR(" "), false);
	value = replaced(a, value, "i", exim_with, STR(" "), false);
	value = replaced(a, value, "MTWFS0123456789" BLANKS, date, STR(""), false);
	value = split_addresses(a, value);
	return replaced(a, value, "wfSE", usual_word, STR(" "), false);
}

/* ---- others ---- */

static size_t type_word(struct str s, size_t from)
{
	size_t i = from;

	if (!edge(s, i) || !(lit(s, &i, "text") || lit(s, &i, "charset")))
		return 0;
	return edge(s, i) ? i - from : 0;
}

/* A quoted boundary at s.p[from]; what it is. */
static size_t boundary_at(struct str s, size_t from, struct str *value_r)
{
	struct str word = STR("boundary=");
	size_t i = from + word.n, start;

	if (!str_istarts(str_from(s, from), word) ||
	    (at(s, i) != '"' && at(s, i) != '\''))
		return 0;
	for (start = ++i; at(s, i) != '"' && at(s, i) != '\''; i++)
		if (at(s, i) < 0 || at(s, i) == '\n')
			return 0;
	*value_r = str_make(s.p + start, i - start);
	return i + 1 - from;
}

/* Digits of the boundary are all the same to us, its signs stand alone. */
static void add_boundary(struct buf *out, struct str s)
{
	bool in_signs = false;

	for (size_t i = 0; i < s.n; i++) {
		bool is_sign = s.p[i] && strchr("-_.=", s.p[i]);

		if (is_sign != in_signs)
			buf_addc(out, ' ');
		in_signs = is_sign;
		buf_addc(out, is_xdigit((unsigned char)s.p[i]) ? 'H' :
			 s.p[i]);
	}
	if (in_signs)
		buf_addc(out, ' ');
}

struct str chew_content_type(struct arena *a, struct str value)
{
	struct str boundary = STR_NONE;
	struct buf out;

	buf_in(&out, a, CHEWED_MAX);
	for (size_t i = 0, n; i < value.n; i += n) {
		n = to_lower((unsigned char)value.p[i]) == 'b' ?
			boundary_at(value, i, &boundary) : 0;
		buf_addc(&out, n ? ' ' : value.p[i]);
		n += n == 0;
	}
	/* The last one stands at the end. */
	add_boundary(&out, boundary);
	return replaced(a, buf_str(&out), "tc", type_word, STR(" "), false);
}

static size_t relay_word(struct str s, size_t from)
{
	size_t i = from, n;

	if (!lit(s, &i, " "))
		return 0;
	n = run(s, i, s.n, is_lower);
	return n && at(s, i + n) == '=' ? i + n + 1 - from : 0;
}

/* Without the names of the fields, which are always the same. */
struct str chew_relays(struct arena *a, struct str value)
{
	return replaced(a, value, " ", relay_word, STR(" "), false);
}

static size_t usual_version(struct str s, size_t from)
{
	return str_starts(str_from(s, from), STR("1.0")) ? 3 : 0;
}

struct str chew_mime_version(struct arena *a, struct str value)
{
	return replaced(a, value, "1", usual_version, STR(""), true);
}
