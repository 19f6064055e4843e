/*
 * Fuzz target: what Bayes learns of a message. Beside "no crash" it checks that
 * no token comes twice, that none is empty or longer than what is kept of it,
 * and that the same message gives the same tokens in the same order.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "conf/ruleset.h"
#include "learn/tokens.h"
#include "mail/message.h"

static const struct ruleset *rules;
static struct arena *arena;

static void start(void)
{
	static const char *const lines[] = { "bayes_token_sources all",
					     "bayes_cjk_words 1", NULL };
	struct load_options opt = {
		.rules_dir = "/nonexistent", .site_dir = "/nonexistent",
		.local_only = true, .cf_lines = lines,
	};

	rules = ruleset_load(arena_new(), &opt);
	arena = arena_new();
}

static void check(const struct bayes_tokens *t, const struct bayes_tokens *again)
{
	struct map ids = MAP_IN(arena);

	must(t->n == again->n);
	for (size_t i = 0; i < t->n; i++) {
		struct str id = str_make((const char *)t->v[i].id, BAYES_TOKEN);

		must(t->v[i].text.n > 0 && t->v[i].text.n <= 200);
		must(!memcmp(id.p, again->v[i].id, BAYES_TOKEN));
		must(!map_has(&ids, id));
		map_set(&ids, id, arena);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str raw = str_make((const char *)data, size);
	struct strs ids = { 0 };
	struct message *m;

	if (!rules)
		start();
	m = message_parse(arena, &rules->site->mail, raw);
	check(bayes_tokenize(arena, m, rules->site, BAYES_SCAN),
	      bayes_tokenize(arena, m, rules->site, BAYES_SCAN));
	bayes_message_ids(arena, m, &ids);
	must(ids.n >= 1 && ids.n <= 2);
	arena_reset(arena);
	return 0;
}
