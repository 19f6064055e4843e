/*
 * rspamd_util: questions about text. All are linear, but for the distance of
 * two texts, which is only counted for short ones.
 */
#include <math.h>
#include <stdlib.h>

#include "lua/util.h"
#include "mail/psl.h"
#include "mail/utf8.h"

/* Text at idx; rspamd takes no numbers here. */
static struct str text_arg(lua_State *L, int idx)
{
	struct str s;

	if (lua_type(L, idx) != LUA_TSTRING && !lua_is_text(L, idx))
		luaL_error(L, "bad argument #%d (text expected, got %s)", idx,
			   luaL_typename(L, idx));
	s = lua_str_arg(L, idx);
	lua_spend(L, s.n);
	return s;
}

/* rspamd_util.get_tld(host) -> string
 * The registered domain of a host name by the Public Suffix List: the suffix
 * and one label more. The name itself if there is none.
 * > local rspamd_util = require "rspamd_util"
 * > assert(rspamd_util.get_tld("www.example.co.uk") == "example.co.uk")
 * > assert(rspamd_util.get_tld("co.uk") == "co.uk")
 * > assert(rspamd_util.get_tld("192.0.2.1") == "192.0.2.1")
 */
static int util_get_tld(lua_State *L)
{
	struct str host = lua_str_arg(L, 1);

	lua_spend(L, host.n);
	lua_push_str(L, psl_registrable(host));
	return 1;
}

/* rspamd_util.strequal_caseless(a, b) -> boolean
 * Whether two texts are equal but for the case of ASCII letters.
 * > local rspamd_util = require "rspamd_util"
 * > assert(rspamd_util.strequal_caseless("ABC", "abc"))
 * > assert(not rspamd_util.strequal_caseless("É", "é"))
 */
static int util_strequal_caseless(lua_State *L)
{
	struct str a = text_arg(L, 1), b = text_arg(L, 2);

	lua_pushboolean(L, str_ieq(a, b));
	return 1;
}

/* The folded form of s, in memory that Lua releases and that stays on the
 * stack. */
static struct str folded(lua_State *L, struct str s)
{
	size_t room = UTF8_FOLD_SIZE(s.n);
	char *out;

	lua_spend(L, room);
	out = lua_newuserdatauv(L, room, 0);
	return str_make(out, utf8_fold(s, out, room));
}

/* rspamd_util.strequal_caseless_utf8(a, b) -> boolean
 * Whether two texts in UTF-8 are equal but for case.
 * > local rspamd_util = require "rspamd_util"
 * > assert(rspamd_util.strequal_caseless_utf8("ÉA", "éa"))
 * > assert(not rspamd_util.strequal_caseless_utf8("é", "e"))
 */
static int util_strequal_caseless_utf8(lua_State *L)
{
	struct str a = text_arg(L, 1), b = text_arg(L, 2);

	lua_pushboolean(L, str_eq(a, b) ||
			   str_eq(folded(L, a), folded(L, b)));
	return 1;
}

/* rspamd_util.strlen_utf8(text) -> integer
 * The number of characters of a text in UTF-8.
 * > assert(require("rspamd_util").strlen_utf8("añb") == 3)
 */
static int util_strlen_utf8(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)utf8_count(text_arg(L, 1)));
	return 1;
}

/* rspamd_util.lower_utf8(text) -> string
 * The text in small letters, all of UTF-8's.
 * > assert(require("rspamd_util").lower_utf8("ÀÉ ABC") == "àé abc")
 */
static int util_lower_utf8(lua_State *L)
{
	struct str s = text_arg(L, 1);
	char *out = lua_newuserdatauv(L, UTF8_LOWER_SIZE(s.n), 0);

	lua_pushlstring(L, out, utf8_lower(s, out));
	return 1;
}

/* rspamd_util.is_uppercase(text) -> boolean
 * Whether a text in UTF-8 has capitals and no small letters.
 * > local rspamd_util = require "rspamd_util"
 * > assert(rspamd_util.is_uppercase("BUY 1!") and not rspamd_util.is_uppercase("123"))
 */
static int util_is_uppercase(lua_State *L)
{
	struct str s = lua_str_arg(L, 1);

	lua_spend(L, s.n);
	lua_pushboolean(L, utf8_is_upper(s));
	return 1;
}

/* rspamd_util.is_valid_utf8(text) -> boolean [, position]
 * Whether a text is UTF-8; if not, where the first wrong octet is.
 * > local ok, at = require("rspamd_util").is_valid_utf8("ab\255")
 * > assert(not ok and at == 3)
 */
static int util_is_valid_utf8(lua_State *L)
{
	ssize_t bad = utf8_bad(text_arg(L, 1));

	lua_pushboolean(L, bad < 0);
	if (bad < 0)
		return 1;
	lua_pushinteger(L, (lua_Integer)bad + 1);
	return 2;
}

/* rspamd_util.is_utf_mixed_script(text) -> boolean
 * Whether a text has letters of more than one script.
 * > local rspamd_util = require "rspamd_util"
 * > assert(rspamd_util.is_utf_mixed_script("pаypal"))
 * > assert(not rspamd_util.is_utf_mixed_script("paypal"))
 */
static int util_is_utf_mixed_script(lua_State *L)
{
	struct str s = text_arg(L, 1);

	if (utf8_bad(s) >= 0)
		return luaL_error(L, "passed string is not valid utf");
	lua_pushboolean(L, utf8_is_mixed(s));
	return 1;
}

/* rspamd_util.is_utf_outside_range(text, first, last) -> boolean
 * Whether a character of a text is outside a range of code points.
 * > local rspamd_util = require "rspamd_util"
 * > assert(rspamd_util.is_utf_outside_range("aé", 0, 127))
 * > assert(not rspamd_util.is_utf_outside_range("ab", 0, 127))
 */
static int util_is_utf_outside_range(lua_State *L)
{
	struct str s = text_arg(L, 1);

	lua_pushboolean(L, utf8_is_outside(s, (long)lua_tointeger(L, 2),
					   (long)lua_tointeger(L, 3)));
	return 1;
}

/* rspamd_util.has_obscured_unicode(text) -> boolean [, character, position]
 * Whether a text has characters that are not seen or turn its direction; if
 * so, the first one and the octets before it.
 * > local yes, character, at = require("rspamd_util").has_obscured_unicode("a\u{200b}b")
 * > assert(yes and character == 0x200b and at == 1)
 */
static int util_has_obscured_unicode(lua_State *L)
{
	struct str s;
	size_t at;
	long character;

	if (lua_isnoneornil(L, 1)) {
		lua_pushboolean(L, false);
		return 1;
	}
	s = text_arg(L, 1);
	if (utf8_bad(s) >= 0 || !utf8_obscured(s, &at, &character)) {
		lua_pushboolean(L, false);
		return 1;
	}
	lua_pushboolean(L, true);
	lua_pushinteger(L, character);
	lua_pushinteger(L, (lua_Integer)at);
	return 3;
}

/* What comparing names costs beside their octets. */
#define ALIKE_WORK 2000

/* rspamd_util.is_utf_spoofed(a [, b]) -> boolean [, kind]
 * Whether two names look alike, and how: "single", "multiple" or
 * "whole" (scripts). Of one name: whether it has unseen characters or digits
 * of several scripts.
 * > local yes, kind = require("rspamd_util").is_utf_spoofed("pаypal", "paypal")
 * > assert(yes and kind == "multiple")
 */
static int util_is_utf_spoofed(lua_State *L)
{
	static const char *const names[] = {
		[UTF8_ALIKE_ONE_SCRIPT] = "single",
		[UTF8_ALIKE_MIXED] = "multiple",
		[UTF8_ALIKE_WHOLE] = "whole",
	};
	struct str a = text_arg(L, 1), b;
	enum utf8_alike alike;

	lua_spend(L, ALIKE_WORK);
	if (lua_isnoneornil(L, 2)) {
		lua_pushboolean(L, utf8_is_odd(a));
		return 1;
	}
	b = text_arg(L, 2);
	alike = utf8_alike(a, b);
	lua_pushboolean(L, alike != UTF8_DIFFERENT);
	if (alike == UTF8_DIFFERENT)
		return 1;
	lua_pushstring(L, names[alike]);
	return 2;
}

/* Texts longer than this are not compared: the longer one's length is the
 * answer then, as rspamd's. */
#define DISTANCE_MAX 8192

/* A row of the table of distances and the two before it. */
struct rows {
	uint32_t *now, *before, *older;
};

/* The distance of a's and b's heads for each head of b, row by row. Changing
 * two neighbours is one step. */
static uint32_t distance(lua_State *L, struct str a, struct str b,
			 uint32_t replace, struct rows r)
{
	for (size_t j = 0; j <= b.n; j++)
		r.before[j] = (uint32_t)j;
	for (size_t i = 1; i <= a.n; i++) {
		uint32_t *spare = r.older;

		lua_spend(L, b.n * 4);
		r.now[0] = (uint32_t)i;
		for (size_t j = 1; j <= b.n; j++) {
			uint32_t least = r.before[j - 1] +
				(a.p[i - 1] == b.p[j - 1] ? 0 : replace);

			if (r.before[j] + 1 < least)
				least = r.before[j] + 1;
			if (r.now[j - 1] + 1 < least)
				least = r.now[j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1] &&
			    r.older[j - 2] + 1 < least)
				least = r.older[j - 2] + 1;
			r.now[j] = least;
		}
		r.older = r.before;
		r.before = r.now;
		r.now = spare;
	}
	return r.before[b.n];
}

/* rspamd_util.levenshtein_distance(a, b [, replace]) -> integer
 * How many octets must be inserted, deleted, replaced (which costs `replace`,
 * 1 if it is not given) or changed with their neighbour to make one text of
 * the other.
 * > local rspamd_util = require "rspamd_util"
 * > assert(rspamd_util.levenshtein_distance("kitten", "sitting") == 3)
 * > assert(rspamd_util.levenshtein_distance("ab", "ba") == 1)
 */
static int util_levenshtein_distance(lua_State *L)
{
	struct str a = lua_str_arg(L, 1), b = lua_str_arg(L, 2);
	lua_Integer replace = luaL_optinteger(L, 3, 1);
	uint32_t *memory;
	size_t n;

	replace = replace < 0 ? 0 : replace > 1000 ? 1000 : replace;
	if (a.n > DISTANCE_MAX || b.n > DISTANCE_MAX) {
		lua_pushinteger(L, DISTANCE_MAX);
		return 1;
	}
	n = b.n + 1;
	memory = lua_newuserdatauv(L, 3 * n * sizeof(*memory), 0);
	lua_pushinteger(L, distance(L, a, b, (uint32_t)replace, (struct rows){
		memory, memory + n, memory + 2 * n }));
	return 1;
}

/* rspamd_util.get_string_stats(text) -> {digits, letters}
 * How many ASCII digits and letters a text has.
 * > local stats = require("rspamd_util").get_string_stats("Abc 12")
 * > assert(stats.digits == 2 and stats.letters == 3)
 */
static int util_get_string_stats(lua_State *L)
{
	struct str s = text_arg(L, 1);
	long digits = 0, letters = 0;

	for (size_t i = 0; i < s.n; i++) {
		digits += is_digit((unsigned char)s.p[i]);
		letters += is_alpha((unsigned char)s.p[i]);
	}
	lua_createtable(L, 0, 2);
	lua_field_int(L, "digits", digits);
	lua_field_int(L, "letters", letters);
	return 1;
}

/* rspamd_util.caseless_hash(text [, seed]) -> integer
 * A number that is the same for texts that differ in the case of ASCII letters
 * only. The numbers are not rspamd's.
 * > local hash = require("rspamd_util").caseless_hash
 * > assert(hash("abc") == hash("ABC") and hash("abc") ~= hash("abd"))
 */
static int util_caseless_hash(lua_State *L)
{
	struct str s = text_arg(L, 1);
	/* FNV-1a, 64 bits. */
	uint64_t h = 0xcbf29ce484222325 ^ (uint64_t)luaL_optinteger(L, 2, 0);

	for (size_t i = 0; i < s.n; i++) {
		h ^= (unsigned char)to_lower((unsigned char)s.p[i]);
		h *= 0x100000001b3;
	}
	lua_pushinteger(L, (lua_Integer)(h >> 1));
	return 1;
}

/* rspamd_util.humanize_number(number) -> string
 * A number in thousands: "1.50k", "12M".
 * > local humanize = require("rspamd_util").humanize_number
 * > assert(humanize(999) == "999" and humanize(1500) == "1.50k")
 */
static int util_humanize_number(lua_State *L)
{
	static const char units[] = " kMGTPE";
	lua_Number v = luaL_checknumber(L, 1);
	long long rest = !(fabs(v) < 9.2e18) ? 0 : (long long)v, hundredths = 0;
	char text[64];
	int unit = 0;

	while (rest > 1000 || rest < -1000) {
		hundredths = llabs(rest % 1000) / 10;
		/* Digits of smaller units do not count any more. */
		rest /= 1000;
		unit++;
	}
	if (unit == 0)
		snprintf(text, sizeof(text), "%lld", rest);
	else if (hundredths == 0 && v == (lua_Number)rest * pow(1000, unit))
		snprintf(text, sizeof(text), "%lld%c", rest, units[unit]);
	else
		snprintf(text, sizeof(text), "%lld.%02lld%c", rest, hundredths,
			 units[unit]);
	lua_pushstring(L, text);
	return 1;
}

/* rspamd_util.tanh(number) -> number
 * The hyperbolic tangent.
 * > assert(require("rspamd_util").tanh(0) == 0)
 */
static int util_tanh(lua_State *L)
{
	lua_pushnumber(L, tanh(luaL_checknumber(L, 1)));
	return 1;
}

/* rspamd_util.normalize_prob(probability [, bias]) -> number
 * How far a probability is from the middle (0.5 or bias): near 0 around it,
 * 1 at certainty.
 * > assert(math.abs(require("rspamd_util").normalize_prob(0.9) - 0.16777216) < 1e-9)
 */
static int util_normalize_prob(lua_State *L)
{
	lua_Number p = luaL_checknumber(L, 1), bias = luaL_optnumber(L, 2, 0.5);

	lua_pushnumber(L, pow((p - bias) * 2, 8));
	return 1;
}

/* rspamd_util.btc_polymod(numbers) -> boolean
 * Whether a list of 5-bit numbers has the checksum of a Bitcoin address
 * (BIP 173).
 * > assert(not require("rspamd_util").btc_polymod({1, 2, 3}))
 */
static int util_btc_polymod(lua_State *L)
{
	static const uint64_t generator[] = {
		0x98f2bc8e61, 0x79b76d99e2, 0xf33e5fb3c4, 0xae2eabe2a8,
		0x1e4f43e470,
	};
	uint64_t sum = 1;

	luaL_checktype(L, 1, LUA_TTABLE);
	lua_spend(L, lua_rawlen(L, 1));
	for (lua_Integer i = 1; lua_rawgeti(L, 1, i) != LUA_TNIL; i++) {
		uint64_t top = sum >> 35;

		sum = (sum & 0x07ffffffff) << 5 ^
			(uint64_t)lua_tointeger(L, -1);
		for (int bit = 0; bit < 5; bit++)
			sum ^= top >> bit & 1 ? generator[bit] : 0;
		lua_pop(L, 1);
	}
	lua_pushboolean(L, sum == 1);
	return 1;
}

const struct lua_row lua_util_text_rows[] = {
	{ "btc_polymod", util_btc_polymod },
	{ "caseless_hash", util_caseless_hash },
	{ "get_string_stats", util_get_string_stats },
	{ "get_tld", util_get_tld },
	{ "has_obscured_unicode", util_has_obscured_unicode },
	{ "humanize_number", util_humanize_number },
	{ "is_uppercase", util_is_uppercase },
	{ "is_utf_mixed_script", util_is_utf_mixed_script },
	{ "is_utf_outside_range", util_is_utf_outside_range },
	{ "is_utf_spoofed", util_is_utf_spoofed },
	{ "is_valid_utf8", util_is_valid_utf8 },
	{ "levenshtein_distance", util_levenshtein_distance },
	{ "lower_utf8", util_lower_utf8 },
	{ "normalize_prob", util_normalize_prob },
	{ "strequal_caseless", util_strequal_caseless },
	{ "strequal_caseless_utf8", util_strequal_caseless_utf8 },
	{ "strlen_utf8", util_strlen_utf8 },
	{ "tanh", util_tanh },
	{ NULL, NULL },
};
