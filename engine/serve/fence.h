/*
 * The fences around a process that reads hostile bytes: another user, no way
 * back, limits of memory and files, and a list of the system calls it may
 * make.
 */
#ifndef MEKIKI_SERVE_FENCE_H
#define MEKIKI_SERVE_FENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Becomes user (and group, or the user's own one when NULL) for good, with
 * that user's other groups. Does nothing, with success, when not root and
 * user is NULL or ourselves. -1 and err if it cannot be done, or user is
 * root. */
int fence_become(const char *user, const char *group, struct err *err);

/* No new privileges ever, no core, no debugger of the same user. */
void fence_no_privileges(void);

/* A worker's limits of memory, files and processes. memory is what is asked for
 * (resource_limit_mem, in octets; 0 or less: nothing), which can only lower our
 * own, down to LIMIT_WORKER_MEMORY_LEAST. */
void fence_limits(double memory);

/* The asker's limits: of what it writes, and descriptors enough for all its
 * clients and connections. */
void fence_asker_limits(void);

/* From here on only files of the system's own programs can be opened, for
 * reading (iconv loads a charset's table when the first message names it).
 * Does nothing where the kernel has no Landlock, or under a sanitizer. -1 and
 * err if the kernel refuses. */
int fence_files(struct err *err);

/* The same for the asker: the system's programs and its settings, for whoever
 * resolves names and checks certificates, and one file more (NULL: none). */
int fence_asker_files(const char *more, struct err *err);

/* From here on only the system calls of the asker: a worker's, and those of a
 * client of the network. It starts threads (of the resolver's) and no
 * programs, and writes no files. */
int fence_asker_syscalls(struct err *err);

/* The files of the process with users' scores: as for the asker, without its
 * writing, and those beside an SQLite file (NULL: there is none). */
int fence_scores_files(const char *sqlite, struct err *err);

/* Its system calls: those of a client of the network; for an SQLite file those
 * that write and lock it, too. */
int fence_scores_syscalls(bool sqlite, struct err *err);

/* The runner and the programs that it runs: they read and run what the user
 * may, and write into folder, into devices and into what a program may write
 * to. Does nothing where fence_files() does nothing. */
struct program;
struct programs;
int fence_runner_files(const char *folder, const struct programs *ps,
		       struct err *err);

/* Adds to a ruleset of Landlock's: access to what is at or below path, if there
 * is anything. */
void fence_allow_path(int ruleset, const char *path, uint64_t access);

/* Makes folder the user's (NULL: nothing to do), while we are root. */
int fence_give_folder(const char *folder, const char *user, struct err *err);

/* In a child that is about to become p: no sockets but Unix ones unless p may
 * have them, and nothing that only makes sense for a system's programs. False
 * if the kernel refuses. */
bool fence_program(const struct program *p);

/* The memory process's limits: its files may grow as large as they need. */
void fence_memory_limits(void);

/* The asker's system calls, and those that write files that are open. */
int fence_memory_syscalls(struct err *err);

/* From here on only the system calls of a worker: those that compute, and
 * messages over descriptors that are already open. What could reach out
 * (exec, sockets, writing files, signals to others) kills the process;
 * anything else unknown fails with EPERM. Under a sanitizer, which needs more
 * calls than that, it logs so and does nothing. -1 and err if the kernel
 * refuses. */
int fence_syscalls(struct err *err);

#endif
