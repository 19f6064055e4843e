/*
 * The formula of reputation: every row of the table of examples in
 * docs/reputation.md is computed here and must stand there; the weight of a
 * verdict; what the settings may do to it.
 */
#include "../conf/conf_load.h"

#include <math.h>

#include "base/buf.h"
#include "learn/reputation.h"

#define HOUR 3600.0
#define DAY 86400.0
#define HALF_LIFE (7 * DAY)
#define PRIOR 30.0

/* So many messages over so long a time; weight above 0: spam. With `other`
 * set each is followed by that many of the other kind. */
struct step {
	int n;
	double weight, over;
	int other;
};

static const struct {
	const char *text;
	struct step steps[3];
	double later;
} examples[] = {
	{ "nothing", { { 0 } }, 0 },
	{ "one spam", { { 1, 1, 0, 0 } }, 0 },
	{ "two spams", { { 2, 1, 60, 0 } }, 0 },
	{ "10 spams in an hour", { { 10, 1, HOUR, 0 } }, 0 },
	{ "10 spams that the rules were not sure of (6 points of 5)",
	  { { 10, 0.2, HOUR, 0 } }, 0 },
	{ "200 spams in an hour", { { 200, 1, HOUR, 0 } }, 0 },
	{ "200 spams in an hour, a week ago", { { 200, 1, HOUR, 0 } },
	  7 * DAY },
	{ "200 spams in an hour, two weeks ago", { { 200, 1, HOUR, 0 } },
	  14 * DAY },
	{ "200 spams in an hour, 30 days ago", { { 200, 1, HOUR, 0 } },
	  30 * DAY },
	{ "200 good messages in an hour", { { 200, -1, HOUR, 0 } }, 0 },
	{ "200 good messages, then one spam",
	  { { 200, -1, HOUR, 0 }, { 1, 1, 60, 0 } }, 0 },
	{ "200 good messages, then 10 spams in an hour",
	  { { 200, -1, HOUR, 0 }, { 10, 1, HOUR, 0 } }, 0 },
	{ "200 good messages, then 50 spams in an hour",
	  { { 200, -1, HOUR, 0 }, { 50, 1, HOUR, 0 } }, 0 },
	{ "100 spams and 100 good messages, by turns",
	  { { 100, 1, DAY, 1 } }, 0 },
	{ "one spam and nine good messages, 20 times",
	  { { 20, 1, DAY, 9 } }, 0 },
	{ "one spam a day, for a month", { { 30, 1, 29 * DAY, 0 } }, 0 },
	{ "one spam a week, for a year", { { 52, 1, 51 * 7 * DAY, 0 } }, 0 },
	{ "a person called one message spam", { { 1, 10, 0, 0 } }, 0 },
	{ "200 good messages, then a person called one spam",
	  { { 200, -1, HOUR, 0 }, { 1, 10, 60, 0 } }, 0 },
	{ "200 good messages, then people called three spam",
	  { { 200, -1, HOUR, 0 }, { 3, 10, 60, 0 } }, 0 },
};

static void do_step(const struct step *s, double *spam, double *ham)
{
	for (int i = 0; i < s->n; i++) {
		reputation_fade(spam, ham, s->over / s->n, HALF_LIFE);
		reputation_place(spam, ham, s->weight > 0, fabs(s->weight),
				 PRIOR);
		for (int k = 0; k < s->other; k++)
			reputation_place(spam, ham, s->weight < 0,
					 fabs(s->weight), PRIOR);
	}
}

static double example(size_t i)
{
	double spam = 0, ham = 0;

	for (size_t k = 0; k < 3; k++)
		do_step(&examples[i].steps[k], &spam, &ham);
	reputation_fade(&spam, &ham, examples[i].later, HALF_LIFE);
	return (spam - ham) / PRIOR;
}

static struct str whole_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[4096];
	struct buf b;

	assert_non_null(f);
	buf_in(&b, a, 1 << 20);
	while (fgets(line, sizeof(line), f))
		buf_adds(&b, str_cstr(line));
	fclose(f);
	return buf_str(&b);
}

static void the_table_is_true(void **state)
{
	struct arena *a = arena_new();
	struct str page = whole_file(a, "docs/reputation.md");
	int missing = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		double v = example(i);
		struct str row = str_printf(a, "| %s | %s%.2f |\n",
					    examples[i].text,
					    fabs(v) < 0.005 ? "" :
					    v > 0 ? "+" : "−", fabs(v));

		if (str_find(page, row) < 0) {
			print_message("%.*s", STR_ARG(row));
			missing++;
		}
	}
	assert_int_equal(missing, 0);
	arena_free(&a);
}

static void weight_of_a_verdict(void **state)
{
	static const struct {
		double score, required, weight;
	} cases[] = {
		{ 5, 5, 0 }, { 6, 5, 0.2 }, { 4, 5, 0.2 }, { 7.5, 5, 0.5 },
		{ 10, 5, 1 }, { 100, 5, 1 }, { 0, 5, 1 }, { -3, 5, 1 },
		{ 2.5, 5, 0.5 }, { 3, 2, 0.5 }, { 0.5, 0, 0.5 },
		{ -9, -5, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_float_equal(reputation_weight(cases[i].score,
						     cases[i].required),
				   cases[i].weight, 1e-9);
	assert_float_equal(reputation_weight(NAN, 5), 0, 0);
	assert_float_equal(reputation_weight(INFINITY, 5), 1, 0);
}

/* Nothing that a store or an administrator says leaves -1 .. 1. */
static void the_score_has_bounds(void **state)
{
	static const double odd[] = { 0, 0.5, 29, 30, 31, 1e9, INFINITY,
				      -INFINITY, NAN, -4 };
	static const char *const lines[] = {
		"", "reputation_prior 1\n", "reputation_half_life 0\n",
		"reputation_prior 10000\nreputation_lifetime 0\n",
	};

	(void)state;
	for (size_t l = 0; l < sizeof(lines) / sizeof(*lines); l++) {
		struct arena *a = arena_new();
		const struct settings *s = conf_load(a, lines[l])->site;
		size_t n = sizeof(odd) / sizeof(*odd);

		for (size_t i = 0; i < n * n; i++) {
			struct evidence e = { .known = true, .last = 1000,
					      .recent_spam = odd[i / n],
					      .recent_ham = odd[i % n] };

			reputation_rate(&e, i % 2 ? 500 : 5000, s);
			assert_true(e.score >= -1 && e.score <= 1);
		}
		arena_free(&a);
	}
}

static void settings_count(void **state)
{
	struct arena *a = arena_new();
	struct evidence e = { .known = true, .last = 1000, .recent_spam = 10 };
	struct reputation_rules rules;
	const struct settings *s = conf_load(a, "reputation_half_life 1d\n"
		"reputation_prior 20\nreputation_people_weight 5\n"
		"reputation_lifetime 2w\n")->site;

	(void)state;
	reputation_rules_read(s, &rules);
	assert_true(rules.on);
	assert_float_equal(rules.half_life, DAY, 0);
	assert_float_equal(rules.lifetime, 14 * DAY, 0);
	assert_float_equal(rules.prior, 20, 0);
	assert_float_equal(rules.people_weight, 5, 0);
	reputation_rate(&e, 1000 + 86400, s);
	assert_float_equal(e.score, 0.25, 1e-9);
	s = conf_load(a, "")->site;
	reputation_rules_read(s, &rules);
	assert_true(rules.on);
	assert_float_equal(rules.half_life, HALF_LIFE, 0);
	assert_float_equal(rules.prior, PRIOR, 0);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_true),
		cmocka_unit_test(weight_of_a_verdict),
		cmocka_unit_test(the_score_has_bounds),
		cmocka_unit_test(settings_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
