/*
 * A Content-Type or Content-Disposition value with all its parameters, read
 * by the RFCs (2045, 2231). Where parts begin and end is decided by
 * content_type.h, which reads as SpamAssassin does.
 */
#ifndef MEKIKI_MAIL_CTYPE_H
#define MEKIKI_MAIL_CTYPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;

struct ctype_param {
	struct str name;	/* lower case */
	struct str value;	/* unquoted; pieces joined, charset undone */
};

struct ctype {
	struct str type, subtype;	/* lower case */
	struct ctype_param *params;
	size_t n, cap;
	bool broken;		/* there is a type, but no subtype */
};

/* Reads value; text/plain if it is empty or makes no sense. */
struct ctype ctype_parse(struct arena *a, struct str value);

/* The value of a parameter, or STR_NONE. */
struct str ctype_param(const struct ctype *ct, struct str name);

#endif
