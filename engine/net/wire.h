/*
 * Packets between the asker and its clients (base/packets.h): a head, then
 * texts, each behind its length.
 */
#ifndef MEKIKI_NET_WIRE_H
#define MEKIKI_NET_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ask.h"
#include "base/err.h"
#include "base/packets.h"

struct arena;

enum wire_type {
	WIRE_ASK = 1,		/* client to asker */
	WIRE_CANCEL,		/* ... all of older messages */
	WIRE_ANSWER,		/* asker to client */
	WIRE_CLIENT,		/* on the control channel; fd: its socket */
};

struct wire_head {
	struct packet_head packet;	/* its type: enum wire_type */
	uint32_t serial;	/* the client's message */
	uint32_t id;
	uint32_t word;		/* enum ask_kind or enum ask_status */
	int32_t code;
	uint32_t max_size;
	uint32_t redirects;
	uint32_t no_ssl_verify;
	double timeout;
};

/* Bytes of texts that one packet may bring: the largest request or answer,
 * and the lengths of its texts. */
#define WIRE_MAX ((size_t)2 << 20)

/* Sends a packet without waiting: 1 sent, 0 the channel is full, -1 the other
 * end is gone or the packet cannot be made. fd is passed on, or -1. */
int wire_send(int sock, struct wire_head *h, struct str texts, int fd);

/* Receives a packet without waiting: 1 there is one, 0 there is none, -1 the
 * other end is gone or sends nonsense. Its texts are in a; a passed descriptor
 * (of a WIRE_CLIENT only) is *fd_r, else -1. */
int wire_recv(int sock, struct wire_head *h_r, struct arena *a,
	      struct str *texts_r, int *fd_r);

/* Texts of a question and of an answer, to bytes in a and back. False if the
 * bytes are no such thing. */
struct str wire_pack_ask(struct arena *a, const struct ask *ask);
bool wire_unpack_ask(struct arena *a, const struct wire_head *h,
		     struct str texts, struct ask *ask_r);
struct str wire_pack_answer(struct arena *a, const struct ask_answer *answer);
bool wire_unpack_answer(struct arena *a, const struct wire_head *h,
			struct str texts, struct ask_answer *answer_r);

#endif
