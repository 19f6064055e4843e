/*
 * Who sent the message and for whom: addresses of the headers and of the
 * envelope, and the client that handed it over. What the protocol told is
 * believed; what it did not tell is inferred as SpamAssassin infers it: the
 * sender by its rules for EnvelopeFrom, the recipients from the headers that
 * delivering programs add, the client from the newest external relay of the
 * Received chain.
 */
#include "lua/task.h"

#include "conf/ruleset.h"
#include "lua/address.h"
#include "lua/ip.h"
#include "mail/header.h"
#include "mail/message.h"
#include "mail/relay.h"

/* ---- facts of the envelope ---- */

static const struct lua_envelope *told(const struct lua_run *run)
{
	static const struct lua_envelope nothing;

	return run->host.envelope ? run->host.envelope : &nothing;
}

static const struct relay *last_external(struct lua_run *run)
{
	const struct relays *rs = message_relays(run->msg);

	return rs->external.n ? rs->external.v[0] : NULL;
}

/* What was told, else inferred; an empty text is nothing. */
static struct str told_or(struct str said, const struct relay *r,
			  struct str inferred)
{
	if (said.n)
		return said;
	return r && inferred.n ? inferred : STR_NONE;
}

struct str task_client_ip(struct lua_run *run)
{
	const struct relay *r = last_external(run);

	return told_or(told(run)->ip, r, r ? r->ip : STR_NONE);
}

struct str task_client_helo(struct lua_run *run)
{
	const struct relay *r = last_external(run);

	return told_or(told(run)->helo, r, r ? r->helo : STR_NONE);
}

struct str task_client_name(struct lua_run *run)
{
	const struct relay *r = last_external(run);

	return told_or(told(run)->hostname, r, r ? r->rdns : STR_NONE);
}

/* ---- addresses ---- */

/* False if there is no such header. */
static bool add_headers(struct lua_run *run, const char *const *names,
			struct lua_addresses *out)
{
	struct message *m = run->msg;
	bool some = false;

	for (size_t i = 0; i < m->headers.n; i++) {
		struct header *h = &m->headers.v[i];

		for (size_t k = 0; names[k]; k++)
			if (str_ieq(h->name, str_cstr(names[k]))) {
				lua_addresses_read(run->arena,
					&run->host.settings->mail,
					header_unfold(run->arena, h->raw),
					out);
				some = true;
			}
	}
	return some;
}

static void add_one(struct lua_run *run, struct str addr,
		    struct lua_addresses *out)
{
	addr = str_trim(addr);
	if (!addr.n || addr.p[0] != '<')
		addr = str_printf(run->arena, "<%.*s>", STR_ARG(addr));
	out->v = arena_grow(run->arena, out->v, out->n, &out->cap,
			    sizeof(out->v[0]));
	out->v[out->n++] = lua_address_of(run->arena, addr);
}

/* An envelope has no malformed addresses: what a client tells so, or a list
 * manager writes ("Delivered-To: mailing list x@y"), is none. */
static void only_valid(struct lua_addresses *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].flags & ADDR_VALID)
			list->v[kept++] = list->v[i];
	list->n = kept;
}

/* Drops doubles: one delivery is noted by several programs. */
static void unique(struct lua_run *run, struct lua_addresses *list)
{
	struct map seen = MAP_IN(run->arena);
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct str key = str_lower(run->arena, list->v[i].addr);

		if (!key.n || map_has(&seen, key))
			continue;
		map_set(&seen, key, list);
		list->v[kept++] = list->v[i];
	}
	list->n = kept;
}

static void smtp_from(struct lua_run *run, struct lua_addresses *out)
{
	struct str said = told(run)->from;
	struct headers *hs = &run->msg->headers;
	size_t i;

	if (!said.p)
		said = message_envelope_sender(run->msg);
	/* SpamAssassin knows no sender of bounces, and believes no
	 * Return-Path that stands below a Received; rspamd does both. But a
	 * header that was named has the last word. */
	i = headers_find(hs, STR("Return-Path"), 0);
	if (!said.p && i < hs->n &&
	    !run->msg->settings->envelope_sender_header.p) {
		said = str_trim(hs->v[i].raw);
		if (str_eq(said, STR("<>")))
			said = STR("");
		else if (!said.n)
			said = STR_NONE;
	}
	if (said.p)
		add_one(run, said, out);
	only_valid(out);
}

static void smtp_rcpts(struct lua_run *run, struct lua_addresses *out)
{
	static const char *const names[] = {
		"X-Original-To", "Envelope-To", "X-Envelope-To",
		"Delivered-To", "X-Delivered-To", "X-Rcpt-To", NULL
	};
	const struct strs *said = told(run)->rcpts;

	if (said) {
		for (size_t i = 0; i < said->n; i++)
			add_one(run, said->v[i], out);
		only_valid(out);
		return;
	}
	add_headers(run, names, out);
	only_valid(out);
	unique(run, out);
}

static void mime_from(struct lua_run *run, struct lua_addresses *out)
{
	static const char *const names[] = { "From", NULL };

	add_headers(run, names, out);
}

static void mime_rcpts(struct lua_run *run, struct lua_addresses *out)
{
	static const char *const names[] = { "To", "Cc", "Bcc", NULL };

	out->shown_empty = add_headers(run, names, out);
}

static const struct {
	struct str key, replaced;
	void (*fill)(struct lua_run *run, struct lua_addresses *out);
} makers[2][2] = {
	{ { { "task.from.smtp", 14 }, { "task.from.smtp!", 15 }, smtp_from },
	  { { "task.from.mime", 14 }, { "task.from.mime!", 15 }, mime_from } },
	{ { { "task.rcpt.smtp", 14 }, { "task.rcpt.smtp!", 15 }, smtp_rcpts },
	  { { "task.rcpt.mime", 14 }, { "task.rcpt.mime!", 15 }, mime_rcpts } },
};

const struct lua_addresses *task_addresses(struct lua_run *run,
					   enum task_side side,
					   enum task_world world)
{
	struct lua_addresses *list;
	struct str key;

	if (world == TASK_ANY) {
		const struct lua_addresses *smtp =
			task_addresses(run, side, TASK_SMTP);

		return smtp->n ? smtp : task_addresses(run, side, TASK_MIME);
	}
	key = makers[side][world == TASK_MIME].key;
	list = map_get(&run->memo, key);
	if (!list) {
		list = arena_alloc(run->arena, sizeof(*list));
		map_set(&run->memo, key, list);
		makers[side][world == TASK_MIME].fill(run, list);
	}
	return list;
}

/* The same with what set_from and set_recipients put in its place. */
static const struct lua_addresses *shown(struct lua_run *run,
					 enum task_side side,
					 enum task_world world)
{
	const struct lua_addresses *list;

	if (world == TASK_ANY) {
		list = shown(run, side, TASK_SMTP);
		return list->n ? list : shown(run, side, TASK_MIME);
	}
	list = map_get(&run->memo,
		       makers[side][world == TASK_MIME].replaced);
	return list ? list : task_addresses(run, side, world);
}

void task_addresses_replace(struct lua_run *run, enum task_side side,
			    enum task_world world,
			    const struct lua_addresses *list)
{
	struct lua_addresses *kept = arena_alloc(run->arena, sizeof(*kept));

	if (world == TASK_ANY)
		world = task_addresses(run, side, TASK_SMTP)->n ? TASK_SMTP :
			TASK_MIME;
	*kept = *list;
	map_set(&run->memo, makers[side][world == TASK_MIME].replaced, kept);
}

static bool world_of(struct str word, enum task_world *world_r)
{
	static const struct {
		struct str word;
		enum task_world world;
	} words[] = {
		{ { "any", 3 }, TASK_ANY }, { { "smtp", 4 }, TASK_SMTP },
		{ { "envelope", 8 }, TASK_SMTP }, { { "mime", 4 }, TASK_MIME },
		{ { "header", 6 }, TASK_MIME },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(words[i].word, word)) {
			*world_r = words[i].world;
			return true;
		}
	return false;
}

enum task_world task_world_arg(lua_State *L, struct lua_run *run)
{
	enum task_world world = TASK_ANY;
	struct str word;

	switch (lua_type(L, 2)) {
	case LUA_TNUMBER:
		if (lua_tointeger(L, 2) == 1)
			return TASK_SMTP;
		return lua_tointeger(L, 2) == 2 ? TASK_MIME : TASK_ANY;
	case LUA_TSTRING:
		word = lua_str_arg(L, 2);
		if (!world_of(word, &world))
			lua_run_log(run, "'%.*s' is no type of addresses: "
				    "expected any, smtp or mime",
				    STR_ARG(str_head(word, 40)));
		return world;
	case LUA_TTABLE:
		for (lua_Integer i = 1; i <= 4; i++) {
			if (lua_rawgeti(L, 2, i) == LUA_TSTRING)
				world_of(lua_str_arg(L, -1), &world);
			lua_pop(L, 1);
		}
		return world;
	default:
		return TASK_ANY;
	}
}

/* Does the type at argument 2 want what the message says itself? */
static bool wants_original(lua_State *L)
{
	bool yes = false;

	for (lua_Integer i = 1; lua_istable(L, 2) && i <= 4; i++) {
		if (lua_rawgeti(L, 2, i) == LUA_TSTRING)
			yes |= str_starts(lua_str_arg(L, -1), STR("orig"));
		lua_pop(L, 1);
	}
	return yes;
}

/* The list that argument 2 means. */
static const struct lua_addresses *addresses_arg(lua_State *L,
						 struct lua_run *run,
						 enum task_side side)
{
	enum task_world world = task_world_arg(L, run);

	return wants_original(L) ? task_addresses(run, side, world) :
		shown(run, side, world);
}

static int push_addresses(lua_State *L, enum task_side side)
{
	struct lua_run *run = task_arg(L);
	const struct lua_addresses *list = addresses_arg(L, run, side);

	lua_spend(L, list->n * 200);
	lua_address_list_push(L, list);
	return 1;
}

/* task:get_from([type]) -> list or nil
 * The sender: of the envelope (type "smtp" or 1), of the From headers ("mime"
 * or 2), or of the first of these that is known ("any" or 0, the default). A
 * list of tables with `addr`, `user`, `domain`, `name` (decoded), `raw` and
 * `flags` (`valid`, `empty`, `quoted`, `braced`, `ip`, `backslash`, `8bit`,
 * each true or missing). An envelope that nobody told is inferred from the
 * headers as SpamAssassin does. {"mime", "orig"} leaves out what set_from did.
 * > local from = task:get_from("mime")
 * > assert(#from == 1 and from[1].name == "Alice Example")
 * > assert(from[1].addr == "alice@example.com" and from[1].user == "alice")
 * > assert(from[1].domain == "example.com" and from[1].flags.valid)
 * > assert(task:get_from("smtp")[1].raw == "<alice@example.com>")
 */
int task_get_from(lua_State *L)
{
	return push_addresses(L, TASK_FROM);
}

/* task:get_recipients([type]) -> list or nil
 * The same of the recipients; "mime" reads To, Cc and Bcc, "smtp" what the
 * protocol told, else Delivered-To, X-Original-To, Envelope-To and kin. nil if
 * there is no such header, {} if it holds nobody.
 * > local to = task:get_recipients("mime")
 * > assert(#to == 3 and to[2].name == "Carol, C." and to[3].name == "")
 * > assert(task:get_recipients("smtp")[1].addr == "bob@example.net")
 */
int task_get_recipients(lua_State *L)
{
	return push_addresses(L, TASK_RCPT);
}

/* task:has_from([type]) -> boolean
 * > assert(task:has_from("smtp") and task:has_from("mime"))
 */
int task_has_from(lua_State *L)
{
	struct lua_run *run = task_arg(L);

	lua_pushboolean(L, addresses_arg(L, run, TASK_FROM)->n > 0);
	return 1;
}

/* task:has_recipients([type]) -> boolean, number
 * Whether there are any, and how many.
 * > local some, n = task:has_recipients("mime")
 * > assert(some and n == 3)
 */
int task_has_recipients(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	size_t n = addresses_arg(L, run, TASK_RCPT)->n;

	lua_pushboolean(L, n > 0);
	lua_pushinteger(L, (lua_Integer)n);
	return 2;
}

/* task:get_reply_sender() -> string or nil
 * The address that an answer would go to: of Reply-To, else of From, else the
 * envelope's sender.
 * > assert(task:get_reply_sender() == "replies@example.com")
 */
int task_get_reply_sender(lua_State *L)
{
	static const char *const names[] = { "Reply-To", NULL };
	struct lua_run *run = task_arg(L);
	struct str key = STR("task.reply");
	struct lua_addresses *list = map_get(&run->memo, key);
	const struct lua_addresses *from = list;

	if (!list) {
		list = arena_alloc(run->arena, sizeof(*list));
		map_set(&run->memo, key, list);
		add_headers(run, names, list);
		from = list;
	}
	if (!from->n)
		from = task_addresses(run, TASK_FROM, TASK_MIME);
	if (!from->n)
		from = task_addresses(run, TASK_FROM, TASK_SMTP);
	lua_push_str(L, from->n ? from->v[0].addr : STR_NONE);
	return 1;
}

/* task:get_principal_recipient() -> string or nil
 * The address that the message is delivered to: the first recipient of the
 * envelope, else of the headers.
 * > assert(task:get_principal_recipient() == "bob@example.net")
 */
int task_get_principal_recipient(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	const struct lua_addresses *to =
		task_addresses(run, TASK_RCPT, TASK_ANY);

	lua_push_str(L, to->n ? to->v[0].addr : STR_NONE);
	return 1;
}

/* task:get_user() -> string or nil
 * Who logged in to send this, if the protocol told.
 * > assert(task:get_user() == nil or #task:get_user() > 0)
 */
int task_get_user(lua_State *L)
{
	struct str user = told(task_arg(L))->user;

	lua_push_str(L, user.n ? user : STR_NONE);
	return 1;
}

/* task:get_from_ip() -> ip or nil
 * The address of the client that handed the message to our own hosts: told by
 * the protocol, else of the newest external relay (see `internal_networks`).
 * Test it: `ip and ip:is_valid()`.
 * > local ip = task:get_from_ip()
 * > assert(tostring(ip) == tostring(task:get_relays("external")[1].ip))
 */
int task_get_from_ip(lua_State *L)
{
	struct str ip = task_client_ip(task_arg(L));

	if (!ip.p)
		return 0;
	lua_ip_push(L, ip);
	return 1;
}

/* task:get_helo() -> string or nil
 * How that client greeted.
 * > assert(task:get_helo() == task:get_relays("external")[1].helo)
 */
int task_get_helo(lua_State *L)
{
	lua_push_str(L, task_client_helo(task_arg(L)));
	return 1;
}

/* task:get_hostname() -> string or nil
 * The name that DNS gives that client.
 * > assert(task:get_hostname() == task:get_relays("external")[1].rdns)
 */
int task_get_hostname(lua_State *L)
{
	lua_push_str(L, task_client_name(task_arg(L)));
	return 1;
}

/* task:get_queue_id() -> string or nil
 * The mail server's name for this delivery: told by the protocol, else of the
 * newest Received header.
 * > assert(task:get_queue_id() == "4ABC")
 */
int task_get_queue_id(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	const struct relays *rs = message_relays(run->msg);
	const struct relay *r = rs->all.n ? rs->all.v[0] : NULL;

	lua_push_str(L, told_or(told(run)->queue_id, r,
				r ? r->id : STR_NONE));
	return 1;
}

/* task:get_request_header(name) -> text or nil
 * A header of the request by which the message came here (not of the
 * message); nil if the protocol has none.
 * > assert(task:get_request_header("X-None") == nil)
 */
int task_get_request_header(lua_State *L)
{
	const struct strs *list = told(task_arg(L))->request_headers;
	struct str name = lua_str_arg(L, 2);

	for (size_t i = 0; list && i < list->n; i++) {
		struct str rest = list->v[i], key;

		if (!str_next(&rest, ':', &key) ||
		    !str_ieq(str_trim(key), name))
			continue;
		lua_text_push(L, str_trim(rest));
		return 1;
	}
	return 0;
}
