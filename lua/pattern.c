/*
 * string.find, match, gmatch and gsub: what Lua 5.4's manual says of them,
 * over the matcher of pattern_match.c.
 */
#include "lua/pattern.h"

#include "lua/sandbox.h"

/* Octets that make a pattern more than plain text. */
#define SPECIAL "^$*+?.([%-"

/* ---- captures ---- */

/* Pushes capture number i; the whole match for 0 of a pattern without. */
static void push_capture(lua_State *L, struct str subject,
			 const struct pattern_match *m, int i)
{
	if (i >= m->ncaptures) {
		if (i > 0)
			luaL_error(L, "invalid capture index %%%d", i + 1);
		lua_pushlstring(L, m->start, (size_t)(m->end - m->start));
		return;
	}
	if (m->capture[i].n == CAPTURE_OPEN)
		luaL_error(L, "unfinished capture");
	if (m->capture[i].n == CAPTURE_POSITION)
		lua_pushinteger(L, m->capture[i].p - subject.p + 1);
	else
		lua_pushlstring(L, m->capture[i].p, (size_t)m->capture[i].n);
}

/* All captures; `whole`: the match itself if there are none. How many. */
static int push_captures(lua_State *L, struct str subject,
			 const struct pattern_match *m, bool whole)
{
	int n = m->ncaptures == 0 && whole ? 1 : m->ncaptures;

	luaL_checkstack(L, n, "too many captures");
	for (int i = 0; i < n; i++)
		push_capture(L, subject, m, i);
	return n;
}

/* ---- find, match ---- */

/* A start position as Lua counts: negative from the end. -1: beyond it. */
static ssize_t start_arg(lua_State *L, int idx, size_t n)
{
	lua_Number at = luaL_optnumber(L, idx, 1);

	if (at < 0)
		at = at < -(lua_Number)n ? 1 : (lua_Number)n + at + 1;
	if (at != at || at < 1)
		at = 1;
	return at > (lua_Number)n + 1 ? -1 : (ssize_t)at - 1;
}

static struct str text_arg(lua_State *L, int idx)
{
	struct str s;

	s.p = luaL_checklstring(L, idx, &s.n);
	return s;
}

static bool is_plain(struct str pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (pattern.p[i] && strchr(SPECIAL, pattern.p[i]))
			return false;
	return true;
}

static int find_plain(lua_State *L, struct str s, struct str what, size_t at)
{
	ssize_t found = str_find(str_from(s, at), what);

	lua_spend(L, found < 0 ? s.n - at : (size_t)found);
	if (found < 0) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, (lua_Integer)at + found + 1);
	lua_pushinteger(L, (lua_Integer)((size_t)found + at + what.n));
	return 2;
}

static int search(lua_State *L, bool find)
{
	struct str s = text_arg(L, 1), text = text_arg(L, 2);
	ssize_t at = start_arg(L, 3, s.n);
	bool anchored = str_starts(text, STR("^")), found;
	struct pattern_match m;
	struct pattern *p;

	if (at < 0) {
		lua_pushnil(L);
		return 1;
	}
	if (find && (lua_toboolean(L, 4) || is_plain(text)))
		return find_plain(L, s, text, (size_t)at);
	p = pattern_compile(L, str_from(text, anchored));
	found = anchored ? pattern_at(L, p, s, s.p + at, &m) :
		pattern_from(L, p, s, s.p + at, &m);
	if (!found) {
		lua_pushnil(L);
		return 1;
	}
	if (!find)
		return push_captures(L, s, &m, true);
	lua_pushinteger(L, m.start - s.p + 1);
	lua_pushinteger(L, m.end - s.p);
	return 2 + push_captures(L, s, &m, false);
}

/* string.find(s, pattern [, from [, plain]]) -> integer, integer, captures
 * Where the first match of a Lua pattern begins and ends, or nil; with plain
 * the pattern is a plain text. Bounded: a pattern that would run for ever ends
 * with the rule's budget.
 * > assert(select(2, string.find("hello world", "o w")) == 7)
 * > assert(string.find("a.b", ".", 1, true) == 2)
 */
static int string_find(lua_State *L)
{
	return search(L, true);
}

/* string.match(s, pattern [, from]) -> captures
 * What the first match captures (all of it, if the pattern captures nothing),
 * or nil.
 * > assert(string.match("id=42;", "id=(%d+)") == "42")
 */
static int string_match(lua_State *L)
{
	return search(L, false);
}

/* ---- gmatch ---- */

/* Upvalues: the subject, the pattern's text, the compiled pattern, where to go
 * on, and where the last match ended (a match that is empty there is none). */
enum { UP_SUBJECT = 1, UP_TEXT, UP_PATTERN, UP_AT, UP_LAST };

static int next_match(lua_State *L)
{
	const struct pattern *p = lua_touserdata(L,
						 lua_upvalueindex(UP_PATTERN));
	struct str s = text_arg(L, lua_upvalueindex(UP_SUBJECT));
	const char *at = s.p + lua_tointeger(L, lua_upvalueindex(UP_AT));
	const char *last = s.p + lua_tointeger(L, lua_upvalueindex(UP_LAST));
	struct pattern_match m;

	while (at <= s.p + s.n && pattern_from(L, p, s, at, &m)) {
		if (m.end == last) {
			at = m.start + 1;
			continue;
		}
		lua_pushinteger(L, m.end - s.p);
		lua_copy(L, -1, lua_upvalueindex(UP_AT));
		lua_replace(L, lua_upvalueindex(UP_LAST));
		return push_captures(L, s, &m, true);
	}
	lua_pushinteger(L, (lua_Integer)s.n + 1);
	lua_replace(L, lua_upvalueindex(UP_AT));
	return 0;
}

/* string.gmatch(s, pattern [, from]) -> iterator
 * The matches, one after the other.
 * > local words = {}
 * > for word in string.gmatch("one two", "%a+") do words[#words + 1] = word end
 * > assert(#words == 2 and words[2] == "two")
 */
static int string_gmatch(lua_State *L)
{
	struct str s = text_arg(L, 1), text = text_arg(L, 2);
	ssize_t at = start_arg(L, 3, s.n);

	lua_settop(L, 2);
	pattern_compile(L, text);
	lua_pushinteger(L, at < 0 ? (lua_Integer)s.n + 1 : at);
	lua_pushinteger(L, -1);
	lua_pushcclosure(L, next_match, 5);
	return 1;
}

/* ---- gsub ---- */

static void add_template(lua_State *L, luaL_Buffer *b, struct str subject,
			 const struct pattern_match *m)
{
	struct str t = text_arg(L, 3);

	lua_spend(L, t.n);
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] != '%') {
			luaL_addchar(b, t.p[i]);
			continue;
		}
		i++;
		if (i < t.n && t.p[i] == '%') {
			luaL_addchar(b, '%');
		} else if (i < t.n && t.p[i] == '0') {
			luaL_addlstring(b, m->start,
					(size_t)(m->end - m->start));
		} else if (i < t.n && is_digit(t.p[i])) {
			push_capture(L, subject, m, t.p[i] - '1');
			luaL_addvalue(b);
		} else {
			luaL_error(L, "invalid use of '%%' in replacement "
				   "string");
		}
	}
}

/* Adds what replaces the match. */
static void add_replacement(lua_State *L, luaL_Buffer *b, struct str subject,
			    const struct pattern_match *m)
{
	int n, type = lua_type(L, 3);

	if (type == LUA_TSTRING || type == LUA_TNUMBER) {
		add_template(L, b, subject, m);
		return;
	}
	if (type == LUA_TTABLE) {
		push_capture(L, subject, m, 0);
		lua_gettable(L, 3);
	} else {
		lua_pushvalue(L, 3);
		n = push_captures(L, subject, m, true);
		lua_call(L, n, 1);
	}
	if (!lua_toboolean(L, -1)) {
		lua_pop(L, 1);
		luaL_addlstring(b, m->start, (size_t)(m->end - m->start));
		return;
	}
	if (lua_type(L, -1) == LUA_TNUMBER) {
		lua_tostring_plain(L, -1);
		lua_remove(L, -2);
	} else if (lua_type(L, -1) != LUA_TSTRING) {
		luaL_error(L, "invalid replacement value (a %s)",
			   luaL_typename(L, -1));
	}
	luaL_addvalue(b);
}

/* string.gsub(s, pattern, replacement [, max]) -> string, integer
 * s with the (first max) matches of a Lua pattern replaced, and their number.
 * The replacement is a string (%1 is the first capture), a table or a
 * function.
 * > assert(string.gsub("a b c", "(%w) ", "%1-") == "a-b-c")
 * > assert(select(2, string.gsub("hello", "l", "L")) == 2)
 */
static int string_gsub(lua_State *L)
{
	struct str s = text_arg(L, 1), text = text_arg(L, 2);
	lua_Number max = luaL_optnumber(L, 4, (lua_Number)s.n + 1);
	bool anchored = str_starts(text, STR("^"));
	const char *at = s.p, *end = s.p + s.n, *last = NULL;
	int type = lua_type(L, 3);
	struct pattern_match m;
	struct pattern *p;
	lua_Integer count = 0;
	luaL_Buffer b;

	luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING ||
			    type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
			 "string/function/table");
	lua_settop(L, 4);
	p = pattern_compile(L, str_from(text, anchored));
	luaL_buffinit(L, &b);
	while ((lua_Number)count < max) {
		bool found = anchored ? pattern_at(L, p, s, at, &m) :
			pattern_from(L, p, s, at, &m);
		const char *upto = found ? m.start : end;

		luaL_addlstring(&b, at, (size_t)(upto - at));
		at = upto;
		if (found && m.end != last) {
			count++;
			add_replacement(L, &b, s, &m);
			at = last = m.end;
		} else if (at < end) {
			luaL_addchar(&b, *at++);
		} else {
			break;
		}
		if (anchored)
			break;
	}
	if (at < end)
		luaL_addlstring(&b, at, (size_t)(end - at));
	luaL_pushresult(&b);
	lua_pushinteger(L, count);
	return 2;
}

const struct lua_row lua_pattern_rows[] = {
	{ "find", string_find }, { "match", string_match },
	{ "gmatch", string_gmatch }, { "gsub", string_gsub },
	{ NULL, NULL },
};
