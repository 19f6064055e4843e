/*
 * The steps that links are made in: finding what looks like one in rendered
 * text (reference 6.4), turning what was found into a URI, and the spellings
 * of hosts and bytes.
 */
#ifndef MEKIKI_MAIL_URI_FIND_H
#define MEKIKI_MAIL_URI_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct domains;

enum uri_found_kind {
	URI_FOUND_SCHEME,	/* http:// https:// ftp:// www. www1. ftp. */
	URI_FOUND_MAIL,		/* mailto: or user@host */
	URI_FOUND_HOST,		/* a bare host with a known TLD */
};

struct uri_found {
	enum uri_found_kind kind;
	struct str text;	/* piece of the text */
	struct str host;	/* of URI_FOUND_HOST: without port and path */
};

/* A walk over one text. Start it with uri_finder_init. */
struct uri_finder {
	struct str text;
	const struct domains *domains;
	size_t pos;		/* where the search goes on */
	size_t next_at;		/* the first '@', end of link, end of address */
	size_t next_end;	/* ... at or behind pos, as far as known */
	size_t next_mail_end;
};

void uri_finder_init(struct uri_finder *f, const struct domains *d,
		     struct str text);

/* The next link in the text, as SpamAssassin's big regular expression finds
 * them; false at the end. The walk is linear in the length of the text. */
bool uri_find_next(struct uri_finder *f, struct uri_found *found_r);

/* What of `found` belongs to the link: without a closing bracket that nothing
 * opens and what follows it, without punctuation at the end. */
struct str uri_found_trim(struct str found);

/* The URI that a mail program would make of a find whose trimmed text is
 * `raw`: with a scheme in front if it lacks one. Sets *types_r to bits of
 * enum uri_type. False if it is none after all. */
bool uri_of_found(struct arena *a, const struct domains *d,
		  const struct uri_found *found, struct str raw,
		  struct str *uri_r, unsigned *types_r);

/* A host of four numbers (decimal, 0x.. or octal) as dotted decimal; false if
 * host is none. */
bool uri_dotted_host(struct arena *a, struct str host, struct str *dotted_r);

/* A host that is one number, decimal or (its last 8 digits) hexadecimal, as
 * dotted decimal; false if host is none. */
bool uri_number_host(struct arena *a, struct str host, struct str *dotted_r);

/* %XX decoded where it stands for a printable character, and the bytes that
 * may not stand in a URI encoded (SpamAssassin's url_encode). In `wide` text,
 * which is UTF-8, the characters U+0080 to U+00FF are encoded by their number
 * and those above stay. Text without any of these is returned as it is. */
struct str uri_decode_percent(struct arena *a, struct str s, bool wide);

#endif
