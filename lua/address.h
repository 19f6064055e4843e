/*
 * Addresses of a header as rspamd's scripts know them: a list of {raw, name,
 * addr, user, domain, flags}. SpamAssassin's own reading is mail/address.h;
 * the two differ on purpose, each in its world.
 */
#ifndef MEKIKI_LUA_ADDRESS_H
#define MEKIKI_LUA_ADDRESS_H

#include "lua/vm.h"

struct mail_settings;

enum lua_addr_flag {
	ADDR_VALID = 1 << 0,		/* well-formed */
	ADDR_EMPTY = 1 << 1,		/* "<>", or a name alone */
	ADDR_QUOTED = 1 << 2,		/* the user was a quoted string */
	ADDR_BRACED = 1 << 3,		/* stood in angle brackets */
	ADDR_IP = 1 << 4,		/* user@[1.2.3.4] */
	ADDR_BACKSLASH = 1 << 5,	/* the quoted user had escapes */
	ADDR_8BIT = 1 << 6,		/* malformed, with octets over 127 */
};

struct lua_address {
	struct str raw;		/* as written, with its brackets */
	struct str name;	/* decoded, UTF-8, trimmed; or "" */
	struct str addr;	/* user@domain */
	struct str user, domain;
	unsigned flags;		/* enum lua_addr_flag */
};

struct lua_addresses {
	struct lua_address *v;
	size_t n, cap;
	bool shown_empty;	/* scripts get {} and not nil if n is 0 */
};

/* All addresses of one header value (unfolded or not) are added to *out, up
 * to LIMIT_LUA_ADDRESSES. Linear in the text. */
void lua_addresses_read(struct arena *a, const struct mail_settings *ms,
			struct str text, struct lua_addresses *out);

/* One address of an envelope, with or without angle brackets. */
struct lua_address lua_address_of(struct arena *a, struct str text);

/* Pushes one address, a list (nil if it is empty). */
void lua_address_push(lua_State *L, const struct lua_address *addr);
void lua_address_list_push(lua_State *L, const struct lua_addresses *list);

/* Reads text and pushes what is in it: a list (with nothing in it if there is
 * nothing), true. What rspamd_util.parse_mail_address answers. */
bool lua_addresses_push(lua_State *L, struct str text);

#endif
