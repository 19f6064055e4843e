/*
 * What the files of spamassassin, by that name, share: its command line
 * (spamassassin.c) and what it does with messages (spamassassin_run.c).
 */
#ifndef MEKIKI_CLI_SPAMASSASSIN_H
#define MEKIKI_CLI_SPAMASSASSIN_H

#include <signal.h>

#include "cli/memory.h"
#include "cli/options.h"

struct spamassassin {
	struct arena *arena;		/* of the whole run */
	struct common_options common;
	const char *user;
	const char *format;		/* "detect", "mbox", "mbx" */
	const char *exit_code;		/* -e's value; NULL: not asked for */
	const char *add_welcome, *remove_welcome, *add_block;	/* addresses */
	bool list_welcome, list_remove, list_block;	/* ... of messages */
	bool no_prefs_file;		/* -x: none is created */
	bool lint, net, remove_markup, report, revoke, test, bar;
	bool help, version;
	struct strs places;

	/* While it runs. */
	struct engine *engine;
	struct cli_memory memory;
	struct scan_options scan;
	size_t count;			/* messages so far */
	int code;			/* the exit code so far; 0: none */
};

/* Lists the one address that the options name. The exit code. */
int spamassassin_list_address(struct spamassassin *s);

/* Goes through all messages. The exit code. */
int spamassassin_run(struct spamassassin *s);

#endif
