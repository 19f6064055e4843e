/*
 * A name for the content of the message, and asking a single regex about it.
 */
#include "lua/task.h"

#include "base/codec.h"
#include "base/digest.h"
#include "lua/expression.h"
#include "lua/parts.h"
#include "lua/regexp.h"
#include "mail/message.h"
#include "mail/part.h"
#include "match/matcher.h"

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

/* task:process_regexp{re = re, type = string [, header = name, strong = boolean]} -> number
 * Asks a regex about an input of the message: how many of its pieces match.
 * Types are the long ones of config['regexp'], with or without "_": "header",
 * "rawheader" and "mimeheader" (of that name, its letter case counts if strong
 * is true), "allheader", "body" (the whole message as received), "sabody",
 * "sarawbody", "mime", "rawmime", "words", "url", "email". Rules that always
 * ask the same should be in config['regexp']: those are asked together.
 * > local re = rspamd_regexp.create("/^hello$/i")
 * > assert(task:process_regexp{re = re, type = "header", header = "Subject"} == 1)
 * > assert(task:process_regexp{re = re, type = "url"} == 0)
 * > assert(task:process_regexp{re = re, type = "words"} == 0)
 */
int task_process_regexp(lua_State *L)
{
	struct lua_run *run = task_arg(L);
	const struct regex *re;
	struct atom_input in;
	struct strs texts;
	struct str type;
	lua_Integer n = 0;

	luaL_checktype(L, 2, LUA_TTABLE);
	lua_settop(L, 2);
	lua_getfield(L, 2, "re");
	re = lua_regexp_get(L, 3);
	lua_getfield(L, 2, "type");
	type = lua_str_arg(L, 4);
	if (!atom_input_named(type, &in))
		return luaL_error(L, "process_regexp: there is no type %s",
				  str_dup(run->arena, str_head(type, 40)).p);
	lua_getfield(L, 2, "header");
	in.texts.header = lua_str_opt(L, 5);
	lua_getfield(L, 2, "strong");
	in.texts.exact = lua_toboolean(L, 6);
	lua_spend(L, run->msg->headers.n + 100);
	if (in.kind == RULE_TEXTS && in.texts.input >= TEXT_PART)
		lua_texts(run);		/* everybody's; not this rule's time */
	texts = matcher_texts(run->arena, run->msg, in.kind, &in.texts);
	lua_spend(L, texts.n * 16);
	for (size_t i = 0; i < texts.n; i++)
		n += lua_regexp_search(L, re, texts.v[i]);
	lua_pushinteger(L, n);
	return 1;
}
