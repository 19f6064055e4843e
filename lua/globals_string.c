/*
 * The string library: Lua's own where it is linear, ours where it is not
 * bounded or where rules written for LuaJIT expect something else.
 * string.format takes what LuaJIT's does: any number for %d (a fraction is
 * cut off), text that reads as a number for every number, anything for %s.
 * string.dump, pack and unpack are not there (LuaJIT has only the first, and
 * nobody loads bytecode here). Patterns are in pattern.c.
 */
#include "lua/sandbox.h"

#include <lualib.h>
#include <math.h>
#include <stdio.h>

/* A %f of 1e308 with 99 places. */
#define NUMBER_MAX 512

/* ---- string.format ---- */

struct spec {
	char text[24];		/* "%-08.3" and room for "lld" */
	size_t n;
	int precision;		/* -1: none */
	bool plain;		/* nothing between % and the letter */
};

/* Up to two digits at *p_r into the spec; -1 if there are more. */
static int take_digits(struct spec *s, const char **p_r, const char *end)
{
	int value = 0, n = 0;

	for (; *p_r < end && is_digit(**p_r); (*p_r)++, n++) {
		if (n == 2)
			return -1;
		value = value * 10 + (**p_r - '0');
		s->text[s->n++] = **p_r;
	}
	return value;
}

/* Reads what stands between % and the letter; p is left at the letter. */
static void read_spec(lua_State *L, struct spec *s, const char **p_r,
		      const char *end)
{
	int flags = 0;
	bool good = true;

	s->text[0] = '%';
	s->n = 1;
	s->precision = -1;
	while (*p_r < end && **p_r && strchr("-+ #0", **p_r)) {
		if (++flags > 5) {
			good = false;
			break;
		}
		s->text[s->n++] = *(*p_r)++;
	}
	good = good && take_digits(s, p_r, end) >= 0;
	if (good && *p_r < end && **p_r == '.') {
		s->text[s->n++] = *(*p_r)++;
		s->precision = take_digits(s, p_r, end);
		good = s->precision >= 0;
	}
	if (!good)
		luaL_error(L, "invalid format (flags, width or precision "
			   "too long)");
	if (*p_r >= end)
		luaL_error(L, "invalid conversion '%%' to 'format'");
	s->plain = s->n == 1;
	s->text[s->n] = '\0';
}

/* An argument as an integer; a fraction is cut off, as LuaJIT does. */
static long long integer_arg(lua_State *L, int idx)
{
	double v;

	if (lua_isinteger(L, idx))
		return lua_tointeger(L, idx);
	v = luaL_checknumber(L, idx);
	if (!(fabs(v) < 0x1p63))
		return INT64_MIN;
	return (long long)v;
}

static void add_number(lua_State *L, luaL_Buffer *b, struct spec *s, int c,
		       int idx)
{
	char *out = luaL_prepbuffsize(b, NUMBER_MAX);
	int n;

	if (strchr("diuxXoc", c) && c != 'c') {
		memcpy(s->text + s->n, "ll", 2);
		s->n += 2;
	}
	s->text[s->n++] = (char)c;
	s->text[s->n] = '\0';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (c == 'c')
		n = snprintf(out, NUMBER_MAX, s->text,
			     (int)integer_arg(L, idx));
	else if (strchr("diuxXo", c))
		n = snprintf(out, NUMBER_MAX, s->text, integer_arg(L, idx));
	else
		n = snprintf(out, NUMBER_MAX, s->text,
			     luaL_checknumber(L, idx));
#pragma GCC diagnostic pop
	if (n > 0)
		luaL_addsize(b, n < NUMBER_MAX ? (size_t)n : NUMBER_MAX - 1);
}

/* %s: width and precision count octets. */
static void add_text(lua_State *L, luaL_Buffer *b, const struct spec *s,
		     int idx)
{
	struct str text;
	int width = 0;
	bool left = false;

	text = lua_tostring_plain(L, idx);
	lua_spend(L, text.n);
	if (s->plain) {
		luaL_addvalue(b);
		return;
	}
	for (const char *p = s->text + 1; *p && *p != '.'; p++) {
		if (*p == '-')
			left = true;
		else if (is_digit(*p))
			width = width * 10 + (*p - '0');
	}
	if (s->precision >= 0)
		text = str_head(text, (size_t)s->precision);
	lua_pushlstring(L, text.p, text.n);
	lua_remove(L, -2);
	width -= text.n < 100 ? (int)text.n : 100;
	if (!left)
		for (; width > 0; width--) {
			lua_pushliteral(L, " ");
			lua_insert(L, -2);
			lua_concat(L, 2);
		}
	luaL_addvalue(b);
	for (; width > 0; width--)
		luaL_addchar(b, ' ');
}

/* %q: a literal that Lua reads back. */
static void add_quoted(lua_State *L, luaL_Buffer *b, int idx)
{
	size_t n;
	const char *p;

	if (lua_type(L, idx) != LUA_TSTRING) {
		add_text(L, b, &(struct spec){ .plain = true }, idx);
		return;
	}
	p = lua_tolstring(L, idx, &n);
	lua_spend(L, n);
	luaL_addchar(b, '"');
	for (size_t i = 0; i < n; i++) {
		char digits[8];

		if (p[i] == '"' || p[i] == '\\' || p[i] == '\n') {
			luaL_addchar(b, '\\');
			luaL_addchar(b, p[i]);
		} else if ((unsigned char)p[i] < 32 || p[i] == 127) {
			bool more = i + 1 < n && is_digit(p[i + 1]);

			snprintf(digits, sizeof(digits),
				 more ? "\\%03d" : "\\%d", p[i]);
			luaL_addstring(b, digits);
		} else {
			luaL_addchar(b, p[i]);
		}
	}
	luaL_addchar(b, '"');
}

/* string.format(format, ...) */
static int format(lua_State *L)
{
	struct str f;
	const char *p, *end, *percent;
	/* The buffer lives on the stack, too: behind the arguments. */
	int arg = 1, last = lua_gettop(L);
	luaL_Buffer b;

	f.p = luaL_checklstring(L, 1, &f.n);
	lua_spend(L, f.n);
	end = f.p + f.n;
	luaL_buffinit(L, &b);
	for (p = f.p; p < end; p++) {
		struct spec s;

		percent = memchr(p, '%', (size_t)(end - p));
		if (!percent)
			percent = end;
		luaL_addlstring(&b, p, (size_t)(percent - p));
		p = percent + 1;
		if (percent >= end)
			break;
		if (p < end && *p == '%') {
			luaL_addchar(&b, '%');
			continue;
		}
		read_spec(L, &s, &p, end);
		lua_spend(L, 64);
		if (++arg > last)
			return luaL_argerror(L, arg, "value expected");
		if (*p == 's')
			add_text(L, &b, &s, arg);
		else if (*p == 'q')
			add_quoted(L, &b, arg);
		else if (*p && strchr("cdiuxXoeEfFgGaA", *p))
			add_number(L, &b, &s, *p, arg);
		else
			return luaL_error(L, "invalid conversion '%s%c' to "
					  "'format'", s.text, *p);
	}
	luaL_pushresult(&b);
	return 1;
}

/* string.rep(s, n [, sep]) */
static int rep(lua_State *L)
{
	struct str s, sep = STR("");
	lua_Number times = luaL_checknumber(L, 2);
	size_t n, unit;
	char *out;
	luaL_Buffer b;

	s.p = luaL_checklstring(L, 1, &s.n);
	if (!lua_isnoneornil(L, 3))
		sep.p = luaL_checklstring(L, 3, &sep.n);
	unit = s.n + sep.n;
	if (!(times >= 1) || unit == 0) {
		lua_pushliteral(L, "");
		return 1;
	}
	if (times > (double)((size_t)1 << 40) / (double)unit)
		return luaL_error(L, "resulting string too large");
	n = (size_t)times;
	out = luaL_buffinitsize(L, &b, n * unit - sep.n);
	for (size_t i = 0; i < n; i++) {
		memcpy(out, s.p, s.n);
		out += s.n;
		if (sep.n && i + 1 < n) {
			memcpy(out, sep.p, sep.n);
			out += sep.n;
		}
	}
	luaL_pushresultsize(&b, n * unit - sep.n);
	return 1;
}

void lua_open_string(lua_State *L)
{
	static const char *const own[] = { "byte", "char", "len", "lower",
					   "reverse", "sub", "upper", NULL };
	static const struct luaL_Reg rows[] = {
		{ "format", format }, { "rep", rep }, { NULL, NULL },
	};

	lua_newtable(L);
	lua_take_paid(L, luaopen_string, own);
	luaL_setfuncs(L, rows, 0);
	for (const struct lua_row *r = lua_pattern_rows; r->name; r++) {
		lua_pushcfunction(L, r->fn);
		lua_setfield(L, -2, r->name);
	}
}
