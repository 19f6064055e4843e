/*
 * A child process of a program's that goes its own way.
 */
#ifndef MEKIKI_BASE_PROCESS_H
#define MEKIKI_BASE_PROCESS_H

#include <sys/types.h>

#include "base/err.h"

struct arena;

/* In a child just forked: of the program's descriptors only fd and stderr stay
 * open (a pipe of the program's must not stay open because of us), standard
 * input and output are the null device, and its name is name. */
void process_keep_only(const char *name, int fd);

/* Forks a process that serves one client over a socket that keeps packet
 * borders, and returns the client's end of it. run gets ctx and the other end,
 * and never returns; the process is to leave when the client's end is closed.
 * -1 and err if there is none. pid_r may be NULL. */
int process_spawn(const char *name, void (*run)(void *ctx, int fd), void *ctx,
		  pid_t *pid_r, struct err *err);

/* Closes fd and waits for the process when a is freed (by this process: a
 * child forked meanwhile only closes its copy). */
void process_end_with(struct arena *a, pid_t pid, int fd);

#endif
