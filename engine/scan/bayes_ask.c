/*
 * From a message and its settings to what redis/ takes; see bayes_ask.h.
 */
#include "scan/bayes_ask.h"

#include "base/arena.h"
#include "learn/reputation.h"

void bayes_ask_begin(struct arena *a, struct message *m,
		     const struct settings *s, const struct scan_options *opt,
		     struct bayes_ask *b)
{
	const struct memory_settings *ms = opt->memory_settings;

	*b = (struct bayes_ask){ .token_ids = STR("") };
	bayes_home_read(a, s, ms->bayes_layout, str_cstr(opt->user),
			ms->bayes_per_user, &b->home);
	bayes_message_ids(a, m, &b->ids);
}

void bayes_ask_tokens(struct arena *a, struct message *m,
		      const struct settings *s, enum bayes_purpose purpose,
		      struct bayes_ask *b)
{
	char *p;

	if (b->tokens)
		return;
	b->tokens = bayes_tokenize(a, m, s, purpose);
	p = arena_text(a, b->tokens->n * BAYES_TOKEN + 1);
	for (size_t i = 0; i < b->tokens->n; i++)
		memcpy(p + i * BAYES_TOKEN, b->tokens->v[i].id, BAYES_TOKEN);
	b->token_ids = str_make(p, b->tokens->n * BAYES_TOKEN);
}

void reputation_numbers_read(const struct settings *s,
			     struct reputation_numbers *out_r)
{
	struct reputation_rules r;

	reputation_rules_read(s, &r);
	*out_r = (struct reputation_numbers){
		.half_life = r.half_life,
		.lifetime = r.lifetime,
		.prior = r.prior,
		.people_weight = r.people_weight,
	};
}
