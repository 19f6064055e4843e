/*
 * IP addresses and names of the loopback interface inside running text, with
 * the boundaries that SpamAssassin demands around them: an address is not
 * part of a longer number, name or address.
 */
#ifndef MEKIKI_MAIL_IPSCAN_H
#define MEKIKI_MAIL_IPSCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Length of the IPv4 or IPv6 address (perhaps with "IPv6:" before it) that
 * starts at s.p[at]; 0 if none does. */
size_t ip_scan(struct str s, size_t at);

/* The same for dotted IPv4 alone, where only word boundaries are demanded. */
size_t ipv4_scan(struct str s, size_t at);

/* The leftmost address in s at or after `at`; false if there is none. */
bool ip_find(struct str s, size_t at, struct str *ip_r);

/* True if the whole of s is a dotted IPv4 address. */
bool ipv4_is(struct str s);

/* Length of a "localhost" (a name or loopback address) at s.p[at]. There can
 * be two readings, the longer first: `tried` is 0 or the length that the last
 * call gave and that did not fit. 0: none (more). */
size_t localhost_scan(struct str s, size_t at, size_t tried);

#endif
