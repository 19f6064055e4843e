/*
 * The inside of the runner's process, shared by runner.c (clients, questions,
 * the loop) and runner_child.c (one run: its folder, its processes, what they
 * write).
 */
#ifndef MEKIKI_NET_RUNNER_INT_H
#define MEKIKI_NET_RUNNER_INT_H

#include <sys/queue.h>
#include <sys/types.h>

#include "base/buf.h"
#include "net/runner.h"
#include "net/runner_wire.h"

struct run_client;

enum run_state { RUN_WAITS, RUN_RUNS, RUN_DONE };

struct run {
	TAILQ_ENTRY(run) link;
	struct run_client *client;
	struct arena *arena;
	uint32_t serial, id;
	const struct program *program;
	struct strs params;
	enum run_state state;
	int64_t due_us;
	int input;		/* what the client passed, until it is copied */
	size_t size;		/* of it, as the client says */

	/* While it runs. */
	char *folder;
	pid_t pid;		/* and its process group */
	int pidfd, out, errors;	/* -1: ended */
	size_t slot;		/* of the loop's poll: pidfd, out, errors */
	int status;		/* waitpid's, once pidfd has ended */
	struct buf text, error_text;
	uint64_t total;

	/* The answer, when it is done. */
	struct runner_head head;
	struct str texts;
};

/* Starts it. False with err if there can be no process. */
bool run_start(const struct runner_settings *s, struct run *r,
	       struct err *err);

/* Reads what it wrote, if there is anything; notes its end. True once all of
 * it has ended. */
bool run_read(struct run *r);

/* Ends it and whatever it has started, removes its folder, closes all. */
void run_stop(struct run *r);

/* Removes what is in folder, and folder itself unless `keep`. */
void run_remove_folder(const char *folder, bool keep);

#endif
