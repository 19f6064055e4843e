/*
 * What conn.c (the life of a connection) and conn_batch.c (what is asked on
 * it) share. Every entry from the event loop is between conn_hold and
 * conn_unhold, so that a callback may free the connection under it.
 */
#ifndef MEKIKI_REDIS_CONN_INT_H
#define MEKIKI_REDIS_CONN_INT_H

#include <sys/queue.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/buf.h"
#include "redis/conn.h"
#include "redis/dial.h"

struct bufferevent;
struct dial;
struct resp_reader;

/* Octets kept of batches that are under way, and of replies of batches that
 * are not whole yet. */
#define CONN_HELD_MAX (4 * STORE_REQUEST_MAX)
#define CONN_KEPT_MAX (2 * STORE_REPLY_MAX)

enum conn_state {
	CONN_DOWN,		/* waits for its next attempt */
	CONN_DIALING,
	CONN_GREETING,		/* logs in */
	CONN_UP,
};

/* What each command of the log-in is for. */
enum greeting { GREET_AUTH, GREET_SELECT, GREET_NAME, GREET_PING,
		GREET_VERIFY, GREET_SUBSCRIBE };

/* One command of a batch, in its octets. */
struct piece {
	size_t at, n;
	int script;		/* -1: a plain command */
	bool digest;		/* sent as EVALSHA */
	bool asking;		/* the cluster's prefix of the next command */
};

struct batch {
	TAILQ_ENTRY(batch) link;
	struct conn *conn;
	store_done *done;	/* NULL: told already, answers are dropped */
	void *ctx;
	struct event timer;
	bool sent;
	bool ours;		/* the connection's own */
	unsigned rounds;	/* behind the first one */
	struct buf wire;
	struct piece *pieces;
	size_t n;
	size_t *todo;		/* pieces of this round; NULL: all */
	size_t ntodo, got;
	struct arena *arena;	/* of replies, from the first one on */
	struct store_reply *replies;
	size_t kept;		/* octets of them */
};

TAILQ_HEAD(batches, batch);

struct conn {
	struct event_base *base;
	struct arena *arena;	/* of the options */
	struct conn_options o;
	struct dial_target target;
	char name[300];
	enum conn_state state;
	struct dial *dial;
	struct bufferevent *bev;
	struct resp_reader *reader;
	enum greeting *greeting;
	struct event timer;	/* next attempt, or the end of this one */
	struct event watch;	/* something is owed and nothing comes */
	struct event probe;	/* a PING is due */
	unsigned attempt;	/* 0: the next is made at once */
	double probe_wait;	/* while the breaker is open */
	bool probing;
	int failures;		/* in a row */
	bool open;		/* the breaker */
	bool told;		/* what `changed` was told */
	bool answered;		/* since it is up */
	struct err why;
	int64_t up_since, heard, owed_since;
	bool *known;		/* scripts that this server has, of */
	size_t nscripts;
	struct batches waiting, sent;
	size_t nbatches;
	size_t waiting_octets, held, kept;
	struct arena *spare;	/* for the next batch's replies */
	struct arena *scratch;	/* a subscriber's reply */
	unsigned generation;	/* of the socket */
	int depth;
	bool dead;
};

/* ---- conn.c ---- */

/* Begins to connect when the loop runs. */
void conn_begin(struct conn *c);

/* Closes what there is of a connection, without telling anybody. */
void conn_shut(struct conn *c);

void conn_hold(struct conn *c);
void conn_unhold(struct conn *c);

/* Closes the socket; batches under way are lost. A failure counts for the
 * breaker and in the delay of the next attempt. */
void conn_break(struct conn *c, bool failure, const struct err *err);

/* Something was sent: from now on an answer is owed. */
void conn_watch(struct conn *c);

/* A batch was late / was answered in time. */
void conn_failed(struct conn *c, const struct err *err);
void conn_answered(struct conn *c, const struct batch *b);

/* ---- conn_batch.c ---- */

/* A batch that waits, owner still to be set; NULL and *status_r, err. The
 * connection's own (log-in, PING) may be more than the ceilings. */
struct batch *batch_new(struct conn *c, const struct store_command *v,
			size_t n, bool ours, enum store_status *status_r,
			struct err *err);
/* Takes it out of its list, tells its owner and forgets it. */
void batch_end(struct batch *b, enum store_status status,
	       const struct err *err);

/* Ends all of a list's. */
void batches_end(struct conn *c, struct batches *list,
		 enum store_status status, const struct err *err);

/* Tells the owners of what was sent that it is late. */
void batches_late(struct conn *c, const struct err *err);

/* Gives what waits to the socket. */
void batch_write(struct batch *b);
void batches_flush(struct conn *c);

/* Sets its time-out. */
void batch_timeout(struct batch *b, double seconds);

/* Octets came: reads replies and ends batches. */
void batches_read(struct conn *c);

#endif
