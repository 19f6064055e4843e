/*
 * The test whether a program could not be asked; see programs.h.
 */
#include "eval/programs.h"

#include "eval/eval.h"
#include "mail/message.h"

void programs_set_missing(struct message *m)
{
	m->memo[MEMO_PROGRAMS] = m;
}

bool programs_missing(const struct message *m)
{
	return m->memo[MEMO_PROGRAMS] != NULL;
}

static int check_programs_missing(struct eval_ctx *c, const struct strs *args)
{
	(void)args;
	return programs_missing(c->msg);
}

const struct eval_test eval_programs_tests[] = {
	{ "check_programs_missing", EVAL_HEADER, check_programs_missing, NULL,
	  "A program that reads parts of the message could not be asked." },
	{ NULL, 0, NULL, NULL, NULL },
};
