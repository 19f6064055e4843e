/*
 * Template tags for the relays and hosts of a message: functions of the table in
 * tags.c, and the tags that exist only in messages that have such a host.
 */
#ifndef MEKIKI_SCAN_TAGS_RELAYS_H
#define MEKIKI_SCAN_TAGS_RELAYS_H

#include "base/str.h"

struct scan;

struct str tag_firsttrustedip(struct scan *s, struct str arg);
struct str tag_firsttrustedrevip(struct scan *s, struct str arg);
struct str tag_lastexternalip(struct scan *s, struct str arg);
struct str tag_lastexternalrevip(struct scan *s, struct str arg);
struct str tag_lastexternalrdns(struct scan *s, struct str arg);
struct str tag_lastexternalhelo(struct scan *s, struct str arg);
struct str tag_relaystrusted(struct scan *s, struct str arg);
struct str tag_relaysuntrusted(struct scan *s, struct str arg);
struct str tag_relaysinternal(struct scan *s, struct str arg);
struct str tag_relaysexternal(struct scan *s, struct str arg);

/* AUTHORDOMAIN, SENDERDOMAIN, RELAYSTRUSTEDREVIP and kin; STR_NONE if it is none
 * of these, or the message has none. */
struct str tag_of_hosts(struct scan *s, struct str name);

#endif
