/*
 * SpamAssassin's two memories of senders, AWL and TxRep: which records a
 * message has, what they add to its score, and what it changes in them; with
 * those plug-ins' settings and arithmetic (docs/txrep.md). Computes only: what
 * is kept travels as struct score_record and struct score_change
 * (base/memory.h) through redis/senders.h.
 *
 * The order of things in a scan:
 *  1. senders_keys, once the message is parsed: what to recall;
 *  2. senders_judge, when the rule AWL or TXREP runs: the score so far decides
 *     which of the records count, what the rule scores, and what is to be
 *     written once the scan is over;
 *  3. the changes go to the store with the rest of what the verdict teaches.
 * In learning: senders_keys, recall, senders_learn, LEARN.
 */
#ifndef MEKIKI_LEARN_SENDERS_H
#define MEKIKI_LEARN_SENDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "base/str.h"

struct arena;
struct message;
struct settings;

enum senders_plugin { SENDERS_NONE, SENDERS_AWL, SENDERS_TXREP };

/* The one that remembers: its plug-in is loaded and switched on. NONE if both
 * are on: TxRep refuses to run beside AWL, and AWL is then the one. */
enum senders_plugin senders_plugin(const struct settings *s);

/* "awl", "txrep": the word in the names of keys; "" for NONE. */
const char *senders_word(enum senders_plugin plugin);

/* The rule that a plug-in scores under: "AWL", "TXREP". */
struct str senders_rule(enum senders_plugin plugin);

/* What the sender of a message proved. All empty: nothing. */
struct senders_proof {
	struct str signed_by;	/* the domains of valid DKIM signatures, blank
				 * between them (the tag DKIMDOMAIN) */
	bool spf_pass;
	struct str spf_sender;	/* the envelope sender that passed */
};

#define SENDERS_KEYS 12		/* records of one message at most */

/* The records that m may need, each once, with key set and the rest 0.
 * Which of two addresses counts depends on the score, so both are there. */
size_t senders_keys(struct arena *a, struct message *m,
		    const struct settings *s, enum senders_plugin plugin,
		    const struct senders_proof *proof,
		    struct score_record **out_r);

/* ---- a scan ---- */

struct senders_ask {
	enum senders_plugin plugin;
	struct senders_proof proof;
	const struct score_record *records;	/* as recalled */
	size_t n;
	double points;		/* TxRep: the score as autolearn reckons it;
				 * AWL: of the hits whose rules are not
				 * noautolearn, in the set that is used */
	double score_so_far;	/* for the tags */
	bool teach;		/* AWL forgets to write without, as in SA */
	int64_t now_ms;		/* milliseconds since 1970, of the epochs */
};

struct senders_answer {
	bool hits;
	double delta;		/* of the hit, rounded to three digits */
	struct strs tags, values;	/* template tags to be set */
	struct strs log;	/* lines under the rule in the report */
	struct score_changes changes;	/* to be written after the scan */
};

void senders_judge(struct arena *a, struct message *m,
		   const struct settings *s, const struct senders_ask *ask,
		   struct senders_answer *out_r);

/* ---- learning ---- */

enum senders_lesson {
	SENDERS_SPAM, SENDERS_HAM, SENDERS_FORGET,	/* a person says so */
	SENDERS_AUTO_SPAM, SENDERS_AUTO_HAM,	/* autolearn, after the scan;
				 * nothing unless txrep_autolearn is on */
};

/* What learning m changes; records as recalled (n may be 0 if the store could
 * not be asked: then it counts as never learned before). AWL learns nothing. */
void senders_learn(struct arena *a, struct message *m,
		   const struct settings *s, const struct senders_ask *ask,
		   enum senders_lesson lesson, struct score_changes *out);

/* ---- addresses that a person lists ---- */

/* What "add to the blocklist" (score 100), "... welcomelist" (-100) and
 * "remove" (NAN) change: id is an address and, for TxRep, may be a domain, an
 * IP address or a HELO. The records whose keys begin with the result (of the
 * word's: "friend@example.org|") are to be deleted before. */
struct str senders_list(struct arena *a, const struct settings *s,
			enum senders_plugin plugin, struct str id,
			double score, struct score_changes *out);

#endif
