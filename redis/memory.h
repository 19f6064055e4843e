/*
 * The memory process: the one that may reach the store. Workers ask it over a
 * socket that they have from their birth, as they ask the asker; it has the
 * connections, the breaker, the cache of Bayes tokens and the journal. It
 * reads no mail, and what it is asked are batches of commands that redis/
 * composed on the worker's side (bayes.h, reputation.h).
 *
 * Three kinds of asking:
 *  READ   is answered, within its time-out, or told why not.
 *  TEACH  is not answered: what a machine's verdict teaches. Such batches are
 *         gathered and sent together once a second; what a crash loses of
 *         them is lost.
 *  LEARN  is answered when it is safe: applied in the store, or written to the
 *         journal on disk, from where it is replayed in order once the store
 *         can be reached. Its commands are idempotent scripts, so that an
 *         answer that got lost counts nothing twice.
 *  SETS   is answered with the members of the sets that lists are filled from
 *         (store_list lines), as they were a moment ago; every answer tells by
 *         a number whether they have changed since.
 */
#ifndef MEKIKI_REDIS_MEMORY_H
#define MEKIKI_REDIS_MEMORY_H

#include <sys/types.h>

#include "base/memory.h"
#include "redis/store.h"

struct settings;

/* ---- settings ---- */

/* Which store: the one of the `store` line, or that of SpamAssassin's Bayes
 * lines where a site has them (else the same). */
enum memory_home { HOME_MAIN, HOME_BAYES, HOMES };

/* How the fields of Bayes are spread over keys. */
enum bayes_layout { BAYES_PLAIN, BAYES_TAGGED };

struct memory_settings {
	struct store_options homes[HOMES];
	bool one_home;		/* HOME_BAYES is HOME_MAIN */
	enum bayes_layout bayes_layout;
	bool bayes_per_user;	/* the embedded store keeps one a user */
	double token_ttl;	/* seconds; 0: tokens are kept for ever */
	double token_cache;	/* seconds that a token's counts are believed */
	size_t known_tokens;	/* that it keeps in mind as existing; 0: off */
	double timeout;		/* seconds that a scan waits at most */
	size_t max_keys;	/* of reputation; 0: without a limit */
	struct str journal;	/* directory; "" without */
	struct strs sets;	/* keys of sets that lists are filled from */
	struct str faults;	/* "" or what is wrong with the lines */
};

/* From the lines store, store_timeout, ... and SpamAssassin's bayes_*; what it
 * points to lives in a. state_dir is where the embedded store and the journal
 * are unless the lines say otherwise. */
void memory_settings_read(struct arena *a, const struct settings *s,
			  const char *state_dir, struct memory_settings *out_r);

/* True if anything is to be remembered at all. */
bool memory_is_on(const struct memory_settings *ms);
/* ... in this home: `store none` beside SpamAssassin's lines is Bayes alone. */
bool memory_has(const struct memory_settings *ms, enum memory_home home);

/* Makes the directories that are needed, for the user who will run the memory
 * process (NULL: this one). */
int memory_prepare(const struct memory_settings *ms, const char *user,
		   struct err *err);

/* ---- the client's side ---- */

enum memory_word { MEMORY_READ, MEMORY_TEACH, MEMORY_LEARN,
		   MEMORY_SETS };

/* From here on are memory_ask's own ids. */
#define MEMORY_ASK_IDS 0x80000000u

struct memory_ask {
	uint32_t id;		/* the caller's; comes back */
	enum memory_word word;
	enum memory_home home;
	struct store_batch batch;
	/* READ of HOME_BAYES: tokens whose counts are wanted, BAYES_TOKEN
	 * octets each, of the database that prefix names. */
	struct str tokens, prefix;
	double timeout;		/* seconds; 0: the settings' */
};

struct memory_answer {
	uint32_t id;
	enum store_status status;
	struct str error;	/* unless STORE_OK */
	bool journaled;		/* of a LEARN: safe, but not in the store yet */
	struct store_reply *replies;
	size_t n;
	const struct bayes_count *counts;	/* as many as tokens, in order */
	size_t ncounts;
};

struct memory_client;

struct memory_client *memory_client_new(struct arena *a, int fd);

/* A new message: answers to older questions will be dropped unread. */
void memory_begin(struct memory_client *client);

/* Sends a question. Never blocks: false, with err, if the channel is full, the
 * process is gone (or client is NULL), or it is too large. Texts are copied
 * before it returns. */
bool memory_send(struct memory_client *client, const struct memory_ask *ask,
		 struct err *err);

/* As asker_wait: 1 an answer, 0 time is up, -1 the process is gone. */
int memory_wait(struct memory_client *client, int64_t until_us,
		struct arena *a, struct memory_answer *out_r);

/* Sends one question and waits for its answer, up to its time-out and a bit.
 * For programs; a scan sends early and waits late. False and err if there was
 * none or its status is not STORE_OK. */
bool memory_ask(struct memory_client *client, const struct memory_ask *ask,
		struct arena *a, struct memory_answer *out_r, struct err *err);

/* The same, waiting until clock_mono_us() reaches until_us at most. */
bool memory_ask_until(struct memory_client *client,
		      const struct memory_ask *ask, int64_t until_us,
		      struct arena *a, struct memory_answer *out_r,
		      struct err *err);

/* What the client was last told of the database called prefix (copied): is it
 * trained? A scan need not cut a message into tokens for one that is not.
 * Before anything was told: true. */
void memory_client_trained(struct memory_client *client, struct str prefix,
			   bool trained);
bool memory_client_is_trained(const struct memory_client *client,
			      struct str prefix);

/* Makes ask (READ of its home) a question for names of keys that begin with
 * prefix, from a cursor on: store_ops.scan. */
void memory_ask_keys(struct arena *a, struct memory_ask *ask, struct str prefix,
		     struct str cursor);

/* All names that begin with prefix, each once, by as many such questions as it
 * takes, each of which may last so many seconds. False and err if one failed. */
bool memory_find_keys(struct memory_client *client, struct arena *a,
		      enum memory_home home, double timeout,
		      struct str prefix, struct strs *out, struct err *err);

/* What stands for the sets' members in the last answer: another number, other
 * members. 0: nothing was told yet. */
uint32_t memory_client_epoch(const struct memory_client *client);

bool memory_client_alive(const struct memory_client *client);
/* For poll(). */
int memory_client_fd(const struct memory_client *client);

/* ---- the process's side ---- */

/* As asker_run, asker_give and asker_spawn (net/asker.h). fence is called once
 * all files are open (NULL: without). */
void memory_run(int control_fd, const struct memory_settings *ms,
		void (*fence)(void)) __attribute__((noreturn));
int memory_give(int control_fd, int end);
int memory_spawn(const struct memory_settings *ms, pid_t *pid_r,
		 struct err *err);

#endif
