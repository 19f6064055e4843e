/*
 * Reputation in the store: what is asked and told of each key, and how what is
 * kept is read. Fields, their meaning and lifetime: docs/redis.md. Composes
 * and reads batches of HOME_MAIN; knows no mail.
 *
 *   recall   READ   what is known of a message's keys, and whether this
 *                   message was counted within a day
 *   observe  TEACH  what the machine's verdict says of them
 *   correct  LEARN  what a person says; counts once a key and message, takes
 *                   the place of the machine's verdict, can be turned round
 *                   and taken back
 *
 * Strings are not copied: they must live as long as the batch.
 */
#ifndef MEKIKI_REDIS_REPUTATION_H
#define MEKIKI_REDIS_REPUTATION_H

#include "base/memory.h"
#include "redis/store.h"

/* "mekiki:ip:198.18.0.7", and back (false if it is no such name). */
struct str reputation_store_key(struct arena *a,
				const struct evidence_key *key);
bool reputation_key_named(struct str name, struct evidence_key *out_r);

/* ---- reading ---- */

/* Adds n + 1 commands. */
void reputation_compose_recall(struct arena *a,
			       const struct evidence_key *keys, size_t n,
			       struct str message, struct store_batch *batch);

/* What the machine said of this message, if it was counted within a day. */
struct machine_verdict {
	bool known;
	bool spam;
	double weight, score;
	int64_t time;
};

/* Reads the replies to these commands, in their order, into n evidences
 * (whose score is left 0). False if nreplies is too small or a reply is an
 * error, which error_r (may be NULL) then tells. counted_r says whether the
 * message was counted; verdict_r (may be NULL) what the machine said. */
bool reputation_parse_recall(struct arena *a, const struct evidence_key *keys,
			     size_t n, const struct store_reply *replies,
			     size_t nreplies, struct evidence *out,
			     bool *counted_r, struct machine_verdict *verdict_r,
			     struct str *error_r);

/* The reply to HGETALL of one key, with the last verdicts as lines for a
 * person, newest first. */
void reputation_parse_key(struct arena *a, const struct evidence_key *key,
			  const struct store_reply *pairs,
			  struct evidence *out);

/* ---- writing ---- */

/* The formula's numbers (learn/reputation.h has the same). */
struct reputation_numbers {
	double half_life, lifetime;	/* seconds */
	double prior, people_weight;
};

struct observation {
	struct str message;	/* REPUTATION_MESSAGE_KEY digits */
	int64_t now;
	bool spam;
	double weight;		/* 0 .. 1 */
	double score;		/* of the message, for people */
	bool authenticated;	/* the sender was proved */
	struct str why;		/* the deciding rules, for people */
	struct reputation_numbers numbers;
};

/* Adds n + 1 commands. */
void reputation_compose_observe(struct arena *a,
				const struct evidence_key *keys, size_t n,
				const struct observation *o,
				struct store_batch *batch);

enum told { TOLD_NOTHING, TOLD_SPAM, TOLD_HAM };

struct correction {
	struct str message;
	int64_t now;
	enum told told;		/* TOLD_NOTHING takes back what was told */
	struct machine_verdict machine;	/* as recalled */
	struct reputation_numbers numbers;
};

/* Adds n + 1 commands. The first n answer 1 if they changed anything, else 0;
 * the last one marks the message as counted, so that scanning it later does
 * not count it beside what the person said. */
void reputation_compose_correct(struct arena *a,
				const struct evidence_key *keys, size_t n,
				const struct correction *c,
				struct store_batch *batch);

#endif
