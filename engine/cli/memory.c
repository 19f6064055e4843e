/*
 * A memory process for commands; see memory.h.
 */
#include "cli/memory.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/process.h"
#include "conf/settings.h"

#define STATE_DIR "/var/lib/mekiki"

/* The store that nobody named: only if a daemon made it, or we can. */
static int check_default(const struct engine *e,
			 const struct memory_settings *ms, struct err *err)
{
	const struct settings *s = engine_rules(e)->site;
	const struct store_url *url = &ms->homes[HOME_MAIN].url;
	char path[4096];

	if (settings_option(s, STR("store")).n || url->scheme != STORE_LMDB ||
	    url->path.n >= sizeof(path))
		return 0;
	memcpy(path, url->path.p, url->path.n);
	path[url->path.n] = '\0';
	if (access(path, R_OK | W_OK | X_OK) == 0)
		return 0;
	return err_set(err, "nothing is remembered: there is no `store` line, "
		       "and %s cannot be used: %s", path, strerror(errno));
}

int cli_memory_open(const struct engine *e, struct arena *a,
		    const char *state_dir, struct cli_memory *m,
		    struct err *err)
{
	pid_t pid;
	int fd;

	*m = (struct cli_memory){ 0 };
	memory_settings_read(a, engine_rules(e)->site,
			     state_dir ? state_dir : STATE_DIR, &m->settings);
	if (m->settings.faults.n)
		return err_set(err, "%.*s", STR_ARG(m->settings.faults));
	if (!memory_is_on(&m->settings))
		return err_set(err, "nothing is remembered: store none");
	/* A folder that was named, for a store or for everything, is made. */
	if (state_dir || settings_option(engine_rules(e)->site,
					 STR("store")).n)
		memory_prepare(&m->settings, NULL, err);
	if (check_default(e, &m->settings, err) < 0)
		return -1;
	fd = memory_spawn(&m->settings, &pid, err);
	if (fd < 0)
		return -1;
	/* It writes what it holds before it leaves. */
	process_end_with(a, pid, fd);
	m->client = memory_client_new(a, fd);
	return 0;
}

void cli_memory_for_scan(struct engine *e, struct arena *a,
			 const char *state_dir, struct cli_memory *m,
			 struct scan_options *opt)
{
	struct err err;

	if (cli_memory_open(e, a, state_dir, m, &err) < 0)
		log_debug("memory", "%s", err.text);
	engine_fill_lists(e, m->client);
	opt->memory = m->client;
	opt->memory_settings = &m->settings;
}
