/*
 * From a find in the text to a URI: what mail programs leave off at the end,
 * what they put in front (http:// for www., mailto: for an address), and what
 * is no link after all (cid:, Vi@gra, a TLD that does not exist). The steps
 * and their order are SpamAssassin's (_process_text_uri_list).
 */
#include "mail/uri_find.h"

#include <stdio.h>

#include "base/arena.h"
#include "mail/domain.h"
#include "mail/uri.h"

struct str uri_found_trim(struct str s)
{
	ssize_t open = str_chr(s, '(');
	ssize_t close = str_rchr(str_head(s, open < 0 ? s.n : (size_t)open),
				 ')');

	/* The last closing bracket before any opening one ends the link. */
	if (close >= 0)
		s.n = (size_t)close;
	while (s.n && s.p[s.n - 1] &&
	       strchr("-~!@#^&*()_+=:;'?,.", s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The byte that an escape at s stands for, or -1 if there is no escape. */
static int escape_value(struct str s)
{
	if (s.n < 3 || s.p[0] != '%' || !is_xdigit((unsigned char)s.p[1]) ||
	    !is_xdigit((unsigned char)s.p[2]))
		return -1;
	return hex_value((unsigned char)s.p[1]) * 16 +
	       hex_value((unsigned char)s.p[2]);
}

/* The byte to be written as %xx for what stands at the start of s (*used_r
 * bytes), or -1 if that may stand in a URI as it is. */
static int needs_percent(struct str s, bool wide, size_t *used_r)
{
	int c = (unsigned char)s.p[0];
	int next = s.n > 1 ? (unsigned char)s.p[1] : 0;

	*used_r = 1;
	if (!wide || c < 0x80)
		return c <= ' ' || c >= 0x7f || c == '"' || c == '%' ||
		       c == '<' || c == '>' ? c : -1;
	if ((c != 0xc2 && c != 0xc3) || (next & 0xc0) != 0x80)
		return -1;
	*used_r = 2;
	return (c & 3) << 6 | (next & 0x3f);
}

struct str uri_decode_percent(struct arena *a, struct str s, bool wide)
{
	static const char hex[] = "0123456789abcdef";
	size_t extra = 0, n = 0, used;
	bool change = false;
	char *p;

	for (size_t i = 0; i < s.n; i += used) {
		int c = escape_value(str_from(s, i));

		used = c < 0 ? 1 : 3;
		if (c > ' ' && c < 0x7f)
			change = true;
		else if (c < 0 && needs_percent(str_from(s, i), wide, &used) >= 0)
			extra += 3 - used;
	}
	if (!change && !extra)
		return s;
	p = arena_text(a, s.n + extra + 1);
	for (size_t i = 0; i < s.n; i += used) {
		int c = escape_value(str_from(s, i)), raw = -1;

		used = 1;
		if (c < 0)
			raw = needs_percent(str_from(s, i), wide, &used);
		if (c > ' ' && c < 0x7f) {
			p[n++] = (char)c;
			used = 3;
		} else if (raw >= 0) {
			p[n++] = '%';
			p[n++] = hex[raw >> 4];
			p[n++] = hex[raw & 15];
		} else {
			used = c < 0 ? 1 : 3;
			memcpy(p + n, s.p + i, used);
			n += used;
		}
	}
	p[n] = '\0';
	return str_make(p, n);
}

static bool has_escape(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (escape_value(str_from(s, i)) >= 0)
			return true;
	return false;
}

/* "http://", "ftp:" and kin with nothing behind. */
static bool only_scheme(struct str s)
{
	size_t n = s.n;

	while (n && s.n - n < 2 && s.p[n - 1] == '/')
		n--;
	if (n < 2 || s.p[--n] != ':')
		return false;
	while (n && is_word((unsigned char)s.p[n - 1]))
		n--;
	return n == 0;
}

/* "www." with up to two digits. */
static bool starts_www(struct str s)
{
	size_t n = 3;

	if (!str_istarts(s, STR("www")))
		return false;
	while (n < s.n && n < 5 && is_digit((unsigned char)s.p[n]))
		n++;
	return n < s.n && s.p[n] == '.';
}

/* Is there a byte x with a byte y two or more behind it? */
static bool has_apart(struct str s, int x, int y)
{
	ssize_t first = str_chr(s, x), last = str_rchr(s, y);

	return first >= 0 && last >= first + 2;
}

/* An address without what people write before it: "email:", "skype::". */
static struct str skip_label(struct str s)
{
	static const char *const labels[] = { "skype", "e-mail", "email",
					      "mail", "" };

	for (size_t i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		struct str label = str_cstr(labels[i]);
		struct str rest = str_from(s, label.n);

		if (!str_istarts(s, label) || !rest.n || rest.p[0] != ':')
			continue;
		while (rest.n && rest.p[0] == ':')
			rest = str_from(rest, 1);
		return rest;
	}
	return s;
}

/* Puts the scheme in front of a link that has none. */
static bool add_scheme(struct arena *a, struct str raw, struct str *uri_r,
		       unsigned *types_r)
{
	*types_r |= URI_SCHEMELESS;
	if (str_istarts(raw, STR("ftp."))) {
		*uri_r = str_cat(a, STR("ftp://"), raw);
		return true;
	}
	/* With a '/' before the '@' it can be no address. */
	if (starts_www(raw) || has_apart(raw, '/', '@')) {
		*uri_r = str_cat(a, STR("http://"), raw);
		return true;
	}
	if (str_chr(raw, '@') >= 0) {
		if (!has_apart(raw, '@', '.') ||
		    str_find(raw, STR("&nbsp;")) >= 0)
			return false;
		*uri_r = str_cat(a, STR("mailto:"), skip_label(raw));
		return true;
	}
	if (str_chr(raw, '.') < 0)
		return false;
	*types_r |= URI_UNLINKED;
	*uri_r = str_cat(a, STR("http://"), raw);
	return true;
}

/* Does the address of a mailto: have a known TLD? */
static bool mail_is_valid(const struct domains *d, struct str uri)
{
	ssize_t sign = str_chr(uri, '@');
	struct str host;
	size_t n = 0;

	if (sign < 0)
		return false;
	host = str_from(uri, (size_t)sign + 1);
	while (n < host.n && host.p[n] != '?' && host.p[n] != '&' &&
	       host.p[n] != '>')
		n++;
	host.n = n;
	while (str_ends(host, STR("%20")))
		host.n -= 3;
	return domain_is_valid(d, host);
}

bool uri_of_found(struct arena *a, const struct domains *d,
		  const struct uri_found *found, struct str raw,
		  struct str *uri_r, unsigned *types_r)
{
	/* The '@' may have been trimmed off. */
	if (found->kind == URI_FOUND_MAIL && str_chr(raw, '@') < 0)
		return false;
	if (found->kind == URI_FOUND_HOST && !host_is_valid(found->host))
		return false;
	/* [cid:image001.png@01D4986E.E3459640] is no address. */
	if (str_istarts(raw, STR("cid:")) || str_istarts(raw, STR("mid:")) ||
	    only_scheme(raw))
		return false;
	*types_r = URI_PARSED;
	*uri_r = raw;
	if (!str_istarts(raw, STR("http:")) &&
	    !str_istarts(raw, STR("https:")) &&
	    !str_istarts(raw, STR("ftp:")) &&
	    !str_istarts(raw, STR("mailto:")) &&
	    !add_scheme(a, raw, uri_r, types_r))
		return false;
	if (!str_istarts(*uri_r, STR("mailto:")))
		return true;
	if (has_escape(*uri_r))
		*uri_r = uri_decode_percent(a, *uri_r, false);
	return mail_is_valid(d, *uri_r);
}
