/*
 * What the tokenizer makes of small texts, and what of that becomes a
 * probability. That it is SpamAssassin's in all cases is asked of SpamAssassin
 * itself (tests/parity/test_bayes_tokens.sh).
 */
#include "../conf/conf_load.h"

#include <math.h>

#include "base/digest.h"
#include "learn/bayes.h"
#include "learn/tokens.h"
#include "mail/message.h"

static struct arena *arena;

static const struct bayes_tokens *tokens_of(const char *cf, const char *mail)
{
	/* SpamAssassin's list for want of a rule file has parts of words. */
	struct str all = str_printf(arena, "bayes_stopword_en (?:with(?:out)?)"
				    "\n%s", cf);
	const struct ruleset *rs = conf_load(arena, all.p);
	struct message *m = message_parse(arena, &rs->site->mail,
					  str_cstr(mail));

	return bayes_tokenize(arena, m, rs->site, BAYES_LEARN);
}

static bool has(const struct bayes_tokens *t, const char *text)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->v[i].text, str_cstr(text)))
			return true;
	return false;
}

static const struct {
	const char *cf, *body, *given, *not_given;
} texts[] = {
	{ "", "Hello there", "hello", "Hello" },
	{ "", "say Hello there", "Hello", "Say" },
	{ "", "end...Next", "next", "end...Next" },
	{ "", "cut--here", "cut", "cut--here" },
	{ "", "write sales.team@shop.example.com", "D*example.com", "D*com." },
	{ "", "see www.shop.example.net now", "UD:shop.example.net", "UD:net." },
	{ "", "say FREE!", "free", "fr" },
	{ "", "say FREE!", "FREE!", "say FREE!" },
	{ "", "an incomprehensibilities", "sk:incompr", "incomprehensibilities" },
	{ "bayes_max_token_length 30\n", "an incomprehensibilities",
	  "incomprehensibilities", "sk:incompr" },
	{ "", "say without it", "say", "without" },
	{ "bayes_stopword_languages disable\n", "say without it", "without",
	  "it" },
	{ "bayes_stopword_en (?:lo(?:ng|ud)|qui.*)\n", "a loud Quiet noise",
	  "noise", "Quiet" },
	{ "bayes_stopword_en (?:lo(?:ng|ud)|qu[io]et)\n", "a LOUD quiz",
	  "quiz", "LOUD" },
	{ "bayes_token_sources none\n", "nothing here", "", "nothing" },
	{ "bayes_token_sources none mimepart\n", "", "MIME:Empty-Plaintext",
	  "nothing" },
	{ "bayes_cjk_words 1\n",
	  "\xe8\xab\x8b\xe6\xb1\x82\xe6\x9b\xb8\xe3\x82\x92\xe7\xa2\xba\xe8\xaa\x8d",
	  "w=\xe7\xa2\xba\xe8\xaa\x8d", "\xe7\xa2\xba\xe8\xaa\x8d" },
};

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct str mail = str_printf(arena, "MIME-Version: 1.0\n"
				"Content-Type: text/plain; charset=utf-8\n"
				"Content-Transfer-Encoding: 8bit\n\n%s",
				texts[i].body);
		const struct bayes_tokens *t;

		t = tokens_of(texts[i].cf, mail.p);
		if ((*texts[i].given && !has(t, texts[i].given)) ||
		    has(t, texts[i].not_given))
			fail_msg("'%s': given %s, not given %s", texts[i].body,
				 texts[i].given, texts[i].not_given);
	}
}

static void test_headers(void **state)
{
	const struct bayes_tokens *t;

	(void)state;
	t = tokens_of("bayes_ignore_header X-No\n",
		      "From: Joe <joe@a.example>\nX-No: secret\nX-Yes: shown\n"
		      "Message-Id: <000d01c28f1c$5e1d2b40$0200a8c0@desk>\n"
		      "Received: from [198.18.0.7] by x with SMTP\n\n");
	assert_true(has(t, "H*F:N*Joe"));
	assert_true(has(t, "H*Ad:D*a.example"));
	assert_true(has(t, "H*m:OEA000d"));
	assert_true(has(t, "H*r:198.18.0"));
	assert_true(has(t, "H*r:ip*198.18.0.7"));
	assert_true(has(t, "HX-Yes:shown"));
	assert_false(has(t, "HX-No:secret"));
}

/* The name of a token is the end of its SHA-1. */
static void test_names(void **state)
{
	const struct bayes_tokens *t = tokens_of("", "\nhello hello\n");
	uint8_t digest[DIGEST_SHA1_SIZE];
	size_t n = 0;

	(void)state;
	digest_sha1(STR("hello"), digest);
	for (size_t i = 0; i < t->n; i++)
		n += memcmp(t->v[i].id, digest + 15, BAYES_TOKEN) == 0;
	assert_int_equal(n, 1);
}

static void test_many_digests(void **state)
{
	enum { N = 131 };
	static char text[N];
	struct str v[N];
	uint8_t out[N][DIGEST_SHA1_SIZE], one[DIGEST_SHA1_SIZE];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		text[i] = (char)(i * 37);
		/* Long ones and short ones, one behind the other. */
		v[i] = str_make(text, i * 53 % N);
	}
	digest_sha1_many(v, N, out);
	for (size_t i = 0; i < N; i++) {
		digest_sha1(v[i], one);
		assert_memory_equal(out[i], one, sizeof(one));
	}
}

static void test_ids(void **state)
{
	const struct ruleset *rs = conf_load(arena, "");
	struct strs ids = { 0 };
	struct message *m;

	(void)state;
	m = message_parse(arena, &rs->site->mail,
			  STR("To: a@b\nDate: x\nMessage-Id:  <1@x> \n\nhi\n"));
	bayes_message_ids(arena, m, &ids);
	assert_int_equal(ids.n, 2);
	assert_true(str_ends(ids.v[0], STR("@sa_generated")));
	assert_int_equal(ids.v[0].n, 40 + 13);
	assert_true(str_eq(ids.v[1], STR("1@x")));
}

static void test_ignored(void **state)
{
	const struct ruleset *rs = conf_load(arena,
		"bayes_ignore_from *@a.example\nbayes_ignore_to me@*\n");
	static const struct { const char *mail; bool ignored; } cases[] = {
		{ "From: x@a.example\n\n", true },
		{ "From: x@b.example\nTo: me@c.example\n\n", true },
		{ "From: x@b.example\nTo: you@c.example\n\n", false },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(cases[i].ignored, bayes_is_ignored(
			message_parse(arena, &rs->site->mail,
				      str_cstr(cases[i].mail)), rs->site));
}

static void test_combine(void **state)
{
	const struct ruleset *rs = conf_load(arena, "");
	struct bayes_token v[3] = { { .text = STR("spam") },
				    { .text = STR("ham") },
				    { .text = STR("new") } };
	struct bayes_tokens t = { v, 3 };
	struct bayes_count counts[3] = { { 100, 0 }, { 0, 1 }, { 0, 0 } };
	struct bayes_verdict out;

	(void)state;
	bayes_combine(arena, rs->site, &t, counts, 199, 1000, &out);
	assert_true(out.asked && !out.has && !out.counted);
	bayes_combine(arena, rs->site, NULL, NULL, 500, 500, &out);
	assert_true(out.asked && !out.has && !out.counted);
	bayes_combine(arena, rs->site, &t, counts, 500, 500, &out);
	assert_true(out.has && out.probability > 0.5);
	assert_int_equal(out.tokens, 3);
	assert_int_equal(out.learned, 2);
	assert_int_equal(out.spammy, 1);
	assert_int_equal(out.hammy, 1);
	assert_int_equal(out.used.n, 2 * BAYES_TOKEN);
	assert_true(fabs(out.hammy_clues[0].probability -
			 0.538 * 0.03 / 1.03) < 1e-12);
	/* Tokens that say nothing: no verdict, but counts. */
	counts[0] = counts[1] = (struct bayes_count){ 7, 7 };
	bayes_combine(arena, rs->site, &t, counts, 500, 500, &out);
	assert_true(out.counted && !out.has && out.used.n == 0);
}

static int make_arena(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int drop_arena(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_many_digests),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_combine),
	};

	return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
