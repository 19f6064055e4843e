/*
 * rspamd_util: the clock, the host's name, and files, of which a script sees
 * only those that it may read while the configuration is loaded.
 */
#include <errno.h>
#include <glob.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "lua/util.h"

/* rspamd_util.get_time() -> number
 * Seconds since 1970, with fractions.
 * > assert(require("rspamd_util").get_time() > 1600000000)
 */
static int util_get_time(lua_State *L)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	lua_pushnumber(L, (lua_Number)now.tv_sec +
		       (lua_Number)now.tv_nsec / 1e9);
	return 1;
}

/* rspamd_util.get_ticks() -> number
 * Seconds of a clock that only goes forward, for measuring.
 * > local get_ticks = require("rspamd_util").get_ticks
 * > assert(get_ticks() <= get_ticks())
 */
static int util_get_ticks(lua_State *L)
{
	lua_pushnumber(L, (lua_Number)clock_mono_us() / 1e6);
	return 1;
}

/* rspamd_util.get_hostname() -> string
 * The name of this host.
 * > assert(#require("rspamd_util").get_hostname() > 0)
 */
static int util_get_hostname(lua_State *L)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) != 0 || !*name)
		snprintf(name, sizeof(name), "localhost");
	lua_pushstring(L, name);
	return 1;
}

/* rspamd_util.time_to_string([seconds]) -> string
 * A time (now, if none is given) as HTTP writes it.
 * > assert(require("rspamd_util").time_to_string(1234567890) == "Fri, 13 Feb 2009 23:31:30 GMT")
 */
static int util_time_to_string(lua_State *L)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t when = clock_now();
	lua_Number given;
	char text[80];
	struct tm tm;

	if (lua_type(L, 1) == LUA_TNUMBER) {
		given = lua_tonumber(L, 1);
		/* Years beyond ten thousand are no times. */
		if (!(fabs(given) < 253402300800.0))
			return luaL_error(L, "time_to_string: no such time");
		when = (time_t)given;
	}
	gmtime_r(&when, &tm);
	snprintf(text, sizeof(text), "%.3s, %02d %.3s %d %02d:%02d:%02d GMT",
		 days + tm.tm_wday * 3, tm.tm_mday, months + tm.tm_mon * 3,
		 tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	lua_pushstring(L, text);
	return 1;
}

/* The path at idx if the script may look at it; NULL and err if not. */
static const char *path_arg(lua_State *L, int idx, struct err *err)
{
	struct str path = str_cstr(luaL_checkstring(L, idx));

	/* Only while loading: paths live in the configuration's arena. */
	if (!lua_vm_of(L)->loader) {
		err_set(err, "files can only be looked at while rules are "
			"loaded");
		return NULL;
	}
	path = lua_path(L, path);
	return lua_may_read(lua_vm_of(L), path, err) ? path.p : NULL;
}

/* rspamd_util.file_exists(path) -> boolean [, error]
 * Whether there is a file that scripts may read. Only while files are loaded.
 * > assert(not require("rspamd_util").file_exists("/nowhere/at/all"))
 */
static int util_file_exists(lua_State *L)
{
	struct err err = { "" };
	const char *path = path_arg(L, 1, &err);

	if (path && access(path, F_OK) == 0) {
		lua_pushboolean(L, true);
		return 1;
	}
	lua_pushboolean(L, false);
	lua_pushstring(L, path ? strerror(errno) : err.text);
	return 2;
}

/* rspamd_util.stat(path) -> error or nil, {size, mtime, type}
 * What is known of a file that scripts may read. Only while files are loaded.
 * > local why, stat = require("rspamd_util").stat("/nowhere/at/all")
 * > assert(why and stat == nil)
 */
static int util_stat(lua_State *L)
{
	struct err err = { "" };
	const char *path = path_arg(L, 1, &err);
	struct stat st;

	if (!path || stat(path, &st) != 0) {
		lua_pushstring(L, path ? strerror(errno) : err.text);
		return 1;
	}
	lua_pushnil(L);
	lua_createtable(L, 0, 3);
	lua_field_int(L, "size", (long)st.st_size);
	lua_field_int(L, "mtime", (long)st.st_mtime);
	lua_field_str(L, "type", S_ISREG(st.st_mode) ? STR("regular") :
		      S_ISDIR(st.st_mode) ? STR("directory") : STR("special"));
	return 2;
}

/* rspamd_util.glob(pattern) -> {string, ...}
 * The files with names like the pattern that scripts may read. Only while
 * files are loaded.
 * > assert(#require("rspamd_util").glob("/nowhere/?") == 0)
 */
static int util_glob(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	const char *pattern = luaL_checkstring(L, 1);
	struct strs found = { 0 };
	glob_t g;

	if (vm->loader && glob(pattern, 0, NULL, &g) == 0) {
		for (size_t i = 0; i < g.gl_pathc; i++) {
			struct str path = str_cstr(g.gl_pathv[i]);

			if (lua_may_read(vm, path, NULL))
				strs_add(vm->arena, &found,
					 str_dup(vm->arena, path));
		}
		globfree(&g);
	}
	lua_push_strs(L, &found);
	return 1;
}

const struct lua_row lua_util_system_rows[] = {
	{ "file_exists", util_file_exists },
	{ "get_hostname", util_get_hostname },
	{ "get_ticks", util_get_ticks },
	{ "get_time", util_get_time },
	{ "glob", util_glob },
	{ "stat", util_stat },
	{ "time_to_string", util_time_to_string },
	{ NULL, NULL },
};
