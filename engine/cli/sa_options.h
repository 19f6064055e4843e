/*
 * Options of the programs that go by SpamAssassin's names, one row each:
 * spamassassin, sa-learn, sa-check_spamd. They are named, and mean, what they
 * do there; a few of mekiki's own stand beside them. What the programs say is
 * logged in SpamAssassin's form (sa_log.h).
 */
#ifndef MEKIKI_CLI_SA_OPTIONS_H
#define MEKIKI_CLI_SA_OPTIONS_H

#include <stdio.h>

#include "cli/options.h"
#include "cli/perl_options.h"

/* The release whose programs these are. */
#define SA_VERSION "4.0.1"

enum sa_action {
	SA_SET,			/* a bool becomes true, negated false */
	SA_CLEAR,		/* the other way round */
	SA_TEXT,		/* a const char * */
	SA_LIST,		/* a struct option_list */
	SA_NUMBER,		/* an int */
	SA_WORD,		/* a const char * becomes `text` */
	SA_WARN,		/* `text` is logged; a bool becomes true, if
				 * there is one */
	SA_REFUSE,		/* `text` is logged, and the program exits
				 * with 2 */
	SA_IGNORE,
};

#define NO_FIELD ((size_t)-1)

struct sa_option {
	struct perl_name name;
	enum perl_value value;
	enum sa_action action;
	size_t field;		/* offset into what the words are read into */
	const char *text;
	const char *arg;	/* "DIR", for --help */
	const char *help;	/* one sentence; NULL: not shown */
};

struct sa_parse {
	const struct sa_option *rows;	/* the last one has no name */
	void *into;		/* what the rows' fields are offsets of */
	bool shorten;		/* see perl_options.h */
	bool plain;		/* complaints are not logged but written as
				 * they are */
	struct arena *arena;
	void *ctx;
	int (*operand)(void *ctx, const char *word);	/* as there */
	int code;		/* after -1: the exit code */
};

/* The number of complaints (all told), or -1: exit with p->code. */
int sa_options_parse(int argc, char **argv, struct sa_parse *p);

/* The options as --help shows them. */
void sa_options_help(FILE *f, const struct sa_option *rows);

#endif
