/*
 * An ordered store of records, octets to octets, with one transaction at a
 * time: what the embedded store stands on. Two of them: LMDB (kv_lmdb.c) and
 * memory (kv_memory.c, for tests and for `memory:`).
 *
 * Failures of the store are remembered, not returned: whatever is asked after
 * one finds nothing and does nothing, and commit() fails with kv->err. So code
 * that works on records has one place to look, at its end.
 *
 * Keys are ordered by octets, shorter first. Not for use by two threads.
 */
#ifndef MEKIKI_REDIS_KV_H
#define MEKIKI_REDIS_KV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define KV_KEY_MAX 511		/* octets of a key; LMDB's ceiling */

enum kv_mode {
	KV_READ,	/* sees the state of its beginning, waits for nobody */
	KV_WRITE,	/* alone; refused when the store is full */
	KV_SHRINK,	/* as KV_WRITE, by one who only removes: may also use
			 * the space that is set aside for this */
};

enum kv_step {
	KV_FROM,	/* the first key at or behind the given one */
	KV_AFTER,	/* the first one behind it */
	KV_BEFORE,	/* the last one before it */
};

struct kv_stat {
	uint64_t used, size;	/* octets of the file or memory, and at most */
};

struct kv;
struct store_options;

struct kv_ops {
	const char *name;	/* "lmdb", "memory" */
	/* Ends a transaction that is open as abort does. */
	void (*close)(struct kv *kv);
	/* -1 and kv->err if that is not possible now. */
	int (*begin)(struct kv *kv, enum kv_mode mode);
	/* All of it is on disk when this returns 0; or nothing is, -1 and
	 * kv->err. The transaction is over either way. */
	int (*commit)(struct kv *kv);
	void (*abort)(struct kv *kv);
	/* What is found is valid until the next put or del, or the end. */
	bool (*get)(struct kv *kv, struct str key, struct str *value_r);
	bool (*step)(struct kv *kv, enum kv_step how, struct str key,
		     struct str *key_r, struct str *value_r);
	/* The key may be what get and step gave, the value not. */
	void (*put)(struct kv *kv, struct str key, struct str value);
	void (*del)(struct kv *kv, struct str key);
	void (*stat)(struct kv *kv, struct kv_stat *stat_r);
	/* Once a second, outside of a transaction; NULL: nothing to do. */
	void (*tick)(struct kv *kv);
};

/* Each implementation's struct begins with this. */
struct kv {
	const struct kv_ops *ops;
	bool failed;		/* since begin */
	struct err err;
};

/* Both take map_size; LMDB's also the directory, read_only and lazy. */
struct kv *kv_memory_open(const struct store_options *o);
struct kv *kv_lmdb_open(const struct store_options *o, struct err *err);

#endif
