/*
 * rspamd{text}: its pieces (lines, split) and the module rspamd_text, which
 * makes texts.
 */
#include <sys/random.h>

#include "lua/text.h"

/* The iterator of lines(): the text, where the next line begins, whether
 * strings are wanted. A run of line ends divides once, as rspamd has it. */
static int next_line(lua_State *L)
{
	struct str s = lua_text_get(L, lua_upvalueindex(1)), line;
	size_t at = (size_t)lua_tointeger(L, lua_upvalueindex(2)), n = 0;

	s = str_from(s, at);
	if (s.n == 0)
		return 0;
	while (n < s.n && s.p[n] != '\n' && s.p[n] != '\r')
		n++;
	line = str_head(s, n);
	while (n < s.n && (s.p[n] == '\n' || s.p[n] == '\r'))
		n++;
	lua_spend(L, n);
	lua_pushinteger(L, (lua_Integer)(at + n));
	lua_replace(L, lua_upvalueindex(2));
	if (lua_toboolean(L, lua_upvalueindex(3)))
		lua_push_str(L, line);
	else
		lua_text_push_piece(L, lua_upvalueindex(1), line);
	return 1;
}

/* text:lines([strings]) -> iterator
 * Goes over the lines, as texts or with true as strings, without their ends.
 * Empty lines are left out, but for one at the front.
 * > local out = {}
 * > for line in require("rspamd_text").fromstring("a\r\n\r\nb\n"):lines(true) do
 * >   out[#out + 1] = line
 * > end
 * > assert(table.concat(out, ",") == "a,b")
 */
int lua_text_lines(lua_State *L)
{
	lua_text_get(L, 1);
	lua_settop(L, 2);
	lua_pushinteger(L, 0);
	lua_insert(L, 2);
	lua_pushcclosure(L, next_line, 3);
	return 1;
}

/* The iterator of split(): the list of pieces, where it is, whether they are
 * wanted as strings. */
static int next_piece(lua_State *L)
{
	lua_Integer at = lua_tointeger(L, lua_upvalueindex(2)) + 1;

	lua_pushinteger(L, at);
	lua_replace(L, lua_upvalueindex(2));
	lua_rawgeti(L, lua_upvalueindex(1), at);
	if (lua_isnil(L, -1))
		return 1;
	if (!lua_toboolean(L, lua_upvalueindex(3))) {
		if (!lua_is_text(L, -1))
			lua_text_push_copy(L, lua_str_arg(L, -1));
	} else if (lua_is_text(L, -1)) {
		lua_push_str(L, lua_str_arg(L, -1));
	}
	return 1;
}

/* Replaces the source of a regex at idx by the regex. */
static void compile(lua_State *L, int idx)
{
	lua_getglobal(L, "require");
	lua_pushliteral(L, "rspamd_regexp");
	lua_call(L, 1, 1);
	lua_getfield(L, -1, "create_cached");
	lua_pushvalue(L, idx);
	lua_call(L, 1, 1);
	lua_replace(L, idx);
	lua_pop(L, 1);
	if (lua_isnil(L, idx))
		luaL_error(L, "split: this is no regex");
}

/* text:split(regex [, strings]) -> iterator
 * Goes over what is between the matches of a regex (or of the source of one),
 * as texts or with true as strings. Empty pieces are left out.
 * > local out = {}
 * > for piece in require("rspamd_text").fromstring("a, b,c"):split("/[ ,]+/", true) do
 * >   out[#out + 1] = piece
 * > end
 * > assert(table.concat(out, "|") == "a|b|c")
 */
int lua_text_split(lua_State *L)
{
	lua_text_get(L, 1);
	lua_settop(L, 3);
	if (lua_type(L, 2) == LUA_TSTRING)
		compile(L, 2);
	lua_getfield(L, 2, "split");
	lua_pushvalue(L, 2);
	lua_pushvalue(L, 1);
	lua_call(L, 2, 1);
	if (!lua_istable(L, -1)) {
		lua_pop(L, 1);
		lua_newtable(L);
	}
	lua_pushinteger(L, 0);
	lua_pushvalue(L, 3);
	lua_pushcclosure(L, next_piece, 3);
	return 1;
}

/* rspamd_text.fromstring(string) -> text
 * A text of the string's octets. Also called from_string().
 * > local rspamd_text = require "rspamd_text"
 * > local text = rspamd_text.fromstring("abc")
 * > assert(text == rspamd_text.fromstring("abc"))
 * > assert(tostring(text .. "d") == "abcd")
 */
static int module_fromstring(lua_State *L)
{
	lua_text_push_copy(L, lua_str_arg(L, 1));
	return 1;
}

/* How deep lists may stand in lists. */
#define DEPTH_MAX 16

/* Joins lists: once to know the length, once to copy. */
struct joiner {
	char *out;		/* NULL: only the length is wanted */
	size_t n;
	struct str between;
	bool behind_one;
};

static void put(struct joiner *j, struct str s)
{
	if (j->out && s.n > 0)
		memcpy(j->out + j->n, s.p, s.n);
	j->n += s.n;
}

/* What is neither string, text nor list is left out. */
static void join(lua_State *L, struct joiner *j, int idx, int depth)
{
	lua_Integer n = (lua_Integer)lua_rawlen(L, idx);

	luaL_checkstack(L, 8, "fromtable");
	for (lua_Integer i = 1; i <= n; i++) {
		lua_spend(L, 1);
		lua_rawgeti(L, idx, i);
		if (lua_istable(L, -1) && depth < DEPTH_MAX) {
			join(L, j, lua_gettop(L), depth + 1);
		} else if (lua_type(L, -1) == LUA_TSTRING ||
			   lua_is_text(L, -1)) {
			if (j->behind_one)
				put(j, j->between);
			put(j, lua_str_arg(L, -1));
			j->behind_one = true;
		}
		lua_pop(L, 1);
	}
}

/* rspamd_text.fromtable(list [, between]) -> text
 * The strings and texts of a list, and of the lists in it, joined. Also called
 * from_table().
 * > local rspamd_text = require "rspamd_text"
 * > assert(tostring(rspamd_text.fromtable({"a", {"b", "c"}}, ",")) == "a,b,c")
 */
static int module_fromtable(lua_State *L)
{
	struct joiner j = { .between = STR("") };

	luaL_checktype(L, 1, LUA_TTABLE);
	if (lua_type(L, 2) == LUA_TSTRING || lua_is_text(L, 2))
		j.between = lua_str_arg(L, 2);
	lua_settop(L, 2);
	join(L, &j, 1, 0);
	j.out = lua_text_new(L, j.n);
	j.n = 0;
	j.behind_one = false;
	join(L, &j, 1, 0);
	return 1;
}

/* rspamd_text.null() -> text
 * An empty text.
 * > assert(#require("rspamd_text").null() == 0)
 */
static int module_null(lua_State *L)
{
	lua_text_push_copy(L, STR(""));
	return 1;
}

/* Octets that one call may ask the system for. */
#define RANDOM_MAX 65536

/* rspamd_text.randombytes(n) -> text
 * Random octets, good enough for keys.
 * > assert(#require("rspamd_text").randombytes(16) == 16)
 */
static int module_randombytes(lua_State *L)
{
	lua_Integer n = luaL_checkinteger(L, 1);
	char *out;

	if (n < 0 || n > RANDOM_MAX)
		return luaL_error(L, "randombytes: 0 to %d octets",
				  RANDOM_MAX);
	out = lua_text_new(L, (size_t)n);
	for (lua_Integer at = 0; at < n; at += 256)
		if (getentropy(out + at, n - at < 256 ? (size_t)(n - at) :
			       256) != 0)
			return luaL_error(L, "no random octets");
	return 1;
}

static const struct lua_row functions[] = {
	{ "from_string", module_fromstring },
	{ "from_table", module_fromtable },
	{ "fromstring", module_fromstring },
	{ "fromtable", module_fromtable },
	{ "null", module_null },
	{ "randombytes", module_randombytes },
	{ NULL, NULL },
};

const struct lua_module lua_text_module = {
	.name = "rspamd_text",
	.functions = functions,
};
