/*
 * From a server's name to a connection that is ready for its first octet:
 * the name is resolved (again each time, so that a name that moves is
 * followed), each of its addresses is tried in turn, TLS is agreed on. Never
 * blocks and knows no time-out: that is the caller's, who cancels.
 */
#ifndef MEKIKI_REDIS_DIAL_H
#define MEKIKI_REDIS_DIAL_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct bufferevent;
struct dial;
struct event_base;
struct tls_client;

struct dial_target {
	struct str host;	/* name or address; or */
	uint16_t port;
	struct str path;	/* of a Unix socket (STR_NONE: TCP) */
	struct tls_client *tls;	/* NULL: plain */
	struct str tls_name;	/* that the certificate must have */
};

/* The connection is the callee's; NULL and err if none could be made. */
typedef void dial_done(void *ctx, struct bufferevent *bev,
		       const struct err *err);

/* -1 and err if no connection to it can ever be made. */
int dial_check(const struct dial_target *t, struct err *err);

/* Begins. *t must live until done is called, once, from the event loop. */
struct dial *dial_start(struct event_base *base, const struct dial_target *t,
			dial_done *done, void *ctx);

/* Gives up without calling done and makes *d NULL; NULL is fine. */
void dial_cancel(struct dial **d);

#endif
