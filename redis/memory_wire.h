/*
 * Packets between the memory process and its clients (base/packets.h), and
 * batches and replies as bytes: for the packets, and batches for the journal,
 * where they must mean the same after an upgrade (scripts go by name).
 */
#ifndef MEKIKI_REDIS_MEMORY_WIRE_H
#define MEKIKI_REDIS_MEMORY_WIRE_H

#include "base/packets.h"
#include "redis/memory.h"

enum memory_packet_type {
	MEMORY_ASK = 1,		/* client to process */
	MEMORY_ANSWER,
	MEMORY_CLIENT,		/* on the control channel; fd: its socket */
};

struct memory_head {
	struct packet_head packet;
	uint32_t serial;	/* the client's message */
	uint32_t id;
	uint32_t word;		/* enum memory_word or enum store_status */
	uint32_t home;		/* enum memory_home */
	uint32_t journaled;
	uint32_t epoch;		/* of an answer: the sets' last change */
	double timeout;
};

/* Octets of texts in one packet: a batch or its replies. */
#define MEMORY_TEXTS_MAX ((size_t)16 << 20)

int memory_packet_send(int sock, struct memory_head *h, struct str texts,
		       int fd);
int memory_packet_recv(int sock, struct memory_head *h_r, struct arena *a,
		       struct str *texts_r, int *fd_r);

void memory_put_batch(struct buf *b, const struct store_batch *batch);
/* Texts point into `rest`. False if the bytes are no such thing, or name a
 * script that there is not. */
bool memory_take_batch(struct arena *a, struct str *rest,
		       struct store_batch *batch_r);

void memory_put_replies(struct buf *b, const struct store_reply *v, size_t n);
bool memory_take_replies(struct arena *a, struct str *rest,
			 struct store_reply **v_r, size_t *n_r);

#endif
