/*
 * SpamAssassin's view of the message, which rspamd's API has no words for and
 * rules here need: the relays with their trust, headers by selectors, the
 * texts and links that `body`, `rawbody` and `uri` rules are asked about,
 * template tags, and which domains and recipients are ours. All of this
 * section is mekiki's own.
 */
#include "lua/task.h"

#include "conf/ruleset.h"
#include "lua/address.h"
#include "mail/domain.h"
#include "mail/message.h"
#include "mail/relay.h"
#include "mail/uri.h"
#include "match/selector.h"

#define OWN_DOMAINS STR("own_domains")

/* ---- relays ---- */

static const struct relay_list *relays_called(struct lua_run *run,
					      struct str kind)
{
	const struct relays *rs = message_relays(run->msg);
	struct {
		struct str kind;
		const struct relay_list *list;
	} kinds[] = {
		{ STR("all"), &rs->all }, { STR("trusted"), &rs->trusted },
		{ STR("untrusted"), &rs->untrusted },
		{ STR("internal"), &rs->internal },
		{ STR("external"), &rs->external },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq(kind, kinds[i].kind))
			return kinds[i].list;
	return NULL;
}

/* Text that says nothing is left out. */
static void field_text(lua_State *L, const char *key, struct str s)
{
	if (s.n)
		lua_field_str(L, key, s);
}

static void push_relay(lua_State *L, const struct relay *r)
{
	lua_createtable(L, 0, 12);
	field_text(L, "ip", r->ip);
	field_text(L, "rdns", r->rdns);
	field_text(L, "helo", r->helo);
	field_text(L, "by", r->by);
	field_text(L, "ident", r->ident);
	field_text(L, "envfrom", r->envfrom);
	field_text(L, "id", r->id);
	field_text(L, "auth", r->auth);
	lua_field_bool(L, "private", r->ip_private);
	lua_field_bool(L, "no_reverse_dns", r->no_reverse_dns);
	lua_field_bool(L, "msa", r->msa);
	lua_field_bool(L, "trusted", r->trusted);
	lua_field_bool(L, "internal", r->internal);
}

/* task:get_relays([kind]) -> list
 * The hosts that the message came through, newest first, as SpamAssassin reads
 * the Received headers: "all" (the default), "trusted", "untrusted",
 * "internal" or "external"; "last_external" is a single table, or nil: the
 * host that handed the message to us. Each has `ip`, `rdns`, `helo`, `by`,
 * `ident`, `envfrom`, `id`, `auth` (strings; missing if unknown) and `trusted`,
 * `internal`, `msa`, `private`, `no_reverse_dns`.
 * > local all = task:get_relays()
 * > assert(#all == 3 and all[2].helo == "mail.example.com" and all[2].ip == "198.18.7.25")
 * > assert(#task:get_relays("trusted") + #task:get_relays("untrusted") == #all)
 */
int task_get_relays(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct str kind = lua_str_opt(L, 2);
	bool one = str_eq(kind, STR("last_external"));
	const struct relay_list *list = relays_called(run,
			one ? STR("external") : kind.p ? kind : STR("all"));

	if (!list)
		return luaL_error(L, "get_relays: expected all, trusted, "
				  "untrusted, internal, external or "
				  "last_external");
	if (one) {
		if (!list->n)
			return 0;
		push_relay(L, list->v[0]);
		return 1;
	}
	lua_spend(L, list->n * 300);
	lua_createtable(L, (int)list->n, 0);
	for (size_t i = 0; i < list->n; i++) {
		push_relay(L, list->v[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* task:get_envelope_from() -> string or nil
 * The envelope's sender as SpamAssassin infers it (EnvelopeFrom), "" for a
 * bounce. task:get_from("smtp") prefers what the protocol told.
 * > assert(task:get_envelope_from() == "alice@example.com")
 */
int task_get_envelope_from(lua_State *L)
{
	lua_push_str(L, message_envelope_sender(task_arg(L)->msg));
	return 1;
}

/* task:get_sa_header(selector) -> string or nil
 * What `header =~` rules are asked about: "From:addr", "ALL", "ToCc",
 * "Received:raw", "X-Spam-Relays-External", ... All headers of the name are
 * joined, each with its line end.
 * > assert(task:get_sa_header("From:addr") == "alice@example.com")
 * > assert(task:get_sa_header("X-Test") == "one\ncafé\n")
 */
int task_get_sa_header(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct str selector = lua_str_arg(L, 2), s;

	/* The selector is kept with the answer. */
	selector = str_dup(run->arena, str_head(selector, 500));
	s = selector_get_text(run->msg, selector);
	lua_spend(L, s.n + run->msg->headers.n + 500);
	lua_push_str(L, s);
	return 1;
}

/* ---- texts and links ---- */

static int push_list(lua_State *L, const struct strs *list)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += list->v[i].n + 20;
	lua_spend(L, n);
	lua_push_strs(L, list);
	return 1;
}

/* task:get_body() -> list
 * The paragraphs that `body` rules see: the subject first, then the rendered
 * text, white space made single spaces.
 * > local body = task:get_body()
 * > assert(body[1] == "Hello\n" and body[2]:find("Dear Bob,"))
 */
int task_get_body(lua_State *L)
{
	return push_list(L, message_body(task_arg(L)->msg));
}

/* task:get_rawbody_chunks() -> list
 * The chunks of 2 to 4 KB that `rawbody` rules see: text parts, decoded but
 * not rendered.
 * > assert(table.concat(task:get_rawbody_chunks()):find("<p>Alice</p>", 1, true))
 */
int task_get_rawbody_chunks(lua_State *L)
{
	return push_list(L, message_rawbody(task_arg(L)->msg));
}

/* task:get_uris() -> list
 * The strings that `uri` rules see: every link of text and HTML in all its
 * canonical forms.
 * > local found = {}
 * > for _, uri in ipairs(task:get_uris()) do found[uri] = true end
 * > assert(found["http://login.example.co.uk/"])
 */
int task_get_uris(lua_State *L)
{
	return push_list(L, &message_uris(task_arg(L)->msg)->list);
}

static const struct strs *uri_domains(struct lua_run *run)
{
	const struct uris *uris = message_uris(run->msg);
	struct strs *list = map_get(&run->memo, STR("task.uri_domains"));
	struct map seen = MAP_IN(run->arena);
	struct map_entry *e;
	size_t i = 0;

	if (list)
		return list;
	list = arena_alloc(run->arena, sizeof(*list));
	map_set(&run->memo, STR("task.uri_domains"), list);
	while ((e = map_next(&uris->by_raw, &i))) {
		const struct uri_info *u = e->value;

		for (size_t k = 0; k < u->domains.n; k++) {
			if (map_has(&seen, u->domains.v[k]))
				continue;
			map_set(&seen, u->domains.v[k], list);
			strs_add(run->arena, list, u->domains.v[k]);
		}
	}
	return list;
}

/* task:get_uri_domains() -> list
 * The registered domains of all links, each once.
 * > local uris = table.concat(task:get_uris(), " ")
 * > for _, domain in ipairs(task:get_uri_domains()) do
 * >   assert(uris:find(domain, 1, true))
 * > end
 */
int task_get_uri_domains(lua_State *L)
{
	return push_list(L, uri_domains(task_arg(L)));
}

/* ---- tags ---- */

/* task:set_tag(name, value)
 * Sets a template tag: `_NAME_` in reports and added headers becomes the
 * value.
 * > task:set_tag("MYTAG", "some text")
 * > assert(task:get_tag("MYTAG") == "some text")
 */
int task_set_tag(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct str name = lua_str_arg(L, 2), value = lua_str_arg(L, 3);

	if (!name.n || name.n > 64)
		return luaL_error(L, "set_tag: that is no name of a tag");
	for (size_t i = 0; i < name.n; i++)
		if (!is_word((unsigned char)name.p[i]))
			return luaL_error(L, "set_tag: a tag's name has "
					  "letters, digits and '_'");
	lua_spend_output(L, name.n + value.n);
	if (run->host.set_tag)
		run->host.set_tag(run->host.ctx, str_dup(run->arena, name),
				  str_dup(run->arena, value));
	return 0;
}

/* task:get_tag(name) -> string or nil
 * The value of a template tag, as far as it is known by now.
 * > assert(task:get_tag("NO_SUCH_TAG_IS_THERE") == nil)
 */
int task_get_tag(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct str name = lua_str_arg(L, 2), value = STR_NONE;

	if (run->host.get_tag)
		value = run->host.get_tag(run->host.ctx,
					  str_dup(run->arena,
						  str_head(name, 64)));
	lua_spend(L, value.n);
	lua_push_str(L, value);
	return 1;
}

/* ---- what is ours ---- */

/* The domains when the configuration names none: those of the recipients. */
static const struct map *recipient_domains(struct lua_run *run)
{
	struct map *own = map_get(&run->memo, STR("task.own_domains"));
	const struct lua_addresses *to;

	if (own)
		return own;
	own = arena_alloc(run->arena, sizeof(*own));
	*own = MAP_IN(run->arena);
	map_set(&run->memo, STR("task.own_domains"), own);
	to = task_addresses(run, TASK_RCPT, TASK_ANY);
	for (size_t i = 0; i < to->n; i++) {
		struct str d = domain_of_host(run->host.settings->mail.domains,
					      to->v[i].domain);

		if (d.n && (to->v[i].flags & ADDR_VALID))
			map_set(own, str_lower(run->arena, d), own);
	}
	return own;
}

static const struct map *own_domains(struct lua_run *run)
{
	const struct addr_list *list =
		settings_addrs(run->host.settings, OWN_DOMAINS);

	return list && list->n ? &list->index : recipient_domains(run);
}

/* Is the host one of the domains, or inside of one? */
static bool is_own(struct lua_run *run, struct str host)
{
	const struct map *own = own_domains(run);
	struct str rest;
	ssize_t dot;

	if (host.n > 255)
		return false;
	rest = host = str_lower(run->arena, host);
	while (rest.n && rest.p[rest.n - 1] == '.')
		rest.n--;
	while (rest.n) {
		if (map_has(own, rest))
			return true;
		dot = str_chr(rest, '.');
		if (dot < 0)
			break;
		rest = str_from(rest, (size_t)dot + 1);
	}
	return false;
}

/* task:get_own_domains() -> list
 * The site's own domains: those of `own_domains` and `own_domains_file`;
 * without these the registered domains of the recipients.
 * > for _, domain in ipairs(task:get_own_domains()) do
 * >   assert(task:is_own_domain(domain))
 * > end
 */
int task_get_own_domains(lua_State *L)
{
	const struct map *own = own_domains(task_arg(L));
	struct map_entry *e;
	lua_Integer n = 0;
	size_t i = 0;

	lua_spend(L, own->n * 40);
	lua_newtable(L);
	while ((e = map_next(own, &i))) {
		lua_push_str(L, e->key);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* task:is_own_domain(host) -> boolean
 * Whether a host is one of these domains, or inside of one. nil is not.
 * > assert(task:is_own_domain("EXAMPLE.NET") and task:is_own_domain("www.example.net"))
 * > assert(not task:is_own_domain("notexample.net") and not task:is_own_domain(nil))
 */
int task_is_own_domain(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct str host = lua_str_opt(L, 2);

	lua_spend(L, 300);
	lua_pushboolean(L, host.n && is_own(run, host));
	return 1;
}

/* ---- recipients ---- */

struct rcpt {
	const struct lua_address *addr;
	bool smtp, mime;
};

/* All recipients once, the envelope's first. */
struct rcpts {
	struct rcpt *v;
	size_t n;
};

static void add_rcpts(struct lua_run *run, struct rcpts *out, struct map *at,
		      enum task_world world)
{
	const struct lua_addresses *list = task_addresses(run, TASK_RCPT,
							  world);

	for (size_t i = 0; i < list->n; i++) {
		struct str key = str_lower(run->arena, list->v[i].addr);
		struct rcpt *r = map_get(at, key);

		if (!key.n)
			continue;
		if (!r) {
			r = &out->v[out->n++];
			r->addr = &list->v[i];
			map_set(at, key, r);
		}
		r->smtp |= world == TASK_SMTP;
		r->mime |= world == TASK_MIME;
	}
}

static const struct rcpts *all_rcpts(struct lua_run *run)
{
	struct rcpts *out = map_get(&run->memo, STR("task.rcpts"));
	struct map at = MAP_IN(run->arena);
	size_t most;

	if (out)
		return out;
	out = arena_alloc(run->arena, sizeof(*out));
	map_set(&run->memo, STR("task.rcpts"), out);
	most = task_addresses(run, TASK_RCPT, TASK_SMTP)->n +
		task_addresses(run, TASK_RCPT, TASK_MIME)->n;
	out->v = arena_alloc(run->arena, (most + 1) * sizeof(*out->v));
	add_rcpts(run, out, &at, TASK_SMTP);
	add_rcpts(run, out, &at, TASK_MIME);
	return out;
}

/* task:get_recipients_facts() -> list
 * Every recipient once, those of the envelope first: tables of `addr`, `user`,
 * `domain`, `name`, `own` (in an own domain), `smtp` (of the envelope) and
 * `mime` (named in To, Cc or Bcc).
 * > local r = task:get_recipients_facts()
 * > assert(#r == 3 and r[1].addr == "bob@example.net" and r[1].smtp and r[1].mime)
 * > assert(r[1].own and r[2].mime and not r[2].smtp)
 */
int task_get_recipients_facts(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	const struct rcpts *all = all_rcpts(run);

	lua_spend(L, all->n * 500);
	lua_createtable(L, (int)all->n, 0);
	for (size_t i = 0; i < all->n; i++) {
		const struct rcpt *r = &all->v[i];

		lua_createtable(L, 0, 7);
		lua_field_str(L, "addr", r->addr->addr);
		lua_field_str(L, "user", r->addr->user);
		lua_field_str(L, "domain", r->addr->domain);
		lua_field_str(L, "name", r->addr->name);
		lua_field_bool(L, "own", is_own(run, r->addr->domain));
		lua_field_bool(L, "smtp", r->smtp);
		lua_field_bool(L, "mime", r->mime);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}
