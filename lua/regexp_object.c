/*
 * The methods of a regex that rspamd_regexp made. Searches are on octets, or
 * on characters with the flag u (text that is no UTF-8 then matches nothing),
 * give up at a limit, and are paid by their length.
 */
#include "lua/regexp_int.h"

static struct regexp *get_object(lua_State *L, int idx)
{
	struct regexp *o = lua_object_get(L, idx, &lua_regexp_class);

	if (o->destroyed)
		luaL_error(L, "this regexp was destroyed");
	return o;
}

const struct regex *lua_regexp_get(lua_State *L, int idx)
{
	return regexp_compiled(L, get_object(L, idx));
}

int lua_regexp_search(lua_State *L, const struct regex *re, struct str text)
{
	int rc;

	lua_spend(L, SEARCH_COST + text.n);
	rc = regex_search(re, text, 0, NULL);
	if (rc < 0)
		lua_spend(L, GIVE_UP_COST);
	return rc == 1;
}

/* A loop over the matches of a text. */
struct loop {
	lua_State *L;
	struct regexp *o;
	const struct regex *re;
	struct str text;
	size_t pos;
	bool empty;
	struct regex_match m;
};

/* The text in argument 2, and whether there is something to search in: a regex
 * of characters finds nothing in text that is said to be raw. */
static bool loop_begin(lua_State *L, struct loop *l, int raw_idx)
{
	*l = (struct loop){ .L = L, .o = get_object(L, 1) };
	l->re = regexp_compiled(L, l->o);
	if (lua_isnoneornil(L, 2) || lua_istable(L, 2) ||
	    lua_isboolean(L, 2))
		return false;
	l->text = lua_str_arg(L, 2);
	if (l->o->limit)
		l->text = str_head(l->text, l->o->limit);
	lua_spend(L, l->text.n);
	return !(raw_idx && lua_toboolean(L, raw_idx) &&
		 (l->o->flags & REGEX_UTF));
}

static bool loop_next(struct loop *l)
{
	size_t from = l->pos;
	int rc = regex_next(l->re, l->text, &l->pos, &l->empty, &l->m);

	if (rc < 0)
		lua_spend(l->L, GIVE_UP_COST);
	lua_spend(l->L, SEARCH_COST + (rc == 1 ? l->pos - from : 0));
	if (rc == 1)
		l->o->hits++;
	return rc == 1;
}

/* re:match(text [, raw]) -> boolean
 * Does the regex match somewhere in the text (a string or an rspamd_text)?
 * With raw a regex with the flag `u` matches nothing.
 * > local re = require "rspamd_regexp".create("/^mekiki$/mi")
 * > assert(re:match("a\nMekiki\nb"))
 * > assert(re:match(task:get_content()) == false)
 */
static int re_match(lua_State *L)
{
	struct loop l;

	lua_pushboolean(L, loop_begin(L, &l, 3) && loop_next(&l));
	return 1;
}

/* re:matchn(text, max [, raw]) -> number
 * How often the regex matches, counted up to max (-1: all).
 * > local re = require "rspamd_regexp".create("/a/")
 * > assert(re:matchn("banana", -1) == 3)
 * > assert(re:matchn("banana", 2) == 2)
 */
static int re_matchn(lua_State *L)
{
	struct loop l;
	lua_Number max = lua_tonumber(L, 3);
	lua_Integer n = 0;

	if (loop_begin(L, &l, 4)) {
		while (loop_next(&l)) {
			n++;
			if (max >= 0 && (lua_Number)n >= max)
				break;
		}
	}
	lua_pushinteger(L, n);
	return 1;
}

/* The groups of a match as a list; it ends before the first group that took
 * no part. */
static void push_groups(lua_State *L, const struct regex_match *m)
{
	lua_newtable(L);
	for (size_t i = 0; i < m->ngroups && m->group[i].p; i++) {
		lua_push_str(L, m->group[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

/* re:search(text [, raw [, capture]]) -> table or nil
 * All matches: a list of strings; with capture a list of lists, each of the
 * whole match and its groups. Nil if there is none.
 * > local re = require "rspamd_regexp".create("/(\\w+)@(\\w+)/")
 * > local found = re:search("a@b, c@d")
 * > assert(#found == 2 and found[2] == "c@d")
 * > found = re:search("a@b, c@d", false, true)
 * > assert(found[1][1] == "a@b" and found[1][3] == "b")
 * > assert(re:search("nothing") == nil)
 */
static int re_search(lua_State *L)
{
	struct loop l;
	bool capture = lua_toboolean(L, 4);
	lua_Integer n = 0;

	if (!loop_begin(L, &l, 3) || !loop_next(&l)) {
		lua_pushnil(L);
		return 1;
	}
	lua_newtable(L);
	do {
		lua_spend(L, l.m.group[0].n);
		if (capture)
			push_groups(L, &l.m);
		else
			lua_push_str(L, l.m.group[0].p ? l.m.group[0] :
				     STR(""));
		lua_rawseti(L, -2, ++n);
	} while (loop_next(&l));
	return 1;
}

/* Appends a piece to the list on the top, unless it is empty. */
static void add_piece(lua_State *L, struct str piece, bool text,
		      lua_Integer *n)
{
	if (piece.n == 0)
		return;
	lua_spend(L, piece.n);
	if (text)
		lua_text_push_copy(L, piece);
	else
		lua_push_str(L, piece);
	lua_rawseti(L, -2, ++*n);
}

/* re:split(text) -> table or nil
 * The pieces of the text between the matches, empty ones left out; nil if
 * nothing is left. Pieces of an rspamd_text are such texts too.
 * > local re = require "rspamd_regexp".create("/[ ,]+/")
 * > local list = re:split("a , b,,c")
 * > assert(#list == 3 and list[2] == "b")
 * > assert(re:split(",") == nil)
 */
static int re_split(lua_State *L)
{
	struct loop l;
	bool text = lua_isuserdata(L, 2);
	lua_Integer n = 0;
	size_t from = 0;

	if (!loop_begin(L, &l, 0)) {
		lua_pushnil(L);
		return 1;
	}
	lua_newtable(L);
	while (loop_next(&l)) {
		size_t end = l.pos - l.m.group[0].n;

		if (l.m.group[0].n == 0 || end < from)
			continue;
		add_piece(L, str_make(l.text.p + from, end - from), text, &n);
		from = l.pos;
	}
	add_piece(L, str_from(l.text, from), text, &n);
	if (n == 0)
		lua_pushnil(L);
	return 1;
}

/* re:get_pattern() -> string
 * The pattern without delimiters and flags.
 * > local re = require "rspamd_regexp".create("/a+/i")
 * > assert(re:get_pattern() == "a+" and tostring(re) == "a+")
 */
static int re_get_pattern(lua_State *L)
{
	struct regexp *o = lua_object_get(L, 1, &lua_regexp_class);

	lua_push_str(L, o->destroyed ? STR_NONE :
		     str_make(o->pattern, o->n));
	return 1;
}

/* re:set_limit(octets) -> nothing
 * Only so many octets of each text are looked at; 0: all.
 * > local re = require "rspamd_regexp".create("/b/")
 * > re:set_limit(3)
 * > assert(re:match("aab") and not re:match("aaab"))
 */
static int re_set_limit(lua_State *L)
{
	lua_Number n = luaL_checknumber(L, 2);

	get_object(L, 1)->limit = n >= 1 && n < 1e15 ? (size_t)n : 0;
	return 0;
}

/* re:get_max_hits() -> number
 * What set_max_hits set, 0 at first.
 * > assert(require "rspamd_regexp".create("/a/"):get_max_hits() == 0)
 */
static int re_get_max_hits(lua_State *L)
{
	lua_pushinteger(L, get_object(L, 1)->max_hits);
	return 1;
}

/* re:set_max_hits(n) -> number
 * Notes a number of hits and returns the one noted before. It does not limit
 * the methods here, as in rspamd.
 * > local re = require "rspamd_regexp".create("/a/")
 * > assert(re:set_max_hits(2) == 0 and re:get_max_hits() == 2)
 */
static int re_set_max_hits(lua_State *L)
{
	struct regexp *o = get_object(L, 1);

	lua_pushinteger(L, o->max_hits);
	o->max_hits = luaL_checkinteger(L, 2);
	return 1;
}

/* re:get_hits() -> number
 * How many matches this object has found so far.
 * > local re = require "rspamd_regexp".create("/a/")
 * > re:matchn("aaa", -1)
 * > assert(re:get_hits() == 3)
 */
static int re_get_hits(lua_State *L)
{
	lua_pushinteger(L, get_object(L, 1)->hits);
	return 1;
}

/* re:destroy() -> nothing
 * The object cannot be used any more. There is no need for it.
 * > local re = require "rspamd_regexp".create("/a/")
 * > re:destroy()
 * > assert(not pcall(re.match, re, "a"))
 */
static int re_destroy(lua_State *L)
{
	get_object(L, 1)->destroyed = true;
	return 0;
}

static const struct lua_row methods[] = {
	{ "match", re_match },
	{ "matchn", re_matchn },
	{ "search", re_search },
	{ "split", re_split },
	{ "get_pattern", re_get_pattern },
	{ "set_limit", re_set_limit },
	{ "get_max_hits", re_get_max_hits },
	{ "set_max_hits", re_set_max_hits },
	{ "get_hits", re_get_hits },
	{ "destroy", re_destroy },
	{ NULL, NULL },
};

static const struct lua_row meta[] = {
	{ "__tostring", re_get_pattern },
	{ NULL, NULL },
};

const struct lua_class lua_regexp_class = {
	"rspamd{regexp}", methods, meta,
};
