/*
 * Programs that the configuration names and that are run for messages
 * (ExtractText's tools; DCC, Pyzor and Razor2 later): data, gathered while the
 * rules are loaded. Nothing here runs anything; net/runner.h does, and only
 * what is listed here.
 */
#ifndef MEKIKI_CONF_PROGRAMS_H
#define MEKIKI_CONF_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct loader;

struct program {
	const char *plugin;	/* whose it is: "ExtractText" */
	struct str name;	/* unique among its plug-in's */
	/* argv[0] is the program, looked up in PATH unless it has a slash. In
	 * each argument the first {} becomes the path of a file that holds the
	 * input; with params, an argument that is {1} ... {9} becomes that
	 * parameter, and is left out if it is "". */
	struct strs argv;
	struct strs env;	/* KEY=VALUE, added to a small environment */
	unsigned params;	/* that a question brings, 9 at most */
	bool use_stdin;		/* the input is its standard input, too; else
				 * that is the null device */
	bool network;		/* it may open sockets other than Unix ones */
	struct strs writable;	/* folders it may write to besides its own */
	double timeout;		/* seconds at most */
	size_t max_output;	/* octets kept of its output; 0: the runner's
				 * RUNNER_OUTPUT_MAX */
};

struct programs {
	struct program *v;
	size_t n, cap;
};

/* Adds a program to ld->rs->programs, its texts copied. False if there is one
 * of that name already, or too many. */
bool programs_add(struct loader *ld, const struct program *p);

/* The index of a plug-in's program, or -1. */
int programs_find(const struct programs *ps, const char *plugin,
		  struct str name);

#endif
