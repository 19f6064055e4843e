/*
 * An asker for commands; see asker.h.
 */
#include "cli/asker.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "net/asker.h"

struct own_asker {
	struct asker_settings settings;
	pid_t pid;
	int fd;
};

/* It leaves when its client's socket is closed. */
static void end(void *obj)
{
	struct own_asker *o = obj;

	close(o->fd);
	waitpid(o->pid, NULL, 0);
}

struct asker_client *cli_asker(const struct engine *e, struct arena *a)
{
	struct own_asker *o;
	struct err err;

	if (!engine_has_scripts(e))
		return NULL;
	o = arena_alloc(a, sizeof(*o));
	asker_settings_read(a, engine_rules(e)->site, &o->settings);
	/* Nobody is needed to say that nothing may be asked. */
	if (!o->settings.http)
		return NULL;
	o->fd = asker_spawn(&o->settings, &o->pid, &err);
	if (o->fd < 0) {
		log_warn("rules in Lua cannot ask: %s", err.text);
		return NULL;
	}
	arena_on_free(a, end, o);
	return asker_client_new(a, o->fd);
}
