/*
 * rspamd_config:add_map and its older forms. A map's source is a path ("/...",
 * "file://..."), a list of them, or the entries themselves. Sources on the net
 * are not read here: a warning, and the map stays without them.
 */
#include "base/arena.h"
#include "conf/script.h"
#include "lua/map.h"

#define SOURCES_MAX 100
#define LINES_MAX 1000000
/* Of tables in a source: { url = { url = ... } } and lists. */
#define DEPTH_MAX 4

static const struct {
	const char *name;
	enum map_kind kind;
	bool multi;
} kinds[] = {
	{ "set", MAP_SET, false },
	{ "map", MAP_HASH, false }, { "hash", MAP_HASH, false },
	{ "radix", MAP_RADIX, false }, { "ipnet", MAP_RADIX, false },
	{ "regexp", MAP_REGEXP, false }, { "re", MAP_REGEXP, false },
	{ "regexp_multi", MAP_REGEXP, true },
	{ "glob", MAP_GLOB, false }, { "glob_multi", MAP_GLOB, true },
	{ "callback", MAP_CALLBACK, false },
};

/* Where a fault is told while rules are loaded. */
struct place {
	struct loader *ld;
	const char *file;
	int line;
};

static void say_fault(void *ctx, const char *text)
{
	const struct place *p = ctx;

	script_fault(p->ld, DIAG_WARN, p->file, p->line, "%s", text);
}

static void free_data(void *obj)
{
	map_data_free(&((struct lua_map *)obj)->data);
}

static struct lua_map *new_map(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct lua_map *m = arena_alloc(vm->arena, sizeof(*m));

	m->callback = LUA_NOREF;
	m->uri = m->name = STR("static");
	arena_on_free(vm->arena, free_data, m);
	return m;
}

/* ---- sources ---- */

/* $LOCAL_CONFDIR and $CONFDIR, with braces or without: where lua.local.d
 * is. */
static struct str expand(struct lua_vm *vm, struct str path)
{
	static const char *const names[] = {
		"$LOCAL_CONFDIR", "${LOCAL_CONFDIR}", "$CONFDIR", "${CONFDIR}",
	};

	for (size_t i = 0; vm->local_dir.p &&
	     i < sizeof(names) / sizeof(*names); i++)
		if (str_starts(path, str_cstr(names[i])))
			return str_cat(vm->arena, vm->local_dir,
				       str_from(path, strlen(names[i])));
	return path;
}

/* A file that is not there yet may come later: its folder decides. */
static bool may_read(struct lua_vm *vm, struct str path, struct err *err)
{
	ssize_t slash = str_rchr(path, '/');
	struct err second;

	if (lua_may_read(vm, path, err))
		return true;
	return slash > 0 && lua_file_mark(path.p).ino == 0 &&
	       lua_may_read(vm, str_head(path, (size_t)slash), &second);
}

static void add_place(lua_State *L, struct lua_map *m, struct str source,
		      struct place *place)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct err err;

	if (str_istarts(source, STR("fallback+")))
		source = str_from(source, 9);
	if (str_istarts(source, STR("http:")) ||
	    str_istarts(source, STR("https:"))) {
		script_fault(place->ld, DIAG_WARN, place->file, place->line,
			     "maps are not read from the net here: %.*s",
			     STR_ARG(source));
		return;
	}
	if (str_istarts(source, STR("file://")))
		source = str_from(source, 7);
	if (memchr(source.p, '\0', source.n))
		luaL_error(L, "a path with a NUL in it");
	source = lua_path(L, expand(vm, source));
	if (!may_read(vm, source, &err)) {
		script_fault(place->ld, DIAG_WARN, place->file, place->line,
			     "map: %s", err.text);
		return;
	}
	strs_add(vm->arena, &m->paths, source);
	if (m->paths.n == 1)
		m->uri = m->name = source;
}

static bool is_entries(lua_State *L, int idx)
{
	static const char *const words[] = { "url", "urls", "upstreams" };
	bool yes = false;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		lua_getfield(L, idx, words[i]);
		if (lua_type(L, -1) == LUA_TSTRING)
			yes = yes || strcmp(lua_tostring(L, -1), "static") == 0;
		lua_pop(L, 1);
	}
	return yes;
}

/* The strings of the list at idx. */
static void add_lines(lua_State *L, struct lua_map *m, int idx)
{
	struct lua_vm *vm = lua_vm_of(L);
	lua_Integer n = (lua_Integer)lua_rawlen(L, idx);

	for (lua_Integer i = 1; i <= n && i <= LINES_MAX; i++) {
		lua_rawgeti(L, idx, i);
		strs_add(vm->arena, &m->lines,
			 str_dup(vm->arena, lua_str_arg(L, -1)));
		lua_pop(L, 1);
	}
}

/* A table of keys and values, as lines. */
static void add_pairs(lua_State *L, struct lua_map *m, int idx)
{
	struct lua_vm *vm = lua_vm_of(L);

	for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
		struct str key, value = STR("");

		if (lua_type(L, -2) != LUA_TSTRING)
			continue;
		key = lua_str_arg(L, -2);
		if (str_chr(key, '"') >= 0 || str_chr(key, '\n') >= 0)
			continue;
		if (lua_type(L, -1) == LUA_TSTRING ||
		    lua_type(L, -1) == LUA_TNUMBER) {
			lua_pushvalue(L, -1);
			value = str_dup(vm->arena, lua_str_arg(L, -1));
			lua_pop(L, 1);
		}
		strs_add(vm->arena, &m->lines, str_printf(vm->arena,
			 "\"%.*s\" %.*s", STR_ARG(key), STR_ARG(value)));
	}
}

static void add_source(lua_State *L, struct lua_map *m, int idx,
		       struct place *place, unsigned depth);

static void add_source_table(lua_State *L, struct lua_map *m, int idx,
			     struct place *place, unsigned depth)
{
	lua_Integer n = (lua_Integer)lua_rawlen(L, idx);

	if (is_entries(L, idx)) {
		lua_getfield(L, idx, "data");
		if (lua_type(L, -1) == LUA_TTABLE)
			add_lines(L, m, lua_gettop(L));
		else if (lua_type(L, -1) == LUA_TSTRING)
			strs_add(lua_vm_of(L)->arena, &m->lines,
				 str_dup(lua_vm_of(L)->arena,
					 lua_str_arg(L, -1)));
		lua_pop(L, 1);
		return;
	}
	for (lua_Integer i = 1; i <= n && i <= SOURCES_MAX; i++) {
		lua_rawgeti(L, idx, i);
		add_source(L, m, lua_gettop(L), place, depth + 1);
		lua_pop(L, 1);
	}
	if (n)
		return;
	if (lua_getfield(L, idx, "url") == LUA_TNIL) {
		lua_pop(L, 1);
		lua_getfield(L, idx, "urls");
	}
	if (lua_isnil(L, -1))
		add_pairs(L, m, idx);
	else
		add_source(L, m, lua_gettop(L), place, depth + 1);
	lua_pop(L, 1);
}

static void add_source(lua_State *L, struct lua_map *m, int idx,
		       struct place *place, unsigned depth)
{
	luaL_checkstack(L, 8, NULL);
	if (lua_type(L, idx) == LUA_TTABLE && depth < DEPTH_MAX)
		add_source_table(L, m, idx, place, depth);
	else if (lua_type(L, idx) == LUA_TSTRING)
		add_place(L, m, lua_str_arg(L, idx), place);
	else
		luaL_error(L, "add_map: a source must be a path or a table");
}

/* ---- adding ---- */

/* Keeps m, reads it, and pushes the object. */
static int finish(lua_State *L, struct lua_map *m, struct place *place)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct lua_map **object;

	if (m->paths.n)
		m->marks = arena_alloc(vm->arena,
				       m->paths.n * sizeof(*m->marks));
	vm->maps = arena_grow(vm->arena, vm->maps, vm->nmaps, &vm->maps_cap,
			      sizeof(*vm->maps));
	vm->maps[vm->nmaps++] = m;
	map_load(m, say_fault, place);
	if (m->callback != LUA_NOREF) {
		lua_rawgeti(L, LUA_REGISTRYINDEX, m->callback);
		lua_push_str(L, m->data->text.p ? m->data->text : STR(""));
		lua_call(L, 1, 0);
	}
	object = lua_object_new(L, &lua_map_class, sizeof(*object));
	*object = m;
	return 1;
}

static void set_kind(lua_State *L, struct lua_map *m, const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		m->kind = kinds[i].kind;
		m->multi = kinds[i].multi;
		return;
	}
	luaL_error(L, "add_map: unknown type '%s'", name);
}

static void read_fields(lua_State *L, struct lua_map *m, struct place *place)
{
	struct lua_vm *vm = lua_vm_of(L);

	if (lua_getfield(L, 2, "type") == LUA_TSTRING)
		set_kind(L, m, lua_tostring(L, -1));
	lua_getfield(L, 2, "callback");
	if (m->kind == MAP_CALLBACK) {
		luaL_checktype(L, -1, LUA_TFUNCTION);
		lua_pushvalue(L, -1);
		m->callback = luaL_ref(L, LUA_REGISTRYINDEX);
	}
	if (lua_getfield(L, 2, "url") == LUA_TNIL)
		lua_getfield(L, 2, "urls");
	add_source(L, m, lua_gettop(L), place, 0);
	if (lua_getfield(L, 2, "description") == LUA_TSTRING && m->paths.n == 0)
		m->name = str_dup(vm->arena, lua_str_arg(L, -1));
	lua_settop(L, 2);
}

/* rspamd_config:add_map{type=, url=, description=, callback=} -> map
 * A list of keys. type: "set", "map" (also "hash": key and value), "radix"
 * (addresses and networks), "regexp", "regexp_multi", "glob", "glob_multi",
 * or "callback" (callback(text) gets the file). url: a path or a list of
 * paths, whose files are read again when they change, or the entries,
 * { url = "static", data = { ... } }. A file has an entry a line: key, white
 * space, value; `#` begins a comment. Sources on the net are not read.
 * > local map = rspamd_config:add_map{ type = "map", description = "sizes",
 * >   url = { url = "static", data = { "small 1", "large 10" } } }
 * > assert(map:get_key("Large") == "10" and not map:get_key("huge"))
 */
int lua_config_add_map(lua_State *L)
{
	struct place place = { .ld = lua_loading(L, "add_map") };
	struct lua_map *m = new_map(L);

	lua_where(L, &place.file, &place.line);
	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	read_fields(L, m, &place);
	return finish(L, m, &place);
}

/* The older calls: (source, description). */
static int add_older(lua_State *L, enum map_kind kind)
{
	struct place place = { .ld = lua_loading(L, "add_map") };
	struct lua_map *m = new_map(L);

	lua_where(L, &place.file, &place.line);
	m->kind = kind;
	luaL_checkany(L, 2);
	lua_settop(L, 2);
	add_source(L, m, 2, &place, 0);
	return finish(L, m, &place);
}

/* rspamd_config:add_radix_map(source [, description]) -> map
 * add_map with type "radix".
 * > local map = rspamd_config:add_radix_map{ url = "static", data = { "10.0.0.0/8" } }
 * > assert(map:get_key("10.1.2.3"))
 */
int lua_config_add_radix_map(lua_State *L)
{
	return add_older(L, MAP_RADIX);
}

/* rspamd_config:add_hash_map(source [, description]) -> map
 * add_map with type "set".
 * > local map = rspamd_config:add_hash_map{ url = "static", data = { "a", "b" } }
 * > assert(map:get_key("a"))
 */
int lua_config_add_hash_map(lua_State *L)
{
	return add_older(L, MAP_SET);
}

/* rspamd_config:add_kv_map(source [, description]) -> map
 * add_map with type "map".
 * > local map = rspamd_config:add_kv_map{ url = "static", data = { "a 1" } }
 * > assert(map:get_key("a") == "1")
 */
int lua_config_add_kv_map(lua_State *L)
{
	return add_older(L, MAP_HASH);
}

/* rspamd_config:add_regexp_map(source [, description]) -> map
 * add_map with type "regexp".
 * > local map = rspamd_config:add_regexp_map{ url = "static", data = { "/^a/i" } }
 * > assert(map:get_key("Abc"))
 */
int lua_config_add_regexp_map(lua_State *L)
{
	return add_older(L, MAP_REGEXP);
}

/* rspamd_config:radix_from_ucl(list) -> map
 * A map of the addresses and networks in a list.
 * > local map = rspamd_config:radix_from_ucl({ "192.0.2.0/24" })
 * > assert(map:get_key("192.0.2.77") and not map:get_key("192.0.3.1"))
 */
int lua_config_radix_from_ucl(lua_State *L)
{
	struct place place = { .ld = lua_loading(L, "radix_from_ucl") };
	struct lua_map *m = new_map(L);

	lua_where(L, &place.file, &place.line);
	m->kind = MAP_RADIX;
	lua_settop(L, 2);
	if (lua_type(L, 2) == LUA_TTABLE)
		add_lines(L, m, 2);
	else
		strs_add(lua_vm_of(L)->arena, &m->lines,
			 str_dup(lua_vm_of(L)->arena, lua_str_arg(L, 2)));
	return finish(L, m, &place);
}
