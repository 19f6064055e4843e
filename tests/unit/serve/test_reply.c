/*
 * spamd's answers, byte for byte, and the lines of its log.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "serve/spamd_reply.h"

static void expect(enum spamd_word word, double version, bool spam,
		   const char *text, const char *want)
{
	struct spamd_verdict v = {
		.spam = spam,
		.score = STR("10.5"),
		.required = STR("5.0"),
		.text = str_cstr(text),
	};
	struct buf b;

	buf_init(&b, 65536);
	buf_adds(&b, spamd_reply(&b, word, version, &v));
	assert_true(str_eq(buf_str(&b), str_cstr(want)));
	buf_free(&b);
}

static void test_replies(void **state)
{
	static const struct {
		enum spamd_word word;
		double version;
		bool spam;
		const char *text, *want;
	} cases[] = {
		{ WORD_CHECK, 1.5, true, "",
		  "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 10.5 / 5.0\r\n\r\n" },
		{ WORD_CHECK, 1.0, false, "",
		  "SPAMD/1.1 0 EX_OK\r\nSpam: False ; 10.5 / 5.0\r\n\r\n" },
		{ WORD_SYMBOLS, 1.3, true, "A,B",
		  "SPAMD/1.1 0 EX_OK\r\nContent-length: 3\r\n"
		  "Spam: True ; 10.5 / 5.0\r\n\r\nA,B" },
		{ WORD_SYMBOLS, 1.2, true, "A,B",
		  "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 10.5 / 5.0\r\n\r\n"
		  "A,B\r\n" },
		{ WORD_REPORT, 1.2, true, "text\n",
		  "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 10.5 / 5.0\r\n\r\n"
		  "text\n" },
		{ WORD_REPORT_IFSPAM, 1.3, true, "text\n",
		  "SPAMD/1.1 0 EX_OK\r\nContent-length: 5\r\n"
		  "Spam: Yes ; 10.5 / 5.0\r\n\r\ntext\n" },
		{ WORD_REPORT_IFSPAM, 1.3, false, "text\n",
		  "SPAMD/1.1 0 EX_OK\r\nContent-length: 0\r\n"
		  "Spam: No ; 10.5 / 5.0\r\n\r\n" },
		{ WORD_PROCESS, 1.3, true, "H: x\n\nb\n",
		  "SPAMD/1.1 0 EX_OK\r\nContent-length: 8\r\n"
		  "Spam: True ; 10.5 / 5.0\r\n\r\nH: x\n\nb\n" },
		{ WORD_PROCESS, 1.2, true, "H: x\n\nb\n",
		  "SPAMD/1.1 0 EX_OK\r\nContent-length: 8\r\n\r\n"
		  "H: x\n\nb\n" },
		{ WORD_PROCESS, 1.1, true, "H: x\n\nb\n",
		  "SPAMD/1.0 0 EX_OK\r\nH: x\n\nb\n" },
		{ WORD_HEADERS, 1.3, true, "H: x\r\n\r\nb\n\nc\n",
		  "SPAMD/1.1 0 EX_OK\r\nContent-length: 8\r\n"
		  "Spam: True ; 10.5 / 5.0\r\n\r\nH: x\r\n\r\n" },
		{ WORD_HEADERS, 1.1, true, "H: x\n\nb\n",
		  "SPAMD/1.0 0 EX_OK\r\nH: x\n\n" },
		{ WORD_HEADERS, 1.1, true, "no blank line\n",
		  "SPAMD/1.0 0 EX_OK\r\nno blank line\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(cases[i].word, cases[i].version, cases[i].spam,
		       cases[i].text, cases[i].want);
}

static void test_errors(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 65536);
	spamd_reply_error(&b, 76, STR("(closed before headers)"));
	spamd_reply_error(&b, 69, STR("zlib: no\n"));
	spamd_reply_error(&b, 79, STR("(1 second)"));
	spamd_reply_error(&b, 75, STR("later"));
	spamd_reply_ping(&b);
	spamd_reply_tell(&b, STR_NONE, STR_NONE);
	spamd_reply_tell(&b, STR("local"), STR_NONE);
	spamd_reply_tell(&b, STR_NONE, STR("local"));
	assert_true(str_eq(buf_str(&b), STR(
		"SPAMD/1.0 76 Bad header line: (closed before headers)\r\n"
		"SPAMD/1.0 69 Service Unavailable: zlib: no\n\r\n"
		"SPAMD/1.0 79 Timeout: (1 second)\r\n"
		"SPAMD/1.0 75 EX_TEMPFAIL later\r\n"
		"SPAMD/1.5 0 PONG\r\n"
		"SPAMD/1.1 0 EX_OK\r\n\r\n\r\n"
		"SPAMD/1.1 0 EX_OK\r\nDidSet: local\r\n\r\n\r\n"
		"SPAMD/1.1 0 EX_OK\r\nDidRemove: local\r\n\r\n\r\n")));
	buf_free(&b);
}

static void test_message_ids(void **state)
{
	static const struct {
		const char *header, *want;
	} cases[] = {
		{ "<a@b>", "<a@b>" },
		{ "  <a@b>  \n", "<a@b>" },
		{ "(c (d) e)<a@b>(x)", "<a@b>" },
		{ "bare@id", "<bare@id>" },
		{ "junk <a@b> junk <c@d>", "<a@b>" },
		{ "<a b\n\tc@d>", "<a?b?c@d>" },
		{ "<a\xff@b>", "<a?@b>" },
		{ "a<b", "<a?b>" },
		{ "a)b(c", "<a)b(c>" },
		{ "(all comment)", "" },
		{ "<>", "" },
		{ "", "" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(str_eq(spamd_message_id(a,
				str_cstr(cases[i].header)),
				str_cstr(cases[i].want)));
	arena_free(&a);
}

static void test_result_line(void **state)
{
	struct arena *a = arena_new();
	struct spamd_result r = {
		.spam = true,
		.score = 15.9,
		.tests = STR("A,B"),
		.scantime = 0.25,
		.size = 77,
		.user = "bob",
		.uid = 65534,
		.required = STR("5.0"),
		.rhost = "localhost",
		.raddr = "127.0.0.1",
		.rport = "4242",
		.mid = STR("<a,b c@d>"),
		.autolearn = STR("disabled"),
	};

	(void)state;
	assert_true(str_eq(spamd_result_line(a, &r), STR(
		"spamd: result: Y 15 - A,B scantime=0.2,size=77,user=bob,"
		"uid=65534,required_score=5.0,rhost=localhost,"
		"raddr=127.0.0.1,rport=4242,mid=<a_b_c@d>,"
		"autolearn=disabled")));
	r.spam = false;
	r.score = -0.5;
	r.mid = STR("");
	r.rmid = STR("<r@x>");
	assert_true(str_eq(spamd_result_line(a, &r), STR(
		"spamd: result: .  0 - A,B scantime=0.2,size=77,user=bob,"
		"uid=65534,required_score=5.0,rhost=localhost,"
		"raddr=127.0.0.1,rport=4242,mid=(unknown),rmid=<r@x>,"
		"autolearn=disabled")));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_message_ids),
		cmocka_unit_test(test_result_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
