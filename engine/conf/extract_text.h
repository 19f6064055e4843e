/*
 * What extracttext_use lines say: which tool (a program of ExtractText's, see
 * conf/programs.h) reads which parts of a message.
 */
#ifndef MEKIKI_CONF_EXTRACT_TEXT_H
#define MEKIKI_CONF_EXTRACT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct loader;

/* One of a line's patterns. */
struct extract_use {
	struct str tool;	/* lower case */
	bool by_type;		/* the type is asked; else the file name */
	struct str pattern;	/* a regex, to be anchored, any case */
	const char *file;
	int line;
};

struct extract_uses {
	struct extract_use *v;	/* in the order of the lines */
	size_t n, cap;
};

/* One line extracttext_external or extracttext_use of the site's. False if
 * SpamAssassin would not know what to do with it. */
bool extract_external(struct loader *ld, struct str value);
bool extract_use(struct loader *ld, struct str value);

#endif
