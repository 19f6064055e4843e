/*
 * Received lines of any bytes, alone and as the header of a whole message
 * with and without configured networks.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"
#include "mail/message.h"
#include "mail/network.h"
#include "mail/received.h"
#include "mail/relay.h"
#include "mail/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one_line(struct arena *a, struct str line)
{
	struct str scanner = STR_NONE;
	struct relay r;

	if (received_parse(a, line, &r, &scanner) != RECEIVED_RELAY)
		return;
	/* A field that holds a space or bracket could pretend to be another. */
	for (size_t i = 0; i < r.helo.n; i++)
		if (is_space((unsigned char)r.helo.p[i]) || r.helo.p[i] == ']')
			abort();
	if (!str_starts(relay_to_text(a, &r), STR("[ ip=")))
		abort();
}

static void whole_message(struct arena *a, struct str raw, bool configured)
{
	struct mail_settings ms;
	struct netset *set = netset_new(a);
	struct message *m;
	const struct relays *rs;

	mail_settings_init(&ms);
	netset_add(set, STR("!10.0.0.1"), NULL);
	netset_add(set, STR("10/8"), NULL);
	netset_add(set, STR("2001:db8::/32"), NULL);
	ms.trusted = configured ? set : NULL;
	ms.msa = configured ? set : NULL;
	m = message_parse(a, &ms, raw);
	rs = message_relays(m);
	if (rs->all.n != rs->trusted.n + rs->untrusted.n ||
	    rs->all.n != rs->internal.n + rs->external.n)
		abort();
	message_envelope_sender(m);
	for (int side = RELAY_TRUSTED; side <= RELAY_EXTERNAL; side++) {
		message_headers_of_side(m, side, false);
		message_headers_of_side(m, side, true);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str s = str_make((const char *)data, size);

	one_line(a, s);
	one_line(a, str_cat(a, STR("from "), s));
	whole_message(a, str_cat(a, STR("Received: "), s), size & 1);
	arena_free(&a);
	return 0;
}
