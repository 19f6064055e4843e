/*
 * What a scan asked of memory; and the parts of it, one a kind of thing that
 * is remembered in the main store: each composes what it asks, reads what is
 * answered into struct memory_facts, and composes what the verdict teaches.
 * memory.c sends and waits, Bayes is there, too.
 */
#ifndef MEKIKI_SCAN_RECALL_H
#define MEKIKI_SCAN_RECALL_H

#include "redis/same_text.h"
#include "scan/bayes_ask.h"
#include "scan/scan_int.h"

struct recall_part {
	/* Adds the commands whose replies `take` gets. */
	void (*compose)(struct scan *s, struct store_batch *b);
	/* False, and why, if the replies are none that can be used. */
	bool (*take)(struct scan *s, const struct store_reply *replies,
		     size_t n, struct str *why_r);
	/* Adds what the verdict teaches. */
	void (*teach)(struct scan *s, struct store_batch *b);
};

#define RECALL_PARTS 4		/* at most */

struct recall {
	struct evidence_key *keys;
	size_t nkeys;
	struct machine_verdict machine;
	struct text_arrival text;
	size_t ncommands[RECALL_PARTS];	/* of each part's question */
	struct bayes_ask bayes;
	struct bayes_state state;
	bool has_state;
	unsigned open;		/* questions without an answer */
};

extern const struct recall_part *const recall_parts[];	/* ends with NULL */

/* A part a file: recall_reputation.c, ... */
extern const struct recall_part recall_reputation, recall_same_text,
	recall_senders;

/* memory.c: now, or (scan_options.by_date) when the message came. */
time_t memory_now(struct scan *s);

#endif
