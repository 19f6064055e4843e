/*
 * Packets between the runner and its clients (base/packets.h). A question
 * passes its input as a descriptor, an answer's texts travel as usual.
 */
#ifndef MEKIKI_NET_RUNNER_WIRE_H
#define MEKIKI_NET_RUNNER_WIRE_H

#include "base/packets.h"
#include "net/runner.h"

enum runner_type {
	RUNNER_RUN = 1,		/* client to runner; fd: the input */
	RUNNER_CANCEL,		/* ... all of older messages */
	RUNNER_ANSWER,		/* runner to client */
	RUNNER_CLIENT,		/* on the control channel; fd: its socket */
};

struct runner_head {
	struct packet_head packet;	/* its type: enum runner_type */
	uint32_t serial;	/* the client's message */
	uint32_t id;
	uint32_t word;		/* a program, or enum runner_status */
	int32_t code;
	uint64_t size;		/* of the input, or of all output */
	double timeout;
};

/* A question's texts: nine parameters at most. */
#define RUNNER_PARAMS 9

/* As packets_send and packets_recv; on the control channel descriptors belong
 * to RUNNER_CLIENT, on the others to RUNNER_RUN. */
int runner_wire_send(int sock, struct runner_head *h, struct str texts,
		     int fd);
int runner_wire_recv(int sock, bool control, struct runner_head *h_r,
		     struct arena *a, struct str *texts_r, int *fd_r);

/* Parameters to bytes in a and back. False if the bytes are no such thing, or
 * more than RUNNER_PARAMS. */
struct str runner_wire_pack(struct arena *a, const struct strs *params);
bool runner_wire_unpack(struct arena *a, struct str texts,
			struct strs *params_r);

/* The same of an answer's texts, and its head. */
struct str runner_wire_pack_answer(struct arena *a,
				   const struct runner_answer *answer);
bool runner_wire_unpack_answer(const struct runner_head *h, struct str texts,
			       struct runner_answer *answer_r);

/* May this text become an argument? */
bool runner_param_ok(struct str param);

#endif
