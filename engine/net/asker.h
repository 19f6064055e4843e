/*
 * The asker: a process that asks the world what workers may not ask
 * themselves. HTTP is done here; questions to DNS and Redis are answered with
 * ASK_REFUSED. Rules give it questions as data (base/ask.h) and get data
 * back, so that whoever reads hostile mail needs no socket, and whoever has
 * sockets reads no mail.
 *
 * Between a client (a worker, a command) and the asker is one socket that
 * keeps packet borders; large bodies travel in a memfd. Nothing on either
 * side grows without a ceiling, and neither side trusts what the other sent.
 *
 * What may be reached is the administrator's: every address is looked at when
 * its socket is opened, behind the resolver and for each redirection, so that
 * a name which resolves to 127.0.0.1 is refused like the number.
 */
#ifndef MEKIKI_NET_ASKER_H
#define MEKIKI_NET_ASKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/ask.h"
#include "base/err.h"

struct arena;
struct netset;
struct settings;

/* ---- ceilings ---- */

#define ASKER_REQUEST_MAX ((size_t)1 << 20)	/* url, headers and body */
#define ASKER_ANSWER_MAX ((size_t)1 << 20)	/* an answer's body; a larger
						 * one is ASK_ERROR */
#define ASKER_HEADERS_MAX ((size_t)64 << 10)	/* its headers; more are
						 * ASK_ERROR too */
#define ASKER_OPEN_PER_CLIENT 256		/* questions at once */
#define ASKER_OPEN_MAX 1024			/* ... of all clients */
#define ASKER_REDIRECTS 3			/* that may be followed at all */
#define ASKER_TIMEOUT_MAX 30.0			/* seconds of one question */

/* ---- what may be asked ---- */

/* From the lines lua_http, lua_http_allow, lua_http_deny, lua_http_timeout
 * and lua_http_ca_file. */
struct asker_settings {
	bool http;			/* off refuses everything, */
	const char *why_not;		/* in these words */
	bool allow_any;			/* lua_http_allow any */
	const struct netset *allow;	/* opens what is closed by default */
	const struct netset *deny;	/* closes, and wins */
	double timeout;			/* seconds at most */
	const char *ca_file;		/* NULL: the system's */
};

/* Reads them; what they point to lives in a. */
void asker_settings_read(struct arena *a, const struct settings *s,
			 struct asker_settings *out_r);

/* ---- the client's side ---- */

struct asker_client;

/* A client over fd, which is the caller's to close when the arena (that must
 * outlive all messages) is gone. */
struct asker_client *asker_client_new(struct arena *a, int fd);

/* A new message begins: questions that are still open are given up, and their
 * answers will be dropped unread. Call it once a message, before the first
 * question; `client` may be NULL. */
void asker_begin(struct asker_client *client);

/* Sends a question. Never blocks: false, with err, if the channel is full or
 * the asker is gone (or client is NULL), or if the question is too large. The
 * texts of ask are copied before it returns. */
bool asker_send(struct asker_client *client, const struct ask *ask,
		struct err *err);

/* The next answer to a question of this message, its texts in a: waits until
 * clock_mono_us() reaches until_us (0 or the past: looks without waiting). 1:
 * *out_r is an answer; 0: time is up; -1: the asker is gone, and so are all
 * answers. Answers come in any order, one a question, also for those that
 * were refused or took too long. */
int asker_wait(struct asker_client *client, int64_t until_us, struct arena *a,
	       struct ask_answer *out_r);

/* False once the asker was found to be gone; false for NULL. */
bool asker_client_alive(const struct asker_client *client);
/* For poll(); -1 if it is not alive. */
int asker_client_fd(const struct asker_client *client);

/* ---- the asker's side ---- */

/* The process's loop: takes clients' sockets that come over control_fd (see
 * asker_give) and answers what they ask, until control_fd is closed at the
 * other end. Fences are the caller's business. */
void asker_run(int control_fd, const struct asker_settings *s)
	__attribute__((noreturn));

/* Gives the asker behind control_fd one end of a pair of connected
 * SOCK_SEQPACKET sockets, whose other end a client has (it may have asked
 * already). The caller closes its own copy. 1: given; 0: not now, the channel
 * is full; -1: that asker is gone. */
int asker_give(int control_fd, int end);

/* For a program without a builder: forks an asker with one client and returns
 * that client's socket; the asker leaves when it is closed. -1 and err if it
 * cannot be started. pid_r may be NULL. */
int asker_spawn(const struct asker_settings *s, pid_t *pid_r,
		struct err *err);

#endif
