/*
 * HTTP requests, many at once in one thread, with every ceiling of asker.h and
 * the guard in front of each socket. The only place that knows libcurl.
 */
#ifndef MEKIKI_NET_HTTP_H
#define MEKIKI_NET_HTTP_H

#include <poll.h>

#include "base/ask.h"
#include "base/err.h"

struct arena;
struct asker_settings;
struct http;
struct http_transfer;

/* NULL and err if libcurl will not work. Lives as long as the process. */
struct http *http_new(struct arena *a, const struct asker_settings *s,
		      struct err *err);

/* Begins a request; ask and a must live until it is done or dropped. owner
 * comes back when it is done. NULL and err if the question is malformed. */
struct http_transfer *http_start(struct http *h, struct arena *a,
				 const struct ask *ask, void *owner,
				 struct err *err);

/* Ends a request, done or not, and frees it. NULL is fine. */
void http_drop(struct http_transfer **t);

/* Works until something happened (one of fds is ready, a request is done), at
 * most ms milliseconds. Their revents are set. */
void http_work(struct http *h, struct pollfd *fds, unsigned n, int ms);

/* The next request that is done: its owner, and *answer_r in its arena. NULL
 * when there is none. The caller drops it. */
void *http_next_done(struct http *h, struct ask_answer *answer_r);

#endif
