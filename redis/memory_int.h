/*
 * The inside of the memory process, shared by its files: memory.c (clients and
 * their questions), memory_teach.c (what machines teach, in groups),
 * memory_learn.c (what must not get lost: store or journal).
 */
#ifndef MEKIKI_REDIS_MEMORY_INT_H
#define MEKIKI_REDIS_MEMORY_INT_H

#include <event2/event.h>
#include <sys/queue.h>

#include "redis/bayes.h"
#include "redis/journal.h"
#include "redis/known_tokens.h"
#include "redis/memory.h"
#include "redis/memory_wire.h"
#include "redis/token_cache.h"

struct memory_peer {
	TAILQ_ENTRY(memory_peer) link;
	struct memory *memory;
	int fd;
	struct event *reads, *writes;
	unsigned open;		/* questions without an answer */
	TAILQ_HEAD(, question) waiting;	/* answered, not sent: no room */
};

/* A question of a client's, from its packet to its answer. */
struct question {
	TAILQ_ENTRY(question) link;	/* of the peer's waiting */
	TAILQ_ENTRY(question) all;	/* of the process's */
	struct memory *memory;
	struct memory_peer *peer;	/* NULL: gone, nobody to answer */
	struct arena *arena;
	struct memory_head head;	/* as it came; then the answer's */
	struct memory_ask ask;
	struct str bytes;	/* of the batch, as it came: for the journal */
	size_t nown;		/* commands of the asker's; more are ours: */
	size_t nstate;		/* ... one for the totals of Bayes, or none */
	struct bayes_count *counts;
	uint8_t *asked;		/* tokens that were not cached */
	size_t *missing;	/* ... and their places */
	size_t nmissing;
	struct str texts;	/* of the answer */
	const char *kept_why;	/* why it goes to the journal */
};

/* Commands that gather, and those that are on their way. */
struct lessons {
	struct arena *arena;
	struct store_batch batch;
	size_t octets;
};

struct teaching {
	struct memory *memory;
	enum memory_home home;
	struct lessons gathered, going;
	size_t sent;		/* commands of `going` that are done with */
	size_t slice;		/* ... that are under way; 0: none */
	int64_t last_us;	/* when `going` was filled */
};

/* Entries of the journal that are sent together. */
#define REPLAY_ENTRIES 64

struct replay {
	size_t n;		/* entries under way; 0: none */
	uint64_t numbers[REPLAY_ENTRIES];
	size_t commands[REPLAY_ENTRIES];	/* ... of each */
	int64_t not_before_us;
	size_t done;		/* entries since the journal was last empty */
};

/* Lists of the day and the cap (upkeep.h). */
struct maintenance {
	struct upkeep *upkeep;
	int64_t wrote_us, stepped_us;
	bool busy;		/* a batch of it is under way */
	bool goes_on;		/* another step has to follow */
	size_t refused;
};

/* A store's health. What the log was told lags behind, so that a store of
 * which a part is away (a node of a cluster) is not told of at each answer. */
struct health {
	struct memory *memory;
	enum memory_home home;
	bool told;		/* the log knows that answers are missed */
	int64_t since_us;	/* ... and since when */
	int64_t missed_us;	/* the last one */
	size_t unanswered;
	unsigned failures;	/* in a row; 0: its last answer was one */
	bool resting;		/* not asked until a probe of ours succeeds */
	bool probing;
	int64_t probe_us;	/* when the next one is due */
	struct err why;		/* of the last failure */
};

/* Sets whose members fill lists. */
struct sets {
	struct arena *arena;	/* of what was read last */
	struct store_reply *replies;
	uint64_t hash;		/* of it, to see a change */
	uint32_t epoch;		/* stands for it; 0: not read yet */
	int64_t due_us;
	bool asking;
	TAILQ_HEAD(, question) waiting;	/* until they were read once */
};

/* Walking through the Bayes database, to know which tokens it has. */
struct knowing {
	struct known_tokens *set;	/* NULL: off */
	struct event *step;
	bool wanted;		/* tokens were asked for in vain */
	bool walking;
	char *cursor;
	size_t ncursor;
	int64_t begun_us, due_us;
};

struct memory {
	const struct memory_settings *settings;
	struct event_base *base;
	struct store *stores[HOMES];	/* the same twice if there is one */
	struct health health[HOMES];
	struct token_cache *tokens;
	struct knowing knowing;
	struct journal *journal;	/* NULL: none */
	TAILQ_HEAD(, question) keeping;	/* for it, in this pass of the loop */
	struct event *keep_event;
	struct teaching teaching[HOMES];
	size_t dropped;		/* commands that nobody was taught */
	size_t refused;		/* ... that the store would not have */
	struct replay replay;
	struct sets sets;
	struct maintenance maintenance;
	int control;		/* -1: one client is all */
	struct event *control_event, *tick;
	int64_t ticked_us;	/* when the stores were told the time last */
	TAILQ_HEAD(, memory_peer) peers;
	TAILQ_HEAD(, question) questions;
	size_t npeers, nquestions;
};

/* memory.c */

/* Sends the answer and ends the question; texts of error and replies are
 * copied. */
void memory_answer(struct question *q, enum store_status status,
		   const char *error, const struct store_reply *replies,
		   size_t n);
/* Ends a question that wants no answer. */
void memory_question_end(struct question *q);
/* memory_health.c: notes how a store did, and logs when that changes. */
void memory_note(struct memory *m, enum memory_home home,
		 enum store_status status, const struct err *err);

/* store_send, unless the store is known not to answer: then nothing is sent,
 * and done is told so at once. */
void memory_store_send(struct memory *m, enum memory_home home,
		       const struct store_batch *b, double timeout,
		       store_done *done, void *ctx);
/* How it does; the main one's if there is one only. */
struct health *memory_health_of(struct memory *m, enum memory_home home);
void memory_health_init(struct memory *m);
/* Does it answer, as far as is known? */
bool memory_store_is_up(struct memory *m, enum memory_home home);
/* Asks stores that rest whether they answer again. */
void memory_probe(struct memory *m);

/* memory_teach.c */

/* Takes a question of the kind TEACH; it ends. */
void memory_teach(struct question *q);
/* Sends what has gathered: once a second, or when it is much. */
void memory_teach_flush(struct memory *m);
void memory_teach_now(struct memory *m, enum memory_home home);
void memory_teach_init(struct memory *m);
/* Before leaving: sends it all, and waits a moment for answers. */
void memory_finish(struct memory *m);

/* memory_sets.c */
void memory_sets(struct question *q);
void memory_sets_init(struct memory *m);
void memory_sets_tick(struct memory *m);

/* memory_upkeep.c */

void memory_upkeep_init(struct memory *m);
void memory_upkeep_end(struct memory *m);
/* What a store answered to commands that taught something, n of each. */
void memory_upkeep_note(struct memory *m, enum memory_home home,
			const struct store_command *commands,
			const struct store_reply *replies, size_t n);
void memory_upkeep_tick(struct memory *m);
/* Before leaving: sends what is left; true while that is under way. */
bool memory_upkeep_finish(struct memory *m);

/* memory_known.c: which tokens the Bayes database of this question has, or NULL
 * if that is not known. */
struct known_tokens *memory_known(struct question *q);
void memory_known_init(struct memory *m);
/* The reply to bayes_compose_state, asked beside tokens. */
void memory_known_state(struct question *q, const struct store_reply *reply);
/* A question of the kind LEARN was applied; or entries of the journal were. */
void memory_known_learned(struct question *q,
			  const struct store_reply *replies, size_t n);
void memory_known_replayed(struct memory *m);
/* Begins a walk when one is wanted and due. */
void memory_known_tick(struct memory *m);

/* memory_learn.c */
void memory_learn_init(struct memory *m);
void memory_learn(struct question *q);
/* Replays the journal if it is time; is it, with a store that answers? */
void memory_replay(struct memory *m);
bool memory_replay_is_due(struct memory *m);

#endif
