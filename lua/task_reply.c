/*
 * What scripts ask of the mail server: headers to be added and removed, other
 * recipients. The fields are checked here, where the script can still be told,
 * and merged over all calls; a protocol that can say such things says them
 * (reply.h). Names and values of headers that could break out of their line
 * are refused.
 *
 * Beside it rspamd's flags, words about how the message is to be treated. They
 * are kept and can be asked; those that mean something here are read by the
 * layers above.
 */
#include "lua/reply.h"

#include "lua/task.h"

#define REPLY STR("task.reply.milter")
#define FLAGS STR("task.flags")

const struct lua_reply *lua_run_reply(const struct lua_run *run)
{
	return map_get(&run->memo, REPLY);
}

static struct lua_reply *reply_of(struct lua_run *run)
{
	struct lua_reply *r = map_get(&run->memo, REPLY);

	if (!r) {
		r = arena_alloc(run->arena, sizeof(*r));
		map_set(&run->memo, REPLY, r);
	}
	return r;
}

/* ---- reading ---- */

static bool name_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == ':' ||
		    (unsigned char)s.p[i] > 126)
			return false;
	return s.n > 0;
}

/* Line ends only in front of white space, and no NUL. */
static bool value_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool end = s.p[i] == '\n' ||
			(s.p[i] == '\r' &&
			 !(i + 1 < s.n && s.p[i + 1] == '\n'));

		if (s.p[i] == '\0' ||
		    (end && !(i + 1 < s.n && (s.p[i + 1] == ' ' ||
					      s.p[i + 1] == '\t'))))
			return false;
	}
	return true;
}

/* The text at the top, kept; an error if it is none or could break a line. */
static struct str take_text(lua_State *L, struct lua_run *run,
			    const char *field)
{
	struct str s;

	if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER &&
	    !lua_is_text(L, -1))
		luaL_error(L, "set_milter_reply: %s: expected text, got %s",
			   field, luaL_typename(L, -1));
	s = lua_str_arg(L, lua_gettop(L));
	if (!value_ok(s))
		luaL_error(L, "set_milter_reply: %s: a line would end in it",
			   field);
	lua_spend_output(L, s.n);
	return str_dup(run->arena, s);
}

/* The key below the top (of lua_next), as the name of a header. */
static struct str take_name(lua_State *L, struct lua_run *run,
			    const char *field)
{
	struct str s;

	if (lua_type(L, -2) != LUA_TSTRING)
		luaL_error(L, "set_milter_reply: %s: expected names of headers "
			   "as keys, got a %s", field, luaL_typename(L, -2));
	s = lua_str_arg(L, lua_gettop(L) - 1);
	if (!name_ok(s))
		luaL_error(L, "set_milter_reply: %s: no header can have such a "
			   "name", field);
	lua_spend_output(L, s.n);
	return str_dup(run->arena, s);
}

static void add_header(lua_State *L, struct lua_run *run, struct lua_reply *r,
		       struct str name)
{
	struct reply_header h = { .name = name };

	if (lua_istable(L, -1)) {
		if (lua_getfield(L, -1, "order") != LUA_TNIL) {
			h.ordered = true;
			h.order = (long)luaL_checkinteger(L, -1);
		}
		lua_pop(L, 1);
		lua_getfield(L, -1, "value");
		h.value = take_text(L, run, "add_headers");
		lua_pop(L, 1);
	} else {
		h.value = take_text(L, run, "add_headers");
	}
	r->add = arena_grow(run->arena, r->add, r->nadd, &r->add_cap,
			    sizeof(*r->add));
	r->add[r->nadd++] = h;
}

/* name = text, {value =, order =}, or a list of these. */
static void take_add_headers(lua_State *L, struct lua_run *run,
			     struct lua_reply *r)
{
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		struct str name = take_name(L, run, "add_headers");

		if (!lua_istable(L, -1) || lua_rawlen(L, -1) == 0) {
			add_header(L, run, r, name);
			continue;
		}
		for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL;
		     i++) {
			add_header(L, run, r, name);
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
}

static void add_removal(lua_State *L, struct lua_run *run, struct lua_reply *r,
			struct str name)
{
	struct reply_removal gone = { .name = name };

	gone.nth = (long)luaL_checkinteger(L, -1);
	r->remove = arena_grow(run->arena, r->remove, r->nremove,
			       &r->remove_cap, sizeof(*r->remove));
	r->remove[r->nremove++] = gone;
}

/* name = n, or a list of such numbers. */
static void take_remove_headers(lua_State *L, struct lua_run *run,
				struct lua_reply *r)
{
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
		struct str name = take_name(L, run, "remove_headers");

		if (!lua_istable(L, -1)) {
			add_removal(L, run, r, name);
			continue;
		}
		for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL;
		     i++) {
			add_removal(L, run, r, name);
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	}
}

/* Text, or a list of texts. */
static void take_texts(lua_State *L, struct lua_run *run, struct strs *out,
		       const char *field)
{
	if (!lua_istable(L, -1)) {
		strs_add(run->arena, out, take_text(L, run, field));
		return;
	}
	for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
		strs_add(run->arena, out, take_text(L, run, field));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static void take_add_rcpt(lua_State *L, struct lua_run *run,
			  struct lua_reply *r)
{
	take_texts(L, run, &r->add_rcpt, "add_rcpt");
}

static void take_del_rcpt(lua_State *L, struct lua_run *run,
			  struct lua_reply *r)
{
	take_texts(L, run, &r->del_rcpt, "del_rcpt");
}

static void take_change_from(lua_State *L, struct lua_run *run,
			     struct lua_reply *r)
{
	r->change_from = take_text(L, run, "change_from");
}

static void take_spam_header(lua_State *L, struct lua_run *run,
			     struct lua_reply *r)
{
	r->spam_header = take_text(L, run, "spam_header");
}

static void take_reject(lua_State *L, struct lua_run *run,
			struct lua_reply *r)
{
	r->reject = take_text(L, run, "reject");
}

static void take_no_action(lua_State *L, struct lua_run *run,
			   struct lua_reply *r)
{
	(void)run;
	r->no_action = lua_toboolean(L, -1);
}

static const struct {
	const char *name;
	void (*take)(lua_State *L, struct lua_run *run, struct lua_reply *r);
	bool table;
} fields[] = {
	{ "add_headers", take_add_headers, true },
	{ "remove_headers", take_remove_headers, true },
	{ "add_rcpt", take_add_rcpt, false },
	{ "del_rcpt", take_del_rcpt, false },
	{ "change_from", take_change_from, false },
	{ "spam_header", take_spam_header, false },
	{ "reject", take_reject, false },
	{ "no_action", take_no_action, false },
};

static void take_field(lua_State *L, struct lua_run *run, struct lua_reply *r)
{
	const char *key = lua_type(L, -2) == LUA_TSTRING ?
		lua_tostring(L, -2) : luaL_typename(L, -2);

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strcmp(fields[i].name, key) != 0)
			continue;
		if (fields[i].table && !lua_istable(L, -1))
			luaL_error(L, "set_milter_reply: %s: expected a table, "
				   "got %s", key, luaL_typename(L, -1));
		fields[i].take(L, run, r);
		return;
	}
	luaL_error(L, "set_milter_reply: there is no field %s: expected "
		   "add_headers, remove_headers, add_rcpt, del_rcpt, "
		   "change_from, spam_header, reject or no_action", key);
}

/* task:set_milter_reply{field = value, ...}
 * What the mail server is asked to do, where the protocol can say it; merged
 * over all calls. `add_headers`: name = text, or {value =, order =}, or a list
 * of these; `remove_headers`: name = n (0: all, n: the nth, -1: the last);
 * `add_rcpt` and `del_rcpt`: an address or a list; `change_from`;
 * `spam_header`: the name of the header that marks spam; `reject`: the text of
 * the refusal; `no_action`. Other fields, and text in which a line would end,
 * raise an error.
 * > task:set_milter_reply{add_headers = {["X-Seen"] = "yes"}}
 * > task:set_milter_reply{remove_headers = {["X-Old"] = 0}, add_rcpt = "a@example.net"}
 * > local r = task:get_milter_reply()
 * > assert(r.add_headers["X-Seen"][1].value == "yes" and r.remove_headers["X-Old"][1] == 0)
 * > assert(not pcall(task.set_milter_reply, task, {add_headers = {A = "b\nC: d"}}))
 */
int task_set_milter_reply(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct lua_reply r = { 0 };

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	/* Either all of a call counts or nothing: first into a copy. */
	if (lua_run_reply(run))
		r = *lua_run_reply(run);
	for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1))
		take_field(L, run, &r);
	*reply_of(run) = r;
	return 0;
}

/* ---- showing ---- */

/* t[name], a list that is made if need be, with t on the top; leaves the list
 * on the top and returns where the next element goes. */
static lua_Integer open_list(lua_State *L, struct str name)
{
	lua_push_str(L, name);
	if (lua_rawget(L, -2) == LUA_TNIL) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_push_str(L, name);
		lua_pushvalue(L, -2);
		lua_rawset(L, -4);
	}
	return (lua_Integer)lua_rawlen(L, -1) + 1;
}

static void push_added(lua_State *L, const struct lua_reply *r)
{
	lua_newtable(L);
	for (size_t i = 0; i < r->nadd; i++) {
		lua_Integer at = open_list(L, r->add[i].name);

		lua_createtable(L, 0, 2);
		lua_field_str(L, "value", r->add[i].value);
		if (r->add[i].ordered)
			lua_field_int(L, "order", r->add[i].order);
		lua_rawseti(L, -2, at);
		lua_pop(L, 1);
	}
}

static void push_removed(lua_State *L, const struct lua_reply *r)
{
	lua_newtable(L);
	for (size_t i = 0; i < r->nremove; i++) {
		lua_Integer at = open_list(L, r->remove[i].name);

		lua_pushinteger(L, r->remove[i].nth);
		lua_rawseti(L, -2, at);
		lua_pop(L, 1);
	}
}

/* task:get_milter_reply() -> table or nil
 * The merged reply so far: `add_headers` (name = list of {value =, order =}),
 * `remove_headers` (name = list of numbers), lists `add_rcpt` and `del_rcpt`,
 * and the other fields as they were set.
 * > task:set_milter_reply{reject = "not today"}
 * > assert(task:get_milter_reply().reject == "not today")
 */
int task_get_milter_reply(lua_State *L)
{
	const struct lua_reply *r = lua_run_reply(task_arg(L));

	if (!r)
		return 0;
	lua_spend(L, (r->nadd + r->nremove) * 50 + 100);
	lua_createtable(L, 0, 8);
	push_added(L, r);
	lua_setfield(L, -2, "add_headers");
	push_removed(L, r);
	lua_setfield(L, -2, "remove_headers");
	lua_push_strs(L, &r->add_rcpt);
	lua_setfield(L, -2, "add_rcpt");
	lua_push_strs(L, &r->del_rcpt);
	lua_setfield(L, -2, "del_rcpt");
	lua_field_str(L, "change_from", r->change_from);
	lua_field_str(L, "spam_header", r->spam_header);
	lua_field_str(L, "reject", r->reject);
	lua_field_bool(L, "no_action", r->no_action);
	return 1;
}

/* ---- flags ---- */

static const char *const flag_names[] = {
	"skip_process", "skip", "pass_all", "no_log", "no_stat", "learn_spam",
	"learn_ham", "broken_headers", "greylisted", "message_rewrite",
};

static struct map *flags_of(struct lua_run *run)
{
	struct map *flags = map_get(&run->memo, FLAGS);

	if (!flags) {
		flags = arena_alloc(run->arena, sizeof(*flags));
		*flags = MAP_IN(run->arena);
		map_set(&run->memo, FLAGS, flags);
	}
	return flags;
}

bool lua_run_flag(const struct lua_run *run, struct str name)
{
	return map_has(map_get(&run->memo, FLAGS), name);
}

/* task:set_flag(name [, set])
 * Sets a flag (or takes it away if set is false): "no_log", "no_stat",
 * "pass_all", "skip", "skip_process", "learn_spam", "learn_ham",
 * "greylisted", "broken_headers", "message_rewrite". Other names are logged.
 * > task:set_flag("no_log")
 * > assert(task:has_flag("no_log") and task:get_flags()[1] == "no_log")
 * > task:set_flag("no_log", false)
 * > assert(not task:has_flag("no_log"))
 */
int task_set_flag(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct str name = lua_str_arg(L, 2);
	bool set = lua_isnoneornil(L, 3) || lua_toboolean(L, 3);

	for (size_t i = 0; i < sizeof(flag_names) / sizeof(*flag_names); i++) {
		if (!str_eq(name, str_cstr(flag_names[i])))
			continue;
		if (set)
			map_set(flags_of(run), str_cstr(flag_names[i]), run);
		else
			map_del(flags_of(run), name);
		return 0;
	}
	lua_spend_output(L, 60);
	lua_run_log(run, "set_flag: '%.*s' is no flag",
		    STR_ARG(str_head(name, 40)));
	return 0;
}

/* task:has_flag(name) -> boolean
 * > assert(not task:has_flag("greylisted"))
 */
int task_has_flag(lua_State *L)
{
	struct lua_run *run = task_arg(L);

	lua_pushboolean(L, lua_run_flag(run, lua_str_arg(L, 2)));
	return 1;
}

/* task:get_flags() -> list
 * > assert(type(task:get_flags()) == "table")
 */
int task_get_flags(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	lua_Integer n = 0;

	lua_newtable(L);
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(*flag_names); i++)
		if (lua_run_flag(run, str_cstr(flag_names[i]))) {
			lua_pushstring(L, flag_names[i]);
			lua_rawseti(L, -2, ++n);
		}
	return 1;
}
