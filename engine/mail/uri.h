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
	struct strs cleaned_utf8;	/* those of uri_form.utf8 */
	struct strs anchor_text;
	struct strs hosts;	/* lower case, of all cleaned forms */
	struct strs domains;	/* registered domain of hosts[i] */
};

struct uris {
	struct map by_raw;	/* raw -> struct uri_info *, in order */
	struct strs list;	/* what `uri` rules are asked about: every
				 * distinct cleaned form */
	struct strs subjects;	/* list[i] as patterns are to see it: of what
				 * Latin-1 lacks SpamAssassin's see one
				 * character that is neither word nor space,
				 * here DEL */
	struct strs letters;	/* list[i] where SpamAssassin has characters
				 * that are not all ASCII: in Latin-1, with
				 * blanks for what that lacks; else p is NULL */
	bool truncated;		/* one was cut at LIMIT_URI */
};

/* The URIs of m; made once, then the same. What did not fit is told by the
 * flags MSG_URIS_CUT and MSG_URI_TRUNCATED of m. */
const struct uris *message_uris(struct message *m);

/*
 * A form of a URI. SpamAssassin has octets or characters, the latter where the
 * HTML was decoded text (html_uri.wide). Rules see characters as Latin-1 if all
 * fit, else as UTF-8, which is what its regexes come to.
 */
struct uri_form {
	struct str text;	/* what rules see */
	struct str written;	/* characters as UTF-8, the same as text for
				 * octets: what hosts are taken from */
	bool characters;	/* ... that are not all ASCII */
	bool utf8;		/* characters that Latin-1 has not room for */
};

struct uri_forms {
	struct uri_form *v;
	size_t n, cap;
};

/* All canonical and decoded forms of uri without doubles, uri itself (without
 * the white space around it and line ends) first, added to *out. They live in
 * the arena or in uri. `wide` says that uri is UTF-8 of characters. False if
 * there were more than LIMIT_URI_FORMS, of which the first ones are given. */
bool uri_forms(struct arena *a, const struct mail_settings *ms, struct str uri,
	       bool wide, struct uri_forms *out);

/* The same, only what is written. */
bool uri_canonical_forms(struct arena *a, const struct mail_settings *ms,
			 struct str uri, bool wide, struct strs *out);

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
