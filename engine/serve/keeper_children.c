/*
 * The keeper's children: the front, and a builder for each generation of
 * rules. See keeper.h.
 *
 * A generation goes through the states LOADING (its rules are read), STARTING
 * (they are good; the front was given the channel on which workers come),
 * SERVING (the first worker came) and OLD (another one serves). If the front
 * dies, all workers are strangers to its successor: everything is started
 * anew, and connections wait in the kernel meanwhile. If the builder of the
 * serving generation dies, its workers go on and a new generation is built.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "serve/builder.h"
#include "serve/chan.h"
#include "serve/daemon_log.h"
#include "serve/front.h"
#include "serve/keeper_int.h"
#include "serve/messages.h"
#include "serve/poison.h"
#include "serve/prefs.h"

/* Faults that are logged of one loading; more are counted. */
#define DIAGS_LOGGED 100
/* A child that dies sooner than this after its start is not restarted at
 * once. */
#define RESTART_PAUSE_US 1000000

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* In a child: closes what is the keeper's, but for stdio, the log and keep. */
static void close_others(const int *keep, size_t n)
{
	int all[8] = { STDERR_FILENO, daemon_log_fd() };
	int from = 0;

	must(n <= 6);
	memcpy(all + 2, keep, n * sizeof(*keep));
	n += 2;
	qsort(all, n, sizeof(*all), compare_ints);
	for (size_t i = 0; i < n; i++) {
		if (all[i] < 3)
			continue;
		if (from < 3)
			from = 3;
		if (all[i] > from)
			close_range((unsigned)from, (unsigned)all[i] - 1, 0);
		from = all[i] + 1;
	}
	close_range((unsigned)(from < 3 ? 3 : from), ~0U, 0);
}

/* Forks a child that holds only `keep` of our descriptors. */
static pid_t fork_child(const char *name, const int *keep, size_t n)
{
	sigset_t none;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_NAME, name);
	close_others(keep, n);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	return 0;
}

/* The front. */

static int open_pem(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? err_set(err, "%s: %s", path, strerror(errno)) : fd;
}

int keeper_send_tls(struct keeper *k, struct err *err)
{
	const struct daemon_options *o = k->o;
	struct m_tls body = { .verify = o->ssl_verify,
			      .has_ca = o->ssl_ca_file != NULL };
	int fds[3] = { -1, -1, -1 }, rc = -1;

	if (!k->sockets.any_tls)
		return 0;
	fds[0] = open_pem(o->server_cert, err);
	if (fds[0] >= 0)
		fds[1] = open_pem(o->server_key, err);
	if (fds[1] >= 0 && body.has_ca)
		fds[2] = open_pem(o->ssl_ca_file, err);
	if (fds[1] >= 0 && (fds[2] >= 0 || !body.has_ca)) {
		chan_send(k->front_fd, M_TLS, &body, sizeof(body), NULL, 0, fds,
			  body.has_ca ? 3 : 2);
		rc = 0;
	}
	for (int i = 0; i < 3; i++)
		fd_close(&fds[i]);
	return rc;
}

int keeper_start_front(struct keeper *k, struct err *err)
{
	int ends[2];

	if (chan_pair(ends, err) < 0)
		return -1;
	k->front_started_us = clock_mono_us();
	k->front = fork_child("mekikid-front", &ends[1], 1);
	if (k->front == 0)
		front_run(k->o, ends[1]);
	close(ends[1]);
	k->front_fd = ends[0];
	if (k->front < 0) {
		k->front = 0;
		fd_close(&k->front_fd);
		return err_set(err, "fork: %s", strerror(errno));
	}
	for (size_t i = 0; i < k->sockets.n; i++)
		chan_send(k->front_fd, M_LISTEN, &k->sockets.v[i].what,
			  sizeof(k->sockets.v[i].what), NULL, 0,
			  &k->sockets.v[i].fd, 1);
	return keeper_send_tls(k, err);
}

static void answer_prefs(struct keeper *k, const struct packet *p)
{
	const struct m_prefs *m = packet_body(p, sizeof(*m));
	struct m_prefs_answer body = { 0 };
	int fd;

	if (!m)
		return;
	body.conn = m->conn;
	fd = prefs_open(k->o, str_make(p->data + sizeof(*m),
				       p->n - sizeof(*m)), &body.unknown_user);
	chan_send(k->front_fd, M_PREFS_ANSWER, &body, sizeof(body), NULL, 0,
		  &fd, fd >= 0);
	fd_close(&fd);
}

static void keep_poison(struct keeper *k, const struct packet *p)
{
	const struct m_poison *m = packet_body(p, sizeof(*m));
	char path[PATH_MAX];
	struct err err;

	if (!m || !p->nfds)
		return;
	if (poison_keep(k->o->state_dir, p->fds[0], m->size, path, &err) < 0)
		log_error("a message that killed its workers is not kept: %s",
			  err.text);
	else
		log_error("a message that killed its workers is kept as %s",
			  path);
}

static void generation_serves(struct keeper *k, uint32_t id)
{
	struct generation_child *g;

	for (g = k->gens; g < k->gens + GENERATIONS_MAX; g++) {
		if (g->state == GEN_SERVING && g->id != id)
			g->state = GEN_OLD;
		if (g->state == GEN_STARTING && g->id == id) {
			g->state = GEN_SERVING;
			keeper_ready(k, g);
		}
	}
}

void keeper_on_front(struct keeper *k)
{
	struct packet p;

	if (chan_recv(k->front_fd, k->packet, &p) <= 0) {
		fd_close(&k->front_fd);
		return;
	}
	if (p.type == M_READY && p.n >= sizeof(struct m_generation)) {
		const struct m_generation *m = packet_body(&p, sizeof(*m));

		generation_serves(k, m->id);
	} else if (p.type == M_PREFS) {
		answer_prefs(k, &p);
	} else if (p.type == M_POISON) {
		keep_poison(k, &p);
	} else if (p.type == M_PONG) {
		keeper_pong(k);
	}
	packet_close(&p);
}

/* Generations. */

static void generation_clear(struct generation_child *g)
{
	fd_close(&g->fd);
	fd_close(&g->front_end);
	arena_free(&g->arena);
	memset(g, 0, sizeof(*g));
	g->fd = g->front_end = -1;
}

static struct generation_child *find_state(struct keeper *k,
					   enum generation_state state)
{
	for (int i = 0; i < GENERATIONS_MAX; i++)
		if (k->gens[i].state == state)
			return &k->gens[i];
	return NULL;
}

static void run_builder(struct keeper *k, int keeper_end, int front_end)
{
	const struct generation_child *serving = find_state(k, GEN_SERVING);
	struct builder_options bo = {
		.daemon = k->o,
		.keeper = keeper_end,
		.front = front_end,
		.known_faults = serving ? &serving->faults : NULL,
	};

	builder_run(&bo);
}

void keeper_start_generation(struct keeper *k)
{
	struct generation_child *g = find_state(k, GEN_LOADING);
	int own[2], front[2], keep[2];
	struct err err;

	if (g) {
		kill(g->pid, SIGKILL);
		g->state = GEN_OLD;
	}
	g = find_state(k, GEN_NONE);
	if (!g || chan_pair(own, &err) < 0) {
		log_error("too many generations of rules are still in use");
		return;
	}
	if (chan_pair(front, &err) < 0) {
		log_error("%s", err.text);
		close(own[0]);
		close(own[1]);
		return;
	}
	keep[0] = own[1];
	keep[1] = front[1];
	k->builder_started_us = clock_mono_us();
	g->pid = fork_child("mekikid-builder", keep, 2);
	if (g->pid == 0)
		run_builder(k, own[1], front[1]);
	close(own[1]);
	close(front[1]);
	g->state = GEN_LOADING;
	g->id = ++k->next_id;
	g->fd = own[0];
	g->front_end = front[0];
	g->arena = arena_new();
	if (g->pid < 0) {
		log_error("fork: %s", strerror(errno));
		generation_clear(g);
	}
}

static void on_diag(struct generation_child *g, const struct packet *p)
{
	const struct m_diag *m = packet_body(p, sizeof(*m));
	struct str file, text;
	char where[1100] = "";

	if (!m || m->file_len > p->n - sizeof(*m))
		return;
	text = str_make(p->data + sizeof(*m), p->n - sizeof(*m));
	file = str_head(text, m->file_len);
	text = str_from(text, m->file_len);
	if (file.n)
		snprintf(where, sizeof(where), "%.*s:%d: ", STR_ARG(file),
			 m->line);
	if (m->level == DIAG_ERROR)
		strs_add(g->arena, &g->faults,
			 builder_fault_key(g->arena, file, text));
	if (++g->ndiags > DIAGS_LOGGED)
		return;
	if (m->level == DIAG_ERROR)
		log_error("rules: %s%.*s", where, STR_ARG(text));
	else
		log_warn("rules: %s%.*s", where, STR_ARG(text));
}

static void on_loaded(struct keeper *k, struct generation_child *g,
		      const struct packet *p)
{
	const struct m_loaded *m = packet_body(p, sizeof(*m));
	struct m_generation body = { .id = g->id };

	if (!m || g->state != GEN_LOADING)
		return;
	if (g->ndiags > DIAGS_LOGGED)
		log_warn("rules: %u more faults", g->ndiags - DIAGS_LOGGED);
	g->nerrors = m->nerrors;
	g->nwarnings = m->nwarnings;
	g->nrules = m->nrules;
	g->load_ms = m->load_ms;
	if (!m->good) {
		g->state = GEN_OLD;
		if (m->nrules == 0)
			log_error("no rules were found");
		if (!k->served)
			keeper_fail(k, 78);
		else
			keeper_reload_failed(k);
		return;
	}
	g->state = GEN_STARTING;
	chan_send(k->front_fd, M_GENERATION, &body, sizeof(body), NULL, 0,
		  &g->front_end, 1);
	fd_close(&g->front_end);
}

void keeper_on_generation(struct keeper *k, struct generation_child *g)
{
	struct packet p;

	if (chan_recv(g->fd, k->packet, &p) <= 0) {
		fd_close(&g->fd);
		return;
	}
	if (p.type == M_DIAG)
		on_diag(g, &p);
	else if (p.type == M_LOADED)
		on_loaded(k, g, &p);
	packet_close(&p);
}

/* Ends. */

static void describe_status(int status, char *out, size_t size)
{
	if (WIFEXITED(status))
		snprintf(out, size, "exited with status %d",
			 WEXITSTATUS(status));
	else
		snprintf(out, size, "died of signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
}

static void pause_before_restart(int64_t started_us)
{
	int64_t age = clock_mono_us() - started_us;

	if (age < RESTART_PAUSE_US)
		usleep((useconds_t)(RESTART_PAUSE_US - age));
}

static void front_ended(struct keeper *k, int status)
{
	char how[128];
	struct err err;

	k->front = 0;
	fd_close(&k->front_fd);
	if (k->stopping)
		return;
	describe_status(status, how, sizeof(how));
	log_error("the front %s", how);
	/* What it could not begin with, it could not begin with again. */
	if (!k->served) {
		keeper_fail(k, WIFEXITED(status) ? WEXITSTATUS(status) : 70);
		return;
	}
	pause_before_restart(k->front_started_us);
	for (int i = 0; i < GENERATIONS_MAX; i++) {
		if (k->gens[i].state == GEN_NONE)
			continue;
		/* Without a front at its other end a builder leaves. */
		k->gens[i].state = GEN_OLD;
		fd_close(&k->gens[i].front_end);
	}
	if (keeper_start_front(k, &err) < 0) {
		log_error("%s", err.text);
		keeper_fail(k, 71);
		return;
	}
	keeper_start_generation(k);
}

static void generation_ended(struct keeper *k, struct generation_child *g,
			     int status)
{
	enum generation_state state;
	char how[128];

	/* Its last words first. */
	while (g->fd >= 0)
		keeper_on_generation(k, g);
	state = g->state;
	generation_clear(g);
	if (state == GEN_OLD || k->stopping)
		return;
	describe_status(status, how, sizeof(how));
	log_error("the builder of the rules %s", how);
	if (!k->served) {
		keeper_fail(k, 70);
	} else if (state == GEN_SERVING) {
		pause_before_restart(k->builder_started_us);
		keeper_start_generation(k);
	} else {
		keeper_reload_failed(k);
	}
}

void keeper_reap(struct keeper *k)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == k->front) {
			front_ended(k, status);
			continue;
		}
		for (int i = 0; i < GENERATIONS_MAX; i++) {
			if (k->gens[i].state != GEN_NONE &&
			    k->gens[i].pid == pid) {
				generation_ended(k, &k->gens[i], status);
				break;
			}
		}
	}
}

bool keeper_has_children(const struct keeper *k)
{
	for (int i = 0; i < GENERATIONS_MAX; i++)
		if (k->gens[i].state != GEN_NONE)
			return true;
	return k->front != 0;
}

void keeper_kill_children(struct keeper *k)
{
	for (int i = 0; i < GENERATIONS_MAX; i++)
		if (k->gens[i].state != GEN_NONE)
			kill(k->gens[i].pid, SIGKILL);
	if (k->front)
		kill(k->front, SIGKILL);
}
