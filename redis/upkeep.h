/*
 * Lists of the day, and the cap: what the memory process writes beside what it
 * is taught, so that a person can ask for the worst and best of a day, and a
 * flood of new keys cannot fill the store.
 *
 *  - "mekiki:top:KIND:DATE" (a sorted set a kind of evidence and day): names
 *    with the day's balance, spam minus ham by their weights (each rounded to
 *    eighths). The middle goes once there are more than 2 * UPKEEP_TOP; a list
 *    lives for eight days.
 *  - "mekiki:known:0" to "mekiki:known:f" (sorted sets): all keys of evidence
 *    and texts, each by the time when it becomes useless. If there are more
 *    than reputation_max_keys, those that become so first are forgotten.
 *
 * What was taught is read off the commands and their replies, so that a
 * message that the store had counted before counts in no list either. Each
 * command that is composed touches one key only (a cluster wants that).
 *
 * The owner calls upkeep_note for all it was answered, sends what upkeep_compose
 * gives once a second, and once a minute, or when upkeep_is_due, runs
 * upkeep_step_compose / _parse until the latter is false.
 */
#ifndef MEKIKI_REDIS_UPKEEP_H
#define MEKIKI_REDIS_UPKEEP_H

#include "base/memory.h"
#include "redis/store.h"

#define UPKEEP_SHARDS 16
#define UPKEEP_TOP 2000		/* names at either end of a day's list */
#define UPKEEP_TOP_SECONDS 691200
#define UPKEEP_STEP 2048	/* keys forgotten in one step at most */

struct upkeep;

/* max_keys: 0 is without a cap. */
struct upkeep *upkeep_new(size_t max_keys);
void upkeep_free(struct upkeep **u);

/* Notes what commands taught, by their replies (n of each). Commands that are
 * none of reputation's or same_text's are passed over. now is the clock's. */
void upkeep_note(struct upkeep *u, const struct store_command *commands,
		 const struct store_reply *replies, size_t n, int64_t now);

/* Adds the commands that write what was noted, and forgets it. */
void upkeep_compose(struct arena *a, struct upkeep *u, struct store_batch *b);

/* True if much was noted since the last step. */
bool upkeep_is_due(const struct upkeep *u);

/* The next step of keeping the cap: commands, and what their replies mean.
 * Parse returns true if another step has to follow at once. */
void upkeep_step_compose(struct arena *a, struct upkeep *u, int64_t now,
			 struct store_batch *b);
bool upkeep_step_parse(struct upkeep *u, const struct store_reply *replies,
		       size_t n);

/* For people: names of keys. Date: "2026-11-24" (UTC). */
struct str upkeep_top_key(struct arena *a, enum evidence_kind kind,
			  struct str date);
struct str upkeep_known_key(struct arena *a, struct str key);

#endif
