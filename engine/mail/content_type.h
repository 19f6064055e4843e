/*
 * A Content-Type value, taken apart as SpamAssassin does: forgiving where
 * mail programs are, strict nowhere.
 */
#ifndef MEKIKI_MAIL_CONTENT_TYPE_H
#define MEKIKI_MAIL_CONTENT_TYPE_H

#include <stdbool.h>

#include "base/str.h"

struct arena;

struct content_type {
	struct str type;	/* lower case, in the arena; text/plain if there
				 * was none or it is some odd text; may be "" */
	struct str boundary;	/* or STR_NONE */
	struct str charset;	/* as written; or STR_NONE */
	struct str name;	/* of a file, as written; or STR_NONE */
	bool missing;		/* there was none */
};

/* Takes the decoded value of the last Content-Type header apart ("" if there
 * is none). The strs point into value or the arena. */
struct content_type content_type_parse(struct arena *a, struct str value);

/* The file name that a Content-Disposition value gives, or STR_NONE. */
struct str disposition_name(struct str value);

#endif
