/*
 * Addresses that a script puts in the place of the message's own, so that the
 * rules of scripts behind it see them (rspamd's plus-alias rule takes the tag
 * off "user+tag"). The message and SpamAssassin's rules are not touched, and
 * {type, "orig"} still asks for what was there.
 */
#include "lua/address.h"
#include "lua/task.h"

/* The text of a field of the table at idx, kept; STR_NONE if there is none. */
static struct str field(lua_State *L, struct lua_run *run, int idx,
			const char *key)
{
	struct str s;

	lua_getfield(L, idx, key);
	s = lua_str_opt(L, lua_gettop(L));
	lua_spend_output(L, s.n);
	if (s.p)
		s = str_dup(run->arena, s);
	lua_pop(L, 1);
	return s;
}

/* The table at idx as an address: of `user` and `domain`, else of `addr`. */
static struct lua_address read_one(lua_State *L, struct lua_run *run, int idx)
{
	struct str user = field(L, run, idx, "user");
	struct str domain = field(L, run, idx, "domain");
	struct str addr = field(L, run, idx, "addr");
	struct str name = field(L, run, idx, "name");
	struct lua_address out;

	if (user.p && domain.n)
		addr = str_printf(run->arena, "%.*s@%.*s", STR_ARG(user),
				  STR_ARG(domain));
	if (!addr.p)
		luaL_error(L, "an address needs user and domain, or addr");
	out = lua_address_of(run->arena, str_printf(run->arena, "<%.*s>",
						    STR_ARG(addr)));
	if (name.p)
		out.name = name;
	return out;
}

static void add(struct lua_run *run, struct lua_addresses *list,
		struct lua_address addr)
{
	list->v = arena_grow(run->arena, list->v, list->n, &list->cap,
			     sizeof(list->v[0]));
	list->v[list->n++] = addr;
}

/* task:set_from(type, address [, how])
 * Puts another sender in the place of the one of this type, for the scripts
 * that come behind: a table of `user` and `domain` (or `addr`) and `name`.
 * {type, "orig"} still gives the message's own.
 * > local from = task:get_from("mime")[1]
 * > from.user = "someone"
 * > task:set_from("mime", from, "alias")
 * > assert(task:get_from("mime")[1].addr == "someone@example.com")
 * > assert(task:get_from({"mime", "orig"})[1].addr == "alice@example.com")
 */
int task_set_from(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct lua_addresses list = { 0 };

	luaL_checktype(L, 3, LUA_TTABLE);
	add(run, &list, read_one(L, run, 3));
	task_addresses_replace(run, TASK_FROM, task_world_arg(L, run), &list);
	return 0;
}

/* task:set_recipients(type, list [, how])
 * The same of the recipients.
 * > local to = task:get_recipients("mime")
 * > to[2].user = "carol"
 * > task:set_recipients("mime", to, "alias")
 * > assert(task:get_recipients("mime")[2].addr == "carol@example.net")
 * > assert(task:get_recipients({"mime", "orig"})[2].addr == "carol+list@example.net")
 */
int task_set_recipients(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct lua_addresses list = { 0 };

	luaL_checktype(L, 3, LUA_TTABLE);
	for (lua_Integer i = 1; lua_rawgeti(L, 3, i) == LUA_TTABLE; i++) {
		lua_spend(L, 200);
		add(run, &list, read_one(L, run, lua_gettop(L)));
		lua_pop(L, 1);
	}
	task_addresses_replace(run, TASK_RCPT, task_world_arg(L, run), &list);
	return 0;
}
