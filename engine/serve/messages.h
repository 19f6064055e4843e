/*
 * What the processes of the daemon say to each other, in one place: the types
 * of packets (see chan.h), who sends which to whom, and their bodies.
 *
 *	keeper ──▶ front     sockets to accept on, TLS files, generations
 *	front  ──▶ keeper    users' files wanted, mail to keep aside
 *	keeper ◀── builder   what loading found, whether it is good
 *	builder ─▶ front     workers, and how they ended
 *	builder ─▶ asker     a socket for each worker (see net/asker.h)
 *	front  ◀─▶ worker    a request, its reply
 *	front  ◀─▶ scores    a user's name, the user's preferences
 */
#ifndef MEKIKI_SERVE_MESSAGES_H
#define MEKIKI_SERVE_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "scan/engine.h"
#include "serve/spamd_request.h"

enum message_type {
	/* keeper to front */
	M_LISTEN = 1,	/* struct m_listen; fd: a listening socket */
	M_TLS,		/* struct m_tls; fds: certificate, key, CAs */
	M_GENERATION,	/* struct m_generation; fd: channel to its builder */
	M_LOG_FD,	/* fd: the reopened log file */
	M_DRAIN,	/* accept nothing more, finish, leave */
	M_STOP,		/* leave now */
	M_PING,
	M_STATS,	/* log what was counted; the front passes it on to the
			 * serving builder, which knows the rules' names */
	M_PREFS_ANSWER,	/* struct m_prefs_answer; fd: the file, if any */
	/* front to keeper, and M_PREFS to the scores */
	M_PONG,
	M_READY,	/* the first answer to M_GENERATION was a worker:
			 * struct m_generation */
	M_PREFS,	/* struct m_prefs, then the user's name */
	M_POISON,	/* struct m_poison; fd: the message */
	/* builder to keeper */
	M_DIAG,		/* struct m_diag, then file and text */
	M_LOADED,	/* struct m_loaded */
	/* builder to front */
	M_PAGE,		/* struct m_page; fd: the page of progress slots */
	M_TALLIES,	/* struct m_tallies; fd: struct lua_tally by rule id */
	M_WORKER,	/* struct m_worker; fds: its socket, its pidfd */
	M_EXIT,		/* struct m_exit, then the rule's name and place */
	M_SCORES,	/* struct m_scores; fd: channel to the process with
			 * users' scores, for M_PREFS and M_PREFS_ANSWER */
	/* front to builder */
	M_RETIRE,	/* fork no more */
	/* front to worker */
	M_JOB,		/* struct m_job; fds: the mail, the user's file (if
			 * has_prefs), the user's scores (if has_scores) */
	/* worker to front */
	M_REPLY,	/* struct m_reply, reply (unless in fd), log lines */
	M_LOG,		/* struct m_log, then the line; a builder's, too */
};

struct m_listen {
	bool tls, is_unix;
	uint16_t port;
	char text[112];		/* path or address, for the log */
};

struct m_tls {
	bool verify;		/* ask for a client's certificate */
	bool has_ca;		/* fds[2] is a file of CA certificates */
};

struct m_generation {
	uint32_t id;
};

struct m_prefs {
	uint64_t conn;
};

struct m_prefs_answer {
	uint64_t conn;
	bool unknown_user;
	bool refused;		/* they cannot be had, and without them
				 * nothing is done */
};

struct m_scores {
	bool required;		/* refused if the process is gone */
};

struct m_poison {
	uint64_t size;
};

struct m_diag {
	uint32_t level;		/* enum diag_level */
	int32_t line;
	uint32_t file_len;
};

struct m_loaded {
	bool good;
	uint32_t nerrors, nwarnings, nrules;
	uint32_t load_ms;
};

struct m_page {
	uint32_t nslots;
};

/* Only of a generation that has rules in Lua. */
struct m_tallies {
	uint32_t nrules;
	int64_t limit_us;	/* of CPU time that one call may use */
};

struct m_worker {
	uint32_t slot;
	int32_t pid;
};

struct m_exit {
	uint32_t slot;
	int32_t pid;
	int32_t status;		/* as waitpid gives it */
	uint32_t stage;		/* enum scan_stage, and the request that it */
	uint64_t job;		/* had begun, 0 if none */
	uint64_t peak_bytes;	/* of memory that it ever held */
	uint32_t rule, script_seq;	/* see struct scan_progress */
	uint32_t name_len;	/* of the rule's name; "file:line" follows */
};

struct m_job {
	uint64_t id;
	uint64_t size;		/* of the mail as it came */
	int64_t start_us;	/* monotonic clock at the connection's start */
	double time_left;	/* seconds until the client gets a time-out; 0:
				 * no end */
	double version;
	uint32_t word;		/* enum spamd_word */
	bool zlib, has_length, has_prefs, has_scores;
	uint32_t skip_rules[SCAN_SKIPS];	/* see struct scan_options */
	bool set_local, set_remote, remove_local, remove_remote, class_spam;
	uint64_t length;
	char length_text[32];
	char user[SPAMD_USER_MAX];
	char rhost[256], raddr[64], rport[112];
};

struct m_reply {
	uint64_t job;
	uint64_t reply_len;
	uint32_t log_len;
	bool in_fd;		/* the reply is in the packet's descriptor */
	bool leaves;		/* the worker should be replaced */
	uint32_t verdict;	/* enum reply_verdict, for the statistics */
};

enum reply_verdict { REPLY_HAM, REPLY_SPAM, REPLY_OTHER };

struct m_log {
	uint32_t level;		/* enum log_level */
};

/* One of a generation's slots in the page that its workers, its builder and
 * the front share: what the worker in it is doing. Only that worker writes,
 * one cache line each. */
struct progress_slot {
	uint64_t job;		/* id of the request being worked on; 0 none */
	uint32_t ready;		/* it came up */
	struct scan_progress scan;
} __attribute__((aligned(64)));

#endif
