/*
 * Links as rspamd has them, for rules in Lua: taken apart, their host's
 * registered domain by the Public Suffix List, their parts decoded, and flags
 * that tell what was odd. (What SpamAssassin's own rules see of links is in
 * uri.h and has nothing to do with this.)
 */
#ifndef MEKIKI_MAIL_LINK_H
#define MEKIKI_MAIL_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "base/str.h"

struct arena;

/* Bits, with rspamd's numbers: scripts may have written them down. */
enum link_flag {
	LINK_PHISHED = 1 << 0,		/* shows another domain's address */
	LINK_NUMERIC = 1 << 1,		/* the host is an IP address */
	LINK_OBSCURED = 1 << 2,		/* spelt so as to be hard to read */
	LINK_REDIRECTED = 1 << 3,
	LINK_HTML_DISPLAYED = 1 << 4,	/* what a link shows, no link itself */
	LINK_TEXT = 1 << 5,		/* found in text */
	LINK_SUBJECT = 1 << 6,
	LINK_HOST_ENCODED = 1 << 7,
	LINK_SCHEMA_ENCODED = 1 << 8,
	LINK_PATH_ENCODED = 1 << 9,
	LINK_QUERY_ENCODED = 1 << 10,
	LINK_MISSING_SLASHES = 1 << 11,
	LINK_IDN = 1 << 12,
	LINK_HAS_PORT = 1 << 13,
	LINK_HAS_USER = 1 << 14,
	LINK_SCHEMALESS = 1 << 15,
	LINK_UNNORMALISED = 1 << 16,
	LINK_ZW_SPACES = 1 << 17,	/* has characters without width */
	LINK_URL_DISPLAYED = 1 << 18,	/* shows an address */
	LINK_IMAGE = 1 << 19,
	LINK_QUERY = 1 << 20,		/* found in another link's query */
	LINK_CONTENT = 1 << 21,
	LINK_NO_TLD = 1 << 22,		/* of no known suffix */
	LINK_TRUNCATED = 1 << 23,
	LINK_REDIRECT_TARGET = 1 << 24,
	LINK_INVISIBLE = 1 << 25,
	LINK_SPECIAL = 1 << 26,		/* of a form, a frame, a map */
};
#define LINK_FLAGS 27

/* "phished", "numeric", ... of bit number i. */
const char *link_flag_name(unsigned i);

enum link_proto {
	LINK_FILE = 1 << 0,
	LINK_FTP = 1 << 1,
	LINK_HTTP = 1 << 2,
	LINK_HTTPS = 1 << 3,
	LINK_MAILTO = 1 << 4,
	LINK_TELEPHONE = 1 << 5,
};
/* "http", ... of one bit. The bit of a name; 0 if it is none. */
const char *link_proto_name(unsigned proto);
unsigned link_proto_find(struct str name);

struct link {
	struct str text;	/* normalised; user@host for an address */
	struct str raw;		/* as written, a missing scheme added */
	unsigned proto;		/* one bit */
	unsigned flags;
	struct str user, host, tld;	/* STR_NONE where there is none */
	struct str path, query, fragment;
	long port;		/* 0: none given */
	unsigned count;		/* how often it occurs */
	struct str visible;	/* text of the <a>, or STR_NONE */
	struct link *shown;	/* the address that the text shows, or NULL */
	struct link *redirected;	/* set by a script, or NULL */
	unsigned order;		/* in the message, from 1 */
	unsigned part_order;	/* in its part, from 1 */
};

enum link_place {
	LINK_IN_TEXT,		/* the host must have a known suffix */
	LINK_IN_HREF,		/* anything with a host will do */
};

/* Takes apart what raw is; false if it is no link. The result is in the
 * arena. Characters that mail programs leave out of an href (white space) are
 * left out. Linear in the length of raw, of which LIMIT_URI bytes are used. */
bool link_parse(struct arena *a, struct str raw, enum link_place place,
		struct link *link_r);

/* What was found in a text, and where: bytes [start, end) of it. */
struct link_find {
	struct link *link;
	size_t start, end;
};

/* Finds the links in text: with a scheme, addresses, names that begin with
 * "www.", and bare names of a known suffix. Calls fn for each; it returns
 * false to stop. Linear. */
void link_find_all(struct arena *a, struct str text,
		   bool (*fn)(void *ctx, const struct link_find *found),
		   void *ctx);

/* The links inside the query of a link ("?to=http://..."): calls fn for the
 * first few. */
void link_find_in_query(struct arena *a, struct str query,
			bool (*fn)(void *ctx, const struct link_find *found),
			void *ctx);

/* The links of one message without doubles, in the order of first finding. */
struct links {
	struct arena *arena;
	struct map by_text;	/* text (addresses lower case) -> link */
	struct link **v;
	size_t n, cap;
	bool cut;		/* met LIMIT_URIS */
};

/* Adds a link, or counts it once more if it is known: returns the one that
 * is in the set, NULL if the set is full. Flags are joined, but for "text" and
 * the like of a link that is found again as the same. */
struct link *links_add(struct links *set, struct link *link);

#endif
