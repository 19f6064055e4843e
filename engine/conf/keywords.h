/*
 * The directives of rule files: one row each, for SpamAssassin's core, for
 * all plug-ins that it ships, and for what only we know. A plug-in's rows count only while a .pre file
 * loads it, as with SpamAssassin.
 */
#ifndef MEKIKI_CONF_KEYWORDS_H
#define MEKIKI_CONF_KEYWORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct keyword;
struct loader;
struct ruleset;
enum kw_result;

enum kw_type {
	KW_CODE, KW_STRING, KW_BOOL, KW_NUMERIC, KW_HASH, KW_ADDRLIST,
	KW_TEMPLATE, KW_NOARGS, KW_STRINGLIST, KW_IPADDRLIST, KW_DURATION,
};

enum kw_flag {
	KW_ADMIN = 1,		/* never in a user's file */
	KW_PRIV = 2,		/* only with allow_user_rules */
	KW_OWN = 4,		/* SpamAssassin does not know it */
};

typedef enum kw_result kw_setter(struct loader *ld, const struct keyword *kw,
				 struct str value);

struct keyword {
	const char *name;
	const char *alias;	/* older spelling, or NULL */
	const char *plugin;	/* NULL: core */
	enum kw_type type;
	unsigned flags;		/* enum kw_flag */
	const char *def;	/* default, or NULL */
	kw_setter *code;	/* NULL: the type's own */
	const char *arg;	/* for code: list name, choices, range */
	const char *shape;	/* extended regex without case that the value
				 * must match, or NULL */
	const char *doc;	/* one sentence */
};

/* The rows; n_r how many. */
const struct keyword *keywords_core(size_t *n_r);
const struct keyword *keywords_plugins(size_t *n_r);
const struct keyword *keywords_own(size_t *n_r);

/* All names and aliases into rs->keywords. */
void keywords_index(struct ruleset *rs);

/* The row of a name or alias whose plug-in is loaded, else NULL. */
const struct keyword *keyword_find(const struct ruleset *rs, struct str name);

/* The plug-in that would know name if it were loaded, or NULL. */
const char *keyword_plugin(const struct ruleset *rs, struct str name);

/* Applies a line's value: the row's own code, else its type's. */
enum kw_result keyword_set(struct loader *ld, const struct keyword *kw,
			   struct str value);

#endif
