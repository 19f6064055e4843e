/*
 * Who a message may come from, and who it may be for: SpamAssassin's
 * all_from_addrs and all_to_addrs, which welcome lists and block lists ask.
 * Every header that any mail system is known to note a sender or recipient
 * in counts; but a resent message is judged by its first Resent-* header
 * alone. Recipients also come from the "for <user@host>;" of the three newest
 * Received headers.
 */
#include "mail/address.h"

#include "base/arena.h"
#include "mail/domain.h"
#include "mail/message.h"
#include "mail/relay.h"

/* How many Received headers are looked at for recipients. */
#define RECEIVED_LINES 3

/* Adds addr unless it is there already in this spelling, all lower case and as
 * it is written. */
struct gather {
	struct message *m;
	struct strs *out, *written;
	struct map seen;
};

static void gather_init(struct gather *g, struct message *m)
{
	g->m = m;
	g->out = arena_alloc(m->arena, sizeof(*g->out));
	g->written = arena_alloc(m->arena, sizeof(*g->written));
	g->seen = MAP_IN(m->arena);
}

static void add(struct gather *g, struct str addr)
{
	if (map_has(&g->seen, addr))
		return;
	map_set(&g->seen, addr, g);
	strs_add(g->m->arena, g->written, addr);
	strs_add(g->m->arena, g->out, str_lower(g->m->arena, addr));
}

/* The addresses of one text; `squeeze` makes runs of dots one dot. */
static void add_text(struct gather *g, struct str raw, bool squeeze)
{
	struct addresses found = { NULL, 0, 0 };

	addresses_parse(g->m->arena, raw, &found);
	for (size_t i = 0; i < found.n; i++) {
		struct str addr = found.v[i].addr;

		if (squeeze && str_find(addr, STR("..")) >= 0)
			addr = str_squeeze_dots(g->m->arena, addr);
		if (addr.p && (addr.n || !squeeze))
			add(g, addr);
	}
}

/* The addresses of all headers called name, or of the first one only. */
static void add_headers(struct gather *g, const char *name, bool first,
			bool squeeze)
{
	const struct headers *hs = &g->m->headers;
	struct str key = str_cstr(name);

	for (size_t i = headers_find(hs, key, 0); i < hs->n;
	     i = headers_find(hs, key, i + 1)) {
		add_text(g, hs->v[i].raw, squeeze);
		if (first)
			return;
	}
}

const struct strs *message_from_addrs(struct message *m)
{
	static const char *const names[] = {
		"From",			/* the usual one */
		"Envelope-Sender",	/* qmail's new-inject */
		"Resent-Sender",
		"X-Envelope-From",
	};
	struct gather g;
	struct str envelope;

	if (m->from_addrs_made)
		return m->from_addrs_made;
	gather_init(&g, m);
	add_headers(&g, "Resent-From", true, false);
	if (!g.out->n) {
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			add_headers(&g, names[i], false, true);
		envelope = message_envelope_sender(m);
		if (envelope.p)
			add_text(&g, envelope, true);
	}
	m->from_addrs_made = g.out;
	m->from_addrs_written = g.written;
	return g.out;
}

const struct strs *message_from_addrs_written(struct message *m)
{
	message_from_addrs(m);
	return m->from_addrs_written;
}

/* user@host of "<user@host>;" or "user@host;" at the start of s: the last
 * '@' of the word that a ';' follows. False if there is none. */
static bool received_for(struct str s, struct str *addr_r, struct str *host_r)
{
	size_t word = 0;

	if (s.n && s.p[0] == '<')
		s = str_from(s, 1);
	while (word < s.n && !is_space((unsigned char)s.p[word]))
		word++;
	s.n = word;
	for (size_t sign = s.n; sign-- > 1;) {
		struct str rest = str_from(s, sign + 1), host;
		ssize_t end;

		if (s.p[sign] != '@' || rest.n < 2)
			continue;
		/* The first ';' that leaves the host a byte. */
		end = str_chr(str_from(rest, 1), ';');
		if (end < 0)
			continue;
		host = str_head(rest, (size_t)end + 1);
		if (host.n > 1 && host.p[host.n - 1] == '>')
			host.n--;
		*host_r = host;
		*addr_r = str_head(s, sign + 1 + host.n);
		return true;
	}
	return false;
}

static void add_received_line(struct gather *g, struct str s)
{
	struct str addr, host;
	ssize_t at;

	while ((at = str_find(s, STR(" for "))) >= 0) {
		s = str_from(s, (size_t)at + 5);
		if (!received_for(s, &addr, &host))
			continue;
		if (host_is_valid(host))
			add(g, addr);
		return;
	}
}

static void add_received(struct gather *g)
{
	struct headers *hs = &g->m->headers;
	struct str name = STR("Received");
	size_t i = headers_find(hs, name, 0);

	for (int n = 0; n < RECEIVED_LINES && i < hs->n; n++) {
		add_received_line(g, header_text(g->m->arena, g->m->settings,
						 &hs->v[i]));
		i = headers_find(hs, name, i + 1);
	}
}

const struct strs *message_to_addrs(struct message *m)
{
	static const char *const names[] = {
		"To",
		"Apparently-To",	/* sendmail, from the envelope */
		"Delivered-To",		/* Postfix, qmail */
		"Envelope-Recipients",	/* qmail's new-inject */
		"Apparently-Resent-To",
		"X-Envelope-To",
		"Envelope-To",		/* Exim */
		"X-Delivered-To",
		"X-Original-To",
		"X-Rcpt-To",
		"X-Real-To",
		"Cc",
	};
	struct gather g;

	if (m->to_addrs_made)
		return m->to_addrs_made;
	gather_init(&g, m);
	add_headers(&g, "Resent-To", true, false);
	add_headers(&g, "Resent-Cc", true, false);
	if (!g.out->n) {
		add_received(&g);
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			add_headers(&g, names[i], false, false);
	}
	m->to_addrs_made = g.out;
	m->to_addrs_written = g.written;
	return g.out;
}

const struct strs *message_to_addrs_written(struct message *m)
{
	message_to_addrs(m);
	return m->to_addrs_written;
}
