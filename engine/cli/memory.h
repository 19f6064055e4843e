/*
 * What is remembered, for commands: the memory process that a daemon's builder
 * would have started.
 */
#ifndef MEKIKI_CLI_MEMORY_H
#define MEKIKI_CLI_MEMORY_H

#include "redis/memory.h"
#include "scan/engine.h"

struct cli_memory {
	struct memory_client *client;	/* NULL: nothing is remembered */
	struct memory_settings settings;
};

/* Starts a memory process that lives as long as a (or this process), for the
 * store that the configuration of e names, or for the file under state_dir
 * (NULL: the usual one) if there is one and this user may use it. -1 and err
 * if there is none or it cannot be started. */
int cli_memory_open(const struct engine *e, struct arena *a,
		    const char *state_dir, struct cli_memory *out_r,
		    struct err *err);

/* The same for scans: without a store they do as well without it. Lists that
 * are kept in the store are filled. */
void cli_memory_for_scan(struct engine *e, struct arena *a,
			 const char *state_dir, struct cli_memory *m,
			 struct scan_options *opt);

#endif
