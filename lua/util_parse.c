/*
 * rspamd_util and rspamd_parsers: what mail's header fields and HTML say.
 *
 * What is parsed here is text that the script has; results of the message's
 * own fields and parts are the task's. Memory comes from the message's arena
 * (of the configuration while loading) and is paid as work, because it is not
 * given back before the message is over.
 */
#include "base/buf.h"
#include "conf/ruleset.h"
#include "lua/address.h"
#include "lua/smtp_date.h"
#include "lua/text.h"
#include "lua/util.h"
#include "mail/header.h"
#include "mail/html.h"
#include "mail/unicode.h"

static struct arena *arena_of(lua_State *L)
{
	struct lua_vm *vm = lua_vm_of(L);

	return vm->run ? vm->run->arena : vm->arena;
}

/* rspamd_util.parse_mail_address(text [, pool [, max]]) -> {address, ...}
 * The addresses of a header field, as task:get_from() gives them.
 * > local list = require("rspamd_util").parse_mail_address("Foo <a@b.example>, c@d.example")
 * > assert(#list == 2 and list[1].name == "Foo" and list[2].domain == "d.example")
 */
static int util_parse_mail_address(lua_State *L)
{
	struct str text = lua_str_arg(L, 1);
	lua_Integer max = luaL_optinteger(L, 3, 0);

	if (!lua_addresses_push(L, text))
		return 0;
	for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); max > 0 && i > max;
	     i--) {
		lua_pushnil(L);
		lua_rawseti(L, -2, i);
	}
	return 1;
}

/* rspamd_util.parse_smtp_date(text) -> integer or nil, error
 * The time of a Date field, in seconds since 1970, if it is written as the
 * standard says: "Mon, 1 Jan 2024 00:00:00 +0000", spaces between the words,
 * comments only at the end. task:get_date() forgives more.
 * > local parse = require("rspamd_util").parse_smtp_date
 * > assert(parse("Tue, 24 Nov 2026 10:00:00 +0900") == 1795482000)
 * > assert(parse("24 Nov 26 01:00 GMT (afternoon)") == 1795482000)
 * > assert(parse("Tue Nov 24 01:00:00 2026") == nil and parse("yesterday") == nil)
 */
static int util_parse_smtp_date(lua_State *L)
{
	struct str text = lua_str_arg(L, 1);
	int64_t when;
	size_t at;

	lua_spend(L, text.n);
	if (smtp_date_parse(text, &when, &at)) {
		lua_pushinteger(L, (lua_Integer)when);
		return 1;
	}
	lua_pushnil(L);
	lua_pushfstring(L, "invalid date at offset %d", (int)at);
	return 2;
}

/* ---- Content-Type ---- */

/* A value at the front of *s: quoted, or up to the next ';'. */
static struct str take_value(struct arena *a, struct str *s)
{
	struct str out;
	struct buf b;
	ssize_t end;
	size_t i = 1;

	*s = str_ltrim(*s);
	if (s->n == 0 || s->p[0] != '"') {
		end = str_chr(*s, ';');
		out = end < 0 ? *s : str_head(*s, (size_t)end);
		*s = str_from(*s, out.n);
		return str_trim(out);
	}
	buf_in(&b, a, s->n);
	for (; i < s->n && s->p[i] != '"'; i++) {
		if (s->p[i] == '\\' && i + 1 < s->n)
			i++;
		buf_addc(&b, s->p[i]);
	}
	*s = str_from(*s, i + 1);
	end = str_chr(*s, ';');
	*s = end < 0 ? str_from(*s, s->n) : str_from(*s, (size_t)end);
	return buf_str(&b);
}

/* charset'language'text with %XX, of a name that ends in '*' (RFC 2231). */
static struct str extended(struct arena *a, struct str value)
{
	ssize_t first = str_chr(value, '\''), second;
	char *out;

	if (first < 0)
		return value;
	second = str_chr(str_from(value, (size_t)first + 1), '\'');
	if (second >= 0)
		value = str_from(value, (size_t)(first + second) + 2);
	out = arena_text(a, value.n + 1);
	return str_make(out, url_decode(value, out));
}

/* t[name] = list of values, with t on the top. The case of a boundary is kept,
 * as it tells boundaries apart. */
static void add_parameter(lua_State *L, struct arena *a, struct str name,
			  struct str value)
{
	const struct mail_settings *ms = &lua_vm_of(L)->settings->mail;

	name = str_lower(a, str_trim(name));
	if (str_ends(name, STR("*"))) {
		name = str_head(name, name.n - 1);
		value = extended(a, value);
	}
	if (name.n == 0)
		return;
	value = header_decode(a, ms, value);
	if (!str_eq(name, STR("boundary")))
		value = str_lower(a, value);
	lua_push_str(L, name);
	lua_pushvalue(L, -1);
	if (lua_rawget(L, -3) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_newtable(L);
		lua_pushvalue(L, -2);
		lua_pushvalue(L, -2);
		lua_rawset(L, -5);
	}
	lua_push_str(L, value);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
	lua_pop(L, 2);
}

/* rspamd_parsers.parse_content_type(text [, pool]) -> table or nil
 * A Content-Type: its type, subtype, and each parameter as a list of its
 * values, in small letters but for a boundary.
 * > local ct = require("rspamd_parsers").parse_content_type('Text/Plain; charset="UTF-8"')
 * > assert(ct.type == "text" and ct.subtype == "plain" and ct.charset[1] == "utf-8")
 */
static int util_parse_content_type(lua_State *L)
{
	struct arena *a = arena_of(L);
	struct str s = str_trim(lua_str_arg(L, 1)), type, subtype;
	ssize_t end = str_chr(s, ';'), equals, slash;

	lua_spend(L, s.n * 8);
	if (s.n == 0) {
		lua_pushnil(L);
		return 1;
	}
	lua_newtable(L);
	type = str_trim(end < 0 ? s : str_head(s, (size_t)end));
	s = str_from(s, end < 0 ? s.n : (size_t)end);
	while (s.n > 0) {
		/* s begins with a ';'. */
		s = str_from(s, 1);
		end = str_chr(s, ';');
		equals = str_chr(s, '=');
		if (equals >= 0 && (end < 0 || equals < end)) {
			struct str name = str_head(s, (size_t)equals);

			s = str_from(s, (size_t)equals + 1);
			add_parameter(L, a, name, take_value(a, &s));
		} else {
			s = str_from(s, end < 0 ? s.n : (size_t)end);
		}
	}
	/* Last, because a parameter may be called so. */
	slash = str_chr(type, '/');
	subtype = slash < 0 ? STR("") : str_trim(str_from(type,
							  (size_t)slash + 1));
	if (slash >= 0)
		type = str_trim(str_head(type, (size_t)slash));
	lua_field_str(L, "type", str_lower(a, type));
	if (subtype.n > 0)
		lua_field_str(L, "subtype", str_lower(a, subtype));
	return 1;
}

/* rspamd_parsers.parse_html(text) -> text or nil
 * The text of HTML in UTF-8, as a reader sees it.
 * > local text = require("rspamd_parsers").parse_html("<p>a&amp;b</p><script>c</script>")
 * > assert(tostring(text):find("a&b", 1, true) and not tostring(text):find("c"))
 */
static int util_parse_html(lua_State *L)
{
	struct arena *a = arena_of(L);
	const struct html_result *h;
	struct str s;

	if (lua_type(L, 1) != LUA_TSTRING && !lua_is_text(L, 1)) {
		lua_pushnil(L);
		return 1;
	}
	s = lua_str_arg(L, 1);
	lua_spend(L, s.n * 32);
	h = html_parse(a, s, HTML_DECODED);
	s = h->visible_wide ? h->visible : latin1_to_utf8(a, h->visible);
	lua_text_push_copy(L, s.p ? s : STR(""));
	return 1;
}

/* ---- folding ---- */

/* Columns of a folded line, the field's name included. */
#define FOLD_WIDTH 76

/* What may not be divided at the front of s: a word, or all up to and with one
 * of the breaks. */
static size_t piece_length(struct str s, struct str breaks)
{
	size_t n = 0;

	if (breaks.n == 0) {
		while (n < s.n && !is_space((unsigned char)s.p[n]))
			n++;
		return n;
	}
	while (n < s.n && str_chr(breaks, s.p[n]) < 0)
		n++;
	return n + (n < s.n);
}

/* rspamd_util.fold_header(name, value [, ends [, breaks]]) -> string
 * A header field's value in lines of at most 76 characters where there are
 * spaces to break at, or with `breaks` in one line a piece behind each of
 * these characters. Lines end as "crlf" (the default), "lf" or "cr" says.
 * > local fold = require("rspamd_util").fold_header
 * > assert(fold("X", "short") == "short")
 * > assert(fold("X", "a; b;c", "lf", ";") == "a;\n\tb;\n\tc")
 */
static int util_fold_header(lua_State *L)
{
	struct str name = lua_str_opt(L, 1), s = lua_str_opt(L, 2);
	struct str line_end = lua_line_end_arg(L, 3), breaks = lua_str_opt(L, 4);
	size_t column = name.n + 2, blanks = 0;
	bool behind_one = false;
	luaL_Buffer b;

	if (!name.p || !s.p)
		return 0;
	lua_spend(L, s.n * 4);
	s = str_ltrim(s);
	luaL_buffinit(L, &b);
	while (s.n > 0) {
		size_t n = piece_length(s, breaks);
		struct str gap = str_make(s.p - blanks, blanks);
		/* A line's end inside the value must not end the field. */
		bool fold = behind_one && (breaks.n > 0 ||
			column + blanks + n > FOLD_WIDTH ||
			str_chr(gap, '\n') >= 0 || str_chr(gap, '\r') >= 0);

		if (fold) {
			luaL_addlstring(&b, line_end.p, line_end.n);
			luaL_addchar(&b, '\t');
			column = 8;
		} else {
			luaL_addlstring(&b, gap.p, gap.n);
			column += blanks;
		}
		behind_one = true;
		luaL_addlstring(&b, s.p, n);
		column += n;
		s = str_from(s, n);
		/* The blanks behind it stay, unless a fold takes their place. */
		blanks = s.n - str_ltrim(s).n;
		s = str_from(s, blanks);
	}
	luaL_pushresult(&b);
	return 1;
}

const struct lua_row lua_util_parse_rows[] = {
	{ "fold_header", util_fold_header },
	{ "parse_addr", util_parse_mail_address },
	{ "parse_content_type", util_parse_content_type },
	{ "parse_html", util_parse_html },
	{ "parse_mail_address", util_parse_mail_address },
	{ "parse_smtp_date", util_parse_smtp_date },
	{ NULL, NULL },
};
