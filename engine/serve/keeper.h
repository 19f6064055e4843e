/*
 * The keeper: the daemon's first process, and the only one that may stay root.
 * It binds, opens and starts what the others cannot, watches over them, and
 * answers signals. It reads neither rules nor mail.
 */
#ifndef MEKIKI_SERVE_KEEPER_H
#define MEKIKI_SERVE_KEEPER_H

#include "serve/daemon_options.h"

/* Runs the daemon until it is told to end. Returns the exit status of the
 * program (of the process that stays in the foreground, when it daemonizes).
 */
int keeper_run(const struct daemon_options *o);

#endif
