/*
 * What a builder does for rules in Lua: their counters, the asker of its
 * generation, their statistics; see builder_int.h.
 *
 * If the asker dies, the channels that it had end, and their workers leave as
 * soon as they have nothing to do; the builder starts another asker and other
 * workers. Channels of workers that are forked meanwhile wait here.
 */
#include "serve/builder_int.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "lua/scripts.h"
#include "serve/chan.h"
#include "serve/fence.h"

/* An asker that lived shorter than this is not started again at once. */
#define ASKER_AGE_US 1000000
/* How soon a channel is offered again that the asker had no room for. */
#define GIVE_AGAIN_US 50000

static bool share_tallies(struct builder *b)
{
	uint32_t n = (uint32_t)engine_rules(b->engine)->nrules;
	struct m_tallies body = {
		.nrules = n,
		.limit_us = (int64_t)(engine_script_limit(b->engine) * 1e6),
	};
	size_t size = n * sizeof(struct lua_tally);
	int fd = memfd_create("tallies", MFD_CLOEXEC);
	bool sent = false;

	if (fd >= 0 && ftruncate(fd, (off_t)size) == 0) {
		b->tallies = mmap(NULL, size, PROT_READ | PROT_WRITE,
				  MAP_SHARED, fd, 0);
		sent = b->tallies != MAP_FAILED &&
		       chan_send(b->front, M_TALLIES, &body, sizeof(body),
				 NULL, 0, &fd, 1) > 0;
	}
	fd_close(&fd);
	if (sent)
		engine_set_tallies(b->engine, b->tallies);
	return sent;
}

bool builder_prepare_scripts(struct builder *b)
{
	b->asker.control = -1;
	if (!engine_has_scripts(b->engine))
		return true;
	b->asker.arena = arena_new();
	asker_settings_read(b->asker.arena, engine_rules(b->engine)->site,
			    &b->asker.settings);
	/* Nobody is needed to say that nothing may be asked. */
	b->asker.wanted = b->asker.settings.http;
	return share_tallies(b);
}

static void run_asker(struct builder *b, int control)
{
	struct err err;
	sigset_t none;

	builder_close_own(b);
	prctl(PR_SET_NAME, "mekikid-asker");
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fence_no_privileges();
	fence_asker_limits();
	if (fence_asker_files(b->asker.settings.ca_file, &err) < 0 ||
	    fence_asker_syscalls(&err) < 0) {
		log_error("%s", err.text);
		exit(71);
	}
	asker_run(control, &b->asker.settings);
}

static void start_asker(struct builder *b)
{
	struct asker_child *k = &b->asker;
	struct err err = { "" };
	int ends[2];

	k->started_us = clock_mono_us();
	if (chan_pair(ends, &err) < 0) {
		log_error("%s", err.text);
		k->due_us = k->started_us + ASKER_AGE_US;
		return;
	}
	k->pid = fork();
	if (k->pid == 0) {
		close(ends[0]);
		run_asker(b, ends[1]);
	}
	close(ends[1]);
	k->control = ends[0];
	fd_nonblock(k->control);
	if (k->pid < 0) {
		log_error("cannot fork the asker: %s", strerror(errno));
		k->pid = 0;
		fd_close(&k->control);
		k->due_us = k->started_us + ASKER_AGE_US;
	}
}

void builder_tend_asker(struct builder *b)
{
	struct asker_child *k = &b->asker;

	if (!k->wanted)
		return;
	if (!k->pid && clock_mono_us() >= k->due_us)
		start_asker(b);
	for (uint32_t i = 0; i < b->nslots && k->control >= 0; i++) {
		struct slot *s = &b->slots[i];

		if (s->asker_end >= 0 &&
		    asker_give(k->control, s->asker_end) > 0)
			fd_close(&s->asker_end);
	}
}

int64_t builder_asker_due(const struct builder *b)
{
	const struct asker_child *k = &b->asker;

	if (!k->wanted)
		return 0;
	if (!k->pid)
		return k->due_us ? k->due_us : 1;
	for (uint32_t i = 0; i < b->nslots; i++)
		if (b->slots[i].asker_end >= 0)
			return clock_mono_us() + GIVE_AGAIN_US;
	return 0;
}

bool builder_asker_ended(struct builder *b, pid_t pid, int status)
{
	struct asker_child *k = &b->asker;
	int64_t now = clock_mono_us();

	if (!k->pid || pid != k->pid)
		return false;
	k->pid = 0;
	fd_close(&k->control);
	if (now - k->started_us > ASKER_AGE_US)
		k->backoff_ms = 0;
	else
		k->backoff_ms = builder_backoff(k->backoff_ms);
	k->due_us = now + (int64_t)k->backoff_ms * 1000;
	if (WIFSIGNALED(status))
		log_warn("the asker died of signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		log_warn("the asker exited with status %d",
			 WEXITSTATUS(status));
	return true;
}

void builder_stop_asker(struct builder *b)
{
	fd_close(&b->asker.control);
	if (b->asker.pid) {
		kill(b->asker.pid, SIGKILL);
		waitpid(b->asker.pid, NULL, 0);
	}
	b->asker.pid = 0;
	b->asker.wanted = false;
}

void builder_log_rules(struct builder *b)
{
	const struct ruleset *rs = engine_rules(b->engine);
	struct m_log body = { .level = LOG_LEVEL_INFO };
	char line[1024];

	for (size_t i = 0; b->tallies && i < rs->nrules; i++) {
		const struct lua_tally *t = &b->tallies[i];
		const struct rule *r = &rs->rules[i];

		if (!t->calls)
			continue;
		snprintf(line, sizeof(line), "statistics: rule %.*s (%s:%d): "
			 "%u calls, %u hits, %u errors, %u strikes, %llu ms "
			 "of CPU time%s", STR_ARG(str_head(r->name, 200)),
			 r->file, r->line, t->calls, t->hits, t->errors,
			 t->strikes, (unsigned long long)t->cpu_us / 1000,
			 t->disabled ? ", disabled" : "");
		chan_send(b->front, M_LOG, &body, sizeof(body), line,
			  strlen(line), NULL, 0);
	}
}
