/*
 * A worker: the process that scans mail. It has one socket, to the front,
 * over which it receives a request at a time and sends the reply; everything
 * that touches hostile bytes happens here, behind the fences.
 */
#ifndef MEKIKI_SERVE_WORKER_H
#define MEKIKI_SERVE_WORKER_H

#include "scan/engine.h"
#include "serve/daemon_options.h"
#include "serve/messages.h"

/* Serves requests from channel until the front closes it, then exits. Runs in
 * a process of its own, forked from one that has loaded the rules and given up
 * its privileges. */
void worker_run(const struct engine *e, int channel,
		struct progress_slot *slot) __attribute__((noreturn));

/* The version of the zlib that requests are inflated with. */
const char *worker_zlib_version(void);

#endif
