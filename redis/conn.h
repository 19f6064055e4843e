/*
 * One connection to one Redis server (or Sentinel, or Cluster node), on one
 * event loop: it is made, logged in, kept and, when it breaks, made anew.
 * single.c, sentinel.c and cluster.c differ in which connections they have and
 * to which one a batch goes; everything else is here.
 *
 * What is promised:
 *  - done is called exactly once for each batch: from the event loop, or
 *    before conn_send returns if it is refused at once. It may call
 *    conn_send and conn_free, also on the same connection.
 *  - Batches go out in the order of conn_send, many under way at once, and
 *    are answered in that order. (A script that the server turns out not to
 *    have is sent again with its text, behind what is under way by then; the
 *    caller does not see it.)
 *  - A batch that waits for the connection is STORE_UNREACHABLE when its time
 *    is up, one that was sent is STORE_LATE; the connection goes on if answers
 *    keep coming, and late ones are dropped. When something is owed and nothing
 *    at all comes for answer_timeout, the connection is closed and made anew.
 *  - Breaker: after CONN_FAILURES failures in a row (late, lost, not
 *    connected, log-in refused) everything is STORE_UNREACHABLE at once
 *    (and what is under way STORE_LATE), until a connection with a log-in and a PING, or a PING on this one, is
 *    answered in time. A reply that is an error is no failure: it is data.
 *  - Reconnection: at once, then after 50 ms, doubled up to 1 s, with jitter.
 *  - Nothing grows: at most STORE_QUEUE_MAX batches (late ones count until
 *    their answers came), STORE_REQUEST_MAX octets that were not sent yet
 *    (more are STORE_BUSY), twice STORE_REPLY_MAX of replies of batches that
 *    are not whole (more breaks the connection), one descriptor. A batch
 *    with a script that was refused first may have a few rounds. One over the
 *    ceilings of store.h is STORE_FAILED.
 *
 * Not for use across a fork, nor by two event loops.
 */
#ifndef MEKIKI_REDIS_CONN_H
#define MEKIKI_REDIS_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redis/store.h"

struct conn;
struct tls_client;

#define CONN_FAILURES 3		/* in a row open the breaker */

struct conn_options {
	struct str host;	/* name or address, IPv6 without brackets */
	uint16_t port;
	struct str path;	/* of a Unix socket, instead; STR_NONE: TCP */
	struct tls_client *tls;	/* of redis/tls.h, the caller's, must outlive
				 * the connection; NULL: without TLS */
	struct str tls_name;	/* that the certificate must have; STR_NONE:
				 * host */
	struct str user, password;	/* STR_NONE: none. A password without
					 * a user: AUTH password */
	int db;			/* 0: nothing is selected */
	bool quiet;		/* whoever asks it logs that it does not
				 * answer; else it is logged here, too */
	double connect_timeout;	/* seconds from the first packet to the end
				 * of the log-in */
	double answer_timeout;	/* seconds; see conn_send */

	/* Asked behind the log-in each time the connection is made, before it
	 * counts as up: Sentinel's ROLE. NULL: nothing. judge gets one reply a
	 * command (errors too) and returns 0, or -1 with err: then the
	 * connection is closed, which is a failure like any other. */
	const struct store_batch *verify;
	int (*judge)(void *ctx, const struct store_reply *replies, size_t n,
		     struct err *err);

	/* A subscriber's connection: this channel is subscribed to, and pushed
	 * gets each message. conn_send is not for such a connection
	 * (STORE_FAILED). */
	struct str channel;
	void (*pushed)(void *ctx, struct str message);

	/* Called when conn_is_up has changed, from the event loop. May free
	 * the connection. NULL: nobody wants to know. */
	void (*changed)(void *ctx, bool up);

	void *ctx;		/* of the three above */
};

/* The options of a store's line that are the same for all of its connections:
 * time-outs, user, password, database. The rest is zero. */
void conn_options_read(const struct store_options *o,
		       struct conn_options *out_r);

/* A new connection, which begins to connect when the loop runs. The options
 * and all they point to are copied (not tls and ctx). NULL and err if it can
 * never work (a socket's path that is too long). */
struct conn *conn_open(struct event_base *base, const struct conn_options *o,
		      struct err *err);

/* Closes it and makes *conn NULL; batches under way are told STORE_LOST, those
 * that wait STORE_UNREACHABLE, before it returns. `changed` is not called any
 * more. Fine from within any of its callbacks. */
void conn_free(struct conn **conn);

/* Asks n commands. They are copied. timeout in seconds; 0, or more than
 * answer_timeout: that. */
void conn_send(struct conn *conn, const struct store_command *v, size_t n,
	       double timeout, store_done *done, void *ctx);

/* Logged in, and the breaker is closed. */
bool conn_is_up(const struct conn *conn);

/* Closes the connection as if it had broken and makes it anew at once: a
 * server that turned out to be the wrong one. No failure for the breaker. */
void conn_renew(struct conn *conn);

/* Why it is not up, in a sentence ("" if it is): for logs and for err. */
const char *conn_why(const struct conn *conn);

/* "127.0.0.1:6379", "[::1]:6379" or the path: for logs. */
const char *conn_name(const struct conn *conn);

#endif
