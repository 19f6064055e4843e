/*
 * The links of HTML: where they stand in tags, how they are trimmed, and how a
 * relative one is resolved against <base href> (RFC 3986 with SpamAssassin's
 * liberties, among them a scheme for hosts that begin with www or ftp).
 */
#include "mail/html_int.h"

#include "base/arena.h"
#include "base/limits.h"

struct chars html_uri_trim(struct html_links *l, struct chars uri)
{
	return chars_head(chars_trim(uri, true), LIMIT_URI,
			  &l->r->uri_truncated);
}

ssize_t html_uri_entry(struct html_links *l, struct chars uri)
{
	struct html_result *r = l->r;
	struct str key = chars_utf8(l->a, uri);
	void *known = map_get(&l->index, key);

	if (known)
		return (ssize_t)(uintptr_t)known - 1;
	if (r->nuris >= LIMIT_URIS) {
		r->cut = true;
		return -1;
	}
	key = str_dup(l->a, key);
	r->uris = arena_grow(l->a, r->uris, r->nuris, &r->uris_cap,
			     sizeof(*r->uris));
	r->uris[r->nuris] = (struct html_uri){
		.uri = uri.wide ? key : str_dup(l->a, uri.s),
		.wide = uri.wide,
	};
	map_set(&l->index, key, (void *)(uintptr_t)(r->nuris + 1));
	return (ssize_t)r->nuris++;
}

/* True if s begins with one of the schemes that have no host. */
static bool is_hostless(struct str s)
{
	static const struct str schemes[] = {
		STR("data:"), STR("mailto:"), STR("file:"), STR("cid:"),
		STR("tel:"),
	};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (str_istarts(s, schemes[i]))
			return true;
	return false;
}

void html_uri_push(struct html_links *l, unsigned type, struct chars uri)
{
	ssize_t at;

	uri = html_uri_trim(l, uri);
	if (uri.s.n == 0)
		return;
	if (!is_hostless(uri.s)) {
		uri = html_uri_resolve(l->a, l->base, uri);
		if (uri.s.n == 0)
			return;
	}
	/* Making the entry may move the list. */
	at = html_uri_entry(l, uri);
	if (at >= 0)
		l->r->uris[at].types |= type;
}

/* The parts of a URI; those that are not there have p == NULL. */
struct uri_parts {
	struct str scheme, authority, path, query, fragment;
};

/* Cuts what comes before one of the bytes in stop off *rest. */
static struct str cut_until(struct str *rest, const char *stop)
{
	struct str part = *rest;
	size_t n = 0;

	while (n < rest->n && (!rest->p[n] || !strchr(stop, rest->p[n])))
		n++;
	part.n = n;
	*rest = str_from(*rest, n);
	return part;
}

static struct uri_parts split_uri(struct str s)
{
	struct uri_parts u = { .scheme = STR_NONE };
	struct str rest = s, word = cut_until(&rest, ":/?#");

	if (word.n > 0 && rest.n > 0 && rest.p[0] == ':')
		u.scheme = word, s = str_from(rest, 1);
	if (str_starts(s, STR("//"))) {
		s = str_from(s, 2);
		u.authority = cut_until(&s, "/?#");
	}
	u.path = cut_until(&s, "?#");
	if (s.n > 0 && s.p[0] == '?') {
		s = str_from(s, 1);
		u.query = cut_until(&s, "#");
	}
	if (s.n > 0) {
		s = str_from(s, 1);
		u.fragment = cut_until(&s, "\n");
	}
	return u;
}

/* True if the first n bytes of s are all of it, but perhaps a newline. */
static bool ends_at(struct str s, size_t n)
{
	return s.n == n || (s.n == n + 1 && s.p[n] == '\n');
}

/* If s begins with the segment `dots` ("/." or "/.."), takes it off, leaving
 * its following or its own slash. */
static bool take_dots(struct str *s, struct str dots)
{
	if (!str_starts(*s, dots))
		return false;
	if (s->n > dots.n && s->p[dots.n] == '/') {
		*s = str_from(*s, dots.n);
		return true;
	}
	if (!ends_at(*s, dots.n))
		return false;
	/* "/." at the end becomes "/", before a last newline if any. */
	*s = s->n == dots.n ? STR("/") : STR("/\n");
	return true;
}

static struct str remove_dots(struct arena *a, struct str path)
{
	struct str out = { arena_text(a, path.n), 0 };
	char *p = (char *)out.p;

	if (str_starts(path, STR("./")))
		path = str_from(path, 1);
	else if (str_starts(path, STR("../")))
		path = str_from(path, 2);
	/* A path that is "0" is false to Perl, and lost. */
	while (path.n > 0 && !str_eq(path, STR("0"))) {
		size_t n = 1;

		if (take_dots(&path, STR("/.")))
			continue;
		if (take_dots(&path, STR("/.."))) {
			ssize_t slash = str_rchr(out, '/');

			out.n = slash < 0 ? 0 : (size_t)slash;
			continue;
		}
		while (n < path.n && path.p[n] != '/')
			n++;
		memcpy(p + out.n, path.p, n);
		out.n += n;
		path = str_from(path, n);
	}
	return out;
}

/* The path of a relative reference beside the base's. */
static struct str merge_paths(struct arena *a, const struct uri_parts *base,
			      struct str path)
{
	ssize_t slash = str_rchr(base->path, '/');

	if (base->authority.p && (base->path.n == 0 ||
				  str_eq(base->path, STR("0"))))
		return str_cat(a, STR("/"), path);
	return str_cat(a, str_head(base->path, (size_t)(slash + 1)), path);
}

/* True if authority is www.x, www2.x and so on, or ftp likewise. */
static bool is_named(struct str authority, struct str name)
{
	size_t i = name.n;

	if (!str_istarts(authority, name))
		return false;
	while (i < authority.n && is_digit(authority.p[i]))
		i++;
	return i < authority.n && authority.p[i] == '.';
}

/* All n of v, one behind the other. */
static struct str join(struct arena *a, const struct str *v, size_t n)
{
	struct str out = { NULL, 0 };
	char *p;

	for (size_t i = 0; i < n; i++)
		out.n += v[i].n;
	out.p = p = arena_text(a, out.n);
	for (size_t i = 0; i < n; i++) {
		if (v[i].n)
			memcpy(p, v[i].p, v[i].n);
		p += v[i].n;
	}
	return out;
}

static struct str join_uri(struct arena *a, const struct uri_parts *t)
{
	struct str v[10];
	size_t n = 0;

	if (t->scheme.n > 0 && !str_eq(t->scheme, STR("0"))) {
		v[n++] = t->scheme;
		v[n++] = STR(":");
	} else if (t->authority.p) {
		if (is_named(t->authority, STR("www")))
			v[n++] = STR("http:");
		else if (is_named(t->authority, STR("ftp")))
			v[n++] = STR("ftp:");
	}
	if (t->authority.p) {
		v[n++] = STR("//");
		v[n++] = t->authority;
	}
	v[n++] = t->path;
	if (t->query.p) {
		v[n++] = STR("?");
		v[n++] = t->query;
	}
	if (t->fragment.p) {
		v[n++] = STR("#");
		v[n++] = t->fragment;
	}
	return join(a, v, n);
}

struct chars html_uri_resolve(struct arena *a, struct chars base,
			      struct chars ref)
{
	bool wide = base.wide || ref.wide;
	bool mixed = base.wide != ref.wide;
	struct uri_parts b = split_uri(mixed ? chars_utf8(a, base) : base.s);
	struct uri_parts r = split_uri(mixed ? chars_utf8(a, ref) : ref.s);
	struct uri_parts t = r;

	if (r.scheme.p && b.scheme.p && str_eq(r.scheme, b.scheme))
		r.scheme = STR_NONE;
	if (!r.scheme.p)
		t.scheme = b.scheme;
	if (r.scheme.p || r.authority.p) {
		t.path = remove_dots(a, r.path);
		return chars_of(join_uri(a, &t), wide);
	}
	t.authority = b.authority;
	if (r.path.n == 0) {
		t.path = b.path;
		if (!r.query.p)
			t.query = b.query;
	} else if (r.path.p[0] == '/') {
		t.path = remove_dots(a, r.path);
	} else {
		t.path = remove_dots(a, merge_paths(a, &b, r.path));
	}
	return chars_of(join_uri(a, &t), wide);
}

/* A base URI without the file name at its end ("index.html"), if it has a
 * host and a path: where the file name begins, else uri.n. */
static size_t base_file(struct str uri)
{
	ssize_t dot = str_rchr(uri, '.');
	size_t i = 0, from, at;

	while (i < uri.n && is_alpha(uri.p[i]))
		i++;
	if (i == 0 || i >= uri.n || uri.p[i++] != ':')
		return uri.n;
	for (int slashes = 0; slashes < 2 && i < uri.n && uri.p[i] == '/'; i++)
		slashes++;
	for (from = i; i < uri.n && uri.p[i] != '/'; )
		i++;
	if (i == from || i++ >= uri.n)
		return uri.n;
	if (dot < 0 || (size_t)dot <= i || uri.n - (size_t)dot < 3 ||
	    uri.n - (size_t)dot > 5 || str_chr(str_from(uri, (size_t)dot), '/') >= 0)
		return uri.n;
	for (at = (size_t)dot; at > i && uri.p[at - 1] != '/' &&
	     uri.p[at - 1] != '.'; at--)
		;
	if (at == (size_t)dot ||
	    str_chr(str_from(str_head(uri, at), i), '\n') >= 0)
		return uri.n;
	return at;
}

/* <base href>: a link as others, and what later ones are relative to. */
static void take_base(struct html_links *l, struct chars uri)
{
	if (uri.s.n == 0 || str_eq(uri.s, STR("0")))
		return;
	uri = html_uri_trim(l, uri);
	html_uri_push(l, HTML_URI_BASE, uri);
	if (!str_istarts(uri.s, STR("http:")) &&
	    !str_istarts(uri.s, STR("https:")) &&
	    !str_istarts(uri.s, STR("ftp:")))
		return;
	uri.s = str_head(uri.s, base_file(uri.s));
	if (!str_ends(uri.s, STR("/")))
		uri.s = str_cat(l->a, uri.s, STR("/"));
	else
		uri.s = str_dup(l->a, uri.s);
	l->base = uri;
}

/* The offset behind the next "url=" (blanks allowed before the '=') of c from
 * *i on; false if there is none. */
static bool next_url(struct chars c, size_t *i)
{
	size_t len;

	for (;;) {
		ssize_t found = str_ifind(str_from(c.s, *i), STR("url"));
		size_t at, k;

		if (found < 0)
			return false;
		at = *i + (size_t)found;
		*i = k = at + 3;
		if (at > 0 && char_is_word(char_before(c, at, &len), c.wide))
			continue;
		while (k < c.s.n && char_is_space(char_at(c, k, &len), c.wide))
			k += len;
		if (k < c.s.n && c.s.p[k] == '=') {
			*i = k + 1;
			return true;
		}
	}
}

/* The URI of a refresh's content: behind the last "url=" of its first line
 * (all of it if that has none), without ';' and the rest of its line. */
static struct chars refresh_target(struct arena *a, struct chars content)
{
	ssize_t newline = str_chr(content.s, '\n');
	struct str line = newline < 0 ? content.s :
		str_head(content.s, (size_t)newline);
	size_t from = 0, i = 0, len, end;
	ssize_t semi;
	struct str s;

	/* The blanks around '=' may hold a newline, "url" may not. */
	while (next_url(content, &i)) {
		size_t url = i;

		while (url > 0 && to_lower(content.s.p[url - 1]) != 'l')
			url--;
		if (url - 3 > line.n)
			break;
		from = i;
	}
	while (from > 0 && from < content.s.n &&
	       char_is_space(char_at(content, from, &len), content.wide))
		from += len;
	s = str_from(content.s, from);
	semi = str_chr(s, ';');
	if (semi < 0)
		return chars_of(s, content.wide);
	end = (size_t)semi;
	while (end > 0 && char_is_space(char_before(chars_of(s, content.wide),
						    end, &len), content.wide))
		end -= len;
	newline = str_chr(str_from(s, (size_t)semi), '\n');
	if (newline < 0)
		return chars_of(str_head(s, end), content.wide);
	return chars_of(str_cat(a, str_head(s, end),
				str_from(s, (size_t)(semi + newline))),
			content.wide);
}

static void take_refresh(struct html_links *l, const struct html_attrs *at)
{
	struct chars content = at->v[ATTR_CONTENT];
	size_t i = 0;

	if (!attr_has(at, ATTR_HTTP_EQUIV) || !attr_has(at, ATTR_CONTENT) ||
	    str_ifind(at->v[ATTR_HTTP_EQUIV].s, STR("refresh")) < 0 ||
	    !next_url(content, &i))
		return;
	html_uri_push(l, HTML_URI_META, refresh_target(l->a, content));
}

/* U+FEFF is taken out of a link: three bytes in either kind of string. */
static struct str drop_bom(struct arena *a, struct str s)
{
	struct str bom = STR("\xef\xbb\xbf");
	size_t n = 0;
	char *out;

	if (str_find(s, bom) < 0)
		return s;
	out = arena_text(a, s.n);
	while (s.n > 0) {
		bool here = str_starts(s, bom);

		if (!here)
			out[n++] = s.p[0];
		s = str_from(s, here ? 3 : 1);
	}
	return str_make(out, n);
}

static void push_attr(struct html_links *l, unsigned type,
		      const struct html_attrs *at, enum html_attr_id id)
{
	if (attr_has(at, id))
		html_uri_push(l, type, at->v[id]);
}

void html_uri_tag(struct html_links *l, unsigned type, struct html_attrs *at)
{
	const unsigned linking = HTML_URI_A | HTML_URI_AREA | HTML_URI_LINK;
	const unsigned embedding = HTML_URI_IMG | HTML_URI_FRAME |
		HTML_URI_IFRAME | HTML_URI_EMBED | HTML_URI_SCRIPT |
		HTML_URI_BGSOUND;

	if (type & linking) {
		if (at->odd_href.s.p)
			at->v[ATTR_HREF] = at->odd_href;
		if (attr_has(at, ATTR_HREF)) {
			at->v[ATTR_HREF].s = drop_bom(l->a,
						      at->v[ATTR_HREF].s);
			html_uri_push(l, type, at->v[ATTR_HREF]);
		}
		push_attr(l, type, at, ATTR_SAFEREDIRECT);
	} else if (type & embedding) {
		if (at->odd_src.s.p)
			at->v[ATTR_SRC] = at->odd_src;
		push_attr(l, type, at, ATTR_SRC);
	} else if (type == HTML_URI_FORM) {
		push_attr(l, type, at, ATTR_ACTION);
	} else if (type == HTML_URI_BASE) {
		if (attr_has(at, ATTR_HREF))
			take_base(l, at->v[ATTR_HREF]);
	} else if (type == HTML_URI_META) {
		take_refresh(l, at);
	} else if (type) {
		push_attr(l, type, at, ATTR_BACKGROUND);
	}
}
