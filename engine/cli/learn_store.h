/*
 * A Bayes database as a whole: what `mekiki learn` shows, saves, restores and
 * clears.
 */
#ifndef MEKIKI_CLI_LEARN_STORE_H
#define MEKIKI_CLI_LEARN_STORE_H

#include <stdbool.h>

#include "base/err.h"
#include "redis/bayes.h"

struct regex;
struct settings;

struct learn_store {
	struct arena *arena;
	struct memory_client *client;
	struct bayes_home home;
	const struct settings *settings;
};

/* All return 0, or -1 and err. */

/* sa-learn's listing: the state (magic), the tokens (data), or both; of the
 * tokens those whose hexadecimal name matches re (NULL: all). */
int learn_dump(const struct learn_store *ls, bool magic, bool data,
	       const struct regex *re, struct err *err);

/* sa-learn's text form, to standard output, and back from a file. Restoring
 * clears the database first. */
int learn_backup(const struct learn_store *ls, struct err *err);
int learn_restore(const struct learn_store *ls, const char *path, bool dots,
		  struct err *err);

int learn_clear(const struct learn_store *ls, struct err *err);

#endif
