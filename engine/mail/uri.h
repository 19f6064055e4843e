/*
 * The links of a message (reference 6.4): found in the rendered text, in
 * HTML, in DKIM signatures; each with its canonical and decoded forms.
 */
#ifndef MEKIKI_MAIL_URI_H
#define MEKIKI_MAIL_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "base/str.h"

struct arena;
struct message;
struct mail_settings;

/* Where a URI comes from; bits of uri_info.types. */
enum uri_type {
	/* The bits of enum html_uri_type keep their values; */
	URI_PARSED = 1 << 20,	/* found in text */
	URI_UNLINKED = 1 << 21,
	URI_SCHEMELESS = 1 << 22,
	URI_DOMAINKEYS = 1 << 23,
};

struct uri_info {
	struct str raw;		/* as found: the key */
	unsigned types;		/* enum html_uri_type | enum uri_type */
	struct strs cleaned;	/* canonical forms, raw first; empty for DKIM */
	struct strs anchor_text;
	struct strs hosts;	/* lower case, of all cleaned forms */
	struct strs domains;	/* registered domain of hosts[i] */
};

struct uris {
	struct map by_raw;	/* raw -> struct uri_info *, in order */
	struct strs list;	/* what `uri` rules are asked about: every
				 * distinct cleaned form */
	struct strs wide;	/* those of them that SpamAssassin has as
				 * characters, not all of them ASCII */
	struct strs octets;	/* and as octets that it takes for characters */
	bool truncated;		/* one was cut at LIMIT_URI */
};

/* The URIs of m; made once, then the same. What did not fit is told by the
 * flags MSG_URIS_CUT and MSG_URI_TRUNCATED of m. */
const struct uris *message_uris(struct message *m);

/* All canonical and decoded forms of uri without doubles, uri itself (without
 * the white space around it and line ends) first, added to *out. They live in
 * the arena or in uri. `wide` says that uri is UTF-8 that SpamAssassin has as
 * characters (html_uri.wide), which it treats differently where they are not
 * ASCII. False if there were more than LIMIT_URI_FORMS, of which the first
 * ones are given. */
bool uri_canonical_forms(struct arena *a, const struct mail_settings *ms,
			 struct str uri, bool wide, struct strs *out);

/* Of the forms of a wide URI, those whose host SpamAssassin made octets of,
 * which it then takes for characters: all, and those that came so only. */
struct uri_octets {
	struct strs all, only;
};

bool uri_forms_and_octets(struct arena *a, const struct mail_settings *ms,
			  struct str uri, bool wide, struct strs *out,
			  struct uri_octets *octets_r);

/* The lower-case host of a URI and its registered domain, either of which may
 * be NULL if not wanted; false if it has none that is valid (an IP address, or
 * a well-formed name with a known TLD). */
bool uri_host_domain(struct arena *a, const struct mail_settings *ms,
		     struct str uri, struct str *host_r,
		     struct str *domain_r);

/* Is it an IP address and nothing else: dotted IPv4 without leading zeros, or
 * IPv6 without brackets? */
bool host_is_address(struct str host);

/* The name SpamAssassin gives one uri type bit ("a", "img", "parsed"). */
const char *uri_type_name(unsigned bit);

#endif
