/*
 * What learn_store.c and learn_restore.c share.
 */
#ifndef MEKIKI_CLI_LEARN_STORE_INT_H
#define MEKIKI_CLI_LEARN_STORE_INT_H

#include "cli/learn_store.h"

/* Seconds that one question of many may take. */
#define LEARN_STORE_TIMEOUT 30.0

/* Asks a batch; an error among the replies is one of the question. */
int learn_store_ask(const struct learn_store *ls, struct arena *a,
		    struct store_batch *b, struct memory_answer *out_r,
		    struct err *err);

#endif
