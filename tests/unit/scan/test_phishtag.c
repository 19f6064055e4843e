/*
 * PhishTag: its file of targets, and links that are put elsewhere in a body.
 * That what comes out is SpamAssassin's is tested by tests/cases/phishtag*;
 * here are the corners in which SpamAssassin's answer depends on the order of a
 * Perl hash, and the limits.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/limits.h"
#include "eval/phish_tag.h"
#include "scan/scan_int.h"

static void assert_text(struct str got, const char *expected)
{
	if (!str_eq(got, str_cstr(expected)))
		fail_msg("got \"%.*s\", expected \"%s\"", STR_ARG(got),
			 expected);
}

static void test_targets(void **state)
{
	struct arena *a = arena_new();
	struct phish_targets t = { 0 };

	(void)state;
	phish_targets_parse(a, STR("EARLY\n"
				   "target\thttp://one.example/ words\n"
				   "FIRST\n\t# nothing\r\n S E C O N D \r\n"
				   "target http://two.example/\n"
				   "targets\n"
				   " \t\n"
				   "LATE\n"
				   " target http://indented.example/\n"
				   "target\n"
				   "target http://end.example/"), &t);
	assert_int_equal(t.n, 3);
	assert_text(t.v[0].address, "http://one.example/");
	assert_int_equal(t.v[0].triggers.n, 2);
	assert_text(t.v[0].triggers.v[0], "FIRST");
	assert_text(t.v[0].triggers.v[1], "SECOND");
	assert_text(t.v[1].address, "http://two.example/");
	assert_int_equal(t.v[1].triggers.n, 1);
	assert_text(t.v[1].triggers.v[0], "targets");
	assert_text(t.v[2].address, "http://end.example/");
	assert_int_equal(t.v[2].triggers.n, 0);
	arena_free(&a);
}

static const struct {
	const char *body, *links[3], *expected;
} cases[] = {
	{ "see http://a.example/ and http://a.example/",
	  { "http://a.example/" }, "see T and T" },
	{ "nothing", { "http://a.example/" }, "nothing" },
	{ "", { "http://a.example/" }, "" },
	/* The longer one first, wherever it is. */
	{ "http://a.example/long http://a.example/",
	  { "http://a.example/", "http://a.example/long" }, "T T" },
	/* Links are regexes. */
	{ "http://a.example/?x http://a.example/x http://a.examplex",
	  { "http://a.example/?x" }, "http://a.example/?x T T" },
	{ "a\n#top b", { "^#top" }, "a\nT b" },
	{ "http://a.example/(x http://b.example/",
	  { "http://a.example/(x", "http://b.example/" },
	  "http://a.example/(x T" },
	/* One that matches nothing at all stands everywhere. */
	{ "ab", { "x*" }, "TaTbT" },
};

static void test_replace(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct strs links = { 0 };

		for (size_t k = 0; k < 3 && cases[i].links[k]; k++)
			strs_add(a, &links, str_cstr(cases[i].links[k]));
		assert_text(phishtag_replace(a, str_cstr(cases[i].body), &links,
					     STR("T"), 0), cases[i].expected);
	}
	arena_free(&a);
}

/* Links that each double what the one before has made end at a limit: the one
 * that meets it has done nothing. */
static void test_growth(void **state)
{
	struct arena *a = arena_new();
	struct strs links = { 0 };
	struct str got;

	(void)state;
	for (int i = 0; i < 64; i++)
		strs_add(a, &links, str_printf(a, "a{1}(?#%02d)", i));
	got = phishtag_replace(a, STR("a"), &links, STR("aa"), 0);
	assert_true(got.n > 1 << 16 && got.n <= LIMIT_PHISHTAG_WORK);
	assert_true((got.n & (got.n - 1)) == 0);
	arena_free(&a);
}

static void test_deadline(void **state)
{
	struct arena *a = arena_new();
	struct strs links = { 0 };

	(void)state;
	strs_add(a, &links, STR("a"));
	assert_text(phishtag_replace(a, STR("a"), &links, STR("T"), 1), "a");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
