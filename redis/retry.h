/*
 * Errors of a server that pass by themselves within moments (it is loading,
 * is just becoming a master, runs a script): the commands of a batch that got
 * such a one are asked again, with a growing delay and jitter, at most
 * RETRY_MAX times and within the batch's time; then the error is the caller's.
 * Other commands of the batch keep the reply that they have and are not done
 * twice; those asked again come behind them.
 */
#ifndef MEKIKI_REDIS_RETRY_H
#define MEKIKI_REDIS_RETRY_H

#include <stdbool.h>

#include "redis/store.h"

#define RETRY_MAX 5

struct event_base;
struct retries;

/* Where attempts go: as conn_send; ctx is retries_new's. */
typedef void retry_send(void *ctx, const struct store_command *v, size_t n,
			double timeout, store_done *done, void *done_ctx);

/* READONLY, LOADING, MASTERDOWN, BUSY, TRYAGAIN: true. */
bool retry_is_passing(const struct store_reply *r);

/* All retries of a store. */
struct retries *retries_new(struct event_base *base, retry_send *send,
			    void *ctx);

/* Batches that wait for their next attempt are told STORE_LOST. None may be
 * in retry_send any more: free the connection first. */
void retries_free(struct retries **r);

/* As store_send; timeout must be > 0. Calls `send` before it returns. */
void retries_send(struct retries *r, const struct store_batch *b,
		  double timeout, store_done *done, void *ctx);

#endif
