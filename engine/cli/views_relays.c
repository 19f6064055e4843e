/*
 * The sections [all], [relays], [envelope] and [dates] of `mekiki views`: what
 * is read out of the header as a whole and out of the Received chain.
 */
#include "cli/views.h"

#include <stdio.h>

#include "eval/eval.h"
#include "eval/header_dates.h"
#include "mail/message.h"
#include "mail/relay.h"
#include "match/selector.h"

static void show(const char *key, struct str value)
{
	printf("%s\t", key);
	views_field(value, '\n');
}

static void show_number(const char *key, long long value)
{
	printf("%s\t%lld\n", key, value);
}

void views_all(struct message *m)
{
	static const char *const selectors[] = {
		"ALL", "ALL:raw", "ALL-TRUSTED", "ALL-TRUSTED:raw",
		"ALL-UNTRUSTED", "ALL-UNTRUSTED:raw", "ALL-INTERNAL",
		"ALL-INTERNAL:raw", "ALL-EXTERNAL", "ALL-EXTERNAL:raw",
	};

	for (size_t i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++)
		show(selectors[i],
		     selector_get_text(m, str_cstr(selectors[i])));
}

void views_relays(struct message *m)
{
	const struct relays *rs = message_relays(m);

	show("trusted", rs->trusted_text);
	show("untrusted", rs->untrusted_text);
	show("internal", rs->internal_text);
	show("external", rs->external_text);
	show_number("num_trusted", rs->trusted.n);
	show_number("num_untrusted", rs->untrusted.n);
	show_number("num_internal", rs->internal.n);
	show_number("num_external", rs->external.n);
	show_number("num_unparseable", rs->unparseable);
	show_number("last_trusted", rs->last_trusted_received);
	show_number("last_internal", rs->last_internal_received);
}

void views_envelope(struct message *m)
{
	show("EnvelopeFrom", message_envelope_sender(m));
}

/* A time, or nothing if it is not known. */
static void show_time(const char *key, bool known, time_t value)
{
	if (known)
		show_number(key, value);
	else
		show(key, STR(""));
}

void views_dates(struct message *m)
{
	struct eval_ctx c = { .msg = m, .arena = m->arena };
	const struct header_dates *d = header_dates(&c);

	show_time("header", d->has_date, d->date);
	for (size_t i = 0; i < d->received.n; i++)
		show_number("received", d->received.v[i]);
	show_time("fetchmail", d->has_fetchmail, d->fetchmail);
	show_number("diff", (long long)d->diff);
	show_number("chosen", header_time_of_receipt(d));
}
