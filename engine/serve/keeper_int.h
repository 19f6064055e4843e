/*
 * The inside of the keeper, shared by its two files: keeper.c (life and
 * signals) and keeper_children.c (the front, the generations, what they say).
 */
#ifndef MEKIKI_SERVE_KEEPER_INT_H
#define MEKIKI_SERVE_KEEPER_INT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "serve/daemon_options.h"
#include "serve/listen.h"

/* Old generations may still be finishing when the next reload comes. */
#define GENERATIONS_MAX 16

enum generation_state { GEN_NONE, GEN_LOADING, GEN_STARTING, GEN_SERVING,
			GEN_OLD };

struct generation_child {
	enum generation_state state;
	uint32_t id;
	pid_t pid;
	int fd;			/* to it */
	int front_end;		/* its channel to the front, until that has it */
	struct arena *arena;
	struct strs faults;	/* found while loading, see builder.h */
	uint32_t nerrors, nwarnings, ndiags, nrules, load_ms;
};

struct keeper {
	const struct daemon_options *o;
	struct listen_set sockets;
	int signals;
	pid_t front;		/* 0: none */
	int front_fd;
	int64_t front_started_us;
	struct generation_child gens[GENERATIONS_MAX];
	uint32_t next_id;
	int64_t builder_started_us;
	bool served;		/* there was a generation that served */
	bool reload_wanted;	/* SIGHUP came before there was one */
	bool stopping;
	int64_t stop_until_us;
	int ready_fd;		/* told when the daemon serves; -1: nobody */
	bool pidfile_written;
	int64_t watchdog_us, next_ping_us;	/* 0: no watchdog */
	int exit_status;
	char *packet;		/* CHAN_MAX bytes */
};

/* keeper.c: the daemon serves for the first time, or again after a reload; a
 * reload failed; the daemon must end with status. */
void keeper_ready(struct keeper *k, const struct generation_child *g);
void keeper_reload_failed(struct keeper *k);
void keeper_fail(struct keeper *k, int status);

/* keeper.c: the front answered a ping. */
void keeper_pong(struct keeper *k);

/* keeper_children.c */

/* Starts a front and gives it sockets and TLS. -1 and err. */
int keeper_start_front(struct keeper *k, struct err *err);

/* Sends it the TLS files. -1 and err if one cannot be read. */
int keeper_send_tls(struct keeper *k, struct err *err);

/* Starts a builder; one that is still loading is stopped first. */
void keeper_start_generation(struct keeper *k);

/* Reads one packet of the front's, of a generation's. */
void keeper_on_front(struct keeper *k);
void keeper_on_generation(struct keeper *k, struct generation_child *g);

/* Collects children that have ended. */
void keeper_reap(struct keeper *k);

/* True while a child lives. */
bool keeper_has_children(const struct keeper *k);

/* Kills what is left of them. */
void keeper_kill_children(struct keeper *k);

#endif
