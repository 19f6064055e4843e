/*
 * mekikid's command line: spamd's options and a few of our own, one row each.
 * --help is printed from the rows, and a test holds the man page to them.
 */
#ifndef MEKIKI_CLI_MEKIKID_OPTIONS_H
#define MEKIKI_CLI_MEKIKID_OPTIONS_H

#include <stddef.h>

#include "base/err.h"
#include "serve/daemon_options.h"

enum daemon_option_kind {
	DOPT_FLAG,		/* true */
	DOPT_NEGATABLE,		/* true; --noNAME and --no-NAME: false */
	DOPT_CLEAR,		/* false */
	DOPT_TEXT,
	DOPT_PATH,		/* text, made absolute */
	DOPT_MAYBE,		/* text that may be missing: "" */
	DOPT_LIST,
	DOPT_MAYBE_LIST,
	DOPT_NUMBER,
	DOPT_COMMAS,		/* list, each value split at commas */
	DOPT_IGNORED,		/* a flag without effect; note says why */
	DOPT_IGNORED_TEXT,	/* the same with a value */
	DOPT_IGNORED_MAYBE,
	DOPT_RETIRED,		/* refused: exit 2, as spamd does */
	DOPT_RETIRED_QUIETLY,	/* a warning, as spamd does */
	DOPT_HELP,
	DOPT_VERSION,
};

struct daemon_option_row {
	const char *names;	/* "max-children m": long ones and letters */
	enum daemon_option_kind kind;
	size_t offset;		/* into struct daemon_options */
	const char *arg;	/* "NUM", or NULL */
	const char *help;	/* one sentence */
	const char *note;	/* for DOPT_IGNORED*: why it has no effect */
};

/* The rows; the last one has names == NULL. */
const struct daemon_option_row *daemon_option_rows(void);

enum daemon_parse { DAEMON_RUN, DAEMON_HELP, DAEMON_VERSION, DAEMON_RETIRED,
		    DAEMON_ERROR };

/* Parses a command line into *o (which is filled with defaults first) and
 * checks what must fit together. Texts live as long as argv or the process.
 * DAEMON_ERROR and DAEMON_RETIRED set err. */
enum daemon_parse daemon_options_parse(int argc, char **argv,
				       struct daemon_options *o,
				       struct err *err);

#endif
