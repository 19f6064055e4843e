/*
 * What identifies a message however often it is scanned. Mail servers add
 * header fields on the way, change line ends, strip blanks, add a last
 * newline, and mailbox files put a '>' before "From "; none of that makes
 * another message. So of the header only three fields that nobody rewrites are
 * taken, and the body line by line with these differences evened out.
 */
#include "learn/reputation.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/codec.h"
#include "base/digest.h"
#include "mail/address.h"
#include "mail/message.h"

#define PIECE 8192

/* The field's words with one space between, or nothing. Case counts: it does
 * in a Message-ID. */
static void add_field(struct digest *d, struct message *m, struct str name)
{
	size_t i = headers_find(&m->headers, name, 0);
	struct str rest, word;

	digest_add(d, name);
	if (i < m->headers.n) {
		rest = m->headers.v[i].raw;
		while (str_next_word(&rest, &word)) {
			digest_add(d, STR(" "));
			digest_add(d, word);
		}
	}
	digest_add(d, STR("\n"));
}

/* Of From only the addresses: rewrite_header may add a comment. */
static void add_from(struct arena *a, struct digest *d, struct message *m)
{
	size_t i = headers_find(&m->headers, STR("From"), 0);
	struct addresses found = { 0 };

	if (i < m->headers.n)
		addresses_parse(a, m->headers.v[i].raw, &found);
	digest_add(d, STR("From"));
	for (size_t k = 0; k < found.n; k++) {
		digest_add(d, STR(" "));
		digest_add(d, str_lower(a, found.v[k].addr));
	}
	digest_add(d, STR("\n"));
}

/* ">>From x" -> "From x"; any other line as it is. */
static struct str without_quotes(struct str line)
{
	struct str s = line;

	while (s.n && s.p[0] == '>')
		s = str_from(s, 1);
	return str_starts(s, STR("From ")) ? s : line;
}

static void pour(struct digest *d, struct buf *b)
{
	digest_add(d, buf_str(b));
	b->n = 0;
}

/* The body goes through a buffer, because many short steps cost more than the
 * digest. */
static void add_body(struct arena *a, struct digest *d, struct str body)
{
	struct buf b;
	size_t empty = 0;
	struct str line;

	buf_in(&b, a, 2 * PIECE);
	buf_room(&b, 2 * PIECE);
	while (str_next_line(&body, &line)) {
		line = str_rtrim(line);
		if (!line.n) {
			empty++;
			continue;
		}
		for (; empty > 0; empty--) {
			if (b.n >= PIECE / 2)
				pour(d, &b);
			buf_addc(&b, '\n');
		}
		if (line.p[0] == '>')
			line = without_quotes(line);
		if (line.n < PIECE) {
			buf_adds(&b, line);
		} else {
			pour(d, &b);
			digest_add(d, line);
		}
		buf_addc(&b, '\n');
		if (b.n >= PIECE / 2)
			pour(d, &b);
	}
	pour(d, &b);
}

struct str reputation_message_key(struct arena *a, struct message *m)
{
	uint8_t octets[DIGEST_MAX];
	struct digest d;
	char *text;

	digest_begin(&d, DIGEST_SHA1, STR_NONE);
	add_field(&d, m, STR("Message-ID"));
	add_field(&d, m, STR("Date"));
	add_from(a, &d, m);
	add_body(a, &d, m->pristine_body);
	digest_end(&d, octets);
	text = arena_text(a, REPUTATION_MESSAGE_KEY);
	hex_encode(str_make((const char *)octets, REPUTATION_MESSAGE_KEY / 2),
		   text);
	return str_make(text, REPUTATION_MESSAGE_KEY);
}
