/*
 * The same text to many houses, in the store: who got a text within a sliding
 * window. One sorted set a text, "mekiki:text:DIGEST", whose members a person
 * can read ("domain:example.com", "recipient:" and "message:" with twelve
 * digits of a digest, so that no addresses are kept) and whose scores are the
 * seconds since 1970 when they last got it. At most SAME_TEXT_MEMBERS of each
 * kind are kept, the newest ones; a key lives as long as the window.
 *
 *   recall   READ   who got it
 *   count    TEACH  this message's recipients got it, too
 *
 * Strings are not copied: they must live as long as the batch.
 */
#ifndef MEKIKI_REDIS_SAME_TEXT_H
#define MEKIKI_REDIS_SAME_TEXT_H

#include "base/memory.h"
#include "redis/store.h"

#define SAME_TEXT_MEMBERS 128

/* One message with such a text. */
struct text_arrival {
	struct str digest;	/* of the text */
	struct str message;	/* reputation_message_key() */
	const struct strs *recipients, *domains;
	int64_t now;
	double window;		/* seconds; same_text_window */
};

/* "mekiki:text:DIGEST", and back (false if it is no such name). */
struct str same_text_store_key(struct arena *a, struct str digest);
bool same_text_key_named(struct str name, struct str *digest_r);

/* Adds one command. */
void same_text_compose_recall(struct arena *a, const struct text_arrival *t,
			      struct store_batch *batch);

/* Reads the reply to it into *out, which counts this message's own recipients,
 * too. False if the reply is an error, which error_r (may be NULL) tells. */
bool same_text_parse_recall(struct arena *a, const struct text_arrival *t,
			    const struct store_reply *reply,
			    struct same_text *out, struct str *error_r);

/* Adds one command. */
void same_text_compose_count(struct arena *a, const struct text_arrival *t,
			     struct store_batch *batch);

/* Counts what a key holds, from the reply to ZREVRANGE key 0 -1 WITHSCORES:
 * for people. */
void same_text_parse_key(const struct store_reply *reply,
			 struct same_text *out);

#endif
