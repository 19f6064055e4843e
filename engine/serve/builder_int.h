/*
 * The inside of the builder, shared by its files: builder.c (loading, the
 * workers), builder_helpers.c (the processes that workers ask: the asker and
 * the memory process of its generation), builder_scripts.c (counters and
 * statistics of rules in Lua).
 */
#ifndef MEKIKI_SERVE_BUILDER_INT_H
#define MEKIKI_SERVE_BUILDER_INT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/asker.h"
#include "net/runner.h"
#include "prefs/scores.h"
#include "redis/memory.h"
#include "serve/builder.h"
#include "serve/messages.h"

struct lua_tally;

/* The processes that a worker may ask, each over a channel of its own; and
 * the last, which only the front asks. */
enum helper { HELPER_ASKER, HELPER_MEMORY, HELPER_RUNNER, HELPER_SCORES,
	      HELPERS };

struct slot {
	pid_t pid;		/* 0: empty */
	int64_t due_us;		/* when to fork into an empty one */
	int backoff_ms;
	int ends[HELPERS];	/* of its worker's channels, until the helper
				 * has it; else -1 */
};

/* A helper. A worker's channel exists before the helper does, so that no
 * worker is without. */
struct helper_child {
	bool wanted;
	pid_t pid;		/* 0: none */
	int control;		/* -1: none */
	int64_t started_us, due_us;
	int backoff_ms;
};

struct builder {
	const struct builder_options *o;
	struct engine *engine;
	int keeper, front, signals;
	struct slot *slots;
	struct progress_slot *page;
	struct lua_tally *tallies;
	uint32_t nslots;
	bool retired;
	struct helper_child helpers[HELPERS];
	int memory_fd;		/* of the builder's own client; -1: none */
	struct memory_client *memory;
	struct arena *memory_arena;
	struct asker_settings asker_settings;
	struct runner_settings runner_settings;
	struct memory_settings memory_settings;
	struct scores_settings scores_settings;
	struct arena *arena;	/* of these settings */
};

/* builder.c: the next back-off after ms. */
int builder_backoff(int ms);

/* In a child: closes what is the builder's own. */
void builder_close_own(struct builder *b);

/* builder_helpers.c */

/* Reads what the helpers need, while files can still be made (directories of
 * the store), and decides which are wanted. */
void builder_prepare_helpers(struct builder *b, const char *user);

/* Starts helpers that are due, and gives them the channels that wait. */
void builder_tend_helpers(struct builder *b);

/* Before a fork: lists that are kept in the store are as they are there. */
void builder_fill_lists(struct builder *b);

/* Microseconds on the clock when builder_tend_helpers should be called again;
 * 0: no need. */
int64_t builder_helpers_due(const struct builder *b);

/* True if pid was a helper, which is noted. */
bool builder_helper_ended(struct builder *b, pid_t pid, int status);

/* The asker is killed, it has nothing to lose; the memory process is told to
 * leave, and writes what it holds. */
void builder_stop_helpers(struct builder *b);

/* builder_scripts.c */

/* Counters of rules in Lua, shared with workers and front. Nothing if there
 * are none. False if there is no memory for them. */
bool builder_share_tallies(struct builder *b);

/* A line for each rule in Lua that was called, by way of the front. */
void builder_log_rules(struct builder *b);

#endif
