/*
 * Packets over a socket that keeps their borders (SOCK_SEQPACKET), between
 * processes of ours: a fixed head of the protocol's own form, then texts. What
 * does not fit into a packet travels in a memfd beside it. Nothing that
 * arrives is believed: lengths are checked, a descriptor is read and never
 * mapped.
 */
#ifndef MEKIKI_BASE_PACKETS_H
#define MEKIKI_BASE_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct arena;
struct strs;

/* What each protocol's head begins with. */
struct packet_head {
	uint32_t type;		/* the protocol's own */
	uint32_t in_fd;		/* the texts are in the descriptor */
	uint64_t bytes;		/* of texts */
};

/* What a protocol's packets look like. */
struct packet_form {
	size_t head;		/* octets of its head */
	size_t max;		/* octets of texts in one packet at most */
	uint32_t fd_type;	/* the type whose packets pass a descriptor */
};

/* Sends a packet without waiting: 1 sent, 0 the channel is full, -1 the other
 * end is gone or the packet cannot be made. head is f->head octets; fd is
 * passed on, or -1. */
int packets_send(int sock, const struct packet_form *f,
		 struct packet_head *head, struct str texts, int fd);

/* Receives a packet without waiting: 1 there is one, 0 there is none, -1 the
 * other end is gone or sends nonsense. Its texts are in a; a passed descriptor
 * (of a packet of the type f->fd_type only) is *fd_r, else -1. */
int packets_recv(int sock, const struct packet_form *f,
		 struct packet_head *head_r, struct arena *a,
		 struct str *texts_r, int *fd_r);

/* Texts behind their lengths, in a row; a text that is not there (STR_NONE)
 * stays so. packets_take is false at the end and on nonsense. */
void packets_put(struct buf *b, struct str s);
bool packets_take(struct str *rest, struct str *s_r);
void packets_put_u32(struct buf *b, uint32_t v);
bool packets_take_u32(struct str *rest, uint32_t *v_r);

/* The text as a memfd, its offset at the end; -1 if there cannot be one. */
int packets_memfd(const char *name, struct str text);

/* Waits until fd can be read or clock_mono_us() reaches until_us (0 or the
 * past: looks without waiting): 1 it can; 0 time is up. */
int packets_wait(int fd, int64_t until_us);
/* The same for any of n descriptors (-1: none), 4 at most. */
int packets_wait_any(const int *fds, size_t n, int64_t until_us);

#endif
