/*
 * Who got a message, and which words in its text are about them or its
 * sender; see same_text.h. Nothing in a header proves that somebody got a
 * message; what the last mail server wrote is nearest to it, and what a
 * stranger writes into To counts little: three addresses of one message.
 *
 * A word that is part of a recipient's address is left out of the text of
 * this recipient's copy only. So it must not be one that the text may have
 * anyway: "info@..." would make another text of all that say "for more info".
 * Such words are left out of all texts (same_text.c).
 */
#include "learn/same_text.h"

#include "base/arena.h"
#include "learn/same_text_int.h"
#include "mail/address.h"
#include "mail/idn.h"
#include "mail/message.h"
#include "mail/psl.h"
#include "mail/relay.h"
#include "mail/utf8.h"

/* Recipients that To and Cc of one message are believed. */
#define SHOWN_RECIPIENTS 3
#define PEOPLE_MAX 64		/* addresses whose words are left out */
#define WORD_LEAST 3		/* octets of such a word */
#define WIDE_MAX 32		/* words that are looked for inside of others */
#define ADDRESS_MAX 320

/* Where mail servers note for whom they deliver a message; the topmost one is
 * of the last server. */
static const char *const delivered[] = {
	"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To",
	"X-Delivered-To", "X-Rcpt-To", "Original-Recipient",
};
#define NDELIVERED (sizeof(delivered) / sizeof(*delivered))

static const char *const shown[] = { "To", "Cc" };

/* ---- recipients ---- */

static bool registered(struct arena *a, struct str address,
		       struct str *domain_r)
{
	ssize_t at = str_rchr(address, '@');

	if (at < 1 || address.n > ADDRESS_MAX ||
	    !idn_to_ascii(a, str_from(address, (size_t)at + 1), domain_r))
		return false;
	*domain_r = psl_registrable(*domain_r);
	return true;
}

static void add_recipient(struct arena *a, struct str address, size_t most,
			  struct strs *recipients, struct strs *domains)
{
	struct str addr = str_lower(a, address), domain;

	if (recipients->n >= most || strs_has(recipients, addr) ||
	    !registered(a, addr, &domain))
		return;
	strs_add(a, recipients, addr);
	if (!strs_has(domains, domain))
		strs_add(a, domains, domain);
}

static void add_field(struct arena *a, struct str raw, size_t most,
		      struct strs *recipients, struct strs *domains)
{
	struct addresses found = { 0 };

	/* "rfc822;user@example.com" */
	if (str_ifind(raw, STR("rfc822;")) >= 0)
		raw = str_from(raw, (size_t)str_chr(raw, ';') + 1);
	addresses_parse(a, raw, &found);
	for (size_t i = 0; i < found.n; i++)
		add_recipient(a, found.v[i].addr, most, recipients, domains);
}

void same_text_recipients(struct arena *a, struct message *m,
			  const struct settings *s, struct strs *recipients,
			  struct strs *domains)
{
	const struct headers *hs = &m->headers;

	(void)s;
	*recipients = *domains = (struct strs){ 0 };
	for (size_t i = 0; i < NDELIVERED; i++) {
		size_t at = headers_find(hs, str_cstr(delivered[i]), 0);

		if (at < hs->n)
			add_field(a, hs->v[at].raw, SAME_TEXT_RECIPIENTS,
				  recipients, domains);
		if (recipients->n)
			return;
	}
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++) {
		size_t at = headers_find(hs, str_cstr(shown[i]), 0);

		if (at < hs->n)
			add_field(a, hs->v[at].raw, SHOWN_RECIPIENTS,
				  recipients, domains);
	}
}

/* ---- words ---- */

struct str same_text_lower(struct arena *a, struct str s)
{
	char *out;

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80) {
			out = arena_text(a, UTF8_LOWER_SIZE(s.n));
			return str_make(out, utf8_lower(s, out));
		}
	return str_lower(a, s);
}

static bool is_letter(int c)
{
	return is_alpha(c) || c >= 0x80;
}

static void add_word(struct arena *a, struct people_words *out, struct str w)
{
	bool wide = false;

	if (w.n < WORD_LEAST || map_has(&out->words, w))
		return;
	map_set(&out->words, w, out);
	if (w.n) {
		unsigned char c = (unsigned char)w.p[0];

		out->begins[c / 64] |= (uint64_t)1 << c % 64;
		out->lengths |= (uint64_t)1 << (w.n < 63 ? w.n : 63);
	}
	for (size_t i = 0; i < w.n; i++)
		wide |= (unsigned char)w.p[i] >= 0x80;
	/* One character alone is no name. */
	if (wide && w.n >= 2 * WORD_LEAST && out->wide.n < WIDE_MAX)
		strs_add(a, &out->wide, w);
}

/* All runs of letters in s. */
static void add_words(struct arena *a, struct people_words *out, struct str s)
{
	size_t n;

	s = same_text_lower(a, str_head(s, ADDRESS_MAX));
	while (s.n) {
		for (n = 0; n < s.n && is_letter((unsigned char)s.p[n]); n++)
			;
		add_word(a, out, str_head(s, n));
		s = str_from(s, n + 1);
	}
}

/* "John.Smith@mail.example.com": john, smith, and example. */
static void add_address(struct arena *a, struct people_words *out,
			struct str address)
{
	ssize_t at = str_rchr(address, '@');
	struct str domain, label;

	if (at < 0 || !registered(a, address, &domain))
		return;
	add_words(a, out, str_head(address, (size_t)at));
	if (str_next(&domain, '.', &label))
		add_word(a, out, same_text_lower(a, label));
}

static void add_people(struct arena *a, struct message *m, struct header *h,
		       struct people_words *out)
{
	struct addresses found = { 0 };

	addresses_parse(a, h->raw, &found);
	for (size_t i = 0; i < found.n && i < PEOPLE_MAX; i++) {
		add_address(a, out, found.v[i].addr);
		add_words(a, out, header_decode(a, m->settings,
						found.v[i].name));
	}
}

static void add_first(struct arena *a, struct message *m, const char *name,
		      struct people_words *out)
{
	size_t i = headers_find(&m->headers, str_cstr(name), 0);

	if (i < m->headers.n)
		add_people(a, m, &m->headers.v[i], out);
}

void same_text_people(struct arena *a, struct message *m,
		      struct people_words *out)
{
	struct str envelope = message_envelope_sender(m);

	*out = (struct people_words){ .words = MAP_IN(a) };
	add_first(a, m, "From", out);
	for (size_t i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		add_first(a, m, shown[i], out);
	for (size_t i = 0; i < NDELIVERED; i++)
		add_first(a, m, delivered[i], out);
	if (envelope.n)
		add_address(a, out, envelope);
}
