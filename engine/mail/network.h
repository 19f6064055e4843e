/*
 * IP addresses and sets of networks (trusted_networks and kin), IPv4 and
 * IPv6, with SpamAssassin's notations ("127/8", "10.", "!1.2.3.4", ranges
 * with a prefix) and first-match order.
 */
#ifndef MEKIKI_MAIL_NETWORK_H
#define MEKIKI_MAIL_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct arena;

struct ip_addr {
	uint8_t bytes[16];	/* IPv4 as ::ffff:a.b.c.d */
	bool v4;
};

/* Parses dotted IPv4 or IPv6 (with or without brackets, "IPv6:" prefix). */
bool ip_parse(struct str s, struct ip_addr *ip_r);

/* True for the private and reserved addresses that SpamAssassin skips
 * (its IP_PRIVATE). */
bool ip_is_private(struct str ip);

/* True for four numbers with dots, of any size. */
bool ip_is_dotted(struct str s);

/* "1.2.3.4" -> "4.3.2.1"; IPv6 in nibbles. STR_NONE if it is no address. */
struct str ip_reversed(struct arena *a, struct str ip);

struct netset;

struct netset *netset_new(struct arena *a);

/* Adds one network as written in a .cf line. 0, or -1 and err. */
int netset_add(struct netset *set, struct str spec, struct err *err);

/* True if ip is in the set; set may be NULL (empty). */
bool netset_has(const struct netset *set, struct str ip);

size_t netset_count(const struct netset *set);

#endif
