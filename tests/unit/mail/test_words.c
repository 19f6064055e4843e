/*
 * Words, against what rspamd cuts the same texts into.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "mail/guess.h"
#include "mail/words.h"

static const struct {
	const char *text, *norm;
} texts[] = {
	{ "Hello, World! Don't re-use e-mail 12,345.67 $5.00 100% x_y",
	  "hello world dont re use e mail 1234567 $ 500 100 x_y" },
	{ "ＡＢＣ ﬁne Straße ÀÉ naïve C++ a.b.c U.S.A.",
	  "abc fine straße àé naïve c a b c u s a" },
	{ "こんにちは お客様の口座 復旧日時:2021年10月14日(日)08:10頃",
	  "こんにちは お客様 の 口座 復旧 日時 2021 年 10 月 14 日 日 08 "
	  "10 頃" },
	{ "ｱｲｳ 안녕하세요 привет МИР ελληνικά",
	  "アイウ 안녕하세요 привет мир ελληνικά" },
	{ "word😀 😀 -- ** 1st don’t “quoted” I II",
	  "word 1st dont quoted i ii" },
	{ "____ bad \xff utf \xe3\x81", "____ bad utf" },
	{ "", "" },
};

static void words_of_texts(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct words w = { 0 };
		struct buf b;

		buf_in(&b, a, 4096);
		words_split(a, str_cstr(texts[i].text), NULL, 0, &w);
		for (size_t k = 0; k < w.n; k++) {
			if (k)
				buf_addc(&b, ' ');
			buf_adds(&b, w.v[k].norm);
		}
		if (!str_eq(buf_str(&b), str_cstr(texts[i].norm)))
			fail_msg("%s: %.*s", texts[i].text,
				 STR_ARG(buf_str(&b)));
	}
	arena_free(&a);
}

static void links_are_cut_out(void **state)
{
	struct arena *a = arena_new();
	struct words_gap gap = { 4, 16, STR("x.com") };
	struct words w = { 0 };

	(void)state;
	words_split(a, STR("see http://x.com now"), &gap, 1, &w);
	assert_int_equal(w.n, 3);
	assert_int_equal(w.nlinks, 1);
	assert_true(w.v[1].is_link && str_eq(w.v[1].raw, STR("x.com")));
	assert_true(str_eq(w.v[2].norm, STR("now")));
	arena_free(&a);
}

static const struct {
	const char *text, *language;
} languages[] = {
	{ "以下のリンクをクリックしてください", "ja" },
	{ "请点击以下链接", "zh" },
	{ "Пожалуйста, нажмите на ссылку", "ru" },
	{ "please click on the link and read that", "en" },
	{ "bitte klicken Sie auf den Link, um ihn nicht zu verlieren", "de" },
	{ "xyzzy", NULL },
};

static void languages_are_told(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
		struct words w = { 0 };
		struct str got, want = str_cstr(languages[i].language);

		words_split(a, str_cstr(languages[i].text), NULL, 0, &w);
		got = words_language(&w);
		if (!str_eq(got, want))
			fail_msg("%s: %.*s", languages[i].text, STR_ARG(got));
	}
	arena_free(&a);
}

static void charsets_are_guessed(void **state)
{
	(void)state;
	assert_true(str_eq(charset_guess(STR(
		"\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd\x81\x41\x90\xa2\x8a\x45"
		"\x82\xcc\x82\xb1\x82\xc6\x82\xf0\x82\xa8\x98\x62\x82\xb5\x82\xb5"
		"\x82\xdc\x82\xb7\x81\x42")), STR("Shift_JIS")));
	assert_false(str_eq(charset_guess(STR("caf\xe9 d\xe9j\xe0 vu")),
			    STR("Shift_JIS")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_texts),
		cmocka_unit_test(links_are_cut_out),
		cmocka_unit_test(languages_are_told),
		cmocka_unit_test(charsets_are_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
