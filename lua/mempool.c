/*
 * The message's pool, which in rspamd is memory and here only what scripts
 * use it for: named variables that rules leave for one another. A variable
 * holds up to a few values, numbers, texts or booleans, in C, so that nobody
 * changes them from outside.
 *
 * rspamd keeps a variable's octets without their types and reads them as the
 * reader says; here a value keeps its type and is converted.
 */
#include "lua/parts.h"
#include "lua/task.h"


#define MAX_VALUES 64
#define MAX_VARIABLES 1000

struct value {
	int type;		/* LUA_TNUMBER, LUA_TBOOLEAN, LUA_TSTRING */
	bool integer;
	lua_Number number;
	bool truth;
	struct str text;
};

struct variable {
	size_t n;
	struct value v[];
};

/* A pool of rspamd_mempool.create() has no message; it has no variables. */
static struct lua_run *pool_arg(lua_State *L)
{
	return lua_handle_get(L, 1, &lua_mempool_class);
}

static void read_value(lua_State *L, struct lua_run *run, int idx,
		       struct value *v)
{
	struct str s;

	v->type = lua_type(L, idx);
	switch (v->type) {
	case LUA_TNUMBER:
		v->number = lua_tonumber(L, idx);
		v->integer = lua_isinteger(L, idx);
		return;
	case LUA_TBOOLEAN:
		v->truth = lua_toboolean(L, idx);
		return;
	case LUA_TSTRING:
	case LUA_TUSERDATA:
		s = lua_str_arg(L, idx);
		lua_spend_output(L, s.n);
		v->type = LUA_TSTRING;
		v->text = str_dup(run->arena, s);
		return;
	default:
		luaL_error(L, "a variable cannot hold a %s",
			   luaL_typename(L, idx));
	}
}

static void store(lua_State *L, struct lua_run *run, struct str name,
		  struct variable *var)
{
	if (!map_has(&run->variables, name) &&
	    run->variables.n >= MAX_VARIABLES)
		luaL_error(L, "this message has %d variables already",
			   MAX_VARIABLES);
	map_set(&run->variables, str_dup(run->arena, name), var);
}

/* pool:set_variable(name, value [, value ...])
 * Keeps numbers, texts or booleans under a name for other rules of this
 * message.
 * > local pool = task:get_mempool()
 * > pool:set_variable("country", "JP")
 * > pool:set_variable("several", 1.5, true, "x")
 * > assert(pool:get_variable("country") == "JP")
 */
static int pool_set_variable(lua_State *L)
{
	struct lua_run *run = pool_arg(L);
	struct str name = lua_str_arg(L, 2);
	int n = lua_gettop(L) - 2;
	struct variable *var;

	/* As rspamd: nothing to keep is no error. */
	if (n <= 0 || (n == 1 && lua_isnil(L, 3)))
		return 0;
	if (n > MAX_VALUES)
		return luaL_error(L, "more than %d values", MAX_VALUES);
	lua_spend_output(L, name.n + (size_t)n * sizeof(var->v[0]) / 4);
	var = arena_alloc(run->arena, sizeof(*var) + (size_t)n *
			  sizeof(var->v[0]));
	for (int i = 0; i < n; i++)
		read_value(L, run, i + 3, &var->v[var->n++]);
	store(L, run, name, var);
	return 0;
}

/* pool:set_bucket(name, number [, number ...])
 * Keeps a list of numbers, read with get_variable(name, "bucket").
 * > task:get_mempool():set_bucket("sizes", 3, 5)
 * > assert(task:get_mempool():get_variable("sizes", "bucket")[2] == 5)
 */
static int pool_set_bucket(lua_State *L)
{
	int n = lua_gettop(L);

	for (int i = 3; i <= n; i++)
		luaL_checknumber(L, i);
	return pool_set_variable(L);
}

static void push_native(lua_State *L, const struct value *v)
{
	if (v->type == LUA_TBOOLEAN)
		lua_pushboolean(L, v->truth);
	else if (v->type == LUA_TSTRING)
		lua_push_str(L, v->text);
	else if (v->integer)
		lua_pushinteger(L, (lua_Integer)v->number);
	else
		lua_pushnumber(L, v->number);
}

static lua_Number as_number(const struct value *v)
{
	double d;

	if (v->type == LUA_TNUMBER)
		return v->number;
	if (v->type == LUA_TBOOLEAN)
		return v->truth;
	return str_to_double(str_trim(v->text), &d) ? d : 0;
}

static bool as_truth(const struct value *v)
{
	if (v->type == LUA_TBOOLEAN)
		return v->truth;
	return v->type == LUA_TNUMBER ? v->number != 0 : v->text.n > 0;
}

static void push_bucket(lua_State *L, const struct variable *var)
{
	lua_createtable(L, (int)var->n, 0);
	for (size_t i = 0; i < var->n; i++) {
		push_native(L, &var->v[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

/* Pushes v as the reader wants it; nil for a type that does not exist. */
static void push_as(lua_State *L, const struct value *v, struct str type)
{
	if (str_eq(type, STR("double"))) {
		lua_pushnumber(L, as_number(v));
	} else if (str_eq(type, STR("int")) || str_eq(type, STR("int64"))) {
		lua_Number d = as_number(v);

		lua_pushinteger(L, d > -9e15 && d < 9e15 ? (lua_Integer)d : 0);
	} else if (str_eq(type, STR("bool"))) {
		lua_pushboolean(L, as_truth(v));
	} else if (str_eq(type, STR("string")) || str_eq(type, STR("gstring"))) {
		push_native(L, v);
		if (v->type == LUA_TBOOLEAN)
			luaL_tolstring(L, -1, NULL);
		else
			lua_tostring(L, -1);
	} else {
		lua_pushnil(L);
	}
}

/* What rspamd's own code keeps there: how far text and HTML of the same are
 * apart. False (nothing pushed) for other names. */
static bool push_distance(lua_State *L, struct lua_run *run, struct str name)
{
	bool total = str_eq(name, STR("total_words"));
	double distance, words;

	if ((!total && !str_eq(name, STR("parts_distance"))) ||
	    !lua_parts_distance(run, &distance, &words))
		return false;
	if (total)
		lua_pushinteger(L, (lua_Integer)words);
	else
		lua_pushnumber(L, distance);
	return true;
}

/* pool:get_variable(name [, types]) -> values, or nil
 * What set_variable kept; nil if nobody did. Without types the first value as
 * it was; types are words with commas between, one for each value wanted:
 * "double", "int", "bool", "string"; "bucket" is a list of all values.
 * > local pool = task:get_mempool()
 * > pool:set_variable("three", 1.5, true, "x")
 * > local a, b, c = pool:get_variable("three", "double,bool,string")
 * > assert(a == 1.5 and b == true and c == "x")
 * > assert(pool:get_variable("nobody") == nil)
 */
static int pool_get_variable(lua_State *L)
{
	struct lua_run *run = pool_arg(L);
	struct str name = lua_str_arg(L, 2), types = lua_str_opt(L, 3), type;
	const struct variable *var = map_get(&run->variables, name);
	int n = 0;

	if (!var && push_distance(L, run, name))
		return 1;
	if (!var)
		return 0;
	if (!types.n) {
		push_native(L, &var->v[0]);
		return 1;
	}
	if (str_eq(types, STR("bucket"))) {
		push_bucket(L, var);
		return 1;
	}
	luaL_checkstack(L, MAX_VALUES + 5, NULL);
	while (n < (int)var->n && str_next(&types, ',', &type))
		push_as(L, &var->v[n++], str_trim(type));
	return n;
}

/* pool:has_variable(name) -> boolean
 * > assert(task:get_mempool():has_variable("nobody") == false)
 */
static int pool_has_variable(lua_State *L)
{
	struct lua_run *run = pool_arg(L);

	lua_pushboolean(L, map_has(&run->variables, lua_str_arg(L, 2)));
	return 1;
}

/* pool:delete_variable(name) -> boolean
 * True if it was there.
 * > local pool = task:get_mempool()
 * > pool:set_variable("gone", 1)
 * > assert(pool:delete_variable("gone") and not pool:has_variable("gone"))
 */
static int pool_delete_variable(lua_State *L)
{
	struct lua_run *run = pool_arg(L);

	lua_pushboolean(L, map_del(&run->variables, lua_str_arg(L, 2)));
	return 1;
}

/* pool:destroy()
 * Does nothing: memory is given back by itself.
 * > rspamd_mempool.create():destroy()
 */
static int pool_destroy(lua_State *L)
{
	(void)L;
	return 0;
}

static const struct lua_row methods[] = {
	{ "set_variable", pool_set_variable },
	{ "get_variable", pool_get_variable },
	{ "has_variable", pool_has_variable },
	{ "delete_variable", pool_delete_variable },
	{ "set_bucket", pool_set_bucket },
	{ "destroy", pool_destroy },
	{ "delete", pool_destroy },
	{ 0 },
};

const struct lua_class lua_mempool_class = {
	.name = "rspamd{mempool}", .methods = methods,
};

/* task:get_mempool() -> pool
 * The message's pool, for its variables.
 * > assert(tostring(task:get_mempool()):find("mempool"))
 */
int task_get_mempool(lua_State *L)
{
	lua_handle_push(L, &lua_mempool_class, task_arg(L));
	return 1;
}

/* rspamd_mempool.create() -> pool
 * A pool for functions that want one. It holds no variables.
 * > local list = rspamd_util.parse_mail_address("Bob <bob@example.net>", rspamd_mempool.create())
 * > assert(list[1].name == "Bob")
 */
static int mempool_create(lua_State *L)
{
	lua_object_new(L, &lua_mempool_class, 0);
	return 1;
}

static const struct lua_row functions[] = {
	{ "create", mempool_create },
	{ 0 },
};

const struct lua_module lua_mempool_module = {
	.name = "rspamd_mempool", .functions = functions,
};
