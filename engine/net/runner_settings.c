/*
 * What the runner is told before it is forked; see runner.h.
 */
#include "net/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/ruleset.h"
#include "net/runner_int.h"

/* Two programs a processor, since they wait for files, too. */
#define AT_ONCE_LEAST 2
#define AT_ONCE_MOST 32

static unsigned at_once(void)
{
	long n = 2 * sysconf(_SC_NPROCESSORS_ONLN);

	return n < AT_ONCE_LEAST ? AT_ONCE_LEAST :
	       n > AT_ONCE_MOST ? AT_ONCE_MOST : (unsigned)n;
}

bool runner_settings_make(struct arena *a, const struct ruleset *rs,
			  struct runner_settings *out_r, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	struct str path;
	char *folder;

	*out_r = (struct runner_settings){ .programs = &rs->programs };
	err->text[0] = '\0';
	if (!rs->programs.n)
		return false;
	path = str_printf(a, "%s/mekiki-run.XXXXXX",
			  tmp && *tmp == '/' ? tmp : "/tmp");
	folder = arena_strndup(a, path.p, path.n);
	if (!mkdtemp(folder)) {
		err_set(err, "%s: %s", folder, strerror(errno));
		return false;
	}
	out_r->folder = folder;
	out_r->at_once = at_once();
	return true;
}

void runner_settings_end(struct runner_settings *s)
{
	if (s->folder)
		run_remove_folder(s->folder, false);
	s->folder = NULL;
}
