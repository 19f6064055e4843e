/*
 * Prints what bayes_combine makes of counts, in the form of sa_bayes.pl. Each
 * line of standard input is NSPAM NHAM HAPAXES, then SPAM:HAM for each token.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/ruleset.h"
#include "learn/bayes.h"
#include "learn/tokens.h"

#define TOKENS 2000

static void combine(struct arena *a, const struct ruleset *rs, char *line)
{
	struct bayes_token v[TOKENS] = { 0 };
	struct bayes_count counts[TOKENS];
	struct bayes_tokens tokens = { v, 0 };
	struct bayes_verdict verdict;
	struct diags diags = { .arena = a };
	char *p = line;
	uint32_t nspam = (uint32_t)strtoul(p, &p, 10);
	uint32_t nham = (uint32_t)strtoul(p, &p, 10);
	struct str text = str_printf(a, "bayes_use_hapaxes %lu\n"
				     "bayes_min_spam_num 1\n"
				     "bayes_min_ham_num 1\n",
				     strtoul(p, &p, 10));
	struct settings *s = settings_overlay_text(a, rs, text, "test",
						   &diags);

	while (tokens.n < TOKENS && *p == ' ') {
		counts[tokens.n].spam = (uint32_t)strtoul(p, &p, 10);
		counts[tokens.n++].ham = (uint32_t)strtoul(p + 1, &p, 10);
	}
	bayes_combine(a, s, &tokens, counts, nspam, nham, &verdict);
	printf("%.17g %zu %zu %zu",
	       verdict.has ? verdict.probability : -1, verdict.learned,
	       verdict.spammy, verdict.hammy);
	for (size_t i = 0; i < verdict.spammy; i++)
		printf(" %.0f", bayes_distance(s, &verdict.spammy_clues[i],
					       nspam, nham));
	for (size_t i = 0; i < verdict.hammy; i++)
		printf(" %.0f", bayes_distance(s, &verdict.hammy_clues[i],
					       nspam, nham));
	printf("\n");
	arena_reset(a);
}

int main(void)
{
	struct arena *conf = arena_new(), *a = arena_new();
	struct load_options opt = { .local_only = true };
	struct ruleset *rs = ruleset_load(conf, &opt);
	static char line[TOKENS * 24];

	while (fgets(line, sizeof(line), stdin))
		combine(a, rs, line);
	arena_free(&a);
	arena_free(&conf);
	return 0;
}
