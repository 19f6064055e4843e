/*
 * Reputation as a part of what is remembered: evidence about the sender and
 * the links of a message, before and after its verdict.
 */
#include "base/arena.h"
#include "learn/reputation.h"
#include "scan/recall.h"

static void compose(struct scan *s, struct store_batch *b)
{
	struct recall *r = s->recall;

	r->nkeys = reputation_keys(s->arena, s->msg, s->settings, &r->keys);
	if (r->nkeys)
		reputation_compose_recall(s->arena, r->keys, r->nkeys,
					  s->memory.message, b);
}

static bool take(struct scan *s, const struct store_reply *replies, size_t n,
		 struct str *why_r)
{
	struct recall *r = s->recall;
	struct memory_facts *f = &s->memory;

	f->evidence = arena_alloc(s->arena, (r->nkeys + 1) *
				  sizeof(*f->evidence));
	if (!reputation_parse_recall(s->arena, r->keys, r->nkeys, replies, n,
				     f->evidence, &f->counted, &r->machine,
				     why_r))
		return false;
	f->nevidence = r->nkeys;
	for (size_t i = 0; i < f->nevidence; i++)
		reputation_rate(&f->evidence[i], memory_now(s), s->settings);
	return true;
}

/* Does the rule rest on what is remembered? */
static bool is_memory_rule(const struct scan *s, const struct rule *r)
{
	return r && rule_bits_has(&s->engine->plan->remembers, r->id);
}

/* The score without what memory itself gave: it must not feed itself. */
static double own_score(const struct scan *s)
{
	double score = s->score;

	for (size_t i = 0; i < s->nhits; i++)
		if (is_memory_rule(s, s->hits[i].rule))
			score -= s->hits[i].score;
	return score;
}

/* The names of the rules that said most, for people; memory's own teach
 * nothing. */
static struct str deciding(struct scan *s, bool spam)
{
	struct strs names = { 0 };
	bool *used = arena_alloc(s->arena, s->nhits + 1);

	for (size_t i = 0; i < s->nhits; i++)
		used[i] = is_memory_rule(s, s->hits[i].rule);
	for (int round = 0; round < 3; round++) {
		size_t best = s->nhits;

		for (size_t i = 0; i < s->nhits; i++) {
			double v = spam ? s->hits[i].score : -s->hits[i].score;
			double top = best == s->nhits ? 0 :
				spam ? s->hits[best].score :
				       -s->hits[best].score;

			if (!used[i] && v > top)
				best = i;
		}
		if (best == s->nhits)
			break;
		used[best] = true;
		strs_add(s->arena, &names, s->hits[best].name);
	}
	return strs_join(s->arena, &names, STR(","));
}

static void teach(struct scan *s, struct store_batch *b)
{
	struct recall *r = s->recall;
	double score = own_score(s);
	struct observation o = {
		.message = s->memory.message,
		.now = memory_now(s),
		.spam = score >= s->required,
		.weight = reputation_weight(score, s->required),
		.score = score,
	};

	if (!r->nkeys || s->memory.counted)
		return;
	o.why = deciding(s, o.spam);
	reputation_numbers_read(s->settings, &o.numbers);
	reputation_compose_observe(s->arena, r->keys, r->nkeys, &o, b);
}

const struct recall_part recall_reputation = { compose, take, teach };
