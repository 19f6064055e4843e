/*
 * Regexes in PCRE2's syntax against what rspamd 3.4's rspamd_regexp answers
 * for the same pattern, flags and text; and the prefilters, which must not
 * rule out what matches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "match/literal.h"
#include "match/regex.h"

static const struct {
	const char *pattern;
	unsigned flags;
	const char *text;
	bool want;
} cases[] = {
	/* Octets: ASCII folding only. */
	{ "\xc3\xa9", REGEX_CASELESS, "\xc3\x89", false },
	{ "\\xe9", REGEX_CASELESS, "\xc9", false },
	{ "ABC", REGEX_CASELESS, "xabcx", true },
	{ "^.$", 0, "\xc3\xa9", false },
	{ "^..$", 0, "\xc3\xa9", true },
	{ "^.$", 0, "\xe9", true },
	{ "^\\w+$", 0, "\xc3\xa9", false },
	{ "\\p{L}", 0, "\xc3\xa9", true },
	{ "\\p{Sc}", 0, "\xe2\x82\xac", false },
	/* Characters. */
	{ "\xc3\xa9", REGEX_UTF | REGEX_CASELESS, "\xc3\x89", true },
	{ "^.$", REGEX_UTF, "\xc3\xa9", true },
	{ "^\\w+$", REGEX_UTF, "\xc3\xa9", false },
	{ "\\s", REGEX_UTF, "\xc2\xa0", false },
	{ "\\p{Sc}", REGEX_UTF, "\xe2\x82\xac", true },
	{ "^.$", REGEX_UTF, "\xe9", false },
	{ "a", REGEX_UTF, "a\xe9", false },
	/* Lines. */
	{ "^b", REGEX_MULTILINE, "a\r\nb", true },
	{ "a$", REGEX_MULTILINE, "a\r\nb", true },
	{ "a$", REGEX_MULTILINE, "a\rb", true },
	{ "a$", REGEX_MULTILINE, "a\vb", true },
	{ "a$", 0, "a\r\n", true },
	{ "a\\z", 0, "a\n", false },
	{ "a.b", 0, "a\rb", false },
	{ "a.b", REGEX_DOTALL, "a\nb", true },
	{ "a\\Rb", 0, "a\r\nb", true },
	{ "a b", REGEX_EXTENDED, "ab", true },
	/* m{...}: the whole text. */
	{ "abc", REGEX_WHOLE, "abcd", false },
	{ "abc", REGEX_WHOLE, "xabc", false },
	{ "abc|abcd", REGEX_WHOLE, "abcd", true },
	{ "", 0, "x", true },
	{ "[[:<:]]w\\w*[[:>:]]", 0, "a word b", true },
};

/* Does the prefilter of the matcher let the text through? */
static bool let_through(const struct regex *re, struct str text)
{
	const struct regex_needs *needs = regex_needs(re);
	struct pieces all = { { 0 } };
	struct few_pieces few = { { 0 } };

	pieces_add(&all, &few, text);
	return text.n >= needs->min_length &&
	       pieces_allow(&all, needs->literals);
}

static void each_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena *a = arena_new();
		struct err err = { "" };
		struct str text = str_cstr(cases[i].text);

		for (unsigned brief = 0; brief < 2; brief++) {
			struct regex *re = regex_compile_pcre(a,
				str_cstr(cases[i].pattern), cases[i].flags |
				(brief ? REGEX_BRIEF : 0), &err);

			if (!re)
				fail_msg("/%s/: %s", cases[i].pattern,
					 err.text);
			if (regex_hits(re, text) != cases[i].want)
				fail_msg("/%s/ on \"%s\"", cases[i].pattern,
					 cases[i].text);
			assert_true(!cases[i].want || let_through(re, text));
		}
		arena_free(&a);
	}
}

static void refused(void **state)
{
	static const char *const patterns[] = {
		"(", "a{99999}", "(?<a>x)(?<a>y)", "(?<=a+)b", "(*UTF)x",
		"(*UCP)x", "[z-a]",
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		struct err err = { "" };

		assert_null(regex_compile_pcre(a, str_cstr(patterns[i]), 0,
					       &err));
		assert_true(err.text[0] != '\0');
	}
	assert_null(regex_compile_pcre(a, STR("\xe9"), REGEX_UTF, NULL));
	arena_free(&a);
}

/* A loop over UTF-8: empty matches step by characters. */
static void loop_over_characters(void **state)
{
	struct arena *a = arena_new();
	struct regex *re = regex_compile_pcre(a, STR("x*"), REGEX_UTF, NULL);
	struct str text = STR("\xc3\xa9x\xe6\x97\xa5");
	struct regex_match m;
	size_t pos = 0, n = 0;
	bool empty = false;

	(void)state;
	while (regex_next(re, text, &pos, &empty, &m) == 1)
		n++;
	assert_int_equal(n, 4);	/* before é, x, before 日, at the end */
	arena_free(&a);
}

/* A hostile pattern gives up instead of running for ever. */
static void bounded(void **state)
{
	struct arena *a = arena_new();
	struct regex *re = regex_compile_pcre(a, STR("^(a+)+$"), REGEX_UTF,
					      NULL);
	struct str text = STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");

	(void)state;
	assert_int_equal(regex_search(re, text, 0, NULL), -1);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case),
		cmocka_unit_test(refused),
		cmocka_unit_test(loop_over_characters),
		cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
