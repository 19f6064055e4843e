/*
 * Of whom a message is evidence. Everything taken from it is what a stranger
 * wrote, but for the address that handed it over, so names are brought to one
 * form (registered domain, lower case, "xn--") and what is no name is dropped;
 * the names become parts of keys in the store.
 *
 * Links are ranked before they are cut to ten: a spam that hides its link
 * behind a hundred pictures of well-known sites must not get away with it. So
 * what a person can click on comes first, and of those what occurs most often.
 */
#include "learn/reputation.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "conf/settings.h"
#include "mail/address.h"
#include "mail/html.h"
#include "mail/idn.h"
#include "mail/link.h"
#include "mail/message.h"
#include "mail/network.h"
#include "mail/psl.h"
#include "mail/relay.h"
#include "mail/uri.h"

struct keys {
	struct arena *arena;
	const struct settings *settings;
	struct evidence_key v[REPUTATION_KEYS];
	size_t n;
};

static void add(struct keys *k, enum evidence_kind kind, struct str name)
{
	if (k->n < REPUTATION_KEYS)
		k->v[k->n++] = (struct evidence_key){ kind, name };
}

/* ---- the address ---- */

/* A mail of ours: from inside, or from somebody who logged in at a host of
 * ours. Mail without any relay that can be read is of unknown origin. */
static bool is_ours(const struct relays *rs)
{
	const struct relay *last = rs->internal.n ?
		rs->internal.v[rs->internal.n - 1] : NULL;

	if (last && (last->auth.n || last->msa))
		return true;
	return rs->internal.n > 0 && rs->external.n == 0 &&
	       rs->unparseable == 0;
}

static struct str ip6_network(struct arena *a, const struct ip_addr *ip,
			      int bits)
{
	struct in6_addr net = { 0 };
	char text[INET6_ADDRSTRLEN];

	memcpy(&net, ip->bytes, (size_t)bits / 8);
	inet_ntop(AF_INET6, &net, text, sizeof(text));
	return str_printf(a, "%s/%d", text, bits);
}

static void add_address(struct keys *k, const struct relays *rs)
{
	struct ip_addr ip;
	const uint8_t *b = ip.bytes + 12;

	if (!rs->external.n || ip_is_private(rs->external.v[0]->ip) ||
	    !ip_parse(rs->external.v[0]->ip, &ip))
		return;
	if (ip.v4) {
		add(k, EVIDENCE_IP, str_printf(k->arena, "%d.%d.%d.%d", b[0],
					       b[1], b[2], b[3]));
		add(k, EVIDENCE_NET, str_printf(k->arena, "%d.%d.%d.0/24",
						b[0], b[1], b[2]));
		return;
	}
	add(k, EVIDENCE_IP, ip6_network(k->arena, &ip, 64));
	add(k, EVIDENCE_NET, ip6_network(k->arena, &ip, 48));
}

/* ---- domains ---- */

/* Is host one of own_domains, or inside of one? */
static bool is_own(const struct settings *s, struct str host)
{
	const struct addr_list *own = settings_addrs(s, STR("own_domains"));
	ssize_t dot;

	while (own && own->n) {
		if (map_has(&own->index, host))
			return true;
		dot = str_chr(host, '.');
		if (dot < 0)
			return false;
		host = str_from(host, (size_t)dot + 1);
	}
	return false;
}

/* The registered domain of a host in its one form; false if it has none that
 * is worth remembering, or is ours. */
static bool registered(struct keys *k, struct str host, struct str *domain_r)
{
	struct str name;

	if (!idn_to_ascii(k->arena, host, &name) || str_chr(name, '.') < 0 ||
	    ip_is_dotted(name) || is_own(k->settings, name) ||
	    is_own(k->settings, str_lower(k->arena, host)))
		return false;
	*domain_r = psl_registrable(name);
	return true;
}

static void add_sender(struct keys *k, enum evidence_kind kind,
		       struct str address)
{
	ssize_t at = str_rchr(address, '@');
	struct str domain;

	if (at >= 0 && registered(k, str_from(address, (size_t)at + 1),
				  &domain))
		add(k, kind, domain);
}

static struct str from_address(struct arena *a, struct message *m)
{
	size_t i = headers_find(&m->headers, STR("From"), 0);
	struct addresses found = { 0 };

	if (i < m->headers.n)
		addresses_parse(a, m->headers.v[i].raw, &found);
	for (size_t k = 0; k < found.n; k++)
		if (str_chr(found.v[k].addr, '@') >= 0)
			return found.v[k].addr;
	return STR_NONE;
}

/* ---- links ---- */

struct linked {
	struct str name;
	bool click;		/* a person can click on one of them */
	size_t count;		/* spellings of links that lead there */
	size_t order;		/* of its first one */
};

struct link_count {
	struct keys *keys;
	struct map by_name;	/* -> struct linked * */
};

/* What a person can click on; pictures and kin are fetched unasked. */
#define CLICKED (HTML_URI_A | HTML_URI_AREA | HTML_URI_FORM | URI_PARSED)

static void count_name(struct link_count *c, struct str name, unsigned types)
{
	struct linked *l = map_get(&c->by_name, name);

	if (!l) {
		l = arena_alloc(c->keys->arena, sizeof(*l));
		*l = (struct linked){ .name = name, .order = c->by_name.n };
		map_set(&c->by_name, name, l);
	}
	l->click |= (types & CLICKED) != 0;
	l->count++;
}

static void count_host(struct link_count *c, struct str host, unsigned types)
{
	struct str name;
	struct ip_addr ip;

	if (ip_parse(host, &ip)) {
		if (ip.v4 && !ip_is_private(host))
			count_name(c, str_lower(c->keys->arena, host), types);
		return;
	}
	if (registered(c->keys, host, &name))
		count_name(c, name, types);
}

/* SpamAssassin's list of links has no hosts for those with letters beyond
 * ASCII, so they are read once more. */
static void count_international(struct link_count *c,
				const struct uri_info *u)
{
	struct link link;

	for (size_t i = 0; i < u->raw.n; i++)
		if ((unsigned char)u->raw.p[i] >= 128 &&
		    link_parse(c->keys->arena, u->raw, LINK_IN_HREF, &link)) {
			count_host(c, link.host, u->types);
			return;
		}
}

static void count_links(struct link_count *c, struct message *m)
{
	const struct uris *uris = message_uris(m);
	const struct map_entry *e;
	size_t i = 0;

	while ((e = map_next(&uris->by_raw, &i))) {
		const struct uri_info *u = e->value;

		if ((u->types & URI_DOMAINKEYS) ||
		    str_istarts(u->raw, STR("mailto:")))
			continue;
		for (size_t h = 0; h < u->hosts.n; h++)
			count_host(c, u->hosts.v[h], u->types);
		if (!u->hosts.n)
			count_international(c, u);
	}
}

static int by_prominence(const void *x, const void *y)
{
	const struct linked *a = *(struct linked *const *)x;
	const struct linked *b = *(struct linked *const *)y;

	if (a->click != b->click)
		return a->click ? -1 : 1;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

/* Domains that everybody links to say nothing, and strangers could soil them:
 * SpamAssassin's list of what is not worth asking about. The domains for
 * examples are on it, too; whoever tries things out with them is to see
 * something. */
static bool is_skipped(const struct settings *s, struct str name)
{
	const struct strs *skip =
		settings_list(s, STR("uridnsbl_skip_domain"));

	return skip && strs_has(skip, name) &&
	       !str_eq(name, STR("example.com")) &&
	       !str_eq(name, STR("example.net")) &&
	       !str_eq(name, STR("example.org"));
}

static void add_links(struct keys *k, struct message *m)
{
	struct link_count c = { .keys = k, .by_name = MAP_IN(k->arena) };
	struct linked **v;
	size_t left = REPUTATION_LINKS;

	count_links(&c, m);
	v = arena_alloc(k->arena, (c.by_name.n + 1) * sizeof(*v));
	for (size_t i = 0; i < c.by_name.n; i++)
		v[i] = c.by_name.entries[i].value;
	if (c.by_name.n)
		qsort(v, c.by_name.n, sizeof(*v), by_prominence);
	for (size_t i = 0; i < c.by_name.n && left > 0; i++) {
		if (is_skipped(k->settings, v[i]->name))
			continue;
		add(k, EVIDENCE_URL, v[i]->name);
		left--;
	}
}

size_t reputation_keys(struct arena *a, struct message *m,
		       const struct settings *s, struct evidence_key **out_r)
{
	struct keys k = { .arena = a, .settings = s };
	const struct relays *rs = message_relays(m);

	*out_r = NULL;
	if (!settings_bool(s, STR("reputation")))
		return 0;
	if (!is_ours(rs)) {
		add_address(&k, rs);
		add_sender(&k, EVIDENCE_ENVELOPE, message_envelope_sender(m));
		add_sender(&k, EVIDENCE_FROM, from_address(a, m));
	}
	add_links(&k, m);
	*out_r = arena_alloc(a, (k.n + 1) * sizeof(k.v[0]));
	memcpy(*out_r, k.v, k.n * sizeof(k.v[0]));
	return k.n;
}
