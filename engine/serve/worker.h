/*
 * A worker: the process that scans mail. It has a socket to the front, over
 * which it receives a request at a time and sends the reply, and one to the
 * asker if there are rules in Lua; everything that touches hostile bytes
 * happens here, behind the fences.
 */
#ifndef MEKIKI_SERVE_WORKER_H
#define MEKIKI_SERVE_WORKER_H

#include "scan/engine.h"
#include "serve/daemon_options.h"
#include "serve/messages.h"

/* Serves requests from channel until the front closes it, or until the asker
 * behind its socket (-1: there is none) is gone and nothing is to be done, then
 * exits. Runs in
 * a process of its own, forked from one that has loaded the rules and given up
 * its privileges. */
void worker_run(const struct engine *e, int channel, int asker,
		struct progress_slot *slot) __attribute__((noreturn));

/* The version of the zlib that requests are inflated with. */
const char *worker_zlib_version(void);

#endif
