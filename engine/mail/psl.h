/*
 * The Public Suffix List: which domain of a host name somebody registered, as
 * the world's list has it. Rules in Lua ask it, because rspamd's do; what
 * SpamAssassin's own rules mean by a domain is in domain.h.
 */
#ifndef MEKIKI_MAIL_PSL_H
#define MEKIKI_MAIL_PSL_H

#include "base/str.h"

/* The piece of host that was registered: its public suffix and one label
 * more, its case and a dot at its end kept. host itself where there is none:
 * it is a suffix, an address, or of no known suffix. */
struct str psl_registrable(struct str host);

/* Loads the list, so that no message pays for it. */
void psl_preload(void);

#endif
