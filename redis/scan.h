/*
 * Asking a server for the names of keys, piece by piece: the SCAN command for
 * a prefix, which Redis wants as a pattern. Each home makes of the servers'
 * cursors its own.
 */
#ifndef MEKIKI_REDIS_SCAN_H
#define MEKIKI_REDIS_SCAN_H

#include "redis/store.h"

/* Adds SCAN from a server's cursor ("" is the beginning) for the names that
 * begin with prefix. */
void scan_add(struct arena *a, struct store_batch *b, struct str prefix,
	      struct str cursor);

/* The reply of SCAN as the store's: the end ("0") becomes cursor "". Items has
 * room for two. Other replies (errors) stay as they are. */
struct store_reply scan_reply(const struct store_reply *r,
			      struct store_reply *items);

#endif
