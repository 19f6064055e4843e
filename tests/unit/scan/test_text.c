/*
 * Texts of reports and headers: lines broken and words encoded as SpamAssassin
 * does. The expected texts are its own answers (Util::wrap and
 * PerMsgStatus::mime_encode_header of 4.0.1).
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "scan/encode.h"
#include "scan/scan_int.h"

static const struct {
	struct str text, prefix, first;
	int width, overflow, after_comma;
	struct str expected;
} wraps[] = {
	{ STR("a short text"), STR("    "), STR(""), 75, 0, 0,
	  STR("a short text") },
	{ STR(""), STR("  "), STR("first"), 75, 0, 0,
	  STR("first") },
	{ STR("Message appears to contain a very long description that has to be wrapped because it does not fit into one line of the report"), STR("                            "), STR("                               "), 75, 0, 0,
	  STR("                               Message appears to contain a very long\n                            description that has to be wrapped because it\n                            does not fit into one line of the report") },
	{ STR("oneverylongwordthatdoesnotfitintoanylineatallbecauseithasmorethanseventyfivecharacters and more"), STR("  "), STR("Content preview:  "), 75, 1, 0,
	  STR("Content preview:  oneverylongwordthatdoesnotfitintoanylineatallbecauseithasmorethanseventyfivecharacters\n   and more") },
	{ STR("words and words and words and words and words and words and words and words and words"), STR("  "), STR("Content preview:  "), 75, 1, 0,
	  STR("Content preview:  words and words and words and words and words and words and\n   words and words and words") },
	{ STR("X-Spam-Status!!No, score=1.0 required=5.0 tests=ALPHA_RULE,BETA_RULE,GAMMA_RULE,DELTA_RULE,EPSILON_RULE,ZETA_RULE autolearn=no version=4.0.1"), STR("\t"), STR(""), 79, 0, 1,
	  STR("X-Spam-Status!!No, score=1.0 required=5.0 tests=ALPHA_RULE,BETA_RULE,\n\tGAMMA_RULE,DELTA_RULE,EPSILON_RULE,ZETA_RULE autolearn=no version=4.0.1") },
	{ STR("double  blanks   and\ttabs here and there to see how wide they are counted in the lines of text"), STR("\t"), STR(""), 40, 0, 0,
	  STR("double  blanks   and\ttabs here\n\tand there to see how wide they\n\tare counted in the lines of text") },
	{ STR("trailing blanks   "), STR("  "), STR("x"), 10, 0, 0,
	  STR("xtrailing\n  blanks\n   ") },
};

static void test_wrap(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(wraps) / sizeof(wraps[0]); i++) {
		struct str got = text_wrap(a, wraps[i].text, wraps[i].prefix,
					   wraps[i].first,
					   (size_t)wraps[i].width,
					   wraps[i].overflow,
					   wraps[i].after_comma);

		if (!str_eq(got, wraps[i].expected))
			fail_msg("%zu: got \"%.*s\"", i, STR_ARG(got));
	}
	arena_free(&a);
}

static const struct {
	struct str text, expected;
} words[] = {
	{ STR("plain text"), STR("plain text") },
	{ STR("caf\xc3" "\xa9" " au lait"), STR("=?UTF-8?Q?caf=C3=A9?= au lait") },
	{ STR("a \xe2" "\x82" "\xac" " b"), STR("a =?UTF-8?B?4oKs?= b") },
	{ STR("all \xe6" "\x97" "\xa5" "\xe6" "\x9c" "\xac" "\xe8" "\xaa" "\x9e" "\xe3" "\x81" "\xae" "\xe6" "\x96" "\x87" "\xe7" "\xab" "\xa0" " end"), STR("all =?UTF-8?B?5pel5pys6Kqe44Gu5paH56ug?= end") },
	{ STR("two\n\tl\xc3" "\xaf" "nes here"), STR("two\n\t=?UTF-8?Q?l=C3=AFnes?= here") },
	{ STR("\xc3" "\xa9" ""), STR("=?UTF-8?B?w6k=?=") },
	{ STR("x\xc3" "\xa9" ""), STR("=?UTF-8?B?eMOp?=") },
	{ STR("\xc3" "\xa9" " x"), STR("=?UTF-8?B?w6k=?= x") },
	{ STR("a=b? \xc3" "\xa9" "_c d"), STR("a=b? =?UTF-8?B?w6lfYw==?= d") },
};

static void test_encode(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct str got = header_encode(a, words[i].text);

		if (!str_eq(got, words[i].expected))
			fail_msg("%zu: got \"%.*s\"", i, STR_ARG(got));
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_encode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
