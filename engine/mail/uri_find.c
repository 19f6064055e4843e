/*
 * Links in plain text. SpamAssassin asks "what would a mail program make
 * clickable?" with one regular expression of three branches, tried at every
 * place where a word or a delimiter ends:
 *
 *   1. http:// https:// ftp:// or www. www1. ftp. and 1 to 2,048 bytes up to
 *      the next delimiter;
 *   2. mailto: and 1 to 2,048 bytes, or something@something of 1 to 251 bytes
 *      each, up to the next delimiter of addresses (8-bit bytes, comma, quote
 *      and opening bracket are such);
 *   3. a host whose last label is a known TLD, maybe a dot, a :port, a /path,
 *      up to the next delimiter.
 *
 * Each branch eats everything to its delimiter, so each has one answer at a
 * given place and needs no backtracking: where the next delimiters and the
 * next '@' are is remembered from place to place, which makes the walk linear
 * however the text is made. Bytes are bytes: UTF-8 is not looked into, and
 * the byte A0 is a delimiter even inside a character, as in SpamAssassin.
 */
#include "mail/uri_find.h"

#include "mail/domain.h"

#define LINK_MAX 2048
#define ADDRESS_MAX 251
#define HOST_MAX 251

enum {
	ENDS_LINK = 1,		/* ends branches 1 and 3 */
	ENDS_MAIL = 2,		/* ends branch 2 */
	STARTS = 4,		/* a link may start behind it */
	STARTS_HOST = 8,	/* branch 3 may start behind it */
};

static unsigned delimiter(int c)
{
	switch (c) {
	case ' ': case '\t': case '\n': case '\v': case '\f': case '\r':
	case 0x1b: case 0xa0:
	case '>': case '<': case '"': case '`': case '{': case '[': case '|':
		return ENDS_LINK | ENDS_MAIL | STARTS | STARTS_HOST;
	case '}': case ']':
		return ENDS_LINK | ENDS_MAIL | STARTS_HOST;
	case ',': case '(': case '\'':
		return ENDS_MAIL | STARTS | STARTS_HOST;
	case '!': case '#': case '$': case '&': case ')': case '*': case '+':
	case '/': case ':': case ';': case '=': case '?': case '@': case '\\':
	case '^': case '~':
		return STARTS_HOST;
	}
	return c >= 0x80 ? ENDS_MAIL : 0;
}

static int at(struct str s, size_t i)
{
	return (unsigned char)s.p[i];
}

/* Moves *known to the first byte at or behind pos that has one of the bits. */
static size_t seek(struct str s, size_t pos, size_t *known, unsigned bits)
{
	if (*known < pos)
		*known = pos;
	while (*known < s.n && !(delimiter(at(s, *known)) & bits))
		++*known;
	return *known;
}

/* The first '@' at or behind pos. */
static size_t seek_at_sign(struct uri_finder *f, size_t pos)
{
	if (f->next_at < pos)
		f->next_at = pos;
	if (f->next_at < f->text.n && f->text.p[f->next_at] != '@') {
		ssize_t i = str_chr(str_from(f->text, f->next_at), '@');

		f->next_at = i < 0 ? f->text.n : f->next_at + (size_t)i;
	}
	return f->next_at;
}

void uri_finder_init(struct uri_finder *f, const struct domains *d,
		     struct str text)
{
	*f = (struct uri_finder){ .text = text, .domains = d };
}

/* May a link start here? At the edge of a word, behind a delimiter, or behind
 * a shift of ISO-2022 (ESC ( and one byte). */
static bool may_start(struct str s, size_t i)
{
	bool before = i > 0 && is_word(at(s, i - 1));

	if (before != is_word(at(s, i)))
		return true;
	if (i > 0 && delimiter(at(s, i - 1)) & STARTS)
		return true;
	return i >= 3 && at(s, i - 3) == 0x1b && at(s, i - 2) == '(' &&
	       at(s, i - 1) != '\n';
}

/* Length of http:// https:// ftp:// www. wwwN. wwwNN. ftp. at s, or 0. */
static size_t scheme_length(struct str s)
{
	size_t n = 3;

	if (str_istarts(s, STR("http"))) {
		n = 4 + (s.n > 4 && to_lower(at(s, 4)) == 's');
		return str_starts(str_from(s, n), STR("://")) ? n + 3 : 0;
	}
	if (str_istarts(s, STR("ftp"))) {
		if (str_starts(str_from(s, 3), STR("://")))
			return 6;
		return s.n > 3 && s.p[3] == '.' ? 4 : 0;
	}
	if (!str_istarts(s, STR("www")))
		return 0;
	while (n < s.n && n < 5 && is_digit(at(s, n)))
		n++;
	return n < s.n && s.p[n] == '.' ? n + 1 : 0;
}

/* Branch 1 at place i; true if it matches. */
static bool find_scheme(struct uri_finder *f, size_t i,
			struct uri_found *found_r)
{
	size_t prefix = scheme_length(str_from(f->text, i)), end;

	if (!prefix)
		return false;
	end = seek(f->text, i, &f->next_end, ENDS_LINK);
	if (end < i + prefix + 1 || end > i + prefix + LINK_MAX)
		return false;
	found_r->kind = URI_FOUND_SCHEME;
	found_r->text = str_make(f->text.p + i, end - i);
	return true;
}

/* Branch 2. */
static bool find_mail(struct uri_finder *f, size_t i,
		      struct uri_found *found_r)
{
	size_t sign = seek_at_sign(f, i), end;
	bool mailto = str_istarts(str_from(f->text, i), STR("mailto:"));

	if (!mailto && (sign == i || sign - i > ADDRESS_MAX))
		return false;
	end = seek(f->text, i, &f->next_mail_end, ENDS_MAIL);
	if (mailto) {
		if (end <= i + 7 || end > i + 7 + LINK_MAX)
			return false;
	} else if (end <= sign + 1 || end > sign + 1 + ADDRESS_MAX) {
		return false;
	}
	found_r->kind = URI_FOUND_MAIL;
	found_r->text = str_make(f->text.p + i, end - i);
	return true;
}

/* Branch 3's host: everything that may stand in a host must belong to it, but
 * for one dot at the end. Returns its length, 0 if it is none; *run_r is
 * where the run of such bytes ends. */
static size_t host_length(const struct uri_finder *f, size_t i, size_t *run_r)
{
	struct str run = str_from(f->text, i);
	size_t n = 0;
	ssize_t dot;

	while (n < run.n && (is_word(at(run, n)) || run.p[n] == '.' ||
			     run.p[n] == '-'))
		n++;
	*run_r = i + n;
	if (n == 0 || !is_alnum(at(run, 0)))
		return 0;
	if (run.p[n - 1] == '.')
		n--;
	run.n = n;
	dot = str_rchr(run, '.');
	if (dot < 1 || dot > 1 + HOST_MAX ||
	    !domain_is_tld(f->domains, str_from(run, (size_t)dot + 1)))
		return 0;
	return n;
}

/* Branch 3. */
static bool find_host(struct uri_finder *f, size_t i,
		      struct uri_found *found_r)
{
	size_t end, stop, n;
	struct str s = f->text;

	if (i > 0 && !(delimiter(at(s, i - 1)) & STARTS_HOST))
		return false;
	n = host_length(f, i, &end);
	if (n == 0)
		return false;
	if (end < s.n && s.p[end] == ':') {
		size_t port = end + 1;

		while (port < s.n && is_digit(at(s, port)) && port < end + 7)
			port++;
		if (port == end + 1 || port > end + 6)
			return false;
		end = port;
	}
	if (end < s.n && s.p[end] == '/') {
		stop = seek(s, end, &f->next_end, ENDS_LINK);
		if (stop < end + 2 || stop > end + 1 + LINK_MAX)
			return false;
		end = stop;
	}
	if (end < s.n && !(delimiter(at(s, end)) & ENDS_LINK))
		return false;
	found_r->kind = URI_FOUND_HOST;
	found_r->text = str_make(s.p + i, end - i);
	found_r->host = str_make(s.p + i, n);
	return true;
}

bool uri_find_next(struct uri_finder *f, struct uri_found *found_r)
{
	*found_r = (struct uri_found){ .kind = URI_FOUND_SCHEME };
	for (size_t i = f->pos; i < f->text.n; i++) {
		if (!may_start(f->text, i))
			continue;
		if (find_scheme(f, i, found_r) || find_mail(f, i, found_r) ||
		    find_host(f, i, found_r)) {
			f->pos = i + found_r->text.n;
			return true;
		}
	}
	f->pos = f->text.n;
	return false;
}
