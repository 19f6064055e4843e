/*
 * A name for the content of the message, and asking a single regex about it.
 */
#include "lua/task.h"

#include "base/codec.h"
#include "base/digest.h"
#include "lua/regexp.h"
#include "mail/message.h"
#include "mail/part.h"
#include "mail/uri.h"

#define DIGEST_OCTETS 16

static struct str digest_of(lua_State *L, struct lua_run *run)
{
	struct message *m = run->msg;
	struct digest d;
	uint8_t out[DIGEST_MAX];
	char *hex = arena_text(run->arena, 2 * DIGEST_OCTETS);

	lua_spend(L, m->pristine.n * 4);
	digest_begin(&d, DIGEST_BLAKE2B, STR_NONE);
	for (size_t i = 0; i < m->nleaves; i++) {
		digest_add(&d, m->leaves[i]->type);
		digest_add(&d, part_decoded(m->leaves[i]));
	}
	digest_end(&d, out);
	return str_make(hex, hex_encode(str_make((const char *)out,
						 DIGEST_OCTETS), hex));
}

/* task:get_digest() -> string
 * 32 hexadecimal digits that name the content: the decoded parts without the
 * headers, so that one text sent to many has one name. (rspamd's are other
 * digits.)
 * > assert(#task:get_digest() == 32 and not task:get_digest():find("[^0-9a-f]"))
 */
int task_get_digest(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	struct str key = STR("task.digest");
	struct str *kept = map_get(&run->memo, key);

	if (!kept) {
		kept = arena_alloc(run->arena, sizeof(*kept));
		*kept = digest_of(L, run);
		map_set(&run->memo, key, kept);
	}
	lua_push_str(L, *kept);
	return 1;
}

/* ---- process_regexp ---- */

struct asking {
	lua_State *L;
	struct lua_run *run;
	const struct regex *re;
	struct str header;
	bool exact;
};

static long in_list(const struct asking *q, const struct strs *list)
{
	long n = 0;

	for (size_t i = 0; i < list->n; i++)
		n += lua_regexp_search(q->L, q->re, list->v[i]);
	return n;
}

static long in_headers(const struct asking *q, bool raw)
{
	struct message *m = q->run->msg;
	long n = 0;

	for (size_t i = 0; i < m->headers.n; i++) {
		struct header *h = &m->headers.v[i];

		if (q->exact ? !str_eq(h->name, q->header) :
		    !str_ieq(h->name, q->header))
			continue;
		n += lua_regexp_search(q->L, q->re, raw ?
			header_unfold(q->run->arena, h->raw) :
			header_text(m->arena, m->settings, h));
	}
	return n;
}

static long ask_header(const struct asking *q)
{
	return in_headers(q, false);
}

static long ask_raw_header(const struct asking *q)
{
	return in_headers(q, true);
}

static long ask_all_headers(const struct asking *q)
{
	return lua_regexp_search(q->L, q->re, q->run->msg->pristine_header);
}

static long ask_body(const struct asking *q)
{
	return lua_regexp_search(q->L, q->re, q->run->msg->pristine);
}

static long ask_sa_body(const struct asking *q)
{
	return in_list(q, message_body(q->run->msg));
}

static long ask_sa_raw_body(const struct asking *q)
{
	return in_list(q, message_rawbody(q->run->msg));
}

static long ask_url(const struct asking *q)
{
	return in_list(q, &message_uris(q->run->msg)->list);
}

static const struct {
	const char *type;
	long (*ask)(const struct asking *q);
} inputs[] = {
	{ "header", ask_header }, { "rawheader", ask_raw_header },
	{ "raw_header", ask_raw_header }, { "allheader", ask_all_headers },
	{ "allheaders", ask_all_headers }, { "body", ask_body },
	{ "message", ask_body }, { "sabody", ask_sa_body },
	{ "sa_body", ask_sa_body }, { "sarawbody", ask_sa_raw_body },
	{ "sa_raw_body", ask_sa_raw_body }, { "url", ask_url },
};

/* task:process_regexp{re = re, type = string [, header = name, strong = boolean]} -> number
 * Asks a regex about an input of the message: how many of its pieces match.
 * Types: "header" and "rawheader" (of that name, its letter case counts if
 * strong is true), "allheader", "body" (the whole message as received),
 * "sabody", "sarawbody", "url". Rules that always ask the same should be in
 * config['regexp']: those are asked together.
 * > local re = rspamd_regexp.create("/^hello$/i")
 * > assert(task:process_regexp{re = re, type = "header", header = "Subject"} == 1)
 * > assert(task:process_regexp{re = re, type = "url"} == 0)
 */
int task_process_regexp(lua_State *L)
{
	struct asking q = { .L = L, .run = task_arg(L) };
	struct str type;

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	lua_getfield(L, 2, "re");
	q.re = lua_regexp_get(L, 3);
	lua_getfield(L, 2, "header");
	q.header = lua_str_opt(L, 4);
	lua_getfield(L, 2, "type");
	type = lua_str_arg(L, 5);
	lua_getfield(L, 2, "strong");
	q.exact = lua_toboolean(L, 6);
	lua_spend(L, q.run->msg->headers.n + 100);
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
		if (str_eq(type, str_cstr(inputs[i].type))) {
			lua_pushinteger(L, inputs[i].ask(&q));
			return 1;
		}
	return luaL_error(L, "process_regexp: there is no type %s",
			  str_dup(q.run->arena, str_head(type, 40)).p);
}
