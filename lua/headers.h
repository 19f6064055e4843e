/*
 * What scripts ask of a block of headers, the message's (task_header.c) or a
 * MIME part's (mimepart_header.c). rspamd's view differs from SpamAssassin's
 * in three ways that scripts rely on: the first header of a name is the one
 * that is meant (SpamAssassin joins all), every header is RFC 2047 decoded,
 * and control characters in what was decoded are made visible, so that no
 * header holds a line end. The regexes of config['regexp'] see the same.
 *
 * The methods have the object at stack index 1 and what the script gives
 * behind it; all return the number of their results.
 */
#ifndef MEKIKI_LUA_HEADERS_H
#define MEKIKI_LUA_HEADERS_H

#include "lua/vm.h"
#include "mail/header.h"

/* The header called `name` from index *from on, which is set behind it, or
 * NULL. With `exact` the case of its letters counts. */
struct header *lua_headers_next(lua_State *L, struct headers *hs,
				struct str name, bool exact, size_t *from);

/* With (name [, case_sensitive]): the first one's text, decoded or as it was
 * written but on one line; all of them as tables; how many there are. */
int lua_headers_text(lua_State *L, struct headers *hs);
int lua_headers_raw(lua_State *L, struct headers *hs);
int lua_headers_full(lua_State *L, struct headers *hs);
int lua_headers_count(lua_State *L, struct headers *hs);
int lua_headers_has(lua_State *L, struct headers *hs);

/* With (callback [, {full = boolean, regexp = re}]). */
int lua_headers_foreach(lua_State *L, struct headers *hs);

/* Pushes the table of one header, hs->v[i]. */
void lua_header_push(lua_State *L, const struct headers *hs, size_t i);

/* Pushes its decoded text. */
void lua_header_push_text(lua_State *L, const struct header *h);

#endif
