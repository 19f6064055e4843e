/*
 * The runner: a process that runs programs for those that may not run any.
 * Which programs, and with which arguments, is known to it from the
 * configuration before it is forked (conf/programs.h); a question names one by
 * its index, brings its input and, where the program takes them, parameters
 * that are looked at before they become arguments. So a worker that reads
 * hostile mail decides neither what is run nor where.
 *
 * Each run has a folder of its own, a process group of its own, an end (its
 * group is killed when its time is up, its client moves on, or the client is
 * gone), and a ceiling for what it writes. Only so many run at once; others
 * wait in line, on their own time.
 *
 * Client and runner talk over one socket that keeps packet borders, as with
 * the asker (net/asker.h); input and large output travel in memfds. The runner
 * copies its input before a program sees it.
 */
#ifndef MEKIKI_NET_RUNNER_H
#define MEKIKI_NET_RUNNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "conf/programs.h"

struct arena;
struct ruleset;

/* ---- ceilings ---- */

#define RUNNER_INPUT_MAX ((size_t)64 << 20)	/* of one run */
#define RUNNER_OUTPUT_MAX ((size_t)8 << 20)	/* kept of one run */
#define RUNNER_ERRORS_MAX ((size_t)1 << 10)	/* ... of its standard error */
#define RUNNER_PARAM_MAX 256			/* octets of a parameter */
#define RUNNER_OPEN_PER_CLIENT 32		/* runs asked for at once */
#define RUNNER_OPEN_MAX 1024			/* ... of all clients */
#define RUNNER_TIMEOUT_MAX 300.0		/* seconds of one run */

/* ---- questions and answers ---- */

struct runner_ask {
	uint32_t id;		/* the client's, comes back with the answer */
	uint32_t program;	/* index in the programs */
	/* For {1}, {2}, ...: letters, digits and . : _ @ + = , / [ ] - only, no
	 * '-' in front; else the run is refused. */
	struct strs params;
	struct str input;
	double timeout;		/* seconds; 0 or more than the program's: that */
};

enum runner_status {
	RUNNER_EXITED,		/* code: its exit code */
	RUNNER_KILLED,		/* code: the signal that ended it */
	RUNNER_TIMEOUT,		/* killed when time was up; or never begun */
	RUNNER_FAILED,		/* could not be started; error says why */
	RUNNER_REFUSED,		/* no such program, bad parameters */
};

struct runner_answer {
	uint32_t id;
	enum runner_status status;
	int code;
	struct str out;		/* its output, max_output at most; after a
				 * time-out, what it had written */
	struct str errors;	/* the beginning of its standard error, or why
				 * it did not run */
	uint64_t total;		/* octets of output, kept or not */
};

/* ---- what it may do ---- */

struct runner_settings {
	const struct programs *programs;
	const char *folder;	/* its own; runs get folders in it */
	unsigned at_once;	/* runs; others wait */
	/* Called in each child before the program replaces it, to fence it
	 * further; may be NULL. False: it is not run. */
	bool (*fence)(const struct program *p);
};

/* From the rules' programs, a private folder made in TMPDIR (or /tmp), which
 * runner_settings_end() removes. What they point to lives in a. False with
 * err if there can be no folder; also false, without a folder and with an
 * empty err, if there are no programs. */
bool runner_settings_make(struct arena *a, const struct ruleset *rs,
			  struct runner_settings *out_r, struct err *err);
void runner_settings_end(struct runner_settings *s);

/* ---- the client's side ---- */

struct runner_client;

/* A client over fd, which is the caller's to close when the arena (that must
 * outlive all messages) is gone. */
struct runner_client *runner_client_new(struct arena *a, int fd);

/* A new message begins: runs that are still open are killed. Call it once a
 * message, before its first question; client may be NULL. */
void runner_begin(struct runner_client *client);

/* Asks for a run. Never blocks: false, with err, if the channel is full, the
 * runner is gone (or client is NULL), or the question is too large. */
bool runner_send(struct runner_client *client, const struct runner_ask *ask,
		 struct err *err);

/* The next answer to a question of this message, its texts in a: waits until
 * clock_mono_us() reaches until_us (0 or the past: looks without waiting). 1:
 * *out_r is an answer; 0: time is up; -1: the runner is gone, and so are all
 * answers. Answers come in any order, one a question. */
int runner_wait(struct runner_client *client, int64_t until_us,
		struct arena *a, struct runner_answer *out_r);

/* False once the runner was found to be gone; false for NULL. */
bool runner_client_alive(const struct runner_client *client);
/* For poll(); -1 if it is not alive. */
int runner_client_fd(const struct runner_client *client);

/* ---- the runner's side ---- */

/* The process's loop: takes clients' sockets that come over control_fd (see
 * runner_give), until that is closed at the other end; then it kills what
 * runs, removes what it wrote, and leaves. */
void runner_run(int control_fd, const struct runner_settings *s)
	__attribute__((noreturn));

/* Gives the runner behind control_fd one end of a pair of connected
 * SOCK_SEQPACKET sockets, whose other end a client has. The caller closes its
 * own copy. 1: given; 0: not now, the channel is full; -1: it is gone. */
int runner_give(int control_fd, int end);

/* For a program without a builder: forks a runner with one client and returns
 * that client's socket; the runner leaves when it is closed. -1 and err if it
 * cannot be started. pid_r may be NULL. */
int runner_spawn(const struct runner_settings *s, pid_t *pid_r,
		 struct err *err);

#endif
