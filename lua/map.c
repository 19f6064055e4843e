/*
 * The map object: a list that a script has added (map_add.c) is asked for a
 * key. It is the same for all messages until a file has changed.
 */
#include "lua/map.h"

#include "base/arena.h"
#include "conf/settings.h"
#include "lua/ip.h"
#include "lua/regexp.h"

static struct lua_map *map_of(lua_State *L)
{
	return *(struct lua_map **)lua_object_get(L, 1, &lua_map_class);
}

static int not_found(lua_State *L)
{
	lua_pushboolean(L, 0);
	return 1;
}

/* Keys longer than this are in no list. */
#define KEY_MAX 1024

static int ask_keys(lua_State *L, const struct lua_map *m)
{
	struct str key = lua_str_arg(L, 2);
	char lower[KEY_MAX];
	const struct map_item *item;

	if (key.n > KEY_MAX)
		return not_found(L);
	for (size_t i = 0; i < key.n; i++)
		lower[i] = (char)to_lower((unsigned char)key.p[i]);
	lua_spend(L, key.n);
	item = map_get(&m->data->keys, str_make(lower, key.n));
	if (!item)
		return not_found(L);
	if (m->kind == MAP_SET)
		lua_pushboolean(L, 1);
	else
		lua_push_str(L, item->value.p ? item->value : STR(""));
	return 1;
}

static int ask_nets(lua_State *L, const struct lua_map *m)
{
	const struct map_item *item;
	struct ip_addr ip;

	lua_spend(L, 200);
	if (!lua_ip_at(L, 2, &ip))
		return not_found(L);
	item = map_data_net(m->data, &ip);
	if (!item)
		return not_found(L);
	lua_push_str(L, item->value);
	return 1;
}

static bool pattern_hits(lua_State *L, const struct map_pattern *p,
			 struct str key, struct str lower)
{
	if (p->re)
		return lua_regexp_search(L, p->re, key) > 0;
	/* A glob with n stars may look at the key n times. */
	lua_spend(L, 16 + lower.n);
	return glob_match(p->glob, lower);
}

static int ask_patterns(lua_State *L, const struct lua_map *m)
{
	struct str key = lua_str_arg(L, 2), lower = STR("");
	char room[KEY_MAX];
	lua_Integer n = 0;

	if (m->kind == MAP_GLOB) {
		if (key.n > KEY_MAX)
			return not_found(L);
		for (size_t i = 0; i < key.n; i++)
			room[i] = (char)to_lower((unsigned char)key.p[i]);
		lower = str_make(room, key.n);
	}
	for (size_t i = 0; i < m->data->npatterns; i++) {
		const struct map_pattern *p = &m->data->patterns[i];

		if (!pattern_hits(L, p, key, lower))
			continue;
		if (m->multi && n == 0)
			lua_newtable(L);
		lua_push_str(L, p->value.p ? p->value : STR(""));
		if (!m->multi)
			return 1;
		lua_rawseti(L, -2, ++n);
	}
	return n ? 1 : not_found(L);
}

/* map:get_key(key) -> true, string, list or false
 * Is key there? Sets: true. Maps, networks and patterns: the value ("" where
 * there is none; "1" for a network). *_multi: the list of the values of all
 * patterns that match. false if it is not. Case does not matter; a pattern
 * decides for itself. Networks take an address as text or rspamd{ip}.
 * > -- while loading
 * > local map = rspamd_config:add_map{ type = "glob_multi",
 * >   url = { url = "static", data = { "*.example first", "a.* second" } } }
 * > assert(map:get_key("A.example")[2] == "second")
 * > assert(map:get_key("b.org") == false)
 */
static int map_get_key(lua_State *L)
{
	const struct lua_map *m = map_of(L);

	if (lua_isnoneornil(L, 2))
		return not_found(L);
	switch (m->kind) {
	case MAP_SET:
	case MAP_HASH:
		return ask_keys(L, m);
	case MAP_RADIX:
		return ask_nets(L, m);
	case MAP_REGEXP:
	case MAP_GLOB:
		return ask_patterns(L, m);
	case MAP_CALLBACK:
		break;
	}
	return not_found(L);
}

/* map:get_uri() -> string
 * The path of its first file, or "static".
 * > -- while loading
 * > local map = rspamd_config:add_map{ type = "set", url = { url = "static", data = { "a" } } }
 * > assert(map:get_uri() == "static" and map:get_proto() == "static")
 */
static int map_get_uri(lua_State *L)
{
	lua_push_str(L, map_of(L)->uri);
	return 1;
}

/* map:get_proto() -> string
 * "file" or "static".
 * > -- while loading
 * > local map = rspamd_config:add_map{ type = "set", url = { url = "static", data = { "a" } } }
 * > assert(map:get_proto() == "static")
 */
static int map_get_proto(lua_State *L)
{
	lua_pushstring(L, map_of(L)->paths.n ? "file" : "static");
	return 1;
}

/* map:get_nelts() -> number
 * How many entries it has.
 * > -- while loading
 * > local map = rspamd_config:add_map{ type = "set", url = { url = "static", data = { "a", "b" } } }
 * > assert(map:get_nelts() == 2)
 */
static int map_get_nelts(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)map_of(L)->data->n);
	return 1;
}

static void push_value(lua_State *L, const struct lua_map *m, struct str value)
{
	if (m->kind == MAP_SET)
		lua_pushboolean(L, 1);
	else
		lua_push_str(L, value.p ? value : STR(""));
}

/* Calls the function at 2 with key and value; true if it wants to stop. */
static bool each(lua_State *L, const struct lua_map *m, struct str key,
		 struct str value)
{
	bool stop;

	lua_pushvalue(L, 2);
	lua_push_str(L, key);
	push_value(L, m, value);
	lua_call(L, 2, 1);
	stop = lua_isboolean(L, -1) && lua_toboolean(L, -1);
	lua_pop(L, 1);
	return stop;
}

/* map:foreach(function)
 * Calls function(key, value) for every entry, in their order, until it
 * returns true.
 * > -- while loading
 * > local map = rspamd_config:add_map{ type = "map", url = { url = "static", data = { "a 1" } } }
 * > map:foreach(function(k, v) assert(k == "a" and v == "1") end)
 */
static int map_foreach(lua_State *L)
{
	const struct lua_map *m = map_of(L);
	const struct map *entries = m->kind == MAP_RADIX ? &m->data->nets :
		&m->data->keys;
	struct map_entry *e;
	size_t i = 0;

	luaL_checktype(L, 2, LUA_TFUNCTION);
	while ((e = map_next(entries, &i))) {
		const struct map_item *item = e->value;

		if (each(L, m, item->key, item->value))
			return 0;
	}
	for (size_t k = 0; k < m->data->npatterns; k++)
		if (each(L, m, m->data->patterns[k].key,
			 m->data->patterns[k].value))
			break;
	return 0;
}

/* map:get_stats([reset]) -> table
 * How often each key was found is not counted: an empty table.
 * > -- while loading
 * > local map = rspamd_config:add_map{ type = "set", url = { url = "static", data = { "a" } } }
 * > assert(next(map:get_stats()) == nil)
 */
static int map_get_stats(lua_State *L)
{
	map_of(L);
	lua_newtable(L);
	return 1;
}

/* map:is_signed() -> boolean
 * Always false: maps are not fetched.
 * > -- while loading
 * > local map = rspamd_config:add_map{ type = "set", url = { url = "static", data = { "a" } } }
 * > assert(map:is_signed() == false)
 */
static int map_is_signed(lua_State *L)
{
	map_of(L);
	return not_found(L);
}

static const struct lua_row methods[] = {
	{ "get_key", map_get_key },
	{ "get_uri", map_get_uri },
	{ "get_proto", map_get_proto },
	{ "get_nelts", map_get_nelts },
	{ "foreach", map_foreach },
	{ "get_stats", map_get_stats },
	{ "is_signed", map_is_signed },
	{ 0 },
};

const struct lua_class lua_map_class = {
	.name = "rspamd{map}",
	.methods = methods,
};
