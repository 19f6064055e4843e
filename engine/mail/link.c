/*
 * One link taken apart the way rspamd's rules expect it. The parser forgives
 * what browsers forgive: backslashes for slashes, one slash or none behind
 * the scheme, white space inside, a host that is a single number, percent
 * signs anywhere. Each of these leaves a flag, because who writes links so
 * has a reason. A name is only believed in text if the Public Suffix List
 * knows its end; an href is a link by its place.
 */
#include "mail/link.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/link_int.h"
#include "mail/psl.h"

static const struct {
	const char *name;
	unsigned proto;
	bool slashes;		/* an authority follows */
} schemes[] = {
	{ "https", LINK_HTTPS, true },
	{ "http", LINK_HTTP, true },
	{ "ftp", LINK_FTP, true },
	{ "file", LINK_FILE, true },
	{ "mailto", LINK_MAILTO, false },
	{ "callto", LINK_TELEPHONE, false },
	{ "tel", LINK_TELEPHONE, false },
};
#define NSCHEMES (sizeof(schemes) / sizeof(schemes[0]))

static const char *const flag_names[LINK_FLAGS] = {
	"phished", "numeric", "obscured", "redirected", "html_displayed",
	"text", "subject", "host_encoded", "schema_encoded", "path_encoded",
	"query_encoded", "missing_slashes", "idn", "has_port", "has_user",
	"schemaless", "unnormalised", "zw_spaces", "url_displayed", "image",
	"query", "content", "no_tld", "truncated", "redirect_target",
	"invisible", "special",
};

const char *link_flag_name(unsigned i)
{
	return flag_names[i];
}

const char *link_proto_name(unsigned proto)
{
	for (size_t i = 0; i < NSCHEMES; i++)
		if (schemes[i].proto == proto)
			return proto == LINK_TELEPHONE ? "telephone" :
				schemes[i].name;
	return "unknown";
}

unsigned link_proto_find(struct str name)
{
	if (str_ieq(name, STR("telephone")))
		return LINK_TELEPHONE;
	for (size_t i = 0; i < NSCHEMES; i++)
		if (str_ieq(name, str_cstr(schemes[i].name)))
			return schemes[i].proto;
	return 0;
}

size_t link_scheme(struct str s, size_t *which_r)
{
	for (size_t i = 0; i < NSCHEMES; i++) {
		struct str name = str_cstr(schemes[i].name);

		if (str_istarts(s, name) && s.n > name.n &&
		    s.p[name.n] == ':') {
			*which_r = i;
			return name.n + 1;
		}
	}
	return 0;
}

bool link_scheme_has_host(size_t which)
{
	return schemes[which].slashes;
}

/* ---- pieces ---- */

/* Is there a character without width at s (zero width space and joiners, word
 * joiner, byte order mark, soft hyphen)? Its length, or 0. */
static size_t zero_width(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.n >= 2 && p[0] == 0xC2 && p[1] == 0xAD)
		return 2;
	if (s.n < 3)
		return 0;
	if (p[0] == 0xE2 && p[1] == 0x80 && p[2] >= 0x8B && p[2] <= 0x8F)
		return 3;
	if (p[0] == 0xE2 && p[1] == 0x81 && p[2] == 0xA0)
		return 3;
	if (p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF)
		return 3;
	return 0;
}

/* raw without white space, control characters and characters without width. */
static struct str squeeze(struct arena *a, struct str raw, unsigned *flags)
{
	char *out = arena_text(a, raw.n + 1);
	size_t n = 0;

	raw = str_trim(raw);
	for (size_t i = 0; i < raw.n; ) {
		size_t w = zero_width(str_from(raw, i));

		if (w) {
			*flags |= LINK_ZW_SPACES;
			i += w;
		} else if ((unsigned char)raw.p[i] <= ' ' ||
			   raw.p[i] == 0x7F) {
			i++;
		} else {
			out[n++] = raw.p[i++];
		}
	}
	return str_make(out, n);
}

/* s with %XX decoded and, with blanks, '+' made one. */
static struct str unescape(struct arena *a, struct str s, bool blanks,
			   unsigned flag, unsigned *flags)
{
	char *out;
	size_t n = 0;

	if (str_chr(s, '%') < 0 && !(blanks && str_chr(s, '+') >= 0))
		return s;
	out = arena_text(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%' && i + 2 < s.n &&
		    hex_value(s.p[i + 1]) >= 0 && hex_value(s.p[i + 2]) >= 0) {
			out[n++] = (char)(hex_value(s.p[i + 1]) * 16 +
					  hex_value(s.p[i + 2]));
			*flags |= flag;
			i += 2;
		} else {
			out[n++] = s.p[i] == '+' && blanks ? ' ' : s.p[i];
		}
	}
	return str_make(out, n);
}

/* The path (without its first slash) without empty, "." and ".." steps. */
static struct str tidy_path(struct arena *a, struct str path, unsigned *flags)
{
	char *out;
	size_t n = 0;
	struct str rest = path, step;
	bool odd = str_find(path, STR("//")) >= 0 ||
		str_find(path, STR("/.")) >= 0 || str_starts(path, STR("/")) ||
		str_starts(path, STR("./")) || str_starts(path, STR("../"));

	if (!odd)
		return path;
	*flags |= LINK_PATH_ENCODED;
	out = arena_text(a, path.n + 1);
	while (str_next(&rest, '/', &step)) {
		if (str_eq(step, STR("..")) && n) {
			/* The step before it goes, with its slash. */
			n--;
			while (n && out[n - 1] != '/')
				n--;
		}
		if ((step.n == 0 && rest.p) || str_eq(step, STR(".")) ||
		    str_eq(step, STR("..")))
			continue;
		memcpy(out + n, step.p, step.n);
		n += step.n;
		if (rest.p)
			out[n++] = '/';
	}
	return str_make(out, n);
}

/* One number of an IPv4 address: decimal, octal or hexadecimal. */
static bool ip_number(struct str s, unsigned long *value_r, bool *odd)
{
	unsigned long v = 0;
	unsigned base = 10;

	if (str_istarts(s, STR("0x"))) {
		base = 16;
		s = str_from(s, 2);
		*odd = true;
	} else if (s.n > 3 && s.p[0] == '0') {
		/* A number of an ordinary address may have zeros in front. */
		base = 8;
		*odd = true;
	}
	if (s.n == 0 || s.n > 12)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int d = hex_value(s.p[i]);

		if (d < 0 || (unsigned)d >= base)
			return false;
		v = v * base + (unsigned)d;
	}
	*value_r = v;
	return v <= 0xFFFFFFFFUL;
}

/* A host of one to four numbers as dotted decimal, as browsers read it. */
static bool ip_host(struct arena *a, struct link *l)
{
	unsigned long part[4], v;
	size_t n = 0;
	bool odd = false;
	struct str rest = l->host, piece;

	while (str_next(&rest, '.', &piece)) {
		if (n == 4 || !ip_number(piece, &part[n], &odd))
			return false;
		n++;
	}
	if (n == 0)
		return false;
	v = part[n - 1];
	if (n > 1 && v >> (8 * (5 - n)))
		return false;
	for (size_t i = 0; i + 1 < n; i++) {
		if (part[i] > 255)
			return false;
		v |= part[i] << (8 * (3 - i));
	}
	if (odd || n < 4)
		l->flags |= LINK_OBSCURED;
	l->host = str_printf(a, "%lu.%lu.%lu.%lu", v >> 24, v >> 16 & 255,
			     v >> 8 & 255, v & 255);
	l->tld = l->host;
	l->flags |= LINK_NUMERIC;
	return true;
}

/* That an address has no suffix is said of those in HTML only. */
static unsigned no_suffix(enum link_place place)
{
	return place == LINK_IN_HREF ? LINK_NO_TLD : 0;
}

/* [2001:db8::1] */
static bool ip6_host(struct link *l, enum link_place place)
{
	struct str in = str_make(l->host.p + 1, l->host.n - 2);
	size_t colons = 0;

	for (size_t i = 0; i < in.n; i++) {
		colons += in.p[i] == ':';
		if (!is_xdigit(in.p[i]) && in.p[i] != ':' && in.p[i] != '.')
			return false;
	}
	if (colons < 2 || colons > 7 || in.n > 45)
		return false;
	l->host = l->tld = in;
	l->flags |= LINK_NUMERIC | no_suffix(place);
	return true;
}

bool link_known_name(struct arena *a, struct str host, struct str *tld_r)
{
	struct str probe, found;

	/* With a label in front, so that a domain and a mere suffix answer
	 * differently. */
	if (host.n == 0 || host.n > 253)
		return false;
	probe = str_cat(a, STR("x."), host);
	found = psl_registrable(probe);
	if (found.n >= probe.n)
		return false;
	*tld_r = str_from(host, host.n - found.n);
	if (str_ends(*tld_r, STR(".")))
		tld_r->n--;
	return true;
}

static bool host_characters(struct str host, unsigned *flags)
{
	for (size_t i = 0; i < host.n; i++) {
		unsigned char c = (unsigned char)host.p[i];

		if (c >= 0x80)
			*flags |= LINK_IDN;
		else if (!is_alnum(c) && c != '.' && c != '-' && c != '_')
			return false;
	}
	return host.n > 0;
}

/* What l->host is; false if the link is none. */
static bool judge_host(struct arena *a, struct link *l, enum link_place place)
{
	struct str tld;

	if (l->host.n >= 2 && l->host.p[0] == '[' &&
	    l->host.p[l->host.n - 1] == ']')
		return ip6_host(l, place);
	if (!host_characters(l->host, &l->flags))
		return false;
	if (is_digit(l->host.p[0]) && l->proto != LINK_MAILTO &&
	    ip_host(a, l)) {
		l->flags |= no_suffix(place);
		return true;
	}
	if (link_known_name(a, l->host, &tld)) {
		l->tld = tld;
		return true;
	}
	l->tld = l->host;
	l->flags |= LINK_NO_TLD;
	return place == LINK_IN_HREF;
}

/* [user[:password]@]host[:port] */
static bool parse_authority(struct arena *a, struct link *l, struct str s,
			    enum link_place place)
{
	ssize_t at = str_rchr(s, '@'), colon;

	if (at >= 0) {
		struct str user = str_head(s, (size_t)at);
		ssize_t pw = str_chr(user, ':');

		l->flags |= LINK_HAS_USER;
		l->user = pw >= 0 ? str_head(user, (size_t)pw) : user;
		s = str_from(s, (size_t)at + 1);
	}
	colon = str_rchr(s, ':');
	if (colon >= 0 && str_chr(str_from(s, (size_t)colon), ']') < 0) {
		struct str port = str_from(s, (size_t)colon + 1);

		if (port.n && (!str_to_long(port, &l->port) || l->port < 0 ||
			       l->port > 65535))
			return false;
		if (port.n)
			l->flags |= LINK_HAS_PORT;
		s = str_head(s, (size_t)colon);
	}
	l->host = str_lower(a, unescape(a, s, false, LINK_HOST_ENCODED,
				     &l->flags));
	return judge_host(a, l, place);
}

/* What follows the host: /path?query#fragment. */
static void parse_tail(struct arena *a, struct link *l, struct str s)
{
	ssize_t hash = str_chr(s, '#'), mark;

	if (hash >= 0) {
		l->fragment = unescape(a, str_from(s, (size_t)hash + 1), true,
				       0, &l->flags);
		s = str_head(s, (size_t)hash);
	}
	mark = str_chr(s, '?');
	if (mark >= 0) {
		l->query = unescape(a, str_from(s, (size_t)mark + 1), true,
				    LINK_QUERY_ENCODED, &l->flags);
		s = str_head(s, (size_t)mark);
	}
	if (s.n)
		l->path = tidy_path(a, unescape(a, str_from(s, 1), true,
						LINK_PATH_ENCODED, &l->flags),
				    &l->flags);
}

/* The whole in its normal form. `tail`: whether a slash follows the host. */
static struct str compose(struct arena *a, const struct link *l,
			  struct str authority, bool slash)
{
	struct buf b;

	buf_in(&b, a, 4 * LIMIT_URI);
	buf_addf(&b, "%s://", link_proto_name(l->proto));
	if (l->flags & LINK_HAS_USER) {
		buf_adds(&b, str_head(authority,
				      (size_t)str_rchr(authority, '@')));
		buf_addc(&b, '@');
	}
	if (str_chr(l->host, ':') >= 0)
		buf_addf(&b, "[%.*s]", STR_ARG(l->host));
	else
		buf_adds(&b, l->host);
	if (l->flags & LINK_HAS_PORT)
		buf_addf(&b, ":%ld", l->port);
	if (slash)
		buf_addc(&b, '/');
	buf_adds(&b, l->path);
	if (l->query.p) {
		buf_addc(&b, '?');
		buf_adds(&b, l->query);
	}
	if (l->fragment.p) {
		buf_addc(&b, '#');
		buf_adds(&b, l->fragment);
	}
	return buf_str(&b);
}

static bool parse_web(struct arena *a, struct link *l, struct str s,
		      enum link_place place)
{
	size_t slashes = 0, end;
	struct str authority;

	while (slashes < s.n && (s.p[slashes] == '/' || s.p[slashes] == '\\')) {
		if (s.p[slashes] == '\\')
			l->flags |= LINK_OBSCURED;
		slashes++;
	}
	if (slashes < 2)
		l->flags |= LINK_MISSING_SLASHES;
	s = str_from(s, slashes);
	for (end = 0; end < s.n && !strchr("/\\?#", s.p[end]) &&
	     !str_istarts(str_from(s, end), STR("%2f")); end++)
		;
	authority = str_head(s, end);
	if (end < s.n && s.p[end] == '%') {
		/* A slash in disguise. */
		l->flags |= LINK_PATH_ENCODED;
		s = str_cat(a, STR("/"), str_from(s, end + 3));
		end = 0;
	}
	if (end < s.n && s.p[end] == '\\')
		l->flags |= LINK_OBSCURED;
	if (!parse_authority(a, l, authority, place))
		return false;
	parse_tail(a, l, str_from(s, end));
	l->text = compose(a, l, authority, end < s.n &&
			  (s.p[end] == '/' || s.p[end] == '\\'));
	if (l->path.n == 0)
		l->path = STR_NONE;
	if (l->query.n == 0)
		l->query = STR_NONE;
	return true;
}

/* user@host[?query], of which the first address is taken. */
static bool parse_mail(struct arena *a, struct link *l, struct str s,
		       enum link_place place)
{
	ssize_t mark, at;

	while (s.n && (s.p[0] == '/' || s.p[0] == '\\'))
		s = str_from(s, 1);
	mark = str_chr(s, '?');
	if (mark >= 0) {
		l->query = unescape(a, str_from(s, (size_t)mark + 1), false,
				    LINK_QUERY_ENCODED, &l->flags);
		s = str_head(s, (size_t)mark);
	}
	mark = str_chr(s, ',');
	if (mark >= 0)
		s = str_head(s, (size_t)mark);
	s = unescape(a, s, false, 0, &l->flags);
	at = str_rchr(s, '@');
	if (at <= 0)
		return false;
	l->user = str_head(s, (size_t)at);
	l->host = str_lower(a, str_from(s, (size_t)at + 1));
	if (!judge_host(a, l, place) || (l->flags & LINK_NUMERIC))
		return false;
	l->text = str_printf(a, "%.*s@%.*s", STR_ARG(l->user),
			     STR_ARG(l->host));
	return true;
}

static bool parse_phone(struct arena *a, struct link *l, struct str s)
{
	char *out = arena_text(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (is_digit(s.p[i]) || (s.p[i] == '+' && n == 0))
			out[n++] = s.p[i];
	if (n < 3)
		return false;
	l->host = l->tld = l->user = str_make(out, n);
	l->text = str_printf(a, "tel:%.*s", STR_ARG(l->host));
	return true;
}

/* What has no scheme: a name, or "//name". */
static struct str add_scheme(struct arena *a, struct str s)
{
	const char *scheme = str_istarts(s, STR("ftp.")) ? "ftp" : "http";

	return str_printf(a, "%s:%s%.*s", scheme,
			  str_starts(s, STR("//")) ? "" : "//", STR_ARG(s));
}

bool link_parse(struct arena *a, struct str raw, enum link_place place,
		struct link *link_r)
{
	struct link l = { .count = 1 };
	size_t which = 0, skip;
	struct str s;

	s = squeeze(a, str_head(raw, LIMIT_URI), &l.flags);
	if (raw.n > LIMIT_URI)
		l.flags |= LINK_TRUNCATED;
	if (s.n == 0)
		return false;
	skip = link_scheme(s, &which);
	if (!skip) {
		ssize_t colon = str_chr(s, ':');

		/* A page of our own, or a scheme that is none of ours. */
		if (place == LINK_IN_HREF &&
		    (s.p[0] == '#' || s.p[0] == '?' ||
		     (s.p[0] == '/' && !str_starts(s, STR("//"))) ||
		     (colon >= 0 && str_chr(str_head(s, (size_t)colon),
					    '.') < 0)))
			return false;
		s = add_scheme(a, s);
		skip = link_scheme(s, &which);
		l.flags |= LINK_SCHEMALESS;
		place = LINK_IN_TEXT;
	}
	l.proto = schemes[which].proto;
	l.raw = s;
	s = str_from(s, skip);
	if (schemes[which].slashes ? !parse_web(a, &l, s, place) :
	    l.proto == LINK_MAILTO ? !parse_mail(a, &l, s, place) :
	    !parse_phone(a, &l, s))
		return false;
	if (l.proto == LINK_MAILTO)
		l.flags |= LINK_MISSING_SLASHES;
	*link_r = l;
	return true;
}

/* ---- sets ---- */

/* What is known becomes what it is now, too. */
static void meet_again(struct link *known, const struct link *link)
{
	const unsigned display = LINK_HTML_DISPLAYED | LINK_URL_DISPLAYED;
	bool own = !(link->flags & (LINK_HTML_DISPLAYED | LINK_TEXT |
				    LINK_IMAGE | LINK_SUBJECT));

	/* A link in its own right is no mere picture or display, and in
	 * rspamd takes the place of one; what HTML shows is no mere text. */
	if (!own || !(known->flags & LINK_HTML_DISPLAYED))
		known->count += known == link ? 1 : link->count;
	if (own)
		known->flags &= ~(unsigned)(LINK_HTML_DISPLAYED | LINK_IMAGE);
	if ((known->flags & LINK_TEXT) && (link->flags & display) &&
	    !(link->flags & LINK_SUBJECT))
		known->flags = link->flags;
	known->flags |= link->flags & (LINK_PHISHED | LINK_URL_DISPLAYED);
	if (link->visible.p)
		known->visible = link->visible;
	if (link->shown)
		known->shown = link->shown;
}

struct link *links_add(struct links *set, struct link *link)
{
	struct str key = str_printf(set->arena, "%u %.*s", link->proto,
				    STR_ARG(link->proto == LINK_MAILTO ?
					    str_lower(set->arena, link->text) :
					    link->text));
	void **slot;
	struct link *known = map_get(&set->by_text, key);

	if (known) {
		meet_again(known, link);
		return known;
	}
	if (set->n >= LIMIT_URIS) {
		set->cut = true;
		return NULL;
	}
	slot = map_slot(&set->by_text, key);
	*slot = link;
	set->v = arena_grow(set->arena, set->v, set->n, &set->cap,
			    sizeof(*set->v));
	set->v[set->n++] = link;
	link->order = (unsigned)set->n;
	return link;
}
