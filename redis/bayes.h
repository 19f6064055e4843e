/*
 * Bayes as it is kept: SpamAssassin's own keys (its BayesStore::Redis), so
 * that spamd and mekiki can read and teach the same database. Nothing here
 * asks the store: these functions compose batches (redis/store.h) and read
 * the replies.
 *
 *   v:NSPAM v:NHAM          messages learned
 *   v:DB_VERSION  3         v:TOKEN_FORMAT  2
 *   w:<5 octets>            a hash: s and h, how many messages of each kind
 *                           had the token; expires (bayes_token_ttl)
 *   s:<message id>          "s" or "h", what it was learned as; expires
 *                           (bayes_seen_ttl)
 *
 * BAYES_TAGGED, for a cluster, spreads the same over 65 hash tags, so that
 * what one script touches lies in one slot:
 *
 *   v:{v}:NSPAM ... s:{v}:<message id>    totals, and what counted into them
 *   w:{2a}<5 octets>  s:{2a}:<message id> tokens whose first octet is 2a in
 *                           its lower six bits, and what counted into them
 *
 * A learn is then a script for each tag, each with its own marker: done twice,
 * in full or in part, it counts once.
 *
 * The embedded store may keep a database for each user: all names above then
 * begin with u:NAME: (home.prefix).
 */
#ifndef MEKIKI_REDIS_BAYES_H
#define MEKIKI_REDIS_BAYES_H

#include "base/memory.h"
#include "redis/memory.h"
#include "redis/store.h"

struct arena;
struct settings;

/* Tokens of one learn at most; what is more is left out. */
#define BAYES_TOKENS_MAX (STORE_ARGS_MAX - 64)

/* ---- which database ---- */

struct bayes_home {
	enum bayes_layout layout;
	struct str prefix;		/* "" or "u:NAME:" */
	double token_ttl, seen_ttl;	/* seconds; 0: never expires */
};

/* From bayes_token_ttl, bayes_seen_ttl and bayes_auto_expire. With per_user
 * (memory_settings.bayes_per_user), the database is that of
 * bayes_sql_override_username if a line sets it, the one of all if bayes_path
 * names one file for all, and the user's otherwise; without a user that of
 * all. */
void bayes_home_read(struct arena *a, const struct settings *s,
		     enum bayes_layout layout, struct str user, bool per_user,
		     struct bayes_home *out_r);

/* The prefix of a user's database: "u:NAME:", with what could be taken for
 * something else %-encoded; "" for no user. */
struct str bayes_prefix(struct arena *a, struct str user);

/* ---- the state of a database ---- */

struct bayes_state {
	int64_t nspam, nham;
	char seen;		/* 's', 'h': what the message was learned as;
				 * 0: it was not */
	bool usable;		/* may be read and learned into; an empty one
				 * is: the first learn makes it */
	struct str why;		/* unless usable, for the log */
};

/* One command: totals, version, and what is remembered of the ids (most
 * telling first, as learn/ gives them; NULL for none). */
void bayes_compose_state(struct arena *a, const struct bayes_home *home,
			 const struct strs *message_ids,
			 struct store_batch *b);
/* From the replies to that command; false if they are no such thing. */
bool bayes_parse_state(struct arena *a, const struct store_reply *replies,
		       size_t n, struct bayes_state *out_r);

/* ---- counts ---- */

/* How many messages of each kind had the tokens: n of BAYES_TOKEN octets each,
 * one behind the other. A command for each 1,024 of them (BAYES_TAGGED: of
 * each tag that occurs); of home only layout and prefix are looked at. */
void bayes_compose_counts(struct arena *a, const struct bayes_home *home,
			  const uint8_t *tokens, size_t n,
			  struct store_batch *b);
/* The counts in the order of the tokens; those that are not known are 0.
 * nreplies is as many as compose_counts added commands. False if the replies
 * are no such thing (an error among them, for instance); out_r is then all 0. */
bool bayes_parse_counts(const struct bayes_home *home, const uint8_t *tokens,
			size_t n, const struct store_reply *replies,
			size_t nreplies, struct bayes_count *out_r);

/* ---- learning ---- */

/* Counts the message as spam or ham, unless it was already. If it was learned
 * as the other kind, relearn says whether that is taken back first or whether
 * it is left alone (autolearn). message_ids: at least one; it is remembered
 * under the first. Tokens may be none. */
void bayes_compose_learn(struct arena *a, const struct bayes_home *home,
			 bool spam, bool relearn, const uint8_t *tokens,
			 size_t n, const struct strs *message_ids,
			 struct store_batch *b);
/* Takes back what the message was learned as. */
void bayes_compose_forget(struct arena *a, const struct bayes_home *home,
			  const uint8_t *tokens, size_t n,
			  const struct strs *message_ids,
			  struct store_batch *b);

enum bayes_learned {
	BAYES_LEARNED,		/* counted now */
	BAYES_ALREADY,		/* learned before; nothing changed */
	BAYES_FORGOTTEN,	/* taken back now */
	BAYES_UNKNOWN,		/* nothing to forget */
	BAYES_REFUSED,		/* not a database that we may write; see why */
};

/* From the replies to all commands that one compose_learn or compose_forget
 * added, the number of which is nreplies. *why_r says why of REFUSED. */
enum bayes_learned bayes_parse_learn(struct arena *a,
				     const struct store_reply *replies,
				     size_t nreplies, struct str *why_r);

/* Does this command, the first that compose_learn added, add to what is there
 * and never take anything back? *spam_r: as what. */
bool bayes_is_addition(const struct store_command *c, bool *spam_r);

/* ---- use ---- */

/* Tokens that a verdict rested on live on: their time to live starts again.
 * Nothing is added if tokens do not expire. */
void bayes_compose_touch(struct arena *a, const struct bayes_home *home,
			 const uint8_t *tokens, size_t n,
			 struct store_batch *b);

/* ---- all of it, for people ---- */

/* What the names of all tokens (of all remembered messages) begin with:
 * for the store's scan. */
struct str bayes_token_keys(struct arena *a, const struct bayes_home *home);
struct str bayes_seen_keys(struct arena *a, const struct bayes_home *home);
/* The token (BAYES_TOKEN octets) or message id in a key's name. False if the
 * key is no such thing, or (BAYES_TAGGED) a marker of a tag's own. */
bool bayes_key_token(const struct bayes_home *home, struct str key,
		     struct str *token_r);
bool bayes_key_seen(const struct bayes_home *home, struct str key,
		    struct str *id_r);

/* Sets one token's counts, the totals, and one message's marker (restore);
 * `ttl` in seconds, 0: never expires. Totals below 0 delete them: what is left
 * is as an empty database. */
void bayes_compose_token(struct arena *a, const struct bayes_home *home,
			 struct str token, int64_t spam, int64_t ham,
			 double ttl, struct store_batch *b);
void bayes_compose_totals(struct arena *a, const struct bayes_home *home,
			  int64_t nspam, int64_t nham, struct store_batch *b);
void bayes_compose_seen(struct arena *a, const struct bayes_home *home,
			struct str id, char kind, double ttl,
			struct store_batch *b);

#endif
