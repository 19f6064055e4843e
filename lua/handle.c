/*
 * Values that cross the border between C and Lua. Every userdata of the
 * machine begins with the same header, so that its class is told by one
 * comparison. A handle points to something in the arena of a message and
 * remembers which message that was: after it, each use is an error. An object
 * carries its own octets and lives as long as Lua holds it.
 */
#include "lua/vm.h"


struct userdata {
	const struct lua_class *class;
	uint64_t epoch;		/* of a handle's message; 0: an object */
	void *object;
	void *pad;		/* keeps what follows aligned */
};

static struct userdata *push_userdata(lua_State *L, const struct lua_class *c,
				      size_t extra)
{
	struct userdata *u = lua_newuserdatauv(L, sizeof(*u) + extra, 0);

	memset(u, 0, sizeof(*u) + extra);
	u->class = c;
	lua_rawgetp(L, LUA_REGISTRYINDEX, c);
	lua_setmetatable(L, -2);
	return u;
}

void lua_handle_push(lua_State *L, const struct lua_class *c, void *object)
{
	struct userdata *u;

	if (!object) {
		lua_pushnil(L);
		return;
	}
	u = push_userdata(L, c, 0);
	u->epoch = lua_vm_of(L)->epoch;
	u->object = object;
}

static struct userdata *of_class(lua_State *L, int idx,
				 const struct lua_class *c)
{
	struct userdata *u = lua_type(L, idx) == LUA_TUSERDATA ?
		lua_touserdata(L, idx) : NULL;

	return u && u->class == c ? u : NULL;
}

static int wrong_class(lua_State *L, int idx, const struct lua_class *c)
{
	struct userdata *u = lua_type(L, idx) == LUA_TUSERDATA ?
		lua_touserdata(L, idx) : NULL;

	return luaL_error(L, "bad argument #%d (expected %s, got %s)", idx,
			  c->name, u ? u->class->name : luaL_typename(L, idx));
}

static void *handle_object(lua_State *L, struct userdata *u)
{
	if (u->epoch != lua_vm_of(L)->epoch || !lua_vm_of(L)->run)
		luaL_error(L, "this %s belongs to a message whose scan is over",
			   u->class->name);
	return u->object;
}

void *lua_handle_get(lua_State *L, int idx, const struct lua_class *c)
{
	struct userdata *u = of_class(L, idx, c);

	if (!u)
		wrong_class(L, idx, c);
	return handle_object(L, u);
}

void *lua_handle_test(lua_State *L, int idx, const struct lua_class *c)
{
	struct userdata *u = of_class(L, idx, c);

	return u ? handle_object(L, u) : NULL;
}

int lua_handle_equal(lua_State *L)
{
	const struct userdata *a = lua_touserdata(L, 1);
	const struct userdata *b = lua_touserdata(L, 2);

	lua_pushboolean(L, a && b && a->class == b->class && a->object &&
			   a->object == b->object && a->epoch == b->epoch);
	return 1;
}

int lua_userdata_name(lua_State *L)
{
	const struct userdata *u = lua_touserdata(L, 1);

	lua_pushfstring(L, "%s: %p", u->class->name, (const void *)u);
	return 1;
}

const struct lua_class *lua_class_at(lua_State *L, int idx)
{
	const struct userdata *u = lua_type(L, idx) == LUA_TUSERDATA ?
		lua_touserdata(L, idx) : NULL;

	return u ? u->class : NULL;
}

void *lua_object_new(lua_State *L, const struct lua_class *c, size_t size)
{
	return push_userdata(L, c, size) + 1;
}

void *lua_object_get(lua_State *L, int idx, const struct lua_class *c)
{
	struct userdata *u = of_class(L, idx, c);

	if (!u)
		wrong_class(L, idx, c);
	return u + 1;
}

void *lua_object_test(lua_State *L, int idx, const struct lua_class *c)
{
	struct userdata *u = of_class(L, idx, c);

	return u ? u + 1 : NULL;
}

void lua_push_str(lua_State *L, struct str s)
{
	if (s.p)
		lua_pushlstring(L, s.p, s.n);
	else
		lua_pushnil(L);
}

void lua_push_strs(lua_State *L, const struct strs *list)
{
	if (!list) {
		lua_pushnil(L);
		return;
	}
	lua_createtable(L, (int)list->n, 0);
	for (size_t i = 0; i < list->n; i++) {
		lua_push_str(L, list->v[i].p ? list->v[i] : STR(""));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

void lua_field_str(lua_State *L, const char *key, struct str s)
{
	if (!s.p)
		return;
	lua_push_str(L, s);
	lua_setfield(L, -2, key);
}

void lua_field_num(lua_State *L, const char *key, double v)
{
	lua_pushnumber(L, v);
	lua_setfield(L, -2, key);
}

void lua_field_int(lua_State *L, const char *key, long v)
{
	lua_pushinteger(L, v);
	lua_setfield(L, -2, key);
}

void lua_field_bool(lua_State *L, const char *key, bool v)
{
	lua_pushboolean(L, v);
	lua_setfield(L, -2, key);
}

void lua_where(lua_State *L, const char **file_r, int *line_r)
{
	lua_Debug ar;

	*file_r = "";
	*line_r = 0;
	for (int level = 1; lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "Sl", &ar);
		if (ar.currentline <= 0 || ar.source[0] != '@')
			continue;
		/* The name of a chunk lives as long as its functions do; the
		 * copy as long as the configuration. */
		*file_r = lua_vm_of(L)->sealed ? ar.source + 1 :
			str_dup(lua_vm_of(L)->arena,
				str_cstr(ar.source + 1)).p;
		*line_r = ar.currentline;
		return;
	}
}
