/*
 * The inside of senders.h, shared by the files of AWL and TxRep.
 */
#ifndef MEKIKI_LEARN_SENDERS_INT_H
#define MEKIKI_LEARN_SENDERS_INT_H

#include "learn/senders.h"

/* Who sent a message, as far as a plug-in looks. Empty: nobody knows. */
struct sender {
	struct str from;	/* address, lower case */
	struct str domain;	/* of it */
	struct str helo;	/* the last one that says more than the rest */
	struct str ip;
};

/* The address that AWL (masked by its settings) and TxRep bind an address to:
 * "198.18", "2001:0DB8:0001::"; STR_NONE if ip is no address. */
struct str sender_network(struct arena *a, struct str ip, int bits4,
			  int bits6);

/* "user@example.org|ip=198.18"; network STR_NONE: "none". */
struct str sender_key(struct arena *a, struct str id, struct str network);

/* The recalled record, or a new one of that key. */
struct score_record sender_record(const struct score_record *records, size_t n,
				  struct str key);

void sender_change(struct arena *a, struct score_changes *out, struct str key,
		   enum score_step step, double value);

/* What "%.3f" and back gives, as the plug-ins hand their scores on. */
double sender_rounded(double v);

void sender_tag(struct arena *a, struct senders_answer *out, struct str name,
		double value);

/* ---- senders_awl.c ---- */

size_t awl_keys(struct arena *a, struct message *m, const struct settings *s,
		struct score_record *out);
void awl_judge(struct arena *a, struct message *m, const struct settings *s,
	       const struct senders_ask *ask, struct senders_answer *out);

/* ---- senders_txrep.c ---- */

size_t txrep_keys(struct arena *a, struct message *m,
		  const struct settings *s, const struct senders_proof *proof,
		  struct score_record *out);
void txrep_judge(struct arena *a, struct message *m, const struct settings *s,
		 const struct senders_ask *ask, struct senders_answer *out);
void txrep_learn(struct arena *a, struct message *m, const struct settings *s,
		 const struct senders_ask *ask, enum senders_lesson lesson,
		 struct score_changes *out);

#endif
