/*
 * What the front does about rules in Lua.
 *
 * A rule that its machine cannot stop (a call into C that takes for ever)
 * keeps its worker busy. The worker's slot in the shared page says whether it
 * is inside of a rule, and counts the calls: if the count stands still while
 * the worker uses twice the CPU time that one call may use, it is killed. So
 * is one that does not run at all for much longer.
 *
 * A message whose worker dies inside of a rule is scored again at once,
 * without that rule: the suspect is the rule, which gets a strike. Only if
 * somebody outside killed the worker, and for the first time, it is nobody's
 * fault.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "lua/scripts.h"
#include "serve/chan.h"
#include "serve/front_int.h"

/* What a call may use of CPU time, and of the clock while its process does
 * not run, in units of its limit; and the least of both. */
#define CPU_FACTOR 2
#define CPU_LEAST_US 50000
#define CLOCK_FACTOR 20
#define CLOCK_LEAST_US 1000000

void scripts_map(struct generation *g, const struct packet *p)
{
	const struct m_tallies *m = packet_body(p, sizeof(*m));
	struct lua_tally *v;

	if (!m || g->tallies || !p->nfds || !m->nrules)
		return;
	v = mmap(NULL, m->nrules * sizeof(*v), PROT_READ | PROT_WRITE,
		 MAP_SHARED, p->fds[0], 0);
	if (v == MAP_FAILED)
		return;
	g->tallies = v;
	g->ntallies = m->nrules;
	g->script_limit_us = m->limit_us;
}

void scripts_unmap(struct generation *g)
{
	if (g->tallies)
		munmap(g->tallies, g->ntallies * sizeof(*g->tallies));
	g->tallies = NULL;
}

/* Is the process one that the scheduler would run? If it cannot be told, then
 * it is. */
static bool is_runnable(pid_t pid)
{
	char path[64], text[512];
	const char *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	fd_close(&fd);
	if (n <= 0)
		return true;
	text[n] = '\0';
	end = strrchr(text, ')');
	return !end || strlen(end) < 3 || end[2] == 'R';
}

static int64_t at_least(int64_t us, int64_t least)
{
	return us > least ? us : least;
}

static void check_script(struct worker_proc *w, int64_t now)
{
	const struct generation *g = w->gen;
	const struct progress_slot *slot = &g->page[w->slot];
	uint32_t seq = __atomic_load_n(&slot->scan.script_seq,
				       __ATOMIC_ACQUIRE);

	if (!(seq & 1) || seq != w->script_seq) {
		w->script_seq = seq;
		w->script_cpu_us = pool_cpu_us(w);
		w->script_since_us = now;
		return;
	}
	if (pool_cpu_us(w) - w->script_cpu_us >
	    at_least(g->script_limit_us * CPU_FACTOR, CPU_LEAST_US))
		worker_kill(w, "it hung in a rule in Lua");
	else if (now - w->script_since_us >
		 at_least(g->script_limit_us * CLOCK_FACTOR, CLOCK_LEAST_US) &&
		 !is_runnable(w->pid))
		worker_kill(w, "it stood still in a rule in Lua");
}

void scripts_tick(struct front *f)
{
	struct generation *g;
	int64_t now = clock_mono_us();

	TAILQ_FOREACH(g, &f->generations, link)
		for (uint32_t i = 0; i < g->nslots && g->tallies; i++)
			if (g->slots[i] && !g->slots[i]->killed &&
			    g->slots[i]->state == WORKER_BUSY)
				check_script(g->slots[i], now);
}

static void strike(struct generation *g, const struct worker_proc *w,
		   uint32_t rule)
{
	if (lua_tally_strike(&g->tallies[rule]))
		log_error("rule %s (%s) is disabled until the rules are "
			  "loaded again: workers were lost in it, or it spent "
			  "its budget, %d times",
			  *w->exit_rule ? w->exit_rule : "?",
			  *w->exit_place ? w->exit_place : "?", LUA_STRIKES);
}

/* Leaves rule out of the next try. False if there are too many. */
static bool skip(struct job *job, const struct generation *g, uint32_t rule)
{
	uint32_t *ids = job->body.skip_rules;

	if (job->skip_generation != g->id)
		memset(ids, 0, sizeof(job->body.skip_rules));
	job->skip_generation = g->id;
	for (int i = 0; i < SCAN_SKIPS; i++)
		if (!ids[i] || ids[i] == rule + 1) {
			ids[i] = rule + 1;
			return true;
		}
	return false;
}

bool scripts_blamed(struct worker_proc *w, struct job *job, bool foreign)
{
	struct generation *g = w->gen;
	const struct scan_progress *p = &g->page[w->slot].scan;
	uint32_t rule = w->exit_known ? w->exit.rule : p->rule;
	uint32_t seq = w->exit_known ? w->exit.script_seq : p->script_seq;

	if (!(seq & 1) || rule >= g->ntallies)
		return false;
	if (foreign && job->killed_in != rule + 1) {
		job->killed_in = rule + 1;
		return false;
	}
	strike(g, w, rule);
	return skip(job, g, rule);
}

void scripts_prepare_job(const struct generation *g, struct job *job)
{
	if (job->skip_generation == g->id)
		return;
	/* Ids mean other rules there. */
	memset(job->body.skip_rules, 0, sizeof(job->body.skip_rules));
	job->killed_in = 0;
	job->skip_generation = g->id;
}

void front_log_statistics(struct front *f)
{
	const struct statistics *n = &f->statistics;
	struct generation *g;

	log_info("statistics: %llu messages: %llu spam, %llu ham; %llu "
		 "errors; %llu workers lost, %llu of them in rules in Lua; "
		 "%zu requests running, %zu connections",
		 (unsigned long long)(n->spam + n->ham),
		 (unsigned long long)n->spam, (unsigned long long)n->ham,
		 (unsigned long long)n->errors, (unsigned long long)n->lost,
		 (unsigned long long)n->lost_in_scripts, f->nrunning,
		 f->nconns);
	TAILQ_FOREACH(g, &f->generations, link)
		if (g->serving && !g->retired && g->fd >= 0)
			chan_send(g->fd, M_STATS, NULL, 0, NULL, 0, NULL, 0);
}
