/*
 * What a rule may ask the store: which commands, and under which keys. The
 * store holds more than rules wrote into it, and a rule's mistake must not
 * cost what was learned in years.
 *
 * Keys are those that the setting lua_redis_keys names: globs, or prefixes
 * where a word has neither `*` nor `?`; without a line `lua:*`. Keys of
 * mekiki's own ("mekiki:...") must be named by a word that begins so: a word
 * `*` does not open them. Commands are those of a table, with the place of
 * their keys; whatever administers, blocks, or names no key is not there.
 */
#ifndef MEKIKI_LUA_REDIS_POLICY_H
#define MEKIKI_LUA_REDIS_POLICY_H

#include "base/err.h"
#include "base/str.h"

struct arena;
struct settings;

/* May this command (its name, then its arguments) be sent? False and err, in
 * words for whoever wrote the rule, if not. may_write: commands that change
 * something, too. The script of an EVAL is replaced by one that asks the same
 * of each command that it calls. What is new lives in a. */
bool lua_redis_may(struct arena *a, const struct settings *s, bool may_write,
		   struct strs *command, struct err *err);

/* May rules touch this key? */
bool lua_redis_may_key(const struct settings *s, struct str key);

#endif
