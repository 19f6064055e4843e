/*
 * The Received chain of whole messages: who is trusted with and without
 * configured networks, what fetchers and scanners change, the header parts
 * ALL-TRUSTED and kin, and the envelope sender. SpamAssassin's answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mail/message.h"
#include "mail/network.h"
#include "mail/relay.h"
#include "mail/settings.h"

/* Lines to build chains of. */
#define PRIVATE "Received: from a.example.com (a.example.com [10.0.0.1])\n" \
	"\tby mx.example.com (Postfix) with ESMTP id A1234; 1 Jan 2024 10:00:00 +0000\n"
#define OUTSIDE "Received: from b.example.org (b.example.org [198.18.0.2])\n" \
	"\tby a.example.com (Postfix) with ESMTP id B2345; 1 Jan 2024 09:00:00 +0000\n"
#define LOGIN "Received: from pc (dsl.example.net [198.18.0.3])\n" \
	"\tby b.example.org (Postfix) with ESMTPSA id C3456; 1 Jan 2024 08:00:00 +0000\n"
#define OLD "Received: from c.example.net (c.example.net [10.0.0.9])\n" \
	"\tby pc (Postfix) with ESMTP id D4567; 1 Jan 2024 07:00:00 +0000\n"
#define LOCAL "Received: by mx.example.com (Postfix, from userid 0)\n" \
	"\tid E5678; 1 Jan 2024 10:00:00 +0000\n"
#define ODD "Received: from somewhere\n"
#define FETCH "Received: from pop.example.com [127.0.0.1]\n" \
	"\tby localhost with IMAP (fetchmail-6.4) for me; 1 Jan 2024 11:00:00 +0000\n"
#define SCANNER "Received: from 198.18.0.2 by mx.example.com " \
	"(envelope-from <s@example.org>, uid 5) with qmail-scanner-1.24 (x)\n"

struct chain_case {
	const char *name, *headers;
	const char *trusted[3], *internal[3], *msa[3];
	/* One letter a relay, newest first: I internal, T trusted only,
	 * U untrusted, M msa (and trusted), m (msa and internal). */
	const char *marks;
	size_t unparseable;
	int last_trusted, last_internal;
};

static const struct chain_case chains[] = {
	{ "nothing", "Subject: x\n", { 0 }, { 0 }, { 0 }, "", 0, -1, -1 },
	{ "inferred: private, then outside", PRIVATE OUTSIDE LOGIN, { 0 },
	  { 0 }, { 0 }, "IUU", 0, 0, 0 },
	{ "inferred: outside at once", OUTSIDE PRIVATE, { 0 }, { 0 }, { 0 },
	  "UU", 0, -1, -1 },
	{ "inferred: a login is trusted", LOGIN OLD, { 0 }, { 0 }, { 0 },
	  "II", 0, 1, 1 },
	{ "lines that tell nothing count", LOCAL PRIVATE LOCAL OUTSIDE LOCAL,
	  { 0 }, { 0 }, { 0 }, "IU", 0, 2, 2 },
	{ "not understood", PRIVATE ODD OUTSIDE, { 0 }, { 0 }, { 0 }, "IU", 1,
	  1, 1 },
	{ "trusted stands in for internal", PRIVATE OUTSIDE LOGIN,
	  { "10/8", "198.18.0.2" }, { 0 }, { 0 }, "III", 0, 2, 2 },
	{ "internal stands in for trusted", PRIVATE OUTSIDE,
	  { 0 }, { "10/8" }, { 0 }, "IU", 0, 0, 0 },
	{ "trusted but not internal", PRIVATE OUTSIDE OLD,
	  { "10/8", "198.18/16" }, { "10/8" }, { 0 }, "ITT", 0, 2, 0 },
	{ "a configured private host is not trusted by itself",
	  PRIVATE OUTSIDE, { "198.18/16" }, { 0 }, { 0 }, "UU", 0, -1, -1 },
	{ "an excluded one", PRIVATE OUTSIDE, { "!10.0.0.1", "10/8" }, { 0 },
	  { 0 }, "UU", 0, -1, -1 },
	{ "an agent vouches for all behind it", PRIVATE OUTSIDE OLD,
	  { "10/8" }, { "10/8" }, { "10.0.0.1" }, "mII", 0, 2, 2 },
	{ "an agent that is trusted only", OUTSIDE PRIVATE,
	  { "198.18.0.2" }, { "127/8" }, { "198.18.0.2" }, "MT", 0, 1, -1 },
	{ "an agent outside does not", OUTSIDE OLD, { "10/8" }, { 0 },
	  { "198.18.0.2" }, "UU", 0, -1, -1 },
	{ "what a fetcher got begins anew", PRIVATE FETCH PRIVATE OUTSIDE,
	  { 0 }, { 0 }, { 0 }, "IU", 0, 2, 2 },
	{ "a fetcher outside does not", OUTSIDE FETCH PRIVATE, { 0 }, { 0 },
	  { 0 }, "UU", 0, -1, -1 },
};

static const struct netset *make_set(struct arena *a, const char *const *nets)
{
	struct netset *set = nets[0] ? netset_new(a) : NULL;

	for (size_t i = 0; i < 3 && nets[i]; i++)
		assert_int_equal(netset_add(set, str_cstr(nets[i]), NULL), 0);
	return set;
}

static struct message *parse(struct arena *a, struct mail_settings *ms,
			     const char *headers)
{
	struct str raw = str_cat(a, str_cstr(headers), STR("\nbody\n"));

	return message_parse(a, ms, raw);
}

static char mark(const struct relay *r)
{
	if (!r->trusted)
		return 'U';
	if (r->msa)
		return r->internal ? 'm' : 'M';
	return r->internal ? 'I' : 'T';
}

static void trust(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(chains) / sizeof(*chains); i++) {
		const struct chain_case *c = &chains[i];
		struct arena *a = arena_new();
		struct mail_settings ms;
		const struct relays *rs;
		char marks[8] = "";

		print_message("%s\n", c->name);
		mail_settings_init(&ms);
		ms.trusted = make_set(a, c->trusted);
		ms.internal = make_set(a, c->internal);
		ms.msa = make_set(a, c->msa);
		rs = message_relays(parse(a, &ms, c->headers));
		for (size_t k = 0; k < rs->all.n && k < 7; k++)
			marks[k] = mark(rs->all.v[k]);
		assert_string_equal(marks, c->marks);
		assert_int_equal(rs->unparseable, c->unparseable);
		assert_int_equal(rs->last_trusted_received, c->last_trusted);
		assert_int_equal(rs->last_internal_received, c->last_internal);
		arena_free(&a);
	}
}

static void texts(void **state)
{
	struct arena *a = arena_new();
	struct mail_settings ms;
	const struct relays *rs;
	struct strs names = { 0 };

	(void)state;
	mail_settings_init(&ms);
	strs_add(a, &names, STR("X-Originating-IP"));
	strs_add(a, &names, STR("X-Missing"));
	ms.originating_ip_headers = &names;
	rs = message_relays(parse(a, &ms, PRIVATE OUTSIDE
				  "X-Originating-IP: [198.18.7.7]\n"));
	assert_true(str_eq(rs->trusted_text, STR("[ ip=10.0.0.1 "
		"rdns=a.example.com helo=a.example.com by=mx.example.com "
		"ident= envfrom= intl=1 id=A1234 auth= msa=0 ]")));
	assert_true(str_eq(rs->untrusted_text, STR("[ ip=198.18.0.2 "
		"rdns=b.example.org helo=b.example.org by=a.example.com "
		"ident= envfrom= intl=0 id=B2345 auth= msa=0 ] [ ip=198.18.7.7 "
		"rdns= helo= by= ident= envfrom= intl=0 id= auth= msa=0 ]")));
	assert_true(str_eq(rs->internal_text, rs->trusted_text));
	assert_int_equal(rs->all.v[2]->header_index, SIZE_MAX);
	arena_free(&a);
}

static void header_parts(void **state)
{
	static const char headers[] = "Subject: top\n" PRIVATE "X-A: a\n"
		OUTSIDE "X-B:  b\n\tc\nReceived: from x\n";
	static const struct {
		enum relay_side side;
		bool raw;
		const char *begins, *ends;
	} cases[] = {
		{ RELAY_TRUSTED, false, "Subject: top\nReceived: from a.",
		  "id B2345; 1 Jan 2024 09:00:00 +0000\n" },
		{ RELAY_UNTRUSTED, false, "Received: from b.",
		  "X-B: b c\nReceived: from x\n" },
		{ RELAY_UNTRUSTED, true, "Received: from b.",
		  "X-B:  b\n\tc\nReceived: from x\n" },
		{ RELAY_INTERNAL, true, "Subject: top\n",
		  "id B2345; 1 Jan 2024 09:00:00 +0000\n" },
		{ RELAY_EXTERNAL, true, "Received: from b.", "from x\n" },
	};
	struct arena *a = arena_new();
	struct mail_settings ms;
	struct message *m;

	(void)state;
	mail_settings_init(&ms);
	m = parse(a, &ms, headers);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct str s = message_headers_of_side(m, cases[i].side,
						       cases[i].raw);

		print_message("%zu\n%.*s\n", i, STR_ARG(s));
		assert_true(str_starts(s, str_cstr(cases[i].begins)));
		assert_true(str_ends(s, str_cstr(cases[i].ends)));
	}
	arena_free(&a);
}

static void envelope(void **state)
{
	static const struct {
		const char *name, *headers, *configured, *sender;
	} cases[] = {
		{ "none", "Subject: x\n", NULL, NULL },
		{ "Return-Path", "Return-Path: <r@example.org>\n" OUTSIDE,
		  NULL, "r@example.org" },
		{ "below Received", OUTSIDE "Return-Path: <r@example.org>\n",
		  NULL, NULL },
		{ "a bounce", "Return-Path: <>\n", NULL, NULL },
		{ "from the line at the border",
		  "Return-Path: <r@example.org>\n" SCANNER PRIVATE SCANNER
		  OUTSIDE, NULL, "s@example.org" },
		{ "Envelope-Sender before Return-Path",
		  "Return-Path: <r@example.org>\nEnvelope-Sender: e@example.org\n",
		  NULL, "e@example.org" },
		{ "X-Envelope-From below Received ends the search",
		  "Return-Path: <r@example.org>\n" OUTSIDE
		  "X-Envelope-From: x@example.org\n", NULL, NULL },
		{ "fetchmail guessed", "Return-Path: <r@example.org>\n"
		  FETCH "X-Sender: a@example.org\n", NULL, NULL },
		{ "configured", "Return-Path: <r@example.org>\n"
		  "X-Env: <c@example.org>\n", "X-Env", "c@example.org" },
		{ "configured, absent", "Return-Path: <r@example.org>\n",
		  "X-Env", NULL },
		{ "configured, no address", "X-Env: nobody\n", "X-Env", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *a = arena_new();
		struct mail_settings ms;
		struct str s;

		print_message("%s\n", cases[i].name);
		mail_settings_init(&ms);
		ms.envelope_sender_header = str_cstr(cases[i].configured);
		s = message_envelope_sender(parse(a, &ms, cases[i].headers));
		if (cases[i].sender)
			assert_true(s.p &&
				    str_eq(s, str_cstr(cases[i].sender)));
		else
			assert_null(s.p);
		arena_free(&a);
	}
}

/* More lines than anybody looks at. */
static void too_many(void **state)
{
	struct arena *a = arena_new();
	struct mail_settings ms;
	struct message *m;
	struct buf b;

	(void)state;
	mail_settings_init(&ms);
	buf_in(&b, a, 1 << 22);
	for (int i = 0; i < 1200; i++)
		buf_adds(&b, STR(OUTSIDE));
	m = message_parse(a, &ms, buf_str(&b));
	assert_int_equal(message_relays(m)->all.n, 1000);
	assert_true(m->flags & MSG_RELAYS_CUT);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust),
		cmocka_unit_test(texts),
		cmocka_unit_test(header_parts),
		cmocka_unit_test(envelope),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
