/*
 * What uri_block_* lines say of one rule of URILocalBL. Several lines add to
 * the same rule.
 */
#ifndef MEKIKI_CONF_URI_BLOCK_H
#define MEKIKI_CONF_URI_BLOCK_H

#include <stdbool.h>

#include "base/map.h"
#include "base/str.h"

struct arena;
struct netset;
struct ruleset;

struct uri_block {
	struct arena *owner;	/* whose lines made it */
	struct map countries;	/* upper case -> non-NULL */
	struct map continents;
	bool countries_neg, continents_neg;	/* all but these */
	bool countries_pos, continents_pos;
	struct map isps;	/* upper case, without white space */
	struct strs cidrs;
	struct netset *nets;	/* of these; or NULL */
	struct map exclusions;	/* domains and addresses, lower case */
};

/* What is known of the rule called name, or NULL. */
const struct uri_block *uri_block_of(const struct ruleset *rs,
				     struct str name);

#endif
