/*
 * The headers of a MIME part: as task:get_header() and kin are for the
 * message's own, these are for one part's.
 */
#include "lua/parts.h"

#include "mail/header.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/text_part.h"

static struct part *self(lua_State *L)
{
	struct mime_node *node = lua_handle_get(L, 1, &lua_mimepart_class);

	return node->part;
}

/* The next header called `name` from *from on, or NULL; with `exact` the case
 * of its letters counts. */
static struct header *next_header(lua_State *L, struct part *p,
				  struct str name, bool exact, size_t *from)
{
	size_t i;

	lua_spend(L, p->headers.n);
	for (i = headers_find(&p->headers, name, *from); i < p->headers.n;
	     i = headers_find(&p->headers, name, i + 1))
		if (!exact || str_eq(p->headers.v[i].name, name))
			break;
	*from = i + 1;
	return i < p->headers.n ? &p->headers.v[i] : NULL;
}

static struct header *first_header(lua_State *L)
{
	size_t from = 0;

	return next_header(L, self(L), lua_str_arg(L, 2), lua_toboolean(L, 3),
			   &from);
}

static struct str decoded(struct lua_run *run, struct header *h)
{
	struct str s = str_trim(header_text(run->arena, run->msg->settings,
					    h));

	return s.p ? s : STR("");
}

/* mimepart:get_header(name [, case_sensitive]) -> string or nil
 * The decoded text of the part's first header called name.
 * > local png = task:get_parts()[6]
 * > assert(png:get_header("content-id") == "<logo@example.com>")
 * > assert(png:get_header("Subject") == nil)
 */
int mimepart_get_header(lua_State *L)
{
	struct header *h = first_header(L);

	if (!h)
		return 0;
	lua_spend(L, h->raw.n);
	lua_push_str(L, decoded(lua_run_of(L), h));
	return 1;
}

/* mimepart:get_header_raw(name [, case_sensitive]) -> string or nil
 * The same undecoded.
 * > local png = task:get_parts()[6]
 * > assert(png:get_header_raw("Content-Transfer-Encoding") == "base64")
 */
int mimepart_get_header_raw(lua_State *L)
{
	struct header *h = first_header(L);

	if (!h)
		return 0;
	lua_spend(L, h->raw.n);
	lua_push_str(L, header_unfold(lua_run_of(L)->arena, h->raw));
	return 1;
}

static void push_full(lua_State *L, struct part *p, struct header *h)
{
	struct lua_run *run = lua_run_of(L);

	lua_spend(L, h->raw.n * 4);
	lua_createtable(L, 0, 8);
	lua_field_str(L, "name", h->name);
	lua_field_str(L, "value", header_unfold(run->arena, h->raw));
	lua_field_str(L, "decoded", decoded(run, h));
	lua_field_str(L, "raw", h->raw);
	lua_field_bool(L, "tab_separated", h->raw.n && h->raw.p[0] == '\t');
	lua_field_bool(L, "empty_separator", false);
	lua_field_str(L, "separator", STR(" "));
	lua_field_int(L, "order", h - p->headers.v);
}

/* mimepart:get_header_full(name [, case_sensitive]) -> list or nil
 * All of the part's headers called name, each a table as in
 * task:get_header_full(). What stood between colon and value is not kept for
 * parts, so `separator` is always a blank.
 * > local full = task:get_parts()[6]:get_header_full("Content-Type")
 * > assert(#full == 1 and full[1].value == 'image/png; name="logo.png"')
 */
int mimepart_get_header_full(lua_State *L)
{
	struct part *p = self(L);
	struct str name = lua_str_arg(L, 2);
	bool exact = lua_toboolean(L, 3);
	struct header *h;
	lua_Integer n = 0;

	for (size_t from = 0; (h = next_header(L, p, name, exact, &from));) {
		if (!n)
			lua_newtable(L);
		push_full(L, p, h);
		lua_rawseti(L, -2, ++n);
	}
	return n > 0;
}

/* mimepart:get_header_count(name [, case_sensitive]) -> number
 * > assert(task:get_parts()[6]:get_header_count("Content-Type") == 1)
 */
int mimepart_get_header_count(lua_State *L)
{
	struct part *p = self(L);
	struct str name = lua_str_arg(L, 2);
	bool exact = lua_toboolean(L, 3);
	lua_Integer n = 0;

	for (size_t from = 0; next_header(L, p, name, exact, &from);)
		n++;
	lua_pushinteger(L, n);
	return 1;
}

/* mimepart:has_header(name [, case_sensitive]) -> boolean
 * > assert(task:get_parts()[6]:has_header("Content-ID"))
 */
int mimepart_has_header(lua_State *L)
{
	lua_pushboolean(L, first_header(L) != NULL);
	return 1;
}

/* mimepart:headers_foreach(function(name, header) -> stop)
 * Calls the function for each header of the part, with its name and a table
 * as in task:get_header_full(), until it returns true.
 * > local names = {}
 * > task:get_parts()[6]:headers_foreach(function(name, header)
 * >   names[#names + 1] = name
 * > end)
 * > assert(names[1] == "Content-Type" and #names == 4)
 */
int mimepart_headers_foreach(lua_State *L)
{
	struct part *p = self(L);

	luaL_checktype(L, 2, LUA_TFUNCTION);
	for (size_t i = 0; i < p->headers.n; i++) {
		lua_pushvalue(L, 2);
		lua_push_str(L, p->headers.v[i].name);
		push_full(L, p, &p->headers.v[i]);
		lua_call(L, 2, 1);
		if (lua_toboolean(L, -1))
			return 0;
		lua_pop(L, 1);
	}
	return 0;
}

/* mimepart:get_raw_headers() -> text
 * The part's headers as written, but for the blanks behind the colons. Empty
 * for the message's own, which task:get_raw_headers() gives.
 * > local raw = tostring(task:get_parts()[6]:get_raw_headers())
 * > assert(raw:find("Content-ID: <logo@example.com>\n", 1, true))
 */
int mimepart_get_raw_headers(lua_State *L)
{
	struct part *p = self(L);
	struct lua_run *run = lua_run_of(L);
	struct strs all = { 0 };

	for (size_t i = 0; p->parent && i < p->headers.n; i++) {
		struct header *h = &p->headers.v[i];
		bool blank = h->raw.n && is_space((unsigned char)h->raw.p[0]);

		lua_spend(L, h->raw.n);
		strs_add(run->arena, &all, h->name);
		strs_add(run->arena, &all, blank ? STR(":") : STR(": "));
		strs_add(run->arena, &all, h->raw);
		if (!str_ends(h->raw, STR("\n")))
			strs_add(run->arena, &all, STR("\n"));
	}
	lua_text_push(L, all.n ? strs_join(run->arena, &all, STR("")) :
		      STR(""));
	return 1;
}
