/*
 * The journal: batches that were acknowledged and could not be applied, on
 * disk, in order. They are replayed in that order once the store can be
 * reached again; their commands are idempotent, so that an entry whose
 * removal was lost does no harm. Two processes may have the same journal open
 * (two generations of a daemon, a command): one of them replays, the one that
 * holds its lock.
 *
 * It is an LMDB file: what journal_append has returned 0 for is on disk, and a
 * process that dies at any moment leaves it whole.
 */
#ifndef MEKIKI_REDIS_JOURNAL_H
#define MEKIKI_REDIS_JOURNAL_H

#include "redis/memory.h"

/* Octets that the file may grow to; an entry more is an error. */
#define JOURNAL_MAX ((size_t)256 << 20)

struct journal;

/* Opens the journal in dir (an existing directory). NULL and err. */
struct journal *journal_open(const char *dir, struct err *err);
void journal_close(struct journal **j);

struct journal_entry {
	enum memory_home home;
	struct str bytes;
};

/* Adds entries at the end, durably, all or none: waiting for the disk once is
 * what it costs. -1 and err: they are not there (disk full). */
int journal_append_all(struct journal *j, const struct journal_entry *v,
		       size_t n, struct err *err);

/* The same for one. */
int journal_append(struct journal *j, enum memory_home home, struct str bytes,
		   struct err *err);

/* The oldest entry of a number above `after`, its bytes in a. False if there
 * is none. */
bool journal_next(struct journal *j, struct arena *a, uint64_t after,
		  uint64_t *number_r, enum memory_home *home_r,
		  struct str *bytes_r);

/* Removes the entries up to this number, which were applied, in one go. */
void journal_remove(struct journal *j, uint64_t number);

/* Sets an entry aside that this version cannot read: it stays in the file, and
 * nobody meets it any more. */
void journal_set_aside(struct journal *j, uint64_t number);

/* How many entries there are to replay. */
size_t journal_count(struct journal *j);

/* Is it ours to replay? Takes the lock if nobody has it. */
bool journal_is_ours(struct journal *j);

#endif
