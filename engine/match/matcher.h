/*
 * All regex rules of a ruleset, compiled once and shared by every worker. A
 * scan asks one input at a time for all the rules it still wants: one pass
 * per input, behind which a prefilter may rule patterns out (exactness is
 * kept: only a confirmed match is reported).
 */
#ifndef MEKIKI_MATCH_MATCHER_H
#define MEKIKI_MATCH_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/str.h"

struct arena;
struct mail_settings;
struct message;
struct ruleset;
struct matcher;
struct rule;
struct text_test;

/* Rules as a bit set by rule id. */
struct rule_bits {
	uint64_t *words;
	size_t n;		/* words */
};

static inline bool rule_bits_has(const struct rule_bits *b, unsigned id)
{
	return id / 64 < b->n && (b->words[id / 64] >> (id % 64) & 1);
}
static inline void rule_bits_set(struct rule_bits *b, unsigned id)
{
	b->words[id / 64] |= (uint64_t)1 << (id % 64);
}

/* Compiles every regex of rs (rule->unlive and a diag for what is refused);
 * and fills the redirector hook of the site's mail settings. Lives in
 * rs->arena. Regexes inside redirector_pattern likewise. */
struct matcher *matcher_new(struct ruleset *rs);

/* The same for a user's own ruleset: only the rules that the user's file
 * (re)defines, which are compiled for little use (no JIT), and the redirectors
 * if it brings some, for the user's mail settings. */
struct matcher *matcher_new_user(struct ruleset *rs,
				 struct mail_settings *mail);

/* What one scan tells the matcher and learns from it. */
struct match_run {
	const struct matcher *matcher;
	struct message *msg;
	struct arena *arena;
	const struct rule_bits *wanted;	/* rules to ask */
	/* Values of capture templates so far: NAME -> struct strs *; the
	 * matcher adds to it and reads %{NAME} from it. */
	struct map *captures;
	/* Called for each hit; for `tflags multiple` once a hit up to
	 * maxhits. `matched` is the text that matched. */
	void (*hit)(void *ctx, const struct rule *rule, struct str matched);
	/* Called when a match gave up at its limit. */
	void (*gave_up)(void *ctx, const struct rule *rule);
	/* Asked now and then during long runs: true stops (time is up). */
	bool (*stop)(void *ctx);
	void *ctx;
	/* Where the id of the rule being asked is noted, for whoever watches
	 * from outside; or NULL. */
	volatile uint32_t *at;
};

/* Runs the wanted rules of one kind: RULE_HEADER, RULE_BODY, RULE_URI,
 * RULE_RAWBODY, RULE_FULL, RULE_MIMEHEADER, RULE_URI_DETAIL or RULE_TEXTS. Fetches its
 * input views from the message itself. */
void matcher_run(struct match_run *run, int kind);

/* The texts that rules of a kind (BODY, RAWBODY, FULL, URI, or TEXTS with its
 * input) are asked about. */
struct strs matcher_texts(struct arena *a, struct message *m, int kind,
			  const struct text_test *t);

#endif
