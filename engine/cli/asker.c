/*
 * An asker for commands; see asker.h.
 */
#include "cli/asker.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/process.h"
#include "net/asker.h"

struct asker_client *cli_asker(const struct engine *e, struct arena *a)
{
	struct asker_settings *s;
	struct err err;
	pid_t pid;
	int fd;

	if (!engine_has_scripts(e))
		return NULL;
	s = arena_alloc(a, sizeof(*s));
	asker_settings_read(a, engine_rules(e)->site, s);
	/* Nobody is needed to say that nothing may be asked. */
	if (!s->http)
		return NULL;
	fd = asker_spawn(s, &pid, &err);
	if (fd < 0) {
		log_warn("rules in Lua cannot ask: %s", err.text);
		return NULL;
	}
	process_end_with(a, pid, fd);
	return asker_client_new(a, fd);
}
