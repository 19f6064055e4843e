/*
 * What is remembered of the world outside of one message, as data. learn/
 * says what a message needs to know and what it teaches, redis/ keeps it,
 * eval/ and rules in Lua read it; none of them knows the others, and the scan
 * carries it between them. All texts live in the arena of the message.
 */
#ifndef MEKIKI_BASE_MEMORY_H
#define MEKIKI_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* ---- reputation: evidence about one sender or link ---- */

/* Of what evidence is kept; also the word in the key ("mekiki:ip:..."). */
enum evidence_kind {
	EVIDENCE_IP,		/* "ip": IPv4 address, IPv6 /64 */
	EVIDENCE_NET,		/* "net": IPv4 /24, IPv6 /48 */
	EVIDENCE_ENVELOPE,	/* "envelope": domain of the envelope sender */
	EVIDENCE_FROM,		/* "from": domain of the From header */
	EVIDENCE_URL,		/* "url": registered domain of a link */
	EVIDENCE_KINDS
};

/* "ip", "net", ...; the kind of such a word, or -1. */
const char *evidence_word(enum evidence_kind kind);
int evidence_kind_named(struct str word);

struct evidence_key {
	enum evidence_kind kind;
	struct str name;	/* "198.18.0.7", "198.18.0.0/24",
				 * "2001:db8:1:2::/64", "example.com" */
};

/* What is known of one key. Counts are of messages, weights of what they
 * taught: see docs/reputation.md for the formula. */
struct evidence {
	struct evidence_key key;
	bool known;		/* false: all below is 0 */
	int64_t seen;		/* messages, each once */
	int64_t spam, ham;	/* ... by the machine's verdict */
	int64_t people_spam, people_ham;	/* corrections by people */
	int64_t authenticated;	/* messages whose sender was proved */
	double recent_spam, recent_ham;	/* weights as they were at `last` */
	int64_t first, last;	/* seconds since 1970 */
	double score;		/* now: -1 good .. 0 unknown .. +1 bad;
				 * computed by learn/reputation.h */
	struct strs verdicts;	/* the ring, newest first; only if asked for */
};

/* ---- the same text to many houses ---- */

struct same_text {
	struct str digest;	/* of the masked text; STR_NONE: too short */
	unsigned recipients;	/* distinct, in the window, this message's
				 * own included */
	unsigned domains;
	unsigned messages;
	double window;		/* seconds */
};

/* ---- Bayes ---- */

#define BAYES_TOKEN 5		/* octets of a token's name */

struct bayes_count {
	uint32_t spam, ham;	/* messages that had the token */
};

/* A token that weighed in a verdict, for _SPAMMYTOKENS_ and _HAMMYTOKENS_. */
struct bayes_clue {
	struct str text;
	double probability;	/* that a message with it is spam */
	struct bayes_count count;
};

/* What a BAYES rule and the tags need; computed by learn/bayes.h. */
struct bayes_verdict {
	bool asked;		/* it was tried: the tags have a meaning */
	bool counted;		/* `tokens` and `learned` are known */
	bool has;		/* false: no probability could be told */
	double probability;	/* 0 .. 1 */
	uint32_t nspam, nham;	/* messages that the database has learned */
	size_t tokens;		/* distinct ones of the message (BAYESTC) */
	size_t learned;		/* ... that the database knows */
	size_t spammy, hammy;	/* ... of those used */
	struct bayes_clue *spammy_clues, *hammy_clues;	/* strongest first */
	struct str used;	/* BAYES_TOKEN octets each: those that the
				 * probability rests on, strongest first; to
				 * be touched, so that they expire later */
};

/* ---- AWL and TxRep ---- */

/* One identity that SpamAssassin's two plug-ins keep scores of. */
struct score_record {
	struct str key;		/* the identity as its plug-in writes it */
	double count, total;	/* messages and sum of their scores */
	bool known;
	int64_t epoch;		/* see SCORE_CLEAR; 0: never cleared */
};

/* What becomes of one record. All but SET and DELETE start from what the
 * record holds when the change is made, not when it was computed. */
enum score_step {
	SCORE_ADD,		/* one message more, of this score */
	SCORE_LEARN,		/* the same, of value and, with its sign, the
				 * record's mean */
	SCORE_LEARN_MESSAGE,	/* the same for the record of a message: one
				 * that was not scanned counts twice, so that
				 * it is known to be learned */
	SCORE_REMOVE,		/* one message less, of this score */
	SCORE_UNLEARN,		/* the same, of value and the mean as above */
	SCORE_SET,		/* count and value take the record's place */
	SCORE_CLEAR,		/* forgotten, and with it all records of the
				 * same address that have an older epoch */
	SCORE_DELETE,		/* forgotten */
};

struct score_change {
	struct str key;
	enum score_step step;
	double value, count;
	int64_t epoch;		/* of the record from now on; 0: as it is */
};

struct score_changes {
	struct score_change *v;
	size_t n, cap;
};

/* ---- all of it, for one message ---- */

enum memory_state {
	MEMORY_OFF,		/* no store, or nobody asked it */
	MEMORY_KNOWN,		/* answered in time */
	MEMORY_MISSING,		/* did not answer in time, or is broken: the
				 * verdict is made without it and says so */
};

struct memory_facts {
	enum memory_state state;
	struct str why;		/* of MEMORY_MISSING, for the log */
	struct str message;	/* this message's key, 24 hexadecimal digits */
	bool counted;		/* it was, within a day */
	struct evidence *evidence;
	size_t nevidence;
	struct same_text text;
	struct bayes_verdict bayes;
	struct score_record *records;	/* of AWL or TxRep */
	size_t nrecords;
};

#endif
