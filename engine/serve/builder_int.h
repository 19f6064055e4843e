/*
 * The inside of the builder, shared by its two files: builder.c (loading, the
 * workers) and builder_asker.c (the asker of its generation, the statistics
 * of rules in Lua).
 */
#ifndef MEKIKI_SERVE_BUILDER_INT_H
#define MEKIKI_SERVE_BUILDER_INT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "net/asker.h"
#include "serve/builder.h"
#include "serve/messages.h"

struct lua_tally;

struct slot {
	pid_t pid;		/* 0: empty */
	int64_t due_us;		/* when to fork into an empty one */
	int backoff_ms;
	int asker_end;		/* of its worker's channel, until the asker has
				 * it; else -1 */
};

/* The asker: wanted only if there are rules in Lua. A worker's channel exists
 * before the asker does, so that no worker is without. */
struct asker_child {
	bool wanted;
	pid_t pid;		/* 0: none */
	int control;		/* -1: none */
	int64_t started_us, due_us;
	int backoff_ms;
	struct asker_settings settings;
	struct arena *arena;	/* of the settings */
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
	struct asker_child asker;
};

/* builder.c: the next back-off after ms. */
int builder_backoff(int ms);

/* In a child: closes what is the builder's own. */
void builder_close_own(struct builder *b);

/* builder_asker.c */

/* What rules in Lua need: counters shared with workers and front, and an
 * asker. Nothing if there are none. False if there is no memory for it. */
bool builder_prepare_scripts(struct builder *b);

/* Starts the asker if it is due, and gives it the channels that wait. */
void builder_tend_asker(struct builder *b);

/* Microseconds on the clock when builder_tend_asker should be called again; 0:
 * no need. */
int64_t builder_asker_due(const struct builder *b);

/* True if pid was the asker, which is noted. */
bool builder_asker_ended(struct builder *b, pid_t pid, int status);

void builder_stop_asker(struct builder *b);

/* A line for each rule in Lua that was called, by way of the front. */
void builder_log_rules(struct builder *b);

#endif
