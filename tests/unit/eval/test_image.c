/*
 * The tests about attached images, with answers of SpamAssassin's ImageInfo.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "conf/rule.h"
#include "eval/eval.h"
#include "mail/message.h"
#include "mail/settings.h"

static struct arena *arena;
static struct mail_settings settings;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	mail_settings_init(&settings);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* A GIF of 200 x 100, a PNG of 30 x 20 and a JPEG of 16 x 8 (width x height),
 * a PNG whose size is cut off, and a GIF that is not in base64. */
static const char images[] =
	"Content-Type: image/gif; name=\"a.gif\"\n"
	"Content-Transfer-Encoding: base64\n\n"
	"R0lGODlhyABkAPcAAA==\n--b\n"
	"Content-Type: image/png; name=\"b..png\"\n"
	"Content-Transfer-Encoding: BASE64\n\n"
	"iVBORw0KGgoAAAANSUhEUgAAAB4AAAAUCAIAAAAAAAAB\n--b\n"
	"Content-Type: image/jpg\n"
	"Content-Transfer-Encoding: base64\n\n"
	"/9j/4AAEYWL/wAALCAAIABADAAAA\n--b\n"
	"Content-Type: image/png; name=\"cut.png\"\n"
	"Content-Transfer-Encoding: base64\n\n"
	"iVBORw0KGgoAAAANSUhEUgAAAB4AAAAA\n--b\n"
	"Content-Type: image/gif; name=\"raw.gif\"\n\n"
	"GIF89a\n--b--\n";

static const struct {
	const char *function;
	const char *args[5];
	int hits;
} cases[] = {
	{ "image_count", { "all", "4", "4" }, 1 },
	{ "image_count", { "all", "5" }, 0 },
	{ "image_count", { "gif", "1", "1" }, 1 },
	{ "image_count", { "png", "2" }, 1 },
	{ "image_count", { "jpeg", "1", "1" }, 1 },
	{ "image_count", { "jpg", "0" }, 0 },
	{ "image_count", { "bmp", "0" }, 0 },
	{ "image_count", { "gif" }, 0 },
	{ "pixel_coverage", { "all", "20728", "20728" }, 1 },
	{ "pixel_coverage", { "all", "20729" }, 0 },
	{ "pixel_coverage", { "gif", "1", "19999" }, 0 },
	{ "pixel_coverage", { "png", "600", "600" }, 1 },
	{ "pixel_coverage", { "jpeg", "128", "128" }, 1 },
	{ "image_size_exact", { "gif", "100", "200" }, 1 },
	{ "image_size_exact", { "all", "20", "30" }, 1 },
	{ "image_size_exact", { "png", "100", "200" }, 0 },
	{ "image_size_exact", { "gif", "0100", "200" }, 0 },
	{ "image_size_exact", { "gif", "100" }, 0 },
	{ "image_size_range", { "gif", "50", "200" }, 1 },
	{ "image_size_range", { "gif", "50", "201" }, 0 },
	{ "image_size_range", { "all", "5", "10", "9", "20" }, 1 },
	{ "image_size_range", { "all", "5", "10", "7", "20" }, 0 },
	{ "image_size_range", { "jpeg", "8", "16", "8" }, 1 },
	{ "image_named", { "a.gif" }, 1 },
	{ "image_named", { "A.gif" }, 0 },
	{ "image_named", { "cut.png" }, 0 },
	{ "image_named", { "raw.gif" }, 0 },
	{ "image_name_regex", { "^\\w\\.\\.png$" }, 1 },
	{ "image_name_regex", { "/^a.gif$/i" }, 0 },
	/* 12 bytes of text by 20728 pixels are 0.00058. */
	{ "image_to_text_ratio", { "all", "0.0005", "0.0006" }, 1 },
	{ "image_to_text_ratio", { "all", "0.0006", "0.1" }, 0 },
	{ "image_to_text_ratio", { "all", "0.0006" }, 0 },
};

static struct message *with_images(void)
{
	return message_parse(arena, &settings, str_printf(arena,
		"Subject: x\nMime-Version: 1.0\n"
		"Content-Type: multipart/mixed; boundary=b\n\n"
		"--b\nContent-Type: text/plain\n\nsome text\n--b\n%s", images));
}

static int ask(struct message *m, const struct rule *rule,
	       const char *function, const char *const args[5])
{
	const struct eval_test *test = eval_find(str_cstr(function));
	struct eval_ctx c = { .msg = m, .arena = arena, .rule = rule };
	struct strs list = { .n = 0 };
	struct err err = { "" };

	assert_non_null(test);
	for (int i = 0; i < 5 && args[i]; i++)
		strs_add(arena, &list, str_cstr(args[i]));
	if (test->prepare) {
		c.prepared = test->prepare(arena, &list, &err);
		assert_non_null(c.prepared);
	}
	return test->fn(&c, &list);
}

static void answers_like_spamassassin(void **state)
{
	struct rule rule = { .kind = RULE_BODY_EVAL };
	struct message *m = with_images();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int hits = ask(m, &rule, cases[i].function, cases[i].args);

		if (hits != cases[i].hits)
			fail_msg("%s(%s, %s, %s) is %d", cases[i].function,
				 cases[i].args[0], cases[i].args[1],
				 cases[i].args[2], hits);
	}
}

static void a_rawbody_rule_counts_raw_text(void **state)
{
	/* "some text" without the Subject: 9 bytes. */
	static const char *const args[5] = { "all", "0.00043", "0.00044" };
	struct rule rule = { .kind = RULE_RAWBODY_EVAL };

	(void)state;
	assert_int_equal(ask(with_images(), &rule, "image_to_text_ratio",
			     args), 1);
}

static void no_images_no_hits(void **state)
{
	struct message *m = message_parse(arena, &settings,
					  STR("Subject: x\n\ntext\n"));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(ask(m, NULL, cases[i].function,
				     cases[i].args), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_like_spamassassin),
		cmocka_unit_test(a_rawbody_rule_counts_raw_text),
		cmocka_unit_test(no_images_no_hits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
