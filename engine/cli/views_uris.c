/*
 * The sections [uris] and [addrs] of `mekiki views`: the links of a message
 * with all that is known about them, and the addresses of its headers.
 */
#include "cli/views.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "mail/address.h"
#include "mail/html.h"
#include "mail/message.h"
#include "mail/uri.h"
#include "match/selector.h"

/* One line: a key and up to three fields (those with p == NULL are left
 * out). */
static void show(const char *key, struct str x, struct str y, struct str z)
{
	fputs(key, stdout);
	putchar('\t');
	views_field(x, 0);
	if (y.p) {
		putchar('\t');
		views_field(y, 0);
	}
	if (z.p) {
		putchar('\t');
		views_field(z, 0);
	}
	putchar('\n');
}

static struct strs sorted(struct arena *a, const struct strs *list)
{
	struct strs copy = { NULL, 0, 0 };

	for (size_t i = 0; i < list->n; i++)
		strs_add(a, &copy, list->v[i]);
	strs_sort(&copy);
	return copy;
}

/* Names of the type bits, sorted, with commas between. */
static struct str type_names(struct arena *a, unsigned types)
{
	struct strs names = { NULL, 0, 0 };

	for (unsigned bit = 1; bit; bit <<= 1)
		if (types & bit)
			strs_add(a, &names, str_cstr(uri_type_name(bit)));
	if (types & URI_DOMAINKEYS) {
		/* What SpamAssassin notes beside it. */
		strs_add(a, &names, STR("nocanon"));
		strs_add(a, &names, STR("noclean"));
	}
	strs_sort(&names);
	return strs_join(a, &names, STR(","));
}

static void show_hosts(struct arena *a, const struct uri_info *info)
{
	struct strs hosts = sorted(a, &info->hosts);

	for (size_t i = 0; i < hosts.n; i++)
		for (size_t k = 0; k < info->hosts.n; k++)
			if (str_eq(hosts.v[i], info->hosts.v[k]))
				show("host", info->raw, hosts.v[i],
				     info->domains.v[k]);
}

void views_uris(struct message *m)
{
	const struct uris *uris = message_uris(m);
	struct strs list = sorted(m->arena, &uris->list);
	struct strs raws = { NULL, 0, 0 };
	const struct map_entry *e;
	size_t at = 0;

	for (size_t i = 0; i < list.n; i++)
		show("list", list.v[i], STR_NONE, STR_NONE);
	while ((e = map_next(&uris->by_raw, &at)))
		strs_add(m->arena, &raws, e->key);
	strs_sort(&raws);
	for (size_t i = 0; i < raws.n; i++) {
		const struct uri_info *info = map_get(&uris->by_raw,
						      raws.v[i]);
		struct strs cleaned = sorted(m->arena, &info->cleaned);

		show("raw", info->raw, type_names(m->arena, info->types),
		     STR_NONE);
		for (size_t k = 0; k < cleaned.n; k++)
			show("cleaned", info->raw, cleaned.v[k], STR_NONE);
		for (size_t k = 0; k < info->anchor_text.n; k++)
			show("anchor", info->raw, info->anchor_text.v[k],
			     STR_NONE);
		show_hosts(m->arena, info);
	}
	printf("truncated\t%d\n", uris->truncated);
}

/* The selectors that sa_views.pl shows. */
static const char *const selectors[] = {
	"From:addr", "From:name", "From:name:raw", "From:first:addr",
	"From:last:addr", "From:addr:host", "From:addr:domain", "From:domain",
	"To:addr", "To:name", "To:first:addr", "To:addr:host", "Cc:addr",
	"Cc:name", "ToCc", "ToCc:raw", "ToCc:addr", "ToCc:name",
	"Reply-To:addr", "Reply-To:name", "Reply-To:first:addr",
	"Sender:addr", "Sender:name", "Return-Path:addr", "Resent-From:addr",
	"Delivered-To:addr", "Errors-To:addr",
	"Disposition-Notification-To:addr", "Message-ID:host",
	"Message-ID:domain", "Message-ID:addr", "MESSAGEID", "MESSAGEID:raw",
	"Received:host", "Received:domain", "Received:ip", "Received:revip",
	"Received:last", "Subject:first", "Subject:last",
	"X-Originating-IP:ip", "X-Spam-Relays-External:ip", "List-Id:domain",
	"List-Unsubscribe:host", "EnvelopeFrom", "EnvelopeFrom:addr",
	"EnvelopeFrom:first:addr:host", "EnvelopeFrom:addr:domain",
	"X-SenderDomain", "X-AuthorDomain",
};

/* True for selectors whose values are pieces of headers, which have no
 * newline of their own. */
static bool gives_pieces(struct str selector)
{
	static const char *const mods[] = { ":addr", ":name", ":host",
					    ":domain", ":ip", ":revip" };

	for (size_t i = 0; i < sizeof(mods) / sizeof(*mods); i++)
		if (str_find(selector, str_cstr(mods[i])) >= 0)
			return true;
	return str_eq(selector, STR("EnvelopeFrom"));
}

static void show_selector(struct message *m, const char *selector)
{
	struct str s = selector_get_text(m, str_cstr(selector)), line;

	while (str_next_line(&s, &line)) {
		if (gives_pieces(str_cstr(selector)))
			line.n -= str_ends(line, STR("\n"));
		show(selector, line, STR_NONE, STR_NONE);
	}
}

/* The registered domains of all senders, each once. */
static struct strs from_domains(struct message *m)
{
	const struct strs *from = message_from_addrs(m);
	struct strs list = { NULL, 0, 0 };

	for (size_t i = 0; i < from->n; i++) {
		struct str domain;

		if (!uri_host_domain(m->arena, m->settings, from->v[i], NULL,
				     &domain))
			continue;
		domain = str_cat(m->arena, STR("dummy@"), domain);
		if (!strs_has(&list, domain))
			strs_add(m->arena, &list, domain);
	}
	strs_sort(&list);
	return list;
}

static void show_all(const char *key, const struct strs *list)
{
	for (size_t i = 0; i < list->n; i++)
		show(key, list->v[i], STR_NONE, STR_NONE);
}

void views_addrs(struct message *m)
{
	struct strs from = sorted(m->arena, message_from_addrs(m));
	struct strs domains = from_domains(m);

	for (size_t i = 0; i < sizeof(selectors) / sizeof(*selectors); i++)
		show_selector(m, selectors[i]);
	show_all("all_from", &from);
	show_all("all_from_domains", &domains);
	show_all("all_to", message_to_addrs(m));
}
