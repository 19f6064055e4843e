/*
 * Necessary literals of patterns, and that the test made of them never rules
 * out a text that matches.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "match/literal.h"
#include "match/regex.h"

static const struct {
	const char *pattern, *mods, *clause;
} cases[] = {
	{ "viagra", "", "viagra" },
	{ "ViAgRa", "i", "viagra" },
	{ "\\bfoo\\b \\bbar", "", "foo bar" },
	{ "ab", "", "" },
	{ "abc?", "", "" },
	{ "abcd?", "", "abc|abcd" },
	{ "abc*def", "", "def" },
	{ "abc+def", "", "cdef" },
	{ "e-?mai?l\\did", "", "e-mail|e-mal|email|emal" },
	{ "v[i1!]agra", "", "v!agra|v1agra|viagra" },
	{ "abc{0,3}defg", "", "abcccdefg|abccdefg|abcdefg|abdefg" },
	{ "abc{1}def", "", "abcdef" },
	{ "a{2,3}bcd", "", "aaabcd|aabcd" },
	{ "foo|bar", "", "bar|foo" },
	{ "foo|b", "", "" },
	{ "(?:foo|b)ar|zap", "", "bar|fooar|zap" },
	{ "x(?:foo|barn)y", "", "xbarny|xfooy" },
	{ "x(?:foo)y", "", "xfooy" },
	{ "x(?:foo)?y", "", "" },
	{ "(?i:free) [mM]oney", "", "free money" },
	{ "[^a]bcd[a-z]efgh", "", "efgh" },
	{ "(?!never)always", "", "always" },
	{ "(?=look)ahead", "", "ahead" },
	{ "(?<=behind)this", "", "this" },
	{ "\\x41\\x{42}CDE", "", "abcde" },
	{ "a\\.b\\/c", "", "a.b/c" },
	{ "(\\w+) \\1 word", "", " word" },
	{ "[]]ab[[:alpha:]]cde", "", "]ab" },
	{ "caf\xc9 noir", "i", "caf\xe9 noir" },
	{ "a b c d # comment", "x", "" },
	{ "(?#foo)bars", "", "bars" },
	{ "(?<NAME>named)", "", "named" },
	{ "^http:\\/\\/", "", "http://" },
	{ "(?:a(?:b(?:c|cd)))(?:efg|hij)", "",
	  "abcdefg|abcdhij|abcefg|abchij" },
};

static void test_clauses(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { "" };
		struct regex *re = regex_compile(a, str_cstr(cases[i].pattern),
						 str_cstr(cases[i].mods), &err);
		struct str got;

		if (!re)
			fail_msg("/%s/: %s", cases[i].pattern, err.text);
		got = literals_text(a, regex_needs(re)->literals);
		if (!str_eq(got, str_cstr(cases[i].clause)))
			fail_msg("/%s/: got '%.*s'", cases[i].pattern,
				 STR_ARG(got));
	}
	arena_free(&a);
}

static const struct {
	const char *pattern, *mods, *text;
} matching[] = {
	{ "abc+def", "", "xx abcccdef" },
	{ "abc+def", "", "abcdef" },
	{ "a{2,3}bcd", "", "aabcd" },
	{ "x(?:foo|barn)y", "i", "XBARNY" },
	{ "caf\xe9", "i", "CAF\xc9" },
	{ "(?:ab){2}cd", "", "ababcd" },
	{ "(?:abc|abd)+e", "", "abcabde" },
	{ "a(?:bc)*+d(?>ef)g", "", "adefg" },
	{ "(a)(b)\\2c\\1", "", "abbca" },
	{ "\\105\\106\\107", "", "EFG" },
	{ "x(?i)abc(?-i)d", "", "xABCd" },
	{ "(?|(abc)|(def))\\1", "", "defdef" },
};

static void test_never_rules_out(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(matching) / sizeof(matching[0]); i++) {
		struct str text = str_cstr(matching[i].text);
		struct err err = { "" };
		struct regex *re =
			regex_compile(a, str_cstr(matching[i].pattern),
				      str_cstr(matching[i].mods), &err);
		struct pieces set = { { 0 } };
	struct few_pieces few = { { 0 } };

		if (!re)
			fail_msg("/%s/: %s", matching[i].pattern, err.text);
		if (!regex_hits(re, text))
			fail_msg("/%s/ does not match", matching[i].pattern);
		pieces_add(&set, &few, text);
		if (!pieces_allow(&set, regex_needs(re)->literals) ||
		    !few_pieces_allow(&few, regex_needs(re)->literals))
			fail_msg("/%s/ is ruled out", matching[i].pattern);
	}
	arena_free(&a);
}

static void test_rules_out(void **state)
{
	struct arena *a = arena_new();
	struct regex *re = regex_compile(a, STR("x(?:foo|barn)y"), STR(""),
					 NULL);
	struct pieces set = { { 0 } };
	struct few_pieces few = { { 0 } };

	(void)state;
	pieces_add(&set, &few, STR("nothing of the kind"));
	assert_false(pieces_allow(&set, regex_needs(re)->literals));
	assert_false(few_pieces_allow(&few, regex_needs(re)->literals));
	assert_true(pieces_allow(&set, NULL));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clauses),
		cmocka_unit_test(test_never_rules_out),
		cmocka_unit_test(test_rules_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
