/*
 * Rules in Lua that ask the world, in a command: the asker that a daemon's
 * builder would have started.
 */
#ifndef MEKIKI_CLI_ASKER_H
#define MEKIKI_CLI_ASKER_H

#include "scan/engine.h"

struct arena;
struct asker_client;

/* Starts an asker that lives as long as a (or this process), and returns its
 * client. NULL if the engine has no rules in Lua, or if it cannot be started,
 * which is logged: rules are then told that nobody is there. */
struct asker_client *cli_asker(const struct engine *e, struct arena *a);

#endif
