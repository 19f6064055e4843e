/*
 * Options for scripts. A site that comes from rspamd keeps its files: what
 * stands in local.d/multimap.conf is the section "multimap" here, too. A site
 * without them writes lua_option lines in a .cf file.
 *
 * Everything is read before the first script, so that a callback may ask as
 * well as a script that is loading, and so that a file with a fault is told
 * of even if nobody asks for it.
 */
#include "lua/options.h"

#include <dirent.h>

#include "base/arena.h"
#include "base/map.h"
#include "conf/script.h"
#include "conf/settings.h"
#include "lua/files.h"
#include "lua/ucl.h"

#define FILE_MAX ((size_t)1 << 20)
#define FILES_MAX 500

/* The section's tree, made if it is not there. */
static struct ucl_value *section_of(struct lua_vm *vm, struct str name)
{
	struct ucl_value *v = map_get(&vm->options, name);

	if (!v) {
		v = ucl_object(vm->arena);
		map_set(&vm->options, name, v);
	}
	return v;
}

/* "line N: why" of the parser, told at its line. */
static void fault(struct lua_vm *vm, struct str path, const struct err *err)
{
	struct str text = str_cstr(err->text), line;
	const char *file = str_dup(vm->arena, path).p;
	long n = 0;
	ssize_t colon = str_find(text, STR(": "));

	if (str_starts(text, STR("line ")) && colon > 5) {
		line = str_make(text.p + 5, (size_t)colon - 5);
		if (str_to_long(line, &n))
			text = str_from(text, (size_t)colon + 2);
	}
	script_fault(vm->loader, DIAG_WARN, file, (int)n, "%.*s",
		     STR_ARG(text));
}

static void read_file(struct lua_vm *vm, struct str path, struct str section)
{
	struct strs skipped = { 0 };
	struct err err = { "" };
	struct ucl_value *tree;
	struct str text;

	if (!lua_file_read(vm->arena, path, FILE_MAX, &text, NULL, &err)) {
		fault(vm, path, &err);
		return;
	}
	tree = ucl_parse(vm->arena, text, &skipped, &err);
	if (tree && tree->type != UCL_OBJECT) {
		err_set(&err, "line 1: a list is no section");
		tree = NULL;
	}
	if (!tree) {
		fault(vm, path, &err);
		return;
	}
	for (size_t i = 0; i < skipped.n; i++)
		script_fault(vm->loader, DIAG_WARN,
			     str_dup(vm->arena, path).p, 0,
			     "%.*s: not followed here", STR_ARG(skipped.v[i]));
	ucl_merge(vm->arena, section_of(vm, section), tree);
}

/* The section that a file's name means; STR_NONE for other files. */
static struct str section_name(struct arena *a, const char *name)
{
	struct str s = str_cstr(name), stem = STR_NONE;

	if (str_starts(s, STR(".")))
		return STR_NONE;
	if (str_ends(s, STR(".conf")))
		stem = str_head(s, s.n - 5);
	else if (str_ends(s, STR(".inc")))
		stem = str_head(s, s.n - 4);
	return stem.n ? str_dup(a, stem) : STR_NONE;
}

static void read_folder(struct lua_vm *vm, const char *sub)
{
	struct str dir = str_printf(vm->arena, "%.*s/%s",
				    STR_ARG(vm->local_dir), sub);
	struct strs names = { 0 };
	struct dirent *e;
	DIR *d = opendir(dir.p);

	if (!d)
		return;
	while (names.n < FILES_MAX && (e = readdir(d)))
		strs_add(vm->arena, &names,
			 str_dup(vm->arena, str_cstr(e->d_name)));
	closedir(d);
	/* In an order that is the same on every machine. */
	strs_sort(&names);
	for (size_t i = 0; i < names.n; i++) {
		struct str section = section_name(vm->arena, names.v[i].p);

		if (section.p)
			read_file(vm, str_printf(vm->arena, "%.*s/%.*s",
				  STR_ARG(dir), STR_ARG(names.v[i])), section);
	}
}

/* Sets value under a dotted key: a.b is b in the table a. */
static void set_dotted(struct lua_vm *vm, struct ucl_value *object,
		       struct str key, struct ucl_value *value)
{
	struct str piece, rest = key;
	struct ucl_value *inner;

	while (str_next(&rest, '.', &piece) && rest.p) {
		inner = map_get(object->map, piece);
		if (!inner || inner->type != UCL_OBJECT) {
			inner = ucl_object(vm->arena);
			map_set(object->map, piece, inner);
		}
		object = inner;
	}
	map_set(object->map, piece, value);
}

static void read_line(struct lua_vm *vm, struct str line)
{
	struct str section, key, rest = line;
	struct ucl_value *value;
	struct err err;

	if (!str_next_word(&rest, &section) || !str_next_word(&rest, &key) ||
	    str_trim(rest).n == 0) {
		script_fault(vm->loader, DIAG_ERROR, "lua_option", 0,
			     "expected a section, a key and a value: %.*s",
			     STR_ARG(line));
		return;
	}
	value = ucl_parse_value(vm->arena, str_trim(rest), &err);
	if (!value) {
		script_fault(vm->loader, DIAG_ERROR, "lua_option", 0,
			     "%.*s: %s", STR_ARG(line), err.text);
		return;
	}
	set_dotted(vm, section_of(vm, section), key, value);
}

void lua_options_load(struct lua_vm *vm)
{
	const struct strs *lines = settings_list(vm->settings,
						 STR("lua_option"));

	if (vm->local_dir.p) {
		read_folder(vm, "local.d");
		read_folder(vm, "override.d");
	}
	for (size_t i = 0; lines && i < lines->n; i++)
		read_line(vm, lines->v[i]);
}

/* rspamd_config:get_all_opt(section) -> table or nil
 * All options of a section: of local.d/SECTION.conf and override.d/SECTION.conf
 * beside a lua.local.d that the configuration names, and of lines
 * `lua_option SECTION KEY VALUE`. Each call makes a new table.
 * > assert(rspamd_config:get_all_opt("no-such-section") == nil)
 */
int lua_config_get_all_opt(lua_State *L)
{
	struct ucl_value *v = map_get(&lua_vm_of(L)->options,
				      lua_str_arg(L, 2));

	if (v)
		lua_ucl_push(L, v);
	else
		lua_pushnil(L);
	return 1;
}

/* rspamd_config:get_module_opt(section, key) -> value or nil
 * One option of a section.
 * > assert(rspamd_config:get_module_opt("no-such-section", "key") == nil)
 */
int lua_config_get_module_opt(lua_State *L)
{
	struct ucl_value *v = map_get(&lua_vm_of(L)->options,
				      lua_str_arg(L, 2));

	v = ucl_get(v, lua_str_arg(L, 3));
	if (v)
		lua_ucl_push(L, v);
	else
		lua_pushnil(L);
	return 1;
}

/* rspamd_config:get_key(section) -> table or nil
 * The same as get_all_opt.
 * > assert(rspamd_config:get_key("no-such-section") == nil)
 */
int lua_config_get_key(lua_State *L)
{
	return lua_config_get_all_opt(L);
}

/* rspamd_config:get_ucl() -> table
 * All sections.
 * > assert(type(rspamd_config:get_ucl()) == "table")
 */
int lua_config_get_ucl(lua_State *L)
{
	struct map *options = &lua_vm_of(L)->options;
	struct map_entry *e;
	size_t i = 0;

	lua_newtable(L);
	while ((e = map_next(options, &i))) {
		lua_push_str(L, e->key);
		lua_ucl_push(L, e->value);
		lua_rawset(L, -3);
	}
	return 1;
}
