/*
 * The inside of the front, shared by its eight files:
 *
 *	front.c       the loop, the keeper's packets, accepting, draining
 *	front_conn.c  one client: a state machine from first byte to last
 *	front_body.c  how it gathers its mail
 *	front_prefs.c what is asked about its user
 *	front_pool.c  generations of workers, the queue
 *	front_death.c what happens when a worker dies or hangs
 *	front_scripts.c  rules in Lua that hang or kill; statistics
 *	front_tls.c   TLS, the only file that knows OpenSSL
 *
 * A connection (struct conn) becomes a request (struct job) once its mail is
 * complete. A job belongs to the pool: it outlives its connection if the
 * client leaves or was told that time is up. They know each other by pointer
 * as long as both live.
 */
#ifndef MEKIKI_SERVE_FRONT_INT_H
#define MEKIKI_SERVE_FRONT_INT_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/queue.h>
#include <time.h>

#include "base/str.h"
#include "serve/daemon_options.h"
#include "serve/messages.h"
#include "serve/spamd_request.h"

struct front;
struct netset;
struct packet;
struct tls_server;

/* What a connection is doing. One name a line; enum and text are made from
 * it. */
#define CONN_STATES(X)                                                        \
	X(HANDSHAKE)	/* TLS is being set up */                             \
	X(LINE)		/* the request line is awaited */                     \
	X(HEADERS)	/* its headers */                                     \
	X(BODY)		/* the mail */                                        \
	X(OVERLONG)	/* the mail is longer than announced: to its line's   \
			 * end, for the count in the refusal */               \
	X(PREFS)	/* the keeper opens the user's file */                \
	X(SCORES)	/* the user's scores are fetched */                   \
	X(WAITING)	/* the request is queued or being worked on */        \
	X(REPLY)	/* the reply is being sent */                         \
	X(LINGER)	/* all was sent; the client's rest is read and        \
			 * dropped until it closes */                         \
	X(CLOSED)	/* about to be freed */

enum conn_state {
#define X(name) CONN_##name,
	CONN_STATES(X)
#undef X
};

struct listener {
	TAILQ_ENTRY(listener) link;
	struct front *front;
	struct m_listen what;
	int fd;
	struct event *readable;
};

struct conn {
	TAILQ_ENTRY(conn) link;
	struct front *front;
	struct bufferevent *bev;
	struct event *timer;
	uint64_t id;
	enum conn_state state;
	bool tls, eof;
	int64_t start_us;
	struct spamd_request request;
	int mail;		/* memfd that the mail is gathered in */
	uint64_t got;		/* bytes of mail so far */
	int prefs;		/* the user's file, or -1 */
	int scores;		/* what the database has of the user, or -1 */
	uint32_t scores_from;	/* the generation that was asked for them */
	struct job *job;
	char rhost[256], raddr[64], rport[112];
	uint16_t local_port;	/* for the log: where it came in */
	int listener_fd;
};

enum job_where { JOB_QUEUED, JOB_SUSPECT, JOB_RUNNING };

struct job {
	TAILQ_ENTRY(job) link;	/* in the queue, or among the suspects */
	enum job_where where;
	struct conn *conn;	/* NULL: nobody waits for it any more */
	struct m_job body;
	int mail, prefs, scores;
	unsigned crashes;	/* workers that died by its doing */
	unsigned kills;		/* that were killed from outside meanwhile */
	uint32_t skip_generation;	/* whose ids body.skip_rules has */
	uint32_t killed_in;	/* id + 1 of the rule in Lua that a worker was
				 * in when it was killed from outside */
};

TAILQ_HEAD(job_list, job);
TAILQ_HEAD(conn_list, conn);
TAILQ_HEAD(listener_list, listener);
TAILQ_HEAD(generation_list, generation);

enum worker_state { WORKER_IDLE, WORKER_BUSY, WORKER_LEAVING, WORKER_GONE };

struct worker_proc {
	struct generation *gen;
	uint32_t slot;
	pid_t pid;
	int fd, pidfd;
	struct event *readable;
	enum worker_state state;
	struct job *job;
	uint64_t jobs_done;
	clockid_t cpu_clock;
	int64_t cpu_at_start_us;
	uint32_t script_seq;	/* as last seen, and since when: */
	int64_t script_cpu_us, script_since_us;
	bool leaves;		/* it asked to be replaced */
	const char *killed;	/* why we killed it, or NULL */
	int64_t left_us;	/* when it was sent home */
	int64_t gone_us;	/* when its socket ended */
	bool exit_known;	/* how it ended is known: */
	struct m_exit exit;
	char exit_rule[64], exit_place[256];
};

struct generation {
	TAILQ_ENTRY(generation) link;
	struct front *front;
	uint32_t id;
	int fd;			/* to its builder; -1 when that is gone */
	struct event *readable;
	struct progress_slot *page;
	uint32_t nslots;
	struct worker_proc **slots;
	struct lua_tally *tallies;	/* by rule id; NULL: no rules in Lua */
	uint32_t ntallies;
	int64_t script_limit_us;
	bool has_scores;	/* users' scores are asked for */
	bool scores_required;
	int scores;		/* to the process with them; -1: it is gone */
	struct event *scores_readable;
	bool serving;		/* it was the newest with a worker once */
	bool retired;		/* another one is now */
};

struct statistics {
	uint64_t spam, ham, errors, lost, lost_in_scripts;
};

struct front {
	const struct daemon_options *o;
	struct event_base *base;
	int keeper;
	struct event *keeper_readable;
	struct event *tick;
	struct event *script_tick;	/* runs while rules in Lua may */
	struct statistics statistics;
	struct listener_list listeners;
	bool paused;		/* not accepting: too many connections */
	struct conn_list conns;
	size_t nconns, max_conns;
	uint64_t next_id;
	uint64_t bytes;		/* of mail held */
	struct netset *allowed;
	struct arena *arena;	/* lives as long as the front */
	struct tls_server *tls;
	bool refuses_nobody;	/* whoever names no user would be root's in
				 * spamd, which its paranoia does not let be */
	bool draining;
	int64_t drain_until_us;

	struct generation_list generations;	/* the newest first */
	struct job_list queue, suspects;
	size_t nrunning;
	char *packet;		/* CHAN_MAX bytes for whoever receives */
};

/* front.c */

/* Called whenever a connection ended: accepts again if that was paused, and
 * ends the front when it was the last one of a drain. */
void front_conn_ended(struct front *f);

/* front_conn.c */

const char *conn_state_name(enum conn_state s);

/* Takes over an accepted socket. */
void conn_new(struct front *f, int fd, const struct listener *l,
	      const char *raddr, const char *rhost, const char *rport);

/* The reply of its job: from text, or from fd (taken). Then the job is no
 * longer the connection's. */
void conn_reply(struct conn *c, struct str text, int fd, uint64_t size);

/* An error reply, and the end of the connection. */
void conn_refuse(struct conn *c, int code, struct str text);

/* Frees it at once, whatever it was doing. */
void conn_close(struct conn *c);

/* For front_body.c: changes the state; refuses with the words that the request
 * parser found; goes on with the mail that is complete in c->mail. */
void conn_enter(struct conn *c, enum conn_state s);
void conn_refuse_request(struct conn *c);
void conn_mail_complete(struct conn *c);

/* For front_prefs.c: all is known, the request goes to the pool. */
void conn_submit(struct conn *c);

/* front_prefs.c */

/* The mail is complete: asks what is to be asked about its user, and submits
 * or refuses it then. */
void prefs_begin(struct conn *c);

/* The keeper's answer to M_PREFS; takes fd, which may be -1. */
void prefs_answer(struct front *f, const struct m_prefs_answer *answer, int fd);

/* A generation's process with users' scores, from its builder; and its end. */
void prefs_scores_channel(struct generation *g, struct packet *p);
void prefs_scores_end(struct generation *g);
/* There is a generation that serves, now. */
void prefs_serving(struct front *f);

/* front_body.c: what can be done in the states BODY and OVERLONG. True if
 * there may be more to do at once. */
bool conn_on_body(struct conn *c);
bool conn_on_overlong(struct conn *c);

/* front_pool.c */

/* A new generation behind the channel fd, which it owns. */
void pool_generation(struct front *f, uint32_t id, int fd);

/* Queues a request. The job owns its descriptors from here on. */
void pool_submit(struct front *f, struct job *job);

/* The client of a job is gone: a queued job is dropped, a running one loses
 * its connection, and its worker if that must not go on (stop). */
void pool_abandon(struct front *f, struct job *job, bool stop);

/* Hands out what waits to who is idle. */
void pool_dispatch(struct front *f);

/* Sends a worker home: it sees the end of its socket and leaves; what it
 * leaves behind is cleared when that socket ends here. */
void pool_send_home(struct worker_proc *w);

/* CPU time that a worker has used, 0 if it is gone. */
int64_t pool_cpu_us(const struct worker_proc *w);

/* Forgets a worker whose process is gone. */
void pool_forget(struct worker_proc *w);

/* Frees generations that are retired and have no worker left. To be called
 * last by whoever ended a worker. */
void pool_sweep(struct front *f);

void job_free(struct front *f, struct job *job);

/* front_death.c */

/* Kills a worker with a reason for the log. */
void worker_kill(struct worker_proc *w, const char *why);

/* A worker's socket ended and all that will be known about it is known: its
 * request goes elsewhere, and it is forgotten. */
void worker_ended(struct worker_proc *w);

/* How a worker ended, from its builder (with the rule's name and place). */
void worker_exit_report(struct generation *g, const struct packet *p);

/* Looks for workers that hang, and for dead ones that nobody reports. Called
 * from a timer. */
void worker_tick(struct front *f);


/* Kills every worker: the front is leaving. */
void pool_stop(struct front *f);

/* front_scripts.c */

/* The counters of a generation's rules in Lua, from its builder. */
void scripts_map(struct generation *g, const struct packet *p);
void scripts_unmap(struct generation *g);

/* Kills workers that hang in a rule. Called several times a second while
 * requests run. */
void scripts_tick(struct front *f);

/* Before a job goes to a worker of g: what it knows of other generations'
 * rules is forgotten. */
void scripts_prepare_job(const struct generation *g, struct job *job);

/* A worker that had begun job ended. True if that happened inside of a rule in
 * Lua: the rule has its strike, and job is to be tried again without it. */
bool scripts_blamed(struct worker_proc *w, struct job *job, bool foreign);

/* Logs what was counted since the start; the serving builder adds a line for
 * each rule in Lua. */
void front_log_statistics(struct front *f);

/* front_tls.c */

/* A context from the files that the keeper opened. NULL and err if they do
 * not fit together. ca may be -1. The descriptors stay the caller's. */
struct tls_server *tls_server_new(int cert, int key, int ca,
				  const char *ca_path, bool verify,
				  struct err *err);
void tls_server_free(struct tls_server **t);

/* A bufferevent that speaks TLS over fd, which it closes when freed; or
 * NULL. */
struct bufferevent *tls_accept(struct tls_server *t, struct event_base *base,
			       int fd);

/* "TLSv1.3/TLS_AES_256_GCM_SHA384", for the log; valid until the connection
 * ends. */
void tls_describe(struct bufferevent *bev, char *out, size_t size);

/* Sends the end-of-stream mark. */
void tls_end(struct bufferevent *bev);

#endif
