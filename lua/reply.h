/*
 * What scripts want the mail server to do with the message beside the
 * verdict (rspamd's milter reply), as plain data for the protocols.
 */
#ifndef MEKIKI_LUA_REPLY_H
#define MEKIKI_LUA_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "base/str.h"

struct lua_run;

/* A header to be added; order -1: at the end, else its index. */
struct reply_header {
	struct str name, value;
	long order;
	bool ordered;
};

/* A header to be removed: the nth of its name, 0: all, -1: the last. */
struct reply_removal {
	struct str name;
	long nth;
};

struct lua_reply {
	struct reply_header *add;
	size_t nadd, add_cap;
	struct reply_removal *remove;
	size_t nremove, remove_cap;
	struct strs add_rcpt, del_rcpt;
	struct str change_from;		/* or STR_NONE */
	struct str spam_header, reject;	/* or STR_NONE */
	bool no_action;
};

/* The merged replies of all calls so far, or NULL if there was none. It lives
 * as long as the message. */
const struct lua_reply *lua_run_reply(const struct lua_run *run);

/* True if a script set this flag of rspamd's ("no_log", "no_stat", ...). */
bool lua_run_flag(const struct lua_run *run, struct str name);

#endif
