/*
 * Expressions of metas: which ones SpamAssassin 4.0.1 accepts, and what Perl
 * computes for A=1 B=0 C=3 D=0.5.
 */
#include "conf_load.h"

#include <math.h>

#include "base/buf.h"
#include "conf/meta.h"

struct meta_case {
	const char *text;
	double value;		/* NAN: refused */
};

static const struct meta_case cases[] = {
	{ "A && C", 3 }, { "C && A", 1 }, { "A && B", 0 }, { "B && A", 0 },
	{ "A || B", 1 }, { "C || A", 3 }, { "B || C", 3 }, { "B || D", 0.5 },
	{ "!A", 0 }, { "!B", 1 }, { "!!C", 1 }, { "!C", 0 },
	{ "A + C > 3", 1 }, { "A + C >= 5", 0 }, { "A + 1", 2 },
	{ "A +1", NAN }, { "A+1", NAN }, { "A - C", -2 }, { "A - - C", 4 },
	{ "A -- C", NAN }, { "A +- C", -2 }, { "- A", -1 }, { "-1", NAN },
	{ "C * 2", 6 }, { "C / 2", 1.5 }, { "A / C", NAN },
	{ "A && B / C", 0 }, { "C ** 2", NAN }, { "C * * 2", NAN },
	{ "C % 2", NAN }, { "A ^ C", 2 }, { "C ^ C", 0 },
	{ "A == 1", 1 }, { "A != 1", 0 }, { "C > A == 1", 1 },
	{ "B < A < C", 1 }, { "A < C < B", 0 }, { "A < B < C", 0 },
	{ "A == A == A", 1 }, { "C == C == A", 0 },
	{ "A ? C : B", 3 }, { "B ? C : D", 0.5 }, { "A?C:B", NAN },
	{ "B ? 1 : A ? 2 : 3", 2 }, { "A ? B ? 5 : 6 : 7", 6 },
	{ "A && C || B", 3 }, { "B || A && C", 3 }, { "!B && !B", 1 },
	{ "!A + 2", 2 }, { "(A || B) && C", 3 }, { "((A))", 1 },
	{ "A & B", NAN }, { "A &&", NAN }, { "(A", NAN }, { "A)", NAN },
	{ "A B", NAN }, { "A and B", NAN }, { "(A)(B)", NAN }, { "1 2", NAN },
	{ "2A", NAN }, { "08", NAN }, { "010", 8 }, { "1.", NAN },
	{ "1.5.2", NAN }, { "1.5", 1.5 }, { "0x10", NAN }, { "1e3", NAN },
	{ "\"A\"", 1 }, { "A, B", NAN }, { "A => B", 1 }, { "A ~ B", NAN },
	{ "A =~ B", NAN }, { "A:B", NAN }, { "Foo::bar", NAN },
	{ "A; B", NAN }, { "$A", NAN }, { "@A", NAN }, { "{A}", NAN },
	{ "UNDEF", 0 }, { "!UNDEF", 1 }, { "()", 0 }, { "( )", 0 },
	{ "local_tests_only", 1 }, { "local_tests_only && C", 3 },
	{ "rules_matching(A)", 1 }, { "rules_matching( ? ) > 4", 1 },
	{ "rules_matching(Z*)", 0 }, { "rules_matching (A)", NAN },
	{ "rules_matching(*)", 4.5 },
};

static double value(void *ctx, unsigned id)
{
	static const double v[] = { 1, 0, 3, 0.5 };

	(void)ctx;
	return id < 4 ? v[id] : 0;
}

static void expressions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new();
		struct str text = str_printf(a, "body A /x/\nbody B /x/\n"
			"body C /x/\nbody D /x/\nmeta M %s\n", cases[i].text);
		struct ruleset *rs = conf_load(a, text.p);
		const struct rule *r = ruleset_find(rs, STR("M"));

		print_message("%s\n", cases[i].text);
		if (isnan(cases[i].value)) {
			assert_null(r);
			assert_int_equal(rs->diags.n, 1);
			assert_int_equal(rs->diags.v[0].line, 5);
		} else {
			assert_non_null(r);
			assert_int_equal(rs->diags.n, 0);
			assert_true(meta_eval(r->meta, true, value, NULL) ==
				    cases[i].value);
		}
		arena_free(&a);
	}
}

/* A division by zero at scan time is no hit. */
static void by_zero(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a,
		"body A /x/\nbody B /x/\nmeta M (A ? A / B : 0)\n"
		"meta N A && (B && A / B)\n");
	const struct rule *r = ruleset_find(rs, STR("M"));

	(void)state;
	assert_true(meta_eval(r->meta, true, value, NULL) == 0);
	r = ruleset_find(rs, STR("N"));
	assert_true(meta_eval(r->meta, true, value, NULL) == 0);
	arena_free(&a);
}

static void dependencies(void **state)
{
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a,
		"meta M A && !NOPE && (A || B) && NOPE\n"
		"body A /x/\nbody B /x/\nmeta E ()\nmeta F 1\n");
	const struct meta *m = ruleset_find(rs, STR("M"))->meta;

	(void)state;
	assert_int_equal(m->ndeps, 2);
	assert_int_equal(m->deps[0], ruleset_find(rs, STR("A"))->id);
	assert_int_equal(m->deps[1], ruleset_find(rs, STR("B"))->id);
	assert_str_is(strs_join(a, &m->undefined, STR(" ")), "NOPE");
	assert_false(m->empty);
	assert_true(ruleset_find(rs, STR("E"))->meta->empty);
	assert_false(ruleset_find(rs, STR("F"))->meta->empty);
	arena_free(&a);
}

static void cycles(void **state)
{
	static const struct { const char *name; bool cyclic; } want[] = {
		{ "SELF", true }, { "X", true }, { "Y", true },
		{ "BEHIND", true }, { "FREE", false }, { "TOP", false },
	};
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a,
		"meta SELF !SELF\nmeta X Y\nmeta Y X || A\nmeta BEHIND Y\n"
		"meta FREE A\nmeta TOP FREE\nbody A /x/\n");

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		print_message("%s\n", want[i].name);
		assert_int_equal(ruleset_find(rs, str_cstr(want[i].name))
				 ->meta->cyclic, want[i].cyclic);
	}
	assert_int_equal(rs->diags.nerrors, 4);
	arena_free(&a);
}

static void priorities(void **state)
{
	static const struct { const char *name; int priority; } want[] = {
		{ "M", -500 }, { "A", -500 }, { "N", -100 }, { "SUB", -500 },
		{ "DEEP", -500 }, { "NET", -100 }, { "LATE", 200 },
		{ "EARLY", -1000 }, { "WHOLE", -100 }, { "PLAIN", 0 },
		{ "check", 0 },
	};
	struct arena *a = arena_new();
	struct ruleset *rs = conf_load(a,
		"meta M A && N && SUB && EARLY\npriority M -500\n"
		"body A /x/\nbody N /x/\ntflags N net\n"
		"meta SUB DEEP\nbody DEEP /x/\n"
		"body NET /x/\ntflags NET net nice\n"
		"body LATE /x/\npriority LATE 200\n"
		"body EARLY /x/\npriority EARLY -1000\n"
		"meta WHOLE NET\nbody PLAIN /x/\nbody check /x/\n");

	(void)state;
	conf_print_diags(rs);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct rule *r = ruleset_find(rs,
						    str_cstr(want[i].name));

		print_message("%s\n", want[i].name);
		assert_int_equal(r->priority, want[i].priority);
	}
	assert_true(ruleset_find(rs, STR("WHOLE"))->tflags & TF_NET);
	assert_true(ruleset_find(rs, STR("M"))->tflags & TF_NET);
	assert_false(ruleset_find(rs, STR("SUB"))->tflags & TF_NET);
	arena_free(&a);
}

/* Nesting and length have ends, and they are named. */
static void too_much(void **state)
{
	struct arena *a = arena_new();
	struct buf b;
	struct ruleset *rs;

	(void)state;
	buf_in(&b, a, 1 << 20);
	buf_addf(&b, "meta DEEP ");
	for (int i = 0; i < 5000; i++)
		buf_addc(&b, '(');
	buf_addf(&b, "\nmeta LONG A");
	for (int i = 0; i < 30000; i++)
		buf_addf(&b, " + A");
	buf_addf(&b, "\nmeta NOT ");
	for (int i = 0; i < 5000; i++)
		buf_addc(&b, '!');
	buf_addf(&b, "A\nmeta CHAIN ");
	for (int i = 0; i < 25; i++)
		buf_addf(&b, "1 < (");
	for (int i = 0; i < 25; i++)
		buf_addf(&b, "A < A) < 2");
	buf_addf(&b, "\nbody A /x/\n");
	buf_addc(&b, '\0');
	rs = conf_load(a, b.p);
	assert_int_equal(rs->diags.nerrors, 4);
	assert_int_equal(rs->nrules, 1);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions),
		cmocka_unit_test(by_zero),
		cmocka_unit_test(dependencies),
		cmocka_unit_test(cycles),
		cmocka_unit_test(priorities),
		cmocka_unit_test(too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
