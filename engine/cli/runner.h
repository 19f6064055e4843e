/*
 * Programs that are run for messages (ExtractText's tools), in a command: the
 * runner that a daemon's builder would have started.
 */
#ifndef MEKIKI_CLI_RUNNER_H
#define MEKIKI_CLI_RUNNER_H

#include "scan/engine.h"

struct arena;
struct runner_client;

/* Starts a runner that lives as long as a (or this process), and returns its
 * client. NULL if the engine's rules name no programs, or if it cannot be
 * started, which is logged: messages are then scored without. */
struct runner_client *cli_runner(const struct engine *e, struct arena *a);

#endif
