/*
 * Directives that SpamAssassin does not know. They stand in our own folder
 * (/etc/mekiki) or inside `ifplugin Mekiki ... endif`, which SpamAssassin
 * skips, so that its lint of the same site stays clean; anywhere else they
 * work too, with a warning.
 */
#include "conf/setters.h"

static const struct keyword rows[] = {
	{ "own_rules", .type = KW_BOOL, .flags = KW_ADMIN | KW_OWN, .def = "1",
	  .doc = "0 in a .pre file leaves the rules out that come with mekiki." },
	{ "lua_file", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_script_path,
	  .doc = "Another script with rules, or a folder of them." },
	{ "lua_local_d", .type = KW_CODE, .flags = KW_ADMIN | KW_OWN,
	  .code = set_script_path,
	  .doc = "An rspamd folder lua.local.d; options are read from local.d beside it." },
};

const struct keyword *keywords_own(size_t *n_r)
{
	*n_r = sizeof(rows) / sizeof(rows[0]);
	return rows;
}
