/*
 * The tests about HTML on one message, with SpamAssassin's answers, and the
 * comparisons that html_eval() takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "eval/eval.h"
#include "eval/html_expr.h"
#include "mail/message.h"
#include "mail/settings.h"

static const char mail[] =
	"Subject: Hi\n"
	"Mime-Version: 1.0\n"
	"Content-Type: multipart/mixed; boundary=b\n"
	"\n"
	"--b\n"
	"Content-Type: text/html; charset=utf-8\n"
	"\n"
	"<html><body>plain</body></html>\n"
	"--b\n"
	"Content-Type: text/html; charset=utf-8\n"
	"\n"
	"<title>\xd0\xb6\xd0\xb6\xd0\xb6\xd0\xb6\xd0\xb6\xd0\xb6\xd0\xb6"
	"\xd0\xb6\xd0\xb6\xd0\xb6</title><p><b>te</b>xt<img src=x width=10\n"
	" height=10></p></i><font size=7 color=white>x</font>"
	"<!-- saved --><a href=x>caf\xc3\xa9</a><script>s()</script>\n"
	"<iframe src=http://a/></iframe>\n"
	"--b--\n";

static const struct {
	const char *function;
	const char *args[3];
	int hits;
} cases[] = {
	{ "html_test", { "html" }, 1 },
	{ "html_test", { "embeds" }, 0 },
	{ "html_test", { "font_low_contrast" }, 1 },
	{ "html_test", { "comment" }, 1 },
	{ "html_test", { "uri_truncated" }, 0 },
	{ "html_test", { "nothing" }, 0 },
	{ "html_range", { "max_size", "6", "inf" }, 1 },
	{ "html_range", { "max_size", "6" }, 1 },
	{ "html_range", { "max_size", "7", "inf" }, 0 },
	{ "html_range", { "max_size", "6", "7" }, 1 },
	{ "html_range", { "max_size", "6", "6.5" }, 0 },
	{ "html_range", { "closed_extra_ratio", ".05", ".1" }, 1 },
	{ "html_range", { "obfuscation_ratio", "0", "1" }, 1 },
	{ "html_eval", { "length", "< 32" }, 1 },
	{ "html_eval", { "length", "< 31" }, 0 },
	{ "html_eval", { "length", "==31" }, 1 },
	{ "html_eval", { "length", "+ 1 == 32" }, 1 },
	{ "html_eval", { "length", "; exit" }, 0 },
	{ "html_eval", { "nothing", "< 5" }, 0 },
	{ "html_tag_exists", { "body" }, 1 },
	{ "html_tag_exists", { "i" }, 1 },
	{ "html_tag_exists", { "head" }, 0 },
	{ "html_tag_balance", { "body", "== 0" }, 1 },
	{ "html_tag_balance", { "body", "!= 0" }, 0 },
	{ "html_tag_balance", { "img", "> 0" }, 1 },
	{ "html_tag_balance", { "head", "== 0" }, 0 },
	{ "html_tag_balance", { "x:y", "== 0" }, 0 },
	{ "html_image_only", { "0", "400" }, 1 },
	{ "html_image_only", { "0000", "0031" }, 0 },
	{ "html_image_ratio", { "0.1", "0.3" }, 1 },
	{ "html_image_ratio", { "0.3", "0.4" }, 0 },
	{ "html_text_match", { "title", "^.{10}$" }, 1 },
	{ "html_text_match", { "title", ".{11}" }, 0 },
	{ "html_text_match", { "title", "[\\x80-\\xff]" }, 0 },
	{ "html_text_match", { "anchor", "f\\xe9$" }, 1 },
	{ "html_text_match", { "comment", "^<!-- saved -->$" }, 1 },
	{ "html_text_match", { "script", "s\\(\\)" }, 1 },
	{ "html_text_match", { "script", "S\\(\\)" }, 0 },
	{ "html_text_match", { "uri", "^http://a/$" }, 1 },
	{ "html_text_match", { "nothing", "." }, 0 },
	{ "html_text_not_match", { "comment", "saved" }, 0 },
	{ "html_text_not_match", { "comment", "lost" }, 1 },
	{ "html_title_subject_ratio", { "3.3" }, 1 },
	{ "html_title_subject_ratio", { "3.4" }, 0 },
	{ "html_charset_faraway", { NULL }, 0 },
	{ "check_iframe_src", { NULL }, 1 },
};

static struct arena *arena;
static struct mail_settings settings;
static struct message *message;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	mail_settings_init(&settings);
	message = message_parse(arena, &settings, str_cstr(mail));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static int ask(const char *function, const char *const args[3])
{
	const struct eval_test *test = eval_find(str_cstr(function));
	struct eval_ctx c = { .msg = message, .arena = arena };
	struct strs list = { .n = 0 };
	struct err err = { "" };

	assert_non_null(test);
	assert_int_equal(test->kinds, EVAL_BODY);
	for (int i = 0; i < 3 && args[i]; i++)
		strs_add(arena, &list, str_cstr(args[i]));
	if (test->prepare) {
		c.prepared = test->prepare(arena, &list, &err);
		assert_non_null(c.prepared);
	}
	return test->fn(&c, &list);
}

static void answers_like_spamassassin(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int hits = ask(cases[i].function, cases[i].args);

		if (hits != cases[i].hits)
			fail_msg("%s(%s, %s, %s) is %d", cases[i].function,
				 cases[i].args[0], cases[i].args[1],
				 cases[i].args[2], hits);
	}
}

static void a_bad_regex_is_refused(void **state)
{
	const struct eval_test *test = eval_find(STR("html_text_match"));
	struct strs args = { .n = 0 };
	struct err err = { "" };

	(void)state;
	strs_add(arena, &args, STR("title"));
	strs_add(arena, &args, STR("(x"));
	assert_null(test->prepare(arena, &args, &err));
	assert_true(err.text[0] != '\0');
}

static void comparisons(void **state)
{
	static const struct {
		const char *text;
		double v;
		bool is;
	} exprs[] = {
		{ "< 5", 4, true }, { "< 5", 5, false }, { "<5", 4, true },
		{ "> 5", 6, true }, { ">= 5", 5, true }, { "<= 5", 6, false },
		{ "== 5", 5, true }, { "!= 5", 5, false },
		{ "<=> 5", 5, false }, { "<=> 5", 4, true },
		{ "- 2 > 3", 6, true }, { "- 2 > 3", 5, false },
		{ "> 1 + 2 - 1", 3, true }, { "> - 1", 0, true },
		{ "> -1", -1, false }, { "== 010", 8, true },
		{ "== 09", 9, false }, { " ", 3, true }, { " ", 0, false },
		{ "", 3, false }, { "<", 3, false }, { "< 5 5", 3, false },
		{ "< < 5", 3, false }, { "x", 3, false }, { "++ < 5", 3, false },
		{ "> 1 < 3", 2, false }, { "5", 2, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(exprs) / sizeof(*exprs); i++) {
		struct html_expr *e = html_expr_parse(arena,
						      str_cstr(exprs[i].text));

		if (html_expr_true(e, exprs[i].v) != exprs[i].is)
			fail_msg("%g %s", exprs[i].v, exprs[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_like_spamassassin),
		cmocka_unit_test(a_bad_regex_is_refused),
		cmocka_unit_test(comparisons),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
