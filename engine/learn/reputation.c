/*
 * The arithmetic of reputation. What is known of a key is an amount of spam
 * and an amount of ham in N places (`reputation_prior`), all of which are
 * empty at first:
 *
 *  1. A message fills a place with spam or ham by its weight; when no place
 *     is free, what is there shrinks to make room.
 *  2. What is there fades, by half in each `reputation_half_life`.
 *  3. The score is (spam - ham) / N.
 *
 * So an empty place is the prior: it says "not known", and one message can
 * never move the score by more than 1/N, however much or little is known.
 *
 * The scripts reputation_observe and reputation_correct do steps 1 and 2
 * where the evidence is kept; a test holds the two against one another.
 */
#include "learn/reputation.h"

#include <math.h>

#include "base/arena.h"
#include "conf/settings.h"

/* Less makes no sense, and nobody is to divide by 0: one message would be
 * everything, or nothing be known a minute later. */
#define PRIOR_MIN 1.0
#define SECONDS_MIN 60.0

void reputation_rules_read(const struct settings *s,
			   struct reputation_rules *out_r)
{
	*out_r = (struct reputation_rules){
		.on = settings_bool(s, STR("reputation")),
		.half_life = settings_number(s, STR("reputation_half_life")),
		.prior = settings_number(s, STR("reputation_prior")),
		.people_weight =
			settings_number(s, STR("reputation_people_weight")),
		.lifetime = settings_number(s, STR("reputation_lifetime")),
	};
	out_r->prior = fmax(out_r->prior, PRIOR_MIN);
	out_r->half_life = fmax(out_r->half_life, SECONDS_MIN);
	out_r->lifetime = fmax(out_r->lifetime, SECONDS_MIN);
}

double reputation_weight(double score, double required)
{
	double unit = required > 0 ? required : 1;
	double w = fabs(score - required) / unit;

	if (isnan(w))
		return 0;
	return w < 1 ? w : 1;
}

void reputation_fade(double *spam, double *ham, double dt, double half_life)
{
	double left = dt > 0 ? exp2(-dt / half_life) : 1;

	*spam *= left;
	*ham *= left;
}

void reputation_place(double *spam, double *ham, bool is_spam, double w,
		      double prior)
{
	double all = *spam + *ham;

	if (w > prior)
		w = prior;
	if (all > 0 && all + w > prior) {
		double room = (prior - w) / all;

		*spam *= room;
		*ham *= room;
	}
	*(is_spam ? spam : ham) += w;
}

void reputation_rate(struct evidence *e, int64_t now,
		     const struct settings *s)
{
	struct reputation_rules rules;
	double spam = e->recent_spam, ham = e->recent_ham, score;

	reputation_rules_read(s, &rules);
	reputation_fade(&spam, &ham, (double)(now - e->last),
			rules.half_life);
	score = (spam - ham) / rules.prior;
	if (!e->known || isnan(score))
		score = 0;
	e->score = score > 1 ? 1 : score < -1 ? -1 : score;
}
