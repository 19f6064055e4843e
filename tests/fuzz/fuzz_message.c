/*
 * libFuzzer target: any bytes as a message, with every view of it made.
 * Beside crashes it looks for broken promises: header and body are the
 * message, octet for octet (but for mixed line ends); paragraphs and chunks keep to their ceilings;
 * what GMime and our own reader call a tree hangs together.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "mail/address.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/relay.h"
#include "mail/settings.h"
#include "mail/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A chunk of rawbody ends at the latest at twice its least size. */
#define LONGEST_CHUNK (2 * LIMIT_BODY_LINE + 1)

static void check_bytes(const struct message *m, struct str raw)
{
	/* No bytes count as an empty line, and a header with CRLF gets them on
	 * all its lines. */
	if (raw.n && !m->crlf) {
		must(m->mbox_line.n + m->pristine.n == raw.n);
		must(str_ends(raw, m->pristine));
	}
	must(m->pristine_header.n + m->pristine_body.n == m->pristine.n);
	must(str_starts(m->pristine, m->pristine_header));
	must(str_ends(m->pristine, m->pristine_body));
}

static void check_tree(const struct message *m)
{
	must(m->root && m->nleaves <= LIMIT_PARTS_TOTAL);
	for (size_t i = 0; i < m->nleaves; i++) {
		const struct part *p = m->leaves[i];

		must(part_is_leaf(p) && p->msg == m);
		for (; p->parent; p = p->parent)
			must(p->depth == p->parent->depth + 1);
		must(p == m->root);
	}
}

static void check_views(struct message *m)
{
	const struct strs *body = message_body(m);
	const struct strs *raw = message_rawbody(m);
	const struct relays *r = message_relays(m);

	/* Empty where a mail has no text part, else with the Subject first. */
	for (size_t i = 1; i < body->n; i++)
		must(body->v[i].n <= LIMIT_BODY_LINE + 1);
	for (size_t i = 0; i < raw->n; i++)
		must(raw->v[i].n <= LONGEST_CHUNK);
	must(message_uris(m)->list.n <= LIMIT_URIS * 2);
	must(r->all.n == r->trusted.n + r->untrusted.n);
	must(r->all.n == r->internal.n + r->external.n);
	message_envelope_sender(m);
	message_from_addrs(m);
	message_to_addrs(m);
	for (int side = RELAY_TRUSTED; side <= RELAY_EXTERNAL; side++)
		message_headers_of_side(m, side, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str raw = str_make((const char *)data, size);
	struct mail_settings settings;
	struct message *m;

	mail_settings_init(&settings);
	m = message_parse(a, &settings, raw);
	check_bytes(m, raw);
	check_tree(m);
	check_views(m);
	arena_free(&a);
	return 0;
}
