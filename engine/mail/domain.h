/*
 * Registry boundaries: which part of a host name was registered, by the TLD
 * tables of the rule files (util_rb_tld and kin), as SpamAssassin's
 * RegistryBoundaries answers. Nothing here converts international names: a
 * label with bytes beyond ASCII is never known and never well-formed, as on
 * a SpamAssassin without Net::LibIDN.
 *
 * Every `const struct domains *` may be NULL, which is "nothing is known".
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

/* Adds to the tables (lower-cases and keeps its own copy); level 1 to 3. An
 * all-zero *d is a valid start. */
void domains_add(struct arena *a, struct domains *d, int level,
		 struct str name);

/* Splits host at its registry boundary: "www" + "example.co.uk". Both are
 * pieces of host, whose case is kept; dots at its ends are left out, and so
 * is the dot between the two. domain_r is all of host where there is nothing
 * to cut off. hostname_r may be NULL. Where SpamAssassin melts runs of dots
 * inside a host to one, the pieces keep them (such a host is not well-formed
 * anyway); use str_squeeze_dots before where that matters. */
void domain_split(const struct domains *d, struct str host,
		  struct str *hostname_r, struct str *domain_r);

/* The registered domain of host (domain_split's second piece), as
 * SpamAssassin's trim_domain gives it, but for the case, which is kept. */
struct str domain_of_host(const struct domains *d, struct str host);

/* True if label (any case, without dots) is a known top-level domain. */
bool domain_is_tld(const struct domains *d, struct str label);

/* SpamAssassin's is_domain_valid: host has no white space, at least one dot,
 * and its last label is a known TLD. Says nothing about the other labels. */
bool domain_is_valid(const struct domains *d, struct str host);

/* SpamAssassin's is_fqdn_valid: at least two labels of 1 to 63 letters,
 * digits, '-' (not at the ends) and '_' (not in the last two labels), at
 * most 253 bytes, trailing dots allowed. Says nothing about the TLD. */
bool host_is_valid(struct str host);

/* host, lower case, with every run of dots made one dot; in the arena. */
struct str str_squeeze_dots(struct arena *a, struct str host);

#endif
