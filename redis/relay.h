/*
 * Batches on their way over several connections: what Sentinel and Cluster
 * share. A batch is copied, each of its commands goes to the connection that
 * the home names (in order on each connection), replies that say "not now" or
 * "not here" are acted upon, and when every command has its reply, or the
 * batch cannot succeed any more, its owner is told, once.
 *
 * The status of a batch that fails is that of the first command that could
 * not be answered; but when other commands were answered or are under way,
 * UNREACHABLE, BUSY and FAILED ("nothing was done") become STORE_LOST.
 *
 * done is called from the event loop with nothing of ours on the stack, so it
 * may do what it likes, store_close included; refusals (STORE_BUSY) and
 * relay_free call it at once.
 */
#ifndef MEKIKI_REDIS_RELAY_H
#define MEKIKI_REDIS_RELAY_H

#include <stdbool.h>

#include "redis/store.h"

struct conn;
struct event_base;
struct relay;

#define RELAY_HOPS 5		/* in a row, that a command is sent on */
#define RELAY_OCTETS_MAX (4 * STORE_REQUEST_MAX)	/* under way */

/* What becomes of a command that was answered with an error. */
enum relay_fate {
	RELAY_REPLY,		/* the error is its reply */
	RELAY_AGAIN,		/* in a moment, inside of the deadline */
	RELAY_MOVED,		/* at once, to where it belongs now */
	RELAY_ASK,		/* at once, to *there_r, behind ASKING */
};

/* What a home decides. These are called in the middle of things: they look up
 * and schedule; they may make connections, but free none. */
struct relay_ops {
	/* Slot of a command (slots.h); NULL: slots mean nothing. */
	int (*slot)(const struct store_command *c);
	/* The connection for a slot. NULL and err: there is none; *wait_r
	 * tells whether one may turn up (relay_wake). */
	struct conn *(*where)(void *ctx, int slot, bool *wait_r,
			      struct err *err);
	enum relay_fate (*judge)(void *ctx, const struct conn *from,
				 struct str error, struct conn **there_r);
	/* A connection could not be asked or did not answer. It may be about
	 * to be freed: compare, do not use. */
	void (*failed)(void *ctx, const struct conn *conn);
};

struct relay *relay_new(struct event_base *base, const struct relay_ops *ops,
			void *ctx, double answer_timeout);

/* Tells every batch STORE_LOST. Free the connections after it. */
void relay_free(struct relay **r);

/* slot: that of all commands, or SLOT_ANY: each one's own. Otherwise as
 * store_send. */
void relay_send(struct relay *r, const struct store_batch *b, int slot,
		double timeout, store_done *done, void *ctx);

/* The home knows more than it did: what waits is tried again. */
void relay_wake(struct relay *r);

/* Is a command under way there? */
bool relay_uses(const struct relay *r, const struct conn *conn);

/* An error that passes by itself: LOADING, READONLY, TRYAGAIN, ... */
bool relay_passing(struct str error);

#endif
