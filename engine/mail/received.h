/*
 * One Received line: which host handed the message over, as the host that
 * wrote the line saw it.
 */
#ifndef MEKIKI_MAIL_RECEIVED_H
#define MEKIKI_MAIL_RECEIVED_H

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct relay;

enum received_kind {
	RECEIVED_RELAY,		/* a hand-over between hosts */
	RECEIVED_IGNORED,	/* known, but tells of no hand-over */
	RECEIVED_FETCHED,	/* likewise; a mail fetcher such as fetchmail
				 * wrote it: what it fetched came from outside */
	RECEIVED_UNPARSEABLE,	/* nobody understood it */
};

/* Reads the value of one Received header (folded or not). For RECEIVED_RELAY
 * *relay is filled but for what depends on its place in the chain (trusted,
 * internal, msa, header_index, text); its strs live in the arena. If the line
 * is qmail-scanner's, *scanner_r is the envelope sender it names, which
 * belongs to the next line; else it is left alone. */
enum received_kind received_parse(struct arena *a, struct str line,
				  struct relay *relay,
				  struct str *scanner_r);

/* The "[ ip=... ]" of a relay with its marks, for the pseudo-headers. */
struct str relay_to_text(struct arena *a, const struct relay *r);

#endif
