/*
 * An access database of sendmail's (a hash of Berkeley DB), read in whole when
 * rules are loaded: workers open nothing.
 */
#ifndef MEKIKI_EVAL_ACCESS_DB_H
#define MEKIKI_EVAL_ACCESS_DB_H

#include <stddef.h>

#include "base/map.h"

struct arena;

struct access_db {
	struct map entries;	/* key -> struct str *, values that are not ""
				 * and not "0" */
	size_t longest;		/* bytes of the longest key */
};

/* The entries of the file at path. Never NULL; a file that is not there, is no
 * such hash or has more than LIMIT_ACCESS_ENTRIES entries (the rest of which
 * are left out) is told to the log. Lives in a. */
struct access_db *access_db_read(struct arena *a, const char *path);

#endif
