/*
 * Scores, flags and what else is said about rules by name.
 */
#include "conf_load.h"

static void assert_scores(const struct ruleset *rs, const char *rule,
			  double a, double b, double c, double d)
{
	const struct rule *r = ruleset_find(rs, str_cstr(rule));
	const double want[] = { a, b, c, d };

	print_message("%s\n", rule);
	assert_non_null(r);
	for (int i = 0; i < 4; i++)
		assert_true(settings_score(rs->site, r->id, i) == want[i]);
}

static void score_lines(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a,
		"score BEFORE 2.5\n"
		"body BEFORE /x/\nbody FOUR /x/\nbody LATER /x/\n"
		"body REL /x/\nbody REL4 /x/\nbody NONE /x/\n"
		"body T_TEST /x/\nbody NICE /x/\nbody T_NICE /x/\n"
		"body ZERO /x/\nbody NEG /x/\nbody __SUB /x/\n"
		"score FOUR 1 2.5 -3 0.001\n"
		"score LATER 1\nscore LATER 2\n"
		"score REL 1\nscore REL (0.5)\n"
		"score REL4 1 2 3 4\nscore REL4 (1) 1 -1 (0.25)\n"
		"score ZERO 0\nscore NEG -1.5\n"
		"tflags NICE nice\ntflags T_NICE net nice\n"
		"score NOBODY 3\nscore NOBODY (1)\n");

	(void)state;
	conf_print_diags(rs);
	assert_int_equal(rs->diags.n, 0);
	assert_scores(rs, "BEFORE", 2.5, 2.5, 2.5, 2.5);
	assert_scores(rs, "FOUR", 1, 2.5, -3, 0.001);
	assert_scores(rs, "LATER", 2, 2, 2, 2);
	assert_scores(rs, "REL", 1.5, 1.5, 1.5, 1.5);
	/* One number in brackets makes all of the line relative. */
	assert_scores(rs, "REL4", 2, 3, 2, 4.25);
	assert_scores(rs, "NONE", 1, 1, 1, 1);
	assert_scores(rs, "T_TEST", 0.01, 0.01, 0.01, 0.01);
	assert_scores(rs, "NICE", -1, -1, -1, -1);
	assert_scores(rs, "T_NICE", -0.01, -0.01, -0.01, -0.01);
	assert_scores(rs, "ZERO", 0, 0, 0, 0);
	assert_scores(rs, "NEG", -1.5, -1.5, -1.5, -1.5);
	assert_scores(rs, "__SUB", 1, 1, 1, 1);
	assert_null(ruleset_find(rs, STR("NOBODY")));
	arena_free(&a);
}

/* Lines that are refused and change nothing. */
static void score_faults(void **state)
{
	static const char *const bad[] = {
		"score", "score A", "score A 1 2", "score A 1 2 3",
		"score A 1 2 3 4 5", "score A x", "score A +1", "score A .5",
		"score A 1.", "score A 1e2", "score A (1", "score A 1 2 x 4",
		"score NEW (1)", "score A ()", "score A --1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena *a = arena_new();
		struct str text = str_printf(a, "body A /x/\nscore A 7\n%s\n",
					     bad[i]);
		struct ruleset *rs = conf_load(a, text.p);

		print_message("%s\n", bad[i]);
		assert_int_equal(rs->diags.nerrors, 1);
		assert_int_equal(rs->diags.v[0].line, 3);
		assert_scores(rs, "A", 7, 7, 7, 7);
		arena_free(&a);
	}
}

static const struct {
	const char *text;
	unsigned flags;
	int maxhits, lo, hi;
} tflags[] = {
	{ "net", TF_NET, 0, 0, 0 },
	{ "net nice  publish", TF_NET | TF_NICE | TF_PUBLISH, 0, 0, 0 },
	{ "multiple maxhits=5", TF_MULTIPLE, 5, 0, 0 },
	{ "multiple", TF_MULTIPLE, 0, 0, 0 },
	{ "nosubject noawl", TF_NOSUBJECT | TF_NOAWL, 0, 0, 0 },
	{ "noautolearn autolearn_force learn userconf",
	  TF_NOAUTOLEARN | TF_AUTOLEARN_FORCE | TF_LEARN | TF_USERCONF, 0,
	  0, 0 },
	{ "autolearn_body autolearn_header nolog concat",
	  TF_AUTOLEARN_BODY | TF_AUTOLEARN_HEADER | TF_NOLOG | TF_CONCAT, 0,
	  0, 0 },
	{ "internet nicely multiples", 0, 0, 0, 0 },
	{ "a-net,nice", TF_NET | TF_NICE, 0, 0, 0 },
	{ "range=2-5", 0, 0, 2, 5 },
	{ "range=3", 0, 0, 3, 3 },
	{ "range=-4", 0, 0, 0, 4 },
	{ "range=4-", 0, 0, 4, 1000 },
	{ "unheard of", 0, 0, 0, 0 },
};

static void flags(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tflags) / sizeof(tflags[0]); i++) {
		struct arena *a = arena_new();
		struct str text = str_printf(a, "tflags A publish\nbody A "
					     "/x/\ntflags A %s\n",
					     tflags[i].text);
		struct ruleset *rs = conf_load(a, text.p);
		const struct rule *r = ruleset_find(rs, STR("A"));

		print_message("%s\n", tflags[i].text);
		assert_int_equal(r->tflags, tflags[i].flags);
		assert_int_equal(r->maxhits, tflags[i].maxhits);
		assert_int_equal(r->range_lo, tflags[i].lo);
		assert_int_equal(r->range_hi, tflags[i].hi);
		assert_str_is(r->tflags_text, tflags[i].text);
		arena_free(&a);
	}
}

static void names(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a,
		"describe A one\ndescribe A  two  three\ndescribe NOBODY x\n"
		"subjprefix A [x] y\npriority A 5\npriority A -7\n"
		"body A /x/\nbody RAZOR /x/\n"
		"full R eval:check_razor2()\npriority R 20\n"
		"full P eval:check_pyzor()\n");

	(void)state;
	assert_int_equal(rs->diags.n, 0);
	assert_str_is(settings_describe(rs->site, STR("A")), "two  three");
	assert_str_is(settings_describe(rs->site, STR("NOBODY")), "x");
	assert_null(settings_describe(rs->site, STR("B")).p);
	assert_str_is(*(struct str *)map_get(&rs->site->subjprefix, STR("A")),
		      "[x] y");
	assert_int_equal(ruleset_find(rs, STR("A"))->priority, -7);
	/* Asked in processes of their own, so they are asked early. */
	assert_int_equal(ruleset_find(rs, STR("R"))->priority, -100);
	assert_int_equal(ruleset_find(rs, STR("P"))->priority, -100);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(score_lines),
		cmocka_unit_test(score_faults),
		cmocka_unit_test(flags),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
