/*
 * rspamd{url}: a link of the message.
 */
#include "lua/parts.h"

#include "mail/link.h"

static struct link *self(lua_State *L)
{
	return lua_handle_get(L, 1, &lua_url_class);
}

void lua_url_push(lua_State *L, struct link *l)
{
	lua_handle_push(L, &lua_url_class, l);
}

void lua_url_flags_push(lua_State *L, unsigned flags)
{
	lua_newtable(L);
	for (unsigned i = 0; i < LINK_FLAGS; i++)
		if (flags & 1u << i)
			lua_field_bool(L, link_flag_name(i), true);
}

static int push_flag(lua_State *L, unsigned flag)
{
	lua_pushboolean(L, (self(L)->flags & flag) != 0);
	return 1;
}

/* url:get_host() -> string
 * The host, in lower case.
 * > assert(task:get_urls()[1]:get_host() == "www.example.org")
 */
static int url_get_host(lua_State *L)
{
	lua_push_str(L, self(L)->host);
	return 1;
}

/* url:get_tld() -> string
 * What was registered of the host, by the Public Suffix List; the host itself
 * if it is an address or of no known suffix.
 * > assert(task:get_urls()[1]:get_tld() == "example.org")
 */
static int url_get_tld(lua_State *L)
{
	lua_push_str(L, self(L)->tld);
	return 1;
}

/* url:get_text() -> string
 * The whole link in its normal form, as tostring(url) gives it. Of a mail
 * address user@host.
 * > local url = task:get_urls()[1]
 * > assert(url:get_text() == "https://www.example.org/news/index.html?id=42#top")
 * > assert(tostring(url) == url:get_text())
 */
static int url_get_text(lua_State *L)
{
	lua_push_str(L, self(L)->text);
	return 1;
}

/* url:get_raw() -> string
 * The link as it was written.
 * > assert(task:get_urls()[1]:get_raw():sub(1, 8) == "https://")
 */
static int url_get_raw(lua_State *L)
{
	lua_push_str(L, self(L)->raw);
	return 1;
}

/* url:get_length() -> number
 * The length of get_text().
 * > assert(task:get_urls()[1]:get_length() == 49)
 */
static int url_get_length(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)self(L)->text.n);
	return 1;
}

/* url:get_protocol() -> string
 * "http", "https", "ftp", "file", "mailto" or "telephone".
 * > assert(task:get_urls()[1]:get_protocol() == "https")
 */
static int url_get_protocol(lua_State *L)
{
	lua_pushstring(L, link_proto_name(self(L)->proto));
	return 1;
}

/* url:get_path() -> string or nil
 * The path without its first slash, decoded.
 * > assert(task:get_urls()[1]:get_path() == "news/index.html")
 */
static int url_get_path(lua_State *L)
{
	lua_push_str(L, self(L)->path);
	return 1;
}

/* url:get_query() -> string or nil
 * > assert(task:get_urls()[1]:get_query() == "id=42")
 */
static int url_get_query(lua_State *L)
{
	lua_push_str(L, self(L)->query);
	return 1;
}

/* url:get_fragment() -> string or nil
 * > assert(task:get_urls()[1]:get_fragment() == "top")
 */
static int url_get_fragment(lua_State *L)
{
	lua_push_str(L, self(L)->fragment);
	return 1;
}

/* url:get_user() -> string or nil
 * The user of a mail address, or before the host of a link.
 * > assert(task:get_emails()[1]:get_user() == "info")
 * > assert(task:get_urls()[1]:get_user() == nil)
 */
static int url_get_user(lua_State *L)
{
	lua_push_str(L, self(L)->user);
	return 1;
}

/* url:get_port() -> number
 * The port that the link names; 0 if it names none.
 * > assert(task:get_urls()[1]:get_port() == 0)
 */
static int url_get_port(lua_State *L)
{
	lua_pushinteger(L, self(L)->port);
	return 1;
}

/* url:get_flags() -> table
 * What is odd about the link, as {flag = true}: "text" (found in text),
 * "subject", "phished" (shows another domain's address), "url_displayed"
 * (shows an address), "html_displayed" (is what a link shows), "numeric",
 * "obscured", "schemaless", "has_port", "has_user", "zw_spaces" (characters
 * without width), "idn", "query" (found in another link's query), "no_tld" (of
 * no known suffix), "host_encoded", "path_encoded", "query_encoded" and
 * others; rspamd_url.flags lists them.
 * > assert(task:get_urls()[1]:get_flags().text)
 */
static int url_get_flags(lua_State *L)
{
	lua_url_flags_push(L, self(L)->flags);
	return 1;
}

/* url:get_flags_num() -> number
 * The same as a number of bits.
 * > local flags = require("rspamd_url").flags
 * > assert(task:get_urls()[1]:get_flags_num() & flags.text ~= 0)
 */
static int url_get_flags_num(lua_State *L)
{
	lua_pushinteger(L, self(L)->flags);
	return 1;
}

/* url:has_flag(name) -> boolean
 * > assert(task:get_urls()[1]:has_flag("text"))
 */
static int url_has_flag(lua_State *L)
{
	struct link *l = self(L);
	struct str name = lua_str_arg(L, 2);
	bool has = false;

	for (unsigned i = 0; i < LINK_FLAGS; i++)
		if (str_eq(name, str_cstr(link_flag_name(i))))
			has = (l->flags & 1u << i) != 0;
	lua_pushboolean(L, has);
	return 1;
}

/* url:is_phished() -> boolean
 * Whether its text shows the address of another domain.
 * > local phished = {}
 * > for _, url in ipairs(task:get_urls()) do
 * >   if url:is_phished() then phished[#phished + 1] = url:get_host() end
 * > end
 * > assert(#phished == 1 and phished[1] == "login.example.co.uk")
 */
static int url_is_phished(lua_State *L)
{
	return push_flag(L, LINK_PHISHED);
}

/* url:get_phished() -> url or nil
 * The address that it shows instead.
 * > for _, url in ipairs(task:get_urls()) do
 * >   if url:is_phished() then
 * >     assert(url:get_phished():get_host() == "bank.example.com")
 * >   end
 * > end
 */
static int url_get_phished(lua_State *L)
{
	struct link *l = self(L);

	lua_url_push(L, l->flags & LINK_PHISHED ? l->shown : NULL);
	return 1;
}

/* url:is_redirected() -> boolean
 * Whether a rule said where it leads (url:set_redirected()).
 * > assert(not task:get_urls()[1]:is_redirected())
 */
static int url_is_redirected(lua_State *L)
{
	return push_flag(L, LINK_REDIRECTED);
}

/* url:get_redirected() -> url or nil
 * > assert(task:get_urls()[1]:get_redirected() == nil)
 */
static int url_get_redirected(lua_State *L)
{
	lua_url_push(L, self(L)->redirected);
	return 1;
}

/* url:set_redirected(target [, pool]) -> url or nil
 * Says that the link leads to target, a url or a string; gives the target, nil
 * if the string is no link.
 * > local url = task:get_urls()[1]
 * > url:set_redirected("https://target.example.net/", task:get_mempool())
 * > assert(url:is_redirected())
 * > assert(url:get_redirected():get_host() == "target.example.net")
 */
static int url_set_redirected(lua_State *L)
{
	struct link *l = self(L);
	struct link *to = lua_handle_test(L, 2, &lua_url_class);

	if (!to) {
		struct arena *a = lua_run_of(L)->arena;
		struct str s = lua_str_arg(L, 2);

		lua_spend(L, s.n * 4);
		to = arena_alloc(a, sizeof(*to));
		if (!link_parse(a, str_dup(a, s), LINK_IN_HREF, to))
			return 0;
	}
	to->flags |= LINK_REDIRECT_TARGET;
	l->flags |= LINK_REDIRECTED;
	l->redirected = to;
	lua_url_push(L, to);
	return 1;
}

/* url:is_obscured() -> boolean
 * Whether it is spelt so as to be hard to read.
 * > assert(not task:get_urls()[1]:is_obscured())
 */
static int url_is_obscured(lua_State *L)
{
	return push_flag(L, LINK_OBSCURED);
}

/* url:is_subject() -> boolean
 * Whether the subject names it.
 * > assert(not task:get_urls()[1]:is_subject())
 */
static int url_is_subject(lua_State *L)
{
	return push_flag(L, LINK_SUBJECT);
}

/* url:is_html_displayed() -> boolean
 * Whether it is only what a link shows.
 * > assert(not task:get_urls()[1]:is_html_displayed())
 */
static int url_is_html_displayed(lua_State *L)
{
	return push_flag(L, LINK_HTML_DISPLAYED);
}

/* url:get_visible() -> string or nil
 * The text that the link shows.
 * > assert(task:get_urls()[1]:get_visible() == "our news")
 */
static int url_get_visible(lua_State *L)
{
	lua_spend(L, self(L)->visible.n);
	lua_push_str(L, self(L)->visible);
	return 1;
}

/* url:get_count() -> number
 * How often the message has it.
 * > assert(task:get_urls()[1]:get_count() == 2)
 */
static int url_get_count(lua_State *L)
{
	lua_pushinteger(L, self(L)->count);
	return 1;
}

/* url:get_order() -> number
 * Its place among the links of the message, from 1.
 * > assert(task:get_urls()[1]:get_order() == 1)
 */
static int url_get_order(lua_State *L)
{
	lua_pushinteger(L, self(L)->order);
	return 1;
}

/* url:get_part_order() -> number
 * Its place among the links of its part, from 1; 0 if it is in none.
 * > assert(task:get_urls()[1]:get_part_order() == 1)
 */
static int url_get_part_order(lua_State *L)
{
	lua_pushinteger(L, self(L)->part_order);
	return 1;
}

/* url:to_table() -> table
 * Everything at once: `url`, `protocol`, `host`, `tld`, `user`, `port`,
 * `path`, `query`, `fragment`, `phished`.
 * > local t = task:get_urls()[1]:to_table()
 * > assert(t.host == "www.example.org" and t.protocol == "https" and not t.port)
 */
static int url_to_table(lua_State *L)
{
	struct link *l = self(L);

	lua_createtable(L, 0, 10);
	lua_field_str(L, "url", l->text);
	lua_field_str(L, "protocol", str_cstr(link_proto_name(l->proto)));
	lua_field_str(L, "host", l->host);
	lua_field_str(L, "tld", l->tld);
	lua_field_str(L, "user", l->user);
	lua_field_str(L, "path", l->path);
	lua_field_str(L, "query", l->query);
	lua_field_str(L, "fragment", l->fragment);
	if (l->port)
		lua_field_int(L, "port", l->port);
	if (l->shown && (l->flags & LINK_PHISHED)) {
		lua_url_push(L, l->shown);
		lua_setfield(L, -2, "phished");
	}
	return 1;
}

/* url:to_http() -> string or nil
 * What a browser would send as the link: without user and fragment; nil if it
 * is no web link.
 * > local url = task:get_urls()[1]
 * > assert(url:to_http() == "https://www.example.org/news/index.html?id=42")
 */
static int url_to_http(lua_State *L)
{
	struct link *l = self(L);
	luaL_Buffer b;

	if (!(l->proto & (LINK_HTTP | LINK_HTTPS)))
		return 0;
	luaL_buffinit(L, &b);
	luaL_addstring(&b, link_proto_name(l->proto));
	luaL_addstring(&b, "://");
	luaL_addlstring(&b, l->host.p, l->host.n);
	if (l->port) {
		lua_pushfstring(L, ":%d", (int)l->port);
		luaL_addvalue(&b);
	}
	luaL_addchar(&b, '/');
	if (l->path.n)
		luaL_addlstring(&b, l->path.p, l->path.n);
	if (l->query.n) {
		luaL_addchar(&b, '?');
		luaL_addlstring(&b, l->query.p, l->query.n);
	}
	luaL_pushresult(&b);
	return 1;
}

static int url_eq(lua_State *L)
{
	struct link *a = lua_handle_test(L, 1, &lua_url_class);
	struct link *b = lua_handle_test(L, 2, &lua_url_class);

	lua_pushboolean(L, a && b && a->proto == b->proto &&
			str_eq(a->text, b->text));
	return 1;
}

static int url_lt(lua_State *L)
{
	struct link *a = self(L);
	struct link *b = lua_handle_get(L, 2, &lua_url_class);

	lua_pushboolean(L, str_cmp(a->text, b->text) < 0);
	return 1;
}

static const struct lua_row methods[] = {
	{ "get_host", url_get_host },
	{ "get_tld", url_get_tld },
	{ "get_text", url_get_text },
	{ "get_raw", url_get_raw },
	{ "get_length", url_get_length },
	{ "get_protocol", url_get_protocol },
	{ "get_path", url_get_path },
	{ "get_query", url_get_query },
	{ "get_fragment", url_get_fragment },
	{ "get_user", url_get_user },
	{ "get_port", url_get_port },
	{ "get_flags", url_get_flags },
	{ "get_flags_num", url_get_flags_num },
	{ "has_flag", url_has_flag },
	{ "is_phished", url_is_phished },
	{ "get_phished", url_get_phished },
	{ "is_redirected", url_is_redirected },
	{ "get_redirected", url_get_redirected },
	{ "set_redirected", url_set_redirected },
	{ "is_obscured", url_is_obscured },
	{ "is_subject", url_is_subject },
	{ "is_html_displayed", url_is_html_displayed },
	{ "get_visible", url_get_visible },
	{ "get_count", url_get_count },
	{ "get_order", url_get_order },
	{ "get_part_order", url_get_part_order },
	{ "to_table", url_to_table },
	{ "to_http", url_to_http },
	{ 0 },
};

static const struct lua_row meta[] = {
	{ "__tostring", url_get_text },
	{ "__eq", url_eq },
	{ "__lt", url_lt },
	{ 0 },
};

const struct lua_class lua_url_class = {
	.name = "rspamd{url}", .methods = methods, .meta = meta,
};
