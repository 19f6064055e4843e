/*
 * The Received chain: from the lines to relays, newest first, and which of
 * them the receiving site can vouch for.
 *
 * Trust is walked down from the top. As long as every host so far was trusted,
 * the next line is true, since a trusted host wrote it. With networks
 * configured a host is trusted if it logged in or its address is in them;
 * without, SpamAssassin infers: private addresses and logins extend trust, the
 * first other relay ends it. What is internal is a front part of what is
 * trusted. A submission agent (msa_networks) vouches for all behind it.
 */
#include "mail/relay.h"

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "mail/ipscan.h"
#include "mail/message.h"
#include "mail/network.h"
#include "mail/received.h"
#include "mail/settings.h"

/* Where the walk down the chain stands. */
struct walk {
	struct arena *arena;
	struct relays *out;
	const struct netset *trusted, *internal, *msa;
	bool configured;	/* else trust is inferred */
	bool in_trusted, in_internal;
	bool found_msa;
	bool fetchers_count;	/* a fetcher's line restarts the chain */
	struct str scanner_envfrom;	/* for the next line */
};

static void list_add(struct arena *a, struct relay_list *list,
		     struct relay *r)
{
	list->v = arena_grow(a, list->v, list->n, &list->cap,
			     sizeof(*list->v));
	list->v[list->n++] = r;
}

/* A line that yields no relay still belongs to the part it stands in. */
static void count_received(struct walk *w)
{
	if (w->in_trusted)
		w->out->last_trusted_received++;
	if (w->in_internal)
		w->out->last_internal_received++;
}

/* Without configuration: is this host the site's own? */
static void infer_trust(struct walk *w, const struct relay *r)
{
	if (!r->ip_private && r->auth.n == 0)
		w->in_trusted = w->in_internal = false;
}

static void look_up_trust(struct walk *w, struct relay *r)
{
	bool login = r->auth.n > 0;

	if (!login && !netset_has(w->trusted, r->ip)) {
		w->in_trusted = w->in_internal = false;
		return;
	}
	if (!login && !netset_has(w->internal, r->ip))
		w->in_internal = false;
	if (netset_has(w->msa, r->ip)) {
		w->found_msa = true;
		r->msa = true;
	}
}

static void add_relay(struct walk *w, struct relay *r)
{
	struct relays *out = w->out;

	if (w->in_trusted && !w->found_msa) {
		if (w->configured)
			look_up_trust(w, r);
		else
			infer_trust(w, r);
	}
	r->trusted = w->in_trusted;
	r->internal = w->in_internal;
	r->text = relay_to_text(w->arena, r);
	list_add(w->arena, &out->all, r);
	list_add(w->arena, r->trusted ? &out->trusted : &out->untrusted, r);
	list_add(w->arena, r->internal ? &out->internal : &out->external, r);
	w->fetchers_count = r->trusted;
	count_received(w);
}

/* What a mail fetcher got was handed over by strangers: what came above it
 * happened after delivery. */
static void restart(struct walk *w)
{
	struct relays *out = w->out;

	if (!w->fetchers_count)
		return;
	out->all.n = out->trusted.n = out->internal.n = out->external.n = 0;
}

static void add_line(struct walk *w, struct str line, size_t header_index)
{
	struct relay *r = arena_alloc(w->arena, sizeof(*r));
	struct str scanner = w->scanner_envfrom;
	enum received_kind kind;

	w->scanner_envfrom = STR_NONE;
	kind = received_parse(w->arena, line, r, &w->scanner_envfrom);
	if (kind == RECEIVED_RELAY) {
		if (scanner.n > 0 && !str_eq(scanner, STR("0")))
			r->envfrom = scanner;
		r->header_index = header_index;
		add_relay(w, r);
		return;
	}
	if (kind == RECEIVED_FETCHED)
		restart(w);
	if (kind == RECEIVED_UNPARSEABLE)
		w->out->unparseable++;
	count_received(w);
}

static void add_received(struct walk *w, struct message *m)
{
	static const struct str name = { "Received", 8 };
	struct headers *hs = &m->headers;
	size_t count = 0;

	for (size_t i = headers_find(hs, name, 0); i < hs->n;
	     i = headers_find(hs, name, i + 1)) {
		if (count++ == LIMIT_RELAYS) {
			m->flags |= MSG_RELAYS_CUT;
			return;
		}
		add_line(w, header_text(w->arena, m->settings, &hs->v[i]), i);
	}
}

/* Headers in which web mail names the browser's address count as the first
 * hand-over of all. */
static void add_originating(struct walk *w, struct message *m)
{
	const struct strs *names = m->settings->originating_ip_headers;

	for (size_t i = 0; names && i < names->n; i++) {
		struct header *h = headers_last(&m->headers, names->v[i]);
		struct str ip;

		if (h && ip_find(header_text(w->arena, m->settings, h), 0, &ip))
			add_line(w, str_cat(w->arena,
					    STR("from X-Originating-IP: "), ip),
				 SIZE_MAX);
	}
}

static struct str join_texts(struct arena *a, const struct relay_list *list)
{
	struct strs texts = { 0 };

	for (size_t i = 0; i < list->n; i++)
		strs_add(a, &texts, list->v[i]->text);
	return texts.n ? strs_join(a, &texts, STR(" ")) : STR("");
}

static struct walk walk_begin(struct message *m, struct relays *out)
{
	const struct mail_settings *ms = m->settings;

	out->last_trusted_received = out->last_internal_received = -1;
	/* Of trusted and internal networks the one stands in for the other. */
	return (struct walk){
		.arena = m->arena, .out = out,
		.trusted = ms->trusted ? ms->trusted : ms->internal,
		.internal = ms->internal ? ms->internal : ms->trusted,
		.msa = ms->msa,
		.configured = ms->trusted || ms->internal,
		.in_trusted = true, .in_internal = true,
		.fetchers_count = true, .scanner_envfrom = STR_NONE,
	};
}

const struct relays *message_relays(struct message *m)
{
	struct relays *out = m->relays_made;
	struct walk w;

	if (out)
		return out;
	out = arena_alloc(m->arena, sizeof(*out));
	w = walk_begin(m, out);
	add_received(&w, m);
	add_originating(&w, m);
	out->trusted_text = join_texts(m->arena, &out->trusted);
	out->untrusted_text = join_texts(m->arena, &out->untrusted);
	out->internal_text = join_texts(m->arena, &out->internal);
	out->external_text = join_texts(m->arena, &out->external);
	m->relays_made = out;
	return out;
}

/* The next field as received, with its continuation lines. The empty line at
 * the end is none: a field has at least one byte before its newline. */
static bool next_field(struct str *rest, struct str *field_r)
{
	struct str line;

	/* A continuation line at the very top belongs to no field. */
	while (rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t'))
		str_next_line(rest, &line);
	if (rest->n == 0)
		return false;
	for (size_t n = 1; n < rest->n; n++) {
		bool goes_on = n + 1 < rest->n &&
			       (rest->p[n + 1] == ' ' || rest->p[n + 1] == '\t');

		if (rest->p[n] != '\n' || goes_on)
			continue;
		*field_r = str_head(*rest, n + 1);
		*rest = str_from(*rest, n + 1);
		return true;
	}
	return false;
}

/* Header pieces from Received number `first` on (-1: from the top) up to
 * Received number `last` and with it (-1: to the end). */
static struct str header_range(struct arena *a, struct str text, bool raw,
			       ssize_t first, ssize_t last)
{
	struct str piece;
	ssize_t received = -1;
	struct buf b;

	buf_in(&b, a, text.n);
	while (raw ? next_field(&text, &piece)
		   : str_next_line(&text, &piece)) {
		received += str_istarts(piece, STR("Received:"));
		if (first <= received)
			buf_adds(&b, piece);
		if (last >= 0 && received == last)
			break;
	}
	return b.n ? buf_str(&b) : STR_NONE;
}

struct str message_headers_of_side(struct message *m, enum relay_side side,
				   bool raw)
{
	const struct relays *rs = message_relays(m);
	bool front = side == RELAY_TRUSTED || side == RELAY_INTERNAL;
	/* The line after the last trusted host's was written by a trusted
	 * host too: it tells from whom it got the mail. */
	ssize_t edge = 1 + (side == RELAY_TRUSTED || side == RELAY_UNTRUSTED
				    ? rs->last_trusted_received
				    : rs->last_internal_received);

	return header_range(m->arena,
			    raw ? m->pristine_header : message_all_headers(m),
			    raw, front ? -1 : edge, front ? edge : -1);
}
