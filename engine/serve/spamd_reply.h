/*
 * spamd's answers, byte for byte: pure functions from a verdict to text.
 */
#ifndef MEKIKI_SERVE_SPAMD_REPLY_H
#define MEKIKI_SERVE_SPAMD_REPLY_H

#include <stdbool.h>

#include "base/buf.h"
#include "serve/spamd_request.h"

struct arena;

/* What a reply says about a mail. */
struct spamd_verdict {
	bool spam;
	struct str score;	/* "10.5" */
	struct str required;	/* "5.0" */
	struct str text;	/* the rewritten mail (PROCESS, HEADERS), the
				 * report (REPORT*) or the tests (SYMBOLS) */
};

/* Appends the head of the answer to `head` and returns the body that follows
 * it: all of the verdict's text, a part of it, or nothing. SYMBOLS before
 * version 1.3 ends in a CRLF that is not in the text; it is appended to
 * head together with the text, and the returned body is empty. */
struct str spamd_reply(struct buf *head, enum spamd_word word, double version,
		       const struct spamd_verdict *v);

/* The answer to PING. */
void spamd_reply_ping(struct buf *b);

/* The answer to a TELL: what was set or removed ("local"), or STR_NONE. */
void spamd_reply_tell(struct buf *b, struct str set, struct str removed);

/* A refusal (76, 69), a time-out (79), or an apology of ours (75), which
 * spamd never sends: neither "Spam:" nor "Content-length:" follows, so that
 * every client takes it for the failure that it is. */
void spamd_reply_error(struct buf *b, int code, struct str text);

/* A Message-ID as spamd's log shows it: comments, white space and all but the
 * id itself removed, odd bytes replaced. Empty if there is none. */
struct str spamd_message_id(struct arena *a, struct str header);

/* What the "result:" line says. */
struct spamd_result {
	bool spam;
	double score;
	struct str tests;	/* "A,B" */
	double scantime;
	size_t size;
	const char *user;
	unsigned uid;
	struct str required;
	const char *rhost, *raddr, *rport;
	struct str mid, rmid;	/* as spamd_message_id gives them */
	struct str autolearn;
	struct str shortcircuit;	/* STR_NONE: not told */
};

struct str spamd_result_line(struct arena *a, const struct spamd_result *r);

#endif
