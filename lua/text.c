/*
 * rspamd{text}: octets that Lua holds without a string of them being made,
 * which is what rspamd gives for everything large: the message, the content
 * of a part. Those of the message point into it and are dead after it; others
 * own their octets.
 *
 * A text has some methods of strings, and # .. == < on it work. It has no
 * patterns: find() looks for the octets themselves, as rspamd's does. The
 * methods that only strings have are there to say so.
 */
#include "lua/text.h"

struct text {
	const char *p;
	size_t n;
	uint64_t epoch;		/* of the message that owns p; 0: our own */
};

static struct text *push_text(lua_State *L, size_t extra)
{
	return lua_object_new(L, &lua_text_class, sizeof(struct text) + extra);
}

void lua_text_push(lua_State *L, struct str s)
{
	struct lua_vm *vm = lua_vm_of(L);
	struct text *t;

	if (!s.p) {
		lua_pushnil(L);
	} else if (!vm->run) {
		lua_text_push_copy(L, s);
	} else {
		t = push_text(L, 0);
		t->p = s.p;
		t->n = s.n;
		t->epoch = vm->epoch;
	}
}

char *lua_text_new(lua_State *L, size_t n)
{
	struct text *t;

	lua_spend(L, n);
	t = push_text(L, n);
	t->p = (char *)(t + 1);
	t->n = n;
	return (char *)(t + 1);
}

void lua_text_cut(lua_State *L, size_t n)
{
	struct text *t = lua_object_get(L, -1, &lua_text_class);

	t->n = n;
}

void lua_text_push_copy(lua_State *L, struct str s)
{
	char *p;

	if (!s.p) {
		lua_pushnil(L);
		return;
	}
	p = lua_text_new(L, s.n);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
}

static struct str octets(lua_State *L, const struct text *t)
{
	struct lua_vm *vm = lua_vm_of(L);

	if (t->epoch && (t->epoch != vm->epoch || !vm->run))
		luaL_error(L, "this rspamd{text} belongs to a message whose "
			   "scan is over");
	return str_make(t->p ? t->p : "", t->n);
}

struct str lua_text_get(lua_State *L, int idx)
{
	return octets(L, lua_object_get(L, idx, &lua_text_class));
}

bool lua_is_text(lua_State *L, int idx)
{
	return lua_object_test(L, idx, &lua_text_class) != NULL;
}

bool lua_text_test(lua_State *L, int idx, struct str *s_r)
{
	const struct text *t = lua_object_test(L, idx, &lua_text_class);

	if (t)
		*s_r = octets(L, t);
	return t;
}

void lua_text_push_piece(lua_State *L, int idx, struct str piece)
{
	const struct text *t = lua_object_test(L, idx, &lua_text_class);

	if (t && t->epoch)
		lua_text_push(L, piece);
	else
		lua_text_push_copy(L, piece);
}

struct str lua_str_arg(lua_State *L, int idx)
{
	struct str s;
	lua_Number number;

	if (lua_text_test(L, idx, &s))
		return s;
	if (lua_type(L, idx) == LUA_TNUMBER && !lua_isinteger(L, idx)) {
		/* As LuaJIT writes it: 5, not 5.0. */
		number = lua_tonumber(L, idx);
		if (number >= -1e15 && number <= 1e15 &&
		    number == (lua_Number)(lua_Integer)number) {
			idx = lua_absindex(L, idx);
			lua_pushinteger(L, (lua_Integer)number);
			lua_replace(L, idx);
		}
	}
	s.p = luaL_checklstring(L, idx, &s.n);
	return s;
}

struct str lua_str_opt(lua_State *L, int idx)
{
	return lua_isnoneornil(L, idx) ? STR_NONE : lua_str_arg(L, idx);
}

/* text:len() -> integer
 * The number of octets, as #text.
 * > local text = task:get_content()
 * > assert(text:len() == #text and #text > 1000)
 */
static int text_len(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)lua_text_get(L, 1).n);
	return 1;
}

/* text:str() -> string
 * A string of the same octets, as tostring(text).
 * > local text = require("rspamd_text").fromstring("abc")
 * > assert(text:str() == "abc" and tostring(text) == "abc")
 */
static int text_str(lua_State *L)
{
	struct str s = lua_text_get(L, 1);

	lua_spend(L, s.n);
	lua_push_str(L, s);
	return 1;
}

/* Positions as string.sub takes them, in s; false if nothing is between. */
static bool range(struct str s, lua_Integer from, lua_Integer to,
		  struct str *piece_r)
{
	lua_Integer n = (lua_Integer)s.n;

	if (from < 0)
		from = from < -n ? 1 : n + from + 1;
	if (to < 0)
		to = n + to + 1;
	if (from < 1)
		from = 1;
	if (to > n)
		to = n;
	*piece_r = from <= to ? str_make(s.p + from - 1,
					 (size_t)(to - from + 1)) : STR("");
	return from <= to;
}

/* text:sub(from [, to]) -> text
 * The octets from one position to another, counted as string.sub counts.
 * > local text = require("rspamd_text").fromstring("hello")
 * > assert(tostring(text:sub(2, 3)) == "el")
 * > assert(tostring(text:sub(-3)) == "llo")
 */
static int text_sub(lua_State *L)
{
	struct str s = lua_text_get(L, 1), piece;

	range(s, luaL_checkinteger(L, 2), luaL_optinteger(L, 3, -1), &piece);
	lua_text_push_piece(L, 1, piece);
	return 1;
}

/* text:span(from [, length]) -> text
 * The octets from a position on, all or that many; an error if they are not
 * there. Nothing is copied from a text of the message.
 * > local text = require("rspamd_text").fromstring("hello")
 * > assert(tostring(text:span(2, 3)) == "ell")
 * > assert(not pcall(text.span, text, 2, 5))
 */
static int text_span(lua_State *L)
{
	struct str s = lua_text_get(L, 1);
	lua_Integer from = luaL_checkinteger(L, 2);
	lua_Integer length = luaL_optinteger(L, 3, -1);

	if (from < 1 || from > (lua_Integer)s.n)
		return luaL_error(L, "span: the text has no octet %I", from);
	s = str_from(s, (size_t)from - 1);
	if (length > (lua_Integer)s.n)
		return luaL_error(L, "span: only %I octets follow",
				  (lua_Integer)s.n);
	lua_text_push_piece(L, 1, length >= 0 ? str_head(s, (size_t)length) :
			    s);
	return 1;
}

/* text:at(position) -> integer or nil
 * The octet at a position, as a number from 0 to 255.
 * > local text = require("rspamd_text").fromstring("abc")
 * > assert(text:at(1) == 97 and text:at(-1) == 99 and text:at(4) == nil)
 */
static int text_at(lua_State *L)
{
	struct str s = lua_text_get(L, 1), piece;
	lua_Integer at = luaL_checkinteger(L, 2);

	/* Before the first is the first, for sub() too. */
	if (at >= 0 && at < 1)
		at = 1;
	if (range(s, at, at, &piece))
		lua_pushinteger(L, (unsigned char)piece.p[0]);
	else
		lua_pushnil(L);
	return 1;
}

/* Positions of one call that byte() gives; Lua's stack has a bound, too. */
#define BYTES_MAX 4096

/* text:byte([from [, to]]) -> integer, ...
 * The octets from one position to another as numbers, as string.byte.
 * > local a, b = require("rspamd_text").fromstring("abc"):byte(1, 2)
 * > assert(a == 97 and b == 98)
 */
static int text_byte(lua_State *L)
{
	struct str s = lua_text_get(L, 1), piece;
	lua_Integer from = luaL_optinteger(L, 2, 1);

	range(s, from, luaL_optinteger(L, 3, from ? from : 1), &piece);
	if (piece.n > BYTES_MAX)
		return luaL_error(L, "byte: too many octets at once");
	luaL_checkstack(L, (int)piece.n, "byte");
	for (size_t i = 0; i < piece.n; i++)
		lua_pushinteger(L, (unsigned char)piece.p[i]);
	return (int)piece.n;
}

/* text:bytes() -> {integer, ...}
 * All octets as numbers.
 * > assert(require("rspamd_text").fromstring("abc"):bytes()[3] == 99)
 */
static int text_bytes(lua_State *L)
{
	struct str s = lua_text_get(L, 1);

	lua_spend(L, s.n);
	lua_newtable(L);
	for (size_t i = 0; i < s.n; i++) {
		lua_pushinteger(L, (unsigned char)s.p[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* text:find(octets [, from]) -> first, last or nil
 * Where these octets stand in the text, from a position on. They are no
 * pattern: for one write tostring(text):find(pattern).
 * > local text = require("rspamd_text").fromstring("a.b.c")
 * > local first, last = text:find(".b")
 * > assert(first == 2 and last == 3)
 * > assert(text:find(".", 3) == 4 and text:find("%.") == nil)
 */
static int text_find(lua_State *L)
{
	struct str s = lua_text_get(L, 1), what = lua_str_arg(L, 2);
	lua_Integer from = luaL_optinteger(L, 3, 1);
	ssize_t at;

	if (from < 0)
		from = (lua_Integer)s.n + from + 1;
	if (from < 1)
		from = 1;
	if (from > (lua_Integer)s.n + 1) {
		lua_pushnil(L);
		return 1;
	}
	s = str_from(s, (size_t)from - 1);
	lua_spend(L, s.n);
	at = what.n > 0 ? str_find(s, what) : 0;
	if (at < 0) {
		lua_pushnil(L);
		return 1;
	}
	lua_pushinteger(L, from + at);
	lua_pushinteger(L, from + at + (lua_Integer)what.n - 1);
	return 2;
}

/* text:memchr(octet [, last]) -> integer
 * The position of the first octet of this kind (a character or a number);
 * with true the last one; -1 if there is none.
 * > local text = require("rspamd_text").fromstring("hello")
 * > assert(text:memchr("l") == 3 and text:memchr("l", true) == 4)
 * > assert(text:memchr(120) == -1)
 */
static int text_memchr(lua_State *L)
{
	struct str s = lua_text_get(L, 1), what;
	ssize_t at;
	char c;

	if (lua_type(L, 2) == LUA_TNUMBER) {
		c = (char)luaL_checkinteger(L, 2);
	} else {
		what = lua_str_arg(L, 2);
		if (what.n != 1)
			return luaL_error(L, "memchr: need exactly one "
					  "character to search for");
		c = what.p[0];
	}
	lua_spend(L, s.n);
	at = lua_toboolean(L, 3) ? str_rchr(s, c) : str_chr(s, c);
	lua_pushinteger(L, at < 0 ? -1 : (lua_Integer)at + 1);
	return 1;
}

/* text:strtoul() -> integer or nil
 * The number whose decimal digits the text is; 0 if it is empty.
 * > local rspamd_text = require "rspamd_text"
 * > assert(rspamd_text.fromstring("0123"):strtoul() == 123)
 * > assert(rspamd_text.fromstring("12a"):strtoul() == nil)
 */
static int text_strtoul(lua_State *L)
{
	struct str s = lua_text_get(L, 1);
	lua_Integer value = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]) ||
		    value > (LUA_MAXINTEGER - 9) / 10) {
			lua_pushnil(L);
			return 1;
		}
		value = value * 10 + (s.p[i] - '0');
	}
	lua_pushinteger(L, value);
	return 1;
}

/* text:take_ownership() -> boolean
 * Always true: Lua keeps the octets as long as they can be used, which for a
 * text of the message is until the message is over.
 * > assert(task:get_content():take_ownership())
 */
static int text_take_ownership(lua_State *L)
{
	lua_text_get(L, 1);
	lua_pushboolean(L, true);
	return 1;
}

/* text:ptr() -> light userdata
 * Where the octets are, to tell whether two texts are the same.
 * > local text = require("rspamd_text").fromstring("abc")
 * > assert(text:ptr() == text:ptr())
 */
static int text_ptr(lua_State *L)
{
	lua_pushlightuserdata(L, (void *)lua_text_get(L, 1).p);
	return 1;
}

/* text:save_in_file(path) -> error
 * Scripts may not write files: always an error. Also called write().
 * > local text = require("rspamd_text").fromstring("abc")
 * > assert(not pcall(text.save_in_file, text, "file"))
 */
static int text_save_in_file(lua_State *L)
{
	return luaL_error(L, "scripts may not write files");
}

/* text:match(pattern) -> error
 * Texts have no patterns and not all methods of strings: always an error
 * that says so. Write tostring(text):match(pattern).
 * > local text = require("rspamd_text").fromstring("abc")
 * > local ok, why = pcall(text.match, text, "b")
 * > assert(not ok and why:find("tostring"))
 */
static int text_lacks(lua_State *L)
{
	return luaL_error(L, "rspamd{text} has not this method of strings: "
			  "use tostring(text) first");
}

static int text_concat(lua_State *L)
{
	struct str a = lua_str_arg(L, 1), b = lua_str_arg(L, 2);
	char *p = lua_text_new(L, a.n + b.n);

	memcpy(p, a.p, a.n);
	memcpy(p + a.n, b.p, b.n);
	return 1;
}

static int text_eq(lua_State *L)
{
	struct str a, b;

	lua_pushboolean(L, lua_text_test(L, 1, &a) &&
			   lua_text_test(L, 2, &b) && str_eq(a, b));
	return 1;
}

/* As rspamd: the shorter one first, texts of one length by their octets. */
static int order(lua_State *L)
{
	struct str a = lua_str_arg(L, 1), b = lua_str_arg(L, 2);

	lua_spend(L, a.n < b.n ? a.n : b.n);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return str_cmp(a, b);
}

static int text_lt(lua_State *L)
{
	lua_pushboolean(L, order(L) < 0);
	return 1;
}

static int text_le(lua_State *L)
{
	lua_pushboolean(L, order(L) <= 0);
	return 1;
}

static const struct lua_row methods[] = {
	{ "at", text_at },
	{ "base32", lua_text_base32 },
	{ "base64", lua_text_base64 },
	{ "byte", text_byte },
	{ "bytes", text_bytes },
	{ "exclude_chars", lua_text_exclude_chars },
	{ "find", text_find },
	{ "format", text_lacks },
	{ "gmatch", text_lacks },
	{ "gsub", text_lacks },
	{ "hex", lua_text_hex },
	{ "len", text_len },
	{ "lines", lua_text_lines },
	{ "lower", lua_text_lower },
	{ "match", text_lacks },
	{ "memchr", text_memchr },
	{ "oneline", lua_text_oneline },
	{ "ptr", text_ptr },
	{ "rep", text_lacks },
	{ "reverse", text_lacks },
	{ "save_in_file", text_save_in_file },
	{ "span", text_span },
	{ "split", lua_text_split },
	{ "str", text_str },
	{ "strtoul", text_strtoul },
	{ "sub", text_sub },
	{ "take_ownership", text_take_ownership },
	{ "upper", text_lacks },
	{ "write", text_save_in_file },
	{ NULL, NULL },
};

/* Lua calls __len and __tostring with one more argument. */
static const struct lua_row meta[] = {
	{ "__concat", text_concat },
	{ "__eq", text_eq },
	{ "__le", text_le },
	{ "__len", text_len },
	{ "__lt", text_lt },
	{ "__tostring", text_str },
	{ NULL, NULL },
};

const struct lua_class lua_text_class = {
	.name = "rspamd{text}",
	.methods = methods,
	.meta = meta,
};
