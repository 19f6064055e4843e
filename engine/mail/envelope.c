/*
 * The envelope sender. A mail does not carry it by right, so it is guessed as
 * SpamAssassin does: from the header that the administrator named, and only
 * from that; else from the Received line where the mail came in; else from
 * one of three headers that delivering programs add, unless a Received line
 * above shows that the mail went on since.
 */
#include "mail/relay.h"

#include "base/arena.h"
#include "mail/address.h"
#include "mail/message.h"
#include "mail/settings.h"

/* The first address in the first header called name; STR_NONE if there is
 * none. "" is the sender of bounces. */
static struct str first_address(struct message *m, struct str name)
{
	size_t i = headers_find(&m->headers, name, 0);
	struct addresses found = { 0 };

	if (i == m->headers.n || str_istarts(name, STR("X-Spam-")))
		return STR_NONE;
	addresses_parse(m->arena, m->headers.v[i].raw, &found);
	for (size_t k = 0; k < found.n; k++) {
		if (found.v[k].addr.p)
			return found.v[k].addr;
	}
	return STR_NONE;
}

static bool is_sender(struct str s)
{
	return s.p && (s.n == 0 || str_chr(s, '@') > 0);
}

/* The hand-over at the border of trust; if all are trusted, the oldest. */
static const struct relay *last_hop(const struct relays *rs)
{
	if (rs->untrusted.n > 0)
		return rs->untrusted.v[0];
	return rs->trusted.n > 0 ? rs->trusted.v[rs->trusted.n - 1] : NULL;
}

/* Mailing lists write the original sender into X-Sender, and fetchmail then
 * takes it for the envelope's. */
static bool fetchmail_guessed(struct message *m)
{
	static const struct str received = { "Received", 8 };
	struct headers *hs = &m->headers;

	if (str_chr(first_address(m, STR("X-Sender")), '@') < 0)
		return false;
	for (size_t i = headers_find(hs, received, 0); i < hs->n;
	     i = headers_find(hs, received, i + 1))
		if (str_find(hs->v[i].raw, STR("(fetchmail")) >= 0)
			return true;
	return false;
}

/* True if a header called name stands anywhere below a Received. */
static bool below_received(struct message *m, struct str name)
{
	struct str rest = message_all_headers(m), line;
	bool received = false;

	while (str_next_line(&rest, &line)) {
		if (received && str_istarts(line, name) &&
		    line.n > name.n && line.p[name.n] == ':')
			return true;
		received |= str_istarts(line, STR("Received:"));
	}
	return false;
}

static struct str from_delivery_headers(struct message *m)
{
	static const char *const names[] = {
		"X-Envelope-From", "Envelope-Sender", "Return-Path",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str name = str_cstr(names[i]);
		struct str sender = first_address(m, name);

		if (!sender.p)
			continue;
		if (!below_received(m, name))
			return sender;
		/* Only the first of them is the end of all guessing. */
		if (i == 0)
			return STR_NONE;
	}
	return STR_NONE;
}

static struct str find_sender(struct message *m)
{
	struct str header = m->settings->envelope_sender_header;
	const struct relay *hop;

	if (header.p) {
		struct str sender = first_address(m, header);

		return is_sender(sender) ? sender : STR_NONE;
	}
	hop = last_hop(message_relays(m));
	if (hop && is_sender(hop->envfrom))
		return hop->envfrom;
	if (fetchmail_guessed(m))
		return STR_NONE;
	return from_delivery_headers(m);
}

struct str message_envelope_sender(struct message *m)
{
	if (!m->envelope_made) {
		m->envelope = find_sender(m);
		m->envelope_made = true;
	}
	return m->envelope;
}
