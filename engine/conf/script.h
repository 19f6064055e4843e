/*
 * What rules in Lua need of the loader: the files to run, found in
 * SpamAssassin's order, and a way to define rules that .cf lines then treat
 * like any other. Whatever a script says of a symbol (score, description,
 * tflags) is a default: a .cf line about that name wins, wherever it stands.
 */
#ifndef MEKIKI_CONF_SCRIPT_H
#define MEKIKI_CONF_SCRIPT_H

#include "conf/loader.h"

/* Adds path (a file, or a folder: all its *.lua) to the files to be run. */
void script_add_path(struct loader *ld, struct str path);

/* Defines name as a RULE_LUA and gives its id; -1, with a fault noted, if the
 * name will not do. An older rule of that name is replaced, one that is not
 * Lua's with a warning. file and line are the script's. */
long script_define(struct loader *ld, struct str name, const char *file,
		   int line);

/* A regex rule without a name of its own, for regexes inside of Lua rules:
 * asked like any other, listed nowhere. `def` has kind and test; the same
 * test is defined once. Its id. */
long script_define_hidden(struct loader *ld, const struct rule *def,
			  const char *file, int line);

/* Defaults of a symbol. */
void script_score(struct loader *ld, unsigned id, double score);
void script_describe(struct loader *ld, unsigned id, struct str text);
void script_tflags(struct loader *ld, unsigned id, struct str text);

/* Notes a fault at a place in a script. */
void script_fault(struct loader *ld, enum diag_level level, const char *file,
		  int line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

#endif
