/*
 * A builder: the process of one generation of rules. It loads them, says
 * whether they are good, and forks the workers, which share what it loaded.
 */
#ifndef MEKIKI_SERVE_BUILDER_H
#define MEKIKI_SERVE_BUILDER_H

#include "base/str.h"
#include "serve/daemon_options.h"

struct arena;

struct builder_options {
	const struct daemon_options *daemon;
	int keeper;		/* channel to the keeper */
	int front;		/* channel to the front */
	/* The faults of the generation that is serving ("file: text"), which
	 * are no reason to refuse this one; NULL at the start, when no fault
	 * is. */
	const struct strs *known_faults;
};

/* Names a fault in a way that survives lines being added above it. */
struct str builder_fault_key(struct arena *a, struct str file,
			     struct str text);

/* Loads, reports, forks workers and replaces those that die, until the front
 * closes its channel; then waits for them and exits. */
void builder_run(const struct builder_options *o) __attribute__((noreturn));

#endif
