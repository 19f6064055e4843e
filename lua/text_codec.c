/*
 * rspamd{text}: methods that make another text of it. Each makes room in
 * Lua's memory first, which is metered, and writes into that.
 */
#include "lua/text.h"
#include "mail/utf8.h"

enum base32_kind lua_base32_arg(lua_State *L, int idx)
{
	static const struct {
		struct str name;
		enum base32_kind kind;
	} kinds[] = {
		{ { "default", 7 }, BASE32_ZOOKO },
		{ { "zbase", 5 }, BASE32_ZOOKO },
		{ { "rfc", 3 }, BASE32_RFC },
		{ { "bleach", 6 }, BASE32_BECH },
	};
	struct str name = lua_str_opt(L, idx);

	if (!name.p)
		return BASE32_ZOOKO;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (str_eq(name, kinds[i].name))
			return kinds[i].kind;
	luaL_error(L, "invalid b32 type: %s", lua_tostring(L, idx));
	return BASE32_ZOOKO;
}

struct str lua_line_end_arg(lua_State *L, int idx)
{
	struct str name = lua_str_opt(L, idx);

	if (str_ieq(name, STR("lf")))
		return STR("\n");
	return str_ieq(name, STR("cr")) ? STR("\r") : STR("\r\n");
}

void lua_push_base64(lua_State *L, struct str s,
		     const struct codec_lines *lines)
{
	char *out = lua_text_new(L, base64_size(s.n, lines));

	lua_text_cut(L, base64_encode(s, lines, out));
}

void lua_push_base32(lua_State *L, struct str s, enum base32_kind kind)
{
	char *out = lua_text_new(L, base32_size(s.n));

	lua_text_cut(L, base32_encode(s, kind, out));
}

/* text:hex() -> text
 * > local text = require("rspamd_text").fromstring("abc")
 * > assert(tostring(text:hex()) == "616263")
 */
int lua_text_hex(lua_State *L)
{
	struct str s = lua_text_get(L, 1);

	hex_encode(s, lua_text_new(L, s.n * 2));
	return 1;
}

/* text:base32([alphabet]) -> text
 * Base32 in rspamd's default alphabet, in "rfc" (RFC 4648) or "bleach"
 * (bech32), without padding.
 * > local text = require("rspamd_text").fromstring("abc")
 * > assert(tostring(text:base32()) == "buagg")
 * > assert(tostring(text:base32("rfc")) == "MFRGG")
 */
int lua_text_base32(lua_State *L)
{
	lua_push_base32(L, lua_text_get(L, 1), lua_base32_arg(L, 2));
	return 1;
}

/* text:base64([width [, ends [, fold]]]) -> text
 * Base64, in lines of that many characters (at least 9) if a width is given.
 * Lines end as "crlf" (the default), "lf" or "cr" says; with fold a tab
 * begins the next one.
 * > local text = require("rspamd_text").fromstring(("x"):rep(12))
 * > assert(tostring(text:base64()) == "eHh4eHh4eHh4eHh4")
 * > assert(tostring(text:base64(12, "lf", true)) == "eHh4eHh4eHh4\n\teHh4")
 */
int lua_text_base64(lua_State *L)
{
	struct codec_lines lines = { 0 };
	lua_Integer width = luaL_optinteger(L, 2, -1);

	if (width >= 0 && width <= 8)
		return luaL_error(L, "too small line length (at least 9 is "
				  "required)");
	if (width > 0) {
		lines.width = (size_t)width;
		lines.end = lua_line_end_arg(L, 3);
		if (lua_toboolean(L, 4))
			lines.end = lines.end.n == 2 ? STR("\r\n\t") :
				*lines.end.p == '\n' ? STR("\n\t") : STR("\r\t");
	}
	lua_push_base64(L, lua_text_get(L, 1), &lines);
	return 1;
}

/* text:lower([utf8]) -> text
 * The text with small letters: ASCII's, or with true all of UTF-8's.
 * > local text = require("rspamd_text").fromstring("ÀB")
 * > assert(tostring(text:lower()) == "Àb" and tostring(text:lower(true)) == "àb")
 */
int lua_text_lower(lua_State *L)
{
	struct str s = lua_text_get(L, 1);
	bool utf8 = lua_toboolean(L, 2);
	char *out = lua_text_new(L, utf8 ? UTF8_LOWER_SIZE(s.n) : s.n);

	if (utf8) {
		lua_text_cut(L, utf8_lower(s, out));
		return 1;
	}
	for (size_t i = 0; i < s.n; i++)
		out[i] = (char)to_lower(s.p[i]);
	return 1;
}

/* Marks in set the octets that a class of exclude_chars() names. */
static void add_class(bool set[256], char class)
{
	for (int c = 0; c < 256; c++) {
		bool in = class == 's' ? is_space(c) && c != '\v' :
			class == 'c' ? c < ' ' || c == 0x7f :
			class == 'n' ? c == '\r' || c == '\n' :
			class == '8' ? c > 127 : class == '%' && c == '%';

		set[c] = set[c] || in;
	}
}

/* text:exclude_chars(characters) -> text
 * The text without these characters. %s means white space, %n line ends, %c
 * control characters, %8 octets above 127, %% a percent sign.
 * > local text = require("rspamd_text").fromstring("a b\nc")
 * > assert(tostring(text:exclude_chars("%sb")) == "ac")
 */
int lua_text_exclude_chars(lua_State *L)
{
	struct str s = lua_text_get(L, 1), what = lua_str_arg(L, 2);
	bool set[256] = { false };
	size_t n = 0;
	char *out;

	if (what.n == 0)
		return luaL_error(L, "exclude_chars: no characters given");
	lua_spend(L, what.n);
	for (size_t i = 0; i < what.n; i++) {
		if (what.p[i] == '%' && i + 1 < what.n)
			add_class(set, what.p[++i]);
		else
			set[(unsigned char)what.p[i]] = true;
	}
	out = lua_text_new(L, s.n);
	for (size_t i = 0; i < s.n; i++)
		if (!set[(unsigned char)s.p[i]])
			out[n++] = s.p[i];
	lua_text_cut(L, n);
	return 1;
}

/* text:oneline() -> text
 * The text in one line: runs of white space become one space, none at its
 * ends; other control characters are dropped.
 * > local text = require("rspamd_text").fromstring("a \r\n b\1\n")
 * > assert(tostring(text:oneline()) == "a b")
 */
int lua_text_oneline(lua_State *L)
{
	struct str s = lua_text_get(L, 1);
	char *out = lua_text_new(L, s.n);
	bool space = false;
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];

		if (is_space(c)) {
			space = n > 0;
		} else if (c > ' ' && c != 0x7f) {
			if (space)
				out[n++] = ' ';
			out[n++] = (char)c;
			space = false;
		}
	}
	lua_text_cut(L, n);
	return 1;
}
