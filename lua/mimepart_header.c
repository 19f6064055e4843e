/*
 * The headers of a MIME part: as task:get_header() and kin are for the
 * message's own, these are for one part's.
 */
#include "lua/parts.h"

#include "lua/headers.h"
#include "mail/part.h"
#include "mail/text_part.h"

static struct headers *block(lua_State *L)
{
	struct mime_node *node = lua_handle_get(L, 1, &lua_mimepart_class);

	return &node->part->headers;
}

/* mimepart:get_header(name [, case_sensitive]) -> string or nil
 * The decoded text of the part's first header called name.
 * > local png = task:get_parts()[6]
 * > assert(png:get_header("content-id") == "<logo@example.com>")
 * > assert(png:get_header("Subject") == nil)
 */
int mimepart_get_header(lua_State *L)
{
	return lua_headers_text(L, block(L));
}

/* mimepart:get_header_raw(name [, case_sensitive]) -> string or nil
 * The same undecoded.
 * > local png = task:get_parts()[6]
 * > assert(png:get_header_raw("Content-Transfer-Encoding") == "base64")
 */
int mimepart_get_header_raw(lua_State *L)
{
	return lua_headers_raw(L, block(L));
}

/* mimepart:get_header_full(name [, case_sensitive]) -> list or nil
 * All of the part's headers called name, each a table as in
 * task:get_header_full(). What stood between colon and value is not kept for
 * parts, so `separator` is always a blank.
 * > local full = task:get_parts()[6]:get_header_full("Content-Type")
 * > assert(#full == 1 and full[1].value == 'image/png; name="logo.png"')
 * > assert(full[1].raw:sub(1, 24) == "Content-Type: image/png;")
 */
int mimepart_get_header_full(lua_State *L)
{
	return lua_headers_full(L, block(L));
}

/* mimepart:get_header_count(name [, case_sensitive]) -> number
 * > assert(task:get_parts()[6]:get_header_count("Content-Type") == 1)
 */
int mimepart_get_header_count(lua_State *L)
{
	return lua_headers_count(L, block(L));
}

/* mimepart:has_header(name [, case_sensitive]) -> boolean
 * > assert(task:get_parts()[6]:has_header("Content-ID"))
 */
int mimepart_has_header(lua_State *L)
{
	return lua_headers_has(L, block(L));
}

/* mimepart:headers_foreach(callback [, {full = boolean, regexp = re}])
 * Calls callback(name, decoded) for each header of the part, as
 * task:headers_foreach() does for the message's.
 * > local names = {}
 * > task:get_parts()[6]:headers_foreach(function(name, text)
 * >   assert(type(text) == "string")
 * >   names[#names + 1] = name
 * > end)
 * > assert(names[1] == "Content-Type" and #names == 4)
 */
int mimepart_headers_foreach(lua_State *L)
{
	return lua_headers_foreach(L, block(L));
}

/* mimepart:get_raw_headers() -> text
 * The part's headers as written, but for the blanks behind the colons. Empty
 * for the message's own, which task:get_raw_headers() gives.
 * > local raw = tostring(task:get_parts()[6]:get_raw_headers())
 * > assert(raw:find("Content-ID: <logo@example.com>\n", 1, true))
 */
int mimepart_get_raw_headers(lua_State *L)
{
	const struct mime_node *node = lua_handle_get(L, 1,
						      &lua_mimepart_class);
	const struct part *p = node->part;
	struct lua_run *run = lua_run_of(L);
	struct strs all = { 0 };

	for (size_t i = 0; p->parent && i < p->headers.n; i++) {
		const struct header *h = &p->headers.v[i];
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
