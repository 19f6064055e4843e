/*
 * What an administrator who comes from SpamAssassin should know of AWL and
 * TxRep before he wonders: what they remembered there is not read.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/ruleset.h"
#include "conf/settings.h"
#include "learn/senders.h"
#include "scan/scan_int.h"

#define STATE STR("__userstate__/")

static void warn(struct engine *e, const char *what, struct str value)
{
	diag_add(&e->rules->diags, DIAG_WARN, "", 0,
		 "%s %.*s: what SpamAssassin remembered there of senders is not "
		 "read; %s keeps its records where the `store` line says",
		 what, STR_ARG(str_head(value, 200)),
		 senders_plugin(e->rules->site) == SENDERS_AWL ? "AWL" :
								 "TxRep");
}

/* A file of this user's; DB_File adds nothing to its name. */
static bool exists(struct engine *e, struct str path)
{
	const char *home = getenv("HOME");

	if (!str_starts(path, STATE) || !home)
		return false;
	path = str_printf(e->arena, "%s/.spamassassin/%.*s", home,
			  STR_ARG(str_from(path, STATE.n)));
	return access(path.p, F_OK) == 0;
}

void senders_check(struct engine *e)
{
	const struct settings *s = e->rules->site;
	enum senders_plugin plugin = senders_plugin(s);
	struct str path = settings_option(s, STR("auto_welcomelist_path"));
	struct str dsn = settings_option(s, STR("user_awl_dsn"));

	if (plugin == SENDERS_NONE)
		return;
	if (dsn.n)
		warn(e, "user_awl_dsn", STR("(a database)"));
	else if (!str_starts(path, STATE) || exists(e, path))
		warn(e, "auto_welcomelist_path", path);
	if (plugin == SENDERS_AWL && settings_bool(s, STR("use_txrep")))
		diag_add(&e->rules->diags, DIAG_WARN, "", 0,
			 "use_txrep: TxRep does not run beside AWL: unload AWL "
			 "or set use_auto_welcomelist 0");
}
