/*
 * What a client of Redis Cluster must know: the hash slot of a key and of a
 * command, which node serves which slots (CLUSTER SLOTS), and where a reply
 * sends a command instead (MOVED, ASK). Only reading and computing; the
 * connections are cluster.c's. Source: the Redis Cluster specification.
 */
#ifndef MEKIKI_REDIS_SLOTS_H
#define MEKIKI_REDIS_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redis/store.h"

#define SLOTS 16384
#define SLOT_ANY (-1)		/* a command without a key: any node */
#define SLOT_CROSS (-2)		/* keys of several slots: no node */

/* CRC-16/XMODEM: of "123456789" it is 0x31C3. */
uint16_t slot_crc16(struct str s);

/* The slot of a key: of what is between its first '{' and the next '}', if
 * that is anything, else of all of it. */
int slot_of_key(struct str key);

/* The slot of a command: that of a script's keys, of the key that a plain
 * command has in the place where its kind has it (the first argument, for
 * most), SLOT_ANY or SLOT_CROSS. Of a plain command with several keys only the
 * first one is looked at; the server says CROSSSLOT itself. */
int slot_of_command(const struct store_command *c);

/* Slots first..last are served by that master. */
struct slot_range {
	uint16_t first, last;
	struct store_host master;
};

struct slot_ranges {
	struct slot_range *v;
	size_t n, cap;
};

/* Reads a reply to CLUSTER SLOTS, which a node named asked has given: where a
 * reply leaves out a host's name, that one is meant. Texts are copied. -1 and
 * err unless it makes sense as a whole. */
int slots_read(struct arena *a, const struct store_reply *r,
	       struct store_host asked, struct slot_ranges *out_r,
	       struct err *err);

struct slot_redirect {
	bool ask;		/* only this command, behind ASKING */
	uint16_t slot;
	struct store_host host;	/* its text lies in the error's or asked's */
};

/* True if an error is MOVED or ASK and makes sense. */
bool slots_redirect(struct str error, struct store_host asked,
		    struct slot_redirect *out_r);

#endif
