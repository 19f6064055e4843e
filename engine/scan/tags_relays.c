/*
 * Template tags for the relays and hosts of a message; see tags_relays.h.
 */
#include "scan/tags_relays.h"

#include "mail/message.h"
#include "mail/network.h"
#include "mail/relay.h"
#include "match/selector.h"
#include "scan/scan_int.h"

static const struct relay *first_trusted(struct scan *s)
{
	const struct relay_list *l = &message_relays(s->msg)->trusted;

	return l->n ? l->v[l->n - 1] : NULL;
}

static const struct relay *last_external(struct scan *s)
{
	const struct relay_list *l = &message_relays(s->msg)->external;

	return l->n ? l->v[0] : NULL;
}

struct str tag_firsttrustedip(struct scan *s, struct str arg)
{
	const struct relay *r = first_trusted(s);

	(void)arg;
	return r ? r->ip : STR("");
}

struct str tag_firsttrustedrevip(struct scan *s, struct str arg)
{
	const struct relay *r = first_trusted(s);

	(void)arg;
	return r ? ip_reversed(s->arena, r->ip) : STR("");
}

struct str tag_lastexternalip(struct scan *s, struct str arg)
{
	const struct relay *r = last_external(s);

	(void)arg;
	return r ? r->ip : STR("");
}

struct str tag_lastexternalrevip(struct scan *s, struct str arg)
{
	const struct relay *r = last_external(s);

	(void)arg;
	return r ? ip_reversed(s->arena, r->ip) : STR("");
}

struct str tag_lastexternalrdns(struct scan *s, struct str arg)
{
	const struct relay *r = last_external(s);

	(void)arg;
	return r ? r->rdns : STR("");
}

struct str tag_lastexternalhelo(struct scan *s, struct str arg)
{
	const struct relay *r = last_external(s);

	(void)arg;
	return r ? r->helo : STR("");
}

struct str tag_relaystrusted(struct scan *s, struct str arg)
{
	(void)arg;
	return message_relays(s->msg)->trusted_text;
}

struct str tag_relaysuntrusted(struct scan *s, struct str arg)
{
	(void)arg;
	return message_relays(s->msg)->untrusted_text;
}

struct str tag_relaysinternal(struct scan *s, struct str arg)
{
	(void)arg;
	return message_relays(s->msg)->internal_text;
}

struct str tag_relaysexternal(struct scan *s, struct str arg)
{
	(void)arg;
	return message_relays(s->msg)->external_text;
}

/* AUTHORDOMAIN and SENDERDOMAIN exist only where there is such a host. */
static struct str domain_tag(struct scan *s, struct str name)
{
	struct strs uniq = { 0 };
	struct str rest, host;

	if (str_eq(name, STR("AUTHORDOMAIN")))
		rest = selector_get_text(s->msg, STR("From:addr:host"));
	else if (str_eq(name, STR("SENDERDOMAIN")))
		rest = selector_get_text(s->msg,
					 STR("EnvelopeFrom:first:addr:host"));
	else
		return STR_NONE;
	while (rest.p && str_next(&rest, '\n', &host))
		if (host.n && !strs_has(&uniq, host))
			strs_add(s->arena, &uniq, host);
	return uniq.n ? str_lower(s->arena, strs_join(s->arena, &uniq,
						       STR(" ")))
		      : STR_NONE;
}

/* RELAYSTRUSTEDREVIP and kin: the public addresses of these relays, reversed. */
static struct str revip_tag(struct scan *s, struct str name)
{
	const struct relays *relays;
	const struct relay_list *list;
	struct strs ips = { 0 };

	if (!str_starts(name, STR("RELAYS")) || !str_ends(name, STR("REVIP")))
		return STR_NONE;
	relays = message_relays(s->msg);
	if (str_eq(name, STR("RELAYSTRUSTEDREVIP")))
		list = &relays->trusted;
	else if (str_eq(name, STR("RELAYSUNTRUSTEDREVIP")))
		list = &relays->untrusted;
	else if (str_eq(name, STR("RELAYSINTERNALREVIP")))
		list = &relays->internal;
	else if (str_eq(name, STR("RELAYSEXTERNALREVIP")))
		list = &relays->external;
	else
		return STR_NONE;
	for (size_t i = 0; i < list->n; i++) {
		struct str ip = STR_NONE;

		if (!list->v[i]->ip_private)
			ip = ip_reversed(s->arena, list->v[i]->ip);
		if (ip.n)
			strs_add(s->arena, &ips, ip);
	}
	return ips.n ? strs_join(s->arena, &ips, STR(" ")) : STR_NONE;
}

struct str tag_of_hosts(struct scan *s, struct str name)
{
	struct str v = domain_tag(s, name);

	return v.p ? v : revip_tag(s, name);
}
