/*
 * The embedded store: Redis's commands and scripts, executed here, over
 * ordered records (kv.h). Which commands, and what a file looks like, is in
 * README.md. store_lmdb_ops and store_memory_ops are its two homes; tests may
 * put it on any kv and move its clock.
 */
#ifndef MEKIKI_REDIS_EMBEDDED_H
#define MEKIKI_REDIS_EMBEDDED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct kv;
struct store;

/* The version of the records' format; another one is refused. */
#define EMBEDDED_FORMAT 1

/* A store over kv, which it owns from now on (also when it fails: NULL and
 * err). ops is the home it is opened for. */
struct store_ops;
struct store *embedded_open(const struct store_ops *ops, struct kv *kv,
			    bool read_only, struct err *err);

/* Milliseconds since 1970 are read from this from now on; NULL: the clock. */
void embedded_set_clock(struct store *s, int64_t (*now_ms)(void));

#endif
