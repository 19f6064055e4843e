/*
 * Regexes against what Perl 5.36 answers for the same pattern under /aa on
 * octets: where each match of while (/re/g) lies, or that Perl (with
 * SpamAssassin's view of warnings) refuses the pattern.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "match/regex.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct regex *compile(const char *pattern, const char *mods,
			     struct err *err)
{
	return regex_compile(arena, str_cstr(pattern), str_cstr(mods), err);
}

/* "0-3 5-6": where the matches of a loop lie. */
static struct str matches(const struct regex *re, struct str subject)
{
	struct regex_match m;
	struct buf out;
	size_t pos = 0;
	bool empty = false;

	buf_in(&out, arena, 65536);
	while (regex_next(re, subject, &pos, &empty, &m) == 1 && out.n < 200) {
		size_t from = (size_t)(m.group[0].p - subject.p);

		buf_addf(&out, "%s%zu-%zu", out.n ? " " : "", from,
			 from + m.group[0].n);
	}
	buf_addc(&out, '\0');
	return str_make(out.p, out.n - 1);
}

struct match_case {
	const char *pattern, *mods, *subject, *want;
};

static const struct match_case perl_answers[] = {
	{ "foo", "", "a foo, foo", "2-5 7-10" },
	{ "FOO", "i", "a foo", "2-5" },
	{ "x*", "", "axb", "0-0 1-2 2-2 3-3" },
	{ "", "", "ab", "0-0 1-1 2-2" },
	{ "a|ab", "", "ab", "0-1" },
	{ "a??", "", "aa", "0-0 0-1 1-1 1-2 2-2" },
	{ "(?<=a)b", "", "abab", "1-2 3-4" },
	{ "\\Ga", "", "aab a", "0-1 1-2" },
	{ "^a", "m", "a\na", "0-1 2-3" },
	{ "^", "m", "a\n", "0-0" },
	{ "a$", "", "a\n", "0-1" },
	{ "a\\z", "", "a\n", "" },
	{ "a\\Z", "", "a\n", "0-1" },
	{ ".", "", "\n\r", "1-2" },
	{ ".", "s", "\n", "0-1" },
	/* Octets, not characters; letters are ASCII but fold as Latin-1. */
	{ "\\w", "", "\xe9", "" },
	{ "\\bfoo\\b", "", "\xe9" "foo", "1-4" },
	{ "\xe9", "i", "\xc9", "0-1" },
	{ "[\xe0-\xff]", "i", "\xc0", "0-1" },
	{ "\xd7", "i", "\xf7", "" },
	{ "\xdf", "i", "ss", "" },
	{ "\\x{e9}", "i", "\xc9", "0-1" },
	{ "k", "i", "\xe2\x84\xaa", "" },
	{ "\\s", "", "\xa0\x0b", "1-2" },
	/* What no octet equals. */
	{ "a\\x{100}?b", "", "ab", "0-2" },
	{ "\\x{456}", "", "abc", "" },
	{ "[^\\x{100}]", "", "a\n", "0-1 1-2" },
	{ "[\\x{100}]|b", "", "ab", "1-2" },
	{ "[\xf0-\\x{200}]", "", "\xef\xf0", "1-2" },
	{ "\\x{3bc}", "i", "\xb5", "0-1" },
	{ "\\x{178}", "i", "\xff", "0-1" },
	{ "\\N{U+41}", "", "BA", "1-2" },
	/* Quantifiers that PCRE2 would take for text. */
	{ "^a{,2}$", "", "aa", "0-2" },
	{ "^a{,2}$", "", "a{,2}", "" },
	{ "^a{ 1, 2 }$", "", "aa", "0-2" },
	{ "{", "", "a{", "1-2" },
	{ "{1}", "", "{1}", "0-3" },
	{ "$?a", "", "a", "0-1" },
	/* Flags. */
	{ "(?^aa:(?i)foo)", "", "FOO", "0-3" },
	{ "(?^:FOO)", "i", "foo", "" },
	{ "(?aa)\\w", "", "\xe9", "" },
	{ "(?u)\\w", "", "\xe9", "0-1" },
	{ "(?u)\\bfoo", "", "\xe9" "foo", "" },
	{ "(?u)[[:upper:]]", "", "\xe9\xc9", "1-2" },
	{ "(?u)[^\\w]", "", "\xe9\xd7", "1-2" },
	{ "(?p)a", "", "a", "0-1" },
	{ "a b", "x", "ab", "0-2" },
	{ "a # b", "x", "ab", "0-1" },
	{ "[a b]", "x", " ", "0-1" },
	{ "(?xx)[ a b ]", "", " b", "1-2" },
	{ "(?xx)[ ^a ]", "", "ab", "1-2" },
	{ "(a)\\g{ -1 }", "", "aa", "0-2" },
	{ "(?<n>a)(?<n>b)", "", "ab", "0-2" },
	/* PCRE2 10.42 repeats these too eagerly if left as they are. */
	{ "\\S*\\h", "", "a\xa0", "0-2" },
	{ "\\R*.", "", "\x0b", "0-1" },
	/* Look-behinds without one length. */
	{ "(?<=a{1,3})b", "", "aab", "2-3" },
	{ "(?<!(?:a|bb)c)d", "", "acd bbcd bcd", "11-12" },
	{ "(?<=\\s{0,3}x)y", "", "x xy", "3-4" },
	{ "(?<=foo|ba)r", "", "foor bar", "3-4 7-8" },
	{ "(?<=(?i:A|bb))c", "", "ac BBc", "1-2 5-6" },
	{ "(*plb:a?b)c", "", "abc", "2-3" },
};

static void matches_like_perl(void **state)
{
	size_t n = sizeof(perl_answers) / sizeof(*perl_answers);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const struct match_case *c = &perl_answers[i];
		struct err err = { "" };
		struct regex *re = compile(c->pattern, c->mods, &err);
		struct str got;

		if (!re)
			fail_msg("/%s/: %s", c->pattern, err.text);
		got = matches(re, str_cstr(c->subject));
		if (!str_eq(got, str_cstr(c->want)))
			fail_msg("/%s/%s on \"%s\": %s, not %s", c->pattern,
				 c->mods, c->subject, got.p, c->want);
	}
}

static void refuses_what_spamassassin_refuses(void **state)
{
	static const char *const patterns[] = {
		"(", ")", "[a", "a**", "a{2}{3}", "*a", "x{a", "\\d{a",
		"a{3,1}", "a{70000}", "\\Qa", "\\y", "\\C", "[\\d-z]",
		"[z-a]", "[[:foo:]]", "(?g)a", "(?C)a", "(?J)a", "(*UTF)a",
		"(*CRLF)a", "(?{1})", "(??{1})", "(?<1n>a)", "\\8", "a\\",
		"\\b*a", "(?=a)*b", "a{2}?", "(?<n a>b)", "(?z)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		struct err err = { "" };

		if (compile(patterns[i], "", &err))
			fail_msg("/%s/ was accepted", patterns[i]);
		assert_true(err.text[0]);
	}
}

/* Valid Perl, but not within reach: named, not misread. */
static void refuses_by_name(void **state)
{
	static const char *const cases[][2] = {
		{ "(?[ [a] ])", "(?[ ])" }, { "\\b{wb}a", "\\b{" },
		{ "(?l)a", "(?l)" }, { "(?^i:a)", "ASCII" },
		{ "\\N{LATIN SMALL LETTER A}", "\\N{name}" },
		{ "(?<=a+)b", "look-behind" },
		{ "(?<=(a|bb))c", "look-behind" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = { "" };

		assert_null(compile(cases[i][0], "", &err));
		if (!strstr(err.text, cases[i][1]))
			fail_msg("/%s/: %s", cases[i][0], err.text);
	}
}

static void groups_are_told(void **state)
{
	struct regex_match m;
	struct regex *re = compile("(a)|(?<B>b)(c)?", "", NULL);
	struct str *names;
	unsigned *numbers;

	(void)state;
	assert_int_equal(regex_search(re, STR("xb"), 0, &m), 1);
	assert_int_equal(m.ngroups, 3);
	assert_true(str_eq(m.group[0], STR("b")));
	assert_null(m.group[1].p);
	assert_true(str_eq(m.group[2], STR("b")));
	assert_null(m.group[3].p);
	assert_int_equal(regex_named_groups(re, arena, &names, &numbers), 1);
	assert_true(str_eq(names[0], STR("B")));
	assert_int_equal(numbers[0], 2);
}

static void search_starts_where_told(void **state)
{
	struct regex *re = compile("(?<=a)b|^c", "", NULL);

	(void)state;
	assert_int_equal(regex_search(re, STR("abc"), 1, NULL), 1);
	assert_int_equal(regex_search(re, STR("abc"), 2, NULL), 0);
	assert_int_equal(regex_search(re, STR("abc"), 4, NULL), 0);
	assert_int_equal(regex_search(re, STR_NONE, 0, NULL), 0);
}

/* An alternation of words that makes more than 64 K code units. */
static struct str large_pattern(void)
{
	struct buf b;

	buf_in(&b, arena, 1 << 20);
	buf_adds(&b, STR("(?:"));
	for (int i = 0; i < 12000; i++)
		buf_addf(&b, "w%d[\xe9z]|", i);
	buf_adds(&b, STR("end)!"));
	return buf_str(&b);
}

static void large_patterns_run_wide(void **state)
{
	struct str pattern = large_pattern();
	struct err err;
	struct regex *re = regex_compile(arena, pattern, STR("i"), &err);

	(void)state;
	assert_non_null(re);
	assert_string_equal(matches(re, STR("a W11999\xc9! end!")).p,
			    "2-10 11-15");
	/* The same address, other octets: nothing of it may be remembered. */
	char text[] = "w1z!";

	assert_int_equal(regex_hits(re, str_make(text, 4)), true);
	text[0] = 'v';
	assert_int_equal(regex_hits(re, str_make(text, 4)), false);
}

/* JIT's stack is small; what does not fit runs in the interpreter. */
static void deep_matches_do_not_fail(void **state)
{
	struct regex *re = compile("^(?:(a)|b)*c", "", NULL);
	size_t n = 30000;
	char *text = arena_text(arena, n + 1);

	(void)state;
	memset(text, 'a', n);
	text[n] = 'c';
	assert_int_equal(regex_search(re, str_make(text, n + 1), 0, NULL), 1);
}

static void hopeless_matches_give_up(void **state)
{
	struct regex *re = compile("^(a+)+$", "", NULL);

	(void)state;
	assert_int_equal(regex_search(re, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
					      "aaaaaaaaaaaaaaaaaaaaaaaaaaaa!"),
				      0, NULL), -1);
}

static void needs_rule_out_only_misses(void **state)
{
	const struct regex_needs *n =
		regex_needs(compile("(?:ab|cd)e+f", "i", NULL));

	(void)state;
	assert_int_equal(n->min_length, 4);
	assert_true(n->has_first);
	assert_true(n->first['A' / 64] >> ('A' % 64) & 1);
	assert_true(n->first['c' / 64] >> ('c' % 64) & 1);
	assert_false(n->first['e' / 64] >> ('e' % 64) & 1);
	assert_true(n->has_last);
	assert_true(n->last['F' / 64] >> ('F' % 64) & 1);
	assert_true(n->last['f' / 64] >> ('f' % 64) & 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_like_perl),
		cmocka_unit_test(refuses_what_spamassassin_refuses),
		cmocka_unit_test(refuses_by_name),
		cmocka_unit_test(groups_are_told),
		cmocka_unit_test(search_starts_where_told),
		cmocka_unit_test(large_patterns_run_wide),
		cmocka_unit_test(deep_matches_do_not_fail),
		cmocka_unit_test(hopeless_matches_give_up),
		cmocka_unit_test(needs_rule_out_only_misses),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
