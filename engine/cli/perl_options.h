/*
 * Command lines as SpamAssassin's programs read them, which is Getopt::Long's
 * way: letters may be bundled ("-Lxt", "-uNAME"), a long option has its value
 * behind "=" or in the next word, operands may stand between options, "--"
 * ends them, and every fault of a line is told, not only the first. Each
 * program has a table of its own kind of rows; what all have in common is that
 * a row begins with its names.
 */
#ifndef MEKIKI_CLI_PERL_OPTIONS_H
#define MEKIKI_CLI_PERL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum perl_value {
	PERL_NONE,
	PERL_NEGATABLE,		/* none; --noNAME and --no-NAME negate it */
	PERL_STRING,		/* anything, the next word if need be */
	PERL_MAYBE_STRING,	/* "" if the next word looks like an option */
	PERL_INT,
	PERL_MAYBE_INT,		/* "0" if the next word is no number */
	PERL_REAL,
};

/* What a row begins with. */
struct perl_name {
	const char *names;	/* "debug D": long ones and letters */
};

struct perl_table {
	const void *rows;	/* the last one's names are NULL */
	size_t row_size;
	enum perl_value (*value)(const void *row);
	bool shorten;		/* long names may be shortened, and written in
				 * any case, as most of the programs allow */
	struct arena *arena;	/* of values that stand nowhere as a word */
	void *ctx;
	/* An option was read; value is NULL if it has none. -1 ends the
	 * parsing at once. */
	int (*take)(void *ctx, const void *row, const char *value,
		    bool negated);
	/* The same for an operand; NULL: they are ignored. */
	int (*operand)(void *ctx, const char *word);
	/* "Unknown option: x" and kin. */
	void (*complain)(void *ctx, const char *text);
};

/* Parses argv[1..]. The number of complaints, or -1 if a call ended it. */
int perl_options_parse(int argc, char **argv, const struct perl_table *t);

/* Writes "-m, --max-children" into out: letters first. */
void perl_option_title(const struct perl_name *n, char *out, size_t size);

#endif
