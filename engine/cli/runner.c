/*
 * A runner for commands; see runner.h.
 */
#include "cli/runner.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "net/runner.h"

struct own_runner {
	struct runner_settings settings;
	pid_t pid, owner;
	int fd;
};

/* It leaves when its client's socket is closed. A child that was forked
 * meanwhile has a copy of this, and nothing to do with it. */
static void end(void *obj)
{
	struct own_runner *o = obj;

	close(o->fd);
	if (o->owner != getpid())
		return;
	waitpid(o->pid, NULL, 0);
	runner_settings_end(&o->settings);
}

struct runner_client *cli_runner(const struct engine *e, struct arena *a)
{
	struct own_runner *o = arena_alloc(a, sizeof(*o));
	struct err err;

	if (!runner_settings_make(a, engine_rules(e), &o->settings, &err)) {
		if (*err.text)
			log_warn("programs cannot be run: %s", err.text);
		return NULL;
	}
	o->owner = getpid();
	o->fd = runner_spawn(&o->settings, &o->pid, &err);
	if (o->fd < 0) {
		log_warn("programs cannot be run: %s", err.text);
		runner_settings_end(&o->settings);
		return NULL;
	}
	arena_on_free(a, end, o);
	return runner_client_new(a, o->fd);
}
