/*
 * The BAYES rules: is the probability that Bayes gives the message in a range?
 * It was computed before the first rule ran (learn/bayes.h); where there is
 * none, no rule hits.
 */
#include "eval/eval.h"

#include "base/arena.h"
#include "base/memory.h"
#include "conf/settings.h"

static int check_bayes(struct eval_ctx *c, const struct strs *args)
{
	const struct bayes_verdict *v = &c->memory->bayes;
	double min = eval_arg_num(args, 0, 0);
	bool no_max = str_eq(eval_arg(args, 1), STR("undef"));

	if (!v->has || !settings_bool(c->settings, STR("use_learner")) ||
	    !settings_bool(c->settings, STR("use_bayes")) ||
	    !settings_bool(c->settings, STR("use_bayes_rules")))
		return 0;
	/* 0 itself is in the range that begins there, and no other range has
	 * its lower end. */
	if (min != 0 && v->probability <= min)
		return 0;
	if (!no_max && v->probability > eval_arg_num(args, 1, 0))
		return 0;
	if (c->log)
		strs_add(c->arena, c->log,
			 str_printf(c->arena, "score: %3.4f", v->probability));
	return 1;
}

const struct eval_test eval_bayes_tests[] = {
	{ "check_bayes", EVAL_BODY, check_bayes, NULL,
	  "Bayes' probability is above the first number and at most the second "
	  "(undef: without limit)." },
	{ NULL, 0, NULL, NULL, NULL },
};
