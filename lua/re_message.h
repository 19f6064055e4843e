/*
 * Facts of the message for the functions of expressions (re_functions.c),
 * each made once a message.
 */
#ifndef MEKIKI_LUA_RE_MESSAGE_H
#define MEKIKI_LUA_RE_MESSAGE_H

#include "lua/vm.h"

struct ctype;
struct part;

/* Addresses of To, Cc and Bcc, in the order of the headers. */
const struct strs *re_recipients(struct lua_run *run);

/* What is known of "from", "rcpt", "helo", "ip", "user", "subject" or
 * "hostname" of the delivery: none, one, or several values. */
struct strs re_smtp_data(struct lua_run *run, struct str what);

/* The Content-Type of a part. */
const struct ctype *re_ctype(struct lua_run *run, struct part *p);

/* The transfer encoding of a part: as it declares, or a multipart around it;
 * else "8bit" or "7bit" by the first octets of a leaf, "unknown" of others. */
struct str re_encoding(struct part *p);

/* Does the message have rspamd's flag of this name? */
bool re_has_flag(struct lua_run *run, struct str name);

#endif
