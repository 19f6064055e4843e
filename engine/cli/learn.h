/*
 * Teaching, by two names: `mekiki learn` and sa-learn. Both fill these options
 * from their command lines; what they mean, and what is said, is the same.
 */
#ifndef MEKIKI_CLI_LEARN_H
#define MEKIKI_CLI_LEARN_H

#include "cli/messages.h"
#include "cli/options.h"

struct learn_options {
	struct common_options common;
	const char *class;	/* "spam", "ham" or NULL, so far */
	const char *format;	/* so far */
	bool forget, sync, expire, import, clear, backup, single;
	const char *dump, *restore, *regexp, *folders, *user, *dbpath;
	bool quiet, no_sync, dots, bar, use_ignores, version;
	const char *learnprob;
	int randseed, stopafter, max_size;
	bool ignored;		/* options that mean nothing any more */
	int no_input;		/* the exit code if a list cannot be read */
	int store_failed;	/* ... if the database could not be shown,
				 * saved, restored or cleared */
	/* Places, each with the class and format that were said before it. */
	struct place {
		const char *where;
		bool spam;
		enum message_format format;
	} *places;
	size_t nplaces, places_cap;
	struct arena *arena;
};

/* The options as they are before any word was read. */
void learn_options_init(struct learn_options *o);

/* Adds a place, of the class and format that were said so far. False if no
 * class was. */
bool learn_add_place(struct learn_options *o, const char *where);

/* Is it the database as a whole that is asked for (--dump, --clear, ...)? */
bool learn_is_whole(const struct learn_options *o);
/* Is anything asked for at all? */
bool learn_has_task(const struct learn_options *o);

/* Does it. The exit code. */
int learn_run(struct learn_options *o);

#endif
