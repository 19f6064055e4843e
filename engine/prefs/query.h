/*
 * The question that is put to a database for a user's preferences: the site's
 * own (user_scores_sql_custom_query) or SpamAssassin's usual one. Its words
 * _USERNAME_, _MAILBOX_ and _DOMAIN_ become parameters; a name that came from
 * the network is never part of the SQL text.
 */
#ifndef MEKIKI_PREFS_QUERY_H
#define MEKIKI_PREFS_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct arena;

#define QUERY_PARAMS 32

enum query_word { QUERY_USERNAME, QUERY_MAILBOX, QUERY_DOMAIN };

struct query {
	const char *sql;	/* NUL-ended; parameters are ?, or $1 ... */
	enum query_word params[QUERY_PARAMS];	/* what they stand for */
	size_t nparams;
};

/* Makes a query of a custom one (STR_NONE: the usual one), in a. dollars: the
 * parameters are $1, $2, ... -1 and err: it has too many of them. */
int query_make(struct arena *a, struct str custom, bool dollars,
	       struct query *out_r, struct err *err);

/* A parameter's value for a user: STR_NONE is SQL's NULL (the domain of a
 * name that has none). */
struct str query_value(enum query_word word, struct str user);

#endif
