/*
 * The runner's loop; see runner.h.
 *
 * It holds two lists: clients, and runs in the order in which they were asked
 * for. A run waits until there is room, runs, and is done; an answer that its
 * client's channel has no room for waits in its run until there is. Whatever
 * programs leave behind when their own process is gone becomes a child of the
 * runner's (it is a subreaper), and is ended as soon as nothing runs.
 */
#include "net/runner_int.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/process.h"

#define CLIENTS_MAX 1100
#define AT_ONCE_MAX 64
/* Bytes of the inputs of all runs that wait. */
#define INPUT_BYTES_MAX ((size_t)1 << 30)
/* Packets taken of one client in a row. */
#define BATCH 8
/* How often strays are looked for, a millisecond apart. */
#define STRAY_ROUNDS 100
/* A slot of poll's that nothing has. */
#define NO_SLOT SIZE_MAX

struct run_client {
	TAILQ_ENTRY(run_client) link;
	int fd;
	size_t slot;
	uint32_t serial;
	size_t nopen;
	bool blocked;		/* answers wait for room */
};

struct runner {
	const struct runner_settings *s;
	int control;		/* -1: there is none, one client is all */
	TAILQ_HEAD(, run_client) clients;
	TAILQ_HEAD(, run) runs;
	size_t nclients, nopen, nrunning, bytes;
	bool lasting;		/* the folder outlives us */
	bool ended;		/* a run did, and may have left strays */
};

/* It does not run any more, nor wait. */
static void end(struct runner *k, struct run *r)
{
	if (r->state == RUN_RUNS) {
		k->nrunning--;
		k->ended = true;
	}
	r->state = RUN_DONE;
	run_stop(r);
}

static void run_free(struct runner *k, struct run *r)
{
	struct arena *a = r->arena;

	end(k, r);
	buf_free(&r->text);
	buf_free(&r->error_text);
	TAILQ_REMOVE(&k->runs, r, link);
	r->client->nopen--;
	k->nopen--;
	k->bytes -= r->size;
	arena_free(&a);
}

/* Sends an answer that is ready; the run ends unless it must wait. */
static void deliver(struct runner *k, struct run *r)
{
	if (runner_wire_send(r->client->fd, &r->head, r->texts, -1) == 0)
		r->client->blocked = true;
	else
		run_free(k, r);
}

static void answer(struct runner *k, struct run *r, enum runner_status status,
		   struct str why)
{
	struct runner_answer ans = {
		.out = buf_str(&r->text),
		.errors = why.p ? why : buf_str(&r->error_text),
	};

	end(k, r);
	r->head = (struct runner_head){
		.packet.type = RUNNER_ANSWER,
		.serial = r->serial,
		.id = r->id,
		.word = status,
		.code = WIFSIGNALED(r->status) ? WTERMSIG(r->status) :
			WEXITSTATUS(r->status),
		.size = r->total,
	};
	r->texts = runner_wire_pack_answer(r->arena, &ans);
	buf_free(&r->text);
	buf_free(&r->error_text);
	deliver(k, r);
}

static void finish(struct runner *k, struct run *r)
{
	end(k, r);
	answer(k, r, WIFSIGNALED(r->status) ? RUNNER_KILLED : RUNNER_EXITED,
	       STR_NONE);
}

static void start_waiting(struct runner *k)
{
	struct run *r, *next;
	struct err err;

	for (r = TAILQ_FIRST(&k->runs); r && k->nrunning < k->s->at_once;
	     r = next) {
		next = TAILQ_NEXT(r, link);
		if (r->state != RUN_WAITS)
			continue;
		r->state = RUN_RUNS;
		k->nrunning++;
		if (!run_start(k->s, r, &err))
			answer(k, r, RUNNER_FAILED, str_cstr(err.text));
	}
}

/* What the runner was asked for that it will not do; NULL: nothing. */
static const char *why_not(const struct runner *k, const struct run *r)
{
	struct stat st;

	if (!r->program)
		return "no such program";
	if (r->params.n != r->program->params)
		return "not as many parameters as the program takes";
	for (size_t i = 0; i < r->params.n; i++)
		if (!runner_param_ok(r->params.v[i]))
			return "a parameter with other characters than may be";
	/* Nothing that could be waited for, such as a pipe. */
	if (r->input < 0 || fstat(r->input, &st) < 0 || !S_ISREG(st.st_mode))
		return "no input";
	if (r->size > RUNNER_INPUT_MAX || st.st_size < (off_t)r->size)
		return "not as much input as said";
	if (r->client->nopen > RUNNER_OPEN_PER_CLIENT ||
	    k->nopen > RUNNER_OPEN_MAX || k->bytes > INPUT_BYTES_MAX)
		return "too many runs are open";
	return NULL;
}

static void set_deadline(struct run *r, double seconds)
{
	double most = r->program ? r->program->timeout : 0;

	if (!(most > 0 && most < RUNNER_TIMEOUT_MAX))
		most = RUNNER_TIMEOUT_MAX;
	/* Not a number is none of these. */
	if (!(seconds > 0 && seconds < most))
		seconds = most;
	r->due_us = clock_mono_us() + (int64_t)(seconds * 1e6);
}

/* Drops a client's runs: those of older messages, or all. */
static void drop_runs(struct runner *k, const struct run_client *c, bool all)
{
	struct run *r, *next;

	for (r = TAILQ_FIRST(&k->runs); r && c->nopen; r = next) {
		next = TAILQ_NEXT(r, link);
		if (r->client == c && (all || r->serial != c->serial))
			run_free(k, r);
	}
}

static void client_free(struct runner *k, struct run_client *c)
{
	drop_runs(k, c, true);
	TAILQ_REMOVE(&k->clients, c, link);
	k->nclients--;
	close(c->fd);
	xfree(c);
}

/* Takes a and fd. False if the packet is nonsense. */
static bool on_run(struct runner *k, struct run_client *c, struct arena *a,
		   const struct runner_head *h, struct str texts, int fd)
{
	struct run *r = arena_alloc(a, sizeof(*r));
	const char *refused;

	*r = (struct run){
		.client = c, .arena = a, .serial = h->serial, .id = h->id,
		.input = fd, .size = h->size, .pidfd = -1, .out = -1,
		.errors = -1, .slot = NO_SLOT,
	};
	buf_init(&r->text, 0);
	buf_init(&r->error_text, 0);
	if (!runner_wire_unpack(a, texts, &r->params)) {
		run_stop(r);
		arena_free(&a);
		return false;
	}
	if (h->word < k->s->programs->n)
		r->program = &k->s->programs->v[h->word];
	if (r->size > RUNNER_INPUT_MAX)
		r->size = RUNNER_INPUT_MAX + 1;
	TAILQ_INSERT_TAIL(&k->runs, r, link);
	c->nopen++;
	k->nopen++;
	k->bytes += r->size;
	set_deadline(r, h->timeout);
	refused = why_not(k, r);
	if (refused)
		answer(k, r, RUNNER_REFUSED, str_cstr(refused));
	return true;
}

/* One packet of a client's. 1: there may be more; 0: not now; -1: it ends. */
static int read_client(struct runner *k, struct run_client *c)
{
	struct arena *a = arena_new();
	struct runner_head h;
	struct str texts;
	int fd, rc = runner_wire_recv(c->fd, false, &h, a, &texts, &fd);

	if (rc > 0 && (h.packet.type == RUNNER_RUN ||
		       h.packet.type == RUNNER_CANCEL)) {
		if (h.serial != c->serial) {
			c->serial = h.serial;
			drop_runs(k, c, false);
		}
		if (h.packet.type == RUNNER_RUN)
			return on_run(k, c, a, &h, texts, fd) ? 1 : -1;
	} else if (rc > 0) {
		rc = -1;
	}
	arena_free(&a);
	return rc;
}

static void send_waiting(struct runner *k, struct run_client *c)
{
	struct run *r, *next;

	c->blocked = false;
	for (r = TAILQ_FIRST(&k->runs); r && !c->blocked; r = next) {
		next = TAILQ_NEXT(r, link);
		if (r->client == c && r->state == RUN_DONE)
			deliver(k, r);
	}
}

static void add_client(struct runner *k, int fd)
{
	struct run_client *c;

	if (k->nclients >= CLIENTS_MAX) {
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->fd = fd;
	c->slot = NO_SLOT;
	TAILQ_INSERT_TAIL(&k->clients, c, link);
	k->nclients++;
}

/* Kills all children; how many there were. */
static unsigned kill_children(void)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	unsigned n = 0;
	int pid;

	while (f && fscanf(f, "%d", &pid) == 1) {
		kill(pid, SIGKILL);
		n++;
	}
	if (f)
		fclose(f);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return n;
}

/* While nothing runs: ends what programs have left behind. The children of
 * one that ends become ours, so it takes more than one round. */
static void end_strays(void)
{
	for (int i = 0; i < STRAY_ROUNDS && kill_children(); i++)
		usleep(1000);
}

static void leave(struct runner *k)
{
	struct run *r, *next;

	for (r = TAILQ_FIRST(&k->runs); r; r = next) {
		next = TAILQ_NEXT(r, link);
		run_free(k, r);
	}
	end_strays();
	run_remove_folder(k->s->folder, k->lasting);
	_exit(0);
}

static void read_control(struct runner *k)
{
	struct arena *a = arena_new();
	struct runner_head h;
	struct str texts;
	int fd, rc = runner_wire_recv(k->control, true, &h, a, &texts, &fd);

	arena_free(&a);
	if (rc < 0)
		leave(k);
	if (rc > 0 && fd >= 0)
		add_client(k, fd);
}

/* Ends what took too long. The wait in ms until the next deadline. */
static int settle(struct runner *k)
{
	int64_t now = clock_mono_us(), next = 0;
	struct run *r, *following;

	for (r = TAILQ_FIRST(&k->runs); r; r = following) {
		following = TAILQ_NEXT(r, link);
		if (r->state == RUN_DONE)
			continue;
		if (r->due_us > now) {
			if (!next || r->due_us < next)
				next = r->due_us;
			continue;
		}
		if (r->state == RUN_RUNS)
			run_read(r);
		answer(k, r, RUNNER_TIMEOUT, STR_NONE);
	}
	if (k->ended && !k->nrunning)
		end_strays();
	k->ended = k->ended && k->nrunning;
	start_waiting(k);
	if (!next)
		return 10000;
	return next - now > 10000000 ? 10000 : (int)((next - now) / 1000) + 1;
}

static void serve_runs(struct runner *k, const struct pollfd *fds)
{
	struct run *r, *next;

	for (r = TAILQ_FIRST(&k->runs); r; r = next) {
		const struct pollfd *own;

		next = TAILQ_NEXT(r, link);
		if (r->state != RUN_RUNS || r->slot == NO_SLOT)
			continue;
		own = fds + r->slot;
		if ((own[0].revents | own[1].revents | own[2].revents) &&
		    run_read(r))
			finish(k, r);
	}
}

static void serve_clients(struct runner *k, const struct pollfd *fds)
{
	struct run_client *c, *next;

	for (c = TAILQ_FIRST(&k->clients); c; c = next) {
		short what = c->slot == NO_SLOT ? 0 : fds[c->slot].revents;
		int rc = 1;

		next = TAILQ_NEXT(c, link);
		if (!what)
			continue;
		if (what & POLLOUT)
			send_waiting(k, c);
		for (int i = 0; i < BATCH && rc > 0; i++)
			rc = read_client(k, c);
		if (rc < 0)
			client_free(k, c);
	}
}

/* Everything to wait for; how many. */
static unsigned gather(struct runner *k, struct pollfd *fds)
{
	struct run_client *c;
	struct run *r;
	unsigned n = 0;

	fds[n++] = (struct pollfd){ .fd = k->control, .events = POLLIN };
	TAILQ_FOREACH(c, &k->clients, link) {
		c->slot = n;
		fds[n++] = (struct pollfd){
			.fd = c->fd,
			.events = (short)(POLLIN | (c->blocked ? POLLOUT : 0)),
		};
	}
	TAILQ_FOREACH(r, &k->runs, link) {
		r->slot = NO_SLOT;
		if (r->state != RUN_RUNS)
			continue;
		r->slot = n;
		fds[n++] = (struct pollfd){ .fd = r->pidfd, .events = POLLIN };
		fds[n++] = (struct pollfd){ .fd = r->out, .events = POLLIN };
		fds[n++] = (struct pollfd){ .fd = r->errors, .events = POLLIN };
	}
	return n;
}

static void serve(struct runner *k)
{
	static struct pollfd fds[1 + CLIENTS_MAX + 3 * AT_ONCE_MAX];

	while (k->control >= 0 || !TAILQ_EMPTY(&k->clients)) {
		int ms = settle(k);
		unsigned n = gather(k, fds);

		if (poll(fds, n, ms) <= 0)
			continue;
		serve_runs(k, fds);
		serve_clients(k, fds);
		if (k->control >= 0 && fds[0].revents)
			read_control(k);
	}
	leave(k);
}

static void init(struct runner *k, int control,
		 const struct runner_settings *s)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	*k = (struct runner){ .s = s, .control = control,
			      .lasting = control >= 0 };
	TAILQ_INIT(&k->clients);
	TAILQ_INIT(&k->runs);
	/* Of a runner that was killed. */
	run_remove_folder(s->folder, true);
}

void runner_run(int control_fd, const struct runner_settings *s)
{
	struct runner k;

	init(&k, control_fd, s);
	serve(&k);
	_exit(0);
}

int runner_give(int control_fd, int end)
{
	struct runner_head h = { .packet.type = RUNNER_CLIENT };

	return runner_wire_send(control_fd, &h, STR(""), end);
}

static void run_spawned(void *ctx, int fd)
{
	struct runner k;

	init(&k, -1, ctx);
	add_client(&k, fd);
	serve(&k);
}

int runner_spawn(const struct runner_settings *s, pid_t *pid_r,
		 struct err *err)
{
	return process_spawn("mekiki-runner", run_spawned, (void *)s, pid_r, err);
}
