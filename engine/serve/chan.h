/*
 * The channel between two of our processes: a socket pair that keeps packet
 * borders and carries descriptors. A packet is a type, a fixed body (a struct
 * of messages.h) and, behind it, free text. Both ends are this program, forked
 * from one binary, so structs travel as they lie in memory.
 */
#ifndef MEKIKI_SERVE_CHAN_H
#define MEKIKI_SERVE_CHAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct arena;

#define CHAN_MAX 65536		/* bytes of one packet, its type included */
#define CHAN_FDS 4		/* descriptors that one packet may carry */

struct packet {
	uint32_t type;
	size_t n;		/* bytes of data */
	const char *data;	/* in the buffer given to chan_recv */
	int fds[CHAN_FDS];	/* the receiver owns them */
	size_t nfds;
};

/* A pair of connected ends, closed on exec. -1 and err if there is none. */
int chan_pair(int ends_r[2], struct err *err);

/* Sends one packet: body (nbody bytes), then text (ntext bytes; may be NULL
 * and 0), with nfds descriptors, which stay the caller's. 1: sent; 0: the
 * other end's queue is full (only if fd does not block); -1: it is gone. */
int chan_send(int fd, uint32_t type, const void *body, size_t nbody,
	      const void *text, size_t ntext, const int *fds, size_t nfds);

/* Receives one packet into buf (CHAN_MAX bytes). 1: there is one; 0: nothing
 * now (only if fd does not block); -1: the other end is gone. */
int chan_recv(int fd, char *buf, struct packet *p_r);

/* Like chan_recv, but blocks no matter how fd is set, until a packet is there
 * or ms milliseconds went by (0). ms < 0 waits for ever. */
int chan_wait(int fd, char *buf, struct packet *p_r, int ms);

/* Closes all descriptors of a packet that nobody took. */
void packet_close(struct packet *p);

/* The packet's body if it is at least size bytes long, else NULL. */
static inline const void *packet_body(const struct packet *p, size_t size)
{
	return p->n >= size ? p->data : NULL;
}

/* Makes fd non-blocking. */
void fd_nonblock(int fd);

/* Up to size octets of a file from its beginning, in a; less if there are not
 * as many. Its offset is left alone. */
struct str fd_read(struct arena *a, int fd, size_t size);

/* Closes *fd unless it is -1, and sets it to -1. */
void fd_close(int *fd);

#endif
