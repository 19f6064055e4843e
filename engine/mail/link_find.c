/*
 * Links in text. One walk from left to right: at the start of each word it is
 * asked whether a scheme, an address or a name with a known suffix begins
 * there, and what was looked at is not looked at again. What may stand before
 * and behind a bare name is narrow on purpose, as in rspamd: "a.com," in a
 * sentence is a link only with a scheme.
 */
#include "mail/link.h"

#include "base/arena.h"
#include "mail/link_int.h"

/* Links in one query. */
#define QUERY_LINKS 8
/* A host name longer than this is none. */
#define NAME_MAX_BYTES 253
#define LOCAL_MAX_BYTES 256
/* "user:password@host:port" is no longer than this. */
#define AUTHORITY_MAX_BYTES 600

struct finder {
	struct arena *a;
	struct str text;
	bool (*fn)(void *ctx, const struct link_find *found);
	void *ctx;
	size_t next_at;		/* the first '@' behind what was read */
	bool stop;
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_host_byte(unsigned char c)
{
	return is_alnum(c) || c == '-' || c == '.' || c == '_';
}

static bool is_local_byte(unsigned char c)
{
	return is_alnum(c) || (c && strchr(".+-_=&'*/?^{}~!#$%`|", c));
}

/* Where a link with a scheme, or the path behind a name, ends. */
static size_t link_end(struct str t, size_t at)
{
	while (at < t.n && (unsigned char)t.p[at] > ' ' &&
	       !strchr("<>)]}'\x7f", t.p[at]))
		at++;
	return at;
}

/* The same of a link with a scheme: a bracket may stand around an IPv6
 * address. */
static size_t scheme_end(struct str t, size_t at)
{
	size_t i = at;

	while (i < t.n && (t.p[i] == '/' || t.p[i] == '\\'))
		i++;
	if (i < t.n && t.p[i] == '[') {
		while (i < t.n && (is_xdigit(t.p[i]) ||
				   strchr("[:.", t.p[i])))
			i++;
		if (i < t.n && t.p[i] == ']')
			return link_end(t, i + 1);
	}
	return link_end(t, at);
}

/* Behind the host only some punctuation ends a link that has no path. */
static size_t trim_bare_host(struct str t, size_t at, size_t end)
{
	while (at < end && (t.p[at] == '/' || t.p[at] == '\\'))
		at++;
	while (at < end && !strchr("/\\?#,;!", t.p[at]))
		at++;
	return at < end && strchr(",;!", t.p[at]) ? at : end;
}

static void emit(struct finder *f, struct link *l, size_t start, size_t end)
{
	struct link_find found = { arena_alloc(f->a, sizeof(*l)), start, end };

	*found.link = *l;
	found.link->flags |= LINK_TEXT;
	f->stop = !f->fn(f->ctx, &found);
}

/* The end of the host of a link with a scheme, whose rest begins at `at`; 0 if
 * it cannot have one. Only so much is parsed before the link's end is looked
 * for, so that text of nothing but schemes costs no square. */
static size_t host_end(struct finder *f, size_t at, bool slashes)
{
	struct str t = f->text, host;
	size_t end;

	while (at < t.n && (t.p[at] == '/' || t.p[at] == '\\'))
		at++;
	for (end = at; end < t.n && end - at < AUTHORITY_MAX_BYTES &&
	     (unsigned char)t.p[end] > ' ' && !strchr("/\\?#,;!", t.p[end]);
	     end++)
		;
	host = str_make(t.p + at, end - at);
	if (host.n == 0 || host.n == AUTHORITY_MAX_BYTES)
		return 0;
	/* A scheme again, or a bracket that does not close. */
	if (!slashes)
		return str_chr(host, ':') < 0 ? end : 0;
	if (host.p[host.n - 1] == ':')
		return 0;
	return host.p[0] != '[' || str_chr(host, ']') > 0 ? end : 0;
}

/* A scheme at `at`: the offset behind the link, 0 if there is none. */
static size_t try_scheme(struct finder *f, size_t at)
{
	struct str t = f->text;
	size_t which, skip = link_scheme(str_from(t, at), &which);
	size_t end;
	struct link l;

	if (!skip)
		return 0;
	end = host_end(f, at + skip, link_scheme_has_host(which));
	if (!end)
		return 0;
	/* A bracket behind the host ends it. */
	end = min_size(end, scheme_end(str_head(t, end), at + skip));
	if (!link_parse(f->a, str_make(t.p + at, end - at), LINK_IN_TEXT, &l))
		return 0;
	end = trim_bare_host(t, at + skip, scheme_end(t, at + skip));
	if (end == at + skip ||
	    !link_parse(f->a, str_make(t.p + at, end - at), LINK_IN_TEXT, &l))
		return 0;
	emit(f, &l, at, end);
	return end;
}

/* An address whose local part is [start, at) with '@' at `at`. */
static size_t try_address(struct finder *f, size_t start, size_t at)
{
	struct str t = f->text, host, tld;
	size_t end = at + 1;
	struct link l;

	while (end < t.n && is_host_byte((unsigned char)t.p[end]))
		end++;
	while (end > at + 1 && (t.p[end - 1] == '.' || t.p[end - 1] == '-'))
		end--;
	host = str_make(t.p + at + 1, end - at - 1);
	if (at == start || at - start > LOCAL_MAX_BYTES ||
	    host.n > NAME_MAX_BYTES || str_chr(host, '.') <= 0 || !link_known_name(f->a, host, &tld))
		return 0;
	if (!link_parse(f->a, str_printf(f->a, "mailto://%.*s",
					 (int)(end - start), t.p + start),
			LINK_IN_TEXT, &l))
		return 0;
	l.flags = (l.flags & ~(unsigned)LINK_MISSING_SLASHES) |
		LINK_SCHEMALESS;
	emit(f, &l, start, end);
	return end;
}

static bool may_stand_before(struct str t, size_t at)
{
	return at == 0 || (unsigned char)t.p[at - 1] <= ' ' ||
	       strchr("(<[{'>", t.p[at - 1]);
}

/* Behind a bare name: nothing, or a path, or a port. */
static bool may_follow(struct str t, size_t at)
{
	if (at >= t.n || (unsigned char)t.p[at] <= ' ' ||
	    strchr("/)>]}<'", t.p[at]))
		return true;
	return t.p[at] == ':' && at + 1 < t.n && is_digit(t.p[at + 1]);
}

/* A bare name [at, end). One with "www." in front ends as if it had a
 * scheme. */
static size_t try_name(struct finder *f, size_t at, size_t end)
{
	struct str t = f->text, host = str_make(t.p + at, end - at), tld;
	bool prefixed = str_istarts(host, STR("www.")) ||
		str_istarts(host, STR("ftp."));
	struct link l;

	if (host.n > NAME_MAX_BYTES || str_chr(host, '.') <= 0 ||
	    !is_alnum(host.p[0]) || host.p[host.n - 1] == '-' ||
	    str_find(host, STR("..")) >= 0 || !may_stand_before(t, at) ||
	    !(prefixed || may_follow(t, end)) || !link_known_name(f->a, host, &tld))
		return 0;
	if (prefixed)
		end = trim_bare_host(t, at, link_end(t, at));
	else if (end < t.n && (t.p[end] == '/' || t.p[end] == ':'))
		end = link_end(t, end);
	if (!link_parse(f->a, str_make(t.p + at, end - at), LINK_IN_TEXT, &l))
		return 0;
	emit(f, &l, at, end);
	return end;
}

/* Where the first '@' from offset `at` on is. */
static void find_at(struct finder *f, size_t at)
{
	ssize_t i = str_chr(str_from(f->text, at), '@');

	f->next_at = i < 0 ? f->text.n : at + (size_t)i;
}

/* The word that begins at `at`: the offset behind what was understood. */
static size_t take_word(struct finder *f, size_t at)
{
	struct str t = f->text;
	size_t end = at, local, done = try_scheme(f, at);

	if (done)
		return done;
	if (f->next_at < at)
		find_at(f, at);
	while (end < t.n && is_host_byte((unsigned char)t.p[end]))
		end++;
	local = end;
	while (f->next_at - at <= LOCAL_MAX_BYTES && local < t.n && is_local_byte((unsigned char)t.p[local]) &&
	       local - at <= LOCAL_MAX_BYTES)
		local++;
	if (local < t.n && t.p[local] == '@')
		done = try_address(f, at, local);
	if (!done)
		done = try_name(f, at, end);
	return done ? done : end > at ? end : at + 1;
}

void link_find_all(struct arena *a, struct str text,
		   bool (*fn)(void *ctx, const struct link_find *found),
		   void *ctx)
{
	struct finder f = { a, text, fn, ctx, 0, false };
	size_t at = 0;

	find_at(&f, 0);
	while (at < text.n && !f.stop) {
		unsigned char c = (unsigned char)text.p[at];

		if (is_alnum(c) || c == '_')
			at = take_word(&f, at);
		else
			at++;
	}
}

void link_find_in_query(struct arena *a, struct str query,
			bool (*fn)(void *ctx, const struct link_find *found),
			void *ctx)
{
	struct finder f = { a, query, fn, ctx, 0, false };
	size_t at = 0, found = 0;

	while (at < query.n && !f.stop && found < QUERY_LINKS) {
		ssize_t i = str_find(str_from(query, at), STR("://"));
		size_t colon, start, end;

		if (i < 0)
			return;
		colon = start = at + (size_t)i;
		while (start > at && is_alpha(query.p[start - 1]))
			start--;
		end = try_scheme(&f, start);
		found += end != 0;
		at = end ? end : colon + 3;
	}
}
