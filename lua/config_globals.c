/*
 * The globals of rspamd's scripts: rspamd_config, config, where rspamd keeps
 * its files, and the tables that scripts of rspamd's leave things in for one
 * another. Paths are rspamd's, but for LOCAL_CONFDIR, which is the folder
 * above a lua.local.d that the configuration names.
 */
#include "lua/config.h"

#include "lua/load.h"
#include "lua/sandbox.h"
#include "lua/symbols.h"

/* Paths that rspamd's files look at. */
static void push_paths(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct str local = vm->local_dir.p ? vm->local_dir :
		STR("/etc/rspamd");

	lua_newtable(L);
	lua_field_str(L, "CONFDIR", STR("/etc/rspamd"));
	lua_field_str(L, "LOCAL_CONFDIR", local);
	lua_field_str(L, "RULESDIR", STR("/usr/share/rspamd/rules"));
	lua_field_str(L, "PLUGINSDIR", STR("/usr/share/rspamd/plugins"));
	lua_field_str(L, "LUALIBDIR", STR("/usr/share/rspamd/lualib"));
	lua_field_str(L, "SHAREDIR", STR("/usr/share/rspamd"));
	lua_field_str(L, "DBDIR", STR("/var/lib/rspamd"));
	lua_field_str(L, "RUNDIR", STR("/run/rspamd"));
	lua_field_str(L, "LOGDIR", STR("/var/log/rspamd"));
}

void lua_globals_rspamd(lua_State *L)
{
	lua_object_new(L, &lua_config_class, 1);
	lua_setglobal(L, "rspamd_config");
	lua_newtable(L);
	lua_regexp_watch(L);
	lua_setglobal(L, "config");
	push_paths(L);
	lua_setglobal(L, "rspamd_paths");
	/* These are the scripts' own: they may be assigned. */
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = { "rspamd_plugins",
			"rspamd_maps", "rspamd_classifiers" };

		lua_newtable(L);
		lua_globals_set(L, names[i]);
	}
	/* What rspamd's own main script calls before all others. */
	lua_module_push(L, "global_functions");
	lua_call(L, 0, 0);
}
