/*
 * The store: where everything that is remembered is kept. One interface, and
 * behind it Redis alone, Redis Sentinel, Redis Cluster, an embedded store (in
 * LMDB, or in memory for tests), and none at all. What goes through it are
 * Redis's own commands and server-side scripts: the servers execute them
 * themselves, the embedded store executes the subset that redis/README.md
 * lists, scripts included. So there is one key space, one set of scripts and
 * one way to read what is kept, whatever home it has.
 *
 * The rule that makes this work on a cluster: whatever is kept of one address,
 * domain or text lies in one key, and a command or script touches only keys of
 * one hash slot: one key, or keys that share a {hash tag}.
 *
 * A store belongs to one event loop (of libevent's) and to one process; it is
 * never shared across a fork. Nothing here blocks but the embedded store,
 * whose answers are there before store_send returns.
 *
 * Errors are data. A command that a server refuses has a reply of the kind
 * REPLY_ERROR, whose text store_explain turns into a sentence that says what
 * to do; a batch that could not be asked at all has a status.
 */
#ifndef MEKIKI_REDIS_STORE_H
#define MEKIKI_REDIS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/reply.h"
#include "base/str.h"

struct arena;
struct event_base;
struct store;

/* ---- ceilings ---- */

#define STORE_ARGS_MAX 131072		/* of one command: a learn of all tokens
					 * that a message may have */
#define STORE_REQUEST_MAX ((size_t)8 << 20)	/* octets of a batch */
#define STORE_REPLY_MAX ((size_t)16 << 20)	/* octets of one reply; more
					 * closes the connection */
#define STORE_REPLY_DEPTH 7		/* lists in lists */
#define STORE_QUEUE_MAX 4096		/* batches under way; more are
					 * STORE_BUSY at once */

/* ---- where ---- */

enum store_scheme { STORE_NONE, STORE_REDIS, STORE_REDIS_UNIX, STORE_SENTINEL,
		    STORE_CLUSTER, STORE_LMDB, STORE_MEMORY };

struct store_host {
	struct str host;	/* name or address, IPv6 without brackets */
	uint16_t port;
};

/* A parsed `store` line. The forms (redis/url.c):
 *   redis://[user:password@]host[:port][/db]        rediss:// the same in TLS
 *   redis+unix:///path[?db=N&user=U&password=P]
 *   redis+sentinel://[user:password@]h1[:port],h2,h3/name[/db]
 *   redis+cluster://[user:password@]h1[:port],h2    (rediss+... in TLS)
 *   lmdb:/directory      none      memory: (tests)
 * user and password may be %-encoded. */
struct store_url {
	enum store_scheme scheme;
	bool tls;
	struct store_host *hosts;
	size_t nhosts;
	struct str path;	/* of a Unix socket, or of LMDB's directory */
	struct str user, password;	/* STR_NONE: none */
	struct str master;	/* Sentinel's name of it */
	int db;
	const char *ca_file;	/* of TLS; NULL: the system's */
};

/* -1 and err, which never shows a password, if text is no such thing. */
int store_url_parse(struct arena *a, struct str text, struct store_url *out_r,
		    struct err *err);

/* The same without user and password, for logs. */
struct str store_url_show(struct arena *a, const struct store_url *u);

struct store_options {
	struct store_url url;
	double connect_timeout;	/* seconds; TLS and log-in included */
	double answer_timeout;	/* seconds that a batch may take at most */
	size_t map_size;	/* octets that LMDB's file may grow to */
	bool read_only;
	bool lazy;		/* LMDB: a crash of the machine may undo the
				 * last writes (never break the file) */
};

/* ---- what is asked ---- */

/* A server-side script (redis/scripts/NAME.lua, embedded at build time).
 * Written in what Lua 5.1 and 5.4 share; all keys in KEYS. Scripts that write
 * are idempotent: they carry what they set or a marker, so that doing one
 * twice counts once. */
struct store_script {
	const char *name;
	const char *text;
	size_t length;
};

/* All scripts, ending with a row without a name; a script's number is its
 * place. The number of a name, which must exist. */
extern const struct store_script store_scripts[];
unsigned store_script_named(const char *name);

/* A plain command ("HGETALL", key, ...), or a script with its keys and
 * arguments. */
struct store_command {
	int script;		/* number, or -1: argv[0] is a command */
	unsigned nkeys;		/* of a script: the first nkeys of argv */
	struct strs argv;	/* octets, may hold anything */
};

struct store_batch {
	struct store_command *v;
	size_t n, cap;
};

/* Adds a plain command, given as texts up to a NULL; an argument more to the
 * last command. Texts are not copied. */
void store_add(struct arena *a, struct store_batch *b, const char *command,
	       struct str key);
void store_add_script(struct arena *a, struct store_batch *b,
		      const char *script);
/* Keys of a script come before its arguments. */
void store_add_key(struct arena *a, struct store_batch *b, struct str key);
void store_add_arg(struct arena *a, struct store_batch *b, struct str arg);
void store_add_int(struct arena *a, struct store_batch *b, int64_t v);
/* In the shortest form that reads back as the same number. */
void store_add_number(struct arena *a, struct store_batch *b, double v);

/* Adds a command as it is; its texts are not copied. */
void store_append(struct arena *a, struct store_batch *b,
		  const struct store_command *c);
/* *to becomes a copy, texts and all, in a. */
void store_copy_command(struct arena *a, const struct store_command *from,
			struct store_command *to);
void store_copy_batch(struct arena *a, const struct store_batch *from,
		      struct store_batch *to);
/* What a batch weighs against STORE_REQUEST_MAX. */
size_t store_octets(const struct store_batch *b);

/* ---- what is answered ---- */

enum store_status {
	STORE_OK,		/* every command has a reply (maybe an error) */
	STORE_UNREACHABLE,	/* nothing was sent */
	STORE_BUSY,		/* queues are full; nothing was sent */
	STORE_LATE,		/* no answer in time: it may be done or not */
	STORE_LOST,		/* the connection broke: done or not */
	STORE_FAILED,		/* the embedded store could not (disk full);
				 * nothing was changed */
};

/* A text or integer reply as a number; otherwise the given value. */
double store_reply_number(const struct store_reply *r, double otherwise);
/* Value of a field in a list of pairs (HGETALL); NULL if it is not there. */
const struct store_reply *store_reply_field(const struct store_reply *pairs,
					    struct str field);

/* A sentence for an administrator: what this error of a server means and what
 * to do ("NOAUTH ..." -> "the server wants a password: write it into ..."). */
struct str store_explain(struct arena *a, struct str error);

/* Replies (as many as commands if STORE_OK, else none) live until the function
 * returns; err says why unless STORE_OK. */
typedef void store_done(void *ctx, enum store_status status,
			const struct store_reply *replies, size_t n,
			const struct err *err);

/* ---- the store ---- */

/* One home: a row a scheme in redis/store.c. */
struct store_ops {
	const char *name;
	/* NULL and err if it can never work (a wrong path); a server that is
	 * not there is no error here: it is tried again. `base` may be NULL
	 * for the embedded ones. */
	struct store *(*open)(const struct store_options *o,
			      struct event_base *base, struct err *err);
	/* Open batches are told STORE_LOST. */
	void (*close)(struct store *s);
	/* See store_send. */
	void (*send)(struct store *s, const struct store_batch *b,
		     double timeout, store_done *done, void *ctx);
	/* Does it believe that it can be reached now? */
	bool (*is_up)(const struct store *s);
	/* Keys whose name begins with prefix, for people and clean-ups: the
	 * next ones from *cursor ("" at first, and "" again at the end). May
	 * be asked on the way of an event loop like send: a list of two, the
	 * new cursor and the names. */
	void (*scan)(struct store *s, struct str prefix, struct str cursor,
		     store_done *done, void *ctx);
	/* Once a second: expiry, clean-ups; NULL: nothing to do. */
	void (*tick)(struct store *s);
};

/* Each implementation's struct store begins with this. */
struct store {
	const struct store_ops *ops;
};

extern const struct store_ops store_none_ops, store_redis_ops,
	store_sentinel_ops, store_cluster_ops, store_lmdb_ops,
	store_memory_ops;

struct store *store_open(const struct store_options *o,
			 struct event_base *base, struct err *err);
/* Closes *s and makes it NULL. */
void store_close(struct store **s);

/* Asks a batch, pipelined: on a server in order, on a cluster in order on each
 * node. It is copied before this returns. done is called once, from the event
 * loop or (embedded, or refused at once) before this returns. timeout in
 * seconds, 0: the store's own; the smaller wins. The embedded store does a
 * batch whole or not at all, in one transaction on disk. */
void store_send(struct store *s, const struct store_batch *b, double timeout,
		store_done *done, void *ctx);

#endif
