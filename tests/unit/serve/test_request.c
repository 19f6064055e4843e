/*
 * The request parser against what spamd 4.0.1 does (the wire tests compare
 * the two live; here are the corners, one by one).
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "serve/spamd_request.h"

/* Feeds text line by line as the front does; `ended`: nothing follows. */
static enum spamd_need feed(struct spamd_request *r, struct str text,
			    bool tell, bool ended)
{
	struct str line;

	spamd_request_init(r, tell);
	while (r->need == NEED_LINE || r->need == NEED_HEADER) {
		if (!str_next_line(&text, &line)) {
			if (ended)
				spamd_request_eof(r);
			break;
		}
		spamd_request_line(r, line);
	}
	return r->need;
}

static void test_first_lines(void **state)
{
	static const struct {
		struct str line;
		enum spamd_need need;
		enum spamd_word word;
		double version;
	} cases[] = {
		{ STR("CHECK SPAMC/1.2\r\n"), NEED_HEADER, WORD_CHECK, 1.2 },
		{ STR("CHECK SPAMC/1.0\r\n"), NEED_BODY, WORD_CHECK, 1.0 },
		{ STR("CHECK SPAMC/\r\n"), NEED_BODY, WORD_CHECK, 0 },
		{ STR("CHECK SPAMC/ 1.4x\n"), NEED_HEADER, WORD_CHECK, 1.4 },
		{ STR("XXCHECK SPAMC/9.9\r\n"), NEED_HEADER, WORD_CHECK, 9.9 },
		{ STR("REPORT_IFSPAM SPAMC/1.3\r\n"), NEED_HEADER,
		  WORD_REPORT_IFSPAM, 1.3 },
		{ STR("REPORT SPAMC/1.3\r\n"), NEED_HEADER, WORD_REPORT, 1.3 },
		{ STR("TELL SPAMC/1.0\r\n"), NEED_HEADER, WORD_TELL, 1.0 },
		{ STR("PING SPAMC/1.4\r\n"), NEED_NOTHING, WORD_PING, 1.4 },
		{ STR("PING SPAMC/1.5\r\n"), NEED_HEADER, WORD_PING, 1.5 },
		{ STR("SKIP SPAMC/1.2\r\n"), NEED_NOTHING, WORD_SKIP, 1.2 },
		/* The groups of words are searched in their order. */
		{ STR("PING SPAMC/1.5 CHECK SPAMC/1.0\r\n"), NEED_BODY,
		  WORD_CHECK, 1.0 },
		{ STR("PING SPAMC/1.2 TELL SPAMC/1.5\n"), NEED_HEADER,
		  WORD_TELL, 1.5 },
		{ STR("ping SPAMC/1.2\r\n"), NEED_ERROR, WORD_NONE, 0 },
		{ STR("CHECK  SPAMC/1.2\r\n"), NEED_ERROR, WORD_NONE, 0 },
		{ STR("CHECK SPAMC\r\n"), NEED_ERROR, WORD_NONE, 0 },
		{ STR("\r\n"), NEED_ERROR, WORD_NONE, 0 },
	};
	struct spamd_request r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		feed(&r, cases[i].line, true, false);
		assert_int_equal(r.need, cases[i].need);
		assert_int_equal(r.word, cases[i].word);
		if (cases[i].need != NEED_ERROR)
			assert_true(r.version == cases[i].version);
	}
}

static void test_numbers(void **state)
{
	static const struct {
		struct str text;
		double value;
	} cases[] = {
		{ STR("1.5"), 1.5 }, { STR(" 1.5 "), 1.5 }, { STR("+2"), 2 },
		{ STR("-1.5"), -1.5 }, { STR(".5"), 0.5 }, { STR("5."), 5 },
		{ STR("13e-1"), 1.3 }, { STR("1e"), 1 }, { STR("1e+"), 1 },
		{ STR("0x10"), 0 }, { STR("new"), 0 }, { STR(""), 0 },
		{ STR("."), 0 }, { STR("-"), 0 }, { STR("nan"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(perl_number(cases[i].text) == cases[i].value);
	assert_true(perl_number(STR("Infinity")) > 1e300);
	assert_true(perl_number(STR("-inf")) < -1e300);
}

static void test_refusals(void **state)
{
	static const struct {
		struct str text;
		bool tell;
		int code;
		struct str reason;
	} cases[] = {
		{ STR(""), true, 76, STR("(closed before headers)") },
		{ STR("GET / HTTP/1.0\r\n"), true, 76, STR("GET / HTTP/1.0") },
		{ STR("\0\n"), true, 76, STR("\0") },
		{ STR("CHECK SPAMC/1.2\r\nUser: x"), true, 76,
		  STR("(EOF during headers)") },
		{ STR("CHECK SPAMC/1.2\r\nwhat\r\n"), true, 76,
		  STR("(header not in 'Name: value' format)") },
		{ STR("CHECK SPAMC/1.2\r\n\n"), true, 76,
		  STR("(header not in 'Name: value' format)") },
		{ STR("CHECK SPAMC/1.2\r\nContent-length: 1x\r\n"), true, 76,
		  STR("(Content-Length contains non-numeric bytes)") },
		{ STR("CHECK SPAMC/1.2\r\nContent-length: -1\r\n"), true, 76,
		  STR("(Content-Length contains non-numeric bytes)") },
		{ STR("CHECK SPAMC/1.2\r\nUser: a\tb\r\n"), true, 76,
		  STR("(User header contains control chars)") },
		{ STR("CHECK SPAMC/1.2\r\nCompress: lzma\r\n"), true, 76,
		  STR("(compression type not supported: lzma)") },
		{ STR("CHECK SPAMC/1.2\r\nCompress: zlib\r\n\r\n"), true, 69,
		  STR("Compress requires Content-length header") },
		{ STR("TELL SPAMC/1.2\r\n\r\n"), false, 69,
		  STR("TELL commands are not enabled, set the --allow-tell "
		      "switch.") },
		{ STR("TELL SPAMC/1.2\r\nSet: local\r\nRemove: Local\r\n\r\n"),
		  true, 76, STR("Unable to set local and remove local in the "
				"same operation.") },
		{ STR("TELL SPAMC/1.2\r\nSet: remote\r\nRemove: remote\r\n\r\n"),
		  true, 76, STR("Unable to set remote and remove remote in "
				"the same operation.") },
	};
	struct spamd_request r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(feed(&r, cases[i].text, cases[i].tell, true),
				 NEED_ERROR);
		assert_int_equal(r.code, cases[i].code);
		assert_true(str_eq(str_make(r.text, r.ntext),
				   cases[i].reason));
	}
}

static void test_headers(void **state)
{
	struct spamd_request r;

	(void)state;
	feed(&r, STR("CHECK SPAMC/1.5\r\nUser: bob smith\r\n"
		     "content-length: 7\r\nContent-length:  0012\r\n"
		     "X: y\r\n\r\n"), false, false);
	assert_int_equal(r.need, NEED_BODY);
	assert_string_equal(r.user, "bob smith");
	assert_true(r.has_length && r.length == 12);
	assert_string_equal(r.length_text, "0012");

	/* A bare LF belongs to the value, and is forgiven at its end. */
	feed(&r, STR("CHECK SPAMC/1.5\nContent-length: 5\nUser: x\n\r\n"),
	     false, false);
	assert_int_equal(r.need, NEED_BODY);
	assert_true(r.length == 5);
	assert_string_equal(r.user, "x");

	feed(&r, STR("CHECK SPAMC/1.5\r\n"
		     "Content-length: 99999999999999999999\r\n\r\n"),
	     false, false);
	assert_true(r.length == UINT64_MAX);
	assert_string_equal(r.length_text, "99999999999999999999");
	assert_false(spamd_request_length_ok(&r, 3));
	assert_string_equal(r.text, "(Content-Length mismatch: Expected "
			    "99999999999999999999 bytes, got 3 bytes)");

	feed(&r, STR("CHECK SPAMC/1.5\r\nContent-length:\r\n\r\n"), false,
	     false);
	assert_true(r.has_length && r.length == 0);
	assert_false(spamd_request_length_ok(&r, 2));
	assert_string_equal(r.text, "(Content-Length mismatch: Expected "
			    " bytes, got 2 bytes)");

	feed(&r, STR("TELL SPAMC/1.5\r\nMessage-class: spam\r\n"
		     "Set: xLOCALy,remote\r\nRemove: none\r\n\r\n"), true,
	     false);
	assert_true(r.class_spam && r.set_local && r.set_remote);
	assert_false(r.remove_local || r.remove_remote);
}

static void test_ceilings(void **state)
{
	struct spamd_request r;
	char user[SPAMD_USER_MAX * 2 + 16];

	(void)state;
	spamd_request_init(&r, false);
	spamd_request_line(&r, STR("CHECK SPAMC/1.5\r\n"));
	for (int i = 0; i < 255; i++)
		assert_int_equal(spamd_request_line(&r, STR("X: y\r\n")),
				 NEED_HEADER);
	assert_int_equal(spamd_request_line(&r, STR("X: y\r\n")), NEED_ERROR);
	assert_string_equal(r.text, "(too many headers)");

	/* A long name is cut, not refused. */
	memset(user, 'u', sizeof(user));
	memcpy(user, "User: ", 6);
	memcpy(user + sizeof(user) - 2, "\r\n", 2);
	spamd_request_init(&r, false);
	spamd_request_line(&r, STR("CHECK SPAMC/1.5\r\n"));
	assert_int_equal(spamd_request_line(&r, str_make(user, sizeof(user))),
			 NEED_HEADER);
	assert_int_equal(strlen(r.user), SPAMD_USER_MAX - 1);
	assert_int_equal(spamd_request_too_long(&r), NEED_ERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_lines),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_ceilings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
