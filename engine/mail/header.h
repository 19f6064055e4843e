/*
 * The header block of a message or MIME part as SpamAssassin reads it
 * (reference 6.1, 6.3): what counts as a header line, where the block ends,
 * how values are unfolded and decoded.
 */
#ifndef MEKIKI_MAIL_HEADER_H
#define MEKIKI_MAIL_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct mail_settings;

struct header {
	struct str name;	/* as written, cut at LIMIT_HEADER_NAME */
	struct str raw;		/* everything after the colon with its folding
				 * and leading space, line ends as LF, with the
				 * final newline: what :raw yields */
	struct str text;	/* what get() yields: unfolded, RFC 2047 decoded,
				 * UTF-8, no final newline; filled lazily, use
				 * header_text() */
	bool decoded;
};

struct headers {
	struct header *v;	/* in order of appearance */
	size_t n;
	size_t cap;
};

/* The decoded text of h (kept in h). Which headers are not decoded is a table
 * there (Received, Message-ID, Date, ...). */
struct str header_text(struct arena *a, const struct mail_settings *ms,
		       struct header *h);

/* The index of the first header called name (any case) from `from` on, or
 * headers->n. */
size_t headers_find(const struct headers *hs, struct str name, size_t from);

/* The last header called name, or NULL: the one that MIME parsing uses. */
struct header *headers_last(const struct headers *hs, struct str name);

/* RFC 2047 decoding of one value into UTF-8 octets as SpamAssassin does it. */
struct str header_decode(struct arena *a, const struct mail_settings *ms,
			 struct str raw);

/* Appends a header; false (and nothing is added) at LIMIT_HEADERS. */
bool headers_add(struct arena *a, struct headers *hs, struct str name,
		 struct str raw);

/* raw without its folding ("\n" and the blanks after it become one space) and
 * without white space at either end; not decoded. */
struct str header_unfold(struct arena *a, struct str raw);

/* header_shown.c: rspamd's readings of a value. On one line, without white
 * space at its front, not decoded; and decoded (whatever the header's name),
 * always UTF-8, U+FFFD for what was none. */
struct str header_plain(struct arena *a, struct str raw);
struct str header_shown(struct arena *a, const struct mail_settings *ms,
			struct str raw);

#endif
