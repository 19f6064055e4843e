/*
 * rspamd_util: octets as text and back.
 */
#include <sys/random.h>

#include "lua/text.h"
#include "lua/util.h"

/* The octets at the first argument; false, with nil pushed, if it is neither
 * a string nor a text: what rspamd's encoders answer then. */
static bool octets(lua_State *L, struct str *s_r)
{
	if (lua_type(L, 1) != LUA_TSTRING && !lua_is_text(L, 1)) {
		lua_pushnil(L);
		return false;
	}
	*s_r = lua_str_arg(L, 1);
	return true;
}

/* rspamd_util.encode_base64(octets [, width]) -> text
 * Base64, in lines of that many characters (at least 9) if a width is given.
 * > local rspamd_util = require "rspamd_util"
 * > assert(tostring(rspamd_util.encode_base64("hello")) == "aGVsbG8=")
 * > assert(tostring(rspamd_util.encode_base64("hello hello", 12)) == "aGVsbG8gaGVs\r\nbG8=")
 */
static int util_encode_base64(lua_State *L)
{
	struct codec_lines lines = { .end = STR("\r\n") };
	lua_Integer width = luaL_optinteger(L, 2, 0);
	struct str s;

	if (width > 0 && width <= 8)
		return luaL_error(L, "too small line length (at least 9 is "
				  "required)");
	if (width > 0)
		lines.width = (size_t)width;
	if (octets(L, &s))
		lua_push_base64(L, s, &lines);
	return 1;
}

/* rspamd_util.decode_base64(text) -> text
 * Decodes base64; characters that are none of it are skipped.
 * > local rspamd_util = require "rspamd_util"
 * > assert(tostring(rspamd_util.decode_base64("aGVs\r\nbG8")) == "hello")
 */
static int util_decode_base64(lua_State *L)
{
	struct str s;

	if (octets(L, &s)) {
		char *out = lua_text_new(L, s.n);

		lua_text_cut(L, base64_decode(s, out));
	}
	return 1;
}

/* rspamd_util.encode_base32(octets [, alphabet]) -> text
 * Base32 in rspamd's default alphabet, in "rfc" (RFC 4648) or "bleach"
 * (bech32), without padding.
 * > local rspamd_util = require "rspamd_util"
 * > assert(tostring(rspamd_util.encode_base32("hello world")) == "em3ags7py376g3tprd")
 * > assert(tostring(rspamd_util.encode_base32("hello world", "rfc")) == "NBSWY3DPEB3W64TMMQ")
 */
static int util_encode_base32(lua_State *L)
{
	enum base32_kind kind = lua_base32_arg(L, 2);
	struct str s;

	if (octets(L, &s))
		lua_push_base32(L, s, kind);
	return 1;
}

/* rspamd_util.decode_base32(text [, alphabet]) -> text or nil
 * Decodes base32; nil if a character is none of the alphabet.
 * > local rspamd_util = require "rspamd_util"
 * > assert(tostring(rspamd_util.decode_base32("em3ags7py376g3tprd")) == "hello world")
 * > assert(rspamd_util.decode_base32("!") == nil)
 */
static int util_decode_base32(lua_State *L)
{
	enum base32_kind kind = lua_base32_arg(L, 2);
	struct str s;
	ssize_t n;

	if (!octets(L, &s))
		return 1;
	n = base32_decode(s, kind, lua_text_new(L, s.n + 1));
	if (n >= 0)
		lua_text_cut(L, (size_t)n);
	else
		lua_pushnil(L);
	return 1;
}

/* rspamd_util.encode_qp(octets [, width [, ends]]) -> text
 * Quoted-printable; with a width, lines are broken so that none is longer,
 * by "crlf" (the default), "lf" or "cr".
 * > local rspamd_util = require "rspamd_util"
 * > assert(tostring(rspamd_util.encode_qp("a=é ")) == "a=3D=C3=A9=20")
 * > assert(tostring(rspamd_util.encode_qp("abcdefghijk", 5, "lf")) == "abcd=\nefgh=\nijk")
 */
static int util_encode_qp(lua_State *L)
{
	struct codec_lines lines = { .end = lua_line_end_arg(L, 3) };
	lua_Integer width = luaL_optinteger(L, 2, 0);
	struct str s;

	if (width > 3)
		lines.width = (size_t)width;
	if (octets(L, &s)) {
		char *out = lua_text_new(L, qp_size(s.n, &lines));

		lua_text_cut(L, qp_encode(s, &lines, out));
	}
	return 1;
}

/* rspamd_util.decode_qp(text) -> text or nil
 * Decodes quoted-printable; what is no escape stays. nil if nothing is left.
 * > local rspamd_util = require "rspamd_util"
 * > assert(tostring(rspamd_util.decode_qp("a=3Db=\nc=zz")) == "a=bc=zz")
 */
static int util_decode_qp(lua_State *L)
{
	struct str s;
	size_t n;

	if (!octets(L, &s))
		return 1;
	n = qp_decode(s, lua_text_new(L, s.n));
	if (n > 0)
		lua_text_cut(L, n);
	else
		lua_pushnil(L);
	return 1;
}

/* rspamd_util.decode_url(text) -> text
 * Decodes %XX, and "+" to a space.
 * > local rspamd_util = require "rspamd_util"
 * > assert(tostring(rspamd_util.decode_url("a%20b+c%e3%81%82")) == "a b cあ")
 */
static int util_decode_url(lua_State *L)
{
	struct str s;

	if (octets(L, &s)) {
		char *out = lua_text_new(L, s.n);

		lua_text_cut(L, url_decode(s, out));
	}
	return 1;
}

/* The longest random_hex(). */
#define RANDOM_MAX 65536

/* rspamd_util.random_hex(n) -> string
 * That many random hexadecimal digits.
 * > assert(require("rspamd_util").random_hex(11):find("^%x+$"))
 */
static int util_random_hex(lua_State *L)
{
	lua_Integer n = lua_tointeger(L, 1);
	luaL_Buffer b;

	if (n < 1 || n > RANDOM_MAX)
		return luaL_error(L, "random_hex: 1 to %d digits", RANDOM_MAX);
	lua_spend(L, (size_t)n);
	luaL_buffinit(L, &b);
	for (lua_Integer left = n; left > 0; left -= 64) {
		char bytes[32], hex[64];

		if (getentropy(bytes, sizeof(bytes)) != 0)
			return luaL_error(L, "no random octets");
		hex_encode(str_make(bytes, sizeof(bytes)), hex);
		luaL_addlstring(&b, hex, left < 64 ? (size_t)left : 64);
	}
	luaL_pushresult(&b);
	return 1;
}

/* Characters of an encoded word's text, so that the word has 76 at most. */
#define WORD_TEXT_MAX 63

/* The length of the UTF-8 character at the front of s, 1 for a bad octet. */
static size_t character(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;

	return n <= s.n ? n : 1;
}

/* rspamd_util.mime_header_encode(text) -> string
 * Text for a header: as it is if it is all ASCII, else as encoded words of
 * UTF-8 with spaces between them.
 * > local encode = require("rspamd_util").mime_header_encode
 * > assert(encode("plain") == "plain")
 * > assert(encode("é_ ?=") == "=?UTF-8?Q?=C3=A9=5F_=3F=3D?=")
 */
static int util_mime_header_encode(lua_State *L)
{
	struct str s = lua_str_arg(L, 1);
	size_t column = 0, wide = 0;
	luaL_Buffer b;

	lua_spend(L, s.n * 3);
	for (size_t i = 0; i < s.n; i++)
		wide += (unsigned char)s.p[i] > 127;
	if (wide == 0) {
		lua_push_str(L, s);
		return 1;
	}
	luaL_buffinit(L, &b);
	luaL_addstring(&b, "=?UTF-8?Q?");
	while (s.n > 0) {
		size_t n = character(s);
		bool plain = n == 1 && is_alnum((unsigned char)s.p[0]);
		size_t need = plain || *s.p == ' ' ? 1 : n * 3;

		if (column + need > WORD_TEXT_MAX) {
			luaL_addstring(&b, "?= =?UTF-8?Q?");
			column = 0;
		}
		column += need;
		for (size_t i = 0; i < n; i++) {
			char escape[4];

			snprintf(escape, sizeof(escape), "=%02X",
				 (unsigned char)s.p[i]);
			if (plain)
				luaL_addchar(&b, s.p[i]);
			else if (s.p[i] == ' ')
				luaL_addchar(&b, '_');
			else
				luaL_addstring(&b, escape);
		}
		s = str_from(s, n);
	}
	luaL_addstring(&b, "?=");
	luaL_pushresult(&b);
	return 1;
}

const struct lua_row lua_util_codec_rows[] = {
	{ "decode_base32", util_decode_base32 },
	{ "decode_base64", util_decode_base64 },
	{ "decode_qp", util_decode_qp },
	{ "decode_url", util_decode_url },
	{ "encode_base32", util_encode_base32 },
	{ "encode_base64", util_encode_base64 },
	{ "encode_qp", util_encode_qp },
	{ "mime_header_encode", util_mime_header_encode },
	{ "random_hex", util_random_hex },
	{ NULL, NULL },
};
