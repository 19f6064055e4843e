/*
 * One token's probability: Robinson's f(w), which draws what few messages say
 * towards the middle. See bayes.h.
 */
#include "learn/bayes.h"

#include "conf/settings.h"

#define STRENGTH 0.030		/* of the assumption, in messages */
#define ASSUMED 0.538		/* what is assumed of a token */

double bayes_token_probability(const struct settings *s, struct bayes_count c,
			       uint32_t nspam, uint32_t nham)
{
	double n = (double)c.spam + c.ham, spam, ham;

	if (!nspam || !nham || n < 1 ||
	    (n < 2 && !settings_bool(s, STR("bayes_use_hapaxes"))))
		return -1;
	spam = (double)c.spam / nspam;
	ham = (double)c.ham / nham;
	return (STRENGTH * ASSUMED + n * (spam / (spam + ham))) /
	       (STRENGTH + n);
}
