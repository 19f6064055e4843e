/*
 * What the files address*.c share: the two parsers of address headers.
 */
#ifndef MEKIKI_MAIL_ADDRESS_INT_H
#define MEKIKI_MAIL_ADDRESS_INT_H

#include <stdbool.h>

#include "mail/address.h"

/* SpamAssassin's own reading: few demands, comments not nested. */
void addresses_lenient(struct arena *a, struct str s, struct addresses *out);

/* The reading of Email::Address::XS, an RFC 5322 parser that recovers. */
void addresses_strict(struct arena *a, struct str s, struct addresses *out);

/* Appends one; STR_NONE where a piece is missing. */
void addresses_add(struct arena *a, struct addresses *out, struct str addr,
		   struct str name);

/* s without its pairs of backslashes. */
struct str address_without_pairs(struct arena *a, struct str s);

/* Both parsers distrust these: an empty quoted local part, an odd quote. */
bool address_plausible(struct str addr);

#endif
