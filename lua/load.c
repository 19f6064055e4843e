/*
 * The files of a configuration that are scripts: each is run once, in the
 * order in which SpamAssassin would read them; a fault in one is told with
 * file and line, and the others go on. What a file defined before its fault
 * stays, as with rule files.
 *
 * A script may read files, but only while it is loaded, and only in folders
 * that the administrator named: those of the configuration, of the scripts
 * themselves, and of an rspamd folder (the parent of lua.local.d).
 */
#include "lua/load.h"

#include <errno.h>
#include <stdlib.h>

#include "conf/script.h"
#include "lua/lint.h"
#include "lua/options.h"
#include "lua/files.h"
#include "lua/sandbox.h"
#include "lua/symbols.h"

#define SCRIPT_MAX ((size_t)4 << 20)

struct loader *lua_loading(lua_State *L, const char *what)
{
	struct lua_vm *vm = lua_vm_of(L);

	if (!vm->loader)
		luaL_error(L, "%s is only possible while rules are loaded",
			   what);
	return vm->loader;
}

static bool is_under(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	return strncmp(path, dir, n) == 0 &&
	       (path[n] == '/' || path[n] == '\0' || n == 1);
}

/* The folder of a file; for a script in lua.local.d the one above as well,
 * where its local.d and maps are. */
static struct str folder_of(struct arena *a, struct str path)
{
	ssize_t slash = str_rchr(path, '/');
	struct str dir = slash > 0 ? str_head(path, (size_t)slash) : STR(".");

	if (str_ends(dir, STR("/lua.local.d")))
		dir = str_head(dir, dir.n - strlen("/lua.local.d"));
	return str_dup(a, dir);
}

bool lua_may_read(struct lua_vm *vm, struct str path, struct err *err)
{
	struct loader *ld = vm->loader;
	char *real;
	bool ok = false;

	if (!ld) {
		err_set(err, "files can only be read while rules are loaded");
		return false;
	}
	if (memchr(path.p, '\0', path.n)) {
		err_set(err, "a path with a NUL in it");
		return false;
	}
	/* Links are followed first: what counts is where the file is. */
	real = realpath(str_dup(vm->arena, path).p, NULL);
	if (!real) {
		err_set(err, "%.*s: %s", STR_ARG(path), strerror(errno));
		return false;
	}
	for (size_t i = 0; i < ld->readable.n && !ok; i++)
		ok = is_under(real, ld->readable.v[i].p);
	free(real);
	if (!ok)
		err_set(err, "%.*s: scripts may only read below the folders of "
			"the configuration", STR_ARG(path));
	return ok;
}

struct str lua_path(lua_State *L, struct str path)
{
	struct lua_vm *vm = lua_vm_of(L);
	const char *file;
	ssize_t slash;
	int line;

	if (path.n && path.p[0] == '/')
		return str_dup(vm->arena, path);
	lua_where(L, &file, &line);
	slash = str_rchr(str_cstr(file), '/');
	return str_printf(vm->arena, "%.*s%.*s", (int)(slash + 1), file,
			  STR_ARG(path));
}

/* Folders are compared by where they really are. */
static void add_readable(struct loader *ld, struct str dir)
{
	char *real = realpath(str_dup(ld->a, dir).p, NULL);

	if (!real)
		return;
	if (!strs_has(&ld->readable, str_cstr(real)))
		strs_add(ld->a, &ld->readable,
			 str_dup(ld->a, str_cstr(real)));
	free(real);
}

bool lua_file_push(lua_State *L, struct str path)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct str text, name;
	struct err err;

	if (!lua_may_read(vm, path, &err)) {
		lua_pushstring(L, err.text);
		return false;
	}
	if (!lua_file_read(vm->arena, path, SCRIPT_MAX, &text, NULL, &err)) {
		lua_pushstring(L, err.text);
		return false;
	}
	if (str_starts(text, STR("#"))) {
		ssize_t end = str_chr(text, '\n');

		text = str_from(text, end < 0 ? text.n : (size_t)end);
	}
	name = str_cat(vm->arena, STR("@"), path);
	return luaL_loadbufferx(L, text.p, text.n, name.p, "t") == LUA_OK;
}

/* A text like "/etc/x.lua:12: what" is taken apart, so that the fault points
 * at its line. */
static void fault(struct lua_vm *vm, struct str path, struct str text)
{
	struct str rest = text, number;
	struct str where = path;
	size_t n = 0;
	long line = 0;
	ssize_t colon = str_find(text, STR(".lua:"));

	if (colon >= 0) {
		where = str_head(text, (size_t)colon + 4);
		rest = str_from(text, where.n + 1);
		while (n < rest.n && is_digit((unsigned char)rest.p[n]))
			n++;
		number = str_head(rest, n);
		if (!str_to_long(number, &line) || line > 1000000)
			line = 0;
		rest = line ? str_trim(str_from(rest, n + 1)) : text;
	}
	if (!line)
		where = path;
	script_fault(vm->loader, DIAG_ERROR, str_dup(vm->arena, where).p,
		     (int)line, "%.*s", STR_ARG(rest));
}

static int with_traceback(lua_State *L)
{
	if (lua_type(L, 1) != LUA_TSTRING)
		luaL_tolstring(L, 1, NULL);
	return 1;
}

static void run_file(struct lua_vm *vm, struct str path)
{
	lua_State *L = vm->L;
	int top = lua_gettop(L);
	enum lua_spent spent;
	bool ok;

	lua_pushcfunction(L, with_traceback);
	if (!lua_file_push(L, path)) {
		fault(vm, path, lua_str_arg(L, -1));
		lua_settop(L, top);
		return;
	}
	lua_meter_begin(vm, L, NULL);
	ok = lua_pcall(L, 0, 0, top + 1) == LUA_OK;
	spent = lua_meter_end(vm);
	if (spent != SPENT_NOTHING)
		script_fault(vm->loader, DIAG_ERROR, path.p, 0, "loading it "
			     "took more than its budget of %s",
			     lua_spent_name(spent));
	else if (!ok)
		fault(vm, path, lua_type(L, -1) == LUA_TSTRING ?
		      lua_str_arg(L, -1) : STR("an error without a text"));
	lua_settop(L, top);
}

static void note_local_dir(struct lua_vm *vm, struct str path)
{
	struct str dir = folder_of(vm->arena, path);

	if (!vm->local_dir.p && str_find(path, STR("/lua.local.d/")) >= 0)
		vm->local_dir = dir;
}

/* What can be seen without running them. */
static void check_files(struct lua_vm *vm, struct loader *ld, bool partial)
{
	struct strs paths = { 0 }, texts = { 0 };
	struct str text;
	struct err err;

	for (size_t i = 0; i < ld->scripts.n; i++) {
		if (!lua_file_read(ld->a, ld->scripts.v[i], SCRIPT_MAX,
				   &text, NULL, &err))
			continue;
		strs_add(ld->a, &paths, ld->scripts.v[i]);
		strs_add(ld->a, &texts, text);
	}
	lua_lint(vm, ld, &paths, &texts, partial);
}

void lua_scripts_load(void *vm_r, struct loader *ld)
{
	struct lua_vm **out = vm_r;
	size_t errors = ld->diags->nerrors;
	struct lua_vm *vm;

	*out = NULL;
	if (ld->scripts.n == 0)
		return;
	vm = lua_vm_new(ld);
	if (!vm)
		return;
	*out = vm;
	for (size_t i = 0, n = ld->readable.n; i < n; i++)
		add_readable(ld, ld->readable.v[i]);
	for (size_t i = 0; i < ld->scripts.n; i++) {
		struct str path = ld->scripts.v[i];

		add_readable(ld, folder_of(ld->a, path));
		note_local_dir(vm, path);
	}
	lua_options_load(vm);
	for (size_t i = 0; i < ld->scripts.n; i++)
		run_file(vm, ld->scripts.v[i]);
	lua_symbols_finish(vm);
	if (ld->lint)
		check_files(vm, ld, ld->diags->nerrors > errors);
	lua_vm_seal(vm);
}

/* require(name) -> module
 * One of the modules that this page names; there are no others, and no files
 * are searched.
 * > local rspamd_util = require "rspamd_util"
 * > assert(rspamd_util.get_tld("www.example.co.uk") == "example.co.uk")
 * > assert(not pcall(require, "ffi"))
 */
static int load_require(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);

	if (lua_module_push(L, name))
		return 1;
	return luaL_error(L, "module '%s' not found", name);
}

/* dofile(path) -> what the file returns
 * Runs another Lua file of the configuration, while rules are loaded. A path
 * that does not begin with '/' is seen from the file that says it.
 * > -- while loading
 * > assert(dofile("more/answer.lua") == 42)
 */
static int load_dofile(lua_State *L)
{
	struct str path = lua_str_arg(L, 1);

	lua_loading(L, "dofile");
	if (!lua_file_push(L, lua_path(L, path)))
		return lua_error(L);
	lua_call(L, 0, LUA_MULTRET);
	return lua_gettop(L) - 1;
}

/* loadfile(path) -> function, or nil and why not
 * Compiles another Lua file of the configuration, while rules are loaded.
 * > -- while loading
 * > local answer = assert(loadfile("more/answer.lua"))
 * > assert(answer() == 42)
 * > assert(not loadfile("more/none.lua"))
 */
static int load_loadfile(lua_State *L)
{
	struct str path = lua_str_arg(L, 1);

	lua_loading(L, "loadfile");
	if (lua_file_push(L, lua_path(L, path)))
		return 1;
	lua_pushnil(L);
	lua_insert(L, -2);
	return 2;
}

const struct lua_row lua_load_rows[] = {
	{ "require", load_require },
	{ "dofile", load_dofile },
	{ "loadfile", load_loadfile },
	{ 0 },
};
