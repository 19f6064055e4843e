/*
 * The list of links of a message, from its sources in SpamAssassin's order:
 * what plug-ins found in attached files, the rendered text (Subject and
 * rendered HTML included), the attributes of HTML, the d= of DKIM and
 * DomainKeys signatures. One entry a spelling, which gathers the kinds of
 * places it was seen at, its forms and their hosts.
 *
 * A link found in text must have a host that exists (an address or a known
 * TLD), one in HTML need not. Those of signatures have hosts but no forms, so
 * that `uri` rules never see them.
 */
#include "mail/uri.h"

#include "base/arena.h"
#include "base/limits.h"
#include "mail/html.h"
#include "mail/html_char.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/settings.h"
#include "mail/uri_find.h"

struct collect {
	struct message *m;
	struct uris *uris;
	struct map listed;	/* forms that are in uris->list */
	struct map listed_utf8;	/* those with characters beyond Latin-1 */
	size_t bytes;		/* of all forms so far */
};

const char *uri_type_name(unsigned bit)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{ HTML_URI_A, "a" }, { HTML_URI_AREA, "area" },
		{ HTML_URI_LINK, "link" }, { HTML_URI_IMG, "img" },
		{ HTML_URI_FRAME, "frame" }, { HTML_URI_IFRAME, "iframe" },
		{ HTML_URI_EMBED, "embed" }, { HTML_URI_SCRIPT, "script" },
		{ HTML_URI_BGSOUND, "bgsound" }, { HTML_URI_BODY, "body" },
		{ HTML_URI_TABLE, "table" }, { HTML_URI_TR, "tr" },
		{ HTML_URI_TD, "td" }, { HTML_URI_FORM, "form" },
		{ HTML_URI_BASE, "base" }, { HTML_URI_META, "meta" },
		{ URI_PARSED, "parsed" }, { URI_UNLINKED, "unlinked" },
		{ URI_SCHEMELESS, "schemeless" },
		{ URI_DOMAINKEYS, "domainkeys" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].bit == bit)
			return names[i].name;
	return "other";
}

/* The entry for raw, made if it is new; NULL where no more fit. */
static struct uri_info *entry(struct collect *c, struct str raw)
{
	struct uri_info *info = map_get(&c->uris->by_raw, raw);

	if (info)
		return info;
	if (c->uris->by_raw.n >= LIMIT_URIS) {
		c->m->flags |= MSG_URIS_CUT;
		return NULL;
	}
	info = arena_alloc(c->m->arena, sizeof(*info));
	info->raw = raw;
	map_set(&c->uris->by_raw, raw, info);
	return info;
}

static void add_hosts(struct collect *c, struct uri_info *info,
		      const struct strs *hosts, const struct strs *domains)
{
	struct arena *a = c->m->arena;

	for (size_t i = 0; i < hosts->n; i++) {
		if (strs_has(&info->hosts, hosts->v[i]))
			continue;
		strs_add(a, &info->hosts, hosts->v[i]);
		strs_add(a, &info->domains, domains->v[i]);
	}
}

/* UTF-8 as Latin-1, with `other` for what that lacks. */
static struct str as_latin1(struct arena *a, struct str s, char other)
{
	struct chars c = chars_of(s, true);
	char *p = arena_text(a, s.n + 1);
	size_t n = 0, len;

	for (size_t i = 0; i < s.n; i += len) {
		uint32_t ch = char_at(c, i, &len);

		p[n++] = ch > 0xff ? other : (char)ch;
	}
	return str_make(p, n);
}

/* Nothing that Latin-1 lacks is part of a word. */
static struct str letters_of(struct arena *a, const struct uri_form *f)
{
	if (!f->characters)
		return STR_NONE;
	return f->utf8 ? as_latin1(a, f->text, ' ') : f->text;
}

static size_t times(const struct strs *list, struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += str_eq(list->v[i], s);
	return n;
}

/* Two of one spelling are octets and characters. */
static void add_form(struct collect *c, struct uri_info *info,
		     const struct uri_form *f)
{
	struct arena *a = c->m->arena;
	struct map *listed = f->utf8 ? &c->listed_utf8 : &c->listed;
	size_t utf8 = times(&info->cleaned_utf8, f->text);

	if (f->utf8 ? utf8 : times(&info->cleaned, f->text) > utf8)
		return;
	strs_add(a, &info->cleaned, f->text);
	if (f->utf8)
		strs_add(a, &info->cleaned_utf8, f->text);
	if (!map_has(listed, f->text)) {
		map_set(listed, f->text, c);
		strs_add(a, &c->uris->list, f->text);
		strs_add(a, &c->uris->letters, letters_of(a, f));
		strs_add(a, &c->uris->subjects, f->utf8 ?
			 as_latin1(a, f->text, 0x7f) : f->text);
	}
}

/* Adds the forms' hosts and counts their octets. */
static void hosts_of(struct collect *c, struct uri_forms *forms,
		     struct strs *hosts, struct strs *domains)
{
	for (size_t i = 0; i < forms->n; i++) {
		struct uri_form *f = &forms->v[i];
		struct str host, domain;

		c->bytes += f->text.n;
		if (f->text.n > LIMIT_URI) {
			c->uris->truncated = true;
			f->text.n = LIMIT_URI;
		}
		if (f->written.n > LIMIT_URI)
			f->written.n = LIMIT_URI;
		if (!uri_host_domain(c->m->arena, c->m->settings, f->written,
				     &host, &domain))
			continue;
		strs_add(c->m->arena, hosts, host);
		strs_add(c->m->arena, domains, domain);
	}
}

/* Adds one URI. With `must_exist` only if one of its forms has a valid host.
 * NULL if it was not added. */
static struct uri_info *add_uri(struct collect *c, struct str raw, bool wide,
				unsigned types, bool must_exist)
{
	struct arena *a = c->m->arena;
	struct strs hosts = { NULL, 0, 0 }, domains = hosts;
	struct uri_form only = { .text = raw, .written = raw };
	struct uri_forms forms = { &only, 1, 0 };
	struct uri_info *info;

	/* What is decoded twice costs twice, so it counts twice. */
	if (c->bytes >= LIMIT_URI_BYTES) {
		c->m->flags |= MSG_URIS_CUT;
		return NULL;
	}
	if (!(types & URI_DOMAINKEYS)) {
		forms = (struct uri_forms){ 0 };
		if (!uri_forms(a, c->m->settings, raw, wide, &forms))
			c->m->flags |= MSG_URIS_CUT;
	}
	hosts_of(c, &forms, &hosts, &domains);
	if (must_exist && !hosts.n)
		return NULL;
	info = entry(c, chars_octets(a, chars_of(raw, wide)));
	if (!info)
		return NULL;
	info->types |= types;
	add_hosts(c, info, &hosts, &domains);
	for (size_t i = 0; i < forms.n && !(types & URI_DOMAINKEYS); i++)
		add_form(c, info, &forms.v[i]);
	return info;
}

static void from_text(struct collect *c)
{
	const struct strs *body = message_body(c->m);
	const struct domains *d = c->m->settings->domains;
	struct map seen = MAP_IN(c->m->arena);

	for (size_t i = 0; i < body->n; i++) {
		struct uri_finder finder;
		struct uri_found found;

		uri_finder_init(&finder, d, body->v[i]);
		while (uri_find_next(&finder, &found)) {
			struct str raw = uri_found_trim(found.text), uri;
			unsigned types;

			if (map_has(&seen, raw))
				continue;
			map_set(&seen, raw, c);
			if (uri_of_found(c->m->arena, d, &found, raw, &uri,
					 &types))
				add_uri(c, uri, false, types, true);
		}
	}
}

static void from_html(struct collect *c, const struct html_result *html)
{
	if (html->uri_truncated)
		c->uris->truncated = true;
	for (size_t i = 0; i < html->nuris; i++) {
		const struct html_uri *u = &html->uris[i];
		/* A link that only its text gave away (surprise 8) is of no
		 * kind, which SpamAssassin takes for one found in text. */
		unsigned types = u->types ? u->types : URI_PARSED;
		struct uri_info *info = add_uri(c, u->uri, u->wide, types,
						false);
		size_t before;

		if (!info)
			continue;
		/* Without doubles within one part, as SpamAssassin does. */
		before = info->anchor_text.n;
		for (size_t k = 0; k < u->anchor_text.n; k++) {
			struct strs own = info->anchor_text;

			if (before) {	/* none yet: v may be NULL */
				own.v += before;
				own.n -= before;
			}

			if (!strs_has(&own, u->anchor_text.v[k]))
				strs_add(c->m->arena, &info->anchor_text,
					 u->anchor_text.v[k]);
		}
	}
}

/* s without white space, behind "domainkeys:". */
static struct str signature_uri(struct arena *a, struct str s)
{
	struct str prefix = STR("domainkeys:");
	char *p = arena_text(a, prefix.n + s.n + 1);
	size_t n = prefix.n;

	memcpy(p, prefix.p, prefix.n);
	for (size_t i = 0; i < s.n; i++)
		if (!is_space((unsigned char)s.p[i]))
			p[n++] = s.p[i];
	p[n] = '\0';
	return str_make(p, n);
}

/* Every d=value of one signature header. */
static void from_signature(struct collect *c, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		struct str value;
		ssize_t end;

		if (s.p[i] != 'd' || (i && is_word((unsigned char)s.p[i - 1])))
			continue;
		value = str_ltrim(str_from(s, i + 1));
		if (!value.n || value.p[0] != '=')
			continue;
		value = str_from(value, 1);
		end = str_chr(value, ';');
		if (end >= 0)
			value.n = (size_t)end;
		i = (size_t)(value.p + value.n - s.p);
		if (str_trim(value).n)
			add_uri(c, signature_uri(c->m->arena, value), false,
				URI_DOMAINKEYS, true);
	}
}

static void from_signatures(struct collect *c, struct str name)
{
	struct headers *hs = &c->m->headers;

	for (size_t i = headers_find(hs, name, 0); i < hs->n;
	     i = headers_find(hs, name, i + 1))
		from_signature(c, header_text(c->m->arena, c->m->settings,
					      &hs->v[i]));
}

void message_add_uri(struct message *m, struct str uri)
{
	strs_add(m->arena, &m->added_uris, str_dup(m->arena, uri));
}

const struct uris *message_uris(struct message *m)
{
	struct collect c = { .m = m, .listed = MAP_IN(m->arena),
			     .listed_utf8 = MAP_IN(m->arena) };

	if (m->uris_made)
		return m->uris_made;
	c.uris = arena_alloc(m->arena, sizeof(*c.uris));
	c.uris->by_raw = MAP_IN(m->arena);
	for (size_t i = 0; i < m->added_uris.n; i++)
		add_uri(&c, m->added_uris.v[i], false, URI_PARSED, false);
	from_text(&c);
	for (size_t i = 0; i < m->nleaves; i++) {
		part_render(m->leaves[i]);
		if (m->leaves[i]->html)
			from_html(&c, m->leaves[i]->html);
	}
	if (m->settings->parse_dkim_uris) {
		from_signatures(&c, STR("DomainKey-Signature"));
		from_signatures(&c, STR("DKIM-Signature"));
	}
	if (c.uris->truncated)
		m->flags |= MSG_URI_TRUNCATED;
	m->uris_made = c.uris;
	return c.uris;
}
