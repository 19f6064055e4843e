/*
 * The modules rspamd_util and rspamd_parsers, put together.
 */
#include "lua/util.h"

#include "mail/psl.h"
#include "mail/utf8.h"

static void add_rows(lua_State *L, const struct lua_row *rows)
{
	for (const struct lua_row *r = rows; r->name; r++) {
		lua_pushcfunction(L, r->fn);
		lua_setfield(L, -2, r->name);
	}
}

/* Runs when the first script asks for the module, before workers are made:
 * what the functions need is loaded once for all of them. */
static void fill(lua_State *L)
{
	add_rows(L, lua_util_codec_rows);
	add_rows(L, lua_util_parse_rows);
	add_rows(L, lua_util_system_rows);
	psl_preload();
	utf8_preload();
}

const struct lua_module lua_util_module = {
	.name = "rspamd_util",
	.functions = lua_util_text_rows,
	.fill = fill,
};

const struct lua_module lua_parsers_module = {
	.name = "rspamd_parsers",
	.functions = lua_util_parse_rows,
};
