/*
 * Options that all of mekiki's commands share: where the rules are and how
 * they are read. They mean what they mean to spamassassin.
 */
#ifndef MEKIKI_CLI_OPTIONS_H
#define MEKIKI_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "conf/ruleset.h"

/* What one option row does with its value. */
enum option_type {
	OPT_FLAG, OPT_TEXT, OPT_LIST, OPT_INT,
	OPT_WORD,	/* takes no value: `argument` is what it means */
	OPT_MAYBE,	/* its value may be left out, which means "" */
};

/* One option: a row of a command's table. The table ends with all NULL. */
struct option_row {
	const char *name;	/* long name, without dashes */
	char letter;		/* short form, or 0 */
	enum option_type type;
	void *value;		/* bool *, const char **, struct option_list *,
				 * int * */
	const char *argument;	/* "DIR", for help */
	const char *help;	/* one sentence; NULL: another name of an
				 * option that is in the table */
};

#define OPTION_LIST_MAX 64

struct option_list {
	const char *v[OPTION_LIST_MAX + 1];	/* NULL-ended */
	size_t n;
};

/* The shared ones. */
struct common_options {
	struct load_options load;
	struct option_list pre, cf;
	const char *own_dir;
	bool no_own_rules;
	const char *debug;
	const char *state_dir;	/* NULL: the usual one */
	bool help;
};

/* Makes the rows for `c` (in static storage, one set a process). */
const struct option_row *common_option_rows(struct common_options *c);

/* Parses argv[1..] with the two tables (either may be NULL); option names and
 * operands may be mixed, "--" ends options. Operands are moved to the front
 * of argv; their number is returned, or -1 and err. */
int options_parse(int argc, char **argv, const struct option_row *a,
		  const struct option_row *b, struct err *err);

/* The same, calling `operand` with each operand in the order of the words: what
 * options stand before it have been read, those behind it not. An operand
 * that it refuses (-1 and err) ends the parsing. Nothing is moved; 0 or -1. */
int options_parse_each(int argc, char **argv, const struct option_row *a,
		       const struct option_row *b,
		       int (*operand)(void *ctx, const char *word,
				      struct err *err),
		       void *ctx, struct err *err);

/* After parsing: fills c->load from the rest (own rules' directory, lists,
 * debug channels). */
void common_options_apply(struct common_options *c);

/* Prints the rows of a table as --help shows them. */
void options_help(FILE *f, const struct option_row *rows);

/* The directory of our own rules: beside a program in its build folder,
 * else where `make install` puts them. */
const char *own_rules_dir(void);

#endif
