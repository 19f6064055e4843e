/*
 * The front: the process that owns the clients' sockets. It frames requests,
 * hands them to workers and relays the replies; see front_int.h for how it is
 * made.
 */
#ifndef MEKIKI_SERVE_FRONT_H
#define MEKIKI_SERVE_FRONT_H

#include "serve/daemon_options.h"

/* Serves until the keeper says to leave or goes away, then exits. Runs in a
 * process of its own; keeper is the channel to the keeper. Gives up its
 * privileges first. */
void front_run(const struct daemon_options *o, int keeper)
	__attribute__((noreturn));

/* The TLS library's name and version. */
const char *front_tls_library(void);

#endif
