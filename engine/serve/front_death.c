/*
 * What the front does when a worker dies or hangs.
 *
 * A worker has one request at a time, so the request it holds when it dies is
 * the only suspect; and not even that one if the shared page says that the
 * worker had not begun it. A suspect is tried once more, alone, in a worker
 * that has served nobody yet; a second death makes it poison: its client gets
 * an error, the keeper keeps a copy. A worker that was killed from outside is
 * hardly its request's fault, unless it held so much memory that the kernel may
 * have done it: such a request is simply queued again. A worker hangs when one
 * request has used hang-limit seconds of CPU time.
 *
 * All this is about a worker that dies outside of rules in Lua; for those, see
 * front_scripts.c.
 *
 * Two messages tell of a death, in any order: the end of the worker's socket,
 * behind its last reply, and the builder's report, which alone knows signal or
 * status. Both are awaited, the second only for a moment.
 */
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "serve/chan.h"
#include "serve/front_int.h"

/* How long a worker may take to leave. */
#define LEAVE_WAIT_US 5000000
/* How long the builder's word on how a worker ended is waited for. */
#define EXIT_WAIT_US 500000

static const char *const stages[] = {
	[STAGE_IDLE] = "idle", [STAGE_PARSE] = "parse",
	[STAGE_VIEWS] = "views", [STAGE_RULES] = "rules",
	[STAGE_METAS] = "metas", [STAGE_REPORT] = "report",
};

void worker_kill(struct worker_proc *w, const char *why)
{
	w->killed = why;
	if (w->pidfd >= 0)
		syscall(SYS_pidfd_send_signal, w->pidfd, SIGKILL, NULL, 0);
	else
		kill(w->pid, SIGKILL);
}

static void poison(struct front *f, struct job *job)
{
	struct m_poison body = { .size = job->body.size };
	struct conn *c = job->conn;

	f->statistics.errors++;
	log_error("the message of request %llu killed its worker again: its "
		  "client gets a temporary failure",
		  (unsigned long long)job->body.id);
	if (chan_send(f->keeper, M_POISON, &body, sizeof(body), NULL, 0,
		      &job->mail, 1) <= 0)
		log_warn("the message could not be kept");
	job_free(f, job);
	if (c) {
		c->job = NULL;
		conn_refuse(c, 75, STR("the message could not be scanned"));
	}
}

static void describe_end(const struct worker_proc *w, char *out, size_t size)
{
	if (w->killed)
		snprintf(out, size, "was killed (%s)", w->killed);
	else if (!w->exit_known)
		snprintf(out, size, "is gone");
	else if (WIFEXITED(w->exit.status))
		snprintf(out, size, "exited with status %d",
			 WEXITSTATUS(w->exit.status));
	else
		snprintf(out, size, "died of signal %d (%s)",
			 WTERMSIG(w->exit.status),
			 strsignal(WTERMSIG(w->exit.status)));
}

/* Was this an end that somebody outside ordered? The kernel does, too, when
 * memory is short, and then for a reason. */
static bool foreign_kill(const struct worker_proc *w)
{
	if (w->killed || !w->exit_known || !WIFSIGNALED(w->exit.status) ||
	    w->exit.peak_bytes > LIMIT_WORKER_BLAMED)
		return false;
	return WTERMSIG(w->exit.status) == SIGKILL ||
	       WTERMSIG(w->exit.status) == SIGTERM;
}

static bool had_begun(const struct worker_proc *w, const struct job *job)
{
	const struct progress_slot *slot = &w->gen->page[w->slot];

	/* Without a report there is no builder that could have given the slot
	 * to another worker. */
	if (!w->exit_known)
		return __atomic_load_n(&slot->job, __ATOMIC_ACQUIRE) ==
		       job->body.id;
	return w->exit.job == job->body.id;
}

static void log_death(const struct worker_proc *w, const struct job *job,
		      bool begun)
{
	uint32_t stage = w->exit_known ? w->exit.stage :
		w->gen->page[w->slot].scan.stage;
	char how[128];

	describe_end(w, how, sizeof(how));
	if (!begun)
		log_warn("worker %d %s before it began request %llu", w->pid,
			 how, (unsigned long long)job->body.id);
	else
		log_warn("worker %d %s in request %llu, stage %s%s%s", w->pid,
			 how, (unsigned long long)job->body.id,
			 stage < sizeof(stages) / sizeof(*stages) ?
			 stages[stage] : "?",
			 *w->exit_rule ? ", rule " : "", w->exit_rule);
}

static void requeue(struct front *f, struct worker_proc *w, struct job *job)
{
	bool begun = had_begun(w, job), foreign = foreign_kill(w), script;

	f->nrunning--;
	f->statistics.lost++;
	log_death(w, job, begun);
	script = begun && scripts_blamed(w, job, foreign);
	f->statistics.lost_in_scripts += script;
	if (!job->conn) {
		job_free(f, job);
		return;
	}
	if (!begun || script) {
		job->where = JOB_QUEUED;
		TAILQ_INSERT_HEAD(&f->queue, job, link);
		return;
	}
	if (foreign && ++job->kills <= LIMIT_FOREIGN_KILLS) {
		job->where = JOB_QUEUED;
		TAILQ_INSERT_TAIL(&f->queue, job, link);
		return;
	}
	if (++job->crashes > 1) {
		poison(f, job);
		return;
	}
	job->where = JOB_SUSPECT;
	TAILQ_INSERT_TAIL(&f->suspects, job, link);
}

void worker_ended(struct worker_proc *w)
{
	struct front *f = w->gen->front;
	struct job *job = w->job;

	w->job = NULL;
	if (job)
		requeue(f, w, job);
	else if (w->state != WORKER_LEAVING)
		log_info("an idle worker, %d, is gone", w->pid);
	pool_forget(w);
	pool_dispatch(f);
}

static void keep_text(char *out, size_t size, struct str s)
{
	s = str_head(s, size - 1);
	if (s.n)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
}

void worker_exit_report(struct generation *g, const struct packet *p)
{
	const struct m_exit *m = packet_body(p, sizeof(*m));
	struct worker_proc *w;
	struct str text;

	if (!m || m->slot >= g->nslots)
		return;
	w = g->slots[m->slot];
	if (!w || w->pid != m->pid)
		return;
	w->exit_known = true;
	w->exit = *m;
	text = str_make(p->data + sizeof(*m), p->n - sizeof(*m));
	keep_text(w->exit_rule, sizeof(w->exit_rule),
		  str_head(text, m->name_len));
	keep_text(w->exit_place, sizeof(w->exit_place),
		  str_from(text, m->name_len));
	/* Otherwise its last reply may still be in the socket. */
	if (w->state == WORKER_GONE)
		worker_ended(w);
}

static void check_worker(struct front *f, struct worker_proc *w, int64_t now)
{
	const int64_t limit = (int64_t)f->o->hang_limit * 1000000;

	if (w->state == WORKER_GONE && now - w->gone_us > EXIT_WAIT_US)
		worker_ended(w);
	else if (w->state == WORKER_BUSY && !w->killed && limit > 0 &&
		 pool_cpu_us(w) - w->cpu_at_start_us > limit)
		worker_kill(w, "it used more CPU time than hang-limit");
	else if (w->state == WORKER_LEAVING && !w->killed &&
		 now - w->left_us > LEAVE_WAIT_US)
		worker_kill(w, "it did not leave");
}

void worker_tick(struct front *f)
{
	struct generation *g;
	int64_t now = clock_mono_us();

	TAILQ_FOREACH(g, &f->generations, link)
		for (uint32_t i = 0; i < g->nslots; i++)
			if (g->slots[i])
				check_worker(f, g->slots[i], now);
	pool_sweep(f);
}
