/*
 * The Received chain as relays (reference 6.3): each parsed Received line,
 * which relays are trusted, internal and MSA, and the pseudo-headers
 * X-Spam-Relays-*; and the envelope sender, which is inferred from them.
 */
#ifndef MEKIKI_MAIL_RELAY_H
#define MEKIKI_MAIL_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct message;

struct relay {
	struct str ip, rdns, helo, by, ident, envfrom, id, auth;
	struct str lc_helo, lc_rdns, lc_by;
	bool no_reverse_dns;	/* the MTA looked and found none */
	bool ip_private;
	bool trusted, internal, msa;
	size_t header_index;	/* of its Received in message.headers;
				 * SIZE_MAX: from originating_ip_headers */
	struct str text;	/* its "[ ip=... ]" as in the pseudo-headers */
};

struct relay_list {
	struct relay **v;
	size_t n, cap;
};

struct relays {
	struct relay_list all;		/* newest first */
	struct relay_list trusted, untrusted, internal, external;
	size_t unparseable;		/* Received lines nobody understood */
	/* X-Spam-Relays-Trusted, -Untrusted, -Internal, -External. */
	struct str trusted_text, untrusted_text, internal_text, external_text;
	/* Of the Received headers, counted from the top, the last one that
	 * a trusted / internal host wrote, parsed or not; -1: none. */
	ssize_t last_trusted_received, last_internal_received;
};

/* The relays of m; made once. */
const struct relays *message_relays(struct message *m);

/* The envelope sender as SpamAssassin infers it ("EnvelopeFrom"), without
 * angle brackets; STR_NONE if there is none. Lower layers of the same name:
 * reference 6.3. */
struct str message_envelope_sender(struct message *m);

/* The text of ALL-TRUSTED, ALL-UNTRUSTED, ALL-INTERNAL, ALL-EXTERNAL. */
enum relay_side { RELAY_TRUSTED, RELAY_UNTRUSTED, RELAY_INTERNAL,
		  RELAY_EXTERNAL };
struct str message_headers_of_side(struct message *m, enum relay_side side,
				   bool raw);

#endif
