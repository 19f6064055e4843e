/*
 * Registry boundaries: which part of a host name was registered, by the TLD
 * tables of the rule files (util_rb_tld and kin), as SpamAssassin's
 * RegistryBoundaries answers.
 */
#ifndef MEKIKI_MAIL_DOMAIN_H
#define MEKIKI_MAIL_DOMAIN_H

#include <stdbool.h>

#include "base/map.h"
#include "base/str.h"

struct arena;

struct domains {
	struct map tlds;	/* "com" -> non-NULL */
	struct map two_level;	/* "co.uk" */
	struct map three_level;	/* "demon.co.uk" */
};

/* Adds to the tables (lower-cases and keeps its own copy); level 1 to 3. */
void domains_add(struct arena *a, struct domains *d, int level,
		 struct str name);

/* Splits host at its registry boundary: "www" + "example.co.uk". domain_r is
 * host itself where no boundary is known. Case is kept. */
void domain_split(const struct domains *d, struct str host,
		  struct str *hostname_r, struct str *domain_r);

/* The registered domain of host (without a leading "www" label etc.), as
 * trim_domain gives it. */
struct str domain_of_host(const struct domains *d, struct str host);

/* True if the last label of host is a known TLD and host is well-formed. */
bool domain_is_valid(const struct domains *d, struct str host);

#endif
