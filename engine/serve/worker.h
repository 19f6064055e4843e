/*
 * A worker: the process that scans mail. It has a socket to the front, over
 * which it receives a request at a time and sends the reply, one to the asker
 * if there are rules in Lua, and one to the memory process if anything is
 * remembered; everything that touches hostile bytes happens here, behind the
 * fences.
 */
#ifndef MEKIKI_SERVE_WORKER_H
#define MEKIKI_SERVE_WORKER_H

#include "redis/memory.h"
#include "scan/engine.h"
#include "serve/daemon_options.h"
#include "serve/messages.h"

struct worker_channels {
	int front;
	int asker, memory, runner;	/* -1: there is none */
	const struct memory_settings *memory_settings;
	bool per_user;		/* users have what is theirs */
};

/* Serves requests until the front closes its channel, or until a process
 * behind one of the others is gone and nothing is to be done, then exits. Runs
 * in a process of its own, forked from one that has loaded the rules and given
 * up its privileges. */
void worker_run(const struct engine *e, const struct worker_channels *channels,
		struct progress_slot *slot) __attribute__((noreturn));

/* The version of the zlib that requests are inflated with. */
const char *worker_zlib_version(void);

#endif
