/*
 * Blocks of headers for scripts; see headers.h. A MIME part's values come
 * without the white space behind the colon, because mail/mime_lines.c strips
 * it: they are shown with a blank there.
 */
#include "lua/headers.h"

#include "base/buf.h"
#include "lua/task.h"
#include "mail/message.h"

struct header *lua_headers_next(lua_State *L, struct headers *hs,
				struct str name, bool exact, size_t *from)
{
	size_t i = headers_find(hs, name, *from);

	lua_spend(L, hs->n);
	while (exact && i < hs->n && !str_eq(hs->v[i].name, name))
		i = headers_find(hs, name, i + 1);
	*from = i + 1;
	return i < hs->n ? &hs->v[i] : NULL;
}

static struct header *first_arg(lua_State *L, struct headers *hs)
{
	size_t from = 0;

	return lua_headers_next(L, hs, lua_str_arg(L, 2), lua_toboolean(L, 3),
				&from);
}

/* ---- one header ---- */

/* s without comments, which nest; a parenthesis that closes nothing stays. */
static struct str without_comments(struct arena *a, struct str s)
{
	size_t depth = 0, n = 0;
	char *p;

	if (str_chr(s, '(') < 0)
		return s;
	p = arena_text(a, s.n);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '(')
			depth++;
		else if (s.p[i] == ')' && depth)
			depth--;
		else if (s.p[i] == '\\' && depth)
			i++;
		else if (!depth)
			p[n++] = s.p[i];
	}
	return str_trim(str_make(p, n));
}

/* Decoded. Of an identifier rspamd shows no comments ("<1@b.c> (added by
 * postmaster@b.c)"). */
static struct str decoded(struct lua_run *run, const struct header *h)
{
	struct str s = header_shown(run->arena, run->msg->settings, h->raw);

	return str_ieq(h->name, STR("Message-ID")) ?
		without_comments(run->arena, s) : s;
}

void lua_header_push_text(lua_State *L, const struct header *h)
{
	struct lua_run *run = lua_run_of(L);

	lua_spend(L, h->raw.n);
	lua_push_str(L, decoded(run, h));
}

/* Is it the message's own? */
static bool is_own(const struct lua_run *run, const struct headers *hs)
{
	return hs == &run->msg->headers || hs == &run->msg->marks;
}

/* The white space behind the colon; STR_NONE if the line ends there. */
static struct str separator_of(struct str raw)
{
	size_t n = 0;

	while (n < raw.n && (raw.p[n] == ' ' || raw.p[n] == '\t'))
		n++;
	if (!n && (!raw.n || raw.p[0] == '\n'))
		return STR_NONE;
	return str_head(raw, n);
}

/* As it was written, with the message's line ends. */
static struct str written(struct lua_run *run, const struct header *h,
			  struct str before)
{
	struct str rest = h->raw, line;
	struct buf b;

	buf_in(&b, run->arena, 3 * (h->name.n + h->raw.n + 10));
	buf_adds(&b, h->name);
	buf_addc(&b, ':');
	buf_adds(&b, before);
	while (str_next_line(&rest, &line)) {
		bool crlf = run->msg->crlf && str_ends(line, STR("\n"));

		buf_adds(&b, crlf ? str_head(line, line.n - 1) : line);
		if (crlf)
			buf_adds(&b, STR("\r\n"));
	}
	return buf_str(&b);
}

void lua_header_push(lua_State *L, const struct headers *hs, size_t i)
{
	struct lua_run *run = lua_run_of(L);
	const struct header *h = &hs->v[i];
	struct str separator = separator_of(h->raw);
	bool lost = !separator.n && !is_own(run, hs);
	bool tab = separator.n && separator.p[0] == '\t';

	if (lost)
		separator = STR(" ");
	lua_spend(L, h->raw.n * 4 + 100);
	lua_createtable(L, 0, 8);
	lua_field_str(L, "name", h->name);
	lua_field_str(L, "value", header_plain(run->arena, h->raw));
	lua_field_str(L, "decoded", decoded(run, h));
	lua_field_str(L, "raw", written(run, h, lost ? separator : STR("")));
	lua_field_str(L, "separator", separator);
	lua_field_bool(L, "tab_separated", tab);
	lua_field_bool(L, "empty_separator", !separator.n);
	lua_field_int(L, "order", (long)i);
}

/* ---- methods ---- */

int lua_headers_text(lua_State *L, struct headers *hs)
{
	const struct header *h = first_arg(L, hs);

	if (!h)
		return 0;
	lua_header_push_text(L, h);
	return 1;
}

int lua_headers_raw(lua_State *L, struct headers *hs)
{
	const struct header *h = first_arg(L, hs);

	if (!h)
		return 0;
	lua_spend(L, h->raw.n);
	lua_push_str(L, header_plain(lua_run_of(L)->arena, h->raw));
	return 1;
}

int lua_headers_full(lua_State *L, struct headers *hs)
{
	struct str name = lua_str_arg(L, 2);
	bool exact = lua_toboolean(L, 3);
	lua_Integer n = 0;

	for (size_t at = 0; lua_headers_next(L, hs, name, exact, &at);) {
		if (!n)
			lua_newtable(L);
		lua_header_push(L, hs, at - 1);
		lua_rawseti(L, -2, ++n);
	}
	return n > 0;
}

int lua_headers_count(lua_State *L, struct headers *hs)
{
	struct str name = lua_str_arg(L, 2);
	bool exact = lua_toboolean(L, 3);
	lua_Integer n = 0;

	for (size_t at = 0; lua_headers_next(L, hs, name, exact, &at);)
		n++;
	lua_pushinteger(L, n);
	return 1;
}

int lua_headers_has(lua_State *L, struct headers *hs)
{
	lua_pushboolean(L, first_arg(L, hs) != NULL);
	return 1;
}

/* Asks options.regexp, at stack index 3, about the header's name. */
static bool name_matches(lua_State *L, struct str name)
{
	bool yes;

	if (lua_isnoneornil(L, 3) || lua_getfield(L, 3, "regexp") == LUA_TNIL) {
		lua_settop(L, 3);
		return true;
	}
	lua_getfield(L, -1, "match");
	lua_insert(L, -2);
	lua_push_str(L, name);
	lua_call(L, 2, 1);
	yes = lua_toboolean(L, -1);
	lua_settop(L, 3);
	return yes;
}

int lua_headers_foreach(lua_State *L, struct headers *hs)
{
	bool full = false;

	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 3);
	if (task_table_arg(L, 3)) {
		lua_getfield(L, 3, "full");
		full = lua_toboolean(L, -1);
		lua_settop(L, 3);
	}
	for (size_t i = 0; i < hs->n; i++) {
		if (!name_matches(L, hs->v[i].name))
			continue;
		lua_pushvalue(L, 2);
		lua_push_str(L, hs->v[i].name);
		if (full)
			lua_header_push(L, hs, i);
		else
			lua_header_push_text(L, &hs->v[i]);
		lua_call(L, 2, 1);
		if (lua_toboolean(L, -1))
			break;
		lua_settop(L, 3);
	}
	return 0;
}
