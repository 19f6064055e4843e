/*
 * The links of the message and of its parts, chosen by protocol and flags,
 * and the module rspamd_url, which makes links from text.
 */
#include "lua/parts.h"

#include "lua/task.h"
#include "mail/link.h"
#include "mail/text_part.h"

#define WEB (LINK_HTTP | LINK_HTTPS | LINK_FTP | LINK_FILE)

/* Which links are wanted. */
struct choice {
	unsigned protos;
	unsigned flags;		/* 0: all; else with one of these */
	unsigned without;	/* and none of these */
	bool images;		/* addresses of images too */
};

static unsigned flag_find(struct str name)
{
	for (unsigned i = 0; i < LINK_FLAGS; i++)
		if (str_eq(name, str_cstr(link_flag_name(i))))
			return 1u << i;
	return 0;
}

/* One word of a list: a protocol or a flag. Others mean nothing. */
static void choose(struct choice *c, struct str name)
{
	c->protos |= link_proto_find(name);
	c->flags |= flag_find(name);
}

/* Reads argument idx: nothing, true (addresses too), "http,mailto", a list. */
static struct choice choice_arg(lua_State *L, int idx)
{
	struct choice c = { 0, 0, 0, false };
	lua_Integer n;

	if (lua_type(L, idx) == LUA_TTABLE) {
		n = (lua_Integer)lua_rawlen(L, idx);
		lua_spend(L, (size_t)n * 32);
		for (lua_Integer i = 1; i <= n; i++) {
			lua_rawgeti(L, idx, i);
			choose(&c, lua_str_arg(L, -1));
			lua_pop(L, 1);
		}
	} else if (lua_isboolean(L, idx)) {
		c.protos = lua_toboolean(L, idx) ? WEB | LINK_MAILTO : WEB;
	} else if (!lua_isnoneornil(L, idx)) {
		struct str rest = lua_str_arg(L, idx), word;

		lua_spend(L, rest.n);
		while (str_next(&rest, ',', &word))
			choose(&c, str_trim(word));
	}
	if (!c.protos)
		c.protos = WEB;
	return c;
}

static bool is_chosen(const struct choice *c, const struct link *l)
{
	return (l->proto & c->protos) &&
	       (c->images || !(l->flags & LINK_IMAGE)) &&
	       (!c->flags || (l->flags & c->flags)) &&
	       !(l->flags & c->without);
}

/* Pushes the list of those of v that are chosen. */
static void push_chosen(lua_State *L, struct link *const *v, size_t n,
			       const struct choice *c)
{
	lua_Integer got = 0;

	lua_newtable(L);
	lua_spend(L, n * 8);
	for (size_t i = 0; i < n; i++) {
		if (!is_chosen(c, v[i]))
			continue;
		lua_spend(L, 64);
		lua_url_push(L, v[i]);
		lua_rawseti(L, -2, ++got);
	}
}

/* task:get_urls([what [, images]]) -> list of urls
 * The links in the texts and in the subject, each once. Without `what` those
 * of the web (http, https, ftp); with true mail addresses too; or a list (also
 * as a string with commas) of protocols and flags. With `images` also the
 * addresses of images.
 * > local hosts = {}
 * > for _, url in ipairs(task:get_urls()) do hosts[#hosts + 1] = url:get_host() end
 * > assert(hosts[1] == "www.example.org" and #hosts == 3)
 * > assert(#task:get_urls(true) == 4 and #task:get_urls({"mailto"}) == 1)
 * > assert(#task:get_urls("https") == 2 and #task:get_urls(nil, true) == 4)
 */
int task_get_urls(lua_State *L)
{
	struct mail_texts *t = lua_texts(lua_handle_get(L, 1, &lua_task_class));
	struct choice c = choice_arg(L, 2);

	c.images = lua_toboolean(L, 3);
	push_chosen(L, t->links.v, t->links.n, &c);
	return 1;
}

static unsigned flags_arg(lua_State *L, int idx)
{
	struct choice c = { 0, 0, 0, false };

	if (lua_isnoneornil(L, idx))
		return 0;
	c = choice_arg(L, idx);
	return c.flags;
}

/* task:get_urls_filtered([flags [, without [, what]]]) -> list of urls
 * The links that have one of these flags (nil: any flag at all) and none of
 * those, addresses of images among them; `what` as for get_urls(). Names that
 * are no flags mean nothing.
 * > local urls = task:get_urls_filtered({"phished"})
 * > assert(#urls == 1 and urls[1]:get_host() == "login.example.co.uk")
 * > assert(#task:get_urls_filtered(nil, {"html_displayed", "image"}) == 2)
 */
int task_get_urls_filtered(lua_State *L)
{
	struct mail_texts *t = lua_texts(lua_handle_get(L, 1, &lua_task_class));
	struct choice c = choice_arg(L, 4);
	bool some = !lua_isnoneornil(L, 2);

	c.flags = flags_arg(L, 2);
	c.without = flags_arg(L, 3);
	c.images = true;
	/* A link in HTML that nothing is odd about has no flag, and is not
	 * meant by "any", as in rspamd. */
	if (!some)
		c.flags = ~0u;
	/* None of the flags asked for is one of ours: nothing has it. */
	if (some && !c.flags)
		c.protos = 0;
	push_chosen(L, t->links.v, t->links.n, &c);
	return 1;
}

/* task:has_urls([addresses]) -> boolean, number
 * Whether there are links, and how many; with true mail addresses too.
 * > local has, n = task:has_urls()
 * > assert(has and n == 3)
 */
int task_has_urls(lua_State *L)
{
	struct mail_texts *t = lua_texts(lua_handle_get(L, 1, &lua_task_class));
	struct choice c = choice_arg(L, 2);
	lua_Integer n = 0;

	lua_spend(L, t->links.n * 8);
	for (size_t i = 0; i < t->links.n; i++)
		n += is_chosen(&c, t->links.v[i]);
	lua_pushboolean(L, n > 0);
	lua_pushinteger(L, n);
	return 2;
}

/* task:get_emails() -> list of urls
 * The mail addresses in the texts.
 * > local emails = task:get_emails()
 * > assert(#emails == 1 and tostring(emails[1]) == "info@example.org")
 */
int task_get_emails(lua_State *L)
{
	struct mail_texts *t = lua_texts(lua_handle_get(L, 1, &lua_task_class));
	struct choice c = { LINK_MAILTO, 0, 0, false };

	push_chosen(L, t->links.v, t->links.n, &c);
	return 1;
}

/* task:inject_url(url [, part])
 * Adds a link to those of the message, or counts it once more.
 * > local url = task:get_urls()[1]
 * > local count = url:get_count()
 * > task:inject_url(url)
 * > assert(url:get_count() == count + 1 and #task:get_urls() == 3)
 */
int task_inject_url(lua_State *L)
{
	struct mail_texts *t = lua_texts(lua_handle_get(L, 1, &lua_task_class));

	links_add(&t->links, lua_handle_get(L, 2, &lua_url_class));
	return 0;
}

int lua_part_urls_push(lua_State *L, struct text_part *tp, int idx)
{
	struct choice c = choice_arg(L, idx);

	if (tp)
		push_chosen(L, tp->links, tp->nlinks, &c);
	else
		lua_newtable(L);
	return 1;
}

/* ---- the module ---- */

/* rspamd_url.create([pool,] text) -> url or nil
 * The link that the text is; nil if it is none. Only while a message is
 * scanned.
 * > local url = require("rspamd_url").create(task:get_mempool(), "http://A.example.co.uk:81/x?y#z")
 * > assert(url:get_host() == "a.example.co.uk" and url:get_port() == 81)
 * > assert(url:get_tld() == "example.co.uk")
 */
static int url_create(lua_State *L)
{
	struct lua_run *run = lua_run_of(L);
	int idx = lua_gettop(L) >= 2 ? 2 : 1;
	struct str s = lua_str_arg(L, idx);
	struct link *l = arena_alloc(run->arena, sizeof(*l));

	lua_spend(L, s.n * 4);
	if (!link_parse(run->arena, str_dup(run->arena, s), LINK_IN_HREF, l))
		return 0;
	lua_url_push(L, l);
	return 1;
}

struct listing {
	struct link **v;
	size_t n, cap;
	struct arena *arena;
};

static bool on_found(void *ctx, const struct link_find *found)
{
	struct listing *list = ctx;

	list->v = arena_grow(list->arena, list->v, list->n, &list->cap,
			     sizeof(*list->v));
	list->v[list->n++] = found->link;
	return list->n < 10000;
}

/* rspamd_url.all([pool,] text [, function(url, from, to)]) -> list of urls
 * The links in the text. The function, if given, is called for each.
 * > local urls = require("rspamd_url").all(task:get_mempool(), "see www.example.com or a@example.org")
 * > assert(#urls == 2 and urls[1]:get_host() == "www.example.com")
 */
static int url_all(lua_State *L)
{
	struct lua_run *run = lua_run_of(L);
	bool pool = lua_gettop(L) >= 2 && lua_type(L, 1) == LUA_TUSERDATA &&
		(lua_type(L, 2) == LUA_TSTRING ||
		 lua_type(L, 2) == LUA_TUSERDATA);
	int idx = pool ? 2 : 1;
	struct str s = lua_str_arg(L, idx);
	struct listing list = { .arena = run->arena };
	bool call;

	lua_spend(L, s.n * 8);
	link_find_all(run->arena, str_dup(run->arena, s), on_found, &list);
	call = lua_isfunction(L, idx + 1);
	lua_createtable(L, (int)list.n, 0);
	for (size_t i = 0; i < list.n; i++) {
		lua_spend(L, 64);
		lua_url_push(L, list.v[i]);
		if (call) {
			lua_pushvalue(L, idx + 1);
			lua_pushvalue(L, -2);
			lua_call(L, 1, 0);
		}
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* rspamd_url.init([path])
 * Does nothing: the Public Suffix List is a part of the program.
 * > require("rspamd_url").init("/none")
 */
static int url_init(lua_State *L)
{
	(void)L;
	return 0;
}

static void fill(lua_State *L)
{
	lua_newtable(L);
	for (unsigned i = 0; i < LINK_FLAGS; i++)
		lua_field_int(L, link_flag_name(i), 1L << i);
	lua_setfield(L, -2, "flags");
}

static const struct lua_row functions[] = {
	{ "create", url_create },
	{ "all", url_all },
	{ "init", url_init },
	{ 0 },
};

const struct lua_module lua_url_module = {
	.name = "rspamd_url", .functions = functions, .fill = fill,
};
