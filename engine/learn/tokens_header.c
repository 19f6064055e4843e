/*
 * Tokens of headers: "H", the header's name or a mark for a frequent one, ":"
 * and a word. Headers that tell nothing, or that would only repeat what other
 * filters said, are left out; of some it only counts that they are there; of
 * Received the last two are read, which are the oldest. Message ids together,
 * addresses together and mail programs together are each read once more under
 * a mark of their own. All lists here are SpamAssassin's.
 */
#include "learn/tokens_int.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "conf/settings.h"
#include "mail/message.h"
#include "mail/relay.h"
#include "match/selector.h"

#define VALUES_MAX ((size_t)16 << 20)

/* ---- names ---- */

/* Lower case, sorted. */
static const char *const ignored[] = {
	"content-class", "content-length", "date", "delivered-to",
	"delivery-date", "envelope-to", "forwarded", "lines", "list-admin",
	"list-archive", "list-comment", "list-help", "list-host", "list-id",
	"list-manager", "list-name", "list-owner", "list-post",
	"list-subscribe", "list-unsubscribe", "list-url", "mail-followup-to",
	"mailing-list", "original-date", "original-from", "original-to",
	"replied", "resent-date", "resent-from", "resent-to", "sender", "spam",
	"spam-apparently-to", "status", "subject", "thread-index",
	"thread-topic", "x-antispam", "x-ap-spam-score", "x-ap-spam-status",
	"x-beenthere", "x-bogosity", "x-converted-to-plain-text",
	"x-egroups-from", "x-egroups-return", "x-envelope-to", "x-filtered-by",
	"x-flags", "x-gnus-mail-source", "x-imapbase", "x-keywords", "x-list",
	"x-list-admin", "x-list-archive", "x-list-comment", "x-list-help",
	"x-list-host", "x-list-id", "x-list-manager", "x-list-name",
	"x-list-owner", "x-list-post", "x-list-subscribe",
	"x-list-unsubscribe", "x-list-url", "x-loop", "x-mailing-list",
	"x-mailman-version", "x-mailscanner", "x-mailscanner-spamcheck",
	"x-mass-check-id", "x-mdaemon-deliver-to", "x-mdmailing-list",
	"x-mime-autoconverted", "x-original-date", "x-original-from",
	"x-original-to", "x-originalarrivaltime", "x-perlmx-spam", "x-pyzor",
	"x-rbl-warning", "x-resent-date", "x-resent-from", "x-resent-to",
	"x-ripe-spam-status", "x-scanned-by", "x-scanner", "x-sender",
	"x-smtpd", "x-spam", "x-spam-apparently-to", "x-spam-checker-version",
	"x-spam-flag", "x-spam-hits", "x-spam-level", "x-spam-report",
	"x-spam-score", "x-spam-status", "x-status", "x-sympa-to", "x-uid",
	"x-uidl", "x-unsub", "x-unsubscribe", "x-virus-scanned",
	"x-vm-bookmark", "x-vm-imap-retrieved", "x-vm-labels",
	"x-vm-last-modified", "x-vm-message-order", "x-vm-pop-retrieved",
	"x-vm-summary-format", "x-vm-vheader", "x-xemacs-list", "xref",
};

/* Headers of which it only counts that they are there. */
static const char *const only_present[] = {
	"arc-message-signature", "arc-seal", "autocrypt", "dkim-signature",
	"domainkey-signature", "x-face", "x-gnu-pg-fingerprint",
	"x-gnu-pg-key-fingerprint", "x-gnupg-fingerprint",
	"x-gnupg-key-fingerprint", "x-google-dkim-signature",
	"x-gpg-fingerprint", "x-gpg-key-fingerprint", "x-pgp-fingerprint",
	"x-pgp-key-fingerprint",
};

/* Marks that stand for a name in just this spelling. */
static const struct {
	const char *name, *mark;
} marks[] = {
	{ "Received", "*r" }, { "From", "*F" }, { "Content-Type", "*ct" },
	{ "Message-ID", "*M" }, { "Message-Id", "*m" }, { "Reply-To", "*R" },
	{ "Return-Path", "*p" }, { "Return-path", "*rp" },
	{ "Content-Transfer-Encoding", "*ce" },
	{ "Content-Disposition", "*cd" }, { "X-Mailer", "*x" },
	{ "User-Agent", "*u" }, { "References", "*f" },
	{ "In-Reply-To", "*i" }, { "Organization", "*o" },
	{ "Organisation", "*o" }, { "X-Authentication-Warning", "*a" },
	{ "x-spam-relays-trusted", "*RT" },
	{ "x-spam-relays-untrusted", "*RU" },
};

/* Names, lower case, whose values are read once more together. */
static const struct {
	const char *name, *mark;
} groups[] = {
	{ "from", "*Ad" }, { "to", "*Ad" }, { "cc", "*Ad" },
	{ "message-id", "*MI" }, { "references", "*MI" },
	{ "in-reply-to", "*MI" },
	{ "x-mailer", "*UA" }, { "user-agent", "*UA" },
};

static int by_text(const void *key, const void *row)
{
	return str_cmp(*(const struct str *)key,
		       str_cstr(*(const char *const *)row));
}

#define LISTED(name, list) \
	(bsearch(&(name), list, sizeof(list) / sizeof(*(list)), \
		 sizeof(*(list)), by_text) != NULL)

/* Ignored by a pattern rather than by name. */
static bool is_ignored_kind(struct str name)
{
	struct str rest = str_from(name, 6);

	if (str_starts(name, STR("x-bugzilla-")))
		return name.n > 11;
	if (str_starts(name, STR("x-spamcop-")))
		return name.n > 10;
	if (str_starts(name, STR("x-vm-v")) && rest.n == 6)
		return is_digit((unsigned char)rest.p[0]) &&
			str_ends(rest, STR("-data"));
	if (!str_starts(name, STR("x-dcc-")) ||
	    !str_ends(rest, STR("-metrics")))
		return false;
	rest.n -= 8;
	for (size_t i = 0; i < rest.n; i++)
		if (is_space((unsigned char)rest.p[i]))
			return false;
	return rest.n >= 2 && rest.n <= 25;
}

/* ---- values ---- */

/* "message-id" of "x-message-id" and "resent-message-id". */
static struct str plain_name(struct str lower)
{
	if (str_starts(lower, STR("x-")))
		return str_from(lower, 2);
	return str_starts(lower, STR("resent-")) ? str_from(lower, 7) : lower;
}

static struct str chewed(struct arena *a, struct str name, struct str lower,
			 struct str value)
{
	static const char *const with_addresses[] = {
		"cc", "errors-to", "from", "mail-followup-to", "reply-to",
		"return-path", "sender", "to",
	};
	struct str plain = plain_name(lower);

	if (str_eq(plain, STR("message-id")))
		return chew_message_id(a, value);
	if (LISTED(plain, with_addresses))
		return chew_addresses(a, value);
	if (str_eq(name, STR("Received")))
		return chew_received(a, value);
	if (str_eq(name, STR("Content-Type")))
		return chew_content_type(a, value);
	if (str_eq(name, STR("MIME-Version")))
		return chew_mime_version(a, value);
	if (LISTED(lower, only_present))
		return STR("1");
	if (str_starts(name, STR("x-spam-relays-")))
		return chew_relays(a, value);
	return value;
}

/* All values of what has one mark, with a blank between them. */
struct gathered {
	struct str mark;
	struct buf values;
};

struct gatherer {
	struct tokenizer *t;
	struct message *m;
	const struct strs *unwanted;	/* bayes_ignore_header */
	struct map by_mark;		/* -> struct gathered * */
};

static void gather(struct gatherer *g, struct str mark, struct str value)
{
	void **slot = map_slot(&g->by_mark, mark);
	struct gathered *v = *slot;

	if (!v) {
		*slot = v = arena_alloc(g->t->a, sizeof(*v));
		v->mark = mark;
		buf_in(&v->values, g->t->a, VALUES_MAX);
	} else {
		buf_addc(&v->values, ' ');
	}
	buf_adds(&v->values, value);
}

static void add_header(struct gatherer *g, struct str name, struct str value)
{
	struct arena *a = g->t->a;
	struct str lower = str_lower(a, name), mark = name;

	if (g->unwanted && strs_has(g->unwanted, lower))
		return;
	value = chewed(a, name, lower, str_cat(a, STR(" "), value));
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (str_eq(lower, str_cstr(groups[i].name)))
			gather(g, str_cstr(groups[i].mark), value);
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (str_eq(name, str_cstr(marks[i].name)))
			mark = str_cstr(marks[i].mark);
	gather(g, mark, value);
}

/* ---- which headers ---- */

static bool is_wanted(struct arena *a, struct str name)
{
	struct str lower = str_lower(a, name);

	return !LISTED(lower, ignored) && !is_ignored_kind(lower);
}

static struct str text_of(struct gatherer *g, struct header *h)
{
	return header_text(g->m->arena, g->m->settings, h);
}

/* Headers of the message; the last two Received are told apart. */
static void add_headers(struct gatherer *g, struct header *received_r[2])
{
	struct headers *hs = &g->m->headers;
	const bool *fits = message_headers_fit(g->m);

	for (size_t i = 0; i < hs->n; i++) {
		struct header *h = &hs->v[i];

		if (!fits[i])
			continue;
		if (str_ieq(h->name, STR("Received"))) {
			received_r[1] = received_r[0];
			received_r[0] = h;
		} else if (is_wanted(g->t->a, h->name)) {
			add_header(g, h->name, text_of(g, h));
		}
	}
}

/* The distinct lines of a selector, or the first one, as one value. */
static void add_domains(struct gatherer *g, const char *name,
			struct str selector, bool first)
{
	struct str rest = selector_get_text(g->m, selector), line;
	struct strs hosts = { 0 };

	while (rest.n && str_next_line(&rest, &line)) {
		line = str_lower(g->t->a, str_trim(line));
		if (!strs_has(&hosts, line))
			strs_add(g->t->a, &hosts, line);
		if (first)
			break;
	}
	if (hosts.n)
		add_header(g, str_cstr(name),
			   strs_join(g->t->a, &hosts, STR(" ")));
}

/* What plug-ins found out. */
static void add_metadata(struct gatherer *g)
{
	const struct map_entry *e;
	struct strs names = { 0 };

	for (size_t i = 0; (e = map_next(&g->m->metadata, &i)); )
		strs_add(g->t->a, &names, e->key);
	strs_sort(&names);
	for (size_t i = 0; i < names.n; i++)
		add_header(g, names.v[i], message_metadata(g->m, names.v[i]));
}

/* What SpamAssassin finds out before the rules run and keeps like headers. */
static void add_found_out(struct gatherer *g, enum bayes_purpose purpose)
{
	const struct relays *r = message_relays(g->m);

	add_metadata(g);
	if (purpose == BAYES_SCAN) {
		add_domains(g, "x-authordomain", STR("From:addr:host"), false);
		add_domains(g, "x-senderdomain",
			    STR("EnvelopeFrom:first:addr:host"), true);
	}
	add_header(g, STR("x-spam-relays-external"), r->external_text);
	add_header(g, STR("x-spam-relays-internal"), r->internal_text);
	add_header(g, STR("x-spam-relays-trusted"), r->trusted_text);
	add_header(g, STR("x-spam-relays-untrusted"), r->untrusted_text);
}

void tokens_headers(struct tokenizer *t, struct message *m,
		    enum bayes_purpose purpose)
{
	struct header *received[2] = { NULL, NULL };
	struct gatherer g = { .t = t, .m = m, .by_mark = MAP_IN(t->a) };
	struct map_entry *e;
	uint32_t number = PLACE_HEADERS;

	g.unwanted = settings_list(t->settings, STR("bayes_ignore_header"));
	add_headers(&g, received);
	add_found_out(&g, purpose);
	for (int i = 0; i < 2 && received[i]; i++)
		add_header(&g, received[i]->name, text_of(&g, received[i]));
	t->given = 0;
	for (size_t i = 0; (e = map_next(&g.by_mark, &i)); ) {
		struct gathered *v = e->value;
		struct place at = { .shorten = true, .number = number++ };

		at.prefix = str_cat(t->a, str_cat(t->a, STR("H"), v->mark),
				    STR(":"));
		tokens_line(t, buf_str(&v->values), &at);
		if (t->given >= TOKENS_OF_OTHERS)
			return;
	}
}
