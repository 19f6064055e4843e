/*
 * The builder; see builder.h.
 *
 * Which rules are good? spamd starts whatever single lines are wrong, so at
 * the start faults are only logged, unless there are no rules at all. At a
 * reload something is serving already, and a fault that it does not have is a
 * mistake just made: the new rules are refused, and nothing changes. Faults
 * that were there before do not stand in the way of other changes.
 */
#include "serve/builder.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "mail/message.h"
#include "serve/builder_int.h"
#include "serve/chan.h"
#include "serve/daemon_log.h"
#include "serve/fence.h"
#include "serve/worker.h"

/* How long a worker that never came up keeps its slot empty: doubled with
 * each failure. */
#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000

int builder_backoff(int ms)
{
	ms = ms ? ms * 2 : BACKOFF_MIN_MS;
	return ms > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : ms;
}

struct str builder_fault_key(struct arena *a, struct str file, struct str text)
{
	return str_printf(a, "%.*s: %.*s", STR_ARG(str_head(file, 1000)),
			  STR_ARG(str_head(text, 3000)));
}

static void report_diag(struct builder *b, const struct diag *d)
{
	struct str file = str_head(str_cstr(d->file), 1000);
	struct str text = str_head(d->text, 3000);
	struct m_diag body = {
		.level = d->level,
		.line = d->line,
		.file_len = (uint32_t)file.n,
	};
	char both[4096];

	memcpy(both, file.p, file.n);
	if (text.n)
		memcpy(both + file.n, text.p, text.n);
	chan_send(b->keeper, M_DIAG, &body, sizeof(body), both,
		  file.n + text.n, NULL, 0);
}

/* What ResourceLimits asks of spamd's children and workers cannot do: one that
 * lives long would die of its sum of seconds, amid somebody's mail. */
static void report_limits(const struct settings *s)
{
	double memory = settings_number(s, STR("resource_limit_mem"));

	if (settings_number(s, STR("resource_limit_cpu")) > 0)
		log_warn("resource_limit_cpu has no effect: workers live "
			 "long, and time_limit ends each scan");
	if (memory > 0 && (memory < (double)LIMIT_WORKER_MEMORY_LEAST ||
			   memory > (double)LIMIT_WORKER_MEMORY))
		log_warn("resource_limit_mem %.0f: a worker gets at least %zu "
			 "and at most %zu bytes", memory,
			 LIMIT_WORKER_MEMORY_LEAST, LIMIT_WORKER_MEMORY);
}

static bool report_load(struct builder *b, int64_t began_us)
{
	const struct diags *diags = engine_diags(b->engine);
	struct arena *a = arena_new();
	struct m_loaded body = { .good = true };

	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *d = &diags->v[i];

		report_diag(b, d);
		if (d->level != DIAG_ERROR) {
			body.nwarnings++;
			continue;
		}
		body.nerrors++;
		if (b->o->known_faults &&
		    !strs_has(b->o->known_faults,
			      builder_fault_key(a, str_cstr(d->file),
						d->text)))
			body.good = false;
	}
	body.nrules = (uint32_t)engine_rules(b->engine)->nrules;
	if (body.nrules == 0)
		body.good = false;
	body.load_ms = (uint32_t)((clock_mono_us() - began_us) / 1000);
	chan_send(b->keeper, M_LOADED, &body, sizeof(body), NULL, 0, NULL, 0);
	arena_free(&a);
	return body.good;
}

static bool make_page(struct builder *b)
{
	struct m_page body = { .nslots = b->nslots };
	size_t size = b->nslots * sizeof(struct progress_slot);
	int fd = memfd_create("progress", MFD_CLOEXEC);
	bool sent = false;

	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0) {
		b->page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			       fd, 0);
		sent = b->page != MAP_FAILED &&
		       chan_send(b->front, M_PAGE, &body, sizeof(body), NULL,
				 0, &fd, 1) > 0;
	}
	fd_close(&fd);
	return sent;
}

void builder_close_own(struct builder *b)
{
	fd_close(&b->keeper);
	fd_close(&b->front);
	fd_close(&b->signals);
	fd_close(&b->memory_fd);
	for (int h = 0; h < HELPERS; h++) {
		fd_close(&b->helpers[h].control);
		for (uint32_t i = 0; i < b->nslots; i++)
			fd_close(&b->slots[i].ends[h]);
	}
}

static void run_worker(struct builder *b, uint32_t slot, int channel,
		       const int helpers[HELPERS])
{
	sigset_t none;

	builder_close_own(b);
	prctl(PR_SET_NAME, "mekikid-worker");
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	memset(&b->page[slot], 0, sizeof(b->page[slot]));
	worker_run(b->engine, &(struct worker_channels){
		.front = channel,
		.asker = helpers[HELPER_ASKER],
		.memory = helpers[HELPER_MEMORY],
		.runner = helpers[HELPER_RUNNER],
		.memory_settings = &b->memory_settings,
		.per_user = !b->o->daemon->no_user_config ||
			    b->o->daemon->virtual_config_dir,
	}, &b->page[slot]);
}

static void fork_worker(struct builder *b, uint32_t slot)
{
	struct m_worker body = { .slot = slot };
	struct slot *s = &b->slots[slot];
	int ends[2], fds[2], theirs[HELPERS];
	struct err err;
	pid_t pid;

	if (chan_pair(ends, &err) < 0) {
		log_error("%s", err.text);
		s->due_us = clock_mono_us() + BACKOFF_MAX_MS * 1000;
		return;
	}
	for (int h = 0; h < HELPERS; h++) {
		int pair[2] = { -1, -1 };

		if (h != HELPER_SCORES && b->helpers[h].wanted &&
		    chan_pair(pair, &err) < 0)
			log_error("%s: a worker has nobody to ask", err.text);
		theirs[h] = pair[0];
		s->ends[h] = pair[1];
	}
	engine_refresh(b->engine);
	builder_fill_lists(b);
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		run_worker(b, slot, ends[1], theirs);
	}
	close(ends[1]);
	for (int h = 0; h < HELPERS; h++)
		fd_close(&theirs[h]);
	if (pid < 0) {
		for (int h = 0; h < HELPERS; h++)
			fd_close(&s->ends[h]);
		log_error("cannot fork a worker: %s", strerror(errno));
		s->due_us = clock_mono_us() + BACKOFF_MAX_MS * 1000;
		close(ends[0]);
		return;
	}
	s->pid = body.pid = pid;
	fds[0] = ends[0];
	fds[1] = (int)syscall(SYS_pidfd_open, pid, 0);
	chan_send(b->front, M_WORKER, &body, sizeof(body), NULL, 0, fds,
		  fds[1] >= 0 ? 2 : 1);
	fd_close(&fds[0]);
	fd_close(&fds[1]);
}

static void fork_due(struct builder *b)
{
	int64_t now = clock_mono_us();

	for (uint32_t i = 0; i < b->nslots && !b->retired; i++)
		if (b->slots[i].pid == 0 && b->slots[i].due_us <= now)
			fork_worker(b, i);
}

/* Name and place of the rule that a dead worker was in, for the log. */
static size_t last_rule(const struct builder *b, uint32_t id, char *out,
			size_t size, uint32_t *name_len_r)
{
	const struct ruleset *rs = engine_rules(b->engine);
	const struct rule *r = id < rs->nrules ? &rs->rules[id] : NULL;
	struct str name = r ? str_head(r->name, 255) : STR("");
	int n = r ? snprintf(out, size, "%.*s%s:%d", STR_ARG(name), r->file,
			     r->line) : 0;

	*name_len_r = (uint32_t)name.n;
	return (size_t)n < size ? (size_t)n : size - 1;
}

static void on_exit_of(struct builder *b, uint32_t i, int status,
		       const struct rusage *used)
{
	struct slot *s = &b->slots[i];
	struct m_exit body = {
		.slot = i,
		.pid = s->pid,
		.status = status,
		.stage = b->page[i].scan.stage,
		.job = __atomic_load_n(&b->page[i].job, __ATOMIC_ACQUIRE),
		.peak_bytes = (uint64_t)used->ru_maxrss * 1024,
		.rule = b->page[i].scan.rule,
		.script_seq = __atomic_load_n(&b->page[i].scan.script_seq,
					      __ATOMIC_ACQUIRE),
	};
	char rule[1024];
	size_t n = last_rule(b, body.rule, rule, sizeof(rule), &body.name_len);

	s->pid = 0;
	for (int h = 0; h < HELPERS; h++)
		fd_close(&s->ends[h]);
	s->due_us = 0;
	if (b->page[i].ready) {
		s->backoff_ms = 0;
	} else {
		s->backoff_ms = builder_backoff(s->backoff_ms);
		s->due_us = clock_mono_us() + (int64_t)s->backoff_ms * 1000;
	}
	if (b->front >= 0)
		chan_send(b->front, M_EXIT, &body, sizeof(body), rule, n, NULL,
			  0);
}

static void reap(struct builder *b)
{
	struct rusage used;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0) {
		if (builder_helper_ended(b, pid, status))
			continue;
		for (uint32_t i = 0; i < b->nslots; i++)
			if (b->slots[i].pid == pid)
				on_exit_of(b, i, status, &used);
	}
}

/* The front is gone or has no more use for this generation: its workers see
 * the end of their sockets and leave by themselves. */
static void leave(struct builder *b)
{
	fd_close(&b->front);
	for (int tries = 0; tries < 100; tries++) {
		bool any = false;

		reap(b);
		for (uint32_t i = 0; i < b->nslots; i++)
			any = any || b->slots[i].pid;
		if (!any)
			break;
		usleep(50000);
	}
	for (uint32_t i = 0; i < b->nslots; i++)
		if (b->slots[i].pid)
			kill(b->slots[i].pid, SIGKILL);
	builder_stop_helpers(b);
	exit(0);
}

static int next_wait_ms(const struct builder *b)
{
	int64_t now = clock_mono_us(), next = builder_helpers_due(b);

	if (!next)
		next = -1;
	for (uint32_t i = 0; i < b->nslots && !b->retired; i++)
		if (b->slots[i].pid == 0 &&
		    (next < 0 || b->slots[i].due_us < next))
			next = b->slots[i].due_us;
	if (next < 0)
		return -1;
	return next <= now ? 0 : (int)((next - now) / 1000) + 1;
}

static void serve(struct builder *b)
{
	static char packet[CHAN_MAX];
	struct pollfd pfd[2] = {
		{ .fd = b->signals, .events = POLLIN },
		{ .fd = b->front, .events = POLLIN },
	};
	struct signalfd_siginfo si;
	struct packet p;

	/* The front knows who has the users' scores before it has a worker. */
	builder_tend_helpers(b);
	for (;;) {
		fork_due(b);
		builder_tend_helpers(b);
		if (poll(pfd, 2, next_wait_ms(b)) < 0 && errno != EINTR)
			leave(b);
		if (pfd[0].revents &&
		    read(b->signals, &si, sizeof(si)) == sizeof(si))
			reap(b);
		if (!pfd[1].revents)
			continue;
		if (chan_recv(b->front, packet, &p) <= 0)
			leave(b);
		if (p.type == M_RETIRE)
			b->retired = true;
		else if (p.type == M_STATS)
			builder_log_rules(b);
		packet_close(&p);
	}
}

void builder_run(const struct builder_options *o)
{
	struct load_options load = { 0 };
	struct builder b = { .o = o, .keeper = o->keeper, .front = o->front };
	const struct daemon_options *d = o->daemon;
	int64_t began_us = clock_mono_us();
	struct err err;
	sigset_t mask;

	if (d->daemonize)
		daemon_log_detach();
	daemon_load_options(d, &load);
	b.engine = engine_load(&load);
	mail_preload();
	if (!report_load(&b, began_us))
		exit(78);
	report_limits(engine_rules(b.engine)->site);
	builder_prepare_helpers(&b, d->user ? d->user : d->default_user);
	if (fence_become(d->user ? d->user : d->default_user, d->group,
			 &err) < 0) {
		log_error("%s", err.text);
		exit(77);
	}
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	b.signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	b.nslots = (uint32_t)d->max_children;
	b.slots = xcalloc(b.nslots, sizeof(*b.slots));
	for (uint32_t i = 0; i < b.nslots; i++)
		for (int h = 0; h < HELPERS; h++)
			b.slots[i].ends[h] = -1;
	if (b.signals < 0 || !make_page(&b) || !builder_share_tallies(&b)) {
		log_error("no page for the workers: %s", strerror(errno));
		exit(71);
	}
	serve(&b);
	exit(0);
}
