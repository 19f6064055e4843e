/*
 * What AWL and TxRep make of a message: which records it has, what they add to
 * its score, and what changes in them. Beside the real plug-ins, over
 * sequences of messages: tests/parity/senders.pl.
 */
#include "../conf/conf_load.h"

#include <math.h>

#include "learn/senders.h"
#include "mail/message.h"

#define TXREP PLUGIN("TxRep")
#define AWL PLUGIN("AWL")
#define RCVD(helo, ip, by) "Received: from " helo " (" helo " [" ip "])\n" \
	"\tby " by " (Postfix) with ESMTP id A1;\n" \
	"\tMon, 2 Nov 2026 10:00:00 +0000\n"
#define MX "mx.example.net"
#define FROM "From: Some One <Some@Example.org>\n"

static struct arena *a;
static struct ruleset *rs;

static struct message *open_mail(const char *pre, const char *cf,
				 const char *mail)
{
	struct conf_dir d;

	a = arena_new();
	conf_dir_begin(&d);
	conf_dir_put(&d, "a.pre", pre, strlen(pre));
	conf_dir_put(&d, "a.cf", cf, strlen(cf));
	rs = conf_dir_load(a, &d, false, "C");
	conf_dir_end(&d);
	return message_parse(a, &rs->site->mail, str_cstr(mail));
}

/* ---- names ---- */

static const struct {
	const char *pre, *cf, *mail, *keys;
} cases[] = {
	{ "", "", RCVD("h.example.com", "198.18.7.9", MX) FROM "\n", "" },
	{ TXREP, "", RCVD("h.example.com", "198.18.7.9", MX) FROM "\n", "" },
	{ AWL, "use_auto_welcomelist 0\n", FROM "\n", "" },
	{ AWL, "", RCVD("h.example.com", "198.18.7.9", MX) FROM "\n",
	  "some@example.org|ip=198.18 some@example.org|ip=none" },
	{ AWL, "", FROM "\n", "some@example.org|ip=none" },
	{ AWL, "auto_welcomelist_ipv4_mask_len 21\n",
	  RCVD("h.example.com", "198.18.7.9", MX) FROM "\n",
	  "some@example.org|ip=198.18 some@example.org|ip=none" },
	{ AWL, "auto_welcomelist_ipv4_mask_len 23\n",
	  RCVD("h.example.com", "198.18.7.9", MX) FROM "\n",
	  "some@example.org|ip=198.18.6 some@example.org|ip=none" },
	{ AWL, "", RCVD("h.example.com", "IPv6:2001:db8:1:2::9", MX)
	  "From: o'k|x@example.org\n\n",
	  "o_k_x@example.org|ip=2001:0DB8:0001:: "
	  "o_k_x@example.org|ip=none" },
	{ AWL, "", RCVD("h.example.com", "198.18.7.9", MX)
	  "From: nobody\n\n", "" },
	{ TXREP, "use_txrep 1\ntxrep_track_messages 0\n",
	  RCVD("h.example.com", "198.18.7.9", MX) FROM "\n",
	  "some@example.org|ip=198.18 example.org|ip=198.18 "
	  "h.example.com|ip=none some@example.org|ip=none "
	  "198.18.7.9|ip=none example.org|ip=none" },
	/* A HELO that says nothing more is none. */
	{ TXREP, "use_txrep 1\ntxrep_track_messages 0\n",
	  RCVD("EXAMPLE.org", "198.18.7.9", MX) FROM "\n",
	  "some@example.org|ip=198.18 example.org|ip=198.18 "
	  "some@example.org|ip=none 198.18.7.9|ip=none "
	  "example.org|ip=none" },
	/* Both are on: AWL. */
	{ TXREP AWL, "use_txrep 1\n", FROM "\n", "some@example.org|ip=none" },
};

static void keys_of_messages(void **state)
{
	static const struct senders_proof nothing;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct message *m = open_mail(cases[i].pre, cases[i].cf,
					      cases[i].mail);
		struct score_record *records;
		struct strs list = { 0 };
		size_t n = senders_keys(a, m, rs->site,
					senders_plugin(rs->site), &nothing,
					&records);
		struct str text;

		assert_true(n <= SENDERS_KEYS);
		for (size_t k = 0; k < n; k++)
			strs_add(a, &list, records[k].key);
		text = strs_join(a, &list, STR(" "));
		if (!str_eq(text, str_cstr(cases[i].keys)))
			fail_msg("case %zu: %.*s", i, STR_ARG(text));
		arena_free(&a);
	}
}

/* Whatever somebody calls himself, names stay short, and different. */
static void long_names(void **state)
{
	struct str keys[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		static char mail[4096];
		struct score_record *r;

		snprintf(mail, sizeof(mail), "From: %02000d%d@example.org\n\n",
			 1, i);
		open_mail(AWL, "", "");
		senders_keys(a, message_parse(a, &rs->site->mail,
					      str_cstr(mail)),
			     rs->site, SENDERS_AWL,
			     &(struct senders_proof){ 0 }, &r);
		assert_true(r[0].key.n < 320);
		keys[i] = (struct str){ strndup(r[0].key.p, r[0].key.n),
					r[0].key.n };
		arena_free(&a);
	}
	assert_false(str_eq(keys[0], keys[1]));
	free((char *)keys[0].p);
	free((char *)keys[1].p);
}

/* ---- scores ---- */

#define MAIL RCVD("h.example.com", "198.18.7.9", MX) FROM "\nx\n"

static void awl(void **state)
{
	struct message *m = open_mail(AWL, "", MAIL);
	struct score_record known[] = {
		{ STR("some@example.org|ip=198.18"), 4, 10, true, 0 },
		{ STR("some@example.org|ip=none"), 0, 0, false, 0 },
	};
	struct senders_ask ask = { .plugin = SENDERS_AWL, .records = known,
				   .n = 2, .points = 6.5, .score_so_far = 7,
				   .teach = true, .now_ms = 1000 };
	struct senders_answer answer;

	(void)state;
	senders_judge(a, m, rs->site, &ask, &answer);
	assert_true(answer.hits && answer.delta == -2);
	assert_str_is(strs_join(a, &answer.values, STR(" ")),
		      "-2.0 2.5 4.0 7.0");
	assert_int_equal(answer.changes.n, 1);
	assert_int_equal(answer.changes.v[0].step, SCORE_ADD);
	/* A listed address goes over to the network it writes from. */
	known[0].count = known[0].total = 0;
	known[1] = (struct score_record){ known[1].key, 1, -100, true, 2000 };
	senders_judge(a, m, rs->site, &ask, &answer);
	assert_true(answer.hits && answer.delta == -53.25);
	assert_int_equal(answer.changes.n, 3);
	assert_int_equal(answer.changes.v[0].step, SCORE_CLEAR);
	assert_int_equal(answer.changes.v[0].epoch, 2001);
	assert_int_equal(answer.changes.v[1].step, SCORE_SET);
	assert_int_equal(answer.changes.v[2].epoch, 2001);
	/* A record from before that is void. */
	known[0] = (struct score_record){ known[0].key, 9, 90, true, 1999 };
	known[1].count = known[1].total = 0;
	senders_judge(a, m, rs->site, &ask, &answer);
	assert_false(answer.hits);
	ask.teach = false;
	senders_judge(a, m, rs->site, &ask, &answer);
	assert_int_equal(answer.changes.n, 0);
	arena_free(&a);
}

#define SETTINGS "use_txrep 1\ntxrep_track_messages 0\n"

static void txrep(void **state)
{
	struct message *m = open_mail(TXREP, SETTINGS, MAIL);
	struct score_record known[] = {
		{ STR("some@example.org|ip=198.18"), 3, 30, true, 0 },
		{ STR("198.18.7.9|ip=none"), 1, -2, true, 0 },
	};
	struct senders_ask ask = { .plugin = SENDERS_TXREP, .records = known,
				   .n = 2, .points = 2 };
	struct senders_answer answer;
	/* Weights 10 + 2 + 0.5 + 3 + 4; only two of them know anything. */
	double sum = 10 * ((30 + 2) / 4.0 - 2) + 4 * ((-2 + 2) / 2.0 - 2);

	(void)state;
	senders_judge(a, m, rs->site, &ask, &answer);
	assert_true(answer.hits);
	assert_true(fabs(answer.delta - 0.5 * sum / 19.5) < 0.0005001);
	assert_int_equal(answer.changes.n, 5);
	for (size_t i = 0; i < answer.changes.n; i++)
		assert_true(answer.changes.v[i].value == 2);
	/* All were spam, and so is this one: no reason to make it less. */
	known[1].total = 1;
	ask.points = 20;
	senders_judge(a, m, rs->site, &ask, &answer);
	sum = 10 * (30 / 4.0) + 4 * (1 / 2.0);
	assert_true(fabs(answer.delta - 0.5 * sum / 19.5) < 0.0005001);
	arena_free(&a);
}

static void lessons(void **state)
{
	struct message *m = open_mail(TXREP, SETTINGS, MAIL);
	struct senders_ask ask = { .plugin = SENDERS_TXREP };
	struct score_changes c = { 0 };

	(void)state;
	senders_learn(a, m, rs->site, &ask, SENDERS_HAM, &c);
	assert_int_equal(c.n, 5);
	assert_int_equal(c.v[0].step, SCORE_LEARN);
	assert_true(c.v[0].value == -20);
	senders_learn(a, m, rs->site, &ask, SENDERS_AUTO_HAM, &c);
	assert_int_equal(c.n, 0);
	/* Without its relays: the address and its domain. */
	senders_learn(a, m, rs->site, &ask, SENDERS_FORGET, &c);
	assert_int_equal(c.n, 2);
	assert_int_equal(c.v[0].step, SCORE_REMOVE);
	ask.plugin = SENDERS_AWL;
	c.n = 0;
	senders_learn(a, m, rs->site, &ask, SENDERS_SPAM, &c);
	assert_int_equal(c.n, 0);
	arena_free(&a);
}

/* A listed record must outweigh the rest of the sender: 100 times 19.5 by the
 * weight of its kind. */
static void listed(void **state)
{
	static const struct {
		const char *id;
		double points;
	} ids[] = {
		{ "friend@example.org", 1950.0 / 3 },
		{ "example.org", 1950.0 / 2 },
		{ "198.18.7.9", 1950.0 / 4 },
		{ "PC7", 1950.0 / 0.5 },
	};

	(void)state;
	open_mail(TXREP, SETTINGS, MAIL);
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		struct score_changes c = { 0 };

		senders_list(a, rs->site, SENDERS_TXREP, str_cstr(ids[i].id),
			     100, &c);
		assert_int_equal(c.n, 1);
		assert_true(fabs(c.v[0].value - ids[i].points) < 1e-9);
	}
	assert_str_is(senders_list(a, rs->site, SENDERS_TXREP,
				   STR("A@b.example,spf"), NAN,
				   &(struct score_changes){ 0 }),
		      "a@b.example|");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_messages),
		cmocka_unit_test(long_names),
		cmocka_unit_test(awl),
		cmocka_unit_test(txrep),
		cmocka_unit_test(lessons),
		cmocka_unit_test(listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
