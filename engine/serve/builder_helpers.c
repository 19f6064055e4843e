/*
 * The processes that workers ask, one of each kind a generation: the asker,
 * wanted only if there are rules in Lua, and the memory process, wanted unless
 * nothing is to be remembered; and the one with users' scores, wanted if the
 * site keeps them in a database, which the front asks; see builder_int.h.
 *
 * If a helper dies, the channels that it had end, and their workers leave as
 * soon as they have nothing to do; the builder starts another helper and other
 * workers. Channels of workers that are forked meanwhile wait here.
 */
#include "serve/builder_int.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "serve/chan.h"
#include "serve/fence.h"
#include "serve/scores.h"

/* A helper that lived shorter than this is not started again at once. */
#define HELPER_AGE_US 1000000
/* How soon a channel is offered again that a helper had no room for. */
#define GIVE_AGAIN_US 50000
/* How long a helper that was told to leave may take for it. */
#define LEAVE_US 3000000

/* What differs between the helpers. */
struct helper_kind {
	const char *name, *process;
	void (*run)(struct builder *b, int control);
	int (*give)(int control, int end);
	bool leaves;		/* by itself, when its control channel ends */
	bool fronts;		/* the front has the other end of that */
};

static void stop_unless(int rc, const struct err *err)
{
	if (rc == 0)
		return;
	log_error("%s", err->text);
	exit(71);
}

static void run_asker(struct builder *b, int control)
{
	struct err err;

	fence_no_privileges();
	fence_asker_limits();
	stop_unless(fence_asker_files(b->asker_settings.ca_file, &err), &err);
	stop_unless(fence_asker_syscalls(&err), &err);
	asker_run(control, &b->asker_settings);
}

/* Called when its files are open. */
static void fence_memory(void)
{
	struct err err;

	fence_no_privileges();
	fence_memory_limits();
	stop_unless(fence_asker_files(NULL, &err), &err);
	stop_unless(fence_memory_syscalls(&err), &err);
}

static void run_memory(struct builder *b, int control)
{
	memory_run(control, &b->memory_settings, fence_memory);
}

static void run_scores(struct builder *b, int channel)
{
	const struct dsn *dsn = &b->scores_settings.db.dsn;
	const char *file = dsn->kind == DSN_SQLITE ? dsn->database : NULL;
	struct err err;

	fence_no_privileges();
	fence_asker_limits();
	stop_unless(fence_scores_files(file, &err), &err);
	stop_unless(fence_scores_syscalls(file != NULL, &err), &err);
	scores_run(channel, &b->scores_settings);
}

static void run_runner(struct builder *b, int control)
{
	struct err err;

	fence_no_privileges();
	fence_memory_limits();
	stop_unless(fence_runner_files(b->runner_settings.folder,
				       b->runner_settings.programs, &err),
		    &err);
	runner_run(control, &b->runner_settings);
}

static const struct helper_kind kinds[HELPERS] = {
	[HELPER_ASKER] = { "asker", "mekikid-asker", run_asker, asker_give,
			   false, false },
	[HELPER_MEMORY] = { "memory process", "mekikid-memory", run_memory,
			    memory_give, true, false },
	[HELPER_SCORES] = { "process with users' scores", "mekikid-scores",
			    run_scores, NULL, true, true },
	[HELPER_RUNNER] = { "runner", "mekikid-runner", run_runner,
			    runner_give, true, false },
};

static void prepare_memory(struct builder *b, const char *user)
{
	struct memory_settings *ms = &b->memory_settings;
	struct err err;

	memory_settings_read(b->arena, engine_rules(b->engine)->site,
			     b->o->daemon->state_dir, ms);
	if (!memory_is_on(ms))
		return;
	if (memory_prepare(ms, user, &err) < 0)
		log_error("store: %s", err.text);
	b->helpers[HELPER_MEMORY].wanted = true;
}

static void prepare_scores(struct builder *b)
{
	const struct daemon_options *d = b->o->daemon;
	struct scores_settings *ss = &b->scores_settings;

	if (!d->sql_config && !d->setuid_with_sql)
		return;
	if (!scores_settings_read(b->arena, engine_rules(b->engine)->site,
				  ss)) {
		log_info("no user_scores_dsn: users have no scores of their "
			 "own");
		return;
	}
	if (ss->fault.n)
		log_error("%.*s", STR_ARG(ss->fault));
	if (ss->db.dsn.ignored.n)
		log_warn("user_scores_dsn: %.*s is ignored",
			 STR_ARG(ss->db.dsn.ignored));
	b->helpers[HELPER_SCORES].wanted = true;
}

static void prepare_runner(struct builder *b, const char *user)
{
	struct runner_settings *rs = &b->runner_settings;
	struct err err;

	if (!runner_settings_make(b->arena, engine_rules(b->engine), rs,
				  &err)) {
		if (*err.text)
			log_error("programs cannot be run: %s", err.text);
		return;
	}
	if (fence_give_folder(rs->folder, user, &err) < 0)
		log_error("programs cannot be run: %s", err.text);
	rs->fence = fence_program;
	b->helpers[HELPER_RUNNER].wanted = true;
}

void builder_prepare_helpers(struct builder *b, const char *user)
{
	b->arena = arena_new();
	b->memory_fd = -1;
	for (int i = 0; i < HELPERS; i++)
		b->helpers[i].control = -1;
	if (engine_has_scripts(b->engine)) {
		asker_settings_read(b->arena, engine_rules(b->engine)->site,
				    &b->asker_settings);
		/* Nobody is needed to say that nothing may be asked. */
		b->helpers[HELPER_ASKER].wanted = b->asker_settings.http;
	}
	prepare_memory(b, user);
	prepare_scores(b);
	prepare_runner(b, user);
}

static void run_child(struct builder *b, const struct helper_kind *kind,
		      int control)
{
	sigset_t none;

	builder_close_own(b);
	prctl(PR_SET_NAME, kind->process);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	kind->run(b, control);
}

/* Whom a helper serves has the other end of its channel. */
static void hand_to_front(struct builder *b, int *end)
{
	struct m_scores body = { .required = b->scores_settings.refuses };

	chan_send(b->front, M_SCORES, &body, sizeof(body), NULL, 0, end, 1);
	fd_close(end);
}

static void start(struct builder *b, enum helper which)
{
	const struct helper_kind *kind = &kinds[which];
	struct helper_child *k = &b->helpers[which];
	struct err err = { "" };
	int ends[2];

	k->started_us = clock_mono_us();
	if (chan_pair(ends, &err) < 0) {
		log_error("%s", err.text);
		k->due_us = k->started_us + HELPER_AGE_US;
		return;
	}
	k->pid = fork();
	if (k->pid == 0) {
		close(ends[0]);
		run_child(b, kind, ends[1]);
	}
	close(ends[1]);
	k->control = ends[0];
	fd_nonblock(k->control);
	if (k->pid < 0) {
		log_error("cannot fork the %s: %s", kind->name,
			  strerror(errno));
		k->pid = 0;
		fd_close(&k->control);
		k->due_us = k->started_us + HELPER_AGE_US;
	}
	if (kind->fronts && k->control >= 0)
		hand_to_front(b, &k->control);
}

static void tend(struct builder *b, enum helper which)
{
	struct helper_child *k = &b->helpers[which];

	if (!k->wanted)
		return;
	if (!k->pid && clock_mono_us() >= k->due_us)
		start(b, which);
	for (uint32_t i = 0; i < b->nslots && k->control >= 0; i++) {
		int *end = &b->slots[i].ends[which];

		if (*end >= 0 && kinds[which].give(k->control, *end) > 0)
			fd_close(end);
	}
}

void builder_tend_helpers(struct builder *b)
{
	for (int i = 0; i < HELPERS; i++)
		tend(b, (enum helper)i);
}

/* The builder's own channel to the memory process, made anew with it. */
static bool has_memory(struct builder *b)
{
	int ends[2];

	if (memory_client_alive(b->memory))
		return true;
	fd_close(&b->memory_fd);
	arena_free(&b->memory_arena);
	b->memory = NULL;
	if (b->helpers[HELPER_MEMORY].control < 0 || chan_pair(ends, NULL) < 0)
		return false;
	if (memory_give(b->helpers[HELPER_MEMORY].control, ends[1]) > 0) {
		b->memory_arena = arena_new();
		b->memory_fd = ends[0];
		b->memory = memory_client_new(b->memory_arena, ends[0]);
	} else {
		close(ends[0]);
	}
	close(ends[1]);
	return b->memory != NULL;
}

void builder_fill_lists(struct builder *b)
{
	if (!b->memory_settings.sets.n)
		return;
	tend(b, HELPER_MEMORY);
	if (has_memory(b))
		engine_fill_lists(b->engine, b->memory);
}

static int64_t due(const struct builder *b, enum helper which)
{
	const struct helper_child *k = &b->helpers[which];

	if (!k->wanted)
		return 0;
	if (!k->pid)
		return k->due_us ? k->due_us : 1;
	for (uint32_t i = 0; i < b->nslots; i++)
		if (b->slots[i].ends[which] >= 0)
			return clock_mono_us() + GIVE_AGAIN_US;
	return 0;
}

int64_t builder_helpers_due(const struct builder *b)
{
	int64_t next = 0;

	for (int i = 0; i < HELPERS; i++) {
		int64_t at = due(b, (enum helper)i);

		if (at && (!next || at < next))
			next = at;
	}
	return next;
}

static void note_end(struct builder *b, enum helper which, int status)
{
	struct helper_child *k = &b->helpers[which];
	int64_t now = clock_mono_us();

	k->pid = 0;
	fd_close(&k->control);
	if (now - k->started_us > HELPER_AGE_US)
		k->backoff_ms = 0;
	else
		k->backoff_ms = builder_backoff(k->backoff_ms);
	k->due_us = now + (int64_t)k->backoff_ms * 1000;
	if (WIFSIGNALED(status))
		log_warn("the %s died of signal %d (%s)", kinds[which].name,
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		log_warn("the %s exited with status %d", kinds[which].name,
			 WEXITSTATUS(status));
}

bool builder_helper_ended(struct builder *b, pid_t pid, int status)
{
	for (int i = 0; i < HELPERS; i++) {
		if (!b->helpers[i].pid || pid != b->helpers[i].pid)
			continue;
		note_end(b, (enum helper)i, status);
		return true;
	}
	return false;
}

/* Waits for a process that leaves by itself. False if it does not. */
static bool has_left(pid_t pid)
{
	int64_t until = clock_mono_us() + LEAVE_US;

	do {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return true;
		usleep(2000);
	} while (clock_mono_us() < until);
	return false;
}

void builder_stop_helpers(struct builder *b)
{
	for (int i = 0; i < HELPERS; i++) {
		struct helper_child *k = &b->helpers[i];

		k->wanted = false;
		fd_close(&k->control);
		if (k->pid && !(kinds[i].leaves && has_left(k->pid))) {
			kill(k->pid, SIGKILL);
			waitpid(k->pid, NULL, 0);
		}
		k->pid = 0;
	}
	runner_settings_end(&b->runner_settings);
}
