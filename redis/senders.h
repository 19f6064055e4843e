/*
 * The records of AWL and TxRep in the store: composes batches of HOME_MAIN and
 * reads their replies; knows no mail. Each record is a hash that a person can
 * read:
 *
 *   mekiki:txrep:friend@example.org|ip=198.18
 *     count total mean  first first_time  last last_time
 *     epoch                 only where an address was cleared (base/memory.h)
 *     event_1 .. event_4    the last changes, so that none counts twice
 *
 * In names, what one cannot type, braces and "%" are written as "%7B".
 * "mekiki:done:{RECORD}:EVENT" says that a lesson was done.
 *
 *   recall   READ             the records of a message
 *   change   TEACH or LEARN   what a scan or a lesson changes in them
 *
 * Strings are not copied: they must live as long as the batch.
 */
#ifndef MEKIKI_REDIS_SENDERS_H
#define MEKIKI_REDIS_SENDERS_H

#include "base/memory.h"
#include "redis/store.h"

struct arena;

/* "mekiki:txrep:IDENTITY"; word is "txrep" or "awl". */
struct str senders_store_key(struct arena *a, const char *word,
			     struct str identity);
/* The identity of such a name; false if it is none of the word's. */
bool senders_key_named(struct arena *a, const char *word, struct str name,
		       struct str *identity_r);

/* Adds n commands. */
void senders_compose_recall(struct arena *a, const char *word,
			    const struct score_record *records, size_t n,
			    struct store_batch *batch);

/* Fills the records from the replies to these commands, in their order. False
 * if nreplies is too small or a reply is an error, which error_r (may be NULL)
 * then tells; the records are then as unknown. */
bool senders_parse_recall(struct score_record *records, size_t n,
			  const struct store_reply *replies, size_t nreplies,
			  struct str *error_r);

struct senders_write {
	struct str event;	/* names this scan or lesson, up to 30 octets
				 * without blanks; done twice, it counts once */
	bool lesson;		/* of a LEARN: that it was done is known for
				 * eight days, else while the record's last
				 * events tell it */
	int64_t now;		/* seconds since 1970 */
	double dilution;	/* of what is known, by each message: 1 none */
	double lifetime;	/* seconds after the last change; 0: for ever */
};

/* Adds a command for each record that changes. */
void senders_compose_change(struct arena *a, const char *word,
			    const struct score_changes *changes,
			    const struct senders_write *w,
			    struct store_batch *batch);

#endif
