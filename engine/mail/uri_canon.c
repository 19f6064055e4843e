/*
 * The forms of a URI (reference 6.4, SpamAssassin's uri_list_canonicalize):
 * what is written, and everything that a browser might read from it. Every
 * step that changes something adds one form, so a rule may ask for the trick
 * as well as for what the trick hides.
 *
 *   mail addresses: only cut (at '?', '&', "%20", out of "<...>")
 *   the rest:       back slashes, missing slashes, %XX, missing scheme,
 *                   "?" right behind the host, &#NN;
 *   http(s) only:   default port, control bytes in the host, user@, junk
 *                   behind the host, addresses in other notations, a host
 *                   without dots; and the target of a redirection, which goes
 *                   through all of this again
 *
 * International names are not converted, as on a SpamAssassin without
 * Net::LibIDN.
 */
#include "mail/uri.h"

#include "base/arena.h"
#include "base/limits.h"
#include "mail/domain.h"
#include "mail/html_char.h"
#include "mail/settings.h"
#include "mail/uri_find.h"

struct canon {
	struct arena *arena;
	const struct mail_settings *ms;
	struct uri_forms *out;
	struct strs queue;	/* URIs still to be taken apart */
	bool wide;		/* see uri_forms */
	bool in_octets;		/* the host is octets by now */
	bool cut;
};

/* One http(s) URI in its pieces. */
struct http_uri {
	struct str scheme;	/* with the slashes, as written */
	struct str auth;	/* "user:password@", or empty */
	struct str host;
	struct str rest;	/* from the port on */
	struct str port;	/* digits; or empty */
};

static size_t run_without(struct str s, const char *stop);

/* A form of characters whose host has become octets: each of these is a
 * character again as soon as the pieces are joined. */
static void as_joined(struct canon *c, struct uri_form *f)
{
	ssize_t slashes = str_find(f->written, STR("//"));
	size_t n = slashes < 0 ? 0 : (size_t)slashes + 2;
	struct str rest;

	n += run_without(str_from(f->written, n), "/?#");
	rest = chars_octets(c->arena, chars_of(str_from(f->written, n), true));
	f->text = str_head(f->written, n);
	f->utf8 = rest.n == f->written.n - n && str_has_8bit(rest);
	if (f->utf8)
		f->text = chars_utf8(c->arena, chars_of(f->text, false));
	f->text = str_cat(c->arena, f->text, rest);
}

static void add(struct canon *c, struct str form)
{
	struct uri_form f = { .text = form, .written = form };
	struct uri_forms *out = c->out;

	f.characters = c->wide && str_has_8bit(form);
	if (f.characters && c->in_octets) {
		as_joined(c, &f);
	} else if (f.characters) {
		f.text = chars_octets(c->arena, chars_of(form, true));
		f.utf8 = f.text.p == form.p;
	}
	for (size_t i = 0; i < out->n; i++)
		if (out->v[i].utf8 == f.utf8 && str_eq(out->v[i].text, f.text))
			return;
	if (out->n >= LIMIT_URI_FORMS) {
		c->cut = true;
		return;
	}
	out->v = arena_grow(c->arena, out->v, out->n, &out->cap,
			    sizeof(*out->v));
	out->v[out->n++] = f;
}

static void enqueue(struct canon *c, struct str uri)
{
	if (strs_has(&c->queue, uri))
		return;
	if (c->queue.n >= LIMIT_URI_FORMS)
		c->cut = true;
	else
		strs_add(c->arena, &c->queue, uri);
}

static struct str cat3(struct arena *a, struct str x, struct str y,
		       struct str z)
{
	char *p = arena_text(a, x.n + y.n + z.n + 1);

	memcpy(p, x.p, x.n);
	memcpy(p + x.n, y.p, y.n);
	memcpy(p + x.n + y.n, z.p, z.n);
	p[x.n + y.n + z.n] = '\0';
	return str_make(p, x.n + y.n + z.n);
}

/* Scheme, (another) host and the rest of u as one form. */
static void add_host(struct canon *c, const struct http_uri *u,
		     struct str host)
{
	add(c, cat3(c->arena, u->scheme, host, u->rest));
}

/* s without the bytes of `drop`. */
static struct str without(struct arena *a, struct str s, const char *drop)
{
	size_t n = 0;
	char *p = NULL;

	for (size_t i = 0; i < s.n && !p; i++)
		if (s.p[i] && strchr(drop, s.p[i]))
			p = arena_text(a, s.n + 1);
	if (!p)
		return s;
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(drop, s.p[i]))
			p[n++] = s.p[i];
	p[n] = '\0';
	return str_make(p, n);
}

/* Length of the run at the start of s that has no byte of `stop`. */
static size_t run_without(struct str s, const char *stop)
{
	size_t n = 0;

	while (n < s.n && !(s.p[n] && strchr(stop, s.p[n])))
		n++;
	return n;
}

/* Length of "http:" or "https:" at the start of s (any case), or 0. */
static size_t http_length(struct str s)
{
	return str_istarts(s, STR("http:")) ? 5 :
	       str_istarts(s, STR("https:")) ? 6 : 0;
}

/* --- Mail addresses ------------------------------------------------- */

static bool is_mail(struct str s)
{
	size_t n = run_without(s, ":@");

	return str_istarts(s, STR("mailto:")) || (n < s.n && s.p[n] == '@');
}

/* Where "user@host" starts once "mailto:" and "%20" are taken off, as far as
 * that leaves something before the '@' (whose index is `sign`); -1 if not. */
static ssize_t address_start(struct str s, size_t sign)
{
	size_t mailto = str_starts(s, STR("mailto:")) ? 7 : 0, i = mailto;

	while (str_starts(str_from(s, i), STR("%20")))
		i += 3;
	if (i < sign)
		return (ssize_t)i;
	if (i > mailto)		/* one "%20" back */
		return (ssize_t)i - 3;
	return sign > 0 ? 0 : -1;
}

/* "Foo" <foo@example.com>: the address inside the last brackets (before any
 * '?' or '&') that hold one; STR_NONE if there is none. From right to left,
 * so that what closes a bracket is known when it opens. */
static struct str bracketed(struct str s)
{
	size_t head = run_without(s, "?&");
	size_t stop = s.n;	/* the next '@' or '>' */
	size_t close = s.n;	/* the next '>' */
	size_t end = 0;		/* where the address of that '@' closes */

	for (size_t i = s.n; i-- > 0;) {
		if (s.p[i] == '<' && i < head && end && stop > i + 1)
			return str_make(s.p + i + 1, end - i - 1);
		if (s.p[i] == '>') {
			stop = close = i;
			end = 0;
		} else if (s.p[i] == '@') {
			stop = i;
			end = close < s.n && close > i + 1 ? close : 0;
		}
	}
	return STR_NONE;
}

static void mail_forms(struct canon *c, struct str s)
{
	ssize_t sign = str_chr(s, '@'), start;
	struct str host, inner = bracketed(s);
	size_t n;

	if (sign > 0) {
		host = str_from(s, (size_t)sign + 1);
		n = run_without(host, "?");
		if (n > 0 && n < host.n)
			add(c, str_head(s, (size_t)sign + 1 + n));
		n = run_without(host, "?&");
		if (n > 0 && n < host.n && host.p[n] == '&')
			add(c, str_head(s, (size_t)sign + 1 + n));
		n = run_without(host, "?&%");
		start = address_start(s, (size_t)sign);
		if (n > 0 && start >= 0 && str_find(s, STR("%20")) >= 0)
			add(c, str_cat(c->arena, STR("mailto:"),
				       str_make(s.p + start, (size_t)sign + 1 +
						n - (size_t)start)));
	}
	if (inner.p)
		add(c, str_cat(c->arena, STR("mailto:"), inner));
}

/* --- Spelling ------------------------------------------------------- */

static struct str swap_backslashes(struct arena *a, struct str s)
{
	char *p;

	if (str_chr(s, '\\') < 0)
		return s;
	p = arena_strndup(a, s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		if (p[i] == '\\')
			p[i] = '/';
	return str_make(p, s.n);
}

/* http:www.example.com -> http://www.example.com */
static struct str two_slashes(struct arena *a, struct str s)
{
	size_t n = http_length(s), slashes = 0;

	if (!n)
		return s;
	while (slashes < 2 && n + slashes < s.n && s.p[n + slashes] == '/')
		slashes++;
	if (slashes == 2)
		return s;
	return cat3(a, str_head(s, n), STR("//"), str_from(s, n + slashes));
}

/* www.example.com -> http://www.example.com */
static struct str with_scheme(struct arena *a, struct str s)
{
	size_t n = 0;

	while (n < s.n && (is_word((unsigned char)s.p[n]) || s.p[n] == '-'))
		n++;
	if (n > 0 && n < s.n && s.p[n] == ':')
		return s;
	return str_cat(a, str_starts(s, STR("ftp.")) ? STR("ftp://") :
		       STR("http://"), s);
}

/* http://example.com?id=3 -> http://example.com/?id=3 */
static struct str slash_before_query(struct arena *a, struct str s)
{
	size_t n = http_length(s), host;

	if (!n || !str_starts(str_from(s, n), STR("//")))
		return s;
	n += 2;
	host = run_without(str_from(s, n), "/?#");
	n += host;
	if (!host || n == s.n || s.p[n] == '/')
		return s;
	return cat3(a, str_head(s, n), STR("/"), str_from(s, n));
}

/* The length of a character reference at p for a printable ASCII character,
 * which goes to *c_r; 0 if it is none. The hexadecimal form lacks 2A to 2F
 * and needs a small x, as in SpamAssassin. */
static size_t ascii_reference(struct str s, bool hex, char *c_r)
{
	size_t i = hex ? 3 : 2, digits = 0;
	int value = 0;

	if (!str_starts(s, hex ? STR("&#x") : STR("&#")))
		return 0;
	while (i < s.n && s.p[i] == '0')
		i++;
	for (; i < s.n && digits < 4; i++, digits++) {
		int digit = hex_value((unsigned char)s.p[i]);

		if (digit < 0 || digit >= (hex ? 16 : 10))
			break;
		value = value * (hex ? 16 : 10) + digit;
	}
	if (i >= s.n || s.p[i] != ';' || value < '!' || value > '~' ||
	    (hex && value >= 0x2a && value <= 0x2f))
		return 0;
	*c_r = (char)value;
	return i + 1;
}

/* The length of a reference to a dot of Unicode at p; 0 if it is none. */
static size_t dot_reference(struct str s)
{
	static const char *const dots[] = {
		"&#x2e;", "&#12290;", "&#x3002;", "&#65294;", "&#xff0e;",
		"&#65377;", "&#xff61;",
	};

	for (size_t i = 0; i < sizeof(dots) / sizeof(*dots); i++)
		if (str_istarts(s, str_cstr(dots[i])))
			return strlen(dots[i]);
	return 0;
}

/* Replaces character references: decimal ones, then hexadecimal ones in the
 * result, then dots. Each pass only shortens. */
static struct str decode_references(struct arena *a, struct str s)
{
	char *p;

	if (str_find(s, STR("&#")) < 0)
		return s;
	p = arena_strndup(a, s.p, s.n);
	for (int pass = 0; pass < 3; pass++) {
		size_t n = 0, used;

		for (size_t i = 0; i < s.n; i += used) {
			struct str rest = str_make(p + i, s.n - i);
			char c = '.';

			used = rest.p[0] != '&' ? 0 :
				pass < 2 ? ascii_reference(rest, pass, &c) :
				dot_reference(rest);
			p[n++] = used ? c : p[i];
			used += !used;
		}
		s = str_make(p, n);
	}
	p[s.n] = '\0';
	return s;
}

/* --- http and https ------------------------------------------------- */

static bool http_split(struct str s, struct http_uri *u)
{
	size_t n = http_length(s), auth, host, digits = 0;

	if (!n || !str_starts(str_from(s, n), STR("//")))
		return false;
	u->scheme = str_head(s, n + 2);
	s = str_from(s, n + 2);
	auth = run_without(s, "@/?#");
	auth = auth < s.n && s.p[auth] == '@' ? auth + 1 : 0;
	host = run_without(str_from(s, auth), "/?#:");
	if (!host) {
		/* Nothing behind the '@': then it belongs to the host. */
		auth = 0;
		host = run_without(s, "/?#:");
	}
	if (!host)
		return false;
	u->auth = str_head(s, auth);
	u->host = str_make(s.p + auth, host);
	u->rest = str_from(s, auth + host);
	if (u->rest.n && u->rest.p[0] == ':')
		while (digits + 1 < u->rest.n &&
		       is_digit((unsigned char)u->rest.p[digits + 1]))
			digits++;
	u->port = str_make(u->rest.p + (u->rest.n > 0), digits);
	return true;
}

/* Adds the URI without its port if that is the scheme's own. */
static void default_port(struct canon *c, const struct http_uri *u)
{
	struct str port = str_eq(u->scheme, STR("http://")) ? STR(":80") :
			  STR(":443");
	struct str rest = str_from(u->rest, port.n);

	if (str_starts(u->rest, port) &&
	    (!rest.n || !is_word((unsigned char)rest.p[0])))
		add(c, cat3(c->arena, u->scheme, u->host, rest));
}

/* A host of characters beyond ASCII: on the way to an international name
 * SpamAssassin makes octets of it, in lower case, and adds what differs. */
static void wide_host(struct canon *c, struct http_uri *u)
{
	size_t i = 0;

	while (i < u->host.n && (unsigned char)u->host.p[i] < 0x80)
		i++;
	if (!c->wide || i == u->host.n)
		return;
	u->host = str_lower(c->arena, u->host);
	c->in_octets = true;
	add_host(c, u, u->host);
	default_port(c, u);
}

/* Where the URI would lead in a second step: what a redirector_pattern
 * captures, or the first http: behind the host. */
static void redirection(struct canon *c, const struct http_uri *u)
{
	struct str target, rest = u->rest;

	if (c->ms->redirect &&
	    c->ms->redirect(c->ms->redirect_ctx, c->arena,
			    cat3(c->arena, u->scheme, u->host, u->rest),
			    &target)) {
		enqueue(c, target);
		return;
	}
	for (;;) {
		ssize_t i = str_ifind(rest, STR("http"));
		size_t n, more;

		if (i < 0)
			return;
		rest = str_from(rest, (size_t)i);
		n = http_length(rest);
		more = n ? run_without(str_from(rest, n), "&#") : 0;
		if (more) {
			rest = str_head(rest, n + more);
			if (str_chr(rest, '.') >= 0)
				enqueue(c, rest);
			return;
		}
		rest = str_from(rest, 4);
	}
}

/* http://foo -> http://www.foo.com, as browsers do; host as written. */
static void complete_host(struct canon *c, const struct http_uri *u,
			  struct str host)
{
	struct str name = str_lower(c->arena, host), word = name;

	if (!str_eq(u->scheme, STR("http://")) || u->auth.n ||
	    (u->port.n && !str_eq(u->port, STR("80"))) ||
	    str_eq(name, STR("localhost")))
		return;
	if (str_starts(name, STR("www.")) && name.n > 4)
		word = str_from(name, 4);
	if (str_chr(word, '.') >= 0 || domain_is_valid(c->ms->domains, name))
		return;
	add_host(c, u, cat3(c->arena, STR("www."), word, STR(".com")));
}

static void http_forms(struct canon *c, struct str s)
{
	struct http_uri u;
	struct str written, dotted;
	ssize_t sign;
	size_t n, m = 0;
	char *p;

	if (!http_split(s, &u))
		return;
	default_port(c, &u);
	wide_host(c, &u);
	written = u.host;

	p = arena_text(c->arena, u.host.n + 1);
	for (size_t i = 0; i < u.host.n; i++)
		if ((unsigned char)u.host.p[i] > ' ')
			p[m++] = u.host.p[i];
	if (m != u.host.n) {
		u.host = str_make(p, m);
		add_host(c, &u, u.host);
	}
	redirection(c, &u);

	sign = str_chr(u.host, '@');
	if (sign > 0) {
		u.host = str_from(u.host, (size_t)sign + 1);
		add_host(c, &u, u.host);
	}
	for (n = u.host.n; n && !is_alnum((unsigned char)u.host.p[n - 1]);)
		n--;
	if (n < u.host.n) {
		u.host.n = n;
		add_host(c, &u, u.host);
	}
	if (uri_dotted_host(c->arena, u.host, &dotted) ||
	    uri_number_host(c->arena, u.host, &dotted))
		add_host(c, &u, dotted);
	else
		complete_host(c, &u, written);
}

/* --- All ------------------------------------------------------------ */

static void forms_of(struct canon *c, struct str uri)
{
	struct str s;

	uri = without(c->arena, uri, "\n");
	uri = without(c->arena, str_trim(uri), "\r");
	add(c, uri);
	/* Only a place within the document? */
	if (uri.n <= 1 || strchr("#?&", uri.p[0] ? uri.p[0] : 'x') ||
	    (uri.p[0] == '/' && uri.p[1] != '/'))
		return;
	if (is_mail(uri)) {
		mail_forms(c, uri);
		return;
	}
	s = swap_backslashes(c->arena, uri);
	s = two_slashes(c->arena, s);
	for (size_t i = 0; i + 2 < s.n; i++) {
		if (s.p[i] != '%' || !is_xdigit((unsigned char)s.p[i + 1]) ||
		    !is_xdigit((unsigned char)s.p[i + 2]))
			continue;
		s = uri_decode_percent(c->arena, s, c->wide);
		break;
	}
	s = with_scheme(c->arena, s);
	s = slash_before_query(c->arena, s);
	s = decode_references(c->arena, s);
	add(c, s);
	http_forms(c, s);
}

bool uri_forms(struct arena *a, const struct mail_settings *ms, struct str uri,
	       bool wide, struct uri_forms *out)
{
	struct canon c = { .arena = a, .ms = ms, .out = out, .wide = wide };

	enqueue(&c, uri);
	for (size_t i = 0; i < c.queue.n; i++) {
		c.in_octets = false;
		forms_of(&c, c.queue.v[i]);
	}
	return !c.cut;
}

bool uri_canonical_forms(struct arena *a, const struct mail_settings *ms,
			 struct str uri, bool wide, struct strs *out)
{
	struct uri_forms forms = { 0 };
	bool all = uri_forms(a, ms, uri, wide, &forms);

	for (size_t i = 0; i < forms.n; i++)
		if (!strs_has(out, forms.v[i].written))
			strs_add(a, out, forms.v[i].written);
	return all;
}
