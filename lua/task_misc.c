/*
 * What scripts keep with the message, and what it costs: the scratch table of
 * Lua values, times, the resolver. Times are facts of the scan that are read
 * once, so that a script cannot measure with them.
 */
#include "lua/task.h"

#include "base/clock.h"
#include "lua/dns.h"

/* ---- the message's table ---- */

/* Its address is the key in the registry. */
static const char table_key;

void task_table_push(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &table_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &table_key);
}

/* Setting a key that is there to nil allocates nothing, so this cannot raise
 * an error. */
void task_table_drop(struct lua_vm *vm)
{
	lua_State *L = vm->L;
	bool there = lua_rawgetp(L, LUA_REGISTRYINDEX, &table_key) !=
		LUA_TNIL;

	lua_pop(L, 1);
	if (!there)
		return;
	lua_pushnil(L);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &table_key);
}

bool task_table_arg(lua_State *L, int idx)
{
	if (lua_isnoneornil(L, idx))
		return false;
	luaL_checktype(L, idx, LUA_TTABLE);
	return true;
}

/* task:cache_set(key, value)
 * Keeps any value for other rules of this message; nil drops it.
 * > task:cache_set("mine", {1, 2})
 * > assert(task:cache_get("mine")[2] == 2)
 */
int task_cache_set(lua_State *L)
{
	struct str key;

	task_arg(L);
	key = lua_str_arg(L, 2);
	lua_settop(L, 3);
	task_table_push(L);
	lua_push_str(L, key);
	lua_pushvalue(L, 3);
	lua_rawset(L, -3);
	return 0;
}

/* task:cache_get(key) -> value or nil
 * > assert(task:cache_get("nobody set this") == nil)
 */
int task_cache_get(lua_State *L)
{
	struct str key;

	task_arg(L);
	key = lua_str_arg(L, 2);
	task_table_push(L);
	lua_push_str(L, key);
	lua_rawget(L, -2);
	return 1;
}

/* ---- times ---- */

/* When the scan of the message asked for its time first. */
time_t task_arrival(struct lua_run *run)
{
	time_t *when = map_get(&run->memo, STR("task.arrival"));

	if (!when) {
		when = arena_alloc(run->arena, sizeof(*when));
		*when = clock_now();
		map_set(&run->memo, STR("task.arrival"), when);
	}
	return *when;
}

/* task:get_timeval([as_number]) -> {tv_sec =, tv_usec =} or number
 * When the message came here, in whole seconds since 1970.
 * > assert(task:get_timeval().tv_sec == task:get_timeval(true))
 */
int task_get_timeval(lua_State *L)
{
	time_t when = task_arrival(task_arg(L));

	if (lua_toboolean(L, 2)) {
		lua_pushnumber(L, (lua_Number)when);
		return 1;
	}
	lua_createtable(L, 0, 2);
	lua_field_int(L, "tv_sec", (long)when);
	lua_field_int(L, "tv_usec", 0);
	return 1;
}

/* task:get_scan_time() -> number, number
 * Seconds that the scan has taken, as far as scripts may know: whole ones.
 * > local t = task:get_scan_time()
 * > assert(t >= 0)
 */
int task_get_scan_time(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	lua_Number t = (lua_Number)(clock_now() - task_arrival(run));

	lua_pushnumber(L, t);
	lua_pushnumber(L, t);
	return 2;
}

/* task:get_uid() -> string
 * A name for this scan, unlike those of others.
 * > assert(#task:get_uid() == 16 and task:get_uid() == task:get_uid())
 */
int task_get_uid(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct str text = str_printf(run->arena, "%ld %llu",
				     (long)task_arrival(run),
				     (unsigned long long)run->vm->epoch);

	/* Keyed with a secret of the process: nothing can be read off it. */
	text = str_printf(run->arena, "%016llx",
			  (unsigned long long)str_hash(text));
	lua_push_str(L, text);
	return 1;
}

/* task:get_resolver() -> resolver
 * For questions to DNS.
 * > assert(task:get_resolver())
 */
int task_get_resolver(lua_State *L)
{
	task_arg(L);
	lua_resolver_push(L);
	return 1;
}

/* task:get_cfg() -> rspamd_config
 * > assert(task:get_cfg() == rspamd_config)
 */
int task_get_cfg(lua_State *L)
{
	task_arg(L);
	lua_getglobal(L, "rspamd_config");
	return 1;
}

/* task:get_settings_id() -> nil
 * There are no profiles of settings as rspamd has them; task:get_settings() is
 * nil as well.
 * > assert(task:get_settings_id() == nil and task:get_settings() == nil)
 */
int task_get_settings_id(lua_State *L)
{
	task_arg(L);
	return 0;
}
