/*
 * Lua values as JSON or in the form of a configuration file. A table whose
 * keys are all whole numbers is a list, in their order; any other is an
 * object, its keys sorted so that equal tables give equal texts. Tables may
 * hold themselves: depth and size of the text are bounded.
 */
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "lua/ucl.h"

#define TEXT_MAX ((size_t)4 << 20)

struct writer {
	lua_State *L;
	struct arena *a;
	struct buf out;
	enum ucl_style style;
	unsigned depth, outdent;
};

struct key {
	struct str text;	/* p == NULL: a number */
	lua_Integer number;
};

static void write_value(struct writer *w, int idx);

static void write_quoted(struct writer *w, struct str s)
{
	static const char special[] = "\"\\\n\t\r\b\f", names[] = "\"\\ntrbf";
	size_t from = 0;

	buf_addc(&w->out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		const char *known = c ? strchr(special, c) : NULL;

		if (!known && c >= 0x20)
			continue;
		buf_add(&w->out, s.p + from, i - from);
		from = i + 1;
		if (known)
			buf_addf(&w->out, "\\%c", names[known - special]);
		else
			buf_addf(&w->out, "\\u%04x", c);
	}
	buf_add(&w->out, s.p + from, s.n - from);
	buf_addc(&w->out, '"');
}

static void write_number(struct writer *w, int idx)
{
	double d;

	if (lua_isinteger(w->L, idx)) {
		buf_addf(&w->out, "%lld", (long long)lua_tointeger(w->L, idx));
		return;
	}
	d = lua_tonumber(w->L, idx);
	if (!isfinite(d))
		buf_adds(&w->out, STR("null"));
	else if (floor(d) == d && fabs(d) < 1e15)
		buf_addf(&w->out, "%.0f", d);
	else
		buf_addf(&w->out, "%.14g", d);
}

static int by_key(const void *x, const void *y)
{
	const struct key *a = x, *b = y;

	if (a->text.p && b->text.p)
		return str_cmp(a->text, b->text);
	if (a->text.p || b->text.p)
		return a->text.p ? 1 : -1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/* The keys of the table at idx, sorted; those that are neither text nor whole
 * numbers are left out. */
static struct key *keys_of(struct writer *w, int idx, size_t *n_r,
			   bool *list_r)
{
	lua_State *L = w->L;
	struct key *keys = NULL;
	size_t n = 0, cap = 0;

	*list_r = true;
	for (lua_pushnil(L); lua_next(L, idx); lua_pop(L, 1)) {
		bool text = lua_type(L, -2) == LUA_TSTRING;

		if (!text && !lua_isinteger(L, -2))
			continue;
		keys = arena_grow(w->a, keys, n, &cap, sizeof(*keys));
		if (text)
			keys[n].text = lua_str_arg(L, -2);
		else
			keys[n].number = lua_tointeger(L, -2);
		if (text)
			*list_r = false;
		n++;
	}
	lua_spend(L, n * 16);
	if (n)
		qsort(keys, n, sizeof(*keys), by_key);
	*n_r = n;
	return keys;
}

static void new_line(struct writer *w)
{
	static const char blanks[] = "                                ";

	if (w->style == UCL_STYLE_COMPACT)
		return;
	buf_addc(&w->out, '\n');
	for (unsigned left = (w->depth - w->outdent) * 4; left;) {
		unsigned n = left < sizeof(blanks) - 1 ? left :
			sizeof(blanks) - 1;

		buf_add(&w->out, blanks, n);
		left -= n;
	}
}

static bool is_plain_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_word((unsigned char)s.p[i]) && s.p[i] != '-')
			return false;
	return s.n > 0;
}

static void push_field(struct writer *w, int idx, const struct key *k)
{
	if (k->text.p)
		lua_push_str(w->L, k->text);
	else
		lua_pushinteger(w->L, k->number);
	lua_rawget(w->L, idx);
}

static void write_key(struct writer *w, const struct key *k, bool table)
{
	struct str s = k->text.p ? k->text :
		str_printf(w->a, "%lld", (long long)k->number);

	if (w->style == UCL_STYLE_CONFIG && is_plain_word(s))
		buf_adds(&w->out, s);
	else
		write_quoted(w, s);
	if (w->style == UCL_STYLE_CONFIG)
		buf_adds(&w->out, table ? STR(" ") : STR(" = "));
	else
		buf_adds(&w->out, w->style == UCL_STYLE_COMPACT ? STR(":") :
			 STR(": "));
}

/* What stands between or behind elements. */
static void write_separator(struct writer *w, bool last, bool table, bool list)
{
	if (w->style != UCL_STYLE_CONFIG) {
		if (!last)
			buf_addc(&w->out, ',');
	} else if (!table) {
		buf_addc(&w->out, list ? ',' : ';');
	}
}

static void write_elements(struct writer *w, int idx, const struct key *keys,
			   size_t n, bool list)
{
	bool bare = w->style == UCL_STYLE_CONFIG && w->depth == 1 && !list;

	for (size_t i = 0; i < n; i++) {
		bool table;

		push_field(w, idx, &keys[i]);
		table = lua_type(w->L, -1) == LUA_TTABLE;
		if (!bare)
			new_line(w);
		if (!list)
			write_key(w, &keys[i], table);
		write_value(w, lua_gettop(w->L));
		write_separator(w, i + 1 == n, table, list);
		if (bare)
			buf_addc(&w->out, '\n');
		lua_pop(w->L, 1);
	}
}

static void write_table(struct writer *w, int idx)
{
	struct key *keys;
	size_t n, before = w->out.n;
	bool list, bare;

	if (++w->depth > UCL_DEPTH_MAX)
		luaL_error(w->L, "the table is nested too deeply");
	luaL_checkstack(w->L, 6, "the table is nested too deeply");
	keys = keys_of(w, idx, &n, &list);
	/* In a configuration file the outermost object has no braces. */
	bare = w->style == UCL_STYLE_CONFIG && w->depth == 1 && !list;
	if (bare)
		w->outdent = 1;
	if (!bare)
		buf_addc(&w->out, list ? '[' : '{');
	write_elements(w, idx, keys, n, list);
	w->depth--;
	if (!bare && n)
		new_line(w);
	if (!bare)
		buf_addc(&w->out, list ? ']' : '}');
	if (w->out.full)
		luaL_error(w->L, "the text is larger than %d MB",
			   (int)(TEXT_MAX >> 20));
	lua_spend(w->L, w->out.n - before);
}

static void write_value(struct writer *w, int idx)
{
	switch (lua_type(w->L, idx)) {
	case LUA_TTABLE:
		write_table(w, idx);
		return;
	case LUA_TNUMBER:
		write_number(w, idx);
		return;
	case LUA_TBOOLEAN:
		buf_adds(&w->out, lua_toboolean(w->L, idx) ? STR("true") :
			 STR("false"));
		return;
	case LUA_TSTRING:
		write_quoted(w, lua_str_arg(w->L, idx));
		return;
	default:
		if (lua_is_text(w->L, idx))
			write_quoted(w, lua_str_arg(w->L, idx));
		else
			buf_adds(&w->out, STR("null"));
	}
}

struct str lua_ucl_text(lua_State *L, int idx, enum ucl_style style,
			struct arena *a)
{
	struct writer w = { .L = L, .a = a, .style = style };

	buf_in(&w.out, a, TEXT_MAX);
	write_value(&w, idx);
	if (w.out.full)
		luaL_error(L, "the text is larger than %d MB",
			   (int)(TEXT_MAX >> 20));
	return buf_str(&w.out);
}
