/*
 * Senders and recipients from all the headers that may name one, as
 * SpamAssassin's all_from_addrs and all_to_addrs answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "mail/address.h"
#include "mail/message.h"
#include "mail/settings.h"

struct addr_case {
	const char *name, *header;
	const char *from, *to;	/* addresses, with spaces between */
};

static const struct addr_case cases[] = {
	{ "plain", "From: A <A@Example.com>\nTo: b@example.org, C <c@x.org>\n",
	  "a@example.com", "b@example.org c@x.org" },
	{ "doubles", "From: a@b.com\nX-Envelope-From: a@b.com\n"
	  "Envelope-Sender: <q@b.com>\nTo: c@d.com\nCc: c@d.com, e@f.com\n",
	  "a@b.com q@b.com", "c@d.com e@f.com" },
	{ "resent wins, its first header only",
	  "From: a@b.com\nResent-From: r@b.com, s@b.com\nResent-From: t@b.com\n"
	  "To: c@d.com\nResent-Cc: x@d.com\nResent-Cc: y@d.com\n",
	  "r@b.com s@b.com", "x@d.com" },
	{ "resent without an address", "From: a@b.com\nResent-From: nobody\n"
	  "To: c@d.com\nResent-To: ;\n", "a@b.com", "c@d.com" },
	{ "dots in a row", "From: a..b@c..com\nTo: a..b@c..com\n", "a.b@c.com",
	  "a..b@c..com" },
	{ "envelope", "Return-Path: <env@b.com>\nFrom: a@b.com\n",
	  "a@b.com env@b.com", "" },
	{ "received",
	  "Received: by a.b.com with SMTP id 1 for <u@h.org>; Mon\n"
	  "Received: by a.b.com id 1 for v@h.org; Mon\n"
	  "Received: by a.b.com id 1 for <w@nodot>; Mon\n"
	  "Received: by a.b.com id 1 for <late@h.org>; Mon\n"
	  "X-Original-To: o@h.org\n", "", "u@h.org v@h.org o@h.org" },
	{ "received without the end", "Received: by a for <u@h.org>\n"
	  "Received: by a for u@@v@h.org>; for <x@y.org>;\n", "",
	  "u@@v@h.org" },
	{ "nothing", "Subject: x\n", "", "" },
};

static void answers_like_spamassassin(void **state)
{
	struct arena *a = arena_new();
	struct mail_settings settings;

	(void)state;
	mail_settings_init(&settings);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct addr_case *c = &cases[i];
		struct str raw = str_printf(a, "%s\nbody\n", c->header);
		struct message *m = message_parse(a, &settings, raw);

		print_message("  %s\n", c->name);
		assert_string_equal(strs_join(a, message_from_addrs(m),
					      STR(" ")).p, c->from);
		assert_string_equal(strs_join(a, message_to_addrs(m),
					      STR(" ")).p, c->to);
		assert_ptr_equal(message_to_addrs(m), message_to_addrs(m));
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_like_spamassassin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
