/*
 * Any Lua value as text, the way rspamd's logger writes it: scripts' authors
 * know these lines, and lua_util compares some of them. Whole numbers have no
 * ".0", control characters are made visible, tables are written with their
 * keys, a table inside itself is named and not entered.
 *
 * Scripts choose the values, so that nesting and size are bounded; what does
 * not fit is cut off.
 */
#include "lua/describe.h"

#include <math.h>
#include <stdlib.h>

/* Tables in tables. */
#define DEPTH_MAX 12

void lua_print_str(struct lua_printer *pr, struct str s)
{
	size_t room = pr->max - pr->n;

	if (s.n > room) {
		s.n = room;
		pr->full = true;
	}
	if (s.n > 0)
		memcpy(pr->p + pr->n, s.p, s.n);
	pr->n += s.n;
}

/* Control characters but those of lines and tabs become \XX. */
static void print_visible(struct lua_printer *pr, struct str s)
{
	for (size_t i = 0; i < s.n && !pr->full; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char escape[8];

		if ((c >= ' ' && c != 0x7f) || (c >= '\t' && c <= '\r')) {
			lua_print_str(pr, str_make(s.p + i, 1));
			continue;
		}
		snprintf(escape, sizeof(escape), "\\%02x", c);
		lua_print_str(pr, str_cstr(escape));
	}
}

/* The shortest digits that are this number again. */
static void print_number(struct lua_printer *pr, lua_Number v)
{
	char text[64];

	if (isnan(v)) {
		snprintf(text, sizeof(text), "nan");
	} else if (v == floor(v) && fabs(v) < 9.2e18) {
		snprintf(text, sizeof(text), "%lld", (long long)v);
	} else {
		for (int digits = 15; digits <= 17; digits++) {
			snprintf(text, sizeof(text), "%.*g", digits, v);
			if (strtod(text, NULL) == v)
				break;
		}
	}
	lua_print_str(pr, str_cstr(text));
}

/* The tables that are being written, from the outermost to this one. */
struct nest {
	const struct nest *outer;
	const void *table;
};

static void print_any(lua_State *L, struct lua_printer *pr, int idx,
		      const struct nest *outer);

static void print_key(lua_State *L, struct lua_printer *pr, int idx)
{
	lua_print_str(pr, STR("["));
	if (lua_istable(L, idx))
		lua_print_str(pr, STR("table"));
	else
		print_any(L, pr, idx, NULL);
	lua_print_str(pr, STR("] = "));
}

static void print_pairs(lua_State *L, struct lua_printer *pr, int idx,
			const struct nest *here)
{
	bool first = true;

	lua_print_str(pr, STR("{"));
	lua_pushnil(L);
	while (lua_next(L, idx)) {
		if (pr->full) {
			lua_pop(L, 2);
			break;
		}
		if (!first)
			lua_print_str(pr, STR(", "));
		first = false;
		print_key(L, pr, lua_absindex(L, -2));
		print_any(L, pr, lua_gettop(L), here);
		lua_pop(L, 1);
	}
	lua_print_str(pr, STR("}"));
}

static void print_table(lua_State *L, struct lua_printer *pr, int idx,
			const struct nest *outer)
{
	struct nest here = { outer, lua_topointer(L, idx) };
	char text[64];
	int depth = 0;

	for (const struct nest *n = outer; n; n = n->outer, depth++) {
		if (n->table != here.table)
			continue;
		if (n != outer)
			snprintf(text, sizeof(text), "ref(%p)", here.table);
		else
			snprintf(text, sizeof(text), "__self");
		lua_print_str(pr, str_cstr(text));
		return;
	}
	if (depth >= DEPTH_MAX || !lua_checkstack(L, 8))
		lua_print_str(pr, STR("{...}"));
	else
		print_pairs(L, pr, idx, &here);
}

/* An object writes itself; one whose message is over only says so. */
static void print_object(lua_State *L, struct lua_printer *pr, int idx)
{
	const struct lua_class *class = lua_class_at(L, idx);
	struct str s;

	if (class && luaL_getmetafield(L, idx, "__tostring") != LUA_TNIL) {
		lua_pushvalue(L, idx);
		if (lua_pcall(L, 1, 1, 0) == LUA_OK &&
		    lua_type(L, -1) == LUA_TSTRING) {
			s.p = lua_tolstring(L, -1, &s.n);
			print_visible(pr, s);
		} else {
			lua_print_str(pr, str_cstr(class->name));
		}
		lua_pop(L, 1);
	} else {
		lua_print_str(pr, class ? str_cstr(class->name) :
			      STR("userdata"));
	}
}

static void print_any(lua_State *L, struct lua_printer *pr, int idx,
		      const struct nest *outer)
{
	struct str s;

	switch (lua_type(L, idx)) {
	case LUA_TNONE:
		lua_print_str(pr, STR("no value"));
		break;
	case LUA_TNIL:
		lua_print_str(pr, STR("nil"));
		break;
	case LUA_TBOOLEAN:
		lua_print_str(pr, str_cstr(lua_toboolean(L, idx) ? "true" :
					   "false"));
		break;
	case LUA_TNUMBER:
		if (lua_isinteger(L, idx)) {
			char text[32];

			snprintf(text, sizeof(text), LUA_INTEGER_FMT,
				 lua_tointeger(L, idx));
			lua_print_str(pr, str_cstr(text));
		} else {
			print_number(pr, lua_tonumber(L, idx));
		}
		break;
	case LUA_TSTRING:
		s.p = lua_tolstring(L, idx, &s.n);
		print_visible(pr, s);
		break;
	case LUA_TTABLE:
		print_table(L, pr, idx, outer);
		break;
	case LUA_TUSERDATA:
		if (lua_is_text(L, idx))
			print_visible(pr, lua_str_arg(L, idx));
		else
			print_object(L, pr, idx);
		break;
	default:
		lua_print_str(pr, str_cstr(luaL_typename(L, idx)));
	}
}

void lua_print_value(lua_State *L, struct lua_printer *pr, int idx)
{
	size_t before = pr->n;

	luaL_checkstack(L, 8, "too many values");
	print_any(L, pr, lua_absindex(L, idx), NULL);
	lua_spend(L, pr->n - before);
}

/* ---- formats ---- */

/* A number as C writes it, for what rspamd's format lacks: %d, %x, %g, %.2f.
 * spec begins behind the '%'. */
static void print_numeric(lua_State *L, struct lua_printer *pr, struct str spec,
			  int idx)
{
	char kind = spec.p[spec.n - 1], text[512], fmt[16];
	lua_Number v = lua_tonumber(L, idx);

	if (!lua_isnumber(L, idx)) {
		lua_print_value(L, pr, idx);
		return;
	}
	if (strchr("fg", kind)) {
		snprintf(fmt, sizeof(fmt), "%%%.*s", STR_ARG(spec));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), fmt, v);
#pragma GCC diagnostic pop
	} else if (!(fabs(v) < 9.2e18)) {
		lua_print_value(L, pr, idx);
		return;
	} else {
		snprintf(text, sizeof(text), kind == 'x' ? "%llx" : "%lld",
			 (long long)v);
	}
	lua_print_str(pr, str_cstr(text));
}

/* The length of a number's form at the front of s: [.digits](f|g) or d, i, u,
 * x; 0 if there is none. */
static size_t numeric_form(struct str s)
{
	size_t n = 0;

	if (s.n > 0 && strchr("diux", s.p[0]) && s.p[0])
		return 1;
	if (s.n > 0 && s.p[0] == '.')
		for (n = 1; n < s.n && n < 4 && is_digit(s.p[n]); n++)
			;
	return n < s.n && (s.p[n] == 'f' || s.p[n] == 'g') ? n + 1 : 0;
}

/* What stands behind a '%' at the front of s, and how long it is. */
static size_t print_place(lua_State *L, struct lua_printer *pr, struct str s,
			  int first, int last, int *next)
{
	size_t n = numeric_form(s);
	int at = 0;

	if (s.n > 0 && (s.p[0] == '%' || s.p[0] == 's' || n > 0)) {
		if (s.p[0] == '%') {
			lua_print_str(pr, STR("%"));
			return 1;
		}
		at = (*next)++;
		if (at > last)
			lua_print_str(pr, STR("no value"));
		else if (n > 0)
			print_numeric(L, pr, str_head(s, n), at);
		else
			lua_print_value(L, pr, at);
		return n > 0 ? n : 1;
	}
	for (n = 0; n < s.n && n < 4 && is_digit(s.p[n]); n++)
		at = at * 10 + (s.p[n] - '0');
	if (n == 0 || at == 0)
		return n;
	if (first + at - 1 > last)
		lua_print_str(pr, STR("no value"));
	else
		lua_print_value(L, pr, first + at - 1);
	return n;
}

void lua_print_format(lua_State *L, struct lua_printer *pr, struct str format,
		      int first, int last)
{
	int next = first;

	while (format.n > 0 && !pr->full) {
		ssize_t at = str_chr(format, '%');

		lua_print_str(pr, at < 0 ? format : str_head(format, (size_t)at));
		if (at < 0)
			break;
		format = str_from(format, (size_t)at + 1);
		format = str_from(format, print_place(L, pr, format, first, last,
						      &next));
	}
}
