/*
 * The front's workers: generations of them, and the queue of requests.
 *
 * The rules are short. A worker has one request at a time. Requests are served
 * in the order in which they became complete, but suspects (see front_death.c)
 * come first, and only in a worker that has served nobody yet. At a reload the
 * new generation takes over with its first worker: idle workers of the old one
 * are sent home, busy ones when they are done; when the last one is gone, the
 * channel to its builder is closed, which ends that too.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "serve/chan.h"
#include "serve/daemon_log.h"
#include "serve/front_int.h"

static struct generation *current(struct front *f)
{
	struct generation *g = TAILQ_FIRST(&f->generations);

	return g && g->serving && !g->retired ? g : NULL;
}

void job_free(struct front *f, struct job *job)
{
	if (job->mail >= 0)
		f->bytes -= job->body.size;
	fd_close(&job->mail);
	fd_close(&job->prefs);
	fd_close(&job->scores);
	xfree(job);
}

static void job_unlink(struct front *f, struct job *job)
{
	if (job->where == JOB_QUEUED)
		TAILQ_REMOVE(&f->queue, job, link);
	else if (job->where == JOB_SUSPECT)
		TAILQ_REMOVE(&f->suspects, job, link);
}

void pool_submit(struct front *f, struct job *job)
{
	job->where = JOB_QUEUED;
	TAILQ_INSERT_TAIL(&f->queue, job, link);
	pool_dispatch(f);
}

static struct worker_proc *worker_of(struct front *f, const struct job *job)
{
	struct generation *g;

	TAILQ_FOREACH(g, &f->generations, link)
		for (uint32_t i = 0; i < g->nslots; i++)
			if (g->slots[i] && g->slots[i]->job == job)
				return g->slots[i];
	return NULL;
}

void pool_abandon(struct front *f, struct job *job, bool stop)
{
	struct worker_proc *w;

	if (job->conn)
		job->conn->job = NULL;
	job->conn = NULL;
	if (job->where != JOB_RUNNING) {
		job_unlink(f, job);
		job_free(f, job);
		return;
	}
	w = worker_of(f, job);
	if (stop && w && w->state == WORKER_BUSY)
		worker_kill(w, "time was up");
}

int64_t pool_cpu_us(const struct worker_proc *w)
{
	struct timespec ts;

	if (clock_gettime(w->cpu_clock, &ts) < 0)
		return 0;
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* How often workers are looked at that may be inside of rules in Lua. */
static const struct timeval script_tick_every = { .tv_usec = 40000 };

static void hand_over(struct front *f, struct worker_proc *w, struct job *job)
{
	int fds[3] = { job->mail };
	size_t n = 1;

	job_unlink(f, job);
	job->where = JOB_RUNNING;
	scripts_prepare_job(w->gen, job);
	w->script_seq = 0;
	if (w->gen->tallies && !event_pending(f->script_tick, EV_TIMEOUT, NULL))
		event_add(f->script_tick, &script_tick_every);
	w->job = job;
	w->state = WORKER_BUSY;
	w->cpu_at_start_us = pool_cpu_us(w);
	f->nrunning++;
	/* If the worker is gone already, its socket's end is about to say so
	 * and the page shows that it never began. */
	if (job->prefs >= 0)
		fds[n++] = job->prefs;
	if (job->scores >= 0)
		fds[n++] = job->scores;
	chan_send(w->fd, M_JOB, &job->body, sizeof(job->body), NULL, 0, fds,
		  n);
}

void pool_send_home(struct worker_proc *w)
{
	w->state = WORKER_LEAVING;
	w->left_us = clock_mono_us();
	shutdown(w->fd, SHUT_WR);
}

static struct worker_proc *find_idle(struct generation *g, bool fresh)
{
	struct worker_proc *best = NULL;

	/* Whoever worked most has the warmest caches; fresh ones are spared
	 * for suspects. */
	for (uint32_t i = 0; i < g->nslots; i++) {
		struct worker_proc *w = g->slots[i];

		if (!w || w->state != WORKER_IDLE)
			continue;
		if (fresh && w->jobs_done)
			continue;
		if (!best || w->jobs_done > best->jobs_done)
			best = w;
	}
	return best;
}

/* Is a worker on its way that will be fresh? */
static bool anyone_coming(const struct generation *g)
{
	for (uint32_t i = 0; i < g->nslots; i++)
		if (!g->slots[i] || g->slots[i]->state == WORKER_LEAVING ||
		    g->slots[i]->state == WORKER_GONE)
			return true;
	return false;
}

void pool_dispatch(struct front *f)
{
	struct generation *g = current(f);
	struct worker_proc *w;

	if (!g)
		return;
	while (!TAILQ_EMPTY(&f->suspects)) {
		w = find_idle(g, true);
		if (!w) {
			w = find_idle(g, false);
			if (w && g->fd >= 0 && !anyone_coming(g))
				pool_send_home(w);
			break;
		}
		hand_over(f, w, TAILQ_FIRST(&f->suspects));
	}
	while (!TAILQ_EMPTY(&f->queue) && (w = find_idle(g, false)))
		hand_over(f, w, TAILQ_FIRST(&f->queue));
}

void pool_forget(struct worker_proc *w)
{
	w->gen->slots[w->slot] = NULL;
	event_free(w->readable);
	fd_close(&w->fd);
	fd_close(&w->pidfd);
	xfree(w);
}

static void generation_free(struct generation *g)
{
	prefs_scores_end(g);
	TAILQ_REMOVE(&g->front->generations, g, link);
	if (g->readable)
		event_free(g->readable);
	fd_close(&g->fd);
	if (g->page)
		munmap(g->page, g->nslots * sizeof(*g->page));
	scripts_unmap(g);
	xfree(g->slots);
	xfree(g);
}

static bool has_worker(const struct generation *g)
{
	for (uint32_t i = 0; i < g->nslots; i++)
		if (g->slots[i])
			return true;
	return false;
}

void pool_sweep(struct front *f)
{
	struct generation *g, *next;

	for (g = TAILQ_FIRST(&f->generations); g; g = next) {
		next = TAILQ_NEXT(g, link);
		/* One whose builder ended before it brought a worker will
		 * never bring one. */
		if ((g->retired || g->fd < 0) && !has_worker(g))
			generation_free(g);
	}
}

/* Workers' packets. */

static void after_job(struct worker_proc *w)
{
	struct front *f = w->gen->front;
	const long most = f->o->max_conn_per_child;

	f->nrunning--;
	w->job = NULL;
	w->jobs_done++;
	w->state = WORKER_IDLE;
	if (w->gen->retired || w->leaves ||
	    (most > 0 && w->jobs_done >= (uint64_t)most && w->gen->fd >= 0))
		pool_send_home(w);
}

/* The worker may have been taken over by what it read: nothing it says is
 * believed further than that its client gets wrong bytes. */
static bool reply_fd_ok(int fd, uint64_t size)
{
	struct stat st;

	return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE |
		     F_SEAL_GROW | F_SEAL_SEAL) == 0 &&
	       fstat(fd, &st) == 0 && st.st_size >= 0 &&
	       (uint64_t)st.st_size == size;
}

static void relay(struct front *f, struct worker_proc *w, struct str text,
		  int fd, uint64_t size)
{
	struct job *job = w->job;
	struct conn *c = job->conn;

	job->conn = NULL;
	job_free(f, job);
	after_job(w);
	/* Last, because it may end the connection, or the whole front. */
	if (c)
		conn_reply(c, text, fd, size);
	else
		fd_close(&fd);
}

static void count_verdict(struct front *f, uint32_t verdict)
{
	if (verdict == REPLY_SPAM)
		f->statistics.spam++;
	else if (verdict == REPLY_HAM)
		f->statistics.ham++;
}

static void on_reply(struct worker_proc *w, struct packet *p)
{
	const struct m_reply *r = packet_body(p, sizeof(*r));
	struct front *f = w->gen->front;
	struct str text, lines;
	int fd = -1;

	if (!r || !w->job || r->job != w->job->body.id) {
		worker_kill(w, "it answered what nobody had asked");
		return;
	}
	text = str_make(p->data + sizeof(*r), p->n - sizeof(*r));
	if (r->in_fd && p->nfds && reply_fd_ok(p->fds[0], r->reply_len)) {
		fd = p->fds[0];
		p->fds[0] = -1;
	}
	if ((r->in_fd && fd < 0) || r->reply_len > LIMIT_WORKER_FILE ||
	    text.n != r->log_len + (r->in_fd ? 0 : r->reply_len)) {
		fd_close(&fd);
		worker_kill(w, "its reply was malformed");
		return;
	}
	w->leaves = r->leaves;
	count_verdict(f, r->verdict);
	lines = str_from(text, text.n - r->log_len);
	text = str_head(text, text.n - r->log_len);
	relay(f, w, text, fd, r->reply_len);
	daemon_log_lines(w->pid, LOG_LEVEL_INFO, lines);
}

static void on_log(struct worker_proc *w, const struct packet *p)
{
	const struct m_log *m = packet_body(p, sizeof(*m));

	if (!m || m->level > LOG_LEVEL_DEBUG)
		return;
	/* chan_recv leaves room behind what it received. */
	w->gen->front->packet[p->n] = '\0';
	daemon_log_foreign(w->pid, (enum log_level)m->level,
			   p->data + sizeof(*m));
}

/* One packet of a worker's. False when its socket has ended or is empty. */
static bool read_worker(struct worker_proc *w)
{
	struct packet p;
	int rc = chan_recv(w->fd, w->gen->front->packet, &p);

	if (rc < 0) {
		event_del(w->readable);
		w->gone_us = clock_mono_us();
		if (w->state != WORKER_LEAVING)
			w->state = WORKER_GONE;
	}
	if (rc <= 0)
		return false;
	if (p.type == M_REPLY)
		on_reply(w, &p);
	else if (p.type == M_LOG)
		on_log(w, &p);
	packet_close(&p);
	return true;
}

static void on_worker(evutil_socket_t fd, short what, void *ctx)
{
	struct worker_proc *w = ctx;
	struct front *f = w->gen->front;

	(void)fd, (void)what;
	if (!read_worker(w) && w->gone_us &&
	    (w->state == WORKER_LEAVING || w->exit_known || w->gen->fd < 0))
		worker_ended(w);
	pool_dispatch(f);
	pool_sweep(f);
}

/* Builders' packets. */

static void retire(struct generation *g)
{
	if (g->retired)
		return;
	g->retired = true;
	if (g->fd >= 0)
		chan_send(g->fd, M_RETIRE, NULL, 0, NULL, 0, NULL, 0);
	for (uint32_t i = 0; i < g->nslots; i++)
		if (g->slots[i] && g->slots[i]->state == WORKER_IDLE)
			pool_send_home(g->slots[i]);
}

/* The first worker of a generation makes it the one that serves. */
static void take_over(struct front *f, struct generation *g)
{
	struct m_generation body = { .id = g->id };
	struct generation *other;

	g->serving = true;
	TAILQ_REMOVE(&f->generations, g, link);
	TAILQ_INSERT_HEAD(&f->generations, g, link);
	for (other = TAILQ_NEXT(g, link); other; other = TAILQ_NEXT(other, link))
		if (other->id < g->id)
			retire(other);
	chan_send(f->keeper, M_READY, &body, sizeof(body), NULL, 0, NULL, 0);
	prefs_serving(f);
}

static void add_worker(struct generation *g, const struct m_worker *m,
		       int fd, int pidfd)
{
	struct worker_proc *w = xcalloc(1, sizeof(*w));

	w->gen = g;
	w->slot = m->slot;
	w->pid = m->pid;
	w->fd = fd;
	w->pidfd = pidfd;
	/* Of a process that is gone already: never mind, nobody asks. */
	if (clock_getcpuclockid(m->pid, &w->cpu_clock) != 0)
		w->cpu_clock = CLOCK_MONOTONIC;
	fd_nonblock(fd);
	w->readable = event_new(g->front->base, fd, EV_READ | EV_PERSIST,
				on_worker, w);
	event_add(w->readable, NULL);
	g->slots[m->slot] = w;
	log_info("spamd: server successfully spawned child process, pid %d",
		 w->pid);
	if (g->retired)
		pool_send_home(w);
	else if (!g->serving)
		take_over(g->front, g);
}

static void on_new_worker(struct generation *g, struct packet *p)
{
	const struct m_worker *body = packet_body(p, sizeof(*body));
	struct m_worker m;
	int fd, pidfd;

	if (!body || !g->page || body->slot >= g->nslots || !p->nfds)
		return;
	m = *body;
	fd = p->fds[0];
	pidfd = p->nfds > 1 ? p->fds[1] : -1;
	p->nfds = 0;
	/* The old one in this slot is dead if its successor is here; what it
	 * still said is heard. */
	if (g->slots[m.slot]) {
		while (!g->slots[m.slot]->gone_us &&
		       read_worker(g->slots[m.slot]))
			;
		worker_ended(g->slots[m.slot]);
	}
	add_worker(g, &m, fd, pidfd);
}

static void on_page(struct generation *g, const struct packet *p)
{
	const struct m_page *m = packet_body(p, sizeof(*m));

	if (!m || g->page || !p->nfds || !m->nslots ||
	    m->nslots > LIMIT_WORKERS)
		return;
	g->page = mmap(NULL, m->nslots * sizeof(*g->page), PROT_READ,
		       MAP_SHARED, p->fds[0], 0);
	if (g->page == MAP_FAILED) {
		g->page = NULL;
		return;
	}
	g->nslots = m->nslots;
	g->slots = xcalloc(g->nslots, sizeof(struct worker_proc *));
}

/* The builder is gone: nobody tells how workers end any more. */
static void builder_gone(struct generation *g)
{
	event_free(g->readable);
	g->readable = NULL;
	fd_close(&g->fd);
	for (uint32_t i = 0; i < g->nslots; i++)
		if (g->slots[i] && g->slots[i]->gone_us)
			worker_ended(g->slots[i]);
}

static void on_builder(evutil_socket_t fd, short what, void *ctx)
{
	struct generation *g = ctx;
	struct front *f = g->front;
	struct packet p;
	int rc = chan_recv(fd, f->packet, &p);

	(void)what;
	if (rc < 0)
		builder_gone(g);
	if (rc > 0) {
		if (p.type == M_PAGE)
			on_page(g, &p);
		else if (p.type == M_WORKER)
			on_new_worker(g, &p);
		else if (p.type == M_EXIT)
			worker_exit_report(g, &p);
		else if (p.type == M_TALLIES)
			scripts_map(g, &p);
		else if (p.type == M_SCORES)
			prefs_scores_channel(g, &p);
		else if (p.type == M_LOG && p.n > sizeof(struct m_log))
			log_info("%.*s", (int)(p.n - sizeof(struct m_log)),
				 p.data + sizeof(struct m_log));
		packet_close(&p);
	}
	pool_dispatch(f);
	pool_sweep(f);
}

void pool_generation(struct front *f, uint32_t id, int fd)
{
	struct generation *g = xcalloc(1, sizeof(*g));

	g->front = f;
	g->id = id;
	g->fd = fd;
	g->scores = -1;
	fd_nonblock(fd);
	g->readable = event_new(f->base, fd, EV_READ | EV_PERSIST, on_builder,
				g);
	event_add(g->readable, NULL);
	TAILQ_INSERT_TAIL(&f->generations, g, link);
}

void pool_stop(struct front *f)
{
	struct generation *g;

	TAILQ_FOREACH(g, &f->generations, link)
		for (uint32_t i = 0; i < g->nslots; i++)
			if (g->slots[i])
				worker_kill(g->slots[i], "the daemon ends");
}
