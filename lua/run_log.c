/*
 * What a run says in the log: each line with the rule that is running and the
 * message's id, and never more lines than its rule may write.
 */
#include "lua/vm.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"
#include "lua/sandbox.h"
#include "lua/symbols.h"
#include "match/selector.h"

struct str lua_run_message_id(struct lua_run *run)
{
	struct str id = str_trim(selector_get(run->msg, STR("Message-Id"),
					      NULL));

	return id.n ? str_head(id, 200) : STR("(without Message-ID)");
}

void lua_run_log(struct lua_run *run, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!lua_may_log(run->vm, strlen(text)))
		return;
	log_warn("%s%.*s%s%s (message %.*s)", run->current ? "rule " : "",
		 STR_ARG(run->current ? run->current->name : STR("")),
		 run->current ? ": " : "", text, STR_ARG(lua_run_message_id(run)));
}

void lua_unknown_symbol(struct lua_run *run, struct str name)
{
	struct str key = str_cat(run->arena, STR("unknown:"),
				 str_head(name, 100));

	if (map_has(&run->memo, key))
		return;
	map_set(&run->memo, key, (void *)key.p);
	lua_run_log(run, "no symbol is called '%.*s'",
		    STR_ARG(str_head(name, 100)));
}
